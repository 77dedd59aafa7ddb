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

static SCOTCH_Num weight_of(const tg_graph *g, int64_t task)
{
    return (SCOTCH_Num)(1e6 * (double)tg_graph_seconds(g, task) + 0.5);
}

/* Tasks by level, one more than the highest of the inputs'; *end: one after the last of each. */
static tg_status sort_by_level(const tg_graph *g, int32_t **by_level, int64_t **end, int64_t *n)
{
    tg_status status = TG_OK;
    int32_t *level = tg_alloc_array(g->ntasks, sizeof *level);

    *by_level = tg_alloc_array(g->ntasks, sizeof **by_level);
    *end = tg_alloc_array(g->ntasks + 2, sizeof **end);
    TG_NEED(level && *by_level && *end, TG_ENOMEM, "out of memory: %" PRId64 " tasks", g->ntasks);
    for (int64_t t = 0; t < g->ntasks; t++) {
        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t its = level[tg_graph_inputs(g, t)[k]] + 1;

            level[t] = its > level[t] ? its : level[t];
        }
        *n = level[t] >= *n ? level[t] + 1 : *n;
        (*end)[level[t] + 1]++;
    }
    for (int64_t l = 0; l < *n; l++)
        (*end)[l + 1] += (*end)[l];
    for (int64_t t = 0; t < g->ntasks; t++)
        (*by_level)[(*end)[level[t]]++] = (int32_t)t;
out:
    tg_free(level);
    return status;
}

/* Among the columns of a task's inputs: that of most bytes which is not ahead; the lightest. */
static void look_at_inputs(const tg_graph *g, const sides *s, int64_t task, double most,
                           SCOTCH_Num *best, SCOTCH_Num *lightest)
{
    float bytes = -1;

    for (int k = 0; k < tg_graph_ninputs(g, task); k++) {
        const int32_t made = tg_graph_inputs(g, task)[k];
        const SCOTCH_Num v = s->vertex[made];

        if (*lightest < 0 || s->vertex_weight[v] < s->vertex_weight[*lightest])
            *lightest = v;
        if ((double)s->vertex_weight[v] <= most && g->task[made].output_bytes > bytes) {
            *best = v;
            bytes = g->task[made].output_bytes;
        }
    }
}

/* The column of a task: of the input with most bytes, of those that are not ahead of the mean; else
 * the lightest of its inputs and their inputs. */
static SCOTCH_Num column_of(const tg_graph *g, const sides *s, int64_t task, double most)
{
    SCOTCH_Num best = -1, lightest = -1, ignored;

    look_at_inputs(g, s, task, most, &best, &lightest);
    for (int k = 0; k < tg_graph_ninputs(g, task) && best < 0; k++)
        look_at_inputs(g, s, tg_graph_inputs(g, task)[k], most, &ignored, &lightest);
    return best >= 0 ? best : lightest;
}

/* Columns are of about equal weight at all times: else there is no balance to be had from them. */
static tg_status number_columns(const tg_graph *g, sides *s)
{
    tg_status status = TG_OK;
    int32_t *by_level = NULL;
    int64_t *end = NULL, nlevels = 0, i = 0;
    double work = 0;

    TG_TRY(sort_by_level(g, &by_level, &end, &nlevels));
    for (int64_t level = 0; level < nlevels; level++) {
        for (int64_t k = i; k < end[level]; k++)
            work += (double)weight_of(g, by_level[k]);
        for (; i < end[level]; i++) {
            const int32_t t = by_level[i];
            const double most = level ? work / (double)s->n - (double)weight_of(g, t) / 2 : 0;

            s->vertex[t] = level ? column_of(g, s, t, most) : s->n++;
            s->vertex_weight[s->vertex[t]] += weight_of(g, t);
        }
    }
out:
    tg_free(by_level);
    tg_free(end);
    return status;
}

static tg_status number_vertices(const tg_graph *g, sides *s, peer_vertices vertices)
{
    if (vertices == PEER_COLUMNS)
        return number_columns(g, s);
    for (int64_t t = 0; t < g->ntasks; t++) {
        s->vertex[t] = s->n++;
        s->vertex_weight[s->vertex[t]] = weight_of(g, t);
    }
    return TG_OK;
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
            const SCOTCH_Num weight = (SCOTCH_Num)(g->task[made].output_bytes / 1024 + 1);

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
    TG_TRY(number_vertices(graph, &s, vertices));
    fill(graph, &s);
    TG_TRY(map(&s, onto, imbalance));
    for (int64_t t = 0; t < graph->ntasks; t++)
        if (placement->rank[t] >= 0)
            placement->rank[t] = (int32_t)s.part[s.vertex[t]];
out:
    sides_clear(&s);
    return status;
}

#endif
