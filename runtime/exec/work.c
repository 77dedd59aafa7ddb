/* SPDX-License-Identifier: BSD-3-Clause */
/* See work.h. */
#include "exec/work.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A task that needs no results of tasks. One of raised priority does not wait behind others. */
static bool is_source(const tg_work *work, int32_t task)
{
    const tg_part *part = &work->part;
    const int64_t first = part->head->ntasks, end = first + part->head->nvalues;

    if (part->flags[task] & TG_TASK_URGENT)
        return false;
    for (int64_t e = part->input_begin[task]; e < part->input_begin[task + 1]; e++)
        if (part->input[e] < first || part->input[e] >= end)
            return false;
    return true;
}

void tg_work_push(tg_work *work, int32_t task)
{
    if (is_source(work, task))
        tg_ready_push(&work->sources, task);
    else
        tg_work_push_ready(work, task);
}

int64_t tg_work_bytes(const tg_work *work, int32_t task)
{
    return (int64_t)work->part.output_bytes[task] +
           (work->part.need ? work->part.need[task].memory : 0);
}

/* Which list a task must wait in, -1: none. A task that needs no memory but for its output does not
 * wait for that: what is begun is finished. */
static int must_wait_in(const tg_work *work, int32_t task, const tg_allowance *allowed)
{
    const tg_need *need = &work->part.need[task];
    const uint64_t busy = need->resources & allowed->busy;

    if (busy)
        return __builtin_ctzll(busy);
    if (need->memory > 0 && tg_work_bytes(work, task) > allowed->memory && !allowed->forced)
        return TG_FOR_MEMORY;
    return -1;
}

/* The first of those postponed that need not wait any more; one of a list may have to go on waiting
 * in another one. */
static int32_t pop_postponed(tg_work *work, const tg_allowance *allowed)
{
    tg_postponed *p = &work->postponed;
    uint64_t left = p->waiting & ~allowed->busy;

    while (left) {
        const int list = __builtin_ctzll(left);
        const int32_t task = p->first[list];
        const int next = must_wait_in(work, task, allowed);

        if (next != list)
            (void)tg_postponed_take(p, list);
        if (next < 0)
            return task;
        if (next != list)
            tg_postponed_add(p, next, task);
        if (next == list || !(p->waiting & UINT64_C(1) << list))
            left &= left - 1;
    }
    return -1;
}

/* The same where tasks need things of their rank. */
static int32_t pop_needy(tg_work *work, const tg_allowance *allowed)
{
    int32_t task = pop_postponed(work, allowed);

    while (task < 0 && (task = tg_work_pop_first(work, allowed->sources)) >= 0) {
        const int list = must_wait_in(work, task, allowed);

        if (list < 0)
            break;
        tg_postponed_add(&work->postponed, list, task);
        task = -1;
    }
    return task;
}

int32_t tg_work_pop(tg_work *work, const tg_allowance *allowed)
{
    return work->part.need ? pop_needy(work, allowed) : tg_work_pop_first(work, allowed->sources);
}

/* A rank with so many tasks that use results gives away no sources: more results would come. */
enum { BACKLOG = 8 };

static bool needs_too_much(const tg_work *work, int32_t task, bool any_memory)
{
    const tg_need *need = work->part.need ? &work->part.need[task] : NULL;

    return need && (need->resources || (need->memory && !any_memory));
}

/* The last entry of a heap is late enough. Sources are cheapest to move. */
int32_t tg_work_pop_last(tg_work *work, bool any_memory)
{
    const bool behind = work->ready.count > BACKLOG; /* results wait here to be used */
    tg_ready *heap = work->sources.count && !behind ? &work->sources
                     : work->ready.count            ? &work->ready
                                                    : &work->pushing;
    const int32_t task = heap->count ? heap->task[heap->count - 1] : -1;

    if (task < 0 || (work->part.flags[task] & TG_TASK_ROOT) ||
        tg_part_affinity(&work->part, task) || needs_too_much(work, task, any_memory))
        return -1;
    heap->count--;
    return task;
}

/* The arrays of a part and where they lie: those that must begin with zeros first. */
typedef struct layout {
    void *array; /* T **: where to put its address */
    int64_t count;
    size_t size; /* of an element */
    bool zeros;
} layout;

static size_t array_bytes(const layout *its)
{
    return tg_round_up((size_t)its->count * its->size, TG_ALIGNMENT);
}

/* One piece of memory for all arrays, the last part's where it is large enough. */
static tg_status lay_out(tg_work *work, const layout *arrays, int n)
{
    tg_room *room = work->room;
    size_t size = TG_ALIGNMENT, zeros = 0;
    char *at;

    for (int i = 0; i < n; i++) {
        size += array_bytes(&arrays[i]);
        zeros += arrays[i].zeros ? array_bytes(&arrays[i]) : 0;
    }
    if (room->size < size) {
        free(room->memory);
        *room = (tg_room){aligned_alloc(TG_ALIGNMENT, size), size};
    }
    work->memory = room->memory;
    work->memory_size = room->size;
    *room = (tg_room){0};
    if (!work->memory)
        return tg_fail(TG_ENOMEM, "out of memory: a part of %" PRId64 " tasks",
                       work->part.head->ntasks);
    at = work->memory;
    memset(at, 0, zeros);
    for (int i = 0; i < n; i++) {
        memcpy(arrays[i].array, &(void *){at}, sizeof(void *));
        at += array_bytes(&arrays[i]);
    }
    return TG_OK;
}

static tg_status allocate(tg_work *work)
{
    const tg_part_head *h = work->part.head;
    const int64_t nslots = tg_part_nslots(&work->part), n = h->ntasks;
    const layout arrays[] = {
        {&work->slot, nslots, sizeof *work->slot, true},
        {&work->failure, nslots, sizeof *work->failure, true},
        {&work->users_begin, nslots + 2, sizeof *work->users_begin, true},
        {&work->uses, nslots, sizeof *work->uses, false},
        {&work->call, h->nfunctions, sizeof *work->call, false},
        {&work->waiting, n, sizeof *work->waiting, false},
        {&work->users, h->nedges, sizeof *work->users, false},
        {&work->pushing.task, n, sizeof *work->pushing.task, false},
        {&work->ready.task, n, sizeof *work->ready.task, false},
        {&work->sources.task, n, sizeof *work->sources.task, false},
        {&work->postponed.next, h->has_needs ? n : 0, sizeof *work->postponed.next, false},
        {&work->resident, h->has_handles ? n : 0, sizeof *work->resident, false},
        {&work->successor, h->has_affinities ? n : 0, sizeof *work->successor, false},
    };
    const tg_status status = lay_out(work, arrays, sizeof arrays / sizeof *arrays);

    if (!h->has_affinities)
        work->successor = NULL;
    return status;
}

static tg_status find_functions(tg_work *work, const tg_objects *objects)
{
    tg_status status = TG_OK;

    for (int64_t f = 0; f < work->part.head->nfunctions; f++) {
        const tg_reference reference = work->part.function[f].reference;
        const void *code = tg_objects_resolve(objects, reference);

        TG_NEED(code, TG_EMPI,
                "a task's function is in %s, of which this rank has loaded no file of the same "
                "build-id",
                reference.object < (uint64_t)objects->count ? objects->object[reference.object].path
                                                            : "an unknown file");
        memcpy(&work->call[f], &code, sizeof code);
    }
out:
    return status;
}

/* Who uses which slot: a counting sort of the edges by slot. */
static void find_users(tg_work *work)
{
    const tg_part *part = &work->part;
    const int64_t nslots = tg_part_nslots(part);
    const int32_t *input = part->input;
    uint32_t *begin = work->users_begin, *at = begin + 1, count;
    int32_t *users = work->users;

    for (int64_t e = 0; e < part->head->nedges; e++)
        begin[input[e] + 2]++;
    for (int64_t s = 0; s < nslots; s++) {
        count = begin[s + 2];
        work->uses[s] = (int32_t)count;
        begin[s + 2] = begin[s + 1] + count;
    }
    for (int32_t t = 0; t < part->head->ntasks; t++) {
        const int32_t *end = part->input + part->input_begin[t + 1];

        work->waiting[t] = (int32_t)(end - input);
        for (; input < end; input++)
            users[at[*input]++] = t;
    }
    for (int64_t i = 0; i < part->head->npins; i++)
        work->uses[part->pin[i]]++;
}

/* Tasks of one affinity run one after the other: each waits for the one before. */
static tg_status chain_affinities(tg_work *work)
{
    const tg_part *part = &work->part;
    int32_t highest = 0, *last;

    if (!part->affinity)
        return TG_OK;
    for (int64_t t = 0; t < part->head->ntasks; t++) {
        work->successor[t] = -1;
        highest = tg_part_affinity(part, t) > highest ? tg_part_affinity(part, t) : highest;
    }
    last = tg_alloc_array(highest + 1, sizeof *last);
    if (!last)
        return tg_fail(TG_ENOMEM, "out of memory: %" PRId32 " affinities", highest);
    for (int64_t t = 0; t < part->head->ntasks; t++) {
        const int32_t a = part->affinity[t];

        if (a && last[a]) {
            work->successor[last[a] - 1] = (int32_t)t;
            work->waiting[t]++;
        }
        last[a] = (int32_t)t + 1;
    }
    tg_free(last);
    return TG_OK;
}

/* One thing less that a task waits for. */
static void wake(tg_work *work, int32_t task)
{
    assert(work->waiting[task] > 0);
    if (--work->waiting[task] == 0)
        tg_work_push(work, task);
}

static tg_status fill_values(tg_work *work)
{
    const tg_part *part = &work->part;

    for (int64_t v = 0; v < part->head->nvalues; v++) {
        const int64_t at = part->head->ntasks + v;
        const size_t size = (size_t)tg_part_params_size(part, at);
        tg_buffer *buffer = tg_store_get(work->store, size);

        if (!buffer)
            return TG_ENOMEM;
        memcpy(tg_buffer_data(buffer), tg_part_params(part, at), size);
        tg_work_fill(work, (int32_t)at, TG_OK, buffer);
        for (uint32_t u = work->users_begin[at]; u < work->users_begin[at + 1]; u++)
            wake(work, work->users[u]);
    }
    return TG_OK;
}

tg_status tg_work_begin(tg_buffer *bytes, const tg_objects *objects, tg_store *store, tg_room *room,
                        tg_work **out)
{
    tg_status status = TG_OK;
    tg_work *work = tg_zalloc(sizeof *work);

    if (!work)
        tg_store_release(store, bytes);
    TG_NEED(work, TG_ENOMEM, "out of memory for a part of a plan");
    work->bytes = bytes;
    work->store = store;
    work->room = room;
    TG_TRY(tg_part_read(tg_buffer_data(bytes), (int64_t)bytes->size, &work->part));
    TG_TRY(allocate(work));
    TG_TRY(find_functions(work, objects));
    find_users(work);
    TG_TRY(chain_affinities(work));
    work->tasks_left = work->part.head->ntasks;
    work->arrivals_left = work->part.head->nremote;
    for (int64_t t = 0; t < work->part.head->ntasks; t++)
        if (work->part.call[t] == TG_CALL_RESIDENT)
            work->resident[work->nresident++] = (int32_t)t;
        else if (work->waiting[t] == 0)
            tg_work_push(work, (int32_t)t);
    TG_TRY(fill_values(work));
    *out = work;
    work = NULL;
out:
    tg_work_end(&work);
    return status;
}

void tg_work_end(tg_work **work)
{
    tg_work *w = *work;

    if (!w)
        return;
    for (int64_t s = 0; w->memory && s < tg_part_nslots(&w->part); s++)
        tg_store_release(w->store, w->slot[s]);
    if (w->memory_size > w->room->size) {
        free(w->room->memory);
        *w->room = (tg_room){w->memory, w->memory_size};
    } else {
        free(w->memory);
    }
    tg_event_log_clear(&w->events);
    tg_store_release(w->store, w->bytes);
    tg_free(w);
    *work = NULL;
}

tg_status tg_work_inherited(const tg_work *work, int32_t task)
{
    const tg_part *part = &work->part;

    if (!work->any_failure)
        return TG_OK;
    for (int64_t e = part->input_begin[task]; e < part->input_begin[task + 1]; e++)
        if (work->failure[part->input[e]] != TG_OK)
            return (tg_status)work->failure[part->input[e]];
    return TG_OK;
}

void tg_work_follow(tg_work *work, int32_t task)
{
    if (work->successor[task] >= 0)
        wake(work, work->successor[task]);
}

void tg_work_arrive(tg_work *work, int32_t slot, tg_status status, tg_buffer *buffer)
{
    assert(slot >= work->part.head->ntasks + work->part.head->nvalues);
    assert(slot < tg_part_nslots(&work->part));
    work->arrivals_left--;
    tg_work_fill(work, slot, status, buffer);
    tg_work_wake_users(work, slot);
}
