/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank whose memory is full, with --spill: results go to disk and come back.
 *
 *                  room is wanted                a task needs it
 *   here -> LEAVING --------------> AWAY -> COMING ------------> BOTH -> forgotten at the last use
 *              |                     ^                            |
 *              '-> BOTH (in use)     '---- room is wanted: no writing
 *
 * Which: those that are needed last (Belady 1966). Tasks that wait for few more inputs come before
 * those that wait for many, then in the order of their numbers. A result leaves only while nobody
 * but its slot holds it, so inputs of tasks that run and what is being sent stay. Nothing of this
 * is on the way of a task unless memory is limited and there is a place for results.
 *
 * With several threads the lock is let go while bytes move. The part counts what moves among its
 * events to come, so that it does not end meanwhile.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "exec/worker_state.h"

enum {
    LEAST = 64, /* smaller results stay, bytes */
    SHARE = 16  /* of what memory is allowed at least one part leaves at one time */
};

static tg_away *away_of(const tg_worker *w, const tg_work *work, int32_t slot)
{
    const int32_t number = work->away ? work->away[slot] : 0;

    return number ? &w->disk.away[number - 1] : NULL;
}

/* A new entry for a slot; NULL when memory is out. */
static tg_away *add_away(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_disk *d = &w->disk;
    int32_t number = d->unused;

    if (!work->away)
        work->away = tg_alloc_array(tg_part_nslots(&work->part), sizeof *work->away);
    if (!work->away)
        return NULL;
    if (number > 0) {
        d->unused = d->away[number - 1].next;
    } else {
        if (tg_grow(&d->away, &d->capacity, d->count + 1, sizeof *d->away) != TG_OK)
            return NULL;
        number = (int32_t)++d->count;
    }
    work->away[slot] = number;
    return &d->away[number - 1];
}

static void remove_away(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_disk *d = &w->disk;
    const int32_t number = work->away[slot];

    d->away[number - 1].next = d->unused;
    d->unused = number;
    work->away[slot] = 0;
}

static void forget(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_spill_free(w->options.spill, &away_of(w, work, slot)->place);
    remove_away(w, work, slot);
}

void tg_away_forget(tg_worker *w, tg_work *work)
{
    if (!work->away)
        return;
    for (int64_t s = 0; s < tg_part_nslots(&work->part); s++)
        if (work->away[s])
            forget(w, work, (int32_t)s);
    tg_free(work->away);
    work->away = NULL;
}

bool tg_away_has_input(const tg_worker *w, const tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;

    for (uint32_t e = part->input_begin[number]; work->away && e < part->input_begin[number + 1];
         e++)
        if (away_of(w, work, part->input[e]) && !work->slot[part->input[e]])
            return true;
    return false;
}

/* Wait for what another thread moves. */
static void wait_for_moves(tg_worker *w)
{
    assert(tg_worker_is_threaded(w));
    pthread_cond_wait(&w->disk.moved, &w->lock);
}

static void tell_moves(tg_worker *w)
{
    if (tg_worker_is_threaded(w)) {
        pthread_cond_broadcast(&w->disk.moved);
        pthread_cond_signal(&w->done);
    }
}

/* A slot that could be empty, and when it is needed next: the later, the larger. */
typedef struct victim {
    uint64_t next; /* part, logarithm of the inputs that its task waits for, task */
    tg_work *work;
    int32_t slot;
} victim;

static int latest_first(const void *left, const void *right)
{
    const victim *a = left;
    const victim *b = right;

    return (a->next < b->next) - (a->next > b->next);
}

static bool may_leave(const tg_work *work, int32_t slot)
{
    const tg_buffer *buffer = work->slot[slot];

    return buffer && buffer->size >= LEAST && __atomic_load_n(&buffer->uses, __ATOMIC_RELAXED) == 1;
}

/* When a slot is needed next, as far as tasks end in the order of their numbers. Results for the
 * caller are needed by no task: they stay. */
static bool next_use(const tg_work *work, int32_t slot, uint64_t *next)
{
    const uint32_t begin = work->users_begin[slot], end = work->users_begin[slot + 1];
    const int64_t left = work->uses[slot];
    int32_t task;

    if (left > (int64_t)(end - begin) || left == 0)
        return false;
    task = work->users[end - left];
    *next = (uint64_t)(64 - __builtin_clzll((uint64_t)work->waiting[task] * 2 + 1)) << 32 |
            (uint32_t)task;
    return true;
}

static bool is_pinned(const tg_work *work, int32_t slot)
{
    for (int64_t i = 0; i < work->part.head->npins; i++)
        if (work->part.pin[i] == slot)
            return true;
    return false;
}

/* All slots that may leave, those needed last first; *count of them, malloc; NULL: none. */
static victim *find_victims(const tg_worker *w, int64_t *count)
{
    victim *victims = NULL;
    int64_t capacity = 0;

    *count = 0;
    for (int64_t i = 0; i < w->nworks; i++) {
        tg_work *work = w->works[i];

        for (int32_t s = 0; s < tg_part_nslots(&work->part); s++) {
            uint64_t next;

            if (!may_leave(work, s) || !next_use(work, s, &next))
                continue;
            if (tg_grow(&victims, &capacity, *count + 1, sizeof *victims) != TG_OK)
                break;
            victims[(*count)++] = (victim){(uint64_t)i << 40 | next, work, s};
        }
    }
    if (*count)
        qsort(victims, (size_t)*count, sizeof *victims, latest_first);
    return victims;
}

static void empty_slot(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_store_release(w->options.store, work->slot[slot]);
    work->slot[slot] = NULL;
}

/* Nothing of a part that was given up is needed. */
static void discard(tg_worker *w, tg_work *work, int32_t slot)
{
    if (away_of(w, work, slot))
        forget(w, work, slot);
    empty_slot(w, work, slot);
    work->failure[slot] = TG_EINTERRUPTED;
    work->any_failure = true;
}

/* Results can leave no more: this rank's parts are given up, and the message says why. */
static void give_up(tg_worker *w, tg_status status)
{
    for (int64_t i = 0; i < w->nworks; i++) {
        tg_work *work = w->works[i];

        if (!work->cancelled)
            tg_report_failure(&work->report, -1, w->options.rank, status, tg_message());
        work->cancelled = true;
    }
}

/* A result has been written: its slot gives it up, unless it was taken into use meanwhile or used
 * up. */
static void leave(tg_worker *w, tg_work *work, int32_t slot, tg_buffer *buffer)
{
    tg_away *away = away_of(w, work, slot);

    if (work->slot[slot] != buffer) {
        forget(w, work, slot);
    } else if (__atomic_load_n(&buffer->uses, __ATOMIC_RELAXED) > 2) {
        away->state = TG_BOTH;
    } else {
        away->state = TG_IS_AWAY;
        empty_slot(w, work, slot);
    }
}

/* Write a result to disk. */
static tg_status move_out(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_buffer *buffer = work->slot[slot];
    tg_away *away = add_away(w, work, slot);
    tg_spilled place;
    tg_status status;

    if (!away)
        return TG_ENOMEM;
    away->state = TG_LEAVING;
    tg_store_hold(w->options.store, buffer);
    work->events_due++;
    tg_worker_unlock(w);
    status = tg_spill_write(w->options.spill, tg_buffer_data(buffer), buffer->size, &place);
    tg_worker_lock(w);
    work->events_due--;
    if (status == TG_OK) {
        away_of(w, work, slot)->place = place;
        leave(w, work, slot, buffer);
    } else {
        remove_away(w, work, slot);
    }
    tg_store_release(w->options.store, buffer);
    return status;
}

static bool is_worked_on(const tg_worker *w, const tg_work *work)
{
    for (int64_t i = 0; i < w->nworks; i++)
        if (w->works[i] == work)
            return true;
    return false;
}

/* False: it stays. */
static bool let_leave(tg_worker *w, const victim *v)
{
    tg_status status = TG_OK;
    tg_away *away;

    if (!is_worked_on(w, v->work) || !may_leave(v->work, v->slot)) /* things change meanwhile */
        return false;
    if (is_pinned(v->work, v->slot))
        return false;
    away = away_of(w, v->work, v->slot);
    if (v->work->cancelled) {
        discard(w, v->work, v->slot);
    } else if (away) {
        assert(away->state == TG_BOTH);
        away->state = TG_IS_AWAY;
        empty_slot(w, v->work, v->slot);
    } else {
        status = move_out(w, v->work, v->slot);
    }
    if (status != TG_OK)
        give_up(w, status);
    return true;
}

/* Bytes that may still be used. */
static int64_t room_left(const tg_worker *w)
{
    return w->limit - tg_store_held(w->options.store) - w->needed - w->disk.promised;
}

/* Let results leave until there is room for so many bytes, and for some anyway; false: none can. */
static bool evict(tg_worker *w, int64_t bytes)
{
    bool left = false;
    int64_t count, wanted;
    victim *victims = find_victims(w, &count);

    tg_worker_limit(w);
    wanted = bytes > w->limit / SHARE ? bytes : w->limit / SHARE;
    for (int64_t i = 0; i < count && room_left(w) < wanted; i++)
        left = let_leave(w, &victims[i]) || left;
    tg_free(victims);
    return left;
}

/* Looking at all slots in vain takes so much time that it is not done again at once, unless others
 * let go of theirs. */
static void rest(tg_worker *w)
{
    for (int64_t i = 0; i < w->nworks && w->disk.holders == 0; i++)
        w->disk.rest += tg_part_nslots(&w->works[i]->part) / 256;
}

/* For one thread at a time: two that hold their inputs would wait for each other's room. */
static bool make_room(tg_worker *w, int64_t bytes)
{
    while (room_left(w) < bytes) {
        if (w->disk.rest > 0)
            return w->disk.rest--, false;
        if (!evict(w, bytes))
            return rest(w), false;
    }
    return true;
}

void tg_away_relieve(tg_worker *w)
{
    if (!w->options.spill || w->disk.clearing || tg_store_held(w->options.store) <= w->limit)
        return;
    w->disk.clearing = true;
    (void)make_room(w, 0);
    w->disk.clearing = false;
    tell_moves(w);
}

static void read_failed(tg_worker *w, tg_work *work, int32_t slot, tg_status status)
{
    forget(w, work, slot);
    work->failure[slot] = (uint8_t)status;
    work->any_failure = true;
    tg_report_failure(&work->report, -1, w->options.rank, status, tg_message());
}

static void move_in(tg_worker *w, tg_work *work, int32_t slot)
{
    tg_away *away = away_of(w, work, slot);
    const tg_spilled place = away->place;
    tg_status status = TG_ENOMEM;
    tg_buffer *buffer;

    away->state = TG_COMING;
    work->events_due++;
    tg_worker_unlock(w);
    buffer = tg_store_get(w->options.store, place.size);
    if (buffer)
        status = tg_spill_read(w->options.spill, &place, tg_buffer_data(buffer));
    tg_worker_lock(w);
    work->events_due--;
    if (status == TG_OK) {
        away_of(w, work, slot)->state = TG_BOTH;
        work->slot[slot] = buffer;
    } else {
        tg_store_release(w->options.store, buffer);
        read_failed(w, work, slot, status);
    }
    tell_moves(w);
}

/* A slot's result here, however often others send it away meanwhile. */
static void bring(tg_worker *w, tg_work *work, int32_t slot)
{
    const tg_away *away;

    while (!work->slot[slot] && (away = away_of(w, work, slot))) {
        if (away->state == TG_COMING)
            wait_for_moves(w);
        else
            move_in(w, work, slot);
    }
}

static void hold_input(tg_runner *runner, tg_buffer *buffer)
{
    if (!buffer)
        return;
    tg_store_hold(runner->worker->options.store, buffer);
    runner->held[runner->nheld++] = buffer;
}

static void release_inputs(tg_runner *runner)
{
    while (runner->nheld > 0)
        tg_store_release(runner->worker->options.store, runner->held[--runner->nheld]);
}

/* Hold the inputs that are here; the bytes of the others. */
static int64_t hold_inputs(tg_runner *runner, const tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;
    int64_t bytes = 0;

    for (uint32_t e = part->input_begin[number]; e < part->input_begin[number + 1]; e++) {
        const int32_t slot = part->input[e];
        const tg_away *away = away_of(runner->worker, work, slot);

        if (work->slot[slot])
            hold_input(runner, work->slot[slot]);
        else if (away)
            bytes += (int64_t)away->place.size;
    }
    return bytes;
}

/* Bring and hold those that are not held yet. */
static void bring_inputs(tg_runner *runner, tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;
    const int64_t before = runner->nheld;
    int64_t here = 0;

    for (uint32_t e = part->input_begin[number]; e < part->input_begin[number + 1]; e++) {
        const int32_t slot = part->input[e];

        if (here < before && work->slot[slot] == runner->held[here]) {
            here++;
            continue;
        }
        bring(runner->worker, work, slot);
        hold_input(runner, work->slot[slot]);
    }
}

/* What is on disk of inputs that this task is the last to use. */
static void forget_last_uses(tg_worker *w, tg_work *work, int32_t number)
{
    const tg_part *part = &work->part;

    for (uint32_t e = part->input_begin[number]; e < part->input_begin[number + 1]; e++) {
        const int32_t slot = part->input[e];
        const tg_away *away = work->uses[slot] == 1 ? away_of(w, work, slot) : NULL;

        if (away && (away->state == TG_BOTH || away->state == TG_IS_AWAY))
            forget(w, work, slot);
    }
}

/* May there be room later without this task? */
static bool room_may_come(tg_worker *w)
{
    if (w->running == 0 && w->disk.holders == 0 && w->noutbox == 0 && !w->sending)
        return false;
    w->full = true; /* threads are woken when something has left */
    return true;
}

/* Hold the inputs that are here and promise the task room for the others and its output; false: it
 * has to wait. *coming: bytes of the others. */
static bool take_room(tg_runner *runner, const tg_work *work, int32_t number, int64_t *coming)
{
    tg_worker *w = runner->worker;
    bool room;

    while (w->disk.clearing)
        wait_for_moves(w);
    w->disk.clearing = true;
    *coming = hold_inputs(runner, work, number);
    room = make_room(w, *coming + tg_work_bytes(work, number)) || !room_may_come(w);
    if (room) {
        runner->promised = (int64_t)work->part.output_bytes[number];
        runner->holds = true;
        w->disk.holders++;
        w->disk.promised += *coming + runner->promised;
    } else {
        release_inputs(runner);
    }
    w->disk.clearing = false;
    tell_moves(w);
    return room;
}

bool tg_away_begin(tg_runner *runner, tg_work *work, int32_t number)
{
    tg_worker *w = runner->worker;
    const int64_t ninputs =
        (int64_t)work->part.input_begin[number + 1] - work->part.input_begin[number];
    tg_status status = TG_OK;
    int64_t coming;

    runner->nheld = runner->promised = 0;
    runner->holds = false;
    if (tg_runner_will_run(w, work, number))
        status = tg_grow(&runner->held, &runner->held_capacity, ninputs, sizeof(tg_buffer *));
    if (status != TG_OK)
        give_up(w, status);
    if (tg_runner_will_run(w, work, number)) {
        if (!take_room(runner, work, number, &coming))
            return false;
        bring_inputs(runner, work, number);
        w->disk.promised -= coming;
    }
    if (work->away)
        forget_last_uses(w, work, number);
    return true;
}

void tg_away_end(tg_runner *runner)
{
    runner->worker->disk.promised -= runner->promised;
    runner->worker->disk.holders -= runner->holds;
    release_inputs(runner);
}
