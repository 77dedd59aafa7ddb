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
                   double imbalance, peer_vertices vertices)
{
    (void)graph, (void)placement, (void)onto, (void)imbalance, (void)vertices;
    return tg_fail(TG_EARG, "built without Scotch (Debian: libscotch-dev)");
}

#else

#include <scotch.h>

bool peer_is_here(void)
{
    return true;
}

/* An edge of the undirected graph, from one of its ends. */
typedef struct side {
    SCOTCH_Num from, to, weight;
} side;

typedef struct sides {
    SCOTCH_Num n, *begin, *vertex_weight, *edge, *edge_weight, *part;
    SCOTCH_Num *vertex; /* by task */
    side *side;
    int64_t nsides;
} sides;

static void sides_clear(sides *s)
{
    tg_free(s->begin);
    tg_free(s->vertex_weight);
    tg_free(s->edge);
    tg_free(s->edge_weight);
    tg_free(s->part);
    tg_free(s->vertex);
    tg_free(s->side);
}

static tg_status sides_create(const tg_graph *g, sides *s)
{
    tg_status status = TG_OK;
    const int64_t nedges = tg_graph_nedges(g);

    s->begin = tg_alloc_array(g->ntasks + 1, sizeof *s->begin);
    s->vertex_weight = tg_alloc_array(g->ntasks, sizeof *s->vertex_weight);
    s->edge = tg_alloc_array(2 * nedges, sizeof *s->edge);
    s->edge_weight = tg_alloc_array(2 * nedges, sizeof *s->edge_weight);
    s->part = tg_alloc_array(g->ntasks, sizeof *s->part);
    s->vertex = tg_alloc_array(g->ntasks, sizeof *s->vertex);
    s->side = tg_alloc_array(2 * nedges, sizeof *s->side);
    TG_NEED(s->begin && s->vertex_weight && s->edge && s->edge_weight && s->part && s->vertex &&
                s->side,
            TG_ENOMEM, "out of memory: %" PRId64 " edges", nedges);
out:
    return status;
}

static void number_vertices(const tg_graph *g, sides *s, peer_vertices vertices)
{
    for (int64_t t = 0; t < g->ntasks; t++) {
        const int32_t *inputs = tg_graph_inputs(g, t);
        int32_t most = -1;

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            if (most < 0 || g->output_bytes[inputs[k]] > g->output_bytes[most])
                most = inputs[k];
        s->vertex[t] = vertices == PEER_COLUMNS && most >= 0 ? s->vertex[most] : s->n++;
        s->vertex_weight[s->vertex[t]] += (SCOTCH_Num)(1e6 * (double)g->seconds[t] + 0.5);
    }
}

static int compare_sides(const void *a, const void *b)
{
    const side *x = a, *y = b;

    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->to > y->to) - (x->to < y->to);
}

/* Edges from both their ends, sorted; those between the same vertices become one. */
static void fill(const tg_graph *g, sides *s)
{
    int64_t n = 0;

    for (int64_t t = 0; t < g->ntasks; t++)
        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t made = tg_graph_inputs(g, t)[k];
            const SCOTCH_Num weight = (SCOTCH_Num)(g->output_bytes[made] / 1024 + 1);

            if (s->vertex[made] == s->vertex[t])
                continue;
            s->side[s->nsides++] = (side){s->vertex[t], s->vertex[made], weight};
            s->side[s->nsides++] = (side){s->vertex[made], s->vertex[t], weight};
        }
    qsort(s->side, (size_t)s->nsides, sizeof *s->side, compare_sides);
    for (int64_t i = 0; i < s->nsides; i++) {
        if (i > 0 && compare_sides(&s->side[i - 1], &s->side[i]) == 0) {
            s->edge_weight[n - 1] += s->side[i].weight;
            continue;
        }
        s->begin[s->side[i].from + 1]++;
        s->edge[n] = s->side[i].to;
        s->edge_weight[n++] = s->side[i].weight;
    }
    for (SCOTCH_Num v = 0; v < s->n; v++)
        s->begin[v + 1] += s->begin[v];
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
                   double imbalance, peer_vertices vertices)
{
    tg_status status = TG_OK;
    sides s = {0};

    TG_TRY(sides_create(graph, &s));
    number_vertices(graph, &s, vertices);
    fill(graph, &s);
    TG_TRY(map(&s, onto, imbalance));
    for (int64_t t = 0; t < graph->ntasks; t++)
        if (placement->rank[t] >= 0)
            placement->rank[t] = s.part[s.vertex[t]];
out:
    sides_clear(&s);
    return status;
}

#endif
