/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See worker.h. A part's life on a rank:
 *
 *   PART arrives -> tg_work_begin -> early frames of its epoch are delivered
 *     -> turns (run a task | send the outbox | take in what arrived) until all tasks are done, all
 *        results of others are here and the ranks below have reported
 *     -> REPORT to the rank above -> tg_work_end
 */
#include "exec/worker.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/resident.h"
#include "exec/worker_state.h"

static tg_status init_runners(tg_worker *w)
{
    const tg_worker_options *o = &w->options;

    w->runners = tg_alloc_array(o->nthreads, sizeof *w->runners);
    if (!w->runners)
        return tg_fail(TG_ENOMEM, "out of memory: %d threads", o->nthreads);
    for (int i = 0; i < o->nthreads; i++) {
        w->runners[i].worker = w;
        w->runners[i].number = i;
        w->runners[i].timed = o->record || o->nthreads > 1;
        w->runners[i].task = (tg_task){.store = o->store,
                                       .objects = o->objects,
                                       .locals = o->locals,
                                       .rank = o->rank,
                                       .place = tg_binding_place(o->binding, i)};
    }
    return TG_OK;
}

tg_status tg_worker_create(const tg_worker_options *options, tg_worker **out)
{
    tg_status status = TG_OK;
    tg_worker *w = tg_zalloc(sizeof *w);

    TG_NEED(w, TG_ENOMEM, "out of memory for a worker");
    w->options = *options;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->ready, NULL);
    tg_condition_init(&w->done);
    pthread_cond_init(&w->disk.moved, NULL);
    w->limit = options->memory;
    w->patience = 1e-3;
    w->backoff.crowded = options->crowded || tg_worker_is_threaded(w);
    w->done_by = tg_alloc_array(options->nranks, sizeof *w->done_by);
    w->wants = tg_alloc_array(options->nranks, sizeof *w->wants);
    TG_NEED(w->done_by && w->wants, TG_ENOMEM, "out of memory: %d ranks", options->nranks);
    TG_TRY(init_runners(w));
    TG_TRY(tg_runners_start(w));
    *out = w;
    w = NULL;
out:
    tg_worker_destroy(&w);
    return status;
}

static void free_runners(tg_worker *w)
{
    for (int i = 0; w->runners && i < w->options.nthreads; i++) {
        tg_task_clear(&w->runners[i].task);
        tg_free(w->runners[i].inputs);
        tg_free(w->runners[i].held);
        tg_event_log_clear(&w->runners[i].log);
    }
    tg_free(w->runners);
}

void tg_worker_destroy(tg_worker **worker)
{
    tg_worker *w = *worker;

    if (!w)
        return;
    tg_runners_stop(w);
    free_runners(w);
    for (int64_t i = 0; i < w->nworks; i++) {
        tg_away_forget(w, w->works[i]);
        tg_work_end(&w->works[i]);
    }
    tg_free(w->disk.away);
    for (int64_t i = 0; i < w->nearly; i++)
        tg_store_release(w->options.store, w->early[i].payload);
    free(w->room.memory);
    tg_kept_clear(&w->kept, w->options.store);
    for (int64_t i = 0; i < w->nnews; i++)
        tg_store_release(w->options.store, w->news[i].buffer);
    tg_free(w->news);
    tg_free(w->works);
    tg_free(w->outbox);
    tg_free(w->leaving);
    tg_free(w->taken);
    tg_free(w->early);
    tg_free(w->wants);
    tg_free(w->done_by);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->ready);
    pthread_cond_destroy(&w->done);
    pthread_cond_destroy(&w->disk.moved);
    tg_free(w);
    *worker = NULL;
}

tg_work *tg_worker_find(const tg_worker *w, int64_t epoch)
{
    for (int64_t i = 0; i < w->nworks; i++)
        if (tg_work_epoch(w->works[i]) == epoch)
            return w->works[i];
    return NULL;
}

void tg_worker_break(tg_worker *w, tg_status status)
{
    if (w->broken != TG_OK)
        return;
    w->broken = status;
    snprintf(w->broken_message, sizeof w->broken_message, "%s", tg_message());
}

void tg_worker_post(tg_worker *w, const tg_parcel *parcel)
{
    tg_status status;

    if (!tg_worker_is_threaded(w)) {
        status = tg_net_send(w->options.net, parcel->rank, &parcel->frame, parcel->payload);
        if (status != TG_OK)
            tg_worker_break(w, status);
        return;
    }
    status = tg_grow(&w->outbox, &w->outbox_capacity, w->noutbox + 1, sizeof *w->outbox);
    if (status == TG_OK) {
        w->outbox[w->noutbox++] = *parcel;
        return;
    }
    tg_store_release(w->options.store, parcel->payload);
    tg_worker_break(w, status);
}

/* The outbox and what else is to be sent, with several threads. */
static tg_status send_parcels(tg_worker *w)
{
    tg_status status = TG_OK;
    tg_parcel *parcels;
    int64_t n;

    tg_worker_lock(w);
    parcels = w->outbox;
    n = w->noutbox;
    if (n > 0) {
        const int64_t capacity = w->outbox_capacity;

        w->outbox = w->leaving;
        w->outbox_capacity = w->leaving_capacity;
        w->noutbox = 0;
        w->leaving = parcels;
        w->leaving_capacity = capacity;
    }
    tg_worker_unlock(w);
    for (int64_t i = 0; i < n; i++)
        TG_TRY(tg_net_send(w->options.net, parcels[i].rank, &parcels[i].frame, parcels[i].payload));
out:
    return status;
}

/* Send what tasks have for other ranks; with one thread it is in packets already. */
static tg_status send_outbox(tg_worker *w)
{
    tg_status status = TG_OK;

    if (tg_worker_is_threaded(w))
        TG_TRY(send_parcels(w));
    TG_NEED(w->broken == TG_OK, w->broken, "%s", w->broken_message);
    TG_TRY(tg_net_flush(w->options.net));
out:
    return status;
}

static tg_status tell_progress(tg_worker *w)
{
    const bool quiet = w->options.progress <= 0 || w->nworks == 0;
    const double now = quiet ? 0 : w->clock > 0 ? w->clock : tg_now();
    int64_t done = 0;

    if (now <= 0 || now - w->last_progress < w->options.progress)
        return TG_OK;
    w->last_progress = now;
    tg_worker_lock(w);
    for (int64_t i = 0; i < w->nworks; i++)
        done += w->works[i]->report.done;
    if (w->options.rank > 0)
        tg_worker_post(w, &(tg_parcel){.rank = 0,
                                       .frame = {.kind = TG_FRAME_PROGRESS,
                                                 .slot = (int32_t)done,
                                                 .epoch = tg_work_epoch(w->works[0])}});
    tg_worker_unlock(w);
    if (w->options.rank == 0 && w->options.watch)
        w->options.watch(w->options.watch_self, done + w->done_elsewhere, false);
    return TG_OK;
}

void tg_worker_time(tg_worker *w)
{
    const double now = w->untimed > 0 ? tg_now() : w->clock;

    if (w->untimed > 0)
        tg_runner_time(&w->runners[0], w->untimed, now - w->clock);
    w->clock = now;
    w->untimed = 0;
}

/* Wait for messages, or for the helpers to have something to send. */
static void wait_a_little(tg_worker *w)
{
    if (!tg_worker_is_threaded(w)) {
        tg_backoff_wait(&w->backoff);
        return;
    }
    pthread_mutex_lock(&w->lock);
    if (w->noutbox == 0)
        tg_backoff_wait_for(&w->backoff, &w->done, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

/* Is there a thread without a task, and no task for it? */
static bool is_idle(tg_worker *w, bool ran)
{
    bool idle;

    tg_worker_lock(w);
    idle = !ran && w->running < w->options.nthreads && !tg_worker_has_ready(w);
    tg_worker_unlock(w);
    return idle;
}

/* While tasks are ready, messages are looked at after so many tasks or so many seconds of them. */
enum { TASKS_A_TURN = 16 };
static const double seconds_a_turn = 4e-6;

/* With one thread: run ready tasks until it is time to look at messages; false: there was none. */
static bool run_tasks(tg_worker *w)
{
    tg_runner *runner = &w->runners[0];
    const double mean = w->mean_seconds;
    const int most = mean > 0 && mean * TASKS_A_TURN < seconds_a_turn ? TASKS_A_TURN
                     : mean > 0 ? 1 + (int)(seconds_a_turn / mean)
                                : 1;
    int n;

    if (!tg_worker_has_ready(w))
        return false;
    if (w->clock <= 0 && !runner->timed)
        w->clock = tg_now();
    n = tg_runner_run(runner, most);
    w->untimed += runner->timed ? 0 : n;
    if (w->untimed >= most)
        tg_worker_time(w);
    return n > 0;
}

/* Where memory is limited: what has left gives room, and threads may wait for that. */
static void see_what_left(tg_worker *w)
{
    if (w->options.memory == 0 || w->options.nranks == 1)
        return;
    tg_worker_lock(w);
    w->sending = !tg_net_is_quiet(w->options.net);
    tg_away_relieve(w);
    if (w->full)
        tg_worker_wake(w);
    tg_worker_unlock(w);
}

/* While spinning a rank looks so often for a message between looks at the rest: the clock and the
 * rest take longer. */
enum { LOOKS = 16 };

/* How often to look for a message; 0: there is something to do beside waiting for one. */
static int looks_for_messages(tg_worker *w)
{
    if (tg_worker_is_threaded(w) || tg_worker_has_ready(w))
        return 0;
    return tg_backoff_spins(&w->backoff) ? LOOKS : 1;
}

/* What is to be seen to beside tasks and messages, when a turn has time for it. */
static tg_status see_to_the_rest(tg_worker *w, bool ran)
{
    tg_status status = TG_OK;

    TG_TRY(tell_progress(w));
    if (w->options.nranks > 1)
        TG_TRY(tg_takeover_turn(w, is_idle(w, ran)));
out:
    return status;
}

/* Some tasks (with one thread), the outbox, messages; waits when there was nothing. */
tg_status tg_worker_turn(tg_worker *w)
{
    tg_status status = TG_OK;
    const bool threaded = tg_worker_is_threaded(w);
    bool ran = false, happened = false;

    if (!threaded)
        ran = run_tasks(w);
    TG_TRY(send_outbox(w));
    if (w->options.nranks > 1)
        TG_TRY(tg_net_progress(w->options.net, tg_worker_deliver, w, looks_for_messages(w),
                               &happened));
    see_what_left(w);
    if (tg_net_has_begun(w->options.net))
        TG_TRY(tg_net_flush(w->options.net));
    if (ran || happened) {
        tg_backoff_reset(&w->backoff);
        w->search.idle_since = 0;
        if (threaded || w->untimed == 0)
            TG_TRY(see_to_the_rest(w, ran));
        return TG_OK;
    }
    tg_worker_time(w);
    w->clock = 0;
    TG_TRY(see_to_the_rest(w, false));
    wait_a_little(w);
out:
    return status;
}

tg_status tg_worker_poll(tg_worker *w)
{
    tg_status status = TG_OK;
    bool happened;

    TG_TRY(send_outbox(w));
    TG_TRY(tg_net_progress(w->options.net, tg_worker_deliver, w, 0, &happened));
out:
    return status;
}

static tg_status send_leave(tg_worker *w, int to)
{
    return tg_net_send(w->options.net, to, &(tg_frame){.kind = TG_FRAME_LEAVE}, NULL);
}

/* No rank leaves before all have had the answer to their last WANT: then nothing is under way. A
 * barrier of our own: from the MPI_Ibarrier of SimGrid 3.32 some ranks never come back. */
static tg_status leave_together(tg_worker *w)
{
    tg_status status = TG_OK;
    const int first = 2 * w->options.rank + 1, left = w->options.nranks - first;
    const int below = left < 0 ? 0 : left < 2 ? left : 2;
    bool told = false;

    while (!w->leave) {
        TG_TRY(tg_worker_turn(w));
        if (told || w->search.asked || w->leavers < below || !tg_net_is_quiet(w->options.net))
            continue;
        told = true;
        if (w->options.rank == 0)
            w->leave = true;
        else
            TG_TRY(send_leave(w, tg_worker_above(w)));
        TG_TRY(tg_net_flush(w->options.net));
    }
    for (int r = first; r < first + below; r++)
        TG_TRY(send_leave(w, r));
    TG_TRY(tg_net_flush(w->options.net));
    while (!tg_net_is_quiet(w->options.net))
        TG_TRY(tg_worker_turn(w));
out:
    return status;
}

tg_status tg_worker_serve(tg_worker *w)
{
    tg_status status = TG_OK;

    while (!w->stop || w->nworks > 0) {
        tg_work *finished;

        TG_TRY(tg_worker_turn(w));
        while ((finished = tg_worker_find_done(w)))
            TG_TRY(tg_worker_finish(w, finished));
    }
    TG_TRY(leave_together(w));
out:
    return status;
}

tg_status tg_worker_stop(tg_worker *w)
{
    tg_status status = TG_OK;

    w->stop = true;
    for (int r = 1; r < w->options.nranks; r++)
        TG_TRY(tg_net_send(w->options.net, r, &(tg_frame){.kind = TG_FRAME_STOP}, NULL));
    TG_TRY(tg_net_flush(w->options.net));
    TG_TRY(leave_together(w));
out:
    return status;
}
