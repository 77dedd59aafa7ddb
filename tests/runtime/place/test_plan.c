/* SPDX-License-Identifier: BSD-3-Clause */
/* Placement and plans on written machines, by golden dumps and by counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/plan.h"
#include "place/predict.h"

#include "placed.h"

static int setup(void **state)
{
    placed *f = tg_zalloc(sizeof *f);

    *state = f;
    return !f || !placed_create(f);
}

static int teardown(void **state)
{
    placed_clear(*state);
    tg_free(*state);
    return 0;
}

typedef struct task_like {
    double seconds;
    size_t bytes;
    int64_t affinity;
    unsigned flags;
} task_like;

static int64_t add_task(tg_graph *g, task_like like, const int64_t *inputs, int ninputs)
{
    return placed_add(g,
                      &(tg_task_spec){.output_bytes = like.bytes,
                                      .seconds = like.seconds,
                                      .affinity = like.affinity,
                                      .flags = like.flags},
                      inputs, ninputs);
}

static void place(placed *f, const char *machine, const int64_t *targets, int64_t ntargets,
                  bool dedicated)
{
    placed_place(f, machine, 0, targets, ntargets, dedicated);
}

/* `n` sources reduced pairwise; returns the top, the sources are tasks 0 .. n - 1. */
static int64_t pairwise_tree(tg_graph *g, int n, size_t bytes)
{
    int64_t *level = tg_alloc_array(n, sizeof *level), top;

    for (int i = 0; i < n; i++)
        level[i] = add_task(g, (task_like){.seconds = 1, .bytes = bytes}, NULL, 0);
    for (; n > 1; n /= 2)
        for (int i = 0; i < n / 2; i++)
            level[i] = add_task(g, (task_like){.seconds = 1e-3, .bytes = bytes},
                                (int64_t[]){level[2 * i], level[2 * i + 1]}, 2);
    top = level[0];
    tg_free(level);
    return top;
}

static void sources_are_dealt_in_contiguous_blocks(void **state)
{
    placed *f = *state;
    const int64_t top = pairwise_tree(f->graph, 16, 1 << 20);

    place(f, "core:4", &top, 1, false);
    for (int i = 0; i < 16; i++)
        assert_int_equal(f->placement.rank[i], i / 4);
}

/* On 2 hosts of 4 cores a tree over 64 sources sends one message between the hosts. */
static void reductions_climb_the_machine(void **state)
{
    placed *f = *state;
    const int64_t top = pairwise_tree(f->graph, 64, 1 << 20);
    int between_hosts = 0, between_ranks = 0;

    place(f, "host:2 core:4", &top, 1, false);
    for (int64_t t = 0; t < f->graph->ntasks; t++)
        for (int i = 0; i < tg_graph_ninputs(f->graph, t); i++) {
            const int32_t from = f->placement.rank[tg_graph_inputs(f->graph, t)[i]];
            const int32_t to = f->placement.rank[t];

            between_ranks += from != to;
            between_hosts += tg_machine_level(f->machine, from, to) == TG_LEVEL_CLUSTER;
        }
    assert_int_equal(between_hosts, 1);
    assert_int_equal(between_ranks, 7);
}

static void uneven_sources_are_balanced(void **state)
{
    static const double seconds[] = {3, 10, 3}; /* in blocks: 3 and 13 */
    placed *f = *state;
    int64_t targets[3];

    for (int i = 0; i < 3; i++)
        targets[i] = add_task(f->graph, (task_like){.seconds = seconds[i]}, NULL, 0);
    place(f, "core:2", targets, 3, false);
    assert_true(f->placement.load[0] <= 10 && f->placement.load[1] <= 10);
}

static void tasks_of_one_affinity_stay_together(void **state)
{
    placed *f = *state;
    int64_t targets[24];

    for (int i = 0; i < 24; i++)
        targets[i] =
            add_task(f->graph, (task_like){.seconds = 1, .affinity = 100 + i / 6}, NULL, 0);
    place(f, "core:4", targets, 24, false);
    for (int i = 0; i < 24; i++)
        assert_int_equal(f->placement.rank[i], f->placement.rank[6 * (i / 6)]);
    for (int r = 0; r < 4; r++)
        assert_true(f->placement.load[r] > 5.9 && f->placement.load[r] < 6.1);
}

/* Whatever their levels are, and although their inputs are elsewhere. */
static void tasks_of_one_affinity_stay_together_on_all_levels(void **state)
{
    enum { CHAINS = 8, LENGTH = 5 };
    placed *f = *state;
    int64_t last[CHAINS], special[LENGTH], root;

    for (int c = 0; c < CHAINS; c++)
        last[c] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 1 << 20}, NULL, 0);
    for (int l = 0; l < LENGTH; l++)
        for (int c = 0; c < CHAINS; c++) {
            const bool its = c == (3 * l + 1) % CHAINS;

            last[c] = add_task(f->graph,
                               (task_like){.seconds = 1, .bytes = 1 << 20, .affinity = its ? 7 : 0},
                               &last[c], 1);
            special[l] = its ? last[c] : special[l];
        }
    place(f, "host:2 core:4", last, CHAINS, false);
    for (int l = 1; l < LENGTH; l++)
        assert_int_equal(f->placement.rank[special[l]], f->placement.rank[special[0]]);
    root = add_task(f->graph, (task_like){.affinity = 7, .flags = TG_TASK_ROOT}, last, CHAINS);
    place(f, "host:2 core:4", &root, 1, false);
    for (int l = 0; l < LENGTH; l++)
        assert_int_equal(f->placement.rank[special[l]], 0);
}

/* Also where a later one has the higher priority: it would wait for the one that it is before. */
static void tasks_of_one_affinity_stand_in_the_order_added(void **state)
{
    enum { N = 6 };
    placed *f = *state;
    int64_t targets[N], size;
    tg_plan *plan = NULL;
    tg_part part;
    void *data;

    for (int i = 0; i < N; i++)
        targets[i] =
            placed_add(f->graph, &(tg_task_spec){.affinity = 1 + i % 2, .priority = i}, NULL, 0);
    place(f, "core:1", targets, N, false);
    assert_int_equal(tg_plan_create(f->graph, targets, N, &f->placement, NULL, 1, 1, &plan), TG_OK);
    size = tg_plan_size(plan, 0);
    data = tg_alloc_array(size, 1);
    tg_plan_write(plan, 0, data);
    assert_int_equal(tg_part_read(data, size, &part), TG_OK);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < i; k++)
            assert_true(part.affinity[i] != part.affinity[k] || part.task[i] > part.task[k]);
    tg_free(data);
    tg_plan_destroy(&plan);
}

static void many_users_of_one_result_are_spread(void **state)
{
    placed *f = *state;
    int64_t targets[64];
    const int64_t source = add_task(f->graph, (task_like){.bytes = 8}, NULL, 0);

    for (int i = 0; i < 64; i++)
        targets[i] = add_task(f->graph, (task_like){.seconds = 1}, &source, 1);
    place(f, "core:8", targets, 64, false);
    for (int r = 0; r < 8; r++)
        assert_true(f->placement.load[r] < 9.01);
}

static void a_dedicated_scheduler_gets_no_tasks_but_those_that_ask(void **state)
{
    placed *f = *state;
    int64_t targets[9];

    for (int i = 0; i < 8; i++)
        targets[i] = add_task(f->graph, (task_like){.seconds = 1}, NULL, 0);
    targets[8] = add_task(f->graph, (task_like){.flags = TG_TASK_ROOT}, targets, 8);
    place(f, "core:3", targets, 9, true);
    for (int i = 0; i < 8; i++)
        assert_int_not_equal(f->placement.rank[i], 0);
    assert_int_equal(f->placement.rank[targets[8]], 0);
}

/* A reduction whose steps cost as much as its sources still sends one message up each branch. */
static void a_narrow_level_stays_where_its_bytes_are(void **state)
{
    placed *f = *state;
    int64_t level[8];
    int messages = 0;

    for (int i = 0; i < 8; i++)
        level[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, NULL, 0);
    for (int n = 8; n > 1; n /= 2)
        for (int i = 0; i < n / 2; i++)
            level[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8},
                                (int64_t[]){level[2 * i], level[2 * i + 1]}, 2);
    place(f, "host:2 core:4", level, 1, false);
    for (int64_t t = 0; t < f->graph->ntasks; t++)
        for (int i = 0; i < tg_graph_ninputs(f->graph, t); i++)
            messages += f->placement.rank[tg_graph_inputs(f->graph, t)[i]] != f->placement.rank[t];
    assert_int_equal(messages, 7);
}

/* All of a host's next tasks use the results of its first rank. */
static void overfill_first_ranks(placed *f, const char *machine, int nhosts, int ncores)
{
    enum { MOST = 400 };
    const int nranks = nhosts * ncores, ntargets = 3 * nranks;
    int64_t sources[MOST], targets[3 * MOST];

    assert_in_range(nranks, 1, MOST);
    placed_begin(f);
    for (int i = 0; i < nranks; i++)
        sources[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, NULL, 0);
    for (int i = 0; i < ntargets; i++)
        targets[i] =
            add_task(f->graph, (task_like){.seconds = 1}, &sources[i / (3 * ncores) * ncores], 1);
    for (int i = 0; i < nranks; i++) /* so that all sources are needed */
        targets[i] =
            add_task(f->graph, (task_like){.seconds = 1}, (int64_t[]){targets[i], sources[i]}, 2);
    place(f, machine, targets, ntargets, false);
}

/* Also on hosts whose ranks fill a word of rooms not quite, or lie in two (place_loads.h). */
static void what_is_over_goes_to_a_rank_of_the_same_host(void **state)
{
    static const struct {
        const char *machine;
        int nhosts, ncores;
    } cases[] = {{"host:2 core:4", 2, 4}, {"host:3 core:40", 3, 40}, {"host:3 core:100", 3, 100}};
    placed *f = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int n = cases[i].ncores, nranks = cases[i].nhosts * n;

        overfill_first_ranks(f, cases[i].machine, cases[i].nhosts, n);
        for (int64_t t = nranks; t < 4 * nranks; t++)
            assert_int_equal(f->placement.rank[t] / n,
                             f->placement.rank[tg_graph_inputs(f->graph, t)[0]] / n);
        for (int r = 0; r < nranks; r++)
            assert_true(f->placement.load[r] < 6.01);
    }
}

/* 20 layers of 16 tasks of 1 to 2 s on 4 ranks: at the end no rank is a task ahead of the mean. */
static void uneven_levels_even_out(void **state)
{
    placed *f = *state;
    int64_t old[16], new[16];
    double total = 0;

    for (int layer = 0; layer < 20; layer++) {
        for (int i = 0; i < 16; i++)
            old[i] = new[i];
        for (int i = 0; i < 16; i++) {
            const task_like like = {.seconds = 1 + (7 * i + 5 * layer) % 16 / 16.0, .bytes = 8};

            new[i] = add_task(f->graph, like, (int64_t[]){old[i], old[(3 * i + layer) % 16]},
                              layer ? 2 : 0);
            total += like.seconds;
        }
    }
    place(f, "core:4", new, 16, false);
    for (int r = 0; r < 4; r++)
        assert_true(f->placement.load[r] < 1.06 * total / 4);
}

/* A 16 x 16 grid of five points in time on 4 hosts: no more messages between hosts than a third
 * above four squares, which exchange 2 x 16 results each way at each step. */
static void a_grid_in_time_is_dealt_in_blocks(void **state)
{
    enum { W = 16, STEPS = 12 };
    placed *f = *state;
    int64_t *old = tg_alloc_array(W * W, sizeof *old), *new = tg_alloc_array(W * W, sizeof *new);
    tg_prediction prediction;
    int between_hosts;

    for (int step = 0; step < STEPS; step++) {
        memcpy(old, new, W * W * sizeof *old);
        for (int i = 0; i < W * W; i++) {
            int64_t inputs[5] = {old[i]};
            int n = 1;

            if (i >= W)
                inputs[n++] = old[i - W];
            if (i % W > 0)
                inputs[n++] = old[i - 1];
            if (i % W < W - 1)
                inputs[n++] = old[i + 1];
            if (i < W * W - W)
                inputs[n++] = old[i + W];
            new[i] =
                add_task(f->graph, (task_like){.seconds = 1, .bytes = 1024}, inputs, step ? n : 0);
        }
    }
    place(f, "host:4 core:4", new, W * W, false);
    assert_int_equal(tg_predict(f->graph, new, W * W, &f->placement, f->machine, &prediction),
                     TG_OK);
    between_hosts = (int)prediction.messages[TG_LEVEL_CLUSTER];
    for (int i = 0; i < W * W; i++) /* these go to rank 0 */
        between_hosts -= f->machine->host[f->placement.rank[new[i]]] != f->machine->host[0];
    assert_in_range(between_hosts, 1, (STEPS - 1) * 2 * 2 * W * 4 / 3);
    for (int r = 0; r < 16; r++)
        assert_true(f->placement.load[r] < 1.06 * STEPS * W * W / 16);
    tg_free(old);
    tg_free(new);
}

/* Two columns that exchange at each of 4 steps; the position of each task in the order. */
static void exchange(placed *f, size_t bytes, int64_t *position)
{
    int64_t column[2], next[2];

    for (int step = 0; step < 4; step++) {
        for (int i = 0; i < 2; i++)
            next[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = bytes},
                               (int64_t[]){column[i], column[1 - i]}, step ? 2 : 0);
        memcpy(column, next, sizeof column);
    }
    place(f, "core:2", column, 2, false);
    for (int64_t i = 0; i < f->placement.count; i++)
        position[f->placement.order[i]] = i;
}

static void ranks_that_wait_for_each_other_work_in_phases(void **state)
{
    placed *f = *state;
    int64_t position[8];

    exchange(f, 8, position);
    assert_true(f->placement.in_phases);
    for (int t = 2; t < 8; t++)
        assert_true(position[t] > position[t / 2 * 2 - 1] && position[t] > position[t / 2 * 2 - 2]);
}

/* Eight pairs whose halves lie on different ranks, read and joined: one by one, for memory's sake,
 * where they are large. */
static void large_results_are_used_up_depth_first(void **state)
{
    placed *f = *state;
    int64_t targets[8];
    int32_t *order;
    int64_t count;

    for (int i = 0; i < 8; i++) {
        int64_t halves[2];

        for (int k = 0; k < 2; k++)
            halves[k] = add_task(
                f->graph, (task_like){.seconds = 1, .bytes = 1 << 30, .affinity = 1 + k}, NULL, 0);
        targets[i] = add_task(f->graph, (task_like){.seconds = 1}, halves, 2);
    }
    place(f, "core:2", targets, 8, false);
    assert_int_equal(tg_graph_order(f->graph, targets, 8, &order, &count), TG_OK);
    assert_int_equal(count, f->placement.count);
    assert_false(f->placement.in_phases);
    assert_memory_equal(order, f->placement.order, (size_t)count * sizeof *order);
    tg_free(order);
}

/* 5 layers of 64 tasks of 0.5 to 1.5 s on 16 ranks, each with three inputs anywhere: ranks wait for
 * each other's sources first of all, and end together. */
static void ranks_that_wait_for_each_other_end_together(void **state)
{
    enum { LAYERS = 5, WIDTH = 64, RANKS = 16 };
    placed *f = *state;
    int64_t old[WIDTH], new[WIDTH] = {0};
    tg_prediction p;
    uint64_t seed = 1;

    for (int layer = 0; layer < LAYERS; layer++) {
        memcpy(old, new, sizeof old);
        for (int i = 0; i < WIDTH; i++) {
            int64_t inputs[3];

            for (int k = 0; k < 3; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                inputs[k] = old[(seed >> 33) % WIDTH];
            }
            new[i] = add_task(
                f->graph,
                (task_like){.seconds = 0.5 + (double)(seed >> 40) / 16777216.0, .bytes = 1024},
                inputs, layer ? 3 : 0);
        }
    }
    place(f, "host:4 core:4", new, WIDTH, false);
    assert_int_equal(tg_predict(f->graph, new, WIDTH, &f->placement, f->machine, &p), TG_OK);
    assert_true(p.makespan < 1.15 * tg_prediction_bound(&p));
}

/* A machine, a graph: one placement. */
static void placing_again_gives_the_same(void **state)
{
    placed *f = *state;
    const int64_t top = pairwise_tree(f->graph, 256, 1 << 20);
    int32_t *rank;

    place(f, "host:2 core:4", &top, 1, false);
    rank = tg_copy_of(f->placement.rank, (size_t)f->graph->ntasks * sizeof *rank);
    place(f, "host:2 core:4", &top, 1, false);
    assert_memory_equal(rank, f->placement.rank, (size_t)f->graph->ntasks * sizeof *rank);
    tg_free(rank);
}

static void a_plan_reads_as_written(void **state)
{
    placed *f = *state;
    int64_t value, inputs[2], sum, targets[2];
    tg_plan *plan = NULL;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(tg_graph_value(f->graph, "constant", 8, &value), TG_OK);
    for (int i = 0; i < 2; i++)
        inputs[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, &value, 1);
    sum = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, inputs, 2);
    targets[0] = sum;
    targets[1] = inputs[1];
    place(f, "core:2", targets, 2, false);
    assert_int_equal(tg_plan_create(f->graph, targets, 2, &f->placement, NULL, 2, 7, &plan), TG_OK);
    assert_int_equal(tg_plan_dump(plan, out), TG_OK);
    fclose(out);
    tg_plan_destroy(&plan);
    assert_string_equal(text, "rank 0: 2 tasks, 1 constants, 1 from others\n"
                              "  slot 0 = task 1(2)\n"
                              "  slot 1 = task 3(0, 3)\n"
                              "  target 0 = slot 1\n"
                              "  target 1 = slot 3\n"
                              "rank 1: 1 tasks, 1 constants, 0 from others\n"
                              "  slot 0 = task 2(1) -> rank 0 slot 3\n");
    free(text);
}

/* However many tasks of a rank use a result of another, it travels there once. */
static void a_result_goes_to_a_rank_once(void **state)
{
    placed *f = *state;
    int64_t sources[2], targets[32];
    tg_plan *plan = NULL;
    int64_t sends = 0;

    for (int i = 0; i < 2; i++)
        sources[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, NULL, 0);
    for (int i = 0; i < 32; i++)
        targets[i] = add_task(f->graph, (task_like){.seconds = 1}, sources, 2);
    place(f, "core:2", targets, 32, false);
    assert_int_equal(tg_plan_create(f->graph, targets, 32, &f->placement, NULL, 2, 1, &plan),
                     TG_OK);
    for (int r = 0; r < 2; r++) {
        const int64_t bytes = tg_plan_size(plan, r);
        void *data = tg_alloc_array(bytes, 1);
        tg_part part;

        tg_plan_write(plan, r, data);
        assert_int_equal(tg_part_read(data, bytes, &part), TG_OK);
        for (int64_t i = 0; i < part.head->ntasks; i++)
            for (int64_t e = part.push_begin[i]; part.task[i] < 2 && e < part.push_begin[i + 1];
                 e++)
                sends++;
        assert_int_equal(tg_part_read(data, 16, &part), TG_EINTERNAL);
        tg_free(data);
    }
    assert_int_equal(sends, 2);
    tg_plan_destroy(&plan);
}

/* Count how often each slot of each rank is filled by a rank's pushes, and check its inputs. */
static void count_fills(tg_plan *plan, int nranks, int rank, int *filled, int64_t nslots)
{
    const int64_t size = tg_plan_size(plan, rank);
    void *data = tg_alloc_array(size, 1);
    tg_part part;

    assert_true(size > 0);
    tg_plan_write(plan, rank, data);
    assert_int_equal(tg_part_read(data, size, &part), TG_OK);
    for (int64_t s = 0; s < nslots; s++) /* what is no result of others is there */
        filled[rank * nslots + s] +=
            s < part.head->ntasks + part.head->nvalues || s >= tg_part_nslots(&part);
    for (int64_t e = 0; e < part.head->nsends; e++) {
        assert_in_range(part.push[e].rank, 0, nranks - 1);
        assert_in_range(part.push[e].slot, 0, nslots - 1);
        filled[part.push[e].rank * nslots + part.push[e].slot]++;
    }
    for (int64_t e = 0; e < part.head->nedges; e++)
        assert_in_range(part.input[e], 0, tg_part_nslots(&part) - 1);
    for (int64_t v = 0; v < part.head->nvalues; v++) {
        assert_int_equal(tg_part_params_size(&part, part.head->ntasks + v), 9);
        assert_string_equal(tg_part_params(&part, part.head->ntasks + v), "constant");
    }
    tg_free(data);
}

/* Also where a result has users on many ranks. */
static void every_slot_is_filled_once(void **state)
{
    enum { RANKS = 20, USERS = 200, SLOTS = 256 };
    placed *f = *state;
    int64_t sources[3], targets[USERS];
    int filled[RANKS * SLOTS] = {0};
    tg_plan *plan = NULL;

    assert_int_equal(tg_graph_value(f->graph, "constant", 9, &sources[2]), TG_OK);
    for (int i = 0; i < 2; i++)
        sources[i] = add_task(f->graph, (task_like){.seconds = 1, .bytes = 8}, NULL, 0);
    for (int i = 0; i < USERS; i++)
        targets[i] = add_task(f->graph, (task_like){.seconds = 1}, sources, 3);
    place(f, "host:4 core:5", targets, USERS, false);
    for (int i = 0; i < USERS; i++)
        f->placement.rank[targets[i]] = i % RANKS;
    assert_int_equal(tg_plan_create(f->graph, targets, USERS, &f->placement, NULL, RANKS, 1, &plan),
                     TG_OK);
    for (int r = 0; r < RANKS; r++)
        count_fills(plan, RANKS, r, filled, SLOTS);
    for (int i = 0; i < RANKS * SLOTS; i++)
        assert_int_equal(filled[i], 1);
    tg_plan_destroy(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sources_are_dealt_in_contiguous_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(reductions_climb_the_machine, setup, teardown),
        cmocka_unit_test_setup_teardown(uneven_sources_are_balanced, setup, teardown),
        cmocka_unit_test_setup_teardown(tasks_of_one_affinity_stay_together, setup, teardown),
        cmocka_unit_test_setup_teardown(tasks_of_one_affinity_stay_together_on_all_levels, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(tasks_of_one_affinity_stand_in_the_order_added, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(many_users_of_one_result_are_spread, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dedicated_scheduler_gets_no_tasks_but_those_that_ask,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_narrow_level_stays_where_its_bytes_are, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_over_goes_to_a_rank_of_the_same_host, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_grid_in_time_is_dealt_in_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(uneven_levels_even_out, setup, teardown),
        cmocka_unit_test_setup_teardown(ranks_that_wait_for_each_other_work_in_phases, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(large_results_are_used_up_depth_first, setup, teardown),
        cmocka_unit_test_setup_teardown(ranks_that_wait_for_each_other_end_together, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(placing_again_gives_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_plan_reads_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(a_result_goes_to_a_rank_once, setup, teardown),
        cmocka_unit_test_setup_teardown(every_slot_is_filled_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
