/* SPDX-License-Identifier: BSD-3-Clause */
/** What a running task sees of the rank it runs on. One per thread, used again and again. */
#ifndef TG_EXEC_TASK_H
#define TG_EXEC_TASK_H

#include "exec/local.h"
#include "exec/store.h"
#include "exec/work.h"

struct tg_task {
    /* of the thread, for as long as it lives */
    tg_store *store;           /* borrowed */
    const tg_objects *objects; /* borrowed */
    tg_locals *locals;         /* borrowed */
    int rank;
    int64_t counted[TG_NCOUNTERS];
    void *scratch; /* owned; used from the front */
    size_t scratch_size, scratch_used;
    void *overflow;       /* owned list of blocks that scratch had no room for */
    size_t overflow_size; /* bytes in them */
    /* of the task that runs */
    const tg_work *work;
    int32_t number;    /* in the part */
    tg_buffer *output; /* made by the task */
    int forwarded;     /* input that is the output; -1: none */
    tg_status broken;  /* a call that the task may have ignored failed so */
};

/** Call task `number` of `work`; its output, held once (NULL: none), in *output on TG_OK. A
 * forwarded input is returned in *forwarded instead, without a hold. Free of locks. */
tg_status tg_task_run(tg_task *task, const tg_work *work, int32_t number, tg_buffer **output,
                      tg_buffer **forwarded);

/** Free what a task structure owns. */
void tg_task_clear(tg_task *task);

#endif
