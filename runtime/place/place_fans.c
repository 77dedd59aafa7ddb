/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dealing by what results are needed for, where much is used by several but little becomes of each:
 * a product of matrices, whose tiles go into many sums.
 *
 * A fan is a task with all that only it needs, as far as that is a small part of what a rank has to
 * do. Fans that need the same result are neighbours: one after the other, so that a row of users is
 * a row of neighbours and users in several directions make a grid. A row that many ranks share is
 * dear to cut: the result goes to each of them. Fans are halved along the machine's tree
 * (place_halves.c) and keep together; sources run where one of their users does.
 *
 * This is tried where most results have one user, and where blocks of sources do not suit it.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_columns.h"

/* The most that a fan weighs, of what a rank has to do on average. */
static const double most_weight = 1.0 / 12;

/* The share of bytes from other hosts up to which blocks of sources are good enough. */
static const double least_share = 0.02;

/* What it takes; where fans are few beside tasks it is little. */
static const double seconds_a_fan = 4e-6;

typedef struct fans {
    tg_placer *p;
    tg_columns columns;
    int32_t *user;  /* by task: the only one + 1; 0: none, MANY: several */
    double *weight; /* by task: with all that only it needs */
    int32_t *last;  /* by task: the fan that used it last + 1; 0: none */
    int32_t *uses;  /* by task: fans that use it, one after the other */
    double *given;  /* by fan: seconds of sources that are to run with it */
    int64_t n;
} fans;

enum { MANY = -1 };

/* Does what the tasks after the sources take in lie on several hosts? */
static bool is_scattered(const tg_placer *p)
{
    const tg_graph *g = p->graph;
    const int32_t *host = p->machine->host;
    double all = 0, away = 0;

    for (int64_t i = 0; i < p->level_begin[1]; i++)
        if (p->unit_of[i] >= 0)
            p->out->rank[p->by_level[i]] = p->units[p->unit_of[i]].rank;
    for (int64_t i = p->level_begin[1]; i < p->level_begin[2]; i++) {
        const int32_t *input = tg_graph_inputs(g, p->by_level[i]);
        int32_t first = -1;

        for (int k = 0; k < tg_graph_ninputs(g, p->by_level[i]); k++) {
            const int32_t rank = p->out->rank[input[k]];

            if (rank < 0)
                continue;
            first = first < 0 ? rank : first;
            all += (double)g->task[input[k]].output_bytes;
            away += host[rank] != host[first] ? (double)g->task[input[k]].output_bytes : 0;
        }
    }
    return away > least_share * all;
}

/* Who uses what on so many levels; how many results, but of the last level, have one user. */
static int64_t find_users(fans *f, int64_t nlevels)
{
    const tg_placer *p = f->p;
    const tg_graph *g = p->graph;
    int64_t count = 0;

    for (int64_t i = p->level_begin[1]; i < p->level_begin[nlevels]; i++) {
        const int32_t t = p->by_level[i];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            int32_t *user = &f->user[tg_graph_inputs(g, t)[k]];

            *user = *user == 0 || *user == t + 1 ? t + 1 : MANY;
        }
    }
    for (int64_t i = 0; i < p->level_begin[nlevels - 1]; i++)
        count += f->user[p->by_level[i]] > 0;
    return count;
}

/* Inputs before users: what each weighs with all that only it needs. */
static void weigh(fans *f)
{
    const tg_placer *p = f->p;

    for (int64_t i = 0; i < p->level_begin[p->nlevels]; i++) {
        const int32_t t = p->by_level[i], user = f->user[t] - 1;

        f->weight[t] += tg_placer_cost(p, t);
        if (user >= 0)
            f->weight[user] += f->weight[t];
    }
}

/* Users before inputs: fans are numbered. Sources of several users are of none. */
static void number(fans *f, int32_t *of)
{
    const tg_placer *p = f->p;
    const double most = most_weight * p->work / p->power;

    for (int64_t i = p->level_begin[p->nlevels]; i-- > 0;) {
        const int32_t t = p->by_level[i], user = f->user[t] - 1;

        if (user >= 0 && f->weight[user] <= most)
            of[t] = of[user];
        else if (i >= p->level_begin[1] || user >= 0)
            of[t] = (int32_t)f->n++;
    }
}

/* Ranks beyond a cut that a result is sent to: half of those that a row of its users lies on, where
 * ranks have square blocks of rows. */
static float ways_of(const fans *f, int32_t made)
{
    const double each = (double)f->n / f->p->nworkers, ways = f->uses[made] / (2 * sqrt(each));

    return ways > 1 ? (float)ways : 1;
}

/* What a fan takes in comes from another, or goes to another as well. */
static void visit_inputs(tg_columns *c, void *data, bool filling)
{
    fans *f = data;
    const tg_graph *g = c->p->graph;
    const tg_placer *p = c->p;

    memset(f->last, 0, (size_t)g->ntasks * sizeof *f->last);
    for (int64_t i = p->level_begin[1]; i < p->level_begin[p->nlevels]; i++) {
        const int32_t t = p->by_level[i];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t made = tg_graph_inputs(g, t)[k];
            const int32_t before = f->last[made] ? f->last[made] - 1 : c->of[made];

            if (p->level[made] < 0)
                continue;
            if (!filling)
                f->uses[made] += before != c->of[t];
            tg_columns_link(c, before, c->of[t], g->task[made].output_bytes + 1, ways_of(f, made),
                            filling);
            f->last[made] = c->of[t] + 1;
        }
    }
}

/* Sources of several users run with the one that has least of them; `last` is where. */
static void give_sources(fans *f)
{
    const tg_placer *p = f->p;
    const tg_graph *g = p->graph;

    memset(f->last, 0, (size_t)g->ntasks * sizeof *f->last);
    for (int64_t i = p->level_begin[1]; i < p->level_begin[p->nlevels]; i++) {
        const int32_t t = p->by_level[i], fan = f->columns.of[t];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++) {
            const int32_t made = tg_graph_inputs(g, t)[k], at = f->last[made] - 1;
            const double seconds = tg_placer_cost(p, made);

            if (p->level[made] < 0 || f->columns.of[made] >= 0 ||
                (at >= 0 && f->given[fan] + seconds >= f->given[at]))
                continue;
            if (at >= 0)
                f->given[at] -= seconds;
            f->given[fan] += seconds;
            f->last[made] = fan + 1;
        }
    }
}

static void settle_units(fans *f)
{
    tg_placer *p = f->p;

    give_sources(f);
    for (int64_t i = 0; i < p->level_begin[1]; i++) {
        const int32_t t = p->by_level[i], of = f->columns.of[t];
        const int32_t fan = of >= 0 ? of : f->last[t] - 1;

        if (p->unit_of[i] >= 0 && fan >= 0)
            p->units[p->unit_of[i]].rank = f->columns.rank[fan];
    }
}

/* Fans, if there are few, with their weights. */
static tg_status create_fans(fans *f)
{
    tg_status status = TG_OK;
    tg_placer *p = f->p;
    int32_t *of = tg_alloc_array(p->graph->ntasks, sizeof *of);

    f->weight = tg_alloc_array(p->graph->ntasks, sizeof *f->weight);
    f->last = tg_alloc_array(p->graph->ntasks, sizeof *f->last);
    f->uses = tg_alloc_array(p->graph->ntasks, sizeof *f->uses);
    TG_NEED(of && f->weight && f->last && f->uses, TG_ENOMEM,
            "out of memory: fans of %" PRId64 " tasks", p->graph->ntasks);
    memset(of, 0xff, (size_t)p->graph->ntasks * sizeof *of); /* -1 */
    weigh(f);
    number(f, of);
    TG_TRY(tg_columns_create(p, f->n, true, &f->columns));
    for (int64_t i = 0; i < p->level_begin[p->nlevels]; i++)
        if (of[p->by_level[i]] >= 0)
            f->columns.weight[of[p->by_level[i]]] += tg_placer_cost(p, p->by_level[i]);
    memcpy(f->columns.of, of, (size_t)p->graph->ntasks * sizeof *of);
    f->given = tg_alloc_array(f->n, sizeof *f->given);
    TG_NEED(f->given, TG_ENOMEM, "out of memory: %" PRId64 " fans", f->n);
out:
    tg_free(of);
    return status;
}

static bool is_worth_trying(const fans *f)
{
    const tg_placer *p = f->p;

    return f->n >= p->nworkers && (f->n <= p->level_begin[p->nlevels] / 2 ||
                                   tg_placer_pays(p, seconds_a_fan * (double)f->n));
}

static tg_status deal(fans *f)
{
    tg_status status = TG_OK;
    tg_placer *p = f->p;
    tg_columns *c = &f->columns;

    (void)find_users(f, p->nlevels);
    TG_TRY(create_fans(f));
    if (!is_worth_trying(f))
        goto out;
    TG_TRY(tg_columns_find_edges(c, visit_inputs, f));
    c->effort = 4 * (double)p->level_begin[p->nlevels];
    TG_TRY(tg_columns_halve(c));
    TG_TRY(tg_columns_halve_hosts(c));
    if (!tg_columns_are_balanced(c))
        goto out;
    settle_units(f);
    p->column = c->of;
    p->column_rank = c->rank;
    c->of = c->rank = NULL;
out:
    return status;
}

tg_status tg_placer_deal_fans(tg_placer *p)
{
    enum { LOOKED_AT = 4 };
    tg_status status = TG_OK;
    fans f = {.p = p};
    const int64_t nlevels = p->nlevels < LOOKED_AT ? p->nlevels : LOOKED_AT;

    if (p->graph->affinity || nlevels < 3 || !is_scattered(p))
        return TG_OK;
    f.user = tg_alloc_array(p->graph->ntasks, sizeof *f.user);
    TG_NEED(f.user, TG_ENOMEM, "out of memory: users of %" PRId64 " tasks", p->graph->ntasks);
    if (find_users(&f, nlevels) > p->level_begin[nlevels - 1] / 2)
        TG_TRY(deal(&f));
out:
    tg_columns_clear(&f.columns);
    tg_free(f.user);
    tg_free(f.weight);
    tg_free(f.last);
    tg_free(f.uses);
    tg_free(f.given);
    return status;
}
