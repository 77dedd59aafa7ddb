/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Columns are halved again and again along the machine's tree, down to hosts. Many columns are
 * joined first, two and two, until they are few (place_coarsen.c); these are halved from several
 * seeds, each half grown and improved (place_cut.c). Then what is joined is taken apart step by
 * step, and at each step all cuts are improved from the top of the tree down (a multilevel scheme,
 * Karypis and Kumar 1998).
 *
 * Where many ranks share results, what is joined up to about a rank's part belongs on one rank:
 * taken apart further, hosts keep what they have, but for the balance.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* What a rank may have more than the mean. */
static const double most_over = 0.05;

/* How a list of columns is halved. */
typedef struct halving {
    tg_columns *c;
    bool to_hosts; /* no further */
    bool follow;   /* c->rank tells a first choice */
    bool keep;     /* which stays, but for the balance */
    int ntries;    /* seeds, where it does not */
} halving;

double tg_columns_weight(const tg_columns *c)
{
    double total = 0;

    for (int64_t v = 0; v < c->n; v++)
        total += c->weight[v];
    return total;
}

/* As many columns as fit, and a share of those that are light beside the others. */
double tg_columns_most_each(const tg_columns *c)
{
    const double nranks = c->p->nworkers, mean = tg_columns_weight(c) / nranks;
    double heaviest = 0, heavy = 0, light = 0, most = 0;
    int64_t nheavy = 0;

    for (int64_t v = 0; v < c->n; v++)
        heaviest = fmax(heaviest, c->weight[v]);
    for (int64_t v = 0; v < c->n; v++) {
        const bool is_light = c->weight[v] < heaviest / 4;

        light += is_light ? c->weight[v] : 0;
        heavy += is_light ? 0 : c->weight[v];
        nheavy += !is_light;
    }
    heavy /= (double)nheavy;
    most = heavy * floor((1 + most_over) * mean / heavy) + light / nranks;
    return fmin(fmax(most, mean), (1 + most_over) * mean) * nranks / c->p->power;
}

/* The column of the region last reached from `start`: far out. Marks with `seen`. */
static int32_t far_column(tg_columns *c, int32_t start, int32_t seen)
{
    const int32_t region = c->region[start];
    int64_t head = 0, tail = 0;

    c->spare[tail++] = start;
    c->region[start] = seen;
    while (head < tail) {
        const int32_t v = c->spare[head++];

        for (int64_t e = c->begin[v]; e < c->end[v]; e++)
            if (c->region[c->to[e]] == region) {
                c->region[c->to[e]] = seen;
                c->spare[tail++] = c->to[e];
            }
    }
    for (int64_t i = 0; i < tail; i++)
        c->region[c->spare[i]] = region;
    return c->spare[tail - 1];
}

/* Where to cut workers [first, last): in the middle, at a border of hosts if there is one. */
static int middle_of(const tg_placer *p, int first, int last)
{
    const int32_t *host = p->machine->host;
    const int middle = (first + last) / 2;

    for (int off = 0; off < (last - first) / 2; off++) {
        if (host[p->worker[middle - off]] != host[p->worker[middle - off - 1]])
            return middle - off;
        if (middle + off < last - 1 &&
            host[p->worker[middle + off]] != host[p->worker[middle + off + 1]])
            return middle + off + 1;
    }
    return middle;
}

/* Halve from one seed; *bytes: the cut. */
static tg_status try_seed(tg_columns *c, const int32_t *list, int64_t n, int32_t seed, tg_cut *cut,
                          double *bytes)
{
    tg_status status = TG_OK;

    TG_TRY(tg_columns_grow(c, list, n, seed, cut));
    TG_TRY(tg_columns_improve(c, list, n, cut));
    *bytes = 0;
    for (int64_t i = 0; i < n; i++)
        *bytes +=
            c->region[list[i]] == cut->side[0] ? tg_columns_cut_to(c, list[i], cut->side[1]) : 0;
out:
    return status;
}

/* Halve from several seeds and leave the best halves in `region`. c->rank keeps the best so far. */
static tg_status halve_best(const halving *h, const int32_t *list, int64_t n, tg_cut *cut)
{
    tg_status status = TG_OK;
    tg_columns *c = h->c;
    int32_t seed = list[0];
    double best = -1, bytes;

    for (int try = 0; try < h->ntries; try++) {
        seed = try < 2 ? far_column(c, seed, cut->side[0]) : list[n * (try - 1) / h->ntries];
        TG_TRY(try_seed(c, list, n, seed, cut, &bytes));
        for (int64_t i = 0; i < n; i++) {
            if (best < 0 || bytes < best)
                c->rank[list[i]] = c->region[list[i]];
            c->region[list[i]] = cut->side[1];
        }
        best = best < 0 || bytes < best ? bytes : best;
    }
    for (int64_t i = 0; i < n; i++)
        c->region[list[i]] = c->rank[list[i]];
out:
    return status;
}

/* Sides as ranks tell; who has changed sides above and has a rank elsewhere goes with neighbours.
 * `unknown` marks these. */
static tg_status follow(const halving *h, const int32_t *list, int64_t n, const int bounds[3],
                        int32_t unknown, tg_cut *cut)
{
    tg_columns *c = h->c;
    const tg_placer *p = c->p;

    for (int64_t i = 0; i < n; i++) {
        const int at = p->position[c->rank[list[i]]];

        c->region[list[i]] = at >= bounds[0] && at < bounds[1]   ? cut->side[0]
                             : at >= bounds[1] && at < bounds[2] ? cut->side[1]
                                                                 : unknown;
    }
    cut->weight = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t v = list[i];

        if (c->region[v] == unknown)
            c->region[v] = cut->side[tg_columns_cut_to(c, v, cut->side[1]) >
                                     tg_columns_cut_to(c, v, cut->side[0])];
        cut->weight += c->region[v] == cut->side[0] ? c->weight[v] : 0;
    }
    return tg_columns_improve(c, list, n, cut);
}

/* Those of the list that are in `half` first; how many. */
static int64_t split_list(tg_columns *c, int32_t *list, int64_t n, int32_t half)
{
    int64_t nleft = 0, nright = 0;

    for (int64_t i = 0; i < n; i++)
        if (c->region[list[i]] == half)
            list[nleft++] = list[i];
        else
            c->spare[nright++] = list[i];
    memcpy(list + nleft, c->spare, (size_t)nright * sizeof *list);
    return nleft;
}

static bool on_one_host(const tg_placer *p, int first, int last)
{
    return p->machine->host[p->worker[first]] == p->machine->host[p->worker[last - 1]];
}

static void swap_floats(float *a, int64_t i, int64_t k)
{
    const float old = a[i];

    a[i] = a[k];
    a[k] = old;
}

/* Forget edges that leave what is halved from now on: they are behind the others. */
static void drop_edges(tg_columns *c, const int32_t *list, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const int32_t v = list[i], region = c->region[v];
        int64_t end = c->begin[v];

        for (int64_t e = c->begin[v]; e < c->end[v]; e++) {
            const int32_t u = c->to[e];

            if (c->region[u] != region)
                continue;
            c->to[e] = c->to[end];
            c->to[end] = u;
            swap_floats(c->bytes, e, end);
            swap_floats(c->pull, e, end);
            end++;
        }
        c->end[v] = end;
    }
}

/* What side[0] is to weigh: its share, or more or less where the parts of the machine may have
 * more than the mean. Half a column more or less is none. */
static void set_bounds(const tg_columns *c, const int32_t *list, int64_t n, const int bounds[3],
                       tg_cut *cut)
{
    const tg_placer *p = c->p;
    double total = 0, power = 0, left = 0, off;

    for (int w = bounds[0]; w < bounds[2]; w++) {
        power += tg_placer_threads(p, p->worker[w]);
        left += w < bounds[1] ? tg_placer_threads(p, p->worker[w]) : 0;
    }
    for (int64_t i = 0; i < n; i++)
        total += c->weight[list[i]];
    off = total / (double)n / 2;
    cut->least = fmin(total - (power - left) * c->most_each, total * left / power) - off;
    cut->most = fmax(left * c->most_each, total * left / power) + off;
}

/* Halve columns and workers [first, last) down to hosts, or down to ranks; sorts the list so. */
static tg_status halve(const halving *h, int32_t *list, int64_t n, int first, int last)
{
    tg_status status = TG_OK;
    tg_columns *c = h->c;
    const tg_placer *p = c->p;
    int64_t nleft;
    int bounds[3] = {first, 0, last};
    tg_cut cut = {.balanced = h->keep};

    if (n == 0)
        return TG_OK;
    if (last - first == 1 || (h->to_hosts && on_one_host(p, first, last))) {
        for (int64_t i = 0; i < n; i++)
            c->rank[list[i]] = p->worker[first];
        return TG_OK;
    }
    cut.side[0] = ++c->nregions;
    cut.side[1] = c->region[list[0]];
    bounds[1] = middle_of(p, first, last);
    if (!h->keep)
        drop_edges(c, list, n);
    set_bounds(c, list, n, bounds, &cut);
    if (h->follow)
        TG_TRY(follow(h, list, n, bounds, ++c->nregions, &cut));
    else
        TG_TRY(halve_best(h, list, n, &cut));
    nleft = split_list(c, list, n, cut.side[0]);
    TG_TRY(halve(h, list, nleft, first, bounds[1]));
    TG_TRY(halve(h, list + nleft, n - nleft, bounds[1], last));
out:
    return status;
}

tg_status tg_columns_halve_hosts(tg_columns *c)
{
    tg_status status = TG_OK;
    const tg_placer *p = c->p;
    const halving h = {.c = c, .ntries = 1};
    int64_t begin = 0;

    c->cut = c->pull;
    for (int first = 0; first < p->nworkers;) {
        int64_t end = begin;
        int last = first + 1;

        while (last < p->nworkers && on_one_host(p, first, last + 1))
            last++;
        while (end < c->n && c->rank[c->list[end]] == p->worker[first])
            end++;
        TG_TRY(halve(&h, c->list + begin, end - begin, first, last));
        begin = end;
        first = last;
    }
out:
    return status;
}

/* As many seeds as the effort allows. */
static int tries_for(const tg_columns *c)
{
    enum { MOST = 16 };
    double passes = 1;

    for (int hosts = c->p->machine->nhosts; hosts > 1; hosts = (hosts + 1) / 2)
        passes += (double)c->nedges;
    passes = c->effort / passes;
    return passes < 1 ? 1 : passes > MOST ? MOST : (int)passes;
}

/* Halve coarser columns, and begin with what comes out; *follow: there are coarser ones. */
static tg_status halve_coarser(tg_columns *c, bool *follow)
{
    enum { LEAST = 1024, A_HOST = 16 };
    tg_status status = TG_OK;
    tg_columns coarse = {0};
    int32_t *into = NULL;

    if (c->n <= LEAST || c->n <= A_HOST * (int64_t)c->p->machine->nhosts)
        return TG_OK;
    into = tg_alloc_array(c->n, sizeof *into);
    TG_NEED(into, TG_ENOMEM, "out of memory: %" PRId64 " columns", c->n);
    TG_TRY(tg_columns_coarsen(c, into, &coarse));
    if (coarse.n > 0.95 * (double)c->n)
        goto out;
    TG_TRY(tg_columns_halve(&coarse));
    for (int64_t v = 0; v < c->n; v++)
        c->rank[v] = coarse.rank[into[v]];
    *follow = true;
out:
    tg_columns_clear(&coarse);
    tg_free(into);
    return status;
}

tg_status tg_columns_halve(tg_columns *c)
{
    tg_status status = TG_OK;
    halving h = {.c = c, .to_hosts = true, .ntries = tries_for(c)};

    TG_TRY(halve_coarser(c, &h.follow));
    c->most_each = tg_columns_most_each(c);
    h.keep = c->shared && h.follow && c->n > 2 * (int64_t)c->p->nworkers;
    c->cut = c->shared && !h.keep ? c->bytes : c->pull;
    for (int32_t v = 0; v < c->n; v++)
        c->list[v] = v;
    TG_TRY(halve(&h, c->list, c->n, 0, c->p->nworkers));
out:
    return status;
}
