/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A rank's work on its part of a plan: what is ready, what waits for what, which results are here.
 * No messages, no threads: the worker drives it and holds its lock where there are threads.
 *
 *   waiting --(last input filled)--> ready --(pop)--> running --(finish)--> slot filled
 *
 * A slot keeps its buffer until its last consumer here is done. A task with a failed input is
 * finished as failed without running. A resident task is never ready: it is finished when the kept
 * result is there.
 */
#ifndef TG_EXEC_WORK_H
#define TG_EXEC_WORK_H

#include <assert.h>

#include "base/heap.h"
#include "exec/postponed.h"
#include "exec/report.h"
#include "exec/store.h"
#include "place/plan.h"

/** Ready tasks, the least number first. */
typedef struct tg_ready {
    int32_t *task; /* a heap; owned, with room for all */
    int64_t count;
} tg_ready;

/** Memory of a part that has ended, for the next one. */
typedef struct tg_room {
    void *memory; /* owned; NULL: none */
    size_t size;
} tg_room;

typedef struct tg_work {
    tg_part part;
    tg_buffer *bytes;      /* owned: where the part lies */
    tg_store *store;       /* borrowed */
    tg_room *room;         /* borrowed: where `memory` goes back to */
    void *memory;          /* owned: of the arrays, one after the other */
    size_t memory_size;    /* bytes */
    tg_function **call;    /* [nfunctions] as loaded here */
    tg_buffer **slot;      /* [nslots] held while uses > 0 */
    int32_t *uses;         /* [nslots] consumers here to come, and pins */
    bool any_failure;      /* of any slot */
    uint8_t *failure;      /* [nslots] tg_status of a failed result */
    int32_t *away;         /* [nslots] of results on disk, see away.c; NULL: none; owned */
    int32_t *waiting;      /* [ntasks] inputs to come */
    uint32_t *users_begin; /* [nslots + 1] into users */
    int32_t *users;        /* tasks that a slot is an input of, one entry an input */
    int32_t *successor;    /* [ntasks] next task of the affinity, -1: none; NULL: none at all */
    tg_ready pushing;      /* ready tasks: those that other ranks wait for go first, */
    tg_ready ready;        /* then others that need results, so that what is begun is finished and
                             its memory given back, */
    tg_ready sources;      /* then those that need none */
    int64_t tasks_left, arrivals_left;
    int64_t events_due;     /* of tasks that other ranks took over */
    double given_bytes;     /* of their inputs and results, as expected, that are not back */
    tg_postponed postponed; /* ready, but what they need of the rank is not free */
    int32_t *resident;      /* tasks that wait for a kept result */
    int64_t nresident;
    bool cancelled;      /* what has not started fails */
    uint32_t heard_of;   /* children that have reported, a bit each */
    tg_report report;    /* of this rank, then with those below it */
    tg_event_log events; /* likewise */
} tg_work;

/** Take over a part (`bytes` and the hold on it) and make ready what has no inputs to wait for. */
TG_MUST_CHECK tg_status tg_work_begin(tg_buffer *bytes, const tg_objects *objects, tg_store *store,
                                      tg_room *room, tg_work **out);
/** Let go of all results; takes NULL. */
void tg_work_end(tg_work **work);

/** What the next task of a rank may use. */
typedef struct tg_allowance {
    bool sources;   /* tasks that need no results of others may begin */
    bool forced;    /* nothing gives more memory: one that waits for some may begin */
    uint64_t busy;  /* resources in use */
    int64_t memory; /* bytes left */
} tg_allowance;

/** The next ready task that may run, or -1. */
int32_t tg_work_pop(tg_work *work, const tg_allowance *allowed);

/** Bytes that a task adds to those held when it runs. */
int64_t tg_work_bytes(const tg_work *work, int32_t task);

/** Does a task wait for memory? */
static inline bool tg_work_wants_memory(const tg_work *work)
{
    return work->postponed.waiting >> TG_FOR_MEMORY;
}

/** The last ready task that another rank may run instead, or -1; `any_memory`: however much memory
 * it needs beside its output. */
int32_t tg_work_pop_last(tg_work *work, bool any_memory);

/** A task is ready (again). */
void tg_work_push(tg_work *work, int32_t task);

/** How many tasks are ready. */
static inline int64_t tg_work_nready(const tg_work *work)
{
    return work->pushing.count + work->ready.count + work->sources.count;
}

static inline int64_t tg_work_epoch(const tg_work *work)
{
    return work->part.head->epoch;
}

/** A status with which an input of the task failed, or TG_OK. */
tg_status tg_work_inherited(const tg_work *work, int32_t task);

/** A task has ended; takes over the hold on `output`: the message of one that failed. */
static inline void tg_work_finish(tg_work *work, int32_t task, tg_status status, tg_buffer *output);

/** A result of another rank has arrived; takes over the hold on `buffer`. */
void tg_work_arrive(tg_work *work, int32_t slot, tg_status status, tg_buffer *buffer);

/** Is everything done and heard of that this rank has to do with the part? */
static inline bool tg_work_is_done(const tg_work *work)
{
    return work->tasks_left == 0 && work->arrivals_left == 0 && work->events_due == 0 &&
           work->heard_of == (1u << work->part.head->nchildren) - 1;
}

/* What follows is inline because every task passes through it. */

static inline void tg_ready_push(tg_ready *ready, int32_t task)
{
    tg_heap_push(ready->task, ready->count++, task);
}

/** Of some that are not empty. */
static inline int32_t tg_ready_pop(tg_ready *ready)
{
    return tg_heap_pop(ready->task, ready->count--);
}

/** A task whose inputs are there, among them results of tasks. */
static inline void tg_work_push_ready(tg_work *work, int32_t task)
{
    const bool pushes = work->part.push_begin[task] < work->part.push_begin[task + 1];

    tg_ready_push(pushes ? &work->pushing : &work->ready, task);
}

/** The first ready task, or -1; `sources`: it may be one that needs no results. Sources come last,
 * or where the part says so in their order among the others. */
static inline int32_t tg_work_pop_first(tg_work *work, bool sources)
{
    tg_ready *first = work->pushing.count > 0 ? &work->pushing : &work->ready;
    const bool any = sources && work->sources.count > 0;

    if (first->count == 0)
        return any ? tg_ready_pop(&work->sources) : -1;
    if (any && work->part.head->in_order && work->sources.task[0] < first->task[0])
        first = &work->sources;
    return tg_ready_pop(first);
}

/** A result is here. */
static inline void tg_work_fill(tg_work *work, int32_t slot, tg_status status, tg_buffer *buffer)
{
    if (status != TG_OK) {
        work->failure[slot] = (uint8_t)status;
        work->any_failure = true;
    }
    if (work->uses[slot] > 0)
        work->slot[slot] = buffer;
    else if (buffer)
        tg_store_release(work->store, buffer);
}

/** Those that wait for a result of a task wait for one thing less; so they are no sources. */
static inline void tg_work_wake_users(tg_work *work, int32_t slot)
{
    const int32_t *user = work->users + work->users_begin[slot];
    const int32_t *end = work->users + work->users_begin[slot + 1];
    int32_t *waiting = work->waiting;

    for (; user < end; user++) {
        assert(waiting[*user] > 0);
        if (--waiting[*user] == 0)
            tg_work_push_ready(work, *user);
    }
}

/** The next task of the affinity may run when this one has ended. */
void tg_work_follow(tg_work *work, int32_t task);

static inline void tg_work_finish(tg_work *work, int32_t task, tg_status status, tg_buffer *output)
{
    const int32_t *input = work->part.input + work->part.input_begin[task];
    const int32_t *end = work->part.input + work->part.input_begin[task + 1];
    int32_t *uses = work->uses;

    for (; input < end; input++) {
        assert(uses[*input] > 0);
        if (--uses[*input] == 0) {
            tg_store_release(work->store, work->slot[*input]);
            work->slot[*input] = NULL;
        }
    }
    work->tasks_left--;
    tg_work_fill(work, task, status, output);
    tg_work_wake_users(work, task);
    if (work->successor)
        tg_work_follow(work, task);
}

#endif
