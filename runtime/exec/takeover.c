/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When reality leaves the plan: an idle rank takes over tasks that another has ready but not begun.
 *
 *   idle rank    WANT -> a neighbour in the tree of its part (place/plan.h)
 *   neighbour    has tasks to spare: TAKE, a frame a task, with function, parameters and inputs;
 *                else the WANT goes on, down to a child that has not reported (what is there is
 *                unfinished) or up to the parent; after some hops it waits at a rank with work
 *   top, when all have reported: NONE
 *   idle rank    runs what it got: TAKEN with the output, to the rank that the plan says, which
 *                goes on as if it had run the task itself
 *
 * The tree leads a WANT to unfinished work in as many hops as it is deep, and each idle rank has
 * one WANT under way. Which rank runs a task changes no bit of a result.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "exec/worker_state.h"

enum {
    MOST_HOPS = 16,     /* of a WANT that meets only ranks without tasks to spare */
    MOST_COUNTED = 100, /* hops; it rests no longer after more */
    MOST_TASKS = 64,    /* given at one time */
};

/* Idle for so long before a rank asks, seconds. */
static const double patience = 100e-6;

/* A task is worth giving when it takes much longer than moving it: a message each way and the bytes
 * of its inputs and its result. */
static const double message_seconds = 20e-6, bytes_per_second = 1e9, worth = 2;

/* Bytes given at one time, but for a single task: they take room on both ranks. */
static double most_bytes(const tg_worker *w)
{
    const double most = 4 << 20, share = (double)w->options.memory / 4;

    return w->options.memory && share < most ? share : most;
}

/* A TAKE: this head, the inputs' sizes, the parameters, each input; all at multiples of 64. */
typedef struct take_head {
    int64_t epoch;
    tg_reference function;
    int64_t name;
    int64_t params_size;
    int32_t number; /* of the task in the giver's part */
    int32_t task;   /* in the graph */
    int32_t giver;
    int32_t ninputs;
} take_head;

static size_t padded(size_t size)
{
    return tg_round_up(size, TG_ALIGNMENT);
}

static size_t take_size(const tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;
    const int64_t begin = part->input_begin[number], end = part->input_begin[number + 1];
    size_t size = padded(sizeof(take_head)) + padded((size_t)(end - begin) * sizeof(int64_t)) +
                  padded((size_t)tg_part_params_size(part, number));

    for (int64_t e = begin; e < end; e++)
        if (work->slot[part->input[e]])
            size += padded(work->slot[part->input[e]]->size);
    return size;
}

static tg_buffer *pack_task(tg_worker *w, const tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;
    const int64_t begin = part->input_begin[number], n = part->input_begin[number + 1] - begin;
    tg_buffer *buffer = tg_store_get(w->options.store, take_size(work, number));
    take_head head = {.epoch = tg_work_epoch(work),
                      .function = part->function[part->call[number]].reference,
                      .name = part->function[part->call[number]].name,
                      .params_size = tg_part_params_size(part, number),
                      .number = number,
                      .task = part->task[number],
                      .giver = w->options.rank,
                      .ninputs = (int32_t)n};
    char *at;
    int64_t *sizes;

    if (!buffer)
        return NULL;
    at = tg_buffer_data(buffer);
    memcpy(at, &head, sizeof head);
    sizes = (void *)(at + padded(sizeof head));
    at = (char *)sizes + padded((size_t)n * sizeof *sizes);
    memcpy(at, tg_part_params(part, number), (size_t)head.params_size);
    at += padded((size_t)head.params_size);
    for (int64_t i = 0; i < n; i++) {
        tg_buffer *input = work->slot[part->input[begin + i]];

        sizes[i] = input ? (int64_t)input->size : 0;
        if (sizes[i])
            memcpy(at, tg_buffer_data(input), (size_t)sizes[i]);
        at += padded((size_t)sizes[i]);
    }
    return buffer;
}

/* Bytes that giving a task moves, to and fro, as expected; the same when it comes back. */
static double moved_bytes(const tg_work *work, int32_t number)
{
    return (double)take_size(work, number) + (double)work->part.output_bytes[number];
}

/* Give the last ready task of a part to a rank, if it is worth it. With the lock held. */
static bool give_task(tg_worker *w, tg_work *work, int32_t to, double *given_bytes)
{
    const int32_t number = tg_work_pop_last(work, w->options.memory == 0);
    const bool first = *given_bytes <= 0; /* it answers the WANT */
    tg_buffer *buffer = NULL;
    double bytes;

    if (number < 0)
        return false;
    bytes = moved_bytes(work, number);
    if (tg_runner_will_run(w, work, number) &&
        !(work->away && tg_away_has_input(w, work, number)) &&
        (first || *given_bytes + bytes <= most_bytes(w)) &&
        (work->given_bytes <= 0 || work->given_bytes + bytes <= most_bytes(w)) &&
        w->mean_seconds > worth * (message_seconds + bytes / bytes_per_second))
        buffer = pack_task(w, work, number);
    if (!buffer) {
        tg_work_push(work, number);
        return false;
    }
    *given_bytes += bytes;
    work->report.taken++;
    work->events_due++;
    work->given_bytes += bytes;
    tg_worker_post(w, &(tg_parcel){.rank = to,
                                   .frame = {.kind = TG_FRAME_TAKE,
                                             .slot = first,
                                             .epoch = tg_work_epoch(work),
                                             .size = (int64_t)buffer->size},
                                   .payload = buffer});
    return true;
}

/* Tasks that the threads here will not begin at once. */
static int64_t spare(const tg_worker *w, const tg_work *work)
{
    const int64_t idle = w->options.nthreads - w->running;

    return tg_work_nready(work) - (idle > 0 ? idle : 0);
}

/* Give a rank its share of what this one can spare, of the parts that it knew of when it asked: of
 * later ones it has its own, or will soon. False: nothing. With the lock held. */
static bool give(tg_worker *w, const tg_frame *want)
{
    if (w->mean_seconds <= worth * message_seconds)
        return false;
    for (int64_t i = 0; i < w->nworks; i++) {
        tg_work *work = w->works[i];
        const int64_t most = tg_work_epoch(work) <= want->epoch ? spare(w, work) : 0;
        const int64_t share = most > 1 ? most / (w->nwaiting + 2) : most; /* one is for this rank */
        int64_t given = 0;
        double bytes = 0;

        while (most > 0 && given < (share ? share : 1) && given < MOST_TASKS &&
               give_task(w, work, want->slot, &bytes))
            given++;
        if (given)
            return true;
    }
    return false;
}

static void answer_none(tg_worker *w, const tg_frame *want)
{
    tg_worker_post(w, &(tg_parcel){.rank = want->slot,
                                   .frame = {.kind = TG_FRAME_NONE, .epoch = want->epoch}});
}

/* Where a WANT goes on to from here: a child of which something is unfinished, in turns, else up;
 * -1: this is the top and all is finished. With the lock held. */
static int32_t onward(tg_worker *w, int64_t epoch, int32_t from, int32_t wanting)
{
    const tg_work *work = tg_worker_find(w, epoch);

    if (!work)
        return epoch == w->search.epoch ? w->search.parent : -1;
    for (int32_t i = 0; i < work->part.head->nchildren; i++) {
        const int32_t c = (int32_t)((w->search.turn + i) % work->part.head->nchildren);
        const int32_t child = work->part.head->child[c];

        if (!(work->heard_of & (1u << c)) && child != from && child != wanting) {
            w->search.turn = c + 1;
            return child;
        }
    }
    return work->part.head->parent;
}

static void pass_on(tg_worker *w, const tg_frame *want, int32_t to)
{
    tg_frame frame = *want;

    frame.status = (int16_t)(want->status < MOST_COUNTED ? want->status + 1 : MOST_COUNTED);
    frame.tag = 0;
    tg_worker_post(w, &(tg_parcel){.rank = to, .frame = frame});
}

/* How long a WANT rests at a rank that has work but no task to spare, by its hops; seconds. */
static double rest(int32_t hops)
{
    const int32_t rests = hops > MOST_HOPS ? (hops - MOST_HOPS) / 4 : 0;

    return 1e-3 * (double)(1 << (rests < 6 ? rests : 6));
}

/* A WANT is here: answer it, let it wait, or send it on. With the lock held. */
static void handle_want(tg_worker *w, const tg_frame *want)
{
    const int32_t wanting = want->slot;
    const bool own = wanting == w->options.rank;
    const tg_work *work = tg_worker_find(w, want->epoch);
    const bool busy = work && work->tasks_left > 0;
    int32_t to;

    if (!own && give(w, want))
        return;
    to = onward(w, want->epoch, want->from, wanting);
    if (!own && busy && (to < 0 || to == wanting || want->status >= MOST_HOPS)) {
        assert(w->nwaiting < w->options.nranks);
        w->wants[w->nwaiting++] = (tg_want){*want, tg_now() + rest(want->status)};
    } else if (to >= 0 && to != wanting) {
        pass_on(w, want, to);
    } else if (own) {
        w->search.asked = false;
        w->search.given_up = true;
    } else {
        answer_none(w, want);
    }
}

/* Send on a WANT that has rested. */
static bool send_on(tg_worker *w, const tg_frame *want)
{
    const int32_t to = onward(w, want->epoch, want->from, want->slot);

    if (to < 0 || to == want->slot)
        return false;
    pass_on(w, want, to);
    return true;
}

void tg_takeover_reset(tg_worker *w, const tg_work *work)
{
    if (tg_work_epoch(work) < w->search.epoch) /* a large part may come after a later small one */
        return;
    w->search.epoch = tg_work_epoch(work);
    w->search.parent = work->part.head->parent;
    w->search.given_up = false;
    w->search.idle_since = 0;
}

/* Wants that wait here: give; send on those that have rested long enough at an idle rank, and those
 * of parts that have no tasks left. */
static void look_at_wants(tg_worker *w, bool idle)
{
    const int32_t n = w->nwaiting;
    const double now = idle ? tg_now() : 0;

    for (int32_t i = 0; i < n; i++) {
        const tg_want want = w->wants[0];
        const tg_work *work = tg_worker_find(w, want.frame.epoch);

        w->nwaiting--;
        memmove(w->wants, w->wants + 1, (size_t)w->nwaiting * sizeof want);
        if (give(w, &want.frame))
            continue;
        if (!work || work->tasks_left == 0)
            handle_want(w, &want.frame);
        else if (!idle || now < want.due || !send_on(w, &want.frame))
            w->wants[w->nwaiting++] = want;
    }
}

static bool may_ask(const tg_worker *w)
{
    return w->options.nranks > 1 && w->options.takes && !w->search.asked && !w->search.given_up &&
           !w->stop && !w->full && w->search.epoch > 0;
}

tg_status tg_takeover_turn(tg_worker *w, bool idle)
{
    double now;

    if (w->nwaiting > 0) {
        tg_worker_lock(w);
        if (idle || w->mean_seconds > worth * message_seconds)
            look_at_wants(w, idle);
        tg_worker_unlock(w);
    }
    if (!idle || !may_ask(w)) {
        w->search.idle_since = 0;
        return TG_OK;
    }
    now = tg_now();
    if (w->search.idle_since <= 0)
        w->search.idle_since = now;
    if (now - w->search.idle_since < patience)
        return TG_OK;
    w->search.asked = true;
    w->search.idle_since = 0;
    tg_worker_lock(w);
    handle_want(w, &(tg_frame){.kind = TG_FRAME_WANT,
                               .slot = w->options.rank,
                               .from = w->options.rank,
                               .epoch = w->search.epoch});
    tg_worker_unlock(w);
    return TG_OK;
}

/* One TAKE of those given at one time answers the WANT; the others come sooner or later. */
static tg_status take(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    tg_status status = TG_OK;

    if (frame->slot)
        w->search.asked = false;
    tg_worker_lock(w);
    if (w->first_taken == w->ntaken)
        w->first_taken = w->ntaken = 0;
    status = tg_grow(&w->taken, &w->taken_capacity, w->ntaken + 1, sizeof *w->taken);
    if (status == TG_OK)
        w->taken[w->ntaken++] = payload;
    if (tg_worker_is_threaded(w))
        pthread_cond_broadcast(&w->ready);
    tg_worker_unlock(w);
    return status;
}

/* A task that was given away has ended. With the lock held. */
static void end_given(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    tg_work *work = tg_worker_find(w, frame->epoch);
    const tg_status ended = (tg_status)frame->status;

    assert(work);
    work->given_bytes -= moved_bytes(work, frame->slot);
    if (ended == TG_OK) {
        work->report.done++;
    } else {
        tg_report_failure(&work->report, work->part.task[frame->slot], frame->from, ended,
                          payload ? tg_buffer_data(payload) : "");
    }
    tg_runner_hand_over(w, work, frame->slot, ended, payload);
}

tg_status tg_takeover_deliver(tg_worker *w, const tg_frame *frame, tg_buffer *payload)
{
    if (frame->kind == TG_FRAME_TAKE)
        return take(w, frame, payload);
    if (frame->kind == TG_FRAME_NONE) {
        w->search.asked = false;
        w->search.given_up = frame->epoch == w->search.epoch;
        return TG_OK;
    }
    tg_worker_lock(w);
    if (frame->kind == TG_FRAME_WANT)
        handle_want(w, frame);
    else
        end_given(w, frame, payload);
    if (tg_worker_is_threaded(w))
        pthread_cond_broadcast(&w->ready);
    tg_worker_unlock(w);
    return TG_OK;
}

/* The call that a TAKE describes, inputs where they lie in it. */
static bool unpack_call(tg_runner *runner, tg_buffer *bytes, const take_head *head, tg_call *call)
{
    const char *at = (const char *)tg_buffer_data(bytes) + padded(sizeof *head);
    const int64_t *sizes = (const void *)at;
    const void *code = tg_objects_resolve(runner->worker->options.objects, head->function);

    if (!code ||
        tg_grow(&runner->inputs, &runner->input_capacity, head->ninputs, sizeof *runner->inputs))
        return false;
    at += padded((size_t)head->ninputs * sizeof *sizes);
    *call = (tg_call){.params = at,
                      .params_size = (size_t)head->params_size,
                      .inputs = runner->inputs,
                      .ninputs = head->ninputs};
    memcpy(&call->function, &code, sizeof code);
    at += padded((size_t)head->params_size);
    for (int32_t i = 0; i < head->ninputs; i++) {
        runner->inputs[i] = sizes[i] ? (tg_input){at, (size_t)sizes[i]} : (tg_input){0};
        at += padded((size_t)sizes[i]);
    }
    return true;
}

static tg_buffer *copy_bytes(tg_worker *w, const void *data, size_t size)
{
    tg_buffer *buffer = tg_store_get(w->options.store, size);

    if (buffer && size)
        memcpy(tg_buffer_data(buffer), data, size);
    return buffer;
}

/* When a task taken over ran, what it counted, and what came of it, to its giver. With the lock
 * held. */
static void send_back(tg_runner *runner, const take_head *head, const tg_outcome *end)
{
    tg_worker *w = runner->worker;
    tg_taken_note note = {.event = tg_runner_event(runner, head->task, head->name, end)};
    tg_parcel parcel = {.rank = head->giver,
                        .frame = {.kind = TG_FRAME_EVENT, .epoch = head->epoch}};

    memcpy(note.counted, runner->task.counted, sizeof note.counted);
    memset(runner->task.counted, 0, sizeof note.counted);
    runner->task.has_counted = false;
    parcel.payload = copy_bytes(w, &note, sizeof note);
    parcel.frame.size = sizeof note;
    if (parcel.payload)
        tg_worker_post(w, &parcel);
    parcel.frame.kind = TG_FRAME_TAKEN;
    parcel.frame.status = (int16_t)end->status;
    parcel.frame.slot = head->number;
    parcel.frame.size = end->output ? (int64_t)end->output->size : 0;
    parcel.payload = end->output;
    tg_worker_post(w, &parcel);
}

/* The call as a task of this rank; on failure the output is the message. */
static void run_taken(tg_runner *runner, tg_buffer *bytes, const take_head *head, tg_outcome *end)
{
    tg_worker *w = runner->worker;
    tg_call call;

    end->start = tg_now();
    if (unpack_call(runner, bytes, head, &call))
        tg_runner_call(runner, &call, end);
    else
        end->status = tg_fail(TG_EMPI, "rank %d cannot run a task of rank %" PRId32,
                              w->options.rank, head->giver);
    end->stop = tg_now();
    if (end->status != TG_OK)
        end->output = copy_bytes(w, tg_message(), strlen(tg_message()) + 1);
    else if (end->forwarded >= 0)
        end->output =
            copy_bytes(w, call.inputs[end->forwarded].data, call.inputs[end->forwarded].size);
}

bool tg_takeover_step(tg_runner *runner)
{
    tg_worker *w = runner->worker;
    tg_outcome end = {.forwarded = -1};
    tg_buffer *bytes;
    take_head head;

    if (w->first_taken == w->ntaken)
        return false;
    bytes = w->taken[w->first_taken++];
    memcpy(&head, tg_buffer_data(bytes), sizeof head);
    w->running++;
    tg_worker_unlock(w);
    run_taken(runner, bytes, &head, &end);
    tg_worker_lock(w);
    w->running--;
    tg_store_release(w->options.store, bytes);
    send_back(runner, &head, &end);
    return true;
}
