/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dealing the sources: contiguous blocks of the depth-first order over the ranks in tree order, so
 * that what is reduced together lies on one rank, then on one host.
 *
 * Where blocks cannot balance a few uneven units (pieces of a file, then files), the longest-
 * processing-time rule (Graham 1969) is tried inside each host, then over all ranks, and taken when
 * better: what a host has stays on it if that is enough.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "place/placer.h"

/* Units [begin, end) for workers [first, last). */
typedef struct share {
    int64_t begin, end;
    int first, last;
} share;

static tg_status find_units(tg_placer *p)
{
    tg_status status = TG_OK;
    const tg_graph *g = p->graph;
    const int64_t n = p->nlevels ? p->level_begin[1] : 0;
    int32_t *of_affinity = tg_alloc_array(g->naffinities + 1, sizeof *of_affinity);

    p->units = tg_alloc_array(n, sizeof *p->units);
    p->unit_of = tg_alloc_array(n, sizeof *p->unit_of);
    TG_NEED(of_affinity && p->units && p->unit_of, TG_ENOMEM, "out of memory: %" PRId64 " sources",
            n);
    for (int64_t i = 0; i < n; i++) {
        const int32_t t = p->by_level[i];
        const int32_t a = tg_graph_affinity(g, t);
        int64_t u = a && of_affinity[a] ? of_affinity[a] - 1 : p->nunits;

        p->unit_of[i] = -1;
        if (g->task[t].flags & (TG_TASK_ROOT | TG_TASK_RESIDENT))
            continue;
        if (u == p->nunits)
            p->units[p->nunits++] = (tg_unit){.number = (int32_t)u};
        of_affinity[a] = (int32_t)u + 1;
        p->units[u].seconds += tg_placer_cost(p, t);
        p->unit_of[i] = (int32_t)u;
    }
out:
    tg_free(of_affinity);
    return status;
}

static double power_of(const tg_placer *p, int first, int last)
{
    double power = 0;

    for (int w = first; w < last; w++)
        power += tg_placer_threads(p, p->worker[w]);
    return power;
}

static double work_of(const tg_unit *units, const share *s)
{
    double seconds = 0;

    for (int64_t u = s->begin; u < s->end; u++)
        seconds += units[u].seconds;
    return seconds;
}

/* Contiguous blocks of equal cost; returns the heaviest load. */
static double deal_blocks(tg_placer *p, tg_unit *units, const share *s)
{
    const double total = work_of(units, s), power = power_of(p, s->first, s->last);
    double start = 0, before = 0, heaviest = 0, load = 0;
    int w = s->first;
    double mine = tg_placer_threads(p, p->worker[w]);

    for (int64_t u = s->begin; u < s->end; u++) {
        const double middle = (start + units[u].seconds / 2) / total * power;

        while (w + 1 < s->last && middle >= before + mine) {
            before += mine;
            mine = tg_placer_threads(p, p->worker[++w]);
            load = 0;
        }
        start += units[u].seconds;
        units[u].rank = p->worker[w];
        load += units[u].seconds / mine;
        heaviest = load > heaviest ? load : heaviest;
    }
    return heaviest;
}

static int longer_first(const void *a, const void *b)
{
    const tg_unit *x = a, *y = b;

    if (x->seconds != y->seconds)
        return x->seconds < y->seconds ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    const tg_unit *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

/* Longest first, each to the rank that is done first. For few units: the search is linear. */
static double deal_longest_first(tg_placer *p, tg_unit *units, const share *s)
{
    const size_t n = (size_t)(s->end - s->begin);
    double heaviest = 0;

    qsort(units + s->begin, n, sizeof *units, longer_first);
    for (int64_t u = s->begin; u < s->end; u++) {
        int32_t best = p->worker[s->first];
        double best_end = p->scratch[best] + units[u].seconds / tg_placer_threads(p, best);

        for (int w = s->first + 1; w < s->last; w++) {
            const int32_t r = p->worker[w];
            const double end = p->scratch[r] + units[u].seconds / tg_placer_threads(p, r);

            if (end < best_end) {
                best = r;
                best_end = end;
            }
        }
        units[u].rank = best;
        p->scratch[best] = best_end;
        heaviest = best_end > heaviest ? best_end : heaviest;
    }
    for (int w = s->first; w < s->last; w++)
        p->scratch[p->worker[w]] = 0;
    qsort(units + s->begin, n, sizeof *units, by_number);
    return heaviest;
}

/* Most units times ranks for which the longest-first rule is tried. */
enum { FEW = 1 << 20 };

/* Blocks, or longest first where that is better; *heaviest is the load of the fullest rank. */
static tg_status deal(tg_placer *p, const share *s, double *heaviest)
{
    tg_status status = TG_OK;
    const int64_t n = s->end - s->begin;
    const double best = work_of(p->units, s) / power_of(p, s->first, s->last);
    double load;
    tg_unit *other = NULL;

    *heaviest = deal_blocks(p, p->units, s);
    if (n * (s->last - s->first) > FEW || *heaviest <= 1.05 * best)
        return TG_OK;
    other = tg_copy_of(p->units + s->begin, (size_t)n * sizeof *other);
    TG_NEED(other, TG_ENOMEM, "out of memory: %" PRId64 " sources", n);
    load = deal_longest_first(p, other, &(share){0, n, s->first, s->last});
    if (load < 0.95 * *heaviest) {
        memcpy(p->units + s->begin, other, (size_t)n * sizeof *other);
        *heaviest = load;
    }
out:
    tg_free(other);
    return status;
}

/* The workers of one host, which are neighbours in tree order. */
static int end_of_host(const tg_placer *p, int first)
{
    const int32_t *host = p->machine->host;
    int last = first + 1;

    while (last < p->nworkers && host[p->worker[last]] == host[p->worker[first]])
        last++;
    return last;
}

/* Blocks over hosts, each dealt inside; returns the load of the fullest rank. */
static tg_status deal_by_host(tg_placer *p, double total, double *heaviest)
{
    tg_status status = TG_OK;
    double start = 0, before = 0;
    int64_t u = 0;

    *heaviest = 0;
    for (int w = 0; w < p->nworkers;) {
        share s = {.begin = u, .first = w, .last = end_of_host(p, w)};
        double load = 0;

        before += power_of(p, s.first, s.last);
        while (u < p->nunits && (s.last == p->nworkers ||
                                 (start + p->units[u].seconds / 2) / total * p->power < before))
            start += p->units[u++].seconds;
        s.end = u;
        if (s.begin < s.end)
            TG_TRY(deal(p, &s, &load));
        *heaviest = load > *heaviest ? load : *heaviest;
        w = s.last;
    }
out:
    return status;
}

tg_status tg_placer_deal_sources(tg_placer *p)
{
    tg_status status = TG_OK;
    tg_unit *other = NULL;
    double heaviest = 0;
    share all;

    TG_TRY(find_units(p));
    all = (share){0, p->nunits, 0, p->nworkers};
    TG_TRY(deal_by_host(p, work_of(p->units, &all), &heaviest));
    if (p->nunits * p->nworkers <= FEW && heaviest > 1.1 * work_of(p->units, &all) / p->power) {
        other = tg_copy_of(p->units, (size_t)p->nunits * sizeof *other);
        TG_NEED(other, TG_ENOMEM, "out of memory: %" PRId64 " sources", p->nunits);
        if (deal_longest_first(p, other, &all) < 0.95 * heaviest)
            memcpy(p->units, other, (size_t)p->nunits * sizeof *other);
    }
    TG_TRY(tg_placer_deal_columns(p));
out:
    tg_free(other);
    return status;
}
