/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Refinement: tasks of a level change places while fewer bytes pass between hosts, or as many there
 * and fewer inside hosts. It sees what a placement in one pass over the levels cannot: the ranks of
 * a task's users, and those that get a result anyway.
 *
 * Each task has wishes: ranks where it would have fewer bytes to wait for and to send. A task that
 * its rank does not miss goes there; others change places with one that has the opposite wish, if
 * both together gain (pair exchange, Kernighan and Lin 1970, with the sorted gains of Fiduccia and
 * Mattheyses 1982). Both are of one level and about as long: what a rank does in all stays what it
 * was within a hundredth, in a level within a tenth at each visit, and so does the makespan. First
 * sweeps over the levels look at hosts only, as if each was one rank (top level first); the
 * following at ranks.
 *
 * A sweep passes each result's users once for each of them. As many sweeps are made as take at most
 * half a second and a hundredth of the seconds of all tasks, by these counts and not by a clock; so
 * tasks are long beside their planning, or there are none. Tasks have to say how long they take.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "place/place_gains.h"
#include "place/place_wishes.h"

/* Seconds that a rank has more than before. */
typedef struct drift {
    double all, level; /* of all levels; of visit number `visit` to a level */
    int64_t visit;
} drift;

typedef struct refiner {
    tg_placer *p;
    tg_gains gains;
    int32_t *itself, *first; /* by rank: the rank; one that stands for all of its host */
    drift *drift;            /* by rank */
    double most_drift, most_level_drift; /* seconds */
    double heaviest;                     /* seconds a thread of the level with most */
    int64_t nvisits;
    tg_wishes wishes; /* of a level */
    double tie;       /* what bytes of inputs count where all others are even */
    double saved;     /* bytes, in this sweep */
} refiner;

/* What a byte inside hosts counts: for less than one between them. */
static const double byte_inside = 0.1;

/* Shares of all seconds of a rank, and of those in a level, that it may have more or less than
 * before. Of light levels: a share of the heaviest. */
static const double most_of_all = 0.01, most_of_level = 0.1, most_of_heaviest = 0.02;

/* What a sweep takes, and what all of them may take. */
static const double seconds_a_task = 300e-9, seconds_a_user = 20e-9, most_seconds = 0.5;

/* How often all levels are looked at. */
enum { MOST_SWEEPS = 8 };

static double bytes_of(tg_sent saved)
{
    return saved.top + byte_inside * saved.inside;
}

/* What a wish is worth. Of bytes saved and bytes caused later, equal in number, the first are
 * preferred in a sweep from inputs to users: these follow, and may save what was caused. */
static double worth(const refiner *f, tg_sent saved)
{
    return bytes_of(saved) + f->tie * saved.inputs;
}

/* Does a change save bytes, and cost none between hosts? */
static bool is_better(const refiner *f, tg_sent saved)
{
    return saved.top >= 0 && bytes_of(saved) >= 0 && worth(f, saved) > 0;
}

static drift *drift_of(refiner *f, int32_t rank)
{
    drift *its = &f->drift[rank];

    if (its->visit != f->nvisits)
        its->level = 0;
    its->visit = f->nvisits;
    return its;
}

/* May the rank have so many seconds more? What is too much already may become less. */
static bool may_drift(refiner *f, int32_t rank, double seconds)
{
    const drift *its = drift_of(f, rank);
    const double more = seconds / tg_placer_threads(f->p, rank);

    return fabs(its->all + more) <= fmax(f->most_drift, fabs(its->all)) &&
           fabs(its->level + more) <= fmax(f->most_level_drift, fabs(its->level));
}

static bool may_give(refiner *f, int32_t from, int32_t to, double seconds)
{
    return may_drift(f, from, -seconds) && may_drift(f, to, seconds);
}

static void give(refiner *f, int32_t from, int32_t to, double seconds)
{
    const double less = seconds / tg_placer_threads(f->p, from);
    const double more = seconds / tg_placer_threads(f->p, to);

    drift_of(f, from)->all -= less;
    drift_of(f, from)->level -= less;
    drift_of(f, to)->all += more;
    drift_of(f, to)->level += more;
}

/* The task looked at goes where that saves bytes, if its rank does not miss it. */
static bool go(refiner *f, int32_t task, int32_t to, tg_sent saved)
{
    int32_t *rank = &f->p->out->rank[task];
    const double seconds = tg_placer_cost(f->p, task);

    if (!is_better(f, saved) || !may_give(f, *rank, to, seconds))
        return false;
    give(f, *rank, to, seconds);
    *rank = to;
    f->saved += bytes_of(saved);
    return true;
}

static tg_status wish_for(refiner *f, int32_t task)
{
    tg_status status = TG_OK;
    const int32_t from = f->p->out->rank[task];
    tg_task_wishes its = {0};

    tg_gains_look_at(&f->gains, task);
    for (int32_t i = 0; i < f->gains.nranks; i++) {
        const int32_t to = f->gains.rank[i];
        tg_sent saved;

        if (to == f->gains.as[from] || f->p->position[to] < 0)
            continue;
        saved = tg_gains_of(&f->gains, from, to);
        if (go(f, task, to, saved))
            return TG_OK;
        tg_task_wishes_add(&its, tg_wish_of(f->p->machine, task, from, to, worth(f, saved)));
    }
    TG_TRY(tg_wishes_add(&f->wishes, &its));
out:
    return status;
}

/* Two tasks change places if that saves bytes. */
static bool swap(refiner *f, int32_t t, int32_t u)
{
    int32_t *rank = f->p->out->rank;
    const int32_t a = rank[t], b = rank[u];
    const double more = tg_placer_cost(f->p, t) - tg_placer_cost(f->p, u);
    tg_sent saved, too;

    if (!may_give(f, a, b, more))
        return false;
    tg_gains_look_at(&f->gains, t);
    saved = tg_gains_of(&f->gains, a, b);
    rank[t] = b;
    tg_gains_look_at(&f->gains, u);
    too = tg_gains_of(&f->gains, b, a);
    saved.top += too.top;
    saved.inside += too.inside;
    saved.inputs += too.inputs;
    if (!is_better(f, saved)) {
        rank[t] = a;
        return false;
    }
    rank[u] = a;
    give(f, a, b, more);
    f->saved += bytes_of(saved);
    return true;
}

/* Those who wish one way with those who wish the other, those who save most first. */
static void pair_up(refiner *f, const tg_wish_pair *pair)
{
    enum { TRIES = 64, TRIES_A_WISH = 16 };
    const int32_t *rank = f->p->out->rank;
    int64_t left = TRIES_A_WISH * (pair->end - pair->one);

    for (const tg_wish *x = pair->one; x < pair->other && left > 0; x++) {
        int tries = rank[x->task] == x->from ? TRIES : 0;

        for (const tg_wish *y = pair->other; y < pair->end && tries > 0; y++) {
            if (x->bytes + y->bytes <= 0)
                break;
            if (rank[y->task] != y->from)
                continue;
            left--;
            tries = swap(f, x->task, y->task) ? 0 : tries - 1;
        }
    }
}

static double seconds_of_level(const tg_placer *p, int64_t level)
{
    double seconds = 0;

    for (int64_t i = p->level_begin[level]; i < p->level_begin[level + 1]; i++)
        seconds += tg_placer_cost(p, p->by_level[i]);
    return seconds / p->power;
}

static tg_status refine_level(refiner *f, int64_t level)
{
    tg_status status = TG_OK;
    const tg_placer *p = f->p;
    tg_wish_pair pair;

    f->nvisits++;
    f->wishes.n = 0;
    f->most_level_drift =
        fmax(most_of_level * seconds_of_level(p, level), most_of_heaviest * f->heaviest);
    for (int64_t i = p->level_begin[level]; i < p->level_begin[level + 1]; i++)
        if (tg_placer_is_free(p, p->by_level[i]))
            TG_TRY(wish_for(f, p->by_level[i]));
    TG_TRY(tg_wishes_sort(&f->wishes));
    for (int64_t at = 0; at < f->wishes.n; at = pair.end - f->wishes.wish) {
        pair = tg_wishes_pair_at(&f->wishes, at);
        pair_up(f, &pair);
    }
out:
    return status;
}

/* Sweeps from inputs to users and back while they save something. */
static tg_status refine_as(refiner *f, const int32_t *as, int nsweeps)
{
    static const double tie = 1e-6, worth_going_on = 1.0 / 16;
    tg_status status = TG_OK;
    const int64_t n = f->p->nlevels;
    double saved = 0, before = 0;

    f->gains.as = as;
    for (int i = 0; i < nsweeps; i++) {
        const bool back = i % 2;

        f->saved = 0;
        f->tie = back ? 0 : tie;
        for (int64_t level = 0; level < n; level++)
            TG_TRY(refine_level(f, back ? n - 1 - level : level));
        saved += f->saved;
        if (back && saved - before <= worth_going_on * saved)
            break;
        before = back ? saved : before;
    }
out:
    return status;
}

/* For each host one of its ranks, one that computes if there is any. */
static tg_status find_first(refiner *f)
{
    tg_status status = TG_OK;
    const tg_machine *m = f->p->machine;
    int32_t *of_host = tg_alloc_array(m->nhosts, sizeof *of_host);

    f->itself = tg_alloc_array(m->nranks, sizeof *f->itself);
    f->first = tg_alloc_array(m->nranks, sizeof *f->first);
    TG_NEED(of_host && f->itself && f->first, TG_ENOMEM, "out of memory: %" PRId32 " ranks",
            m->nranks);
    for (int32_t r = 0; r < m->nranks; r++)
        of_host[m->host[r]] = r;
    for (int i = f->p->nworkers; i-- > 0;)
        of_host[m->host[f->p->worker[i]]] = f->p->worker[i];
    for (int32_t r = 0; r < m->nranks; r++) {
        f->itself[r] = r;
        f->first[r] = of_host[m->host[r]];
    }
out:
    tg_free(of_host);
    return status;
}

static tg_status refiner_create(tg_placer *p, refiner *f)
{
    tg_status status = TG_OK;

    *f = (refiner){.p = p,
                   .drift = tg_alloc_array(p->machine->nranks, sizeof *f->drift),
                   .most_drift = most_of_all * p->work / p->power};
    TG_NEED(f->drift, TG_ENOMEM, "out of memory: %" PRId32 " ranks", p->machine->nranks);
    for (int64_t level = 0; level < p->nlevels; level++)
        f->heaviest = fmax(f->heaviest, seconds_of_level(p, level));
    TG_TRY(find_first(f));
    TG_TRY(tg_gains_create(p, &f->gains));
out:
    return status;
}

static void refiner_clear(refiner *f)
{
    tg_gains_clear(&f->gains);
    tg_free(f->itself);
    tg_free(f->first);
    tg_free(f->drift);
    tg_wishes_clear(&f->wishes);
}

/* As many sweeps as planning may take, which tasks are long beside. */
static int sweeps_for(const refiner *f)
{
    const double each = seconds_a_task * (double)f->p->level_begin[f->p->nlevels] +
                        seconds_a_user * tg_gains_effort(&f->gains);
    int n = MOST_SWEEPS;

    while (n > 0 && (n * each > most_seconds || !tg_placer_pays(f->p, n * each)))
        n--;
    return n;
}

/* Sweeps over hosts, then over ranks. The first do not see that several ranks of a host may need a
 * result; what the others do not make good for is undone. */
static tg_status refine(refiner *f, int nsweeps)
{
    tg_status status = TG_OK;
    tg_placer *p = f->p;
    const size_t size = (size_t)p->graph->ntasks * sizeof *p->out->rank;
    const double before = tg_gains_top_bytes(&f->gains);
    int32_t *old = tg_copy_of(p->out->rank, size);

    TG_NEED(old, TG_ENOMEM, "out of memory: ranks of %" PRId64 " tasks", p->graph->ntasks);
    TG_TRY(refine_as(f, f->first, nsweeps / 2));
    TG_TRY(refine_as(f, f->itself, nsweeps - nsweeps / 2));
    if (tg_gains_top_bytes(&f->gains) > before) {
        memcpy(p->out->rank, old, size);
        goto out;
    }
    for (int32_t r = 0; r < p->machine->nranks; r++)
        p->out->load[r] += f->drift[r].all;
    p->changed = true;
out:
    tg_free(old);
    return status;
}

tg_status tg_placer_refine(tg_placer *p)
{
    tg_status status = TG_OK;
    refiner f = {0};
    int nsweeps;

    if (!tg_placer_pays(p, 2 * seconds_a_task * (double)p->level_begin[p->nlevels]))
        return TG_OK;
    TG_TRY(refiner_create(p, &f));
    nsweeps = sweeps_for(&f);
    if (nsweeps >= 2)
        TG_TRY(refine(&f, nsweeps));
out:
    refiner_clear(&f);
    return status;
}
