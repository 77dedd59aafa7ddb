/* SPDX-License-Identifier: BSD-3-Clause */
/* A part ends on a rank: what it came to is told to the rank above, or collected on rank 0. */
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/resident.h"
#include "exec/worker_state.h"

static void report_spilled(tg_worker *w, tg_report *report)
{
    const tg_spill_counts now = tg_spill_counted(w->options.spill), *told = &w->disk.told;

    report->spilled += now.written - told->written;
    report->stored += now.stored - told->stored;
    report->unspilled += now.read - told->read;
    w->disk.told = now;
}

/* Complete a part's report with what this rank's threads counted. With the lock held. */
static void finish_report(tg_worker *w, tg_work *work)
{
    const tg_net_counts sent = tg_net_counted(w->options.net);
    const int64_t peak = tg_store_peak(w->options.store);
    tg_report *report = &work->report;

    tg_worker_time(w);
    for (int i = 0; i < w->options.nthreads; i++) {
        tg_runner *runner = &w->runners[i];

        report->busy += runner->busy;
        runner->busy = 0;
        for (int64_t e = 0; e < runner->log.count; e++)
            tg_event_log_add(&work->events, &runner->log.events[e]);
        runner->log.count = 0;
    }
    report->packets += sent.packets - w->told.packets;
    report->payloads += sent.payloads - w->told.payloads;
    report->message_bytes += sent.bytes - w->told.bytes;
    w->told = sent;
    if (w->options.spill)
        report_spilled(w, report);
    if (w->options.measures)
        report->resident = tg_resident_peak();
    report->nevents = work->events.count;
    report->peak = peak > report->peak ? peak : report->peak;
}

/* The report and its events as a payload; NULL when memory is out. */
static tg_buffer *pack_report(tg_worker *w, const tg_work *work)
{
    const size_t head = tg_round_up(sizeof work->report, 16);
    const size_t bytes = (size_t)work->events.count * sizeof *work->events.events;
    tg_buffer *buffer = tg_store_get_aside(w->options.store, head + bytes);

    if (!buffer)
        return NULL;
    memcpy(tg_buffer_data(buffer), &work->report, sizeof work->report);
    if (bytes)
        memcpy((char *)tg_buffer_data(buffer) + head, work->events.events, bytes);
    return buffer;
}

/* Take a part out of those worked on. With the lock held. */
static void remove_work(tg_worker *w, const tg_work *work)
{
    int64_t at = 0;

    while (w->works[at] != work)
        at++;
    w->nworks--;
    memmove(&w->works[at], &w->works[at + 1], (size_t)(w->nworks - at) * sizeof work);
}

tg_status tg_worker_finish(tg_worker *w, tg_work *work)
{
    tg_status status = TG_OK;
    tg_buffer *buffer;

    tg_worker_lock(w);
    finish_report(w, work);
    remove_work(w, work);
    buffer = pack_report(w, work);
    if (buffer)
        tg_worker_post(w, &(tg_parcel){.rank = work->part.head->parent,
                                       .frame = {.kind = TG_FRAME_REPORT,
                                                 .epoch = tg_work_epoch(work),
                                                 .size = (int64_t)buffer->size},
                                       .payload = buffer});
    tg_away_forget(w, work);
    tg_work_end(&work);
    tg_worker_unlock(w);
    TG_NEED(buffer, TG_ENOMEM, "out of memory for a report");
out:
    return status;
}

tg_work *tg_worker_find_done(tg_worker *w)
{
    tg_work *work = NULL;

    tg_worker_lock(w);
    for (int64_t i = 0; i < w->nworks && !work; i++)
        if (tg_work_is_done(w->works[i]))
            work = w->works[i];
    tg_worker_unlock(w);
    return work;
}

bool tg_worker_is_finished(tg_worker *w, int64_t epoch)
{
    const tg_work *work;
    bool finished;

    tg_worker_lock(w);
    work = tg_worker_find(w, epoch);
    finished = !work || tg_work_is_done(work);
    tg_worker_unlock(w);
    return finished;
}

/* Holds on the targets' buffers for the caller. */
static void take_pins(tg_worker *w, const tg_work *work, tg_buffer **pinned)
{
    for (int64_t i = 0; i < work->part.head->npins; i++) {
        pinned[i] = work->slot[work->part.pin[i]];
        if (pinned[i])
            tg_store_hold(w->options.store, pinned[i]);
    }
}

tg_status tg_worker_collect(tg_worker *w, int64_t epoch, tg_buffer **pinned, tg_report *report,
                            tg_event **events)
{
    tg_status status = TG_OK;
    tg_work *work;

    tg_worker_lock(w);
    work = tg_worker_find(w, epoch);
    assert(work && tg_work_is_done(work));
    finish_report(w, work);
    take_pins(w, work, pinned);
    remove_work(w, work);
    *report = work->report;
    *events = work->events.events;
    work->events = (tg_event_log){0};
    tg_away_forget(w, work);
    tg_work_end(&work);
    tg_worker_unlock(w);
    if (w->options.watch && w->options.progress > 0)
        w->options.watch(w->options.watch_self, report->done, true);
    return status;
}
