/* SPDX-License-Identifier: BSD-3-Clause */
/* What arrives at a rank finds the part, the result or the question that it is for. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/resident.h"
#include "exec/worker_state.h"

static tg_status keep_for_later(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&w->early, &w->early_capacity, w->nearly + 1, sizeof *w->early));
    w->early[w->nearly++] = (tg_early){*frame, payload};
out:
    return status;
}

/* A report of a rank below, and the events behind it. */
static void take_report(tg_worker *w, tg_work *work, int32_t from, tg_buffer *payload)
{
    const tg_report *report = tg_buffer_data(payload);
    const tg_event *events =
        (const void *)((const char *)tg_buffer_data(payload) + tg_round_up(sizeof *report, 16));

    for (int64_t i = 0; i < report->nevents; i++)
        tg_event_log_add(&work->events, &events[i]);
    tg_report_merge(&work->report, report);
    tg_store_release(w->options.store, payload);
    for (int32_t c = 0; c < work->part.head->nchildren; c++)
        if (work->part.head->child[c] == from)
            work->heard_of |= 1u << c;
}

/* What a rank that took over a task says of it. */
static void take_event(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    const tg_taken_note *note = tg_buffer_data(payload);
    tg_work *work;

    tg_worker_lock(w);
    work = tg_worker_find(w, frame->epoch);
    assert(work);
    work->events_due--;
    work->report.busy += note->event.end - note->event.start;
    for (int c = 0; c < TG_NCOUNTERS; c++)
        work->report.counted[c] += note->counted[c];
    if (w->options.record)
        tg_event_log_add(&work->events, &note->event);
    tg_store_release(w->options.store, payload);
    tg_worker_unlock(w);
}

static void take_progress(tg_worker *w, const tg_frame *frame)
{
    w->done_elsewhere += frame->slot - w->done_by[frame->from];
    w->done_by[frame->from] = frame->slot;
}

/* Frames that belong to a part. */
static tg_status deliver_to_part(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    tg_work *work;

    tg_worker_lock(w);
    work = tg_worker_find(w, frame->epoch);
    if (work && frame->kind == TG_FRAME_RESULT) {
        tg_work_arrive(work, frame->slot, (tg_status)frame->status, payload);
        tg_worker_wake(w);
    } else if (work) {
        take_report(w, work, frame->from, payload);
    }
    tg_worker_unlock(w);
    return work ? TG_OK : keep_for_later(w, frame, payload);
}

tg_status tg_worker_deliver(void *self, const tg_frame *frame, tg_buffer *payload)
{
    tg_worker *w = self;

    switch ((tg_frame_kind)frame->kind) {
    case TG_FRAME_PART:
        return tg_worker_begin(w, payload);
    case TG_FRAME_RESULT:
    case TG_FRAME_REPORT:
        return deliver_to_part(w, frame, payload);
    case TG_FRAME_PROGRESS:
        take_progress(w, frame);
        return TG_OK;
    case TG_FRAME_STOP:
        w->stop = true;
        return TG_OK;
    case TG_FRAME_KEPT:
        tg_worker_lock(w);
        tg_worker_note_kept(w, frame->epoch, (tg_status)frame->status, payload);
        tg_worker_unlock(w);
        return TG_OK;
    case TG_FRAME_REFUSE:
        tg_worker_refuse(w, frame->epoch);
        return TG_OK;
    case TG_FRAME_DROP:
        tg_worker_drop(w, frame->epoch);
        return TG_OK;
    case TG_FRAME_CANCEL:
        if (frame->epoch > w->search.epoch)
            return keep_for_later(w, frame, payload);
        tg_worker_cancel(w, frame->epoch);
        return TG_OK;
    case TG_FRAME_EVENT:
        take_event(w, frame, payload);
        return TG_OK;
    case TG_FRAME_WANT:
        if (frame->epoch > w->search.epoch)
            return keep_for_later(w, frame, payload);
        return tg_takeover_deliver(w, frame, payload);
    case TG_FRAME_LEAVE:
        if (w->options.rank > 0 && frame->from == tg_worker_above(w))
            w->leave = true;
        else
            w->leavers++;
        return TG_OK;
    case TG_FRAME_NONE:
    case TG_FRAME_TAKE:
    case TG_FRAME_TAKEN:
        return tg_takeover_deliver(w, frame, payload);
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
        TG_TRY(tg_worker_deliver(w, &early[i].frame, early[i].payload));
out:
    tg_free(early);
    return status;
}

void tg_worker_limit(tg_worker *w)
{
    const int64_t memory = w->options.memory;
    const int64_t beside = tg_resident() - tg_store_held(w->options.store);
    const int64_t most = memory + TG_MEMORY_BESIDE - beside;

    w->limit = most > memory ? memory : most < memory / 8 ? memory / 8 : most;
    tg_store_limit(w->options.store, (size_t)w->limit);
}

/* When work begins: what earlier work left goes back to the system. */
static void begin_limit(tg_worker *w)
{
    tg_store_limit(w->options.store, 1);
    tg_resident_save();
    tg_worker_limit(w);
}

tg_status tg_worker_begin(tg_worker *w, tg_buffer *bytes)
{
    tg_status status = TG_OK;
    tg_work *work = NULL;
    int64_t at;

    TG_TRY(tg_work_begin(bytes, w->options.objects, w->options.store, &w->room, &work));
    if (w->nworks == 0)
        (void)tg_store_peak(w->options.store);
    if (w->nworks == 0 && w->options.memory)
        begin_limit(w);
    tg_worker_lock(w);
    status = tg_grow(&w->works, &w->work_capacity, w->nworks + 1, sizeof(tg_work *));
    for (at = w->nworks;
         status == TG_OK && at > 0 && tg_work_epoch(w->works[at - 1]) > tg_work_epoch(work); at--)
        w->works[at] = w->works[at - 1];
    if (status == TG_OK) {
        w->works[at] = work;
        w->nworks++;
        tg_takeover_reset(w, work);
        tg_runner_finish_residents(w, work);
        tg_worker_wake(w);
        work = NULL;
    }
    tg_worker_unlock(w);
    TG_TRY(status);
    w->done_elsewhere = 0;
    memset(w->done_by, 0, (size_t)w->options.nranks * sizeof *w->done_by);
    tg_backoff_reset(&w->backoff);
    TG_TRY(deliver_early(w));
out:
    tg_work_end(&work);
    return status;
}

void tg_worker_drop(tg_worker *w, int64_t handle)
{
    tg_worker_lock(w);
    tg_kept_drop(&w->kept, handle, w->options.store);
    tg_worker_unlock(w);
}

void tg_worker_cancel(tg_worker *w, int64_t epoch)
{
    tg_work *work;

    tg_worker_lock(w);
    work = tg_worker_find(w, epoch);
    if (work)
        work->cancelled = true;
    tg_worker_unlock(w);
}

void tg_worker_refuse(tg_worker *w, int64_t handle)
{
    tg_status status;

    tg_worker_lock(w);
    status = tg_kept_refuse(&w->kept, handle);
    if (status != TG_OK)
        tg_worker_break(w, status);
    tg_worker_unlock(w);
}

void tg_worker_note_kept(tg_worker *w, int64_t handle, tg_status status, tg_buffer *message)
{
    const tg_status grown = tg_grow(&w->news, &w->news_capacity, w->nnews + 1, sizeof *w->news);

    if (grown != TG_OK) {
        tg_store_release(w->options.store, message);
        tg_worker_break(w, grown);
        return;
    }
    w->news[w->nnews++] = (tg_kept_result){.handle = handle, .status = status, .buffer = message};
}

void tg_worker_tell_kept(tg_worker *w, tg_tell_kept *tell, void *self)
{
    tg_worker_lock(w);
    for (int64_t i = 0; i < w->nnews; i++) {
        const tg_kept_result *news = &w->news[i];

        tell(self, news->handle, news->status, news->buffer ? tg_buffer_data(news->buffer) : NULL);
        tg_store_release(w->options.store, news->buffer);
    }
    w->nnews = 0;
    tg_worker_unlock(w);
}
