/* SPDX-License-Identifier: BSD-3-Clause */
/* A product of matrices: what sums need is placed together, and hosts share few tiles; where ranks
 * have few products each, those of a rank share their tiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "place/predict.h"

enum { N = 8, MANY = 24, TILE = 1 << 20 };

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

/* All products of n x n tiles, those of a target added pairwise. */
static void make_product(tg_graph *graph, int n, int64_t targets[])
{
    static int64_t a[MANY * MANY], b[MANY * MANY];
    int64_t row[MANY];

    for (int i = 0; i < n * n; i++) {
        a[i] = add(graph, 1e-4, NULL, 0);
        b[i] = add(graph, 1e-4, NULL, 0);
    }
    for (int i = 0; i < n * n; i++) {
        for (int k = 0; k < n; k++)
            row[k] = add(graph, 1e-3, (int64_t[]){a[i / n * n + k], b[k * n + i % n]}, 2);
        for (int left = n; left > 1; left = (left + 1) / 2)
            for (int k = 0; k < left / 2 + left % 2; k++)
                row[k] = 2 * k + 1 < left ? add(graph, 1e-5, &row[2 * k], 2) : row[2 * k];
        targets[i] = row[0];
    }
}

/* Bytes between hosts but for the targets, which go to rank 0, and what else is predicted. */
static int64_t bytes_between_hosts(const char *spec, int n, tg_prediction *prediction)
{
    static int64_t targets[MANY * MANY];
    tg_objects objects = {0};
    tg_graph *graph = NULL;
    tg_machine *machine = NULL;
    tg_placement placement = {0}, again = {0};
    int64_t bytes;

    assert_int_equal(tg_objects_find(&objects), TG_OK);
    assert_int_equal(tg_graph_new(&objects, &graph), TG_OK);
    assert_int_equal(tg_machine_from_spec(spec, 0, &machine), TG_OK);
    make_product(graph, n, targets);
    assert_int_equal(tg_place(graph, targets, n * n, machine, false, &placement), TG_OK);
    assert_int_equal(tg_place(graph, targets, n * n, machine, false, &again), TG_OK);
    assert_memory_equal(placement.rank, again.rank, (size_t)graph->ntasks * sizeof *placement.rank);
    assert_int_equal(tg_predict(graph, targets, n * n, &placement, machine, prediction), TG_OK);
    bytes = prediction->bytes[TG_LEVEL_CLUSTER];
    for (int i = 0; i < n * n; i++)
        bytes -= machine->host[placement.rank[targets[i]]] != machine->host[0] ? TILE : 0;
    tg_placement_clear(&placement);
    tg_placement_clear(&again);
    tg_machine_destroy(&machine);
    tg_graph_destroy(&graph);
    tg_objects_clear(&objects);
    return bytes;
}

static void a_product_of_matrices_needs_few_tiles_of_other_hosts(void **state)
{
    tg_prediction prediction;

    (void)state;
    /* Each host a quarter of all sums' terms: three tiles a sum; half as much again is allowed. */
    assert_true(bytes_between_hosts("host:4 core:4", N, &prediction) <=
                (int64_t)3 * N * N * TILE * 3 / 2);
    assert_true(prediction.most_load <= 1.1 * prediction.work_bound);
}

static void the_few_products_of_a_rank_share_their_tiles(void **state)
{
    tg_prediction prediction;
    int64_t bytes;

    (void)state;
    /* 13.5 products a rank. Of 4 x 4 in a plane four tiles of each matrix come in, and a host has
     * all planes; an eighth more is allowed. Each product with tiles of its own: 27 a rank. */
    bytes = bytes_between_hosts("host:16 core:64", MANY, &prediction);
    assert_true(bytes <= (int64_t)1024 * 9 * TILE);
    assert_true(prediction.most_load <= 1.15 * prediction.work_bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_of_matrices_needs_few_tiles_of_other_hosts),
        cmocka_unit_test(the_few_products_of_a_rank_share_their_tiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
