/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See worker.h. A part's life on a rank:
 *
 *   PART arrives -> tg_work_begin -> early frames of its epoch are delivered
 *     -> steps (run a task | send the outbox | take in what arrived) until all tasks are done, all
 *        results of others are here and the ranks below have reported
 *     -> REPORT to the rank above -> tg_work_end
 */
#include "exec/worker.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
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
        w->runners[i].task = (tg_task){
            .store = o->store, .objects = o->objects, .locals = o->locals, .rank = o->rank};
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
    w->backoff.crowded = options->crowded || tg_worker_is_threaded(w);
    w->done_by = tg_alloc_array(options->nranks, sizeof *w->done_by);
    TG_NEED(w->done_by, TG_ENOMEM, "out of memory: %d ranks", options->nranks);
    TG_TRY(init_runners(w));
    TG_TRY(tg_runners_start(w));
    *out = w;
    w = NULL;
out:
    tg_worker_destroy(&w);
    return status;
}

void tg_worker_destroy(tg_worker **worker)
{
    tg_worker *w = *worker;

    if (!w)
        return;
    tg_runners_stop(w);
    for (int i = 0; w->runners && i < w->options.nthreads; i++) {
        tg_task_clear(&w->runners[i].task);
        tg_event_log_clear(&w->runners[i].log);
    }
    tg_work_end(&w->work);
    for (int64_t i = 0; i < w->nearly; i++)
        tg_store_release(w->options.store, w->early[i].payload);
    tg_free(w->runners);
    tg_free(w->outbox);
    tg_free(w->leaving);
    tg_free(w->early);
    tg_free(w->done_by);
    tg_event_log_clear(&w->events);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->ready);
    pthread_cond_destroy(&w->done);
    tg_free(w);
    *worker = NULL;
}

/* ---- taking in ------------------------------------------------------------------------------ */

static tg_status keep_for_later(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&w->early, &w->early_capacity, w->nearly + 1, sizeof *w->early));
    w->early[w->nearly++] = (tg_early){*frame, payload};
out:
    return status;
}

static tg_status take_report(tg_worker *w, tg_buffer *payload)
{
    const tg_report *report = tg_buffer_data(payload);
    const tg_event *events =
        (const void *)((const char *)tg_buffer_data(payload) + tg_round_up(sizeof *report, 16));

    tg_worker_lock(w);
    for (int64_t i = 0; i < report->nevents; i++)
        tg_event_log_add(&w->events, &events[i]);
    tg_report_merge(&w->report, report);
    tg_store_release(w->options.store, payload);
    tg_worker_unlock(w);
    w->reported++;
    return TG_OK;
}

static void take_progress(tg_worker *w, const tg_frame *frame)
{
    w->done_elsewhere += frame->slot - w->done_by[frame->from];
    w->done_by[frame->from] = frame->slot;
}

static bool is_current(const tg_worker *w, const tg_frame *frame)
{
    return w->work && w->work->part.head->epoch == frame->epoch;
}

static tg_status begin_part(tg_worker *w, tg_buffer *bytes);

static tg_status deliver(void *self, const tg_frame *frame, tg_buffer *payload)
{
    tg_worker *w = self;

    switch ((tg_frame_kind)frame->kind) {
    case TG_FRAME_PART:
        return begin_part(w, payload);
    case TG_FRAME_RESULT:
        if (!is_current(w, frame))
            return keep_for_later(w, frame, payload);
        tg_worker_lock(w);
        tg_work_arrive(w->work, frame->slot, (tg_status)frame->status, payload);
        if (tg_worker_is_threaded(w) && w->work->nready > 0)
            pthread_cond_broadcast(&w->ready);
        tg_worker_unlock(w);
        return TG_OK;
    case TG_FRAME_REPORT:
        return is_current(w, frame) ? take_report(w, payload) : keep_for_later(w, frame, payload);
    case TG_FRAME_PROGRESS:
        if (is_current(w, frame))
            take_progress(w, frame);
        return TG_OK;
    case TG_FRAME_STOP:
        w->stop = true;
        return TG_OK;
    }
    return tg_fail(TG_EINTERNAL, "a frame of kind %" PRId32 " from rank %" PRId32, frame->kind,
                   frame->from);
}

/* Deliver what came before its part; what is for a later one stays. */
static tg_status deliver_early(tg_worker *w)
{
    tg_status status = TG_OK;
    const int64_t n = w->nearly;
    tg_early *early = w->early;

    w->early = NULL;
    w->nearly = w->early_capacity = 0;
    for (int64_t i = 0; i < n; i++)
        TG_TRY(deliver(w, &early[i].frame, early[i].payload));
out:
    tg_free(early);
    return status;
}

static tg_status begin_part(tg_worker *w, tg_buffer *bytes)
{
    tg_status status = TG_OK;
    tg_work *work = NULL;

    assert(!w->work);
    TG_TRY(tg_work_begin(bytes, w->options.objects, w->options.store, &work));
    (void)tg_store_peak(w->options.store);
    tg_worker_lock(w);
    w->report = (tg_report){0};
    w->reported = 0;
    status = tg_grow(&w->outbox, &w->outbox_capacity, work->part.head->nsends, sizeof *w->outbox);
    w->work = work;
    if (tg_worker_is_threaded(w))
        pthread_cond_broadcast(&w->ready);
    tg_worker_unlock(w);
    TG_TRY(status);
    TG_TRY(tg_grow(&w->leaving, &w->leaving_capacity, w->outbox_capacity, sizeof *w->leaving));
    w->done_elsewhere = 0;
    memset(w->done_by, 0, (size_t)w->options.nranks * sizeof *w->done_by);
    tg_backoff_reset(&w->backoff);
    TG_TRY(deliver_early(w));
out:
    return status;
}

/* ---- giving out ----------------------------------------------------------------------------- */

/* Send what tasks have put into the outbox. */
static tg_status send_outbox(tg_worker *w)
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
    for (int64_t i = 0; i < n; i++) {
        const tg_frame frame = {.kind = TG_FRAME_RESULT,
                                .status = (int32_t)parcels[i].status,
                                .slot = parcels[i].to.slot,
                                .epoch = w->work->part.head->epoch,
                                .size = parcels[i].buffer ? (int64_t)parcels[i].buffer->size : 0};

        TG_TRY(tg_net_send(w->options.net, parcels[i].to.rank, &frame, parcels[i].buffer));
    }
    if (n > 0)
        TG_TRY(tg_net_flush(w->options.net));
out:
    return status;
}

static tg_status tell_progress(tg_worker *w)
{
    tg_status status = TG_OK;
    const double now = w->options.progress > 0 ? tg_now() : 0;
    int64_t done;

    if (w->options.progress <= 0 || now - w->last_progress < w->options.progress)
        return TG_OK;
    w->last_progress = now;
    tg_worker_lock(w);
    done = w->report.done;
    tg_worker_unlock(w);
    if (w->options.rank == 0) {
        if (w->options.watch)
            w->options.watch(w->options.watch_self, done + w->done_elsewhere, false);
        return TG_OK;
    }
    TG_TRY(tg_net_send(w->options.net, 0,
                       &(tg_frame){.kind = TG_FRAME_PROGRESS,
                                   .slot = (int32_t)done,
                                   .epoch = w->work->part.head->epoch},
                       NULL));
    TG_TRY(tg_net_flush(w->options.net));
out:
    return status;
}

/* Complete the rank's own report with what its threads counted. */
static void finish_report(tg_worker *w)
{
    static const tg_net_counts none;
    const tg_net_counts sent = w->options.nranks > 1 ? tg_net_counted(w->options.net) : none;
    const int64_t peak = tg_store_peak(w->options.store);
    tg_report *report = &w->report;

    for (int i = 0; i < w->options.nthreads; i++) {
        tg_runner *runner = &w->runners[i];

        report->busy += runner->busy;
        runner->busy = 0;
        for (int c = 0; c < TG_NCOUNTERS; c++) {
            report->counted[c] += runner->task.counted[c];
            runner->task.counted[c] = 0;
        }
        for (int64_t e = 0; e < runner->log.count; e++)
            tg_event_log_add(&w->events, &runner->log.events[e]);
        runner->log.count = 0;
    }
    report->packets += sent.packets;
    report->payloads += sent.payloads;
    report->message_bytes += sent.bytes;
    report->nevents = w->events.count;
    report->peak = peak > report->peak ? peak : report->peak;
}

static tg_status send_report(tg_worker *w, int64_t epoch)
{
    tg_status status = TG_OK;
    const size_t head = tg_round_up(sizeof w->report, 16);
    const size_t bytes = (size_t)w->events.count * sizeof *w->events.events;
    tg_buffer *buffer = tg_store_get(w->options.store, head + bytes);

    TG_NEED(buffer, TG_ENOMEM, "out of memory for a report of %" PRId64 " events", w->events.count);
    memcpy(tg_buffer_data(buffer), &w->report, sizeof w->report);
    if (bytes)
        memcpy((char *)tg_buffer_data(buffer) + head, w->events.events, bytes);
    w->events.count = 0;
    TG_TRY(tg_net_send(
        w->options.net, tg_report_parent(w->options.rank),
        &(tg_frame){.kind = TG_FRAME_REPORT, .epoch = epoch, .size = (int64_t)(head + bytes)},
        buffer));
    TG_TRY(tg_net_flush(w->options.net));
out:
    return status;
}

/* ---- the loop ------------------------------------------------------------------------------- */

/* Wait for messages, or for the helpers to have something to send. */
static void wait_a_little(tg_worker *w)
{
    if (!tg_worker_is_threaded(w)) {
        tg_backoff_wait(&w->backoff);
        return;
    }
    pthread_mutex_lock(&w->lock);
    if (w->noutbox == 0 && !(w->work && tg_work_is_done(w->work)))
        tg_backoff_wait_for(&w->backoff, &w->done, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

/* One turn: a task (with one thread), the outbox, messages; waits when there was nothing. */
static tg_status turn(tg_worker *w)
{
    tg_status status = TG_OK;
    bool ran = false, happened = false;

    if (!tg_worker_is_threaded(w))
        ran = tg_runner_step(&w->runners[0]);
    if (w->work)
        TG_TRY(send_outbox(w));
    TG_TRY(tg_net_progress(w->options.net, deliver, w, &happened));
    if (w->work)
        TG_TRY(tell_progress(w));
    if (ran || happened)
        tg_backoff_reset(&w->backoff);
    else
        wait_a_little(w);
out:
    return status;
}

static bool part_is_finished(tg_worker *w)
{
    bool finished;

    tg_worker_lock(w);
    finished = w->work && tg_work_is_done(w->work) && w->noutbox == 0 &&
               w->reported == tg_report_nchildren(w->options.rank, w->options.nranks);
    tg_worker_unlock(w);
    return finished;
}

static void end_part(tg_worker *w)
{
    tg_work *work;

    tg_worker_lock(w);
    work = w->work;
    w->work = NULL;
    tg_work_end(&work);
    tg_worker_unlock(w);
}

tg_status tg_worker_serve(tg_worker *w)
{
    tg_status status = TG_OK;

    while (!w->stop || w->work) {
        TG_TRY(turn(w));
        if (part_is_finished(w)) {
            const int64_t epoch = w->work->part.head->epoch;

            finish_report(w);
            end_part(w);
            TG_TRY(send_report(w, epoch));
        }
    }
    while (!tg_net_is_quiet(w->options.net))
        TG_TRY(turn(w));
out:
    return status;
}

/* Holds on the targets' buffers for the caller. */
static void take_pins(tg_worker *w, tg_buffer **pinned)
{
    const tg_part *part = &w->work->part;

    for (int64_t i = 0; i < part->head->npins; i++) {
        pinned[i] = w->work->slot[part->pin[i]];
        if (pinned[i])
            tg_store_hold(w->options.store, pinned[i]);
    }
}

tg_status tg_worker_run(tg_worker *w, tg_buffer *bytes, tg_buffer **pinned, tg_report *report,
                        tg_event **events)
{
    tg_status status = TG_OK;

    TG_TRY(begin_part(w, bytes));
    while (!part_is_finished(w))
        TG_TRY(turn(w));
    finish_report(w);
    take_pins(w, pinned);
    end_part(w);
    if (w->options.watch && w->options.progress > 0)
        w->options.watch(w->options.watch_self, w->report.done, true);
    *report = w->report;
    *events = w->events.events;
    w->events = (tg_event_log){0};
out:
    return status;
}

tg_status tg_worker_stop(tg_worker *w)
{
    tg_status status = TG_OK;

    for (int r = 1; r < w->options.nranks; r++)
        TG_TRY(tg_net_send(w->options.net, r, &(tg_frame){.kind = TG_FRAME_STOP}, NULL));
    TG_TRY(tg_net_flush(w->options.net));
    while (!tg_net_is_quiet(w->options.net))
        TG_TRY(turn(w));
out:
    return status;
}
