/* SPDX-License-Identifier: BSD-3-Clause */
/* Running tasks: pop, call (again where retries are allowed), hand over the output. */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/memory.h"
#include "exec/worker_state.h"

/* Set by a signal handler, read by every thread; a process is interrupted as a whole. */
static volatile sig_atomic_t interrupted;

void tg_worker_interrupt(int signal)
{
    interrupted = signal;
}

bool tg_worker_is_interrupted(void)
{
    return interrupted != 0;
}

/* What became of a task. */
typedef struct outcome {
    tg_status status;
    tg_buffer *output;
    bool skipped; /* an input had failed */
    int retried;
} outcome;

static outcome call_task(tg_runner *runner, const tg_work *work, int32_t number,
                         tg_buffer **forwarded)
{
    const int retries = runner->worker->options.retries;
    outcome end = {.status = TG_EINTERRUPTED};

    *forwarded = NULL;
    if (interrupted) {
        (void)tg_fail(TG_EINTERRUPTED, "interrupted by signal %d (%s)", (int)interrupted,
                      strsignal((int)interrupted));
        return end;
    }
    for (int i = 0;; i++) {
        end.status = tg_task_run(&runner->task, work, number, &end.output, forwarded);
        if (end.status == TG_OK || i >= retries || interrupted)
            return end;
        end.retried++;
    }
}

static void record(tg_runner *runner, const tg_work *work, int32_t number, const outcome *end,
                   double start, double stop)
{
    const tg_worker_options *o = &runner->worker->options;

    runner->busy += stop - start;
    if (!o->record)
        return;
    tg_event_log_add(&runner->log,
                     &(tg_event){.task = work->part.task[number],
                                 .start = start - o->begin,
                                 .end = stop - o->begin,
                                 .bytes = end->output ? (int64_t)end->output->size : 0,
                                 .name = (uint32_t)work->part.call[number],
                                 .kind = TG_EVENT_TASK,
                                 .rank = o->rank,
                                 .thread = runner->number});
}

static void count_outcome(tg_worker *w, int32_t number, const outcome *end)
{
    w->report.retried += end->retried;
    if (end->skipped)
        w->report.skipped++;
    else if (end->status == TG_OK)
        w->report.done++;
    else
        tg_report_failure(&w->report, w->work->part.task[number], w->options.rank, end->status,
                          tg_message());
}

/* Put the output into the outbox for each rank that needs it, and into its slot here. The outbox
 * was made large enough for all pushes of the part. */
static void hand_over(tg_worker *w, int32_t number, const outcome *end)
{
    const tg_part *part = &w->work->part;

    for (int64_t e = part->push_begin[number]; e < part->push_begin[number + 1]; e++) {
        if (end->output)
            tg_store_hold(w->options.store, end->output);
        assert(w->noutbox < w->outbox_capacity);
        w->outbox[w->noutbox++] = (tg_parcel){part->push[e], end->status, end->output};
    }
    tg_work_finish(w->work, number, end->status, end->output);
}

bool tg_runner_step(tg_runner *runner)
{
    tg_worker *w = runner->worker;
    tg_work *work = w->work;
    const int32_t number = work ? tg_work_pop(work) : -1;
    tg_buffer *forwarded = NULL;
    outcome end = {0};

    if (number < 0)
        return false;
    end.status = tg_work_inherited(work, number);
    if (end.status != TG_OK) {
        end.skipped = true;
    } else {
        double start;

        tg_worker_unlock(w);
        start = tg_now();
        end = call_task(runner, work, number, &forwarded);
        record(runner, work, number, &end, start, tg_now());
        tg_worker_lock(w);
    }
    if (forwarded) {
        tg_store_hold(w->options.store, forwarded);
        end.output = forwarded;
    }
    count_outcome(w, number, &end);
    hand_over(w, number, &end);
    return true;
}

/* ---- helper threads ------------------------------------------------------------------------- */

static void *help(void *data)
{
    tg_runner *runner = data;
    tg_worker *w = runner->worker;

    pthread_mutex_lock(&w->lock);
    while (!w->quit) {
        if (!tg_runner_step(runner)) {
            pthread_cond_wait(&w->ready, &w->lock);
            continue;
        }
        if (w->work->nready > 0)
            pthread_cond_signal(&w->ready);
        if (w->noutbox > 0 || tg_work_is_done(w->work))
            pthread_cond_signal(&w->done);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

tg_status tg_runners_start(tg_worker *w)
{
    tg_status status = TG_OK;
    sigset_t all, before;

    if (!tg_worker_is_threaded(w))
        return TG_OK;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals go to the messages' thread */
    for (int i = 0; i < w->options.nthreads && status == TG_OK; i++) {
        const int code = pthread_create(&w->runners[i].thread, NULL, help, &w->runners[i]);

        if (code)
            status = tg_fail(TG_EMPI, "thread %d of %d cannot be started: %s", i,
                             w->options.nthreads, strerror(code));
        else
            w->nstarted++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

void tg_runners_stop(tg_worker *w)
{
    if (w->nstarted == 0)
        return;
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    pthread_cond_broadcast(&w->ready);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->nstarted; i++)
        pthread_join(w->runners[i].thread, NULL);
    w->nstarted = 0;
}
