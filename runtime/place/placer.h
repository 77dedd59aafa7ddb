/* SPDX-License-Identifier: BSD-3-Clause */
/** What the files that place tasks share; for them only. */
#ifndef TG_PLACE_PLACER_H
#define TG_PLACE_PLACER_H

#include "place/place.h"

/** A source task, or all source tasks of one affinity. */
typedef struct tg_unit {
    double seconds;
    int32_t rank, number;
} tg_unit;

typedef struct tg_placer {
    const tg_graph *graph;
    const tg_machine *machine;
    tg_placement *out;
    int32_t *worker;   /* computing ranks in tree order */
    int32_t *position; /* by rank: in `worker`; -1: does not compute */
    int nworkers;
    double power;         /* threads of all workers */
    double work;          /* seconds of all needed tasks */
    int64_t nguessed;     /* of these, tasks that do not say how long they take */
    bool any_value;       /* constants are needed */
    int32_t *level;       /* by task; once it is placed, its phase */
    int32_t *by_level;    /* needed tasks sorted by level, depth-first order inside */
    int64_t *level_begin; /* into by_level, nlevels + 1 */
    int64_t nlevels;
    int32_t nphases; /* phases (place_phases.c) of what is placed */
    double kept;     /* bytes times phases that they wait, each user counted: more than there is */
    tg_unit *units;
    int64_t nunits;
    int32_t *unit_of;     /* by task: its unit, at level 0 */
    int32_t *column;      /* by task: the unit or fan that it follows, -1: none; NULL: they follow
                       * bytes */
    int32_t *column_rank; /* by column, where columns are fans: they stay there; NULL: units */
    int32_t *rank_of;     /* by affinity: the rank of its tasks + 1; 0: none has one yet */
    double *scratch;      /* by rank, 0 between uses */
    bool changed;         /* ranks are not those any more that phases were found for */
} tg_placer;

static inline double tg_placer_cost(const tg_placer *p, int64_t task)
{
    const double seconds = (double)tg_graph_seconds(p->graph, task);

    if (tg_graph_is_resident(p->graph, task))
        return 0;
    return seconds > 0 ? seconds : TG_DEFAULT_SECONDS;
}

/** tg_placer.level of the i-th task of the order. Who goes along the order finds them far from each
 * other: one to come is fetched. */
static inline int32_t tg_placer_level_at(const tg_placer *p, int64_t i)
{
    enum { AHEAD = 24 };
    const int32_t *order = p->out->order;

    if (i + AHEAD < p->out->count)
        __builtin_prefetch(&p->level[order[i + AHEAD]]);
    return p->level[order[i]];
}

static inline double tg_placer_threads(const tg_placer *p, int32_t rank)
{
    return (double)p->machine->threads[rank];
}

/** The rank where the other tasks of the task's affinity run, which it cannot leave; -1: none. */
static inline int32_t tg_placer_fixed(const tg_placer *p, int32_t task)
{
    const int32_t affinity = tg_graph_affinity(p->graph, task);

    if (p->graph->task[task].flags & TG_TASK_ROOT)
        return 0;
    return affinity ? p->rank_of[affinity] - 1 : -1;
}

/** May the task run on any rank? */
static inline bool tg_placer_is_free(const tg_placer *p, int32_t task)
{
    return !(p->graph->task[task].flags & TG_TASK_ROOT) && !tg_graph_affinity(p->graph, task) &&
           !tg_graph_is_resident(p->graph, task);
}

/** Are tasks long beside so many seconds of planning, and is it known? At most a hundredth. */
static inline bool tg_placer_pays(const tg_placer *p, double seconds)
{
    return p->machine->nhosts > 1 && p->nworkers > 1 && !p->nguessed && seconds <= p->work / 100;
}

/** The task runs on the rank. */
static inline void tg_placer_settle(tg_placer *p, int32_t task, int32_t rank)
{
    p->out->rank[task] = rank;
    if (p->graph->affinity && !tg_graph_is_resident(p->graph, task))
        p->rank_of[p->graph->affinity[task]] = rank + 1;
}

/** Place level 0 (place_sources.c). */
TG_MUST_CHECK tg_status tg_placer_deal_sources(tg_placer *placer);

/** Deal the units by what becomes of them where that is better (place_columns.c). */
TG_MUST_CHECK tg_status tg_placer_deal_columns(tg_placer *placer);

/** The same by what results are needed for; p->column is set where that is better
 * (place_fans.c). */
TG_MUST_CHECK tg_status tg_placer_deal_fans(tg_placer *placer);

/** Place the other levels (place_levels.c). */
TG_MUST_CHECK tg_status tg_placer_follow_bytes(tg_placer *placer);

/** Even out what ranks have to do, level by level, where it pays (place_even.c). */
TG_MUST_CHECK tg_status tg_placer_even_out(tg_placer *placer);

/** Send less between hosts, then inside them, at the same balance, where it pays
 * (place_refine.c). */
TG_MUST_CHECK tg_status tg_placer_refine(tg_placer *placer);

/** Find the phases of what is placed (place_phases.c). */
void tg_placer_find_phases(tg_placer *placer);

/** Sort the order by phases where memory allows (place_phases.c); by_level is used up. */
TG_MUST_CHECK tg_status tg_placer_order_phases(tg_placer *placer);

#endif
