/* SPDX-License-Identifier: BSD-3-Clause */
/* Running tasks: pop, call (again where retries are allowed), hand over the output. */
#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "exec/worker_state.h"

/* Set by a signal handler, read by every thread; a process is interrupted as a whole. */
static atomic_int interrupted;

void tg_worker_interrupt(int signal)
{
    interrupted = signal;
}

bool tg_worker_is_interrupted(void)
{
    return interrupted != 0;
}

static TG_NOINLINE void refuse(tg_outcome *end)
{
    end->status = tg_fail(TG_EINTERRUPTED, "interrupted by signal %d (%s)", (int)interrupted,
                          strsignal((int)interrupted));
}

/* A call has failed. */
static TG_NOINLINE void call_again(tg_runner *runner, const tg_call *call, tg_outcome *end)
{
    while (end->status != TG_OK && end->retried < runner->worker->options.retries && !interrupted) {
        end->retried++;
        end->status = tg_task_run(&runner->task, call, &end->output, &end->forwarded);
    }
}

void tg_runner_call(tg_runner *runner, const tg_call *call, tg_outcome *end)
{
    if (interrupted) {
        refuse(end);
        return;
    }
    end->status = tg_task_run(&runner->task, call, &end->output, &end->forwarded);
    if (end->status != TG_OK)
        call_again(runner, call, end);
}

void tg_runner_time(tg_runner *runner, int64_t tasks, double seconds)
{
    double *mean = &runner->worker->mean_seconds;

    runner->busy += seconds;
    seconds /= (double)tasks;
    *mean = *mean > 0 ? 0.875 * *mean + 0.125 * seconds : seconds;
}

/* A call with its times where each task is timed on its own. */
static inline void timed_call(tg_runner *runner, const tg_call *call, tg_outcome *end)
{
    if (!runner->timed) {
        tg_runner_call(runner, call, end);
        return;
    }
    end->start = tg_now();
    tg_runner_call(runner, call, end);
    end->stop = tg_now();
}

/* What a task sees: its inputs where they lie. With the lock held. */
TG_INLINE bool make_call(tg_runner *runner, const tg_work *work, int32_t number, tg_call *call)
{
    const tg_part *part = &work->part;
    const int32_t *slots = part->input + part->input_begin[number];
    const int n = (int)(part->input_begin[number + 1] - part->input_begin[number]);

    if (n > runner->input_capacity &&
        tg_grow(&runner->inputs, &runner->input_capacity, n, sizeof *runner->inputs) != TG_OK)
        return false;
    for (int i = 0; i < n; i++) {
        tg_buffer *buffer = work->slot[slots[i]];

        runner->inputs[i] =
            buffer ? (tg_input){tg_buffer_data(buffer), buffer->size} : (tg_input){0};
    }
    *call = (tg_call){.function = work->call[part->call[number]],
                      .params = tg_part_params(part, number),
                      .params_size = (size_t)tg_part_params_size(part, number),
                      .inputs = runner->inputs,
                      .ninputs = n};
    return true;
}

tg_event tg_runner_event(const tg_runner *runner, int32_t task, int64_t name, const tg_outcome *end)
{
    const tg_worker_options *o = &runner->worker->options;

    return (tg_event){.task = task,
                      .start = end->start - o->begin,
                      .end = end->stop - o->begin,
                      .bytes = end->output ? (int64_t)end->output->size : 0,
                      .name = (uint32_t)name,
                      .kind = TG_EVENT_TASK,
                      .rank = o->rank,
                      .thread = runner->number};
}

/* Its part's report says what a task counted, in its own time. */
static void record(tg_runner *runner, tg_work *work, int32_t number, const tg_outcome *end)
{
    tg_event event;

    for (int c = 0; runner->task.has_counted && c < TG_NCOUNTERS; c++) {
        work->report.counted[c] += runner->task.counted[c];
        runner->task.counted[c] = 0;
    }
    runner->task.has_counted = false;
    if (!runner->timed)
        return;
    tg_runner_time(runner, 1, end->stop - end->start);
    if (!runner->worker->options.record)
        return;
    event = tg_runner_event(runner, work->part.task[number],
                            work->part.function[work->part.call[number]].name, end);
    tg_event_log_add(&runner->log, &event);
}

static void count_outcome(tg_work *work, int32_t number, int rank, const tg_outcome *end)
{
    work->report.retried += end->retried;
    if (end->skipped)
        work->report.skipped++;
    else if (end->status == TG_OK)
        work->report.done++;
    else
        tg_report_failure(&work->report, work->part.task[number], rank, end->status, tg_message());
}

/* False: no other rank needs it. */
static bool push_output(tg_worker *w, const tg_work *work, int32_t number, tg_status status,
                        tg_buffer *output)
{
    const tg_part *part = &work->part;
    const uint32_t begin = part->push_begin[number], end = part->push_begin[number + 1];

    for (uint32_t e = begin; e < end; e++) {
        if (output)
            tg_store_hold(w->options.store, output);
        tg_worker_post(w, &(tg_parcel){.rank = part->push[e].rank,
                                       .frame = {.kind = TG_FRAME_RESULT,
                                                 .status = (int16_t)status,
                                                 .slot = part->push[e].slot,
                                                 .epoch = tg_work_epoch(work),
                                                 .size = output ? (int64_t)output->size : 0},
                                       .payload = output});
    }
    return begin < end;
}

/* Rank 0 gets to know of a kept result, and why where it failed. */
static void tell_kept(tg_worker *w, const tg_kept_result *kept)
{
    tg_buffer *message = kept->status == TG_OK ? NULL : kept->buffer;

    if (message)
        tg_store_hold(w->options.store, message);
    if (w->options.rank == 0)
        tg_worker_note_kept(w, kept->handle, kept->status, message);
    else
        tg_worker_post(w, &(tg_parcel){.frame = {.kind = TG_FRAME_KEPT,
                                                 .status = (int16_t)kept->status,
                                                 .epoch = kept->handle,
                                                 .size = message ? (int64_t)message->size : 0},
                                       .payload = message});
}

static void keep_output(tg_worker *w, const tg_work *work, int32_t number, tg_status status,
                        tg_buffer *output)
{
    const tg_kept_result result = {
        .handle = work->part.handle[number], .status = status, .buffer = output};
    tg_status kept;

    if (output)
        tg_store_hold(w->options.store, output);
    kept = tg_kept_put(&w->kept, &result);
    if (kept != TG_OK)
        tg_worker_break(w, kept);
    tell_kept(w, &result);
    for (int64_t i = 0; i < w->nworks; i++)
        tg_runner_finish_residents(w, w->works[i]);
}

/* With one thread, results leave before the rest is seen to, for others wait. But a packet costs as
 * much as a small task: where a task that others wait for is ready, its result goes with this one.
 * Ranks that exchange results wait for each other in turn: there only such a task counts as was
 * ready before this one ended, but for the smallest. */
static const double seconds_a_packet = 2e-6, smallest = 0.5e-6;

static bool needs_others(const tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;
    const int32_t first = (int32_t)(part->head->ntasks + part->head->nvalues);

    for (uint32_t e = part->input_begin[number]; e < part->input_begin[number + 1]; e++)
        if (part->input[e] >= first)
            return true;
    return false;
}

static bool may_wait(const tg_worker *w)
{
    if (w->mean_seconds > seconds_a_packet)
        return false;
    for (int64_t i = 0; i < w->nworks; i++)
        if (w->works[i]->pushing.count > 0)
            return true;
    return false;
}

static void send_now(tg_worker *w)
{
    const tg_status status = tg_net_flush(w->options.net);

    if (status != TG_OK)
        tg_worker_break(w, status);
}

/* The same where others than tasks of this rank want the output. */
static TG_NOINLINE void hand_over_widely(tg_worker *w, tg_work *work, int32_t number,
                                         tg_status status, tg_buffer *output)
{
    bool to_send = push_output(w, work, number, status, output) && !tg_worker_is_threaded(w);

    if (to_send && w->mean_seconds > smallest && needs_others(work, number) && !may_wait(w)) {
        send_now(w);
        to_send = false;
    }
    if (work->part.flags[number] & TG_TASK_KEEP)
        keep_output(w, work, number, status, output);
    tg_work_finish(work, number, status, output);
    if (to_send && !may_wait(w))
        send_now(w);
}

void tg_runner_hand_over(tg_worker *w, tg_work *work, int32_t number, tg_status status,
                         tg_buffer *output)
{
    const uint32_t *pushes = work->part.push_begin + number;

    if (pushes[0] < pushes[1] || work->part.flags[number] & TG_TASK_KEEP)
        hand_over_widely(w, work, number, status, output);
    else
        tg_work_finish(work, number, status, output);
}

void tg_runner_finish_residents(tg_worker *w, tg_work *work)
{
    int64_t left = 0;

    for (int64_t i = 0; i < work->nresident; i++) {
        const int32_t number = work->resident[i];
        const tg_kept_result *kept = tg_kept_find(&w->kept, work->part.handle[number]);

        if (!kept) {
            work->resident[left++] = number;
            continue;
        }
        if (kept->status != TG_OK)
            tg_report_failure(&work->report, work->part.task[number], w->options.rank, kept->status,
                              kept->buffer ? tg_buffer_data(kept->buffer) : "");
        if (kept->buffer)
            tg_store_hold(w->options.store, kept->buffer);
        (void)push_output(w, work, number, kept->status, kept->buffer);
        tg_work_finish(work, number, kept->status, kept->buffer);
    }
    work->nresident = left;
}

/* The forwarded input as the output, held. */
static void forward_input(tg_worker *w, const tg_work *work, int32_t number, tg_outcome *end)
{
    const tg_part *part = &work->part;

    if (end->forwarded < 0)
        return;
    end->output = work->slot[part->input[(int64_t)part->input_begin[number] + end->forwarded]];
    if (end->output)
        tg_store_hold(w->options.store, end->output);
}

/* A task has what it needs of the rank, or (`sign` -1) gives it back; then others may go on. */
static void take_needs(tg_worker *w, const tg_need *need, int sign)
{
    w->busy ^= need->resources;
    w->needed += sign * need->memory;
    if (sign < 0 && tg_worker_is_threaded(w))
        pthread_cond_broadcast(&w->ready);
}

static void run_unlocked(tg_runner *runner, tg_work *work, int32_t number, const tg_call *call,
                         tg_outcome *end)
{
    tg_worker *w = runner->worker;
    const tg_need *need = work->part.need ? &work->part.need[number] : NULL;

    w->running++;
    if (need)
        take_needs(w, need, 1);
    tg_worker_unlock(w);
    timed_call(runner, call, end);
    tg_worker_lock(w);
    w->running--;
    if (need)
        take_needs(w, need, -1);
    forward_input(w, work, number, end);
    record(runner, work, number, end);
}

static bool is_called_off(const tg_worker *w, const tg_work *work, int32_t number)
{
    return work->cancelled || (w->kept.nrefused > 0 && (work->part.flags[number] & TG_TASK_KEEP) &&
                               tg_kept_is_refused(&w->kept, work->part.handle[number]));
}

bool tg_runner_will_run(const tg_worker *w, const tg_work *work, int32_t number)
{
    return tg_work_inherited(work, number) == TG_OK && !is_called_off(w, work, number);
}

/* Why a task failed, as its output: a text, held; of one that did not run, the input's. */
static TG_NOINLINE tg_buffer *reason(tg_worker *w, const tg_work *work, int32_t number,
                                     const tg_outcome *end)
{
    const tg_part *part = &work->part;
    uint32_t e = part->input_begin[number];
    tg_buffer *buffer;

    if (end->skipped) {
        while (work->failure[part->input[e]] == TG_OK)
            e++;
        buffer = work->slot[part->input[e]];
        if (buffer)
            tg_store_hold(w->options.store, buffer);
        return buffer;
    }
    buffer = tg_store_get_aside(w->options.store, strlen(tg_message()) + 1);
    if (buffer)
        strcpy(tg_buffer_data(buffer), tg_message());
    return buffer;
}

/* What a call came to, in general. With the lock held. */
static TG_NOINLINE void end_call(tg_runner *runner, tg_work *work, int32_t number, tg_outcome *end)
{
    tg_worker *w = runner->worker;

    count_outcome(work, number, w->options.rank, end);
    if (end->status != TG_OK)
        end->output = reason(w, work, number, end);
    tg_runner_hand_over(w, work, number, end->status, end->output);
}

static void run_own(tg_runner *runner, tg_work *work, int32_t number)
{
    tg_worker *w = runner->worker;
    tg_outcome end = {.status = tg_work_inherited(work, number), .forwarded = -1};
    tg_call call;

    if (end.status != TG_OK)
        end.skipped = true;
    else if (is_called_off(w, work, number))
        end.status = tg_fail(TG_EINTERRUPTED, "cancelled before it started");
    else if (!make_call(runner, work, number, &call))
        end.status = TG_ENOMEM;
    else
        run_unlocked(runner, work, number, &call, &end);
    end_call(runner, work, number, &end);
}

/* Most tasks: one thread, nothing failed or called off, nothing needed beside inputs and output;
 * what a task of this kind does beyond making an output is seen to as in general. */
static bool is_plain(const tg_runner *runner, const tg_work *work)
{
    const tg_worker *w = runner->worker;

    return !runner->timed && !w->options.memory && !work->any_failure && !work->cancelled &&
           !work->part.need && w->kept.nrefused == 0 && !interrupted;
}

static TG_NOINLINE void end_plain(tg_runner *runner, tg_work *work, int32_t number,
                                  const tg_call *call, tg_outcome end)
{
    if (end.status != TG_OK)
        call_again(runner, call, &end);
    forward_input(runner->worker, work, number, &end);
    record(runner, work, number, &end);
    end_call(runner, work, number, &end);
}

static inline void run_plain(tg_runner *runner, tg_work *work, int32_t number)
{
    tg_call call;
    tg_buffer *output;
    int forwarded;
    tg_status status;

    if (!make_call(runner, work, number, &call)) {
        end_call(runner, work, number, &(tg_outcome){.status = TG_ENOMEM});
        return;
    }
    status = tg_task_run(&runner->task, &call, &output, &forwarded);
    if (status != TG_OK || forwarded >= 0 || runner->task.has_counted) {
        end_plain(runner, work, number, &call,
                  (tg_outcome){.status = status, .output = output, .forwarded = forwarded});
        return;
    }
    work->report.done++;
    tg_runner_hand_over(runner->worker, work, number, TG_OK, output);
}

/* So long, at most, a rank whose memory is full waits for others before it goes on all the same,
 * seconds: they may wait for just what it would make next. */
static const double longest_patience = 20e-3;

/* A rank has learned that waiting is of use, or that it is not. */
static void learn(tg_worker *w, bool gained)
{
    w->patience = gained ? 2 * w->patience + 1e-4 : w->patience / 2;
    if (w->patience > longest_patience)
        w->patience = longest_patience;
    w->full_since = 0;
}

/* Memory is full: may something give room without what would be made next? Tasks that run, results
 * that leave and tasks given away will. What arrives may, but may also wait for this rank: it waits
 * as long as that was of use before. */
static bool room_may_come(tg_worker *w, const tg_work *work)
{
    double now;

    if (w->running > 0 || w->noutbox > 0 || w->sending || work->events_due > 0)
        return true;
    if (work->arrivals_left == 0)
        return false;
    now = tg_now();
    if (w->full_since <= 0)
        w->full_since = now;
    if (now - w->full_since < w->patience)
        return true;
    learn(w, false);
    return false;
}

/* With a limit the next source, and a task that needs memory beside results, wait until there is
 * room, or until nothing can give room. */
static void limit_memory(tg_worker *w, const tg_work *work, tg_allowance *allowed)
{
    bool source_waits, waits;

    allowed->memory = w->limit - tg_store_held(w->options.store) - w->needed;
    source_waits =
        work->sources.count > 0 && tg_work_bytes(work, work->sources.task[0]) > allowed->memory;
    allowed->sources = !source_waits;
    if (work->ready.count + work->pushing.count > 0)
        return;
    waits = source_waits || tg_work_wants_memory(work);
    w->full = waits && room_may_come(w, work);
    if (!waits && w->full_since > 0)
        learn(w, true);
    allowed->sources = !source_waits || !w->full;
    allowed->forced = waits && !w->full;
}

/* A task and what goes to disk and comes back for it; false: it has to wait. */
static bool run_in_room(tg_runner *runner, tg_work *work, int32_t number)
{
    if (!tg_away_begin(runner, work, number)) {
        tg_work_push(work, number);
        return false;
    }
    run_own(runner, work, number);
    tg_away_end(runner);
    return true;
}

/* tg_runner_step where memory is limited. */
static TG_NOINLINE bool step_in_limits(tg_runner *runner)
{
    tg_worker *w = runner->worker;

    for (int64_t i = 0; i < w->nworks; i++) {
        tg_allowance allowed = {.sources = true, .busy = w->busy};
        int32_t number;

        limit_memory(w, w->works[i], &allowed);
        number = tg_work_pop(w->works[i], &allowed);
        if (number < 0)
            continue;
        if (w->options.spill)
            return run_in_room(runner, w->works[i], number);
        run_own(runner, w->works[i], number);
        return true;
    }
    return w->first_taken < w->ntaken && tg_takeover_step(runner);
}

bool tg_runner_step(tg_runner *runner)
{
    tg_worker *w = runner->worker;

    if (w->options.memory)
        return step_in_limits(runner);
    for (int64_t i = 0; i < w->nworks; i++) {
        const tg_allowance allowed = {.sources = true, .busy = w->busy, .memory = INT64_MAX};
        const int32_t number = tg_work_pop(w->works[i], &allowed);

        if (number >= 0) {
            run_own(runner, w->works[i], number);
            return true;
        }
    }
    return w->first_taken < w->ntaken && tg_takeover_step(runner);
}

/* The first part with ready tasks, NULL: none. */
static tg_work *first_ready(const tg_worker *w)
{
    for (int64_t i = 0; i < w->nworks; i++)
        if (tg_work_nready(w->works[i]) > 0)
            return w->works[i];
    return NULL;
}

int tg_runner_run(tg_runner *runner, int most)
{
    int n = 0;

    while (n < most) {
        tg_work *work = first_ready(runner->worker);

        if (!work || !is_plain(runner, work)) {
            if (!tg_runner_step(runner))
                break;
            n++;
            continue;
        }
        do {
            run_plain(runner, work, tg_work_pop_first(work, true));
            n++;
        } while (n < most && tg_work_nready(work) > 0 && is_plain(runner, work));
    }
    return n;
}

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
        if (tg_worker_has_ready(w))
            pthread_cond_signal(&w->ready);
        else
            pthread_cond_signal(&w->done);
        if (w->noutbox > 0 || w->nnews > 0)
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
            tg_binding_apply(w->options.binding, i, w->runners[i].thread);
        w->nstarted += !code;
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
