/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Phases: how many messages lie one after the other on the way to a task, at most. Before a task of
 * phase c can run, some other rank must have finished one of phase c - 1; so each rank does its
 * tasks phase by phase, depth first inside, and does not run ahead on a way of its own while others
 * wait for it. A rank without messages has one phase: nothing changes.
 *
 * Sources are of the first phase: others wait for what they give. So they keep their place in this
 * order, while else, for memory's sake, ranks finish what is begun before they turn to sources.
 *
 * What lies between phases stays in memory, while depth first alone would use it up sooner. So this
 * is done only where it is little.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "place/placer.h"

/* Bytes of results between phases on a rank, above which memory goes first. */
static const double most_bytes = 256.0 * 1024 * 1024;

/* The phase of a task whose inputs have theirs. */
static int32_t find_phase(const tg_placer *p, int32_t task)
{
    const int32_t *input = tg_graph_inputs(p->graph, task), *rank = p->out->rank;
    int32_t phase = 0;

    for (int k = 0; k < tg_graph_ninputs(p->graph, task); k++) {
        const int32_t its = p->level[input[k]] + (rank[input[k]] != rank[task]);

        if (rank[input[k]] >= 0 && its > phase)
            phase = its;
    }
    return phase;
}

void tg_placer_find_phases(tg_placer *p)
{
    const tg_graph *g = p->graph;

    p->nphases = 0;
    p->kept = 0;
    for (int64_t i = 0; i < p->level_begin[p->nlevels]; i++) {
        const int32_t t = p->by_level[i], *input = tg_graph_inputs(g, t);
        const int32_t phase = find_phase(p, t);

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            if (p->out->rank[input[k]] >= 0)
                p->kept += (double)g->task[input[k]].output_bytes * (phase - p->level[input[k]]);
        p->level[t] = phase;
        p->nphases = phase >= p->nphases ? phase + 1 : p->nphases;
    }
}

/* How many tasks each phase has, at begin[phase + 1]; constants are of the first. */
static void count_phases(const tg_placer *p, int64_t *begin)
{
    for (int64_t t = 0; t < p->graph->ntasks; t++)
        if (p->level[t] >= 0)
            begin[p->level[t] + 1]++;
    begin[1] += p->out->count - p->level_begin[p->nlevels];
}

tg_status tg_placer_order_phases(tg_placer *p)
{
    tg_status status = TG_OK;
    tg_placement *out = p->out;
    const int32_t n = p->nphases;
    int64_t *begin = NULL;
    int32_t *order = p->by_level; /* of no more use */

    if (n <= 1 || p->kept / n / p->nworkers > most_bytes)
        return TG_OK;
    begin = tg_alloc_array(n + 1, sizeof *begin);
    TG_NEED(begin, TG_ENOMEM, "out of memory: order of %" PRId64 " tasks", out->count);
    count_phases(p, begin);
    for (int32_t c = 0; c < n; c++)
        begin[c + 1] += begin[c];
    for (int64_t i = 0; i < out->count; i++) {
        const int32_t phase = tg_placer_level_at(p, i);

        order[begin[phase > 0 ? phase : 0]++] = out->order[i];
    }
    p->by_level = out->order;
    out->order = order;
    out->in_phases = true;
out:
    tg_free(begin);
    return status;
}
