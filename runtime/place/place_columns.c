/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dealing sources by what becomes of them, for graphs whose depth-first order is no good guide: a
 * grid in time, a product of matrices.
 *
 * A column is a source with tasks that follow it: each task goes with the input that has most
 * bytes, among those whose columns are not ahead of the others, so that all columns weigh about as
 * much at all times. Their beginnings tell enough where they are long. Columns that exchange
 * results are neighbours (place_edges.c). They are halved along the machine's tree
 * (place_halves.c). This never cuts along time, so all ranks have work at all times.
 *
 * It costs a few passes over the columns' edges for each halving, so it is done where columns are
 * long, and its outcome is taken only where fewer bytes pass between hosts.
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* Where less than this share of all bytes passes between hosts, blocks are good enough. */
static const double least_share = 0.02;

/* Load of a rank over the mean, that columns may leave: the levels even it out. */
static const double most_load = 1.5;

/* A result goes from column a to column b, where blocks have put them. */
static void count_bytes(tg_columns *c, int32_t a, int32_t b, double bytes)
{
    const int32_t *host = c->p->machine->host;

    if (a < 0)
        return;
    c->all_bytes += bytes;
    if (host[c->p->units[a].rank] != host[c->p->units[b].rank])
        c->between_hosts += bytes;
}

/* Among the columns of a task's inputs: that of the input with most bytes of those that are not
 * ahead of the others, or -1; and the lightest. `most`: what a column may weigh now. */
static void look_at_inputs(const tg_columns *c, int32_t task, double most, int32_t *best,
                           int32_t *lightest)
{
    const tg_graph *g = c->p->graph;
    const int32_t *input = tg_graph_inputs(g, task);
    const int n = tg_graph_ninputs(g, task);
    float best_bytes = -1;

    for (int k = 0; k < n; k++) {
        const int32_t v = c->of[input[k]];

        if (v < 0)
            continue;
        if (*lightest < 0 || c->weight[v] < c->weight[*lightest])
            *lightest = v;
        if (c->weight[v] <= most && g->task[input[k]].output_bytes > best_bytes) {
            *best = v;
            best_bytes = g->task[input[k]].output_bytes;
        }
    }
}

/* The column that a task joins: of an input, where all of these are ahead, of an input's input, so
 * that columns are of about equal weight at all times. */
static int32_t join_column(const tg_columns *c, int32_t task, double most)
{
    const tg_graph *g = c->p->graph;
    int32_t best = -1, lightest = -1, ignored = -1;

    look_at_inputs(c, task, most, &best, &lightest);
    for (int k = 0; k < tg_graph_ninputs(g, task) && best < 0; k++)
        look_at_inputs(c, tg_graph_inputs(g, task)[k], most, &ignored, &lightest);
    return best >= 0 ? best : lightest;
}

static void find_level(tg_columns *c, int64_t level, double *ideal)
{
    const tg_placer *p = c->p;
    const tg_graph *g = p->graph;
    const int64_t begin = p->level_begin[level], end = p->level_begin[level + 1];
    double seconds = 0;

    for (int64_t i = begin; i < end; i++)
        seconds += tg_placer_cost(p, p->by_level[i]);
    *ideal += seconds / (double)c->n;
    for (int64_t i = begin; i < end; i++) {
        const int32_t t = p->by_level[i];
        const double its = tg_placer_cost(p, t);
        const int32_t v = level == 0 ? p->unit_of[i] : join_column(c, t, *ideal - its / 2);

        c->of[t] = v;
        if (v < 0)
            continue;
        c->weight[v] += its;
        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            count_bytes(c, c->of[tg_graph_inputs(g, t)[k]], v,
                        (double)g->task[tg_graph_inputs(g, t)[k]].output_bytes);
    }
}

/* Columns are long where it matters, and alike along time: their beginnings tell enough. */
static void find_columns(tg_columns *c)
{
    enum { LONG = 32 };
    const tg_placer *p = c->p;
    double ideal = 0;

    while (c->nlevels < p->nlevels && p->level_begin[c->nlevels] < LONG * c->n)
        find_level(c, c->nlevels++, &ideal);
}

/* Is there something to win, and no column too heavy to be dealt? */
static bool is_worth_trying(const tg_columns *c)
{
    double total = 0, heaviest = 0;

    for (int64_t v = 0; v < c->n; v++) {
        total += c->weight[v];
        heaviest = c->weight[v] > heaviest ? c->weight[v] : heaviest;
    }
    return c->between_hosts > least_share * c->all_bytes &&
           heaviest < most_load * total / c->p->power;
}

/* What tasks take in from other columns. */
static void visit_inputs(tg_columns *c, void *data, bool filling)
{
    const tg_graph *g = c->p->graph;

    (void)data;
    for (int64_t i = c->p->level_begin[1]; i < c->p->level_begin[c->nlevels]; i++) {
        const int32_t t = c->p->by_level[i];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t made = tg_graph_inputs(g, t)[k];

            tg_columns_link(c, c->of[t], c->of[made], g->task[made].output_bytes + 1, 1, filling);
        }
    }
}

/* Where columns exchange with a good part of all others no cut is much better than another. */
static bool is_dense(const tg_columns *c)
{
    const double share = 0.3;

    return (double)c->nedges > share * (double)c->n * (double)c->n;
}

tg_status tg_placer_deal_columns(tg_placer *p)
{
    tg_status status = TG_OK;
    tg_columns c = {0};

    if (p->nworkers < 2 || p->machine->nhosts < 2)
        return TG_OK;
    if (p->level_begin[p->nlevels] < 3 * p->nunits) /* too short: trees, whose blocks are good */
        return TG_OK;
    TG_TRY(tg_placer_deal_fans(p));
    if (p->column || p->nunits < 2 * p->nworkers)
        return TG_OK;
    TG_TRY(tg_columns_create(p, p->nunits, true, &c));
    find_columns(&c);
    if (!is_worth_trying(&c))
        goto out;
    TG_TRY(tg_columns_find_edges(&c, visit_inputs, NULL));
    if (is_dense(&c))
        goto out;
    c.effort = 4 * (double)p->level_begin[c.nlevels]; /* about that of the rest of planning */
    TG_TRY(tg_columns_halve(&c));
    if (tg_columns_bytes_between_hosts(&c) > 0.95 * c.between_hosts)
        goto out;
    TG_TRY(tg_columns_halve_hosts(&c));
    if (tg_columns_are_balanced(&c)) {
        for (int64_t v = 0; v < c.n; v++)
            p->units[v].rank = c.rank[v];
        p->column = c.of;
        c.of = NULL;
    }
out:
    tg_columns_clear(&c);
    return status;
}
