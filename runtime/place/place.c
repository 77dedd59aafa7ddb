/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Placement in one pass over the levels of the graph (level 0: sources; level of a task: one more
 * than the highest of its inputs), and what mends it.
 *
 *     level 0 is dealt in contiguous blocks over the tree      place_sources.c
 *     higher levels follow their bytes, within a balance       place_levels.c
 *     ranks that are ahead of others give tasks away           place_even.c
 *     tasks change places while fewer bytes are sent           place_refine.c
 *     the order is sorted by phases where memory allows        place_phases.c
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/placer.h"

static tg_status find_workers(tg_placer *p, bool dedicated)
{
    const int nranks = p->machine->nranks;

    p->worker = tg_alloc_array(nranks, sizeof *p->worker);
    p->position = tg_alloc_array(nranks, sizeof *p->position);
    if (!p->worker || !p->position)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", nranks);
    for (int i = 0; i < nranks; i++) {
        const int32_t r = p->machine->order[i];

        p->position[r] = -1;
        if (dedicated && nranks > 1 && r == 0)
            continue;
        p->position[r] = p->nworkers;
        p->worker[p->nworkers++] = r;
        p->power += tg_placer_threads(p, r);
    }
    return TG_OK;
}

/* How many tasks each level has, at begin[level + 2], and their work. */
static void count_levels(tg_placer *p, int64_t *begin)
{
    const int64_t n = p->graph->ntasks;
    int64_t count = 0;

    for (int64_t t = 0; t < n; t++) {
        if (p->level[t] < 0)
            continue;
        begin[p->level[t] + 2]++;
        p->work += tg_placer_cost(p, t);
        p->nguessed += !(tg_graph_seconds(p->graph, t) > 0) && !tg_graph_is_resident(p->graph, t);
        count++;
    }
    p->any_value = count < p->out->count;
}

/* The tasks by level (counting sort, stable). */
static tg_status sort_by_level(tg_placer *p)
{
    tg_status status = TG_OK;
    const int64_t n = p->graph->ntasks, count = p->out->count;
    int64_t *begin;

    for (int64_t t = 0; t < n; t++)
        p->nlevels = p->level[t] >= p->nlevels ? p->level[t] + 1 : p->nlevels;
    p->by_level = tg_alloc_array(count, sizeof *p->by_level);
    p->level_begin = begin = tg_alloc_array(p->nlevels + 2, sizeof *begin);
    TG_NEED(p->by_level && begin, TG_ENOMEM, "out of memory: %" PRId64 " levels", p->nlevels);
    count_levels(p, begin);
    for (int64_t l = 2; l < p->nlevels + 2; l++)
        begin[l] += begin[l - 1];
    for (int64_t i = 0; i < count; i++) {
        const int32_t level = tg_placer_level_at(p, i);

        if (level >= 0)
            p->by_level[begin[level + 1]++] = p->out->order[i];
    }
out:
    return status;
}

/* Where one task of an affinity has to run on rank 0, all have. */
static void fix_affinities(tg_placer *p)
{
    const tg_graph *g = p->graph;

    for (int64_t i = 0; g->affinity && i < p->out->count; i++)
        if (g->task[p->out->order[i]].flags & TG_TASK_ROOT)
            p->rank_of[g->affinity[p->out->order[i]]] = 1;
}

static void clear(tg_placer *p)
{
    tg_free(p->worker);
    tg_free(p->position);
    tg_free(p->level);
    tg_free(p->by_level);
    tg_free(p->level_begin);
    tg_free(p->units);
    tg_free(p->unit_of);
    tg_free(p->column);
    tg_free(p->column_rank);
    tg_free(p->rank_of);
    tg_free(p->scratch);
}

tg_status tg_place(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                   const tg_machine *machine, bool dedicated, tg_placement *out)
{
    tg_status status = TG_OK;
    tg_placement made = {0};
    tg_placer p = {.graph = graph, .machine = machine, .out = &made};

    TG_TRY(tg_graph_order_levels(graph, targets, ntargets, &made.order, &made.count, &p.level));
    made.rank = tg_alloc_array(graph->ntasks, sizeof *made.rank);
    made.load = tg_alloc_array(machine->nranks, sizeof *made.load);
    p.scratch = tg_alloc_array(machine->nranks, sizeof *p.scratch);
    p.rank_of = tg_alloc_array(graph->naffinities + 1, sizeof *p.rank_of);
    TG_NEED(made.rank && made.load && p.scratch && p.rank_of, TG_ENOMEM,
            "out of memory: placement of %" PRId64 " tasks", graph->ntasks);
    memset(made.rank, 0xff, (size_t)graph->ntasks * sizeof *made.rank); /* -1 */
    TG_TRY(find_workers(&p, dedicated));
    TG_TRY(sort_by_level(&p));
    fix_affinities(&p);
    TG_TRY(tg_placer_deal_sources(&p));
    TG_TRY(tg_placer_follow_bytes(&p));
    TG_TRY(tg_placer_even_out(&p));
    TG_TRY(tg_placer_refine(&p));
    if (p.changed)
        tg_placer_find_phases(&p);
    TG_TRY(tg_placer_order_phases(&p));
    *out = made;
    made = (tg_placement){0};
out:
    clear(&p);
    tg_placement_clear(&made);
    return status;
}

void tg_placement_clear(tg_placement *placement)
{
    tg_free(placement->rank);
    tg_free(placement->order);
    tg_free(placement->load);
    *placement = (tg_placement){0};
}
