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
#include <math.h>

#include "base/memory.h"
#include "place/placer.h"

typedef struct rank_load {
    double seconds; /* so far, carried within the slack */
    int32_t seen;   /* level + 1 that `seconds` was last brought to */
    int32_t used;   /* level + 1 of the last level that gave it a task */
} rank_load;

/* At a worker's position: where to look for room on, when full; level + 1 for which that holds. */
typedef struct room {
    int32_t next, stamp;
} room;

typedef struct levels {
    tg_placer *p;
    rank_load *load; /* by rank */
    room *room;      /* by worker's position */
    int32_t *first;  /* by worker's position: the first on its host */
    int32_t level;
    bool narrow;                 /* fewer tasks than threads, as far up a reduction */
    int threads;                 /* of each rank, 0: they differ */
    double seconds, share;       /* of the task looked at; per thread, where ranks do not differ */
    double before, ideal, slack; /* ideal: before and after this level */
    double low[2], high[2];      /* where loads are carried to: not seen at this level, seen */
    int32_t *holder;             /* scratch: ranks that hold inputs of the task looked at */
    double *on_host;             /* scratch: bytes that these hold, by host; 0 between uses */
    int64_t nholders, holder_capacity;
} levels;

static double bytes_of(const tg_graph *g, int64_t task)
{
    return g->output_bytes[task] > 0 ? (double)g->output_bytes[task] : 1.0;
}

/* The load of a rank, brought to this level; without branches, which nothing could foretell. */
static inline rank_load *load_of(levels *l, int32_t rank)
{
    rank_load *its = &l->load[rank];
    const bool seen = its->seen == l->level + 1;
    const double low = l->low[seen], high = l->high[seen];
    const double seconds = its->seconds < low ? low : its->seconds;

    its->seconds = seconds > high ? high : seconds;
    its->seen = l->level + 1;
    return its;
}

/* Loads are carried to what this level has room for. */
static void set_slack(levels *l, double slack)
{
    l->slack = slack;
    l->low[0] = l->before - slack;
    l->high[0] = l->before + slack;
    l->low[1] = -INFINITY;
    l->high[1] = INFINITY;
}

static void set_task(levels *l, double seconds)
{
    l->seconds = seconds;
    l->share = l->threads ? seconds / l->threads : 0;
}

/* What the task looked at adds to a rank's load. */
static inline double share_of(const levels *l, int32_t rank)
{
    return l->threads ? l->share : l->seconds / tg_placer_threads(l->p, rank);
}

/* The first position from `at` on whose rank is below the ideal, or nworkers. */
static int32_t find_room(levels *l, int32_t at)
{
    const int32_t n = l->p->nworkers;
    int32_t found = at;

    while (found < n) {
        if (l->room[found].stamp == l->level + 1)
            found = l->room[found].next;
        else if (load_of(l, l->p->worker[found])->seconds < l->ideal)
            break;
        else
            found++;
    }
    while (at < found) {
        const int32_t then = l->room[at].stamp == l->level + 1 ? l->room[at].next : at + 1;

        l->room[at] = (room){found, l->level + 1};
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
    int32_t found = find_room(l, at);

    if (found < p->nworkers && host[p->worker[found]] == host[home])
        return p->worker[found];
    if (l->first[at] == at || host[p->worker[at]] != host[home])
        return -1;
    found = find_room(l, l->first[at]);
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

/* May the rank take the task? On a narrow level a first one always: it delays none. */
static inline bool may_take(levels *l, int32_t rank)
{
    if (l->narrow && l->load[rank].used != l->level + 1)
        return true;
    return load_of(l, rank)->seconds + share_of(l, rank) <= l->ideal + l->slack;
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

static best best_holders(levels *l)
{
    const tg_placer *p = l->p;
    best found = {-1, -1};

    for (int64_t i = 0; i < l->nholders; i++) {
        const int32_t r = l->holder[i];

        if (p->position[r] < 0)
            continue;
        if (holds_more(l, r, found.any))
            found.any = r;
        if (holds_more(l, r, found.with_room) && may_take(l, r))
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
static int32_t choose_rank(levels *l, int32_t task, double bytes)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host, its = rank_of_column(l, task);
    const best found = best_holders(l);
    const int32_t home = found.any >= 0 ? found.any : its >= 0 ? its : p->worker[0];
    int32_t rank = found.with_room;

    if (its >= 0 && l->on_host[host[its]] >= l->on_host[host[home]] && may_take(l, its))
        return its;
    if (rank < 0 || host[rank] != host[home]) {
        const int32_t near = may_take(l, home) ? home : room_on_host(l, home);

        rank = near >= 0 ? near : rank >= 0 ? rank : nearest_room(l, home);
    }
    if (rank != home &&
        l->seconds < 2 * tg_machine_transfer_seconds(p->machine, home, rank, (int64_t)bytes))
        return home; /* not worth the way */
    return rank;
}

/* The phase of a task (place_phases.c), whose inputs have theirs; it takes the level's place. */
static void set_phase(tg_placer *p, int32_t task, int32_t rank)
{
    const int32_t *input = tg_graph_inputs(p->graph, task);
    const int n = tg_graph_ninputs(p->graph, task);
    int32_t phase = 0;
    double kept = 0;

    for (int k = 0; k < n; k++) {
        const int32_t its = p->out->rank[input[k]];
        const int32_t made = its < 0 ? 0 : p->level[input[k]] + (its != rank);

        phase = made > phase ? made : phase;
    }
    for (int k = 0; k < n; k++)
        if (p->out->rank[input[k]] >= 0)
            kept += (double)p->graph->output_bytes[input[k]] * (phase - p->level[input[k]]);
    p->level[task] = phase;
    p->nphases = phase >= p->nphases ? phase + 1 : p->nphases;
    p->kept += kept;
}

static tg_status place_task(levels *l, int32_t task)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    int32_t rank = tg_placer_fixed(p, task);
    rank_load *load;
    double bytes;

    set_task(l, tg_placer_cost(p, task));
    if (rank < 0) {
        TG_TRY(find_holders(l, task, &bytes));
        rank = choose_rank(l, task, bytes);
        for (int64_t i = 0; i < l->nholders; i++) {
            p->scratch[l->holder[i]] = 0;
            l->on_host[p->machine->host[l->holder[i]]] = 0;
        }
    }
    load = load_of(l, rank);
    load->used = l->level + 1;
    load->seconds += share_of(l, rank);
    tg_placer_settle(p, task, rank, share_of(l, rank));
    set_phase(p, task, rank);
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
    l->level = (int32_t)level;
    l->before = l->ideal;
    l->ideal += total / p->power;
    l->narrow = total / p->power < longest;
    longest /= 2;
    set_slack(l, longest > 0.05 * l->ideal ? longest : 0.05 * l->ideal);
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

static void settle_source(tg_placer *p, int32_t task, int32_t rank)
{
    tg_placer_settle(p, task, rank, tg_placer_cost(p, task) / tg_placer_threads(p, rank));
}

/* Sources that stay where they are told to, or those of units. */
static void settle_sources(tg_placer *p, bool of_units)
{
    for (int64_t i = 0; i < p->level_begin[1]; i++)
        if (of_units == (p->unit_of[i] >= 0))
            settle_source(p, p->by_level[i], source_rank(p, p->by_level[i], p->unit_of[i]));
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
    set_slack(l, longest > 0.025 * total ? longest : 0.025 * total);
    for (int64_t u = 0; u < p->nunits && p->column; u++) {
        tg_unit *unit = &p->units[u];

        set_task(l, unit->seconds);
        if (!may_take(l, unit->rank))
            unit->rank = nearest_room(l, unit->rank);
        load_of(l, unit->rank)->seconds += share_of(l, unit->rank);
    }
}

/* Loads are what has been placed so far. */
static void begin_loads(levels *l)
{
    for (int r = 0; r < l->p->machine->nranks; r++)
        l->load[r].seconds = l->p->out->load[r];
}

static tg_status place_levels(levels *l)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;

    settle_sources(p, false);
    begin_loads(l);
    even_out_units(l);
    settle_sources(p, true);
    begin_loads(l);
    for (int64_t level = 1; level < p->nlevels; level++)
        TG_TRY(place_level(l, level));
out:
    return status;
}

static void look_at_workers(levels *l)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host;

    l->threads = p->machine->threads[p->worker[0]];
    for (int32_t i = 0; i < p->nworkers; i++) {
        const bool same = i > 0 && host[p->worker[i - 1]] == host[p->worker[i]];

        l->first[i] = same ? l->first[i - 1] : i;
        if (p->machine->threads[p->worker[i]] != l->threads)
            l->threads = 0;
    }
}

tg_status tg_placer_follow_bytes(tg_placer *p)
{
    tg_status status = TG_OK;
    const int64_t n = p->machine->nranks;
    levels l = {.p = p,
                .load = tg_alloc_array(n, sizeof *l.load),
                .room = tg_alloc_array(n, sizeof *l.room),
                .first = tg_alloc_array(n, sizeof *l.first),
                .on_host = tg_alloc_array(p->machine->nhosts, sizeof *l.on_host)};

    TG_NEED(l.on_host && l.load && l.room && l.first, TG_ENOMEM, "out of memory: %" PRId64 " ranks",
            n);
    look_at_workers(&l);
    if (p->nlevels)
        TG_TRY(place_levels(&l));
out:
    tg_free(l.load);
    tg_free(l.room);
    tg_free(l.first);
    tg_free(l.on_host);
    tg_free(l.holder);
    return status;
}
