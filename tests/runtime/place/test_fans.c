/* SPDX-License-Identifier: BSD-3-Clause */
/* A product of matrices: what sums need is placed together, and hosts share few tiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/predict.h"

enum { N = 8, TILE = 1 << 20 };

static tg_status work(tg_task *task)
{
    (void)task;
    return TG_OK;
}

static int64_t add(tg_graph *graph, double seconds, const int64_t *inputs, int ninputs)
{
    int64_t id = -1;

    assert_int_equal(tg_graph_add(graph,
                                  &(tg_task_spec){.function = work,
                                                  .inputs = inputs,
                                                  .ninputs = ninputs,
                                                  .output_bytes = TILE,
                                                  .seconds = seconds,
                                                  .flags = TG_TASK_IMPURE},
                                  &id),
                     TG_OK);
    return id;
}

/* All products, those of a target added pairwise. */
static void make_product(tg_graph *graph, int64_t targets[N * N])
{
    int64_t a[N * N], b[N * N], row[N];

    for (int i = 0; i < N * N; i++) {
        a[i] = add(graph, 1e-4, NULL, 0);
        b[i] = add(graph, 1e-4, NULL, 0);
    }
    for (int i = 0; i < N * N; i++) {
        for (int k = 0; k < N; k++)
            row[k] = add(graph, 1e-3, (int64_t[]){a[i / N * N + k], b[k * N + i % N]}, 2);
        for (int n = N; n > 1; n /= 2)
            for (int k = 0; k < n / 2; k++)
                row[k] = add(graph, 1e-5, &row[2 * k], 2);
        targets[i] = row[0];
    }
}

/* Bytes between hosts but for the targets, which go to rank 0. */
static int64_t bytes_between_hosts(const tg_graph *graph, const tg_placement *placement,
                                   const tg_machine *machine, const int64_t targets[N * N],
                                   tg_prediction *prediction)
{
    int64_t bytes;

    assert_int_equal(tg_predict(graph, targets, N * N, placement, machine, prediction), TG_OK);
    bytes = prediction->bytes[TG_LEVEL_CLUSTER];
    for (int i = 0; i < N * N; i++)
        bytes -= machine->host[placement->rank[targets[i]]] != machine->host[0] ? TILE : 0;
    return bytes;
}

static void a_product_of_matrices_needs_few_tiles_of_other_hosts(void **state)
{
    tg_objects objects = {0};
    tg_graph *graph = NULL;
    tg_machine *machine = NULL;
    tg_placement placement = {0}, again = {0};
    tg_prediction prediction;
    int64_t targets[N * N];

    (void)state;
    assert_int_equal(tg_objects_find(&objects), TG_OK);
    assert_int_equal(tg_graph_new(&objects, &graph), TG_OK);
    assert_int_equal(tg_machine_from_spec("host:4 core:4", 16, &machine), TG_OK);
    make_product(graph, targets);
    assert_int_equal(tg_place(graph, targets, N * N, machine, false, &placement), TG_OK);
    assert_int_equal(tg_place(graph, targets, N * N, machine, false, &again), TG_OK);
    assert_memory_equal(placement.rank, again.rank, (size_t)graph->ntasks * sizeof *placement.rank);

    /* Each host a quarter of all sums' terms: three tiles a sum; half as much again is allowed. */
    assert_true(bytes_between_hosts(graph, &placement, machine, targets, &prediction) <=
                (int64_t)3 * N * N * TILE * 3 / 2);
    assert_true(prediction.most_load <= 1.1 * prediction.work_bound);
    tg_placement_clear(&placement);
    tg_placement_clear(&again);
    tg_machine_destroy(&machine);
    tg_graph_destroy(&graph);
    tg_objects_clear(&objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_of_matrices_needs_few_tiles_of_other_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
