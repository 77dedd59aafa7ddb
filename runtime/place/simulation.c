/* SPDX-License-Identifier: BSD-3-Clause */
/* See simulation.h: heaps, and the state at the beginning. */
#include "place/simulation.h"

#include <inttypes.h>

#include "base/heap.h"
#include "base/memory.h"

static bool before(const tg_simulation_event *a, const tg_simulation_event *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->what < b->what;
}

tg_status tg_simulation_push_event(tg_simulation *s, tg_simulation_event e)
{
    tg_status status = TG_OK;
    int64_t at = s->nevents;

    TG_TRY(tg_grow(&s->events, &s->event_capacity, s->nevents + 1, sizeof *s->events));
    for (s->nevents++; at > 0 && before(&e, &s->events[(at - 1) / 2]); at = (at - 1) / 2)
        s->events[at] = s->events[(at - 1) / 2];
    s->events[at] = e;
out:
    return status;
}

tg_simulation_event tg_simulation_pop_event(tg_simulation *s)
{
    const tg_simulation_event first = s->events[0], last = s->events[--s->nevents];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < s->nevents && before(&s->events[child + 1], &s->events[child]))
            child++;
        if (child >= s->nevents || !before(&s->events[child], &last))
            break;
        s->events[at] = s->events[child];
        at = child;
    }
    s->events[at] = last;
    return first;
}

/* Added to the position of a source; parts have fewer tasks. */
enum { BEHIND = 1 << 30 };

static bool is_source(const tg_graph *g, int32_t task)
{
    const int32_t *input = tg_graph_inputs(g, task);

    for (int k = 0; k < tg_graph_ninputs(g, task); k++)
        if (g->task[input[k]].function != TG_GRAPH_VALUE)
            return false;
    return !(g->task[task].flags & TG_TASK_URGENT);
}

void tg_simulation_push_ready(tg_simulation *s, int32_t task)
{
    const int32_t r = s->flow->placement->rank[task];
    const bool in_order = s->flow->placement->in_phases && s->memory == 0;
    const bool behind = !in_order && is_source(s->graph, task);
    const int32_t key = s->flow->position[task] | (behind ? BEHIND : 0);

    tg_heap_push(s->ready + s->flow->begin[r], s->ranks[r].nready++, key);
}

bool tg_simulation_waits_for_room(const tg_simulation *s, int32_t r)
{
    const int32_t key = s->ready[s->flow->begin[r]], task = s->flow->mine[key & ~BEHIND];

    return s->memory && (key & BEHIND) &&
           s->ranks[r].bytes + (int64_t)s->graph->task[task].output_bytes > s->memory;
}

int32_t tg_simulation_pop_ready(tg_simulation *s, int32_t r)
{
    const int32_t key = tg_heap_pop(s->ready + s->flow->begin[r], s->ranks[r].nready--);

    return s->flow->mine[key & ~BEHIND];
}

/* Tasks of one affinity run one after the other on their rank. */
static tg_status chain_affinities(tg_simulation *s)
{
    tg_status status = TG_OK;
    const tg_flow *f = s->flow;
    int32_t *last = NULL, *last_rank = NULL;

    if (!s->graph->naffinities)
        return TG_OK;
    last = tg_alloc_array(s->graph->naffinities + 1, sizeof *last);
    last_rank = tg_alloc_array(s->graph->naffinities + 1, sizeof *last_rank);
    s->successor = tg_alloc_array(s->graph->ntasks, sizeof *s->successor);
    TG_NEED(last && last_rank && s->successor, TG_ENOMEM, "out of memory: %" PRId64 " affinities",
            s->graph->naffinities);
    for (int64_t at = 0; at < f->begin[s->machine->nranks]; at++) {
        const int32_t t = f->mine[at], a = tg_graph_affinity(s->graph, t),
                      r = f->placement->rank[t];

        if (a && last[a] && last_rank[a] == r) {
            s->successor[last[a] - 1] = t + 1;
            s->waiting[t]++;
        }
        last[a] = t + 1;
        last_rank[a] = r;
    }
out:
    tg_free(last);
    tg_free(last_rank);
    return status;
}

tg_status tg_simulation_prepare(tg_simulation *s)
{
    tg_status status = TG_OK;
    const tg_flow *f = s->flow;
    const tg_graph *g = s->graph;
    const int64_t n = g->ntasks, nusers = f->user_begin[n];

    s->ranks = tg_alloc_array(s->machine->nranks, sizeof *s->ranks);
    s->ready = tg_alloc_array(f->placement->count, sizeof *s->ready);
    s->waiting = tg_alloc_array(n, sizeof *s->waiting);
    s->left = tg_copy_of(f->size, (size_t)nusers * sizeof *s->left);
    s->holds = tg_alloc_array(n, sizeof *s->holds);
    TG_NEED(s->ranks && s->ready && s->waiting && s->left && s->holds, TG_ENOMEM,
            "out of memory: a simulation of %" PRId64 " tasks", n);
    for (int r = 0; r < s->machine->nranks; r++) {
        s->ranks[r].idle = s->machine->threads[r];
        s->ranks[r].alone = s->machine->threads[r] == 1;
    }
    for (int64_t at = 0; at < f->begin[s->machine->nranks]; at++) {
        const int32_t t = f->mine[at];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            s->waiting[t] += g->task[tg_graph_inputs(g, t)[k]].function != TG_GRAPH_VALUE;
    }
    TG_TRY(chain_affinities(s));
    for (int64_t i = 0; i < f->placement->count; i++) {
        const int32_t t = f->placement->order[i];

        for (int64_t u = f->user_begin[t];
             g->task[t].function == TG_GRAPH_VALUE && u < f->user_begin[t + 1]; u += f->size[u])
            tg_simulation_take_bytes(s, tg_flow_rank(f, f->user[u]), tg_graph_params_size(g, t));
    }
out:
    return status;
}

void tg_simulation_clear(tg_simulation *s)
{
    tg_free(s->ranks);
    tg_free(s->ready);
    tg_free(s->waiting);
    tg_free(s->successor);
    tg_free(s->left);
    tg_free(s->holds);
    tg_free(s->events);
}
