/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Placement in one pass over the levels of the graph (level 0: sources; level of a task: one more
 * than the highest of its inputs).
 *
 * Level 0 is dealt in contiguous blocks of the depth-first order over the ranks in tree order, so
 * that what is reduced together lies on one rank, then on one host. Where blocks cannot balance a
 * few uneven units (files), the longest-processing-time rule (Graham 1969) is tried and taken when
 * better. Tasks of higher levels follow their bytes; a level that this leaves unbalanced gives its
 * surplus, in order, to ranks with room, where the work saved is worth the transfer.
 */
#include "place/place.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A task, or all source tasks of one affinity. */
typedef struct unit {
    double seconds, start; /* start: seconds of the units before it */
    int32_t rank, number;
} unit;

typedef struct placer {
    const tg_graph *graph;
    const tg_machine *machine;
    tg_placement *out;
    int32_t *worker; /* computing ranks in tree order */
    int nworkers;
    double power;         /* threads of all workers */
    int32_t *level;       /* by task */
    int32_t *by_level;    /* needed tasks sorted by level, depth-first order inside */
    int64_t *level_begin; /* into by_level, nlevels + 1 */
    int64_t nlevels;
    unit *units;
    int64_t nunits;
    int32_t *unit_of;   /* by task: its unit, at level 0 */
    double *rank_bytes; /* scratch by rank: input bytes of the task looked at, 0 between tasks */
    double *rank_load;  /* scratch by rank: seconds on the level looked at */
} placer;

static double cost(const placer *p, int64_t task)
{
    const double seconds = (double)p->graph->seconds[task];

    return seconds > 0 ? seconds : TG_DEFAULT_SECONDS;
}

static double threads(const placer *p, int32_t rank)
{
    return (double)p->machine->threads[rank];
}

static tg_status find_workers(placer *p, bool dedicated)
{
    const int nranks = p->machine->nranks;

    p->worker = tg_alloc_array(nranks, sizeof *p->worker);
    if (!p->worker)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", nranks);
    for (int i = 0; i < nranks; i++)
        if (!(dedicated && nranks > 1 && p->machine->order[i] == 0))
            p->worker[p->nworkers++] = p->machine->order[i];
    for (int i = 0; i < p->nworkers; i++)
        p->power += threads(p, p->worker[i]);
    return TG_OK;
}

/* Levels of the needed tasks and the tasks by level (counting sort, stable). */
static tg_status find_levels(placer *p)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    const tg_placement *out = p->out;

    p->level = tg_alloc_array(g->ntasks, sizeof *p->level);
    p->by_level = tg_alloc_array(out->count, sizeof *p->by_level);
    TG_NEED(p->level && p->by_level, TG_ENOMEM, "out of memory: levels of %" PRId64 " tasks",
            g->ntasks);
    for (int64_t i = 0; i < out->count; i++) {
        const int32_t t = out->order[i];
        const int32_t *input = tg_graph_inputs(g, t);

        p->level[t] = g->function[t] == TG_GRAPH_VALUE ? -1 : 0;
        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            if (p->level[input[k]] >= p->level[t])
                p->level[t] = p->level[input[k]] + 1;
        if (p->level[t] >= p->nlevels)
            p->nlevels = p->level[t] + 1;
    }
    p->level_begin = tg_alloc_array(p->nlevels + 2, sizeof *p->level_begin);
    TG_NEED(p->level_begin, TG_ENOMEM, "out of memory: %" PRId64 " levels", p->nlevels);
    for (int64_t i = 0; i < out->count; i++)
        if (p->level[out->order[i]] >= 0)
            p->level_begin[p->level[out->order[i]] + 2]++;
    for (int64_t l = 2; l < p->nlevels + 2; l++)
        p->level_begin[l] += p->level_begin[l - 1];
    for (int64_t i = 0; i < out->count; i++)
        if (p->level[out->order[i]] >= 0)
            p->by_level[p->level_begin[p->level[out->order[i]] + 1]++] = out->order[i];
out:
    return status;
}

static void settle(placer *p, int32_t task, int32_t rank)
{
    p->out->rank[task] = rank;
    p->out->load[rank] += cost(p, task) / threads(p, rank);
}

static tg_status find_units(placer *p)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    const int64_t n = p->nlevels ? p->level_begin[1] : 0;
    int32_t *of_affinity = tg_alloc_array(g->naffinities + 1, sizeof *of_affinity);

    p->units = tg_alloc_array(n, sizeof *p->units);
    p->unit_of = tg_alloc_array(n, sizeof *p->unit_of);
    TG_NEED(of_affinity && p->units && p->unit_of, TG_ENOMEM, "out of memory: %" PRId64 " sources",
            n);
    for (int64_t i = 0; i < n; i++) {
        const int32_t t = p->by_level[i];
        const int32_t a = g->affinity[t];
        int64_t u = a && of_affinity[a] ? of_affinity[a] - 1 : p->nunits;

        p->unit_of[i] = -1;
        if (g->flags[t] & TG_TASK_ROOT)
            continue;
        if (u == p->nunits)
            p->units[p->nunits++] = (unit){.number = (int32_t)u};
        of_affinity[a] = (int32_t)u + 1;
        p->units[u].seconds += cost(p, t);
        p->unit_of[i] = (int32_t)u;
    }
out:
    tg_free(of_affinity);
    return status;
}

/* Contiguous blocks of equal cost; returns the heaviest load. */
static double deal_blocks(placer *p)
{
    double total = 0, before = 0, heaviest = 0, load = 0, share = 0;
    int64_t w = 0;

    for (int64_t u = 0; u < p->nunits; u++) {
        p->units[u].start = total;
        total += p->units[u].seconds;
    }
    share = threads(p, p->worker[0]);
    for (int64_t u = 0; u < p->nunits; u++) {
        const double middle = (p->units[u].start + p->units[u].seconds / 2) / total * p->power;

        while (w + 1 < p->nworkers && middle >= before + share) {
            before += share;
            share = threads(p, p->worker[++w]);
            load = 0;
        }
        p->units[u].rank = p->worker[w];
        load += p->units[u].seconds / share;
        heaviest = load > heaviest ? load : heaviest;
    }
    return heaviest;
}

static int longer_first(const void *a, const void *b)
{
    const unit *x = a, *y = b;

    if (x->seconds != y->seconds)
        return x->seconds < y->seconds ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    const unit *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* Longest first, each to the rank that is done first. For few units: the search is linear. */
static double deal_longest_first(placer *p, unit *units)
{
    double heaviest = 0;

    memset(p->rank_load, 0, (size_t)p->machine->nranks * sizeof *p->rank_load);
    qsort(units, (size_t)p->nunits, sizeof *units, longer_first);
    for (int64_t u = 0; u < p->nunits; u++) {
        int32_t best = p->worker[0];
        double best_end = p->rank_load[best] + units[u].seconds / threads(p, best);

        for (int w = 1; w < p->nworkers; w++) {
            const int32_t r = p->worker[w];
            const double end = p->rank_load[r] + units[u].seconds / threads(p, r);

            if (end < best_end) {
                best = r;
                best_end = end;
            }
        }
        units[u].rank = best;
        p->rank_load[best] = best_end;
        heaviest = best_end > heaviest ? best_end : heaviest;
    }
    memset(p->rank_load, 0, (size_t)p->machine->nranks * sizeof *p->rank_load);
    qsort(units, (size_t)p->nunits, sizeof *units, by_number);
    return heaviest;
}

/* Most units times ranks for which the longest-first rule is tried. */
enum { FEW = 1 << 20 };

static tg_status deal_sources(placer *p)
{
    tg_status status = TG_OK;
    unit *other = NULL;
    double total = 0, blocks;

    TG_TRY(find_units(p));
    for (int64_t u = 0; u < p->nunits; u++)
        total += p->units[u].seconds;
    blocks = deal_blocks(p);
    if (p->nunits * p->nworkers <= FEW && blocks > 1.05 * total / p->power) {
        other = tg_copy_of(p->units, (size_t)p->nunits * sizeof *other);
        TG_NEED(other, TG_ENOMEM, "out of memory: %" PRId64 " sources", p->nunits);
        if (deal_longest_first(p, other) < 0.95 * blocks)
            memcpy(p->units, other, (size_t)p->nunits * sizeof *other);
    }
    for (int64_t i = 0; p->nlevels && i < p->level_begin[1]; i++)
        settle(p, p->by_level[i], p->unit_of[i] < 0 ? 0 : p->units[p->unit_of[i]].rank);
out:
    tg_free(other);
    return status;
}

static double bytes_of(const placer *p, int64_t task)
{
    return p->graph->output_bytes[task] > 0 ? (double)p->graph->output_bytes[task] : 1.0;
}

static bool computes(const placer *p, int32_t rank)
{
    return p->nworkers == p->machine->nranks || rank != 0;
}

/* The rank that holds most of a task's input bytes, the first of them when equal. */
static int32_t home_of(placer *p, int32_t task, double *input_bytes)
{
    const tg_graph *g = p->graph;
    const int32_t *input = tg_graph_inputs(g, task);
    const int n = tg_graph_ninputs(g, task);
    int32_t best = -1;

    *input_bytes = 0;
    for (int k = 0; k < n; k++) {
        const int32_t r = p->out->rank[input[k]];

        if (r >= 0) {
            p->rank_bytes[r] += bytes_of(p, input[k]);
            *input_bytes += bytes_of(p, input[k]);
        }
    }
    for (int k = 0; k < n; k++) {
        const int32_t r = p->out->rank[input[k]];

        if (r >= 0 && computes(p, r) && (best < 0 || p->rank_bytes[r] > p->rank_bytes[best]))
            best = r;
    }
    for (int k = 0; k < n; k++)
        if (p->out->rank[input[k]] >= 0)
            p->rank_bytes[p->out->rank[input[k]]] = 0;
    return best >= 0 ? best : p->worker[0];
}

/* Give what is over `limit` on a rank, in order, to ranks with room. */
static void even_out(placer *p, int64_t begin, int64_t end, double limit)
{
    int w = 0;

    for (int64_t i = end; i-- > begin && w < p->nworkers;) {
        const int32_t t = p->by_level[i];
        const int32_t home = p->out->rank[t];
        double input_bytes;

        if ((p->graph->flags[t] & TG_TASK_ROOT) || p->rank_load[home] <= limit)
            continue;
        while (w < p->nworkers &&
               p->rank_load[p->worker[w]] + cost(p, t) / threads(p, p->worker[w]) > limit)
            w++;
        if (w == p->nworkers)
            return;
        (void)home_of(p, t, &input_bytes);
        if (cost(p, t) <
            2 * tg_machine_transfer_seconds(p->machine, home, p->worker[w], (int64_t)input_bytes))
            continue;
        p->rank_load[home] -= cost(p, t) / threads(p, home);
        p->rank_load[p->worker[w]] += cost(p, t) / threads(p, p->worker[w]);
        p->out->rank[t] = p->worker[w];
    }
}

static void place_level(placer *p, int64_t begin, int64_t end)
{
    double total = 0, longest = 0, heaviest = 0, limit, ignored;

    for (int64_t i = begin; i < end; i++) {
        const int32_t t = p->by_level[i];
        const int32_t r = p->graph->flags[t] & TG_TASK_ROOT ? 0 : home_of(p, t, &ignored);
        const double seconds = cost(p, t);

        p->out->rank[t] = r;
        p->rank_load[r] += seconds / threads(p, r);
        heaviest = p->rank_load[r] > heaviest ? p->rank_load[r] : heaviest;
        longest = seconds > longest ? seconds : longest;
        total += seconds;
    }
    limit = 1.1 * total / p->power;
    limit = limit > longest ? limit : longest;
    if (heaviest > 1.0000001 * limit)
        even_out(p, begin, end, 1.0000001 * limit);
    for (int64_t i = begin; i < end; i++) {
        p->rank_load[p->out->rank[p->by_level[i]]] = 0;
        settle(p, p->by_level[i], p->out->rank[p->by_level[i]]);
    }
    if (heaviest > limit) /* ranks that lost all their tasks */
        memset(p->rank_load, 0, (size_t)p->machine->nranks * sizeof *p->rank_load);
}

static void placer_clear(placer *p)
{
    tg_free(p->worker);
    tg_free(p->level);
    tg_free(p->by_level);
    tg_free(p->level_begin);
    tg_free(p->units);
    tg_free(p->unit_of);
    tg_free(p->rank_bytes);
    tg_free(p->rank_load);
}

tg_status tg_place(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                   const tg_machine *machine, bool dedicated, tg_placement *out)
{
    tg_status status = TG_OK;
    tg_placement made = {0};
    placer p = {.graph = graph, .machine = machine, .out = &made};

    TG_TRY(tg_graph_order(graph, targets, ntargets, &made.order, &made.count));
    made.rank = tg_alloc_array(graph->ntasks, sizeof *made.rank);
    made.load = tg_alloc_array(machine->nranks, sizeof *made.load);
    p.rank_bytes = tg_alloc_array(machine->nranks, sizeof *p.rank_bytes);
    p.rank_load = tg_alloc_array(machine->nranks, sizeof *p.rank_load);
    TG_NEED(made.rank && made.load && p.rank_bytes && p.rank_load, TG_ENOMEM,
            "out of memory: placement of %" PRId64 " tasks", graph->ntasks);
    for (int64_t t = 0; t < graph->ntasks; t++)
        made.rank[t] = -1;
    TG_TRY(find_workers(&p, dedicated));
    TG_TRY(find_levels(&p));
    TG_TRY(deal_sources(&p));
    for (int64_t l = 1; l < p.nlevels; l++)
        place_level(&p, p.level_begin[l], p.level_begin[l + 1]);
    *out = made;
    made = (tg_placement){0};
out:
    placer_clear(&p);
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
