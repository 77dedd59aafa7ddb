/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dealing sources by what becomes of them, for graphs whose depth-first order is no good guide: a
 * grid in time, a product of matrices.
 *
 * A column is a source with tasks that follow it: each task goes with the input that has most
 * bytes, among those whose columns are not ahead of the others, so that all columns weigh about as
 * much at all times. Their beginnings tell enough where they are long. Columns that exchange
 * results are neighbours. The columns are halved again and again along the machine's tree: one half
 * grows from a column far out, always by the neighbour that adds least to the cut (greedy graph
 * growing, Karypis and Kumar 1998, section 4), then columns at the border change sides while the
 * cut falls. This never cuts along time, so all ranks have work at all times.
 *
 * It costs a few passes over the columns' edges for each halving, so it is done where columns are
 * long, and its outcome is taken only where fewer bytes pass between hosts.
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/placer.h"

typedef struct choice {
    double gain;
    int32_t column;
} choice;

typedef struct columns {
    tg_placer *p;
    int64_t n, nedges;
    int64_t nlevels; /* looked at */
    int32_t *of;     /* by task: its column; -1: none */
    double *weight;  /* by column: seconds */
    int64_t *begin;  /* [n + 1] into to and bytes */
    int32_t *to;     /* neighbours */
    float *bytes;    /* exchanged with them, both ways */
    int32_t *region; /* by column: what is being halved, or its half */
    double *gain;    /* by column: bytes to the growing half less those to the rest */
    int32_t *list;   /* columns by region */
    int32_t *spare;  /* scratch for lists */
    choice *heap;
    int64_t nheap, heap_capacity;
    int32_t nregions;
    int ntries;                      /* seeds for each halving */
    double all_bytes, between_hosts; /* that tasks take in; as blocks have put them */
    int32_t *rank;                   /* by column: the outcome */
} columns;

/* Where less than this share of all bytes passes between hosts, blocks are good enough. */
static const double least_share = 0.02;

/* Load of a rank over the mean, that columns may leave: the levels even it out. */
static const double most_load = 1.5;

/* ---- columns and their edges ---------------------------------------------------------------- */

/* A result goes from column a to column b, where blocks have put them. */
static void count_bytes(columns *c, int32_t a, int32_t b, double bytes)
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
static void look_at_inputs(const columns *c, int32_t task, double most, int32_t *best,
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
        if (c->weight[v] <= most && g->output_bytes[input[k]] > best_bytes) {
            *best = v;
            best_bytes = g->output_bytes[input[k]];
        }
    }
}

/* The column that a task joins: of an input, where all of these are ahead, of an input's input, so
 * that columns are of about equal weight at all times. */
static int32_t join_column(const columns *c, int32_t task, double most)
{
    const tg_graph *g = c->p->graph;
    int32_t best = -1, lightest = -1, ignored = -1;

    look_at_inputs(c, task, most, &best, &lightest);
    for (int k = 0; k < tg_graph_ninputs(g, task) && best < 0; k++)
        look_at_inputs(c, tg_graph_inputs(g, task)[k], most, &ignored, &lightest);
    return best >= 0 ? best : lightest;
}

static void find_level(columns *c, int64_t level, double *ideal)
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
                        (double)g->output_bytes[tg_graph_inputs(g, t)[k]]);
    }
}

/* Columns are long where it matters, and alike along time: their beginnings tell enough. */
static void find_columns(columns *c)
{
    enum { LONG = 32 };
    const tg_placer *p = c->p;
    double ideal = 0;

    for (int64_t t = 0; t < p->graph->ntasks; t++)
        c->of[t] = -1;
    while (c->nlevels < p->nlevels && p->level_begin[c->nlevels] < LONG * c->n)
        find_level(c, c->nlevels++, &ideal);
}

/* Is there something to win, and no column too heavy to be dealt? */
static bool is_worth_trying(const columns *c)
{
    double total = 0, heaviest = 0;

    for (int64_t v = 0; v < c->n; v++) {
        total += c->weight[v];
        heaviest = c->weight[v] > heaviest ? c->weight[v] : heaviest;
    }
    return c->between_hosts > least_share * c->all_bytes &&
           heaviest < most_load * total / c->p->power;
}

/* Both directions of each edge between columns: count them, then fill them in. */
static void visit_edges(columns *c, bool filling)
{
    const tg_graph *g = c->p->graph;

    for (int64_t i = c->p->level_begin[1]; i < c->p->level_begin[c->nlevels]; i++) {
        const int32_t t = c->p->by_level[i], a = c->of[t];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t made = tg_graph_inputs(g, t)[k], b = c->of[made];

            if (a < 0 || b < 0 || a == b)
                continue;
            if (!filling) {
                c->begin[a + 2]++;
                c->begin[b + 2]++;
                c->nedges += 2;
                continue;
            }
            c->to[c->begin[a + 1]] = b;
            c->bytes[c->begin[a + 1]++] = g->output_bytes[made] + 1;
            c->to[c->begin[b + 1]] = a;
            c->bytes[c->begin[b + 1]++] = g->output_bytes[made] + 1;
        }
    }
}

/* Several edges between two columns become one; `spare` holds where a neighbour was last seen. */
static void merge_edges(columns *c)
{
    int64_t from = 0, n = 0;

    for (int64_t v = 0; v < c->n; v++) {
        const int64_t first = n, end = c->begin[v + 1];

        for (; from < end; from++) {
            const int32_t b = c->to[from];
            const int64_t seen = c->spare[b] - 1;

            if (seen >= first && seen < n && c->to[seen] == b) {
                c->bytes[seen] += c->bytes[from];
                continue;
            }
            c->to[n] = b;
            c->bytes[n] = c->bytes[from];
            c->spare[b] = (int32_t)++n;
        }
        c->begin[v] = first;
    }
    c->begin[c->n] = n;
    c->nedges = n;
}

static tg_status find_edges(columns *c)
{
    tg_status status = TG_OK;

    visit_edges(c, false);
    TG_NEED(c->nedges < INT32_MAX, TG_EARG, "%" PRId64 " edges between columns", c->nedges);
    for (int64_t v = 2; v < c->n + 2; v++)
        c->begin[v] += c->begin[v - 1];
    c->to = tg_alloc_array(c->nedges, sizeof *c->to);
    c->bytes = tg_alloc_array(c->nedges, sizeof *c->bytes);
    TG_NEED(c->to && c->bytes, TG_ENOMEM, "out of memory: edges of %" PRId64 " columns", c->n);
    visit_edges(c, true);
    merge_edges(c);
out:
    return status;
}

/* ---- halving -------------------------------------------------------------------------------- */

static tg_status push_choice(columns *c, int32_t column)
{
    tg_status status = TG_OK;
    const choice new = {c->gain[column], column};
    int64_t at = c->nheap;

    TG_TRY(tg_grow(&c->heap, &c->heap_capacity, c->nheap + 1, sizeof *c->heap));
    for (c->nheap++; at > 0 && c->heap[(at - 1) / 2].gain < new.gain; at = (at - 1) / 2)
        c->heap[at] = c->heap[(at - 1) / 2];
    c->heap[at] = new;
out:
    return status;
}

static choice pop_choice(columns *c)
{
    const choice first = c->heap[0], last = c->heap[--c->nheap];
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
static double bytes_to(const columns *c, int32_t column, int32_t region)
{
    double bytes = 0;

    for (int64_t e = c->begin[column]; e < c->begin[column + 1]; e++)
        bytes += c->region[c->to[e]] == region ? (double)c->bytes[e] : 0;
    return bytes;
}

/* The column of the region last reached from `start`: far out. Marks with `seen`. */
static int32_t far_column(columns *c, int32_t start, int32_t seen)
{
    const int32_t region = c->region[start];
    int64_t head = 0, tail = 0;

    c->spare[tail++] = start;
    c->region[start] = seen;
    while (head < tail) {
        const int32_t v = c->spare[head++];

        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++)
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
static tg_status grow(columns *c, const int32_t *list, int64_t n, int32_t v, int32_t half,
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
        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++)
            if (c->region[c->to[e]] == region) {
                c->gain[c->to[e]] += 2 * (double)c->bytes[e];
                TG_TRY(push_choice(c, c->to[e]));
            }
        v = -1;
        while (v < 0 && c->nheap > 0) {
            const choice best = pop_choice(c);

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
static void refine(columns *c, const int32_t *list, int64_t n, int32_t region, int32_t half,
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
static tg_status rebalance(columns *c, const int32_t *list, int64_t n, int32_t region, int32_t half,
                           double want, double *weight)
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
        const choice best = pop_choice(c);
        const int32_t v = best.column;

        if (c->region[v] != from || best.gain != c->gain[v] ||
            c->weight[v] / 2 > sign * (want - *weight))
            continue;
        c->region[v] = to;
        *weight += sign * c->weight[v];
        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++)
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
static tg_status try_seed(columns *c, const int32_t *list, int64_t n, int32_t seed, int32_t half,
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
static tg_status halve_best(columns *c, const int32_t *list, int64_t n, int ntries, int32_t half,
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
static int64_t split_list(columns *c, int32_t *list, int64_t n, int32_t half)
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

/* Halve columns and workers [first, last) down to hosts, or down to ranks; sorts the list so. */
static tg_status halve(columns *c, int32_t *list, int64_t n, int first, int last, bool to_hosts)
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

/* From hosts to their ranks. */
static tg_status halve_hosts(columns *c)
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

/* ---- taking it or not ----------------------------------------------------------------------- */

/* Bytes between hosts with the columns' own ranks. */
static double bytes_between_hosts(const columns *c)
{
    const int32_t *host = c->p->machine->host;
    double bytes = 0;

    for (int64_t v = 0; v < c->n; v++)
        for (int64_t e = c->begin[v]; e < c->begin[v + 1]; e++)
            bytes += host[c->rank[c->to[e]]] != host[c->rank[v]] ? (double)c->bytes[e] : 0;
    return bytes / 2; /* each edge is there from both its ends */
}

/* No rank has much too much. */
static bool is_balanced(columns *c)
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

/* Where columns exchange with a good part of all others no cut is much better than another. */
static bool is_dense(const columns *c)
{
    const double share = 0.3;

    return (double)c->nedges > share * (double)c->n * (double)c->n;
}

/* As many seeds as take about the time of the rest of the planning. */
static int tries_for(const columns *c)
{
    enum { MOST = 16 };
    double passes = 0;

    for (int hosts = c->p->machine->nhosts; hosts > 1; hosts = (hosts + 1) / 2)
        passes += (double)c->nedges;
    passes = 4 * (double)c->p->level_begin[c->nlevels] / (passes + 1);
    return passes < 1 ? 1 : passes > MOST ? MOST : (int)passes;
}

static tg_status allocate(columns *c)
{
    tg_status status = TG_OK;

    c->of = tg_alloc_array(c->p->graph->ntasks, sizeof *c->of);
    c->weight = tg_alloc_array(c->n, sizeof *c->weight);
    c->begin = tg_alloc_array(c->n + 2, sizeof *c->begin);
    c->region = tg_alloc_array(c->n, sizeof *c->region);
    c->gain = tg_alloc_array(c->n, sizeof *c->gain);
    c->list = tg_alloc_array(c->n, sizeof *c->list);
    c->spare = tg_alloc_array(c->n, sizeof *c->spare);
    c->rank = tg_alloc_array(c->n, sizeof *c->rank);
    TG_NEED(c->of && c->weight && c->begin && c->region && c->gain && c->list && c->spare &&
                c->rank,
            TG_ENOMEM, "out of memory: %" PRId64 " columns", c->n);
out:
    return status;
}

static void clear(columns *c)
{
    tg_free(c->of);
    tg_free(c->weight);
    tg_free(c->begin);
    tg_free(c->to);
    tg_free(c->bytes);
    tg_free(c->region);
    tg_free(c->gain);
    tg_free(c->list);
    tg_free(c->spare);
    tg_free(c->heap);
    tg_free(c->rank);
}

tg_status tg_placer_deal_columns(tg_placer *p)
{
    tg_status status = TG_OK;
    columns c = {.p = p, .n = p->nunits};

    if (p->nworkers < 2 || p->machine->nhosts < 2 || p->nunits < 2 * p->nworkers)
        return TG_OK;
    if (p->level_begin[p->nlevels] < 3 * p->nunits) /* too short: trees, whose blocks are good */
        return TG_OK;
    TG_TRY(allocate(&c));
    find_columns(&c);
    if (!is_worth_trying(&c))
        goto out;
    TG_TRY(find_edges(&c));
    if (is_dense(&c))
        goto out;
    c.ntries = tries_for(&c);
    for (int32_t v = 0; v < c.n; v++)
        c.list[v] = v;
    TG_TRY(halve(&c, c.list, c.n, 0, p->nworkers, true));
    if (bytes_between_hosts(&c) > 0.95 * c.between_hosts)
        goto out;
    TG_TRY(halve_hosts(&c));
    if (is_balanced(&c)) {
        for (int64_t v = 0; v < c.n; v++)
            p->units[v].rank = c.rank[v];
        p->column = c.of;
        c.of = NULL;
    }
out:
    clear(&c);
    return status;
}
