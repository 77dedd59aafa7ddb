/* SPDX-License-Identifier: BSD-3-Clause */
/* See place_columns.h: columns and their edges, in compressed rows. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* Load of a rank over the mean, that columns may leave: the levels even it out. */
static const double most_load = 1.5;

/* Ranks beyond a cut that get a result, above which it is shared. */
static const float many_ways = 2;

tg_status tg_columns_create(tg_placer *p, int64_t n, bool of_tasks, tg_columns *out)
{
    tg_status status = TG_OK;
    tg_columns c = {.p = p,
                    .n = n,
                    .of = of_tasks ? tg_alloc_array(p->graph->ntasks, sizeof *c.of) : NULL,
                    .weight = tg_alloc_array(n, sizeof *c.weight),
                    .begin = tg_alloc_array(n + 2, sizeof *c.begin),
                    .end = tg_alloc_array(n, sizeof *c.end),
                    .region = tg_alloc_array(n, sizeof *c.region),
                    .gain = tg_alloc_array(n, sizeof *c.gain),
                    .list = tg_alloc_array(n, sizeof *c.list),
                    .spare = tg_alloc_array(n, sizeof *c.spare),
                    .rank = tg_alloc_array(n, sizeof *c.rank)};

    TG_NEED((c.of || !of_tasks) && c.weight && c.begin && c.end && c.region && c.gain && c.list &&
                c.spare && c.rank,
            TG_ENOMEM, "out of memory: %" PRId64 " columns", n);
    if (of_tasks)
        memset(c.of, 0xff, (size_t)p->graph->ntasks * sizeof *c.of); /* -1 */
    *out = c;
    c = (tg_columns){0};
out:
    tg_columns_clear(&c);
    return status;
}

void tg_columns_clear(tg_columns *c)
{
    tg_free(c->of);
    tg_free(c->weight);
    tg_free(c->begin);
    tg_free(c->end);
    tg_free(c->to);
    tg_free(c->bytes);
    tg_free(c->pull);
    tg_free(c->region);
    tg_free(c->gain);
    tg_free(c->list);
    tg_free(c->spare);
    tg_free(c->heap[0].choice);
    tg_free(c->heap[1].choice);
    tg_free(c->rank);
}

/* Cut between ranks, it costs the more the more ranks get the result. Between hosts most of these
 * get it from elsewhere wherever the cut runs: it costs the less. */
static void add_edge(tg_columns *c, int32_t a, int32_t b, float bytes, float ways)
{
    const int64_t at = c->begin[a + 1]++;

    c->to[at] = b;
    c->bytes[at] = bytes / ways;
    c->pull[at] = bytes * ways;
}

void tg_columns_link(tg_columns *c, int32_t a, int32_t b, float bytes, float ways, bool filling)
{
    if (a < 0 || b < 0 || a == b)
        return;
    if (filling) {
        add_edge(c, a, b, bytes, ways);
        add_edge(c, b, a, bytes, ways);
        c->shared = c->shared || ways > many_ways;
        return;
    }
    c->begin[a + 2]++;
    c->begin[b + 2]++;
    c->nedges += 2;
}

/* Several edges between two columns become one; `spare` holds where a neighbour was last seen. */
static void merge_edges(tg_columns *c)
{
    int64_t from = 0, n = 0;

    for (int64_t v = 0; v < c->n; v++) {
        const int64_t first = n, end = c->begin[v + 1];

        for (; from < end; from++) {
            const int32_t b = c->to[from];
            const int64_t seen = c->spare[b] - 1;

            if (seen >= first && seen < n && c->to[seen] == b) {
                c->bytes[seen] += c->bytes[from];
                c->pull[seen] += c->pull[from];
                continue;
            }
            c->to[n] = b;
            c->bytes[n] = c->bytes[from];
            c->pull[n] = c->pull[from];
            c->spare[b] = (int32_t)++n;
        }
        c->begin[v] = first;
        c->end[v] = n;
    }
    c->begin[c->n] = n;
    c->nedges = n;
}

tg_status tg_columns_find_edges(tg_columns *c, tg_columns_visit *visit, void *data)
{
    tg_status status = TG_OK;

    visit(c, data, false);
    TG_NEED(c->nedges < INT32_MAX, TG_EARG, "%" PRId64 " edges between columns", c->nedges);
    for (int64_t v = 2; v < c->n + 2; v++)
        c->begin[v] += c->begin[v - 1];
    c->to = tg_alloc_array(c->nedges, sizeof *c->to);
    c->bytes = tg_alloc_array(c->nedges, sizeof *c->bytes);
    c->pull = tg_alloc_array(c->nedges, sizeof *c->pull);
    TG_NEED(c->to && c->bytes && c->pull, TG_ENOMEM, "out of memory: edges of %" PRId64 " columns",
            c->n);
    visit(c, data, true);
    merge_edges(c);
out:
    return status;
}

double tg_columns_bytes_between_hosts(const tg_columns *c)
{
    const int32_t *host = c->p->machine->host;
    double bytes = 0;

    for (int64_t v = 0; v < c->n; v++)
        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++)
            bytes += host[c->rank[c->to[e]]] != host[c->rank[v]] ? (double)c->bytes[e] : 0;
    return bytes / 2; /* each edge is there from both its ends */
}

bool tg_columns_are_balanced(const tg_columns *c)
{
    tg_placer *p = c->p;
    double total = 0, most = 0;

    for (int64_t v = 0; v < c->n; v++) {
        double *load = &p->scratch[c->rank[v]];

        *load += c->weight[v] / tg_placer_threads(p, c->rank[v]);
        total += c->weight[v];
        most = *load > most ? *load : most;
    }
    memset(p->scratch, 0, (size_t)p->machine->nranks * sizeof *p->scratch);
    return most < most_load * total / p->power;
}
