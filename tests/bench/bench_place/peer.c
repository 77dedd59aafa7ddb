/* SPDX-License-Identifier: BSD-3-Clause */
/* See peer.h. Without Scotch peer_map says that it is not there. */
#include "bench_place/peer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

#ifndef HAVE_SCOTCH

bool peer_is_here(void)
{
    return false;
}

tg_status peer_map(const tg_graph *graph, tg_placement *placement, const tree *onto,
                   double imbalance)
{
    (void)graph, (void)placement, (void)onto, (void)imbalance;
    return tg_fail(TG_EARG, "built without Scotch (Debian: libscotch-dev)");
}

#else

#include <scotch.h>

bool peer_is_here(void)
{
    return true;
}

/* The undirected graph: each edge from both its ends. */
typedef struct sides {
    SCOTCH_Num n, *begin, *vertex_weight, *edge, *edge_weight, *part;
} sides;

static void sides_clear(sides *s)
{
    tg_free(s->begin);
    tg_free(s->vertex_weight);
    tg_free(s->edge);
    tg_free(s->edge_weight);
    tg_free(s->part);
}

static tg_status sides_create(const tg_graph *g, sides *s)
{
    tg_status status = TG_OK;
    const int64_t nedges = g->input_begin[g->ntasks];

    s->n = (SCOTCH_Num)g->ntasks;
    s->begin = tg_alloc_array(g->ntasks + 2, sizeof *s->begin);
    s->vertex_weight = tg_alloc_array(g->ntasks, sizeof *s->vertex_weight);
    s->edge = tg_alloc_array(2 * nedges, sizeof *s->edge);
    s->edge_weight = tg_alloc_array(2 * nedges, sizeof *s->edge_weight);
    s->part = tg_alloc_array(g->ntasks, sizeof *s->part);
    TG_NEED(s->begin && s->vertex_weight && s->edge && s->edge_weight && s->part, TG_ENOMEM,
            "out of memory: %" PRId64 " edges", nedges);
out:
    return status;
}

static void add_side(sides *s, SCOTCH_Num from, SCOTCH_Num to, SCOTCH_Num weight)
{
    const SCOTCH_Num at = s->begin[from + 1]++;

    s->edge[at] = to;
    s->edge_weight[at] = weight;
}

/* Two edges between a pair become one, as Scotch wants it. */
static bool seen_before(const int32_t *inputs, int k)
{
    for (int i = 0; i < k; i++)
        if (inputs[i] == inputs[k])
            return true;
    return false;
}

static void fill(const tg_graph *g, sides *s)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t t = 0; t < g->ntasks; t++) {
            const int32_t *inputs = tg_graph_inputs(g, t);

            for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
                const SCOTCH_Num weight = (SCOTCH_Num)(g->output_bytes[inputs[k]] / 1024 + 1);

                if (seen_before(inputs, k))
                    continue;
                if (pass == 0) {
                    s->begin[t + 2]++;
                    s->begin[inputs[k] + 2]++;
                } else {
                    add_side(s, (SCOTCH_Num)t, inputs[k], weight);
                    add_side(s, inputs[k], (SCOTCH_Num)t, weight);
                }
            }
        }
        for (int64_t t = 2; pass == 0 && t < g->ntasks + 2; t++)
            s->begin[t] += s->begin[t - 1];
    }
    for (int64_t t = 0; t < g->ntasks; t++)
        s->vertex_weight[t] = (SCOTCH_Num)(1e6 * (double)g->seconds[t] + 0.5);
}

static tg_status map(const sides *s, const tree *onto, double imbalance)
{
    static const SCOTCH_Num costs[] = {20, 4, 1};
    tg_status status = TG_OK;
    SCOTCH_Graph graph;
    SCOTCH_Arch arch;
    SCOTCH_Strat strategy;
    SCOTCH_Num parts[3], leaves = 1;
    int wrong;

    for (int i = 0; i < onto->nlevels; i++)
        leaves *= parts[i] = onto->parts[i];
    SCOTCH_graphInit(&graph);
    SCOTCH_archInit(&arch);
    SCOTCH_stratInit(&strategy);
    wrong = SCOTCH_graphBuild(&graph, 0, s->n, s->begin, NULL, s->vertex_weight, NULL,
                              s->begin[s->n], s->edge, s->edge_weight) ||
            SCOTCH_archTleaf(&arch, onto->nlevels, parts, costs) ||
            SCOTCH_stratGraphMapBuild(&strategy, SCOTCH_STRATDEFAULT, leaves, imbalance) ||
            SCOTCH_graphMap(&graph, &arch, &strategy, s->part);
    SCOTCH_stratExit(&strategy);
    SCOTCH_archExit(&arch);
    SCOTCH_graphExit(&graph);
    TG_NEED(!wrong, TG_EINTERNAL, "Scotch fails");
out:
    return status;
}

tg_status peer_map(const tg_graph *graph, tg_placement *placement, const tree *onto,
                   double imbalance)
{
    tg_status status = TG_OK;
    sides s = {0};

    TG_TRY(sides_create(graph, &s));
    fill(graph, &s);
    TG_TRY(map(&s, onto, imbalance));
    for (int64_t t = 0; t < graph->ntasks; t++)
        if (placement->rank[t] >= 0)
            placement->rank[t] = s.part[t];
out:
    sides_clear(&s);
    return status;
}

#endif
