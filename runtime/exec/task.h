/* SPDX-License-Identifier: BSD-3-Clause */
/** What a running task sees of the rank it runs on. One per thread, used again and again. */
#ifndef TG_EXEC_TASK_H
#define TG_EXEC_TASK_H

#include "base/object.h"
#include "base/status.h"
#include "exec/local.h"
#include "exec/store.h"

/** An input as the task sees it. */
typedef struct tg_input {
    const void *data; /* NULL: no bytes */
    size_t size;
} tg_input;

/** One call of a task's function. All pointers are borrowed. */
typedef struct tg_call {
    tg_function *function;
    const void *params;
    size_t params_size;
    const tg_input *inputs;
    int ninputs;
} tg_call;

struct tg_task {
    /* of the thread, for as long as it lives */
    tg_store *store;           /* borrowed */
    const tg_objects *objects; /* borrowed */
    tg_locals *locals;         /* borrowed */
    int rank;
    int place;        /* of the thread, in the store */
    bool has_counted; /* any of: */
    int64_t counted[TG_NCOUNTERS];
    char *message; /* where the thread's last message lies; NULL: not known yet */
    void *scratch; /* owned; used from the front */
    size_t scratch_size, scratch_used;
    void *overflow;       /* owned list of blocks that scratch had no room for */
    size_t overflow_size; /* bytes in them */
    size_t scratch_most;  /* bytes in both, at most; of the call that runs */
    /* of the call that runs */
    const tg_call *call;
    tg_buffer *output; /* made by the task; NULL between calls */
    int forwarded;     /* input that is the output; -1: none */
    tg_status broken;  /* a call that the task may have ignored failed so */
};

/** What few calls need: the call where the store is hostile; more scratch memory; to drop what the
 * task made before it failed. */
tg_status tg_task_call_on_copies(tg_task *task, const tg_call *call);
void tg_task_enlarge_scratch(tg_task *task);
void tg_task_drop_output(tg_task *task);

/** Make a call. On TG_OK: its output, held once (NULL: none), in *output; or the number of the
 * input that is its output in *forwarded, else -1. */
static inline tg_status tg_task_run(tg_task *task, const tg_call *call, tg_buffer **output,
                                    int *forwarded)
{
    tg_status status;

    task->call = call;
    task->forwarded = -1;
    task->broken = TG_OK;
    if (!task->message)
        task->message = tg_message_place();
    task->message[0] = 0;
    if (tg_store_is_hostile(task->store))
        status = tg_task_call_on_copies(task, call);
    else
        status = call->function(task);
    if (status == TG_OK)
        status = task->broken;
    if (status != TG_OK)
        tg_task_drop_output(task);
    *output = task->output;
    *forwarded = task->forwarded;
    task->output = NULL;
    if (task->scratch_most > task->scratch_size)
        tg_task_enlarge_scratch(task);
    task->scratch_used = task->scratch_most = 0;
    return status;
}

/** Free what a task structure owns. */
void tg_task_clear(tg_task *task);

#endif
