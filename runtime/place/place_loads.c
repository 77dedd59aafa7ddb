/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See place_loads.h. A rank has room while it is below the ideal. There always is such a rank,
 * since loads average to the ideal. Full ranks stay full for the level: their bits are cleared, and
 * the search steps over words and groups of words that have none.
 */
#include "place/place_loads.h"

#include <inttypes.h>
#include <math.h>

#include "base/memory.h"

enum { BITS = TG_ROOMS };

static void look_at_workers(tg_loads *l)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host;
    const int32_t threads = p->machine->threads[p->worker[0]];

    l->per_thread = 1.0 / threads;
    for (int32_t r = 0; r < p->machine->nranks; r++)
        l->of[r].position = p->position[r] < 0 ? p->nworkers : p->position[r];
    for (int32_t i = 0; i < p->nworkers; i++) {
        const bool same = i > 0 && host[p->worker[i - 1]] == host[p->worker[i]];

        l->first[i] = same ? l->first[i - 1] : i;
        if (p->machine->threads[p->worker[i]] != threads)
            l->per_thread = 0;
    }
    for (int32_t i = p->nworkers; i-- > 0;) {
        const bool same = i + 1 < p->nworkers && host[p->worker[i + 1]] == host[p->worker[i]];

        l->end[i] = same ? l->end[i + 1] : i + 1;
    }
    l->end[p->nworkers] = INT32_MAX;
}

tg_status tg_loads_create(const tg_placer *p, tg_loads *out)
{
    tg_status status = TG_OK;
    const int32_t n = p->machine->nranks;
    tg_loads l = {.p = p,
                  .of = tg_alloc_array(n, sizeof *l.of),
                  .all = p->out->load,
                  .rooms = tg_alloc_array(n / BITS + 1, sizeof *l.rooms),
                  .groups = tg_alloc_array(n / BITS / BITS + 1, sizeof *l.groups),
                  .first = tg_alloc_array((int64_t)n + 1, sizeof *l.first),
                  .end = tg_alloc_array((int64_t)n + 1, sizeof *l.end)};

    TG_NEED(l.of && l.rooms && l.groups && l.first && l.end, TG_ENOMEM,
            "out of memory: %" PRId32 " ranks", n);
    look_at_workers(&l);
    *out = l;
    l = (tg_loads){0};
out:
    tg_loads_clear(&l);
    return status;
}

void tg_loads_clear(tg_loads *l)
{
    tg_free(l->of);
    tg_free(l->rooms);
    tg_free(l->groups);
    tg_free(l->first);
    tg_free(l->end);
    *l = (tg_loads){0};
}

void tg_loads_turn_to(tg_loads *l, int32_t level, double seconds, double slack)
{
    const double before = l->ideal;

    l->level = level;
    l->ideal += seconds;
    l->slack = slack;
    l->low[0] = before - slack;
    l->high[0] = before + slack;
    l->low[1] = -INFINITY;
    l->high[1] = INFINITY;
}

static inline int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Which of 64 words of rooms may not be 0. */
static inline uint64_t *group_at(const tg_loads *l, int32_t at)
{
    if (l->groups[at].level != l->level + 1)
        l->groups[at] = (tg_rooms){~UINT64_C(0), l->level + 1};
    return &l->groups[at].bits;
}

/* Who of 64 workers is below the ideal. */
static inline uint64_t rooms_at(const tg_loads *l, int32_t at)
{
    tg_rooms *its = &l->rooms[at];
    const int32_t first = at * BITS, left = l->p->nworkers - first, n = left < BITS ? left : BITS;

    if (its->level == l->level + 1)
        return its->bits;
    *its = (tg_rooms){0, l->level + 1};
    for (int32_t i = 0; i < n; i++) {
        const tg_rank_load *load = &l->of[l->p->worker[first + i]];

        its->bits |= (uint64_t)(tg_loads_carried(l, load) < l->ideal) << i;
    }
    return its->bits;
}

/* Bits from one on. */
static inline uint64_t from_bit(uint64_t bits, int32_t at)
{
    return bits & ~UINT64_C(0) << at % BITS;
}

/* The first word of rooms from `word` on, of `n`, that is not 0, or n. */
static int32_t next_word(const tg_loads *l, int32_t word, int32_t n)
{
    while (word < n) {
        const uint64_t left = from_bit(*group_at(l, word / BITS), word);

        if (left)
            return word / BITS * BITS + __builtin_ctzll(left);
        word = (word / BITS + 1) * BITS;
    }
    return n;
}

/* The first position from `at` to before `end` whose rank is below the ideal, or `end`. */
static int32_t find_room(const tg_loads *l, int32_t at, int32_t end)
{
    const int32_t nwords = (end + BITS - 1) / BITS;

    for (int32_t w = at / BITS; w < nwords; w = next_word(l, w + 1, nwords), at = w * BITS) {
        const uint64_t rooms = rooms_at(l, w), left = from_bit(rooms, at);

        if (left)
            return least(w * BITS + __builtin_ctzll(left), end);
        if (!rooms)
            *group_at(l, w / BITS) &= ~(UINT64_C(1) << w % BITS);
    }
    return end;
}

/* From `at` on, then from `first`, of those to before `end`; `end` where nobody has room. */
static int32_t find_around(const tg_loads *l, int32_t first, int32_t at, int32_t end)
{
    const int32_t found = find_room(l, at, end);

    if (found < end || first == at)
        return found;
    return find_room(l, first, end);
}

int32_t tg_loads_search_host(tg_loads *l, int32_t home)
{
    const tg_placer *p = l->p;
    const int32_t *host = p->machine->host;
    const int32_t at = p->position[home] >= 0 ? p->position[home] : 0;
    int32_t found;

    if (host[p->worker[at]] != host[home])
        return -1;
    found = find_around(l, l->first[at], at, l->end[at]);
    return found < l->end[at] ? p->worker[found] : -1;
}

int32_t tg_loads_nearest_room(tg_loads *l, int32_t home)
{
    const tg_placer *p = l->p;
    const int32_t at = p->position[home] >= 0 ? p->position[home] : 0;
    const int32_t near = tg_loads_room_on_host(l, home);
    const int32_t found = near >= 0 ? 0 : find_around(l, 0, at, p->nworkers);

    if (near >= 0)
        return near;
    return found < p->nworkers ? p->worker[found] : home;
}
