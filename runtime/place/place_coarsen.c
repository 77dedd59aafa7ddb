/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Coarser columns: each joins the neighbour that it exchanges most with for their weights (heavy
 * edge matching, Karypis and Kumar 1998, section 3; the rating is that of Holtgrewe, Sanders and
 * Schulz 2010). While two together are no more than a rank may have, what counts is what it costs
 * to have them on different ranks; then the bytes that they exchange.
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* Joined columns weigh at most this share of what a host has on average. */
static const double most_of_host = 1.0 / 8;

typedef struct matching {
    const tg_columns *c;
    double each, most; /* seconds that a rank may have; that two together may weigh */
    double least;      /* what a column counts for at least */
    int32_t *mate;     /* by column: the other + 1; itself + 1: none; 0: not looked at */
} matching;

/* How well two columns go together; 0: not at all. */
static double rating(const matching *m, int32_t v, int64_t edge, bool *near)
{
    const tg_columns *c = m->c;
    const int32_t u = c->to[edge];
    const double its = c->weight[v], other = c->weight[u];
    double w = (double)c->bytes[edge];

    *near = its + other <= m->each;
    if (m->mate[u] || its + other > m->most)
        return 0;
    if (*near)
        w = (double)c->pull[edge];
    return w * w / ((its + m->least) * (other + m->least));
}

static void match(matching *m)
{
    const tg_columns *c = m->c;

    for (int32_t v = 0; v < c->n; v++) {
        int32_t best = v;
        double most = 0;
        bool is_near = false;

        if (m->mate[v])
            continue;
        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++) {
            bool near;
            const double its = rating(m, v, e, &near);

            if (its <= 0 || (is_near && !near) || (is_near == near && its <= most))
                continue;
            best = c->to[e];
            most = its;
            is_near = near;
        }
        m->mate[v] = best + 1;
        m->mate[best] = v + 1;
    }
}

/* Append the edges of a column to those of the one that it is part of, which begin at `first`;
 * seen[u] - 1: where the edge to u is. */
static void join_edges(const tg_columns *c, int32_t v, const int32_t *into, int64_t first,
                       int32_t *seen, tg_columns *out)
{
    for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++) {
        const int32_t u = into[c->to[e]];
        int64_t at = seen[u] - 1;

        if (u == into[v])
            continue;
        if (at < first) {
            at = out->nedges++;
            seen[u] = (int32_t)at + 1;
            out->to[at] = u;
            out->bytes[at] = out->pull[at] = 0;
        }
        out->bytes[at] += c->bytes[e];
        out->pull[at] += c->pull[e];
    }
}

static void join(const matching *m, const int32_t *into, tg_columns *out)
{
    const tg_columns *c = m->c;
    int64_t n = 0;

    for (int32_t v = 0; v < c->n; v++) {
        const int32_t mate = m->mate[v] - 1;
        const int64_t first = out->nedges;

        if (mate < v)
            continue;
        out->weight[n] = c->weight[v] + (mate > v ? c->weight[mate] : 0);
        out->begin[n] = first;
        join_edges(c, v, into, first, out->spare, out);
        if (mate > v)
            join_edges(c, mate, into, first, out->spare, out);
        out->end[n++] = out->nedges;
    }
    out->begin[n] = out->nedges;
    memset(out->spare, 0, (size_t)n * sizeof *out->spare);
}

static tg_status create(const matching *m, int64_t n, tg_columns *out)
{
    tg_status status = TG_OK;
    const tg_columns *c = m->c;

    TG_TRY(tg_columns_create(c->p, n, false, out));
    out->effort = c->effort;
    out->shared = c->shared;
    out->to = tg_alloc_array(c->nedges, sizeof *out->to);
    out->bytes = tg_alloc_array(c->nedges, sizeof *out->bytes);
    out->pull = tg_alloc_array(c->nedges, sizeof *out->pull);
    TG_NEED(out->to && out->bytes && out->pull, TG_ENOMEM,
            "out of memory: edges of %" PRId64 " columns", n);
out:
    return status;
}

tg_status tg_columns_coarsen(const tg_columns *c, int32_t *into, tg_columns *out)
{
    tg_status status = TG_OK;
    const double total = tg_columns_weight(c);
    matching m = {.c = c,
                  .each = tg_columns_most_each(c) * c->p->power / c->p->nworkers,
                  .most = most_of_host * total / c->p->machine->nhosts,
                  .least = 1e-3 * total / (double)c->n,
                  .mate = tg_alloc_array(c->n, sizeof *m.mate)};
    int64_t n = 0;

    TG_NEED(m.mate, TG_ENOMEM, "out of memory: %" PRId64 " columns", c->n);
    match(&m);
    for (int32_t v = 0; v < c->n; v++)
        into[v] = m.mate[v] - 1 < v ? into[m.mate[v] - 1] : (int32_t)n++;
    TG_TRY(create(&m, n, out));
    join(&m, into, out);
out:
    tg_free(m.mate);
    return status;
}
