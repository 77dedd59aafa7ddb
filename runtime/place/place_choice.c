/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tasks follow their bytes. The host that holds most comes first: the rank of the task's column
 * there, the rank that holds most, others that hold some, the nearest with room; then holders on
 * other hosts, then any rank with room.
 */
#include "place/place_choice.h"

#include <inttypes.h>

#include "base/memory.h"

tg_choice tg_choice_begin(tg_placer *p, tg_loads *loads)
{
    const tg_machine *m = p->machine;
    double latency = 0, slowest = 0;

    for (int level = 1; level < TG_NLEVELS; level++) {
        const tg_cost *cost = &m->cost[level];

        latency = cost->latency > latency ? cost->latency : latency;
        slowest = 1 / cost->bandwidth > slowest ? 1 / cost->bandwidth : slowest;
    }
    return (tg_choice){
        .p = p, .loads = loads, .way = 2 * (m->overhead + latency), .per_byte = 2 * slowest};
}

/* Has another rank with room a higher score? Only on `host` where that is not -1; `home` has no
 * room. Of equals the first. */
static const tg_holder *best_with_room(const tg_choice *c, int32_t home, int32_t host)
{
    const tg_holder *best = NULL;

    for (int64_t k = 0; k < c->nholders; k++) {
        const tg_holder *its = &c->holder[k];

        if (its->rank == home || (host >= 0 && its->host != host))
            continue;
        if (best && its->score <= best->score)
            continue;
        if (c->p->position[its->rank] >= 0 && tg_loads_may_take(c->loads, its->rank))
            best = its;
    }
    return best;
}

/* Bytes of inputs on the rank's host, of the score. */
static uint64_t bytes_near(const tg_choice *c, int32_t rank)
{
    const int32_t host = c->p->machine->host[rank];
    uint64_t bytes = 0;

    for (int64_t k = 0; k < c->nholders; k++)
        bytes = c->holder[k].host == host ? c->holder[k].score >> TG_SCORE_BITS : bytes;
    return bytes;
}

/* Does a holder hold as much as the best one? */
static bool holds_as_much(const tg_choice *c, const tg_holder *other, int32_t home)
{
    for (int64_t k = 0; k < c->nholders; k++)
        if (c->holder[k].rank == home)
            return other->score == c->holder[k].score;
    return false;
}

/* The best holder is full: where else. Another that holds as much costs nothing, but that a chain
 * of short tasks changes its rank; then a rank on the same host, holders before others, then a
 * holder elsewhere; else it itself where nothing is worth the way. */
int32_t tg_choice_leave(tg_choice *c, int32_t home)
{
    const tg_machine *m = c->p->machine;
    const double seconds = c->loads->seconds;
    const bool any_as_good = !c->loads->few && seconds >= c->way;
    const tg_holder *other = best_with_room(c, home, any_as_good ? -1 : m->host[home]);
    int32_t rank;

    if (any_as_good && other && holds_as_much(c, other, home))
        return other->rank;
    rank =
        other && other->host == m->host[home] ? other->rank : tg_loads_room_on_host(c->loads, home);
    if (rank < 0) {
        other = best_with_room(c, home, -1);
        rank = other ? other->rank : tg_loads_nearest_room(c->loads, home);
    }
    if (seconds < c->way + c->per_byte * (double)c->bytes && rank != home &&
        seconds < 2 * tg_machine_transfer_seconds(m, home, rank, c->bytes))
        return home;
    return rank;
}

/* The rank of the task's column; -1: it has none. */
static int32_t rank_of_column(const tg_placer *p, int32_t task)
{
    const int32_t column = p->column ? p->column[task] : -1;

    if (column < 0)
        return -1;
    return p->column_rank ? p->column_rank[column] : p->units[column].rank;
}

/* Tasks of a fan keep together, or on one host; -1: there is no room. */
static int32_t rank_for_fan(tg_choice *c, int32_t its)
{
    return tg_loads_may_take(c->loads, its) ? its : tg_loads_room_on_host(c->loads, its);
}

int32_t tg_choice_home(const tg_choice *c)
{
    const tg_holder *best = NULL;

    for (int64_t k = 0; k < c->nholders; k++)
        if (c->p->position[c->holder[k].rank] >= 0 && (!best || c->holder[k].score > best->score))
            best = &c->holder[k];
    return best ? best->rank : -1;
}

int32_t tg_choice_make(tg_choice *c, int32_t task, int32_t home)
{
    const int32_t its = rank_of_column(c->p, task);
    const int32_t fan = c->p->column_rank && its >= 0 ? rank_for_fan(c, its) : -1;

    if (fan >= 0)
        return fan;
    if (home < 0)
        home = its >= 0 ? its : c->p->worker[0];
    if (its >= 0 && its != home && bytes_near(c, its) >= bytes_near(c, home) &&
        tg_loads_may_take(c->loads, its))
        return its;
    return tg_loads_may_take(c->loads, home) ? home : tg_choice_leave(c, home);
}
