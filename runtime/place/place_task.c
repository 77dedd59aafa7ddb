/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who holds the inputs of each task, and with it where it runs (place_choice.c).
 *
 * Most tasks have few inputs: each is compared with each, without branches, which nothing could
 * foretell where inputs lie anywhere. For that what a host and a rank hold are one number, the
 * score, the host's bytes above the rank's. Where the best holder has room that is all. Inputs of
 * tasks with many or large ones are added up by rank.
 */
#include "place/place_task.h"

#include <inttypes.h>

#include "base/memory.h"

/* Inputs that are compared with each other. */
enum { FEW = 6 };

/* So many tasks before their turn their rows of inputs and these are fetched; in levels that do not
 * stay in the cache, what they hold as well. */
enum { WIDE = 1 << 14, AHEAD_ROW = 16, AHEAD_INPUTS = 8, AHEAD_HOLDERS = 4 };

/* Where a task runs. */
typedef struct place {
    int32_t rank, phase;
    double kept; /* bytes of its inputs times phases that they wait for it */
} place;

tg_status tg_tasks_create(tg_placer *p, tg_loads *loads, tg_tasks *out)
{
    tg_status status = TG_OK;
    const tg_machine *m = p->machine;
    tg_tasks t = {.p = p,
                  .loads = loads,
                  .all_work = p->nworkers == m->nranks,
                  .any_home = p->nworkers == m->nranks && !p->column,
                  .on_host = tg_alloc_array(m->nhosts, sizeof *t.on_host),
                  .entry = tg_alloc_array(m->nranks, sizeof *t.entry)};

    TG_NEED(t.on_host && t.entry, TG_ENOMEM, "out of memory: %" PRId32 " ranks", m->nranks);
    TG_TRY(tg_choice_create(p, loads, &t.choice));
    TG_TRY(tg_grow(&t.choice.holder, &t.choice.capacity, FEW, sizeof *t.choice.holder));
    *out = t;
    t = (tg_tasks){0};
out:
    tg_tasks_clear(&t);
    return status;
}

void tg_tasks_clear(tg_tasks *t)
{
    tg_choice_clear(&t->choice);
    tg_free(t->on_host);
    tg_free(t->entry);
    *t = (tg_tasks){0};
}

/* Inlined always: to the compiler, what only fetches has no effect, and it leaves calls out. */
__attribute__((always_inline)) static inline void fetch(const tg_placer *p, int64_t at, bool wide)
{
    const tg_graph *g = p->graph;
    const int32_t *task = p->by_level + at;

    if (at + AHEAD_ROW >= p->level_begin[p->nlevels])
        return;
    __builtin_prefetch(&g->input_begin[task[AHEAD_ROW]]);
    __builtin_prefetch(tg_graph_inputs(g, task[AHEAD_INPUTS]));
    __builtin_prefetch(&g->task[task[AHEAD_ROW]].flags);
    __builtin_prefetch(&p->out->rank[task[AHEAD_ROW]], 1);
    if (!wide)
        return;
    for (uint32_t e = g->input_begin[task[AHEAD_HOLDERS]];
         e < g->input_begin[task[AHEAD_HOLDERS] + 1]; e++) {
        __builtin_prefetch(&p->out->rank[g->input[e]]);
        __builtin_prefetch(&p->level[g->input[e]]);
        __builtin_prefetch(&g->task[g->input[e]].output_bytes);
    }
}

static inline int64_t bytes_of(const tg_graph *g, int32_t task)
{
    const float bytes = g->task[task].output_bytes;

    return (int64_t)(bytes > 1 ? bytes : 1);
}

/* The one with the highest score, of equals the first. */
__attribute__((always_inline)) static inline int32_t best_of(const int32_t *rank,
                                                             const uint64_t *score, int n)
{
    uint64_t most = score[0];
    int32_t home = rank[0];

    for (int k = 1; k < n; k++) {
        const uint64_t more = -(uint64_t)(score[k] > most);

        home ^= (home ^ rank[k]) & (int32_t)more;
        most ^= (most ^ score[k]) & more;
    }
    return home;
}

/* For a task that the best holder cannot just take. */
static int32_t elsewhere(tg_tasks *tasks, int32_t task, int32_t home)
{
    tg_choice *c = &tasks->choice;
    int32_t rank;

    if (tasks->any_home)
        rank = tg_choice_leave(c, home);
    else
        rank = tg_choice_make(c, task, tasks->all_work ? home : tg_choice_home(c));
    tg_loads_take(tasks->loads, rank);
    return rank;
}

/* A task of n inputs; false: they have too many bytes. Inlined always, with a constant n, so that
 * all loops are unrolled and all is in registers. */
__attribute__((always_inline)) static inline bool place_few(tg_tasks *tasks, int32_t task, int n,
                                                            place *out)
{
    const tg_placer *p = tasks->p;
    const int32_t *input = tg_graph_inputs(p->graph, task);
    const int32_t *host_of = p->machine->host, *rank_of = p->out->rank, *phase_of = p->level;
    tg_choice *c = &tasks->choice;
    int32_t rank[FEW], host[FEW], phase = 0;
    uint64_t score[FEW];
    int64_t bytes[FEW], all = 0, kept = 0;

    for (int k = 0; k < n; k++) {
        rank[k] = rank_of[input[k]];
        host[k] = host_of[rank[k]];
        bytes[k] = bytes_of(p->graph, input[k]);
        score[k] = ((uint64_t)bytes[k] << TG_SCORE_BITS) + (uint64_t)bytes[k];
        all += bytes[k];
    }
    if (all >> TG_SCORE_BITS)
        return false;
    for (int k = 1; k < n; k++)
        for (int i = 0; i < k; i++) {
            const uint64_t near = host[i] == host[k], same = rank[i] == rank[k];
            const uint64_t shared = (near << TG_SCORE_BITS) + same;

            score[i] += (uint64_t)bytes[k] * shared;
            score[k] += (uint64_t)bytes[i] * shared;
        }
    out->rank = best_of(rank, score, n);
    if (!tasks->any_home || !tg_loads_try(tasks->loads, out->rank)) {
        for (int k = 0; k < n; k++)
            c->holder[k] = (tg_holder){.rank = rank[k], .host = host[k], .score = score[k]};
        c->nholders = n;
        c->bytes = all;
        out->rank = elsewhere(tasks, task, out->rank);
    }
    for (int k = 0; k < n; k++) {
        const int32_t its = phase_of[input[k]] + (rank[k] != out->rank);

        phase = its > phase ? its : phase;
    }
    for (int k = 0; k < n; k++)
        kept += bytes[k] * (phase - phase_of[input[k]]);
    out->phase = phase;
    out->kept = (double)kept;
    return true;
}

/* What each rank holds; constants lie nowhere. The sum of bytes times phase. */
static double add_up(tg_tasks *t, const int32_t *input, int n)
{
    const tg_placer *p = t->p;
    tg_choice *c = &t->choice;
    double bytes_phases = 0;

    c->nholders = c->bytes = 0;
    for (int k = 0; k < n; k++) {
        const int32_t rank = p->out->rank[input[k]], phase = p->level[input[k]];
        const int64_t bytes = bytes_of(p->graph, input[k]);
        tg_holder *its;

        if (rank < 0)
            continue;
        c->bytes += bytes;
        bytes_phases += (double)bytes * phase;
        t->on_host[p->machine->host[rank]] += bytes;
        if (!t->entry[rank]) {
            c->holder[c->nholders++] =
                (tg_holder){.rank = rank, .host = p->machine->host[rank], .phase = phase};
            t->entry[rank] = (int32_t)c->nholders;
        }
        its = &c->holder[t->entry[rank] - 1];
        its->score += (uint64_t)bytes;
        its->phase = phase > its->phase ? phase : its->phase;
    }
    return bytes_phases;
}

/* Bytes of ranks become scores; where there are very many, the last bits do not count. */
static void find_scores(tg_tasks *t)
{
    tg_choice *c = &t->choice;
    int shift = 0;

    while (c->bytes >> shift >> TG_SCORE_BITS)
        shift++;
    for (int64_t i = 0; i < c->nholders; i++) {
        const uint64_t here = (uint64_t)t->on_host[c->holder[i].host] >> shift;

        c->holder[i].score = (here << TG_SCORE_BITS) + (c->holder[i].score >> shift);
    }
    for (int64_t i = 0; i < c->nholders; i++) {
        t->entry[c->holder[i].rank] = 0;
        t->on_host[c->holder[i].host] = 0;
    }
}

/* Any task; on `fixed` where that is not -1. */
static tg_status place_any(tg_tasks *t, int32_t task, int32_t fixed, place *out)
{
    tg_status status = TG_OK;
    tg_choice *c = &t->choice;
    const int n = tg_graph_ninputs(t->p->graph, task);
    double bytes_phases;

    TG_TRY(tg_grow(&c->holder, &c->capacity, n, sizeof *c->holder));
    bytes_phases = add_up(t, tg_graph_inputs(t->p->graph, task), n);
    find_scores(t);
    out->rank = fixed >= 0 ? fixed : tg_choice_make(c, task, tg_choice_home(c));
    tg_loads_take(t->loads, out->rank);
    out->phase = 0;
    for (int64_t k = 0; k < c->nholders; k++) {
        const int32_t its = c->holder[k].phase + (c->holder[k].rank != out->rank);

        out->phase = its > out->phase ? its : out->phase;
    }
    out->kept = (double)c->bytes * out->phase - bytes_phases;
out:
    return status;
}

__attribute__((always_inline)) static inline bool place_by_number(tg_tasks *t, int32_t task,
                                                                  place *out)
{
    switch (tg_graph_ninputs(t->p->graph, task)) {
    case 1:
        return place_few(t, task, 1, out);
    case 2:
        return place_few(t, task, 2, out);
    case 3:
        return place_few(t, task, 3, out);
    case 4:
    case 5:
    case FEW:
        return place_few(t, task, tg_graph_ninputs(t->p->graph, task), out);
    default:
        return false;
    }
}

tg_status tg_tasks_place(tg_tasks *t, int64_t begin, int64_t end)
{
    tg_status status = TG_OK;
    tg_placer *p = t->p;
    const bool wide = end - begin > WIDE, few = !p->any_value;
    int32_t latest = p->nphases - 1;
    double kept = 0;

    for (int64_t i = begin; i < end; i++) {
        const int32_t task = p->by_level[i], fixed = tg_placer_fixed(p, task);
        place its;

        fetch(p, i, wide);
        tg_loads_look_at(t->loads, tg_placer_cost(p, task));
        if (fixed >= 0 || !few || !place_by_number(t, task, &its))
            TG_TRY(place_any(t, task, fixed, &its));
        tg_placer_settle(p, task, its.rank);
        p->level[task] = its.phase;
        latest = its.phase > latest ? its.phase : latest;
        kept += its.kept;
    }
    p->nphases = latest + 1;
    p->kept += kept;
out:
    return status;
}
