/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Placing level after level: each task goes where its bytes are (place_task.c), unless that rank
 * is ahead of the others (place_loads.h) by more than a slack: half the longest task of the level,
 * or a twentieth of the work so far, or of the work to come where that is less. So small
 * differences are left to later levels to even out, but at the end all ranks have about as much.
 *
 * Towards the end longer tasks of a level are placed before shorter ones, which fill up what these
 * leave (the longest-processing-time rule, Graham 1969); before, the order of the level, which
 * keeps neighbours together, counts more.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/memory.h"
#include "place/place_task.h"

typedef struct levels {
    tg_placer *p;
    tg_loads loads;
    tg_tasks tasks;
    bool *used; /* by task, in levels of few: the next one uses it */
} levels;

/* Of a level: seconds of all its tasks, and the extremes. */
typedef struct level_costs {
    double all, longest, shortest;
} level_costs;

/* Share of all work that may differ between ranks. */
static const double most_slack = 0.05;

/* Share of all work after a level, below which longer tasks come first. */
static const double late = 0.3;

/* Tasks a rank, below which a level has few and no slack: to even out later what a rank has
 * too many of, a chain of tasks would have to change its rank. */
enum { FEW_A_RANK = 2 };

/* So many tasks before their turn their rows of inputs and these are fetched. */
enum { AHEAD_ROW = 16, AHEAD_INPUTS = 8 };

/* Inlined always: to the compiler, what only fetches has no effect, and it leaves calls out. */
TG_INLINE void fetch_rows(const tg_placer *p, int64_t at)
{
    const int32_t *task = p->by_level + at;

    if (at + AHEAD_ROW >= p->level_begin[p->nlevels])
        return;
    __builtin_prefetch(&p->graph->input_begin[task[AHEAD_ROW]]);
    __builtin_prefetch(tg_graph_inputs(p->graph, task[AHEAD_INPUTS]));
}

static level_costs add_up_costs(const tg_placer *p, int64_t begin, int64_t end)
{
    level_costs costs = {.longest = 0, .shortest = HUGE_VAL};

    for (int64_t i = begin; i < end; i++) {
        const double seconds = tg_placer_cost(p, p->by_level[i]);

        costs.all += seconds;
        costs.longest = seconds > costs.longest ? seconds : costs.longest;
        costs.shortest = seconds < costs.shortest ? seconds : costs.shortest;
    }
    return costs;
}

/* Longer tasks first, in classes; the order inside a class stays. */
static tg_status sort_by_cost(tg_placer *p, int64_t begin, int64_t end, const level_costs *costs)
{
    enum { CLASSES = 16 };
    const int64_t n = end - begin;
    const double scale = CLASSES / (costs->longest - costs->shortest);
    int32_t *level = p->by_level + begin, *before = tg_copy_of(level, (size_t)n * sizeof *level);
    int64_t at[CLASSES + 2] = {0};

    if (!before)
        return tg_fail(TG_ENOMEM, "out of memory: a level of %" PRId64 " tasks", n);
    for (int64_t i = 0; i < n; i++)
        at[(int)((costs->longest - tg_placer_cost(p, before[i])) * scale) + 1]++;
    for (int c = 1; c <= CLASSES; c++)
        at[c] += at[c - 1];
    for (int64_t i = 0; i < n; i++)
        level[at[(int)((costs->longest - tg_placer_cost(p, before[i])) * scale)]++] = before[i];
    tg_free(before);
    return TG_OK;
}

/* Mark the tasks of a level that the next one uses; what lies below is placed already. */
static void mark_used(levels *l, int64_t level)
{
    const tg_placer *p = l->p;
    const int64_t last = level + 1 < p->nlevels ? p->level_begin[level + 2] : 0;

    for (int64_t i = p->level_begin[level + 1]; i < last; i++) {
        const int32_t *input = tg_graph_inputs(p->graph, p->by_level[i]);
        const int n = tg_graph_ninputs(p->graph, p->by_level[i]);

        fetch_rows(p, i);
        for (int k = 0; k < n; k++)
            l->used[input[k]] = true;
    }
}

/* In a level of few tasks: those that the next level uses come first, and get the rank that suits
 * them; what nobody waits for goes where there is room. */
static tg_status sort_by_use(levels *l, int64_t level)
{
    const tg_placer *p = l->p;
    const int64_t n = p->level_begin[level + 1] - p->level_begin[level];
    int32_t *task = p->by_level + p->level_begin[level];
    int32_t *unused = tg_copy_of(task, (size_t)n * sizeof *task);
    int64_t nused = 0, nunused = 0;

    if (!unused)
        return tg_fail(TG_ENOMEM, "out of memory: a level of %" PRId64 " tasks", n);
    mark_used(l, level);
    for (int64_t i = 0; i < n; i++) {
        const int32_t its = task[i];
        const bool is_used = l->used[its];

        task[nused] = unused[nunused] = its;
        nused += is_used;
        nunused += !is_used;
    }
    memcpy(task + nused, unused, (size_t)nunused * sizeof *task);
    tg_free(unused);
    return TG_OK;
}

static bool has_few(const tg_placer *p, const level_costs *costs)
{
    return costs->all / p->power < FEW_A_RANK * costs->longest;
}

static double slack_of(const levels *l, const level_costs *costs)
{
    const tg_placer *p = l->p;
    const double ideal = l->loads.ideal + costs->all / p->power, rest = p->work / p->power - ideal;
    const double share = most_slack * (ideal < rest ? ideal : rest > 0 ? rest : 0);

    return share > costs->longest / 2 && !has_few(p, costs) ? share : costs->longest / 2;
}

static tg_status place_level(levels *l, int64_t level)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;
    const int64_t begin = p->level_begin[level], end = p->level_begin[level + 1];
    const level_costs costs = add_up_costs(p, begin, end);

    l->loads.few = has_few(p, &costs);
    l->loads.narrow = costs.all / p->power < costs.longest;
    tg_loads_turn_to(&l->loads, (int32_t)level, costs.all / p->power, slack_of(l, &costs));
    if (l->loads.few && p->nworkers > 1)
        TG_TRY(sort_by_use(l, level));
    if (p->work - l->loads.ideal * p->power < late * p->work &&
        costs.longest > 1.1 * costs.shortest)
        TG_TRY(sort_by_cost(p, begin, end, &costs));
    TG_TRY(tg_tasks_place(&l->tasks, begin, end));
out:
    return status;
}

/* Where a source runs once units have ranks. */
static int32_t source_rank(const tg_placer *p, int32_t task, int32_t unit)
{
    const int32_t fixed = tg_placer_fixed(p, task);

    if (p->graph->task[task].flags & TG_TASK_RESIDENT)
        return p->graph->resident_on[task];
    return fixed >= 0 ? fixed : p->units[unit].rank;
}

/* Sources that stay where they are told to, or those of units. */
static void settle_sources(levels *l, bool of_units)
{
    tg_placer *p = l->p;

    for (int64_t i = 0; i < p->level_begin[1]; i++) {
        const int32_t task = p->by_level[i];

        if (of_units != (p->unit_of[i] >= 0))
            continue;
        tg_loads_look_at(&l->loads, tg_placer_cost(p, task));
        tg_placer_settle(p, task, source_rank(p, task, p->unit_of[i]));
        p->out->load[p->out->rank[task]] += tg_loads_share(&l->loads, p->out->rank[task]);
    }
}

/* Loads are what has been placed so far. */
static void begin_loads(tg_loads *loads)
{
    for (int32_t r = 0; r < loads->p->machine->nranks; r++)
        loads->of[r].seconds = loads->all[r];
}

/* Columns have the ranks that suit them through all levels; the first level has to be even, too. */
static void even_out_units(levels *l)
{
    tg_placer *p = l->p;
    const double total = p->work / p->power;
    double longest = 0, seconds = 0;

    for (int64_t u = 0; u < p->nunits; u++) {
        seconds += p->units[u].seconds / p->power;
        longest = p->units[u].seconds > longest ? p->units[u].seconds : longest;
    }
    tg_loads_turn_to(&l->loads, 0, seconds,
                     longest > most_slack / 2 * total ? longest : most_slack / 2 * total);
    for (int64_t u = 0; u < p->nunits && p->column; u++) {
        tg_unit *unit = &p->units[u];

        tg_loads_look_at(&l->loads, unit->seconds);
        if (!tg_loads_may_take(&l->loads, unit->rank))
            unit->rank = tg_loads_nearest_room(&l->loads, unit->rank);
        tg_loads_add(&l->loads, unit->rank, tg_loads_share(&l->loads, unit->rank));
    }
}

static tg_status place_levels(levels *l)
{
    tg_status status = TG_OK;
    tg_placer *p = l->p;

    settle_sources(l, false);
    begin_loads(&l->loads);
    even_out_units(l);
    settle_sources(l, true);
    begin_loads(&l->loads);
    for (int64_t level = 1; level < p->nlevels; level++)
        TG_TRY(place_level(l, level));
out:
    return status;
}

tg_status tg_placer_follow_bytes(tg_placer *p)
{
    tg_status status = TG_OK;
    levels l = {.p = p, .used = tg_alloc_array(p->graph->ntasks, sizeof *l.used)};

    TG_NEED(l.used, TG_ENOMEM, "out of memory: levels of %" PRId64 " tasks", p->graph->ntasks);
    TG_TRY(tg_loads_create(p, &l.loads));
    TG_TRY(tg_tasks_create(p, &l.loads, &l.tasks));
    if (p->nlevels)
        TG_TRY(place_levels(&l));
out:
    tg_loads_clear(&l.loads);
    tg_tasks_clear(&l.tasks);
    tg_free(l.used);
    return status;
}
