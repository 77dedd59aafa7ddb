/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Columns are halved again and again along the machine's tree: one half grows from a column far
 * out, always by the neighbour that adds least to the cut (greedy graph growing, Karypis and Kumar
 * 1998, section 4), then columns at the border change sides while the cut falls.
 */
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

static tg_status push_choice(tg_columns *c, int32_t column)
{
    tg_status status = TG_OK;
    const tg_column_choice new = {c->gain[column], column};
    int64_t at = c->nheap;

    TG_TRY(tg_grow(&c->heap, &c->heap_capacity, c->nheap + 1, sizeof *c->heap));
    for (c->nheap++; at > 0 && c->heap[(at - 1) / 2].gain < new.gain; at = (at - 1) / 2)
        c->heap[at] = c->heap[(at - 1) / 2];
    c->heap[at] = new;
out:
    return status;
}

static tg_column_choice pop_choice(tg_columns *c)
{
    const tg_column_choice first = c->heap[0], last = c->heap[--c->nheap];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < c->nheap && c->heap[child + 1].gain > c->heap[child].gain)
            child++;
        if (child >= c->nheap || c->heap[child].gain <= last.gain)
            break;
        c->heap[at] = c->heap[child];
        at = child;
    }
    c->heap[at] = last;
    return first;
}

/* Bytes that a column exchanges with a region. */
static double bytes_to(const tg_columns *c, int32_t column, int32_t region)
{
    double bytes = 0;

    for (int64_t e = c->begin[column]; e < c->end[column]; e++)
        bytes += c->region[c->to[e]] == region ? (double)c->bytes[e] : 0;
    return bytes;
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

/* Move columns of `list` from `region` to `half`, `v` first, until that weighs `want`. */
static tg_status grow(tg_columns *c, const int32_t *list, int64_t n, int32_t v, int32_t half,
                      double want, double *weight)
{
    tg_status status = TG_OK;
    const int32_t region = c->region[v];
    int64_t next = 0;

    for (int64_t i = 0; i < n; i++)
        c->gain[list[i]] = -bytes_to(c, list[i], region);
    c->nheap = 0;
    for (;;) {
        if (*weight + c->weight[v] / 2 > want)
            break;
        c->region[v] = half;
        *weight += c->weight[v];
        for (int64_t e = c->begin[v]; e < c->end[v]; e++)
            if (c->region[c->to[e]] == region) {
                c->gain[c->to[e]] += 2 * (double)c->bytes[e];
                TG_TRY(push_choice(c, c->to[e]));
            }
        v = -1;
        while (v < 0 && c->nheap > 0) {
            const tg_column_choice best = pop_choice(c);

            if (c->region[best.column] == region && best.gain == c->gain[best.column])
                v = best.column;
        }
        while (v < 0 && next < n) { /* another component: the next in depth-first order */
            v = c->region[list[next]] == region ? list[next] : -1;
            next++;
        }
        if (v < 0)
            break;
    }
out:
    return status;
}

/* Columns at the border change sides while that lowers the cut and keeps the balance. */
static void refine(tg_columns *c, const int32_t *list, int64_t n, int32_t region, int32_t half,
                   double want, double *weight)
{
    enum { SWEEPS = 4 };

    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        int64_t moved = 0;

        for (int64_t i = 0; i < n; i++) {
            const int32_t v = list[i];
            const bool inside = c->region[v] == half;
            const double after = *weight + (inside ? -c->weight[v] : c->weight[v]);
            const double off = after > want ? after - want : want - after;

            if (off > 0.01 * want && off > c->weight[v] / 2)
                continue;
            if (bytes_to(c, v, inside ? region : half) <= bytes_to(c, v, inside ? half : region))
                continue;
            c->region[v] = inside ? region : half;
            *weight = after;
            moved++;
        }
        if (moved == 0)
            return;
    }
}

/* Columns leave the heavier side, those first that the cut minds least, until sides weigh what they
 * should: halves of halves have no room for error. */
static tg_status rebalance(tg_columns *c, const int32_t *list, int64_t n, int32_t region,
                           int32_t half, double want, double *weight)
{
    tg_status status = TG_OK;
    const int32_t from = *weight > want ? half : region, to = *weight > want ? region : half;
    const double sign = *weight > want ? -1 : 1;

    c->nheap = 0;
    for (int64_t i = 0; i < n; i++) {
        if (c->region[list[i]] != from || c->weight[list[i]] / 2 > sign * (want - *weight))
            continue;
        c->gain[list[i]] = bytes_to(c, list[i], to) - bytes_to(c, list[i], from);
        TG_TRY(push_choice(c, list[i]));
    }
    while (c->nheap > 0) {
        const tg_column_choice best = pop_choice(c);
        const int32_t v = best.column;

        if (c->region[v] != from || best.gain != c->gain[v] ||
            c->weight[v] / 2 > sign * (want - *weight))
            continue;
        c->region[v] = to;
        *weight += sign * c->weight[v];
        for (int64_t e = c->begin[v]; e < c->end[v]; e++)
            if (c->region[c->to[e]] == from) {
                c->gain[c->to[e]] += 2 * (double)c->bytes[e];
                TG_TRY(push_choice(c, c->to[e]));
            }
    }
out:
    return status;
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

/* Halve from one seed; the cut. */
static tg_status try_seed(tg_columns *c, const int32_t *list, int64_t n, int32_t seed, int32_t half,
                          double want, double *cut)
{
    tg_status status = TG_OK;
    const int32_t region = c->region[seed];
    double weight = 0;

    TG_TRY(grow(c, list, n, seed, half, want, &weight));
    refine(c, list, n, region, half, want, &weight);
    TG_TRY(rebalance(c, list, n, region, half, want, &weight));
    *cut = 0;
    for (int64_t i = 0; i < n; i++)
        *cut += c->region[list[i]] == half ? bytes_to(c, list[i], region) : 0;
out:
    return status;
}

/* Halve from several seeds and leave the best halves in `region`. c->rank keeps the best so far. */
static tg_status halve_best(tg_columns *c, const int32_t *list, int64_t n, int ntries, int32_t half,
                            double want)
{
    tg_status status = TG_OK;
    const int32_t region = c->region[list[0]];
    int32_t seed = list[0];
    double best = -1, cut;

    for (int try = 0; try < ntries; try++) {
        seed = try < 2 ? far_column(c, seed, half) : list[n * (try - 1) / ntries];
        TG_TRY(try_seed(c, list, n, seed, half, want, &cut));
        for (int64_t i = 0; i < n; i++) {
            if (best < 0 || cut < best)
                c->rank[list[i]] = c->region[list[i]];
            c->region[list[i]] = region;
        }
        best = best < 0 || cut < best ? cut : best;
    }
    for (int64_t i = 0; i < n; i++)
        c->region[list[i]] = c->rank[list[i]];
out:
    return status;
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

/* Forget edges that leave what is halved from now on. */
static void drop_edges(tg_columns *c, const int32_t *list, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const int32_t v = list[i], region = c->region[v];
        int64_t end = c->begin[v];

        for (int64_t e = c->begin[v]; e < c->end[v]; e++) {
            c->to[end] = c->to[e];
            c->bytes[end] = c->bytes[e];
            end += c->region[c->to[e]] == region;
        }
        c->end[v] = end;
    }
}

/* Halve columns and workers [first, last) down to hosts, or down to ranks; sorts the list so. */
static tg_status halve(tg_columns *c, int32_t *list, int64_t n, int first, int last, bool to_hosts)
{
    tg_status status = TG_OK;
    const tg_placer *p = c->p;
    const int32_t half = ++c->nregions;
    double total = 0, power = 0, left = 0;
    int64_t nleft;
    int middle;

    if (n == 0)
        return TG_OK;
    if (last - first == 1 || (to_hosts && on_one_host(p, first, last))) {
        for (int64_t i = 0; i < n; i++)
            c->rank[list[i]] = p->worker[first];
        return TG_OK;
    }
    if (!to_hosts)
        drop_edges(c, list, n);
    middle = middle_of(p, first, last);
    for (int w = first; w < last; w++) {
        power += tg_placer_threads(p, p->worker[w]);
        left += w < middle ? tg_placer_threads(p, p->worker[w]) : 0;
    }
    for (int64_t i = 0; i < n; i++)
        total += c->weight[list[i]];
    TG_TRY(halve_best(c, list, n, to_hosts ? c->ntries : 1, half, total * left / power));
    nleft = split_list(c, list, n, half);
    TG_TRY(halve(c, list, nleft, first, middle, to_hosts));
    TG_TRY(halve(c, list + nleft, n - nleft, middle, last, to_hosts));
out:
    return status;
}

tg_status tg_columns_halve_hosts(tg_columns *c)
{
    tg_status status = TG_OK;
    const tg_placer *p = c->p;
    int64_t begin = 0;

    for (int first = 0; first < p->nworkers;) {
        int64_t end = begin;
        int last = first + 1;

        while (last < p->nworkers && on_one_host(p, first, last + 1))
            last++;
        while (end < c->n && c->rank[c->list[end]] == p->worker[first])
            end++;
        TG_TRY(halve(c, c->list + begin, end - begin, first, last, false));
        begin = end;
        first = last;
    }
out:
    return status;
}

tg_status tg_columns_halve(tg_columns *c)
{
    for (int32_t v = 0; v < c->n; v++)
        c->list[v] = v;
    return halve(c, c->list, c->n, 0, c->p->nworkers, true);
}
