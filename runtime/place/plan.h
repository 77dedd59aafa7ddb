/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The plan: for each rank its part, plain bytes that are shipped once. A part lists the rank's tasks
 * in the order of their priority, where their inputs are, and to whom each result is pushed.
 *
 * Results live in slots, numbered on each rank: first its own tasks, then constants, then results
 * that other ranks push here.
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
    int64_t npins;   /* slots kept for the caller; rank 0 only */
    int64_t nfunctions;
    int64_t params_bytes;
} tg_part_head;

/** One push: the slot it fills on the receiving rank. */
typedef struct tg_push {
    int32_t rank, slot;
} tg_push;

/** A part as it is read where it lies. */
typedef struct tg_part {
    const tg_part_head *head;
    const tg_reference *function; /* [nfunctions] */
    const int32_t *task;          /* [ntasks] number in the graph */
    const int32_t *call;          /* [ntasks] index into function */
    const int32_t *affinity;      /* [ntasks] 0: none */
    const int64_t *output_bytes;  /* [ntasks] expected; 0: not known */
    const int64_t *input_begin;   /* [ntasks + 1] into input */
    const int32_t *input;         /* [nedges] slots */
    const int64_t *push_begin;    /* [ntasks + 1] into push */
    const tg_push *push;          /* [nsends] */
    const int64_t *params_begin;  /* [ntasks + nvalues] into params; multiples of 16 */
    const int64_t *params_size;   /* [ntasks + nvalues] bytes */
    const int32_t *pin;           /* [npins] slot of each target */
    const unsigned char *params;  /* [params_bytes] parameters, then the constants */
} tg_part;

static inline int64_t tg_part_nslots(const tg_part *part)
{
    return part->head->ntasks + part->head->nvalues + part->head->nremote;
}

/** The parts of all ranks. */
typedef struct tg_plan {
    int nranks;
    tg_writer *part; /* [nranks] owned bytes */
} tg_plan;

/** Make the parts of a placed graph; results of the targets end on rank 0. */
TG_MUST_CHECK tg_status tg_plan_create(const tg_graph *graph, const int64_t *targets,
                                       int64_t ntargets, const tg_placement *placement, int nranks,
                                       int64_t epoch, tg_plan **out);
void tg_plan_destroy(tg_plan **plan);

/** Read a part in place: pointers into `data`, which must outlive it. */
TG_MUST_CHECK tg_status tg_part_read(const void *data, int64_t size, tg_part *out);

/** Tasks, slots and pushes of every rank in words, for people and golden tests. */
TG_MUST_CHECK tg_status tg_plan_dump(const tg_plan *plan, FILE *out);

#endif
