/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tasks follow their bytes. The host that holds most comes first: the rank of the task's column
 * there, the rank that holds most, others that hold some, the nearest with room; then holders on
 * other hosts, then any rank with room.
 *
 * Most tasks have few inputs: each is compared with each, without branches, which nothing could
 * foretell where inputs lie anywhere. For that what a host and a rank hold are one number, the
 * score, the host's bytes above the rank's. Those of tasks with many or large ones are added up by
 * rank.
 */
#include "place/place_choice.h"

#include <inttypes.h>

#include "base/memory.h"

/* Inputs that are compared with each other. */
enum { FEW = 6 };

/* Bits of a score for what the rank holds; they have less than 2^SCORE_BITS bytes in all. */
enum { SCORE_BITS = 31 };

static void measure_ways(tg_choice *c)
{
    const tg_machine *m = c->p->machine;
    double latency = 0, slowest = 0;

    for (int level = 1; level < TG_NLEVELS; level++) {
        const tg_cost *cost = &m->cost[level];

        latency = cost->latency > latency ? cost->latency : latency;
        slowest = 1 / cost->bandwidth > slowest ? 1 / cost->bandwidth : slowest;
    }
    c->way = 2 * (m->overhead + latency);
    c->per_byte = 2 * slowest;
}

tg_status tg_choice_create(tg_placer *p, tg_loads *loads, tg_choice *out)
{
    tg_status status = TG_OK;
    tg_choice c = {.p = p,
                   .loads = loads,
                   .all_work = p->nworkers == p->machine->nranks,
                   .capacity = FEW,
                   .holder = tg_alloc_array(FEW, sizeof *c.holder),
                   .on_host = tg_alloc_array(p->machine->nhosts, sizeof *c.on_host),
                   .entry = tg_alloc_array(p->machine->nranks, sizeof *c.entry)};

    TG_NEED(c.holder && c.on_host && c.entry, TG_ENOMEM, "out of memory: %" PRId32 " ranks",
            p->machine->nranks);
    measure_ways(&c);
    *out = c;
    c = (tg_choice){0};
out:
    tg_choice_clear(&c);
    return status;
}

void tg_choice_clear(tg_choice *c)
{
    tg_free(c->holder);
    tg_free(c->on_host);
    tg_free(c->entry);
    *c = (tg_choice){0};
}

static inline int64_t bytes_of(const tg_graph *g, int32_t task)
{
    const float bytes = g->task[task].output_bytes;

    return (int64_t)(bytes > 1 ? bytes : 1);
}

/* An input of a task, as if nobody else held any. */
static inline tg_holder holder_of(const tg_placer *p, int32_t input)
{
    const int32_t rank = p->out->rank[input];
    const int64_t bytes = bytes_of(p->graph, input);

    return (tg_holder){rank, p->machine->host[rank], p->level[input], bytes, bytes};
}

/* The holder with the highest score, of equals the first. */
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

/* False: too many bytes. Inlined always, with a constant n, so that all loops are unrolled and all
 * is in registers. */
__attribute__((always_inline)) static inline bool compare(tg_choice *c, const int32_t *input, int n)
{
    const tg_placer *p = c->p;
    const int32_t *host_of = p->machine->host;
    tg_holder *holder = c->holder;
    int32_t rank[FEW], host[FEW];
    uint64_t score[FEW];
    int64_t bytes[FEW], all = 0, bytes_phases = 0;

    for (int k = 0; k < n; k++) {
        const int32_t phase = p->level[input[k]];

        rank[k] = p->out->rank[input[k]];
        host[k] = host_of[rank[k]];
        bytes[k] = bytes_of(p->graph, input[k]);
        score[k] = ((uint64_t)bytes[k] << SCORE_BITS) + (uint64_t)bytes[k];
        all += bytes[k];
        bytes_phases += bytes[k] * phase;
        holder[k].rank = rank[k];
        holder[k].host = host[k];
        holder[k].phase = phase;
    }
    for (int k = 1; k < n; k++)
        for (int i = 0; i < k; i++) {
            const uint64_t near = host[i] == host[k], same = rank[i] == rank[k];
            const uint64_t shared = (near << SCORE_BITS) + same;

            score[i] += (uint64_t)bytes[k] * shared;
            score[k] += (uint64_t)bytes[i] * shared;
        }
    for (int k = 0; k < n; k++) {
        holder[k].here = (int64_t)(score[k] >> SCORE_BITS);
        holder[k].mine = (int64_t)(score[k] & ((UINT64_C(1) << SCORE_BITS) - 1));
    }
    c->home = best_of(rank, score, n);
    c->nholders = n;
    c->bytes = all;
    c->bytes_phases = (double)bytes_phases;
    return all >> SCORE_BITS == 0;
}

static inline bool compare_few(tg_choice *c, const int32_t *input, int n)
{
    switch (n) {
    case 1:
        return compare(c, input, 1);
    case 2:
        return compare(c, input, 2);
    case 3:
        return compare(c, input, 3);
    default:
        return compare(c, input, n);
    }
}

/* Constants lie nowhere. */
static void add_up(tg_choice *c, const int32_t *input, int n)
{
    c->nholders = c->bytes = 0;
    c->bytes_phases = 0;
    for (int k = 0; k < n; k++) {
        tg_holder its, *before;

        if (c->p->out->rank[input[k]] < 0)
            continue;
        its = holder_of(c->p, input[k]);
        c->bytes += its.mine;
        c->bytes_phases += (double)its.mine * its.phase;
        c->on_host[its.host] += its.mine;
        if (!c->entry[its.rank]) {
            c->holder[c->nholders++] = its;
            c->entry[its.rank] = (int32_t)c->nholders;
            continue;
        }
        before = &c->holder[c->entry[its.rank] - 1];
        before->mine += its.mine;
        before->phase = its.phase > before->phase ? its.phase : before->phase;
    }
    for (int64_t i = 0; i < c->nholders; i++)
        c->holder[i].here = c->on_host[c->holder[i].host];
    for (int64_t i = 0; i < c->nholders; i++) {
        c->entry[c->holder[i].rank] = 0;
        c->on_host[c->holder[i].host] = 0;
    }
}

/* The holder on the host that holds most, there the one with most, of equals the first; -1: none
 * that computes. */
static int32_t best_holder(const tg_choice *c)
{
    const tg_holder *best = NULL;

    for (int64_t k = 0; k < c->nholders; k++) {
        const tg_holder *its = &c->holder[k];

        if (c->p->position[its->rank] < 0)
            continue;
        if (!best ||
            (its->here > best->here) | ((its->here == best->here) & (its->mine > best->mine)))
            best = its;
    }
    return best ? best->rank : -1;
}

tg_status tg_choice_look_at(tg_choice *c, int32_t task)
{
    tg_status status = TG_OK;
    const int32_t *input = tg_graph_inputs(c->p->graph, task);
    const int n = tg_graph_ninputs(c->p->graph, task);

    if (n <= FEW && n > 0 && !c->p->any_value && compare_few(c, input, n)) {
        if (c->all_work)
            return TG_OK;
    } else {
        if (n > c->capacity)
            TG_TRY(tg_grow(&c->holder, &c->capacity, n, sizeof *c->holder));
        add_up(c, input, n);
    }
    c->home = best_holder(c);
out:
    return status;
}

/* The same among those that have room, but for `home`, which has none; only on `host` where that is
 * not -1. */
static const tg_holder *best_with_room(const tg_choice *c, int32_t home, int32_t host)
{
    const tg_holder *best = NULL;

    for (int64_t k = 0; k < c->nholders; k++) {
        const tg_holder *its = &c->holder[k];

        if (its->rank == home || (host >= 0 && its->host != host))
            continue;
        if (best &&
            (its->here < best->here || (its->here == best->here && its->mine <= best->mine)))
            continue;
        if (c->p->position[its->rank] >= 0 && tg_loads_may_take(c->loads, its->rank))
            best = its;
    }
    return best;
}

/* Bytes of inputs on the rank's host. */
static int64_t bytes_near(const tg_choice *c, int32_t rank)
{
    const int32_t host = c->p->machine->host[rank];
    int64_t bytes = 0;

    for (int64_t k = 0; k < c->nholders; k++)
        bytes = c->holder[k].host == host ? c->holder[k].here : bytes;
    return bytes;
}

/* Does a holder hold as much as the best one? */
static bool holds_as_much(const tg_choice *c, const tg_holder *other, int32_t home)
{
    for (int64_t k = 0; k < c->nholders; k++)
        if (c->holder[k].rank == home)
            return other->here == c->holder[k].here && other->mine == c->holder[k].mine;
    return false;
}

/* The best holder is full: where else. Another that holds as much costs nothing, but that a chain
 * of short tasks changes its rank; then a rank on the same host, holders before others, then a
 * holder elsewhere; else it itself where nothing is worth the way. */
static int32_t leave_home(tg_choice *c, int32_t home)
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

int32_t tg_choice_make(tg_choice *c, int32_t task)
{
    const int32_t its = rank_of_column(c->p, task);
    const int32_t fan = c->p->column_rank && its >= 0 ? rank_for_fan(c, its) : -1;
    const int32_t home = c->home >= 0 ? c->home : its >= 0 ? its : c->p->worker[0];

    if (fan >= 0)
        return fan;
    if (its >= 0 && its != home && bytes_near(c, its) >= bytes_near(c, home) &&
        tg_loads_may_take(c->loads, its))
        return its;
    return tg_loads_may_take(c->loads, home) ? home : leave_home(c, home);
}
