/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Evening out: the levels leave each rank up to a task ahead of the others or behind them, and what
 * they forgive adds up. Where ranks have few tasks that is a good part of what they do. So level
 * after level, on each host, the rank that is most ahead gives a task to the one most behind, or
 * changes a longer one for a shorter one of the same level: what ranks have done up to a level is
 * even at all levels, and bytes that pass between hosts stay about what they were.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "place/placer.h"

/* A rank, and by how much it is ahead of the others. */
typedef struct lead {
    double seconds;
    int32_t rank;
} lead;

typedef struct evener {
    tg_placer *p;
    double *done;   /* by rank: seconds of the levels so far */
    int64_t *begin; /* by position, nworkers + 1: into task */
    int32_t *task;  /* of the level, by position */
    lead *lead;     /* of a host */
    double least;   /* seconds between two ranks that are worth a change */
    double way, per_byte;
} evener;

/* Ranks differ by less than this share of all work: good enough. */
static const double least_share = 0.01;

/* Share of the time of messages that ranks feel: most of it passes while they work. */
static const double felt = 0.2;

/* What it takes. */
static const double seconds_a_task = 100e-9;

/* Tasks of a rank that are looked at. */
enum { LOOKED_AT = 16 };

static tg_status evener_create(tg_placer *p, evener *e)
{
    tg_status status = TG_OK;
    const tg_cost *cost = &p->machine->cost[TG_LEVEL_HOST];
    int64_t widest = 0;

    for (int64_t l = 0; l < p->nlevels; l++)
        if (p->level_begin[l + 1] - p->level_begin[l] > widest)
            widest = p->level_begin[l + 1] - p->level_begin[l];
    *e = (evener){.p = p,
                  .done = tg_alloc_array(p->machine->nranks, sizeof *e->done),
                  .begin = tg_alloc_array(p->nworkers + 2, sizeof *e->begin),
                  .task = tg_alloc_array(widest, sizeof *e->task),
                  .lead = tg_alloc_array(p->nworkers, sizeof *e->lead),
                  .least = least_share * p->work / p->power,
                  .way = 2 * (p->machine->overhead + cost->latency),
                  .per_byte = 2 / cost->bandwidth};
    TG_NEED(e->done && e->begin && e->task && e->lead, TG_ENOMEM,
            "out of memory: a level of %" PRId64 " tasks", widest);
out:
    return status;
}

static void evener_clear(evener *e)
{
    tg_free(e->done);
    tg_free(e->begin);
    tg_free(e->task);
    tg_free(e->lead);
}

/* A task on a rank; NULL place: no task. */
static double share_of(const evener *e, const int32_t *task, int32_t rank)
{
    return task ? tg_placer_cost(e->p, *task) / tg_placer_threads(e->p, rank) : 0;
}

/* What is felt of the messages that a task on another rank may cost, in seconds. */
static double cost_of_move(const evener *e, const int32_t *task)
{
    const tg_graph *g = e->p->graph;
    double bytes = 0;

    if (!task)
        return 0;
    bytes = (double)g->task[*task].output_bytes;
    for (int k = 0; k < tg_graph_ninputs(g, *task); k++)
        bytes += (double)g->task[tg_graph_inputs(g, *task)[k]].output_bytes;
    return felt * (e->way + e->per_byte * bytes);
}

/* How much less the longer of two ranks has when they change these tasks. */
static double win_of(const evener *e, int32_t ahead, int32_t behind, const int32_t *t,
                     const int32_t *u)
{
    const double a = e->done[ahead], b = e->done[behind];
    const double to = b + share_of(e, t, behind) - share_of(e, u, behind);
    const double from = a - share_of(e, t, ahead) + share_of(e, u, ahead);

    return a - (to > from ? to : from);
}

static void change(evener *e, int32_t from, int32_t to, int32_t *task)
{
    if (!task)
        return;
    e->done[from] -= share_of(e, task, from);
    e->done[to] += share_of(e, task, to);
    e->p->out->rank[*task] = to;
}

static int64_t count_of(const evener *e, int32_t rank)
{
    const int32_t at = e->p->position[rank];
    const int64_t n = e->begin[at + 1] - e->begin[at];

    return n < LOOKED_AT ? n : LOOKED_AT;
}

/* One change between two ranks; false: none is worth it. Rows of `task` stay as long as they were:
 * a task that is given away leaves no room to take others there. */
static bool even_out_two(evener *e, int32_t ahead, int32_t behind)
{
    int32_t *t = e->task + e->begin[e->p->position[ahead]];
    int32_t *u = e->task + e->begin[e->p->position[behind]];
    int32_t *best_t = NULL, *best_u = NULL;
    const int32_t *rank = e->p->out->rank;
    double best = 0;

    for (int64_t i = 0; i < count_of(e, ahead); i++) {
        if (rank[t[i]] != ahead || !tg_placer_is_free(e->p, t[i]))
            continue;
        for (int64_t k = -1; k < count_of(e, behind); k++) {
            int32_t *other = k < 0 ? NULL : &u[k];
            const double win = win_of(e, ahead, behind, &t[i], other);

            if (win <= best || win < cost_of_move(e, &t[i]) + cost_of_move(e, other))
                continue;
            if (other && (rank[*other] != behind || !tg_placer_is_free(e->p, *other)))
                continue;
            best = win;
            best_t = &t[i];
            best_u = other;
        }
    }
    if (!best_t)
        return false;
    change(e, ahead, behind, best_t);
    change(e, behind, ahead, best_u);
    if (best_u) {
        const int32_t task = *best_t;

        *best_t = *best_u;
        *best_u = task;
    }
    return true;
}

static int most_ahead_first(const void *a, const void *b)
{
    const lead *x = a, *y = b;

    if (x->seconds != y->seconds)
        return x->seconds > y->seconds ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Workers [first, last) of a host. */
static void even_out_host(evener *e, int first, int last)
{
    enum { ROUNDS = 4, MOST_CHANGES = 16 };
    const int n = last - first;

    for (int round = 0; round < ROUNDS; round++) {
        int changes = 0;

        for (int i = 0; i < n; i++) {
            const int32_t rank = e->p->worker[first + i];

            e->lead[i] = (lead){e->done[rank], rank};
        }
        qsort(e->lead, (size_t)n, sizeof *e->lead, most_ahead_first);
        for (int i = 0; i < n / 2; i++) {
            const int32_t ahead = e->lead[i].rank, behind = e->lead[n - 1 - i].rank;

            for (int k = 0; k < MOST_CHANGES && e->done[ahead] - e->done[behind] > e->least; k++)
                if (even_out_two(e, ahead, behind))
                    changes++;
                else
                    break;
        }
        if (!changes)
            return;
    }
}

/* The tasks of a level by rank (counting sort). */
static void sort_by_rank(evener *e, int64_t level)
{
    const tg_placer *p = e->p;
    const int64_t first = p->level_begin[level], end = p->level_begin[level + 1];

    memset(e->begin, 0, (size_t)(p->nworkers + 2) * sizeof *e->begin);
    for (int64_t i = first; i < end; i++) {
        const int32_t rank = p->out->rank[p->by_level[i]];

        if (p->position[rank] >= 0)
            e->begin[p->position[rank] + 2]++;
    }
    for (int w = 2; w < p->nworkers + 2; w++)
        e->begin[w] += e->begin[w - 1];
    for (int64_t i = first; i < end; i++) {
        const int32_t rank = p->out->rank[p->by_level[i]];

        if (p->position[rank] >= 0)
            e->task[e->begin[p->position[rank] + 1]++] = p->by_level[i];
    }
}

static void even_out_level(evener *e, int64_t level)
{
    const tg_placer *p = e->p;
    const int64_t begin = p->level_begin[level], end = p->level_begin[level + 1];

    for (int64_t i = begin; i < end; i++)
        e->done[p->out->rank[p->by_level[i]]] +=
            share_of(e, &p->by_level[i], p->out->rank[p->by_level[i]]);
    if (end - begin < p->nworkers)
        return;
    sort_by_rank(e, level);
    for (int first = 0, last = 0; first < p->nworkers; first = last) {
        const int32_t host = p->machine->host[p->worker[first]];

        while (last < p->nworkers && p->machine->host[p->worker[last]] == host)
            last++;
        even_out_host(e, first, last);
    }
}

static bool is_even(const tg_placer *p)
{
    double most = 0;

    for (int32_t r = 0; r < p->machine->nranks; r++)
        most = p->out->load[r] > most ? p->out->load[r] : most;
    return most < (1 + 2 * least_share) * p->work / p->power;
}

tg_status tg_placer_even_out(tg_placer *p)
{
    tg_status status = TG_OK;
    evener e = {0};

    if (is_even(p) || !tg_placer_pays(p, seconds_a_task * (double)p->level_begin[p->nlevels]))
        return TG_OK;
    TG_TRY(evener_create(p, &e));
    for (int64_t level = 0; level < p->nlevels; level++)
        even_out_level(&e, level);
    p->changed = true;
    memcpy(p->out->load, e.done, (size_t)p->machine->nranks * sizeof *e.done);
out:
    evener_clear(&e);
    return status;
}
