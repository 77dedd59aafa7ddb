/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * How much each rank has to do while tasks are placed level by level, and who has room.
 *
 * The ideal load is the work of all levels so far over all threads. A rank may pass it by a slack.
 * What a rank is ahead or behind is carried from level to level within the slack: small differences
 * even out over the levels, but a rank that a level had no use for is not buried under the next.
 */
#ifndef TG_PLACE_PLACE_LOADS_H
#define TG_PLACE_PLACE_LOADS_H

#include "base/compiler.h"
#include "place/placer.h"

typedef struct tg_rank_load {
    double seconds;   /* so far, carried within the slack to the level that it was last used by */
    int32_t used;     /* level + 1 of the last level that gave it a task */
    int32_t position; /* of the worker; behind all of them: does not compute */
} tg_rank_load;

/** Workers whose rooms lie in one word. */
enum { TG_ROOMS = 64 };

/** Who has room among 64 workers that follow each other, a bit each; those of another level are
 * found when they are needed. */
typedef struct tg_rooms {
    uint64_t bits;
    int64_t level; /* plus 1 */
} tg_rooms;

typedef struct tg_loads {
    const tg_placer *p;
    tg_rank_load *of; /* by rank */
    double *all;      /* by rank: seconds of all its tasks so far; borrowed */
    tg_rooms *rooms;  /* by worker's position / 64 */
    tg_rooms *groups; /* by worker's position / 4096: which words of rooms may not be 0 */
    int32_t *first;   /* by worker's position: the first on its host; 0 behind all workers */
    int32_t *end;     /* likewise: behind the last; INT32_MAX behind all workers */
    int32_t level;
    bool few;              /* fewer than two tasks a rank: chains, that better keep theirs */
    bool narrow;           /* fewer tasks than threads, as far up a reduction */
    double per_thread;     /* 1 / threads of each rank, 0: they differ */
    double seconds, share; /* of the task looked at; what it adds to a rank, where they are alike */
    double ideal, slack;   /* ideal: after this level */
    double low[2], high[2]; /* where loads are carried to: not used by this level, used */
} tg_loads;

TG_MUST_CHECK tg_status tg_loads_create(const tg_placer *placer, tg_loads *out);
void tg_loads_clear(tg_loads *loads);

/** Turn to a level of `seconds` a thread; loads are carried to what it has room for. */
void tg_loads_turn_to(tg_loads *loads, int32_t level, double seconds, double slack);

/** The nearest rank with room on the host of `home`; -1: there is none. */
TG_INLINE int32_t tg_loads_room_on_host(tg_loads *loads, int32_t home);
/** The same by a search, wherever the host's ranks are. */
int32_t tg_loads_search_host(tg_loads *loads, int32_t home);
/** The nearest rank with room, first on the host; `home` where there is none. */
int32_t tg_loads_nearest_room(tg_loads *loads, int32_t home);

/** Look at a task of so many seconds. */
static inline void tg_loads_look_at(tg_loads *loads, double seconds)
{
    loads->seconds = seconds;
    loads->share = seconds * loads->per_thread;
}

/** What the task looked at adds to a rank's load. */
static inline double tg_loads_share(const tg_loads *loads, int32_t rank)
{
    return loads->per_thread > 0 ? loads->share
                                 : loads->seconds / tg_placer_threads(loads->p, rank);
}

/** What a rank has at this level; without branches, which nothing could foretell. */
static inline double tg_loads_carried(const tg_loads *loads, const tg_rank_load *its)
{
    const bool used = its->used == loads->level + 1;
    const double low = loads->low[used], high = loads->high[used];
    const double seconds = its->seconds < low ? low : its->seconds;

    return seconds > high ? high : seconds;
}

/** Is so much on a rank allowed? On a narrow level a first task always: it delays none. */
static inline bool tg_loads_allow(const tg_loads *loads, const tg_rank_load *its, double after)
{
    return (loads->narrow & (its->used != loads->level + 1)) |
           (after <= loads->ideal + loads->slack);
}

/** May the rank take the task looked at? */
static inline bool tg_loads_may_take(const tg_loads *loads, int32_t rank)
{
    const tg_rank_load *its = &loads->of[rank];

    return tg_loads_allow(loads, its, tg_loads_carried(loads, its) + tg_loads_share(loads, rank));
}

/** The rank has so much to do now. */
static inline void tg_loads_set(tg_loads *loads, tg_rank_load *its, double seconds)
{
    const uint64_t full = seconds >= loads->ideal;

    its->seconds = seconds;
    its->used = loads->level + 1;
    loads->rooms[its->position / TG_ROOMS].bits &= ~(full << its->position % TG_ROOMS);
}

/** The rank gets so much to do. */
static inline void tg_loads_add(tg_loads *loads, int32_t rank, double share)
{
    tg_rank_load *its = &loads->of[rank];

    tg_loads_set(loads, its, tg_loads_carried(loads, its) + share);
}

/** The rank takes the task looked at. */
static inline void tg_loads_take(tg_loads *loads, int32_t rank)
{
    const double share = tg_loads_share(loads, rank);

    tg_loads_add(loads, rank, share);
    loads->all[rank] += share;
}

TG_INLINE int32_t tg_loads_room_on_host(tg_loads *loads, int32_t home)
{
    const int32_t at = loads->of[home].position, first = loads->first[at], end = loads->end[at];
    const int32_t word = at / TG_ROOMS, before = word * TG_ROOMS;
    const tg_rooms *its = &loads->rooms[word];
    uint64_t bits, later;

    if (first < before || end > before + TG_ROOMS || its->level != loads->level + 1)
        return tg_loads_search_host(loads, home);
    bits = its->bits & ~UINT64_C(0) << (first - before) & ~UINT64_C(0) >> (before + TG_ROOMS - end);
    later = bits & ~UINT64_C(0) << (at - before);
    if (!bits)
        return -1;
    return loads->p->worker[before + __builtin_ctzll(later ? later : bits)];
}

/** The same if it may. */
TG_INLINE bool tg_loads_try(tg_loads *loads, int32_t rank)
{
    tg_rank_load *its = &loads->of[rank];
    const double share = tg_loads_share(loads, rank);
    const double after = tg_loads_carried(loads, its) + share;

    if (!tg_loads_allow(loads, its, after))
        return false;
    tg_loads_set(loads, its, after);
    loads->all[rank] += share;
    return true;
}

#endif
