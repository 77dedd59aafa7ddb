/* SPDX-License-Identifier: BSD-3-Clause */
/** The worker's inside, shared by its two halves: running tasks (runner.c) and the rest. */
#ifndef TG_EXEC_WORKER_STATE_H
#define TG_EXEC_WORKER_STATE_H

#include <pthread.h>

#include "base/clock.h"
#include "exec/worker.h"

/** A thread that runs tasks. */
typedef struct tg_runner {
    tg_worker *worker;
    int number;
    pthread_t thread;
    tg_task task;     /* its own */
    tg_event_log log; /* its own while a part is worked on */
    double busy;      /* seconds in tasks; its own */
} tg_runner;

/** A result to push, with a hold on the buffer (NULL: failed or empty). */
typedef struct tg_parcel {
    tg_push to;
    tg_status status;
    tg_buffer *buffer;
} tg_parcel;

/** A frame that came before its part. */
typedef struct tg_early {
    tg_frame frame;
    tg_buffer *payload; /* held */
} tg_early;

struct tg_worker {
    tg_worker_options options;
    tg_runner *runners; /* [nthreads] */
    int nstarted;       /* helper threads running */

    pthread_mutex_t
        lock; /* with several threads guards work, outbox, report, quit, buffers' uses */
    pthread_cond_t ready; /* tasks became ready, or quit */
    pthread_cond_t done;  /* something for the messages' thread */
    bool quit;
    tg_work *work;
    tg_parcel *outbox;
    int64_t noutbox, outbox_capacity;
    tg_report report; /* of this rank, then with those below it */

    /* the messages' thread alone */
    tg_parcel *leaving; /* the outbox being sent; changes places with it */
    int64_t nleaving, leaving_capacity;
    tg_early *early;
    int64_t nearly, early_capacity;
    tg_event_log events; /* of this rank and those below it */
    int reported;        /* children that have */
    bool stop;
    tg_backoff backoff;
    double last_progress;
    int64_t done_elsewhere, *done_by; /* rank 0: tasks done by rank as last told */
};

static inline bool tg_worker_is_threaded(const tg_worker *w)
{
    return w->options.nthreads > 1;
}

static inline void tg_worker_lock(tg_worker *w)
{
    if (tg_worker_is_threaded(w))
        pthread_mutex_lock(&w->lock);
}

static inline void tg_worker_unlock(tg_worker *w)
{
    if (tg_worker_is_threaded(w))
        pthread_mutex_unlock(&w->lock);
}

/** Run one ready task, if there is any, with the lock held on entry and exit; false: none. */
bool tg_runner_step(tg_runner *runner);

/** The helper threads: start, end. */
TG_MUST_CHECK tg_status tg_runners_start(tg_worker *worker);
void tg_runners_stop(tg_worker *worker);

/** Was the process told to end early? */
bool tg_worker_is_interrupted(void);

#endif
