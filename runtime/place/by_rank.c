/* SPDX-License-Identifier: BSD-3-Clause */
/* A counting sort by rank, then what priorities and affinities ask for inside each rank. */
#include "place/by_rank.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

enum { AHEAD = 16 };

/* Higher priorities first, else the order stays: a sort by (priority, place), where any is set. */
typedef struct ranked {
    int32_t task, place;
    int32_t group; /* less the priority, or the affinity */
} ranked;

static int by_group_and_place(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int by_group_and_task(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

static bool are_equal(const int8_t *priority, const int32_t *tasks, int64_t n)
{
    for (int64_t i = 1; i < n; i++)
        if (priority[tasks[i]] != priority[tasks[0]])
            return false;
    return true;
}

/* `spare` has room for n. */
static void sort_by_priority(const tg_graph *g, int32_t *tasks, int64_t n, ranked *spare)
{
    if (are_equal(g->priority, tasks, n))
        return;
    for (int64_t i = 0; i < n; i++)
        spare[i] = (ranked){tasks[i], (int32_t)i, -g->priority[tasks[i]]};
    qsort(spare, (size_t)n, sizeof *spare, by_group_and_place);
    for (int64_t i = 0; i < n; i++)
        tasks[i] = spare[i].task;
}

/* The places that an affinity's tasks have stay the affinity's; `spare` has room for 2 n. */
static void sort_affinities(const tg_graph *g, int32_t *tasks, int64_t n, ranked *spare)
{
    ranked *places = spare, *added = spare + n;
    int64_t count = 0;

    for (int64_t i = 0; i < n; i++)
        if (g->affinity[tasks[i]]) {
            places[count] = (ranked){tasks[i], (int32_t)i, g->affinity[tasks[i]]};
            added[count] = places[count];
            count++;
        }
    qsort(places, (size_t)count, sizeof *places, by_group_and_place);
    qsort(added, (size_t)count, sizeof *added, by_group_and_task);
    for (int64_t i = 0; i < count; i++)
        tasks[places[i].place] = added[i].task;
}

static void find_positions(const int32_t *mine, int64_t begin, int64_t end, int32_t *position)
{
    for (int64_t at = begin; at < end; at++)
        position[mine[at]] = (int32_t)at;
}

static tg_status sort_inside(const tg_graph *g, int nranks, const int64_t *begin, int32_t *mine,
                             int32_t *position)
{
    tg_status status = TG_OK;
    int64_t most = 0;
    ranked *spare = NULL;

    if (!g->priority && !g->affinity)
        return TG_OK;
    for (int r = 0; r < nranks; r++)
        most = begin[r + 1] - begin[r] > most ? begin[r + 1] - begin[r] : most;
    spare = tg_alloc_array(2 * most, sizeof *spare);
    TG_NEED(spare, TG_ENOMEM, "out of memory: priorities of %" PRId64 " tasks", most);
    for (int r = 0; r < nranks; r++) {
        if (g->priority)
            sort_by_priority(g, mine + begin[r], begin[r + 1] - begin[r], spare);
        if (g->affinity)
            sort_affinities(g, mine + begin[r], begin[r + 1] - begin[r], spare);
    }
    find_positions(mine, begin[0], begin[nranks], position);
out:
    tg_free(spare);
    return status;
}

/* Counted in memory's order; then along the order, where tasks are far from each other in the
 * graph: so many before their turn, what belongs to them is fetched. */
static void distribute(const tg_graph *g, const tg_placement *p, int nranks, int64_t *begin,
                       int32_t *mine, int32_t *position)
{
    for (int64_t t = 0; t < g->ntasks; t++)
        if (p->rank[t] >= 0)
            begin[p->rank[t] + 2]++;
    for (int r = 2; r < nranks + 2; r++)
        begin[r] += begin[r - 1];
    for (int64_t i = 0; i < p->count; i++) {
        const int32_t t = p->order[i], r = p->rank[t];

        if (i + AHEAD < p->count) {
            __builtin_prefetch(&p->rank[p->order[i + AHEAD]]);
            __builtin_prefetch(&position[p->order[i + AHEAD]], 1);
        }
        if (r < 0)
            continue;
        position[t] = (int32_t)begin[r + 1];
        mine[begin[r + 1]++] = t;
    }
}

tg_status tg_sort_by_rank(const tg_graph *graph, const tg_placement *p, int nranks,
                          int64_t **begin_out, int32_t **mine_out, int32_t **position_out)
{
    tg_status status = TG_OK;
    int64_t *begin = tg_alloc_array((int64_t)nranks + 2, sizeof *begin);
    int32_t *mine = tg_alloc_array(p->count, sizeof *mine);
    int32_t *position = tg_alloc_array(graph->ntasks, sizeof *position);

    TG_NEED(begin && mine && position, TG_ENOMEM, "out of memory: %" PRId64 " tasks by rank",
            p->count);
    distribute(graph, p, nranks, begin, mine, position);
    TG_TRY(sort_inside(graph, nranks, begin, mine, position));
    *begin_out = begin;
    *mine_out = mine;
    *position_out = position;
    begin = NULL;
    mine = position = NULL;
out:
    tg_free(begin);
    tg_free(mine);
    tg_free(position);
    return status;
}
