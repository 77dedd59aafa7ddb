/* SPDX-License-Identifier: BSD-3-Clause */
/* A grid in time on many hosts: each rank gets as many points, each host a compact piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "place/predict.h"

#include "placed.h"

enum { WIDTH = 96, STEPS = 6, BYTES = 65536 };

static int setup(void **state)
{
    static placed its;

    *state = &its;
    return !placed_create(&its);
}

static int teardown(void **state)
{
    placed_clear(*state);
    return 0;
}

/* Five points. Sources are added row by row, which is no good order to cut in. */
static void make_grid(placed *p, int64_t now[WIDTH * WIDTH], double seconds)
{
    static int64_t old[WIDTH * WIDTH];
    const tg_task_spec like = {.seconds = (float)seconds, .output_bytes = BYTES};

    placed_begin(p);
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < WIDTH * WIDTH; i++)
            old[i] = now[i];
        for (int i = 0; i < WIDTH * WIDTH; i++) {
            const int x = i % WIDTH, y = i / WIDTH;
            int64_t inputs[5];
            int n = 0;

            inputs[n++] = old[i];
            if (y > 0)
                inputs[n++] = old[i - WIDTH];
            if (x > 0)
                inputs[n++] = old[i - 1];
            if (x < WIDTH - 1)
                inputs[n++] = old[i + 1];
            if (y < WIDTH - 1)
                inputs[n++] = old[i + WIDTH];
            now[i] = placed_add(p->graph, &like, inputs, step ? n : 0);
        }
    }
}

/* Hosts of 8 x 8 points: 11 cuts each way, which WIDTH results cross in both directions. */
static const int64_t least_bytes = (int64_t)BYTES * (STEPS - 1) * 2 * 11 * WIDTH * 2;

static void check_grid(placed *p, double seconds)
{
    static int64_t targets[WIDTH * WIDTH];
    tg_prediction its;
    int64_t bytes;

    make_grid(p, targets, seconds);
    placed_place(p, "host:144 core:16", 0, targets, WIDTH * WIDTH, false);
    assert_int_equal(tg_predict(p->graph, targets, WIDTH * WIDTH, &p->placement, p->machine, &its),
                     TG_OK);
    bytes = its.bytes[TG_LEVEL_CLUSTER];
    for (int i = 0; i < WIDTH * WIDTH; i++) /* that go to rank 0 */
        bytes -= p->machine->host[p->placement.rank[targets[i]]] ? BYTES : 0;
    assert_true(bytes <= least_bytes * 6 / 5);
    assert_true(its.most_load <= 1.001 * its.work_bound);
}

static void hosts_get_compact_pieces_of_a_grid(void **state)
{
    check_grid(*state, 1e-3);
}

/* Nothing is refined where tasks do not say how long they take. */
static void so_they_do_where_tasks_do_not_say_how_long_they_take(void **state)
{
    check_grid(*state, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hosts_get_compact_pieces_of_a_grid, setup, teardown),
        cmocka_unit_test_setup_teardown(so_they_do_where_tasks_do_not_say_how_long_they_take, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
