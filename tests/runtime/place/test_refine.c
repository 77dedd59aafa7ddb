/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks change places where that saves bytes, and ranks stay even. A graph whose tasks do not say
 * how long they take is placed as if each took a millisecond, and not refined: the same placement
 * before and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/predict.h"

#include "placed.h"

enum { MOST = 256 };

typedef struct fixture {
    placed its;
    tg_prediction prediction;
    int64_t targets[MOST];
    int ntargets;
} fixture;

static int setup(void **state)
{
    fixture *f = tg_zalloc(sizeof *f);

    *state = f;
    return !f || !placed_create(&f->its);
}

static int teardown(void **state)
{
    fixture *f = *state;

    placed_clear(&f->its);
    tg_free(f);
    return 0;
}

static int64_t add(fixture *f, const tg_task_spec *like, const int64_t *inputs, int ninputs)
{
    return placed_add(f->its.graph, like, inputs, ninputs);
}

static void begin_graph(fixture *f)
{
    placed_begin(&f->its);
    f->ntargets = 0;
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Layers of `width` tasks, each of which takes three of the layer before that are not far. `known`:
 * they say how long they take, up to `spread` more than a millisecond. */
static void make_layers(fixture *f, int width, int nlayers, bool known, double spread)
{
    int64_t old[MOST];
    uint64_t seed = 7;

    begin_graph(f);
    for (int layer = 0; layer < nlayers; layer++) {
        memcpy(old, f->targets, sizeof old);
        for (int i = 0; i < width; i++) {
            int64_t inputs[3];
            tg_task_spec like = {0};

            for (int k = 0; k < 3; k++)
                inputs[k] = old[(i + 8 * width + (int)(next_random(&seed) % 17) - 8) % width];
            like.output_bytes = 1024 * (1 + next_random(&seed) % 64);
            like.seconds = 1e-3 + spread * 1e-3 * (next_random(&seed) % 1000) / 1000;
            like.seconds = known ? like.seconds : 0;
            f->targets[i] = add(f, &like, inputs, layer ? 3 : 0);
        }
    }
    f->ntargets = width;
}

static void place(fixture *f, const char *machine, int nranks, bool dedicated)
{
    placed_place(&f->its, machine, nranks, f->targets, f->ntargets, dedicated);
    assert_int_equal(tg_predict(f->its.graph, f->targets, f->ntargets, &f->its.placement,
                                f->its.machine, &f->prediction),
                     TG_OK);
}

/* Bytes of messages between hosts, but for targets on their way to rank 0. */
static int64_t bytes_between_hosts(const fixture *f)
{
    int64_t bytes = f->prediction.bytes[TG_LEVEL_CLUSTER];

    for (int i = 0; i < f->ntargets; i++)
        if (f->its.machine->host[f->its.placement.rank[f->targets[i]]] != f->its.machine->host[0])
            bytes -= (int64_t)f->its.graph->task[f->targets[i]].output_bytes;
    return bytes;
}

static void fewer_bytes_pass_between_hosts_than_without(void **state)
{
    static const char *const machines[] = {"host:2 core:8", "host:4 core:4", "host:8 core:2",
                                           "host:16 core:1"};
    fixture *f = *state;

    for (size_t m = 0; m < sizeof machines / sizeof *machines; m++)
        for (int width = 32; width <= MOST; width *= 2) {
            int64_t before;
            double most;

            make_layers(f, width, 10, false, 0);
            place(f, machines[m], 16, false);
            before = bytes_between_hosts(f);
            most = f->prediction.most_load;
            make_layers(f, width, 10, true, 0);
            place(f, machines[m], 16, false);
            assert_true(bytes_between_hosts(f) <= before * 9 / 10);
            assert_true(f->prediction.most_load <= most + 0.011 * f->prediction.work_bound);
        }
}

static void ranks_with_few_tasks_are_even(void **state)
{
    fixture *f = *state;

    make_layers(f, 64, 6, true, 1);
    place(f, "host:4 core:4", 16, false);
    assert_true(f->prediction.most_load <= 1.05 * f->prediction.work_bound);
    for (int r = 0; r < 16; r++) {
        double load = 0;

        for (int64_t t = 0; t < f->its.graph->ntasks; t++)
            load += f->its.placement.rank[t] == r ? (double)tg_graph_seconds(f->its.graph, t) : 0;
        assert_float_equal(f->its.placement.load[r], load, 1e-6);
    }
}

/* Halves of a butterfly's tasks exchange: one of two results travels where hosts exchange all. */
static void a_butterfly_sends_half_of_its_results(void **state)
{
    enum { N = 256, HOSTS = 4, BYTES = 4096 };
    const tg_task_spec like = {.output_bytes = BYTES, .seconds = 1e-3};
    fixture *f = *state;
    int64_t old[N];

    begin_graph(f);
    for (int i = 0; i < N; i++)
        f->targets[i] = add(f, &like, NULL, 0);
    for (int apart = 1; apart < N; apart *= 2) {
        memcpy(old, f->targets, sizeof old);
        for (int i = 0; i < N; i++)
            f->targets[i] = add(f, &like, (int64_t[]){old[i], old[i ^ apart]}, 2);
    }
    f->ntargets = N;
    place(f, "host:4 core:16", 64, false);
    assert_true(bytes_between_hosts(f) <= (int64_t)2 * N / 2 * BYTES * 5 / 4);
    assert_true(f->prediction.most_load <= 1.02 * f->prediction.work_bound);
}

static void plans_are_the_same_each_time(void **state)
{
    fixture *f = *state;
    tg_placement again = {0};

    make_layers(f, 128, 8, true, 1);
    place(f, "host:4 core:4", 16, false);
    assert_int_equal(tg_place(f->its.graph, f->targets, f->ntargets, f->its.machine, false, &again),
                     TG_OK);
    assert_int_equal(again.count, f->its.placement.count);
    assert_memory_equal(again.rank, f->its.placement.rank,
                        (size_t)f->its.graph->ntasks * sizeof *again.rank);
    assert_memory_equal(again.order, f->its.placement.order,
                        (size_t)again.count * sizeof *again.order);
    tg_placement_clear(&again);
}

/* Chains that exchange nothing have nothing to win. */
static void chains_keep_their_rank(void **state)
{
    const tg_task_spec like = {.output_bytes = 1024, .seconds = 1e-3};
    fixture *f = *state;

    begin_graph(f);
    for (int i = 0; i < 8; i++)
        f->targets[i] = add(f, &like, NULL, 0);
    for (int step = 1; step < 50; step++)
        for (int i = 0; i < 8; i++)
            f->targets[i] = add(f, &like, &f->targets[i], 1);
    f->ntargets = 8;
    place(f, "host:2 core:4", 8, false);
    for (int64_t t = 8; t < f->its.graph->ntasks; t++)
        assert_int_equal(f->its.placement.rank[t],
                         f->its.placement.rank[tg_graph_inputs(f->its.graph, t)[0]]);
}

static void what_has_a_rank_of_its_own_stays_there(void **state)
{
    fixture *f = *state;
    int32_t rank = -1;

    make_layers(f, 64, 4, true, 1);
    for (int i = 0; i < 16; i++) {
        const tg_task_spec together = {.affinity = 5, .output_bytes = 8, .seconds = 1e-3};
        const tg_task_spec root = {.flags = TG_TASK_ROOT, .output_bytes = 8, .seconds = 1e-3};

        f->targets[64 + i] = add(f, &together, &f->targets[4 * i], 1);
        f->targets[80 + i] = add(f, &root, &f->targets[4 * i], 1);
    }
    f->ntargets = 96;
    place(f, "host:4 core:4", 16, true);
    for (int i = 0; i < 16; i++) {
        rank = i ? rank : f->its.placement.rank[f->targets[64]];
        assert_int_equal(f->its.placement.rank[f->targets[64 + i]], rank);
        assert_int_equal(f->its.placement.rank[f->targets[80 + i]], 0);
    }
}

static void a_dedicated_scheduler_stays_free(void **state)
{
    static const char *const machines[] = {"host:2 core:4", "host:8 core:1"};
    fixture *f = *state;

    for (int m = 0; m < 2; m++) {
        make_layers(f, 64, 8, true, 1);
        place(f, machines[m], 8, true);
        for (int64_t i = 0; i < f->its.placement.count; i++)
            assert_in_range(f->its.placement.rank[f->its.placement.order[i]], 1, 7);
    }
}

static void tiny_graphs_and_single_ranks_are_placed(void **state)
{
    static const struct {
        const char *machine;
        int nranks;
    } on[] = {{"core:1", 1}, {"host:2 core:1", 2}, {"host:4 core:2", 8}, {"host:64 core:1", 64}};
    fixture *f = *state;

    for (size_t m = 0; m < sizeof on / sizeof *on; m++)
        for (int width = 1; width <= 4; width++)
            for (int layers = 1; layers <= 3; layers++) {
                make_layers(f, width, layers, true, 1);
                place(f, on[m].machine, on[m].nranks, false);
                for (int64_t i = 0; i < f->its.placement.count; i++)
                    assert_in_range(f->its.placement.rank[f->its.placement.order[i]], 0,
                                    on[m].nranks - 1);
            }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fewer_bytes_pass_between_hosts_than_without),
        TEST(ranks_with_few_tasks_are_even),
        TEST(a_butterfly_sends_half_of_its_results),
        TEST(plans_are_the_same_each_time),
        TEST(chains_keep_their_rank),
        TEST(what_has_a_rank_of_its_own_stays_there),
        TEST(a_dedicated_scheduler_stays_free),
        TEST(tiny_graphs_and_single_ranks_are_placed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
