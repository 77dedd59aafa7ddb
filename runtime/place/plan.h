/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The plan: for each rank its part, plain bytes shipped once. A part lists the rank's tasks in the
 * order of their priority, where their inputs are, and to whom each result is pushed.
 *
 * Results live in slots, numbered on each rank: first its own tasks, then constants, then results
 * that other ranks push here. A result kept on the rank from an earlier plan is a task without a
 * function, done as soon as the kept result is there.
 *
 * Parts are written one by one, each where it is shipped from: what the planner keeps between them
 * is small.
 *
 * Only ranks that have something to do take part. Their reports climb a binary tree of them with
 * rank 0, which always takes part, at its top.
 */
#ifndef TG_PLACE_PLAN_H
#define TG_PLACE_PLAN_H

#include "base/wire.h"
#include "place/place.h"

/** Counts of a part: what it begins with. */
typedef struct tg_part_head {
    int64_t epoch;   /* which plan */
    int64_t ntasks;  /* run here */
    int64_t nvalues; /* constants */
    int64_t nremote; /* results pushed here by other ranks */
    int64_t nedges;  /* inputs of all tasks */
    int64_t nsends;  /* (task, rank) pairs to push */
    int64_t npins;   /* slots held for the caller; rank 0 only */
    int64_t nfunctions;
    int64_t params_bytes;
    int32_t has_handles;    /* 0: no result is to be kept or is resident */
    int32_t has_affinities; /* 0: no task has one */
    int32_t has_needs;      /* 0: no task needs anything beside inputs and output */
    int32_t parent;         /* rank to report to; -1: none */
    int32_t nchildren;      /* ranks that report here: 0, 1 or 2 */
    int32_t child[2];
    int32_t in_order; /* sources keep their place among other tasks, not behind them */
} tg_part_head;

/** One push: the slot it fills on the receiving rank. */
typedef struct tg_push {
    int32_t rank, slot;
} tg_push;

/** A function and what its events are named by. */
typedef struct tg_part_function {
    tg_reference reference;
    int64_t name; /* index into rank 0's table of names */
} tg_part_function;

/** tg_part.call of a result that is kept here from an earlier plan. */
#define TG_CALL_RESIDENT (-1)

/** A part as it is read where it lies. */
typedef struct tg_part {
    const tg_part_head *head;
    const tg_part_function *function; /* [nfunctions] */
    const int32_t *task;              /* [ntasks] number in the graph */
    const int16_t *call;              /* [ntasks] index into function */
    const int32_t *affinity;          /* [ntasks] 0: none; NULL: none at all */
    const uint8_t *flags;             /* [ntasks] TG_TASK_* */
    const int64_t *handle;        /* [ntasks] of a result to keep or resident; NULL: none at all */
    const tg_need *need;          /* [ntasks]; NULL: none at all */
    const float *output_bytes;    /* [ntasks] expected; 0: not known */
    const uint32_t *input_begin;  /* [ntasks + 1] into input */
    const int32_t *input;         /* [nedges] slots */
    const uint32_t *push_begin;   /* [ntasks + 1] into push */
    const tg_push *push;          /* [nsends] */
    const int32_t *pin;           /* [npins] slot of each target */
    const uint32_t *params_begin; /* [ntasks + nvalues + 1] into params, by TG_PARAMS_UNIT bytes */
    const uint8_t *params_pad;    /* [ntasks + nvalues] bytes of the last unit that are not used */
    const unsigned char *params;  /* [params_bytes] parameters, then the constants */
} tg_part;

/** The parameters of a task, or a constant (by slot). */
static inline const void *tg_part_params(const tg_part *part, int64_t slot)
{
    return part->params + (size_t)part->params_begin[slot] * TG_PARAMS_UNIT;
}

static inline int64_t tg_part_params_size(const tg_part *part, int64_t slot)
{
    return ((int64_t)part->params_begin[slot + 1] - part->params_begin[slot]) * TG_PARAMS_UNIT -
           part->params_pad[slot];
}

static inline int32_t tg_part_affinity(const tg_part *part, int64_t task)
{
    return part->affinity ? part->affinity[task] : 0;
}

static inline int64_t tg_part_nslots(const tg_part *part)
{
    return part->head->ntasks + part->head->nvalues + part->head->nremote;
}

/** What all parts are written from. */
typedef struct tg_plan tg_plan;

/**
 * Plan a placed graph; results of the targets end on rank 0. names[f]: what events of the graph's
 * function f are named by; NULL: f.
 *
 * Owner:   the caller, who gives *out to tg_plan_destroy; graph and targets are borrowed till then.
 *          The order in `placement` is used up and freed, the ranks in it stay.
 * Cost:    linear in tasks, inputs and ranks; 12 bytes a task, 4 an input and 4 a message, beside
 *          the parts.
 */
TG_MUST_CHECK tg_status tg_plan_create(const tg_graph *graph, const int64_t *targets,
                                       int64_t ntargets, tg_placement *placement,
                                       const int64_t *names, int nranks, int64_t epoch,
                                       tg_plan **out);
void tg_plan_destroy(tg_plan **plan);

/** Bytes of a rank's part; 0: it takes no part. */
int64_t tg_plan_size(const tg_plan *plan, int rank);

/** Write a rank's part: tg_plan_size bytes, aligned to 16. Once: what only this part needs is given
 * up, so that the plan shrinks as it is shipped. */
void tg_plan_write(tg_plan *plan, int rank, void *bytes);

/** Bytes of a part with these counts. */
int64_t tg_part_size(const tg_part_head *head);

/** Read a part in place: pointers into `data`, which must outlive it. */
TG_MUST_CHECK tg_status tg_part_read(const void *data, int64_t size, tg_part *out);

/** Tasks, slots and pushes of a rank in words, for people and golden tests. */
void tg_part_dump(const tg_part *part, int rank, FILE *out);

/** The parts of every rank in words, in place of writing them. */
TG_MUST_CHECK tg_status tg_plan_dump(tg_plan *plan, FILE *out);

#endif
