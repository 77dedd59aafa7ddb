/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tasks follow their bytes: each goes to the rank that holds most of its input, unless that rank is
 * ahead of the others.
 *
 * Level after level the ideal load of a rank is the work of all levels so far over all threads. A
 * rank may pass the ideal by a slack (half the longest task of the level, or a twentieth of the
 * ideal). The host that holds most comes first: the rank of the task's column there, the holders,
 * the nearest rank below the ideal; then holders on other hosts, then any rank below the ideal.
 * There always is such a rank, since loads average to the ideal. What a rank is ahead or behind is
 * carried from level to level within the slack: small differences even out over the levels, but a
 * rank that a level had no use for is not buried under the next one.
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/placer.h"

typedef struct levels {
    tg_placer *p;
    double *load;   /* by rank: seconds so far, carried within the slack */
    int64_t *seen;  /* by rank: level + 1 that `load` was last brought to */
    int32_t *next;  /* by worker's position: where to look for room on, when full */
    int64_t *stamp; /* by worker's position: level + 1 for which `next` holds */
    int64_t *used;  /* by rank: level + 1 of the last level that gave it a task */
    int64_t level;
    bool narrow;                 /* fewer tasks than threads, as far up a reduction */
    double before, ideal, slack; /* ideal: before and after this level */
    int32_t *holder;             /* scratch: ranks that hold inputs of the task looked at */
    double *on_host;             /* scratch: bytes that these hold, by host; 0 between uses */
    int64_t nholders, holder_capacity;
} levels;

static double bytes_of(const tg_graph *g, int64_t task)
{
    return g->output_bytes[task] > 0 ? (double)g->output_bytes[task] : 1.0;
}

/* The load of a rank, brought to this level. */
static double *load_of(levels *l, int32_t rank)
{
    if (l->seen[rank] != l->level + 1) {
        l->seen[rank] = l->level + 1;
        if (l->load[rank] < l->before - l->slack)
            l->load[rank] = l->before - l->slack;
        else if (l->load[rank] > l->before + l->slack)
            l->load[rank] = l->before + l->slack;
    }
    return &l->load[rank];
}

/* The first position from `at` on whose rank is below the ideal, or nworkers. */
static int32_t find_room(levels *l, int32_t at)
{
    const int32_t n = l->p->nworkers;
    int32_t found = at;

    while (found < n) {
        if (l->stamp[found] == l->level + 1)
            found = l->next[found];
        else if (*load_of(l, l->p->worker[found]) < l->ideal)
            break;
        else
            found++;
    }
    while (at < found) {
        const int32_t then = l->stamp[at] == l->level + 1 ? l->next[at] : at + 1;

        l->stamp[at] = l->level + 1;
        l->next[at] = found;
        at = then;
    }
    return found;
}

/* The nearest rank with room on the host of `home`; -1: there is none. */
static int32_t room_on_host(levels *l, int32_t home)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host;
    const int32_t at = p->position[home] >= 0 ? p->position[home] : 0;
    int32_t first = at, found = find_room(l, at);

    if (found < p->nworkers && host[p->worker[found]] == host[home])
        return p->worker[found];
    while (first > 0 && host[p->worker[first - 1]] == host[home])
        first--;
    found = find_room(l, first);
    return found < p->nworkers && host[p->worker[found]] == host[home] ? p->worker[found] : -1;
}

/* The nearest rank with room, first on the host; `home` where there is none. */
static int32_t nearest_room(levels *l, int32_t home)
{
    const tg_placer *p = l->p;
    const int32_t at = p->position[home] >= 0 ? p->position[home] : 0;
    int32_t found = room_on_host(l, home);

    if (found >= 0)
        return found;
    found = find_room(l, at);
    found = found < p->nworkers ? found : find_room(l, 0);
    return found < p->nworkers ? p->worker[found] : home;
}

/* Ranks that hold inputs, with the bytes of each in p->scratch; returns the bytes of all. */
static tg_status find_holders(levels *l, int32_t task, double *bytes)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    const int32_t *input = tg_graph_inputs(p->graph, task);
    const int n = tg_graph_ninputs(p->graph, task);

    l->nholders = 0;
    *bytes = 0;
    if (n > l->holder_capacity)
        TG_TRY(tg_grow(&l->holder, &l->holder_capacity, n, sizeof *l->holder));
    for (int k = 0; k < n; k++) {
        const int32_t r = p->out->rank[input[k]];
        double its;

        if (r < 0)
            continue;
        if (p->scratch[r] == 0)
            l->holder[l->nholders++] = r;
        its = bytes_of(p->graph, input[k]);
        p->scratch[r] += its;
        l->on_host[p->machine->host[r]] += its;
        *bytes += its;
    }
out:
    return status;
}

/* May the rank take a task of this level? On a narrow level a first one always: it delays none. */
static bool may_take(levels *l, int32_t rank, double seconds)
{
    if (l->narrow && l->used[rank] != l->level + 1)
        return true;
    return *load_of(l, rank) + seconds / tg_placer_threads(l->p, rank) <= l->ideal + l->slack;
}

/* Is `a` the better holder: on the host that holds more, then itself with more? */
static bool holds_more(const levels *l, int32_t a, int32_t b)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host;

    if (b < 0 || host[a] == host[b] || l->on_host[host[a]] == l->on_host[host[b]])
        return b < 0 || p->scratch[a] > p->scratch[b];
    return l->on_host[host[a]] > l->on_host[host[b]];
}

/* The best holders, the first of them when equal; -1: none. */
typedef struct best {
    int32_t any, with_room;
} best;

static best best_holders(levels *l, double seconds)
{
    const tg_placer *p = l->p;
    best found = {-1, -1};

    for (int64_t i = 0; i < l->nholders; i++) {
        const int32_t r = l->holder[i];

        if (p->position[r] < 0)
            continue;
        if (holds_more(l, r, found.any))
            found.any = r;
        if (holds_more(l, r, found.with_room) && may_take(l, r, seconds))
            found.with_room = r;
    }
    return found;
}

/* The rank of the task's column; -1: it has none. */
static int32_t rank_of_column(const levels *l, int32_t task)
{
    const int32_t column = l->p->column ? l->p->column[task] : -1;

    return column < 0 ? -1 : l->p->units[column].rank;
}

/* On the host that holds most: the column's rank, the holder with most, any with room. Then the
 * same on others. */
static int32_t choose_rank(levels *l, int32_t task, double seconds, double bytes)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host, its = rank_of_column(l, task);
    const best found = best_holders(l, seconds);
    const int32_t home = found.any >= 0 ? found.any : its >= 0 ? its : p->worker[0];
    int32_t rank = found.with_room;

    if (its >= 0 && l->on_host[host[its]] >= l->on_host[host[home]] && may_take(l, its, seconds))
        return its;
    if (rank < 0 || host[rank] != host[home]) {
        const int32_t near = may_take(l, home, seconds) ? home : room_on_host(l, home);

        rank = near >= 0 ? near : rank >= 0 ? rank : nearest_room(l, home);
    }
    if (rank != home &&
        seconds < 2 * tg_machine_transfer_seconds(p->machine, home, rank, (int64_t)bytes))
        return home; /* not worth the way */
    return rank;
}

static tg_status place_task(levels *l, int32_t task)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    const double seconds = tg_placer_cost(p, task);
    int32_t rank = tg_placer_fixed(p, task);
    double bytes;

    if (rank < 0) {
        TG_TRY(find_holders(l, task, &bytes));
        rank = choose_rank(l, task, seconds, bytes);
        for (int64_t i = 0; i < l->nholders; i++) {
            p->scratch[l->holder[i]] = 0;
            l->on_host[p->machine->host[l->holder[i]]] = 0;
        }
    }
    l->used[rank] = l->level + 1;
    *load_of(l, rank) += seconds / tg_placer_threads(p, rank);
    tg_placer_settle(p, task, rank);
out:
    return status;
}

static tg_status place_level(levels *l, int64_t level)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    const int64_t begin = p->level_begin[level], end = p->level_begin[level + 1];
    double total = 0, longest = 0;

    for (int64_t i = begin; i < end; i++) {
        const double seconds = tg_placer_cost(p, p->by_level[i]);

        total += seconds;
        longest = seconds > longest ? seconds : longest;
    }
    l->level = level;
    l->before = l->ideal;
    l->ideal += total / p->power;
    l->narrow = total / p->power < longest;
    longest /= 2;
    l->slack = longest > 0.05 * l->ideal ? longest : 0.05 * l->ideal;
    for (int64_t i = begin; i < end; i++)
        TG_TRY(place_task(l, p->by_level[i]));
out:
    return status;
}

/* Where a source runs once units have ranks. */
static int32_t source_rank(const tg_placer *p, int32_t task, int32_t unit)
{
    const int32_t fixed = tg_placer_fixed(p, task);

    if (p->graph->flags[task] & TG_TASK_RESIDENT)
        return p->graph->resident_on[task];
    return fixed >= 0 ? fixed : p->units[unit].rank;
}

/* Sources that stay where they are told to, or those of units. */
static void settle_sources(tg_placer *p, bool of_units)
{
    for (int64_t i = 0; i < p->level_begin[1]; i++)
        if (of_units == (p->unit_of[i] >= 0))
            tg_placer_settle(p, p->by_level[i], source_rank(p, p->by_level[i], p->unit_of[i]));
}

/* Columns have the ranks that suit them through all levels; the first level has to be even, too. */
static void even_out_units(levels *l)
{
    tg_placer *p = l->p;
    double longest = 0, total = 0;

    for (int64_t i = 0; i < p->level_begin[p->nlevels]; i++)
        total += tg_placer_cost(p, p->by_level[i]) / p->power;
    for (int64_t u = 0; u < p->nunits; u++) {
        l->ideal += p->units[u].seconds / p->power;
        longest = p->units[u].seconds > longest ? p->units[u].seconds : longest;
    }
    l->slack = longest > 0.025 * total ? longest : 0.025 * total;
    for (int64_t u = 0; u < p->nunits && p->column; u++) {
        tg_unit *unit = &p->units[u];

        if (!may_take(l, unit->rank, unit->seconds))
            unit->rank = nearest_room(l, unit->rank);
        *load_of(l, unit->rank) += unit->seconds / tg_placer_threads(p, unit->rank);
    }
}

static tg_status place_levels(levels *l)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    const size_t size = (size_t)p->machine->nranks * sizeof *l->load;

    settle_sources(p, false);
    memcpy(l->load, p->out->load, size);
    even_out_units(l);
    settle_sources(p, true);
    memcpy(l->load, p->out->load, size);
    for (int64_t level = 1; level < p->nlevels; level++)
        TG_TRY(place_level(l, level));
out:
    return status;
}

tg_status tg_placer_follow_bytes(tg_placer *p)
{
    tg_status status = TG_OK;
    const int64_t n = p->machine->nranks;
    levels l = {.p = p,
                .load = tg_alloc_array(n, sizeof *l.load),
                .seen = tg_alloc_array(n, sizeof *l.seen),
                .next = tg_alloc_array(n, sizeof *l.next),
                .stamp = tg_alloc_array(n, sizeof *l.stamp),
                .used = tg_alloc_array(n, sizeof *l.used),
                .on_host = tg_alloc_array(p->machine->nhosts, sizeof *l.on_host)};

    TG_NEED(l.on_host && l.load && l.seen && l.used && l.next && l.stamp, TG_ENOMEM,
            "out of memory: %" PRId64 " ranks", n);
    if (p->nlevels)
        TG_TRY(place_levels(&l));
out:
    tg_free(l.load);
    tg_free(l.seen);
    tg_free(l.next);
    tg_free(l.stamp);
    tg_free(l.used);
    tg_free(l.on_host);
    tg_free(l.holder);
    return status;
}
