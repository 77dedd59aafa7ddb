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

#include "base/compiler.h"
#include "base/memory.h"

/* Inputs that are compared with each other. */
enum { FEW = 6 };

/* So many tasks before their turn their rows of inputs and these are fetched; in levels that do not
 * stay in the cache, what they hold as well. */
enum { WIDE = 1 << 14, AHEAD_ROW = 16, AHEAD_INPUTS = 8, AHEAD_HOLDERS = 4 };

/* So many tasks are looked at before the first of them takes a rank: that depends on who has taken
 * one before, which nothing could foretell, and the others' looks need not wait for it. */
enum { BATCH = 64 };

/* A task of few inputs. */
typedef struct look {
    int n;        /* of its inputs; 0: it has many or large ones */
    int32_t home; /* the best holder */
    int64_t bytes, bytes_phases;
    tg_holder holder[FEW];
} look;

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
    t.choice = tg_choice_begin(p, loads);
    *out = t;
    t = (tg_tasks){0};
out:
    tg_tasks_clear(&t);
    return status;
}

void tg_tasks_clear(tg_tasks *t)
{
    tg_free(t->holder);
    tg_free(t->on_host);
    tg_free(t->entry);
    *t = (tg_tasks){0};
}

/* Inlined always: to the compiler, what only fetches has no effect, and it leaves calls out. */
TG_INLINE void fetch(const tg_placer *p, int64_t at, bool wide)
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
TG_INLINE int32_t best_of(const int32_t *rank, const uint64_t *score, int n)
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

/* The holders of n inputs. Inlined always, with a constant n, so that all loops are unrolled and
 * all is in registers. Without a sign, as what is too much for these products is not used. */
TG_INLINE void look_at_few(const tg_placer *p, int32_t task, int n, look *out)
{
    const int32_t *input = tg_graph_inputs(p->graph, task);
    int32_t rank[FEW], host[FEW];
    uint64_t score[FEW], bytes_phases = 0;
    int64_t bytes[FEW], all = 0;

    for (int k = 0; k < n; k++) {
        const int32_t phase = p->level[input[k]];

        rank[k] = p->out->rank[input[k]];
        host[k] = p->machine->host[rank[k]];
        bytes[k] = bytes_of(p->graph, input[k]);
        score[k] = ((uint64_t)bytes[k] << TG_SCORE_BITS) + (uint64_t)bytes[k];
        all += bytes[k];
        bytes_phases += (uint64_t)bytes[k] * (uint64_t)phase;
        out->holder[k].phase = phase;
    }
    for (int k = 1; k < n; k++)
        for (int i = 0; i < k; i++) {
            const uint64_t near = host[i] == host[k], same = rank[i] == rank[k];
            const uint64_t shared = (near << TG_SCORE_BITS) + same;

            score[i] += (uint64_t)bytes[k] * shared;
            score[k] += (uint64_t)bytes[i] * shared;
        }
    for (int k = 0; k < n; k++) {
        out->holder[k].rank = rank[k];
        out->holder[k].host = host[k];
        out->holder[k].score = score[k];
    }
    out->n = all >> TG_SCORE_BITS ? 0 : n;
    out->home = best_of(rank, score, n);
    out->bytes = all;
    out->bytes_phases = (int64_t)bytes_phases;
}

TG_INLINE void look_at(const tg_placer *p, int32_t task, look *out)
{
    const int n = p->any_value ? 0 : tg_graph_ninputs(p->graph, task);

    switch (n) {
    case 1:
        look_at_few(p, task, 1, out);
        break;
    case 2:
        look_at_few(p, task, 2, out);
        break;
    case 3:
        look_at_few(p, task, 3, out);
        break;
    case 4:
    case 5:
    case FEW:
        look_at_few(p, task, n, out);
        break;
    default:
        out->n = 0;
    }
}

/* For a task that the best holder cannot just take. */
static int32_t elsewhere(tg_tasks *tasks, int32_t task, const look *its)
{
    tg_choice *c = &tasks->choice;
    int32_t rank;

    c->holder = its->holder;
    c->nholders = its->n;
    c->bytes = its->bytes;
    if (tasks->any_home)
        rank = tg_choice_leave(c, its->home);
    else
        rank = tg_choice_make(c, task, tasks->all_work ? its->home : tg_choice_home(c));
    tg_loads_take(tasks->loads, rank);
    return rank;
}

/* A task goes to a rank; its phase takes the place of its level. */
static void enter(tg_tasks *t, int32_t task, int32_t rank, const look *its)
{
    tg_placer *p = t->p;
    int32_t phase = 0;

    for (int k = 0; k < its->n; k++) {
        const int32_t after = its->holder[k].phase + (its->holder[k].rank != rank);

        phase = after > phase ? after : phase;
    }
    p->level[task] = phase;
    p->nphases = phase >= p->nphases ? phase + 1 : p->nphases;
    p->kept += (double)(its->bytes * phase - its->bytes_phases);
}

/* What each rank holds; constants lie nowhere. The sum of bytes times phase. */
static double add_up(tg_tasks *t, const int32_t *input, int n)
{
    const tg_placer *p = t->p;
    tg_choice *c = &t->choice;
    double bytes_phases = 0;

    c->nholders = c->bytes = 0;
    c->holder = t->holder;
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
            t->holder[c->nholders++] =
                (tg_holder){.rank = rank, .host = p->machine->host[rank], .phase = phase};
            t->entry[rank] = (int32_t)c->nholders;
        }
        its = &t->holder[t->entry[rank] - 1];
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
        const uint64_t here = (uint64_t)t->on_host[t->holder[i].host] >> shift;

        t->holder[i].score = (here << TG_SCORE_BITS) + (t->holder[i].score >> shift);
    }
    for (int64_t i = 0; i < c->nholders; i++) {
        t->entry[t->holder[i].rank] = 0;
        t->on_host[t->holder[i].host] = 0;
    }
}

/* Any task; on `fixed` where that is not -1. */
static tg_status place_any(tg_tasks *t, int32_t task, int32_t fixed)
{
    tg_status status = TG_OK;
    tg_placer *p = t->p;
    tg_choice *c = &t->choice;
    const int n = tg_graph_ninputs(p->graph, task);
    double bytes_phases;
    int32_t rank, phase = 0;

    TG_TRY(tg_grow(&t->holder, &t->capacity, n, sizeof *t->holder));
    bytes_phases = add_up(t, tg_graph_inputs(p->graph, task), n);
    find_scores(t);
    rank = fixed >= 0 ? fixed : tg_choice_make(c, task, tg_choice_home(c));
    tg_loads_take(t->loads, rank);
    for (int64_t k = 0; k < c->nholders; k++) {
        const int32_t its = c->holder[k].phase + (c->holder[k].rank != rank);

        phase = its > phase ? its : phase;
    }
    tg_placer_settle(p, task, rank);
    p->level[task] = phase;
    p->nphases = phase >= p->nphases ? phase + 1 : p->nphases;
    p->kept += (double)c->bytes * phase - bytes_phases;
out:
    return status;
}

static tg_status place_batch(tg_tasks *t, int64_t begin, int64_t end, bool wide)
{
    tg_status status = TG_OK;
    tg_placer *p = t->p;
    const int32_t *task = p->by_level + begin;
    const int n = (int)(end - begin);
    look its[BATCH];

    for (int i = 0; i < n; i++) {
        fetch(p, begin + i, wide);
        look_at(p, task[i], &its[i]);
    }
    for (int i = 0; i < n; i++) {
        const int32_t fixed = tg_placer_fixed(p, task[i]);
        int32_t rank = its[i].home;

        tg_loads_look_at(t->loads, tg_placer_cost(p, task[i]));
        if (fixed >= 0 || !its[i].n) {
            its[i].n = 0;
            TG_TRY(place_any(t, task[i], fixed));
            continue;
        }
        if (!t->any_home || !tg_loads_try(t->loads, rank))
            rank = elsewhere(t, task[i], &its[i]);
        tg_placer_settle(p, task[i], rank);
    }
    for (int i = 0; i < n; i++)
        if (its[i].n)
            enter(t, task[i], p->out->rank[task[i]], &its[i]);
out:
    return status;
}

tg_status tg_tasks_place(tg_tasks *t, int64_t begin, int64_t end)
{
    tg_status status = TG_OK;
    const bool wide = end - begin > WIDE;

    for (int64_t i = begin; i < end; i += BATCH)
        TG_TRY(place_batch(t, i, end - i < BATCH ? end : i + BATCH, wide));
out:
    return status;
}
