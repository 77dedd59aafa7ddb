/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A rank's work on its part of a plan: what is ready, what waits for what, which results are here.
 * No messages, no threads: the worker drives it and holds its lock where there are threads.
 *
 *   waiting --(last input filled)--> ready --(pop)--> running --(finish)--> slot filled
 *
 * A slot keeps its buffer until its last consumer here is done. A task with a failed input is
 * finished as failed without running.
 */
#ifndef TG_EXEC_WORK_H
#define TG_EXEC_WORK_H

#include "exec/store.h"
#include "place/plan.h"

typedef struct tg_work {
    tg_part part;
    tg_buffer *bytes;     /* owned: where the part lies */
    tg_store *store;      /* borrowed */
    tg_function **call;   /* [nfunctions] as loaded here */
    tg_buffer **slot;     /* [nslots] held while uses > 0 */
    int32_t *uses;        /* [nslots] consumers here to come, and pins */
    uint8_t *failure;     /* [nslots] tg_status of a failed result */
    int32_t *waiting;     /* [ntasks] inputs to come */
    int64_t *users_begin; /* [nslots + 1] into users */
    int32_t *users;       /* tasks that a slot is an input of, one entry an input */
    int32_t *successor;   /* [ntasks] next task of the affinity, -1: none */
    int32_t *ready;       /* heap of tasks, the least first */
    int64_t nready;
    int64_t tasks_left, arrivals_left;
} tg_work;

/** Take over a part (`bytes` and the hold on it) and make ready what has no inputs to wait for. */
TG_MUST_CHECK tg_status tg_work_begin(tg_buffer *bytes, const tg_objects *objects, tg_store *store,
                                      tg_work **out);
/** Let go of all results; takes NULL. */
void tg_work_end(tg_work **work);

/** The first ready task, or -1. */
int32_t tg_work_pop(tg_work *work);

/** A status with which an input of the task failed, or TG_OK. */
tg_status tg_work_inherited(const tg_work *work, int32_t task);

/** A task has ended; takes over the hold on `output` (NULL on failure). */
void tg_work_finish(tg_work *work, int32_t task, tg_status status, tg_buffer *output);

/** A result of another rank has arrived; takes over the hold on `buffer`. */
void tg_work_arrive(tg_work *work, int32_t slot, tg_status status, tg_buffer *buffer);

static inline bool tg_work_is_done(const tg_work *work)
{
    return work->tasks_left == 0 && work->arrivals_left == 0;
}

#endif
