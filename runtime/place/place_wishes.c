/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See place_wishes.h. Most wishes have no opposite one that could pay for them. Before the sort a
 * table tells the best of each pair, or of several that meet in an entry: then some stay in vain.
 */
#include "place/place_wishes.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

void tg_wishes_clear(tg_wishes *w)
{
    tg_free(w->wish);
    tg_free(w->best);
    *w = (tg_wishes){0};
}

tg_wish tg_wish_of(const tg_machine *m, int32_t task, int32_t from, int32_t to, double bytes)
{
    const bool far = m->host[from] != m->host[to];
    const uint64_t a = far ? (uint64_t)m->host[from] : (uint64_t)m->nhosts + (uint64_t)from;
    const uint64_t b = far ? (uint64_t)m->host[to] : (uint64_t)m->nhosts + (uint64_t)to;

    return (tg_wish){.pair = a < b ? a << 33 | b << 1 : b << 33 | a << 1 | 1,
                     .bytes = (float)bytes,
                     .task = task,
                     .from = from,
                     .to = to};
}

void tg_task_wishes_add(tg_task_wishes *w, tg_wish its)
{
    int at = 0; /* the entry that is given up: the one of its pair, a new one, or the last */

    while (at < w->n && w->wish[at].pair != its.pair)
        at++;
    if (at == w->n && w->n < TG_MOST_WISHES)
        w->wish[w->n++].bytes = -INFINITY;
    at = at < w->n ? at : w->n - 1;
    if (w->wish[at].bytes >= its.bytes)
        return;
    for (; at > 0 && w->wish[at - 1].bytes < its.bytes; at--)
        w->wish[at] = w->wish[at - 1];
    w->wish[at] = its;
}

tg_status tg_wishes_add(tg_wishes *w, const tg_task_wishes *of_task)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&w->wish, &w->capacity, w->n + of_task->n, sizeof *w->wish));
    for (int i = 0; i < of_task->n; i++)
        w->wish[w->n++] = of_task->wish[i];
out:
    return status;
}

static float *best_of(const tg_wishes *w, uint64_t pair)
{
    const uint64_t hash = (pair >> 1) * UINT64_C(0x9e3779b97f4a7c15);

    return &w->best[(hash >> 32) * (uint64_t)w->nbest >> 32][pair & 1];
}

static tg_status drop_hopeless(tg_wishes *w)
{
    tg_status status = TG_OK;
    int64_t n = 0;

    w->nbest = w->n;
    TG_TRY(tg_grow(&w->best, &w->best_capacity, w->nbest, sizeof *w->best));
    for (int64_t i = 0; i < w->nbest; i++)
        w->best[i][0] = w->best[i][1] = -INFINITY;
    for (int64_t i = 0; i < w->n; i++)
        *best_of(w, w->wish[i].pair) = fmaxf(*best_of(w, w->wish[i].pair), w->wish[i].bytes);
    for (int64_t i = 0; i < w->n; i++)
        if (w->wish[i].bytes + *best_of(w, w->wish[i].pair ^ 1) > 0)
            w->wish[n++] = w->wish[i];
    w->n = n;
out:
    return status;
}

static int by_pair(const void *a, const void *b)
{
    const tg_wish *x = a, *y = b;

    if (x->pair != y->pair)
        return x->pair < y->pair ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

tg_status tg_wishes_sort(tg_wishes *w)
{
    tg_status status = TG_OK;

    TG_TRY(drop_hopeless(w));
    if (w->n)
        qsort(w->wish, (size_t)w->n, sizeof *w->wish, by_pair);
out:
    return status;
}

tg_wish_pair tg_wishes_pair_at(const tg_wishes *w, int64_t at)
{
    const tg_wish *one = w->wish + at, *all = w->wish + w->n;
    tg_wish_pair its = {.one = one, .other = one};

    while (its.other < all && its.other->pair == one->pair)
        its.other++;
    for (its.end = its.other; its.end < all && its.end->pair == (one->pair | 1); its.end++)
        ;
    return its;
}
