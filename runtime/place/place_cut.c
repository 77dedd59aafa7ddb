/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One cut: a side grows from a column, always by the neighbour that adds least to the cut (greedy
 * graph growing, Karypis and Kumar 1998, section 4). Then columns change sides, those first by
 * which the cut gains most, each once, even where it loses for a while; what came after the best
 * state is undone (Fiduccia and Mattheyses 1982). A side that weighs too much gives first.
 */
#include <math.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* Of a column that has changed sides and stays there. */
static const double locked = -HUGE_VAL;

/* The share of what is cut that a pass has to save for another one. */
static const double worth_going_on = 1.0 / 16;

static tg_status push(tg_columns *c, int from, int32_t column)
{
    tg_status status = TG_OK;
    tg_column_heap *h = &c->heap[from];
    const tg_column_choice new = {c->gain[column], column};
    int64_t at = h->n;

    TG_TRY(tg_grow(&h->choice, &h->capacity, h->n + 1, sizeof *h->choice));
    for (h->n++; at > 0 && h->choice[(at - 1) / 2].gain < new.gain; at = (at - 1) / 2)
        h->choice[at] = h->choice[(at - 1) / 2];
    h->choice[at] = new;
out:
    return status;
}

static void pop(tg_column_heap *h)
{
    const tg_column_choice last = h->choice[--h->n];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < h->n && h->choice[child + 1].gain > h->choice[child].gain)
            child++;
        if (child >= h->n || h->choice[child].gain <= last.gain)
            break;
        h->choice[at] = h->choice[child];
        at = child;
    }
    h->choice[at] = last;
}

/* The best column to leave a side, -1: none. What is out of date is forgotten, or moved down. */
static tg_status find_best(tg_columns *c, const tg_cut *cut, int from, int32_t *best)
{
    tg_status status = TG_OK;
    tg_column_heap *h = &c->heap[from];

    for (*best = -1; h->n > 0 && *best < 0;) {
        const tg_column_choice first = h->choice[0];
        const double gain = c->gain[first.column];

        if (c->region[first.column] == cut->side[from] && gain == first.gain) {
            *best = first.column;
            continue;
        }
        pop(h);
        if (c->region[first.column] == cut->side[from] && gain < first.gain && gain != locked)
            TG_TRY(push(c, from, first.column));
    }
out:
    return status;
}

double tg_columns_cut_to(const tg_columns *c, int32_t column, int32_t region)
{
    double sum = 0;

    for (int64_t e = c->begin[column]; e < c->end[column]; e++)
        sum += c->region[c->to[e]] == region ? (double)c->cut[e] : 0;
    return sum;
}

static tg_status change_side(tg_columns *c, tg_cut *cut, int32_t v, int from)
{
    tg_status status = TG_OK;

    c->region[v] = cut->side[!from];
    cut->weight += from ? c->weight[v] : -c->weight[v];
    c->gain[v] = locked;
    for (int64_t e = c->begin[v]; e < c->end[v]; e++) {
        const int32_t u = c->to[e];
        const int its = c->region[u] == cut->side[1];

        if (c->gain[u] == locked || c->region[u] != cut->side[its])
            continue;
        if (its == from) {
            c->gain[u] += 2 * (double)c->cut[e];
            TG_TRY(push(c, its, u));
        } else {
            c->gain[u] -= 2 * (double)c->cut[e]; /* it is moved down when its turn comes */
        }
    }
out:
    return status;
}

tg_status tg_columns_grow(tg_columns *c, const int32_t *list, int64_t n, int32_t seed, tg_cut *cut)
{
    tg_status status = TG_OK;
    const double want = (cut->least + cut->most) / 2;
    int64_t next = 0;
    int32_t v = seed;

    for (int64_t i = 0; i < n; i++)
        c->gain[list[i]] = -tg_columns_cut_to(c, list[i], cut->side[1]);
    c->heap[0].n = c->heap[1].n = 0;
    cut->weight = 0;
    while (v >= 0 && cut->weight + c->weight[v] / 2 <= want) {
        TG_TRY(change_side(c, cut, v, 1));
        TG_TRY(find_best(c, cut, 1, &v));
        for (; v < 0 && next < n; next++) /* another component: the next in depth-first order */
            v = c->region[list[next]] == cut->side[1] ? list[next] : -1;
    }
out:
    return status;
}

/* By how much a side weighs too much. */
static double excess_of(const tg_cut *cut)
{
    const double off = cut->weight > cut->most ? cut->weight - cut->most : cut->least - cut->weight;

    return off > 0 ? off : 0;
}

/* Gains of all; those at the border may change sides. *bytes: what is cut, from both its ends. */
static tg_status look(tg_columns *c, const int32_t *list, int64_t n, const tg_cut *cut,
                      double *bytes)
{
    tg_status status = TG_OK;

    c->heap[0].n = c->heap[1].n = 0;
    for (int64_t i = 0; i < n; i++) {
        const int32_t v = list[i];
        const int its = c->region[v] == cut->side[1];
        double inside = 0, across = 0;

        for (int64_t e = c->begin[v]; e < c->end[v]; e++) {
            inside += c->region[c->to[e]] == cut->side[its] ? (double)c->cut[e] : 0;
            across += c->region[c->to[e]] == cut->side[!its] ? (double)c->cut[e] : 0;
        }
        c->gain[v] = across - inside;
        *bytes += across;
        if (across > 0)
            TG_TRY(push(c, its, v));
    }
out:
    return status;
}

/* All of a side may leave it. */
static tg_status push_side(tg_columns *c, const int32_t *list, int64_t n, const tg_cut *cut,
                           int from)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < n; i++)
        if (c->region[list[i]] == cut->side[from] && c->gain[list[i]] != locked)
            TG_TRY(push(c, from, list[i]));
out:
    return status;
}

/* The column that changes sides next, and from which; -1: none. */
static tg_status choose(tg_columns *c, const int32_t *list, int64_t n, const tg_cut *cut,
                        int32_t *v, int *from)
{
    tg_status status = TG_OK;
    const bool heavy = cut->weight > cut->most, light = cut->weight < cut->least;
    int32_t best[2];

    TG_TRY(find_best(c, cut, 0, &best[0]));
    TG_TRY(find_best(c, cut, 1, &best[1]));
    if (heavy || light) {
        *from = light;
        if (best[*from] < 0) {
            TG_TRY(push_side(c, list, n, cut, *from));
            TG_TRY(find_best(c, cut, *from, &best[*from]));
        }
    } else if (best[0] >= 0 && best[1] >= 0) {
        *from = c->gain[best[1]] > c->gain[best[0]];
    } else {
        *from = best[1] >= 0;
    }
    *v = best[*from];
out:
    return status;
}

/* Each column changes sides at most once; the best state stays. *better: enough to go on. */
static tg_status pass(tg_columns *c, const int32_t *list, int64_t n, tg_cut *cut, bool *better)
{
    tg_status status = TG_OK;
    const int64_t patience = 64 + n / 64;
    int64_t nmoves = 0, nbest = 0;
    double gained = 0, most = 0, bytes = 0, least = excess_of(cut);

    TG_TRY(look(c, list, n, cut, &bytes));
    while (nmoves < n && nmoves - nbest < patience && !(cut->balanced && least == 0)) {
        int from;
        int32_t v;

        TG_TRY(choose(c, list, n, cut, &v, &from));
        if (v < 0)
            break;
        gained += c->gain[v];
        TG_TRY(change_side(c, cut, v, from));
        c->spare[nmoves++] = v;
        if (excess_of(cut) < least || (excess_of(cut) == least && gained > most)) {
            nbest = nmoves;
            most = gained;
            least = excess_of(cut);
        }
    }
    while (nmoves > nbest) {
        const int32_t v = c->spare[--nmoves];
        const int its = c->region[v] == cut->side[1];

        c->region[v] = cut->side[!its];
        cut->weight += its ? c->weight[v] : -c->weight[v];
    }
    *better = most > worth_going_on * bytes / 2;
out:
    return status;
}

tg_status tg_columns_improve(tg_columns *c, const int32_t *list, int64_t n, tg_cut *cut)
{
    enum { PASSES = 4 };
    tg_status status = TG_OK;
    bool better = true;

    for (int i = 0; i < PASSES && better && !(cut->balanced && excess_of(cut) == 0); i++)
        TG_TRY(pass(c, list, n, cut, &better));
out:
    return status;
}
