/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a placement to parts:
 *   1. sort the tasks by rank, in the order of their priority      by_rank.c
 *   2. lay out their inputs with them                              plan_inputs.c
 *   3. walk the inputs of each rank: a result of another rank gets a slot here and a push there,
 *      once however many tasks here use it; a constant gets a slot. What the walk counts gives the
 *      sizes                                                       plan_arrivals.c
 *   4. write a part when it is asked for, column by column         plan_write.c
 */
#include "place/plan.h"

#include <inttypes.h>

#include "base/memory.h"
#include "place/planner.h"

/* Rank 0, and who has tasks; a rank without tasks needs no results of others. Those that take part
 * report up a binary tree, from the at-th to the one at (at - 1) / 2. */
static tg_status find_report_tree(tg_plan *p)
{
    int32_t *taking_part = tg_alloc_array(p->nranks, sizeof *taking_part);
    int n = 0;

    if (!taking_part)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", p->nranks);
    for (int r = 0; r < p->nranks; r++)
        if (r == 0 || p->head[r].ntasks || p->head[r].nremote)
            taking_part[n++] = r;
    for (int at = 0; at < n; at++) {
        tg_part_head *head = &p->head[taking_part[at]];

        head->parent = at ? taking_part[(at - 1) / 2] : -1;
        for (int i = 2 * at + 1; i < n && i <= 2 * at + 2; i++)
            head->child[head->nchildren++] = taking_part[i];
    }
    tg_free(taking_part);
    return TG_OK;
}

static tg_status begin_heads(tg_plan *p, const tg_placement *placement, const int64_t *names,
                             int64_t epoch)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;

    p->head = tg_alloc_array(p->nranks, sizeof *p->head);
    p->function = tg_alloc_array(g->nfunctions, sizeof *p->function);
    TG_NEED(p->head && p->function, TG_ENOMEM, "out of memory: a plan for %d ranks", p->nranks);
    for (int64_t f = 0; f < g->nfunctions; f++)
        p->function[f] = (tg_part_function){g->functions[f].reference, names ? names[f] : f};
    for (int r = 0; r < p->nranks; r++)
        p->head[r] = (tg_part_head){.epoch = epoch,
                                    .nfunctions = g->nfunctions,
                                    .has_handles = g->handle != NULL,
                                    .has_affinities = g->affinity != NULL,
                                    .has_needs = g->need != NULL,
                                    .in_order = placement->in_phases};
out:
    return status;
}

tg_status tg_plan_create(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                         tg_placement *placement, const int64_t *names, int nranks, int64_t epoch,
                         tg_plan **out)
{
    tg_status status = TG_OK;
    tg_plan *plan = tg_zalloc(sizeof *plan);

    TG_NEED(plan, TG_ENOMEM, "out of memory for a plan");
    plan->graph = graph;
    plan->targets = targets;
    plan->ntargets = ntargets;
    plan->nranks = nranks;
    TG_TRY(begin_heads(plan, placement, names, epoch));
    TG_TRY(tg_plan_find_inputs(plan, placement));
    TG_TRY(tg_plan_find_arrivals(plan));
    TG_TRY(find_report_tree(plan));
    *out = plan;
    plan = NULL;
out:
    tg_plan_destroy(&plan);
    return status;
}

void tg_plan_destroy(tg_plan **plan)
{
    tg_plan *p = *plan;

    if (!p)
        return;
    tg_free(p->function);
    tg_free(p->head);
    tg_free(p->task_begin);
    tg_free(p->mine);
    tg_free(p->input_begin);
    tg_free(p->input);
    tg_free(p->pin);
    tg_ranges_clear(&p->arrivals);
    tg_free(p->arrival_slot);
    tg_free(p->sent);
    tg_free(p->before);
    tg_free(p->value_begin);
    tg_free(p->value);
    tg_free(p->constant);
    tg_free(p);
    *plan = NULL;
}
