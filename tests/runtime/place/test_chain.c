/* SPDX-License-Identifier: BSD-3-Clause */
/* A chain of tasks, each of which another task uses as well, stays on its rank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/place.h"

enum { STEPS = 1000 };

static tg_status work(tg_task *task)
{
    (void)task;
    return TG_OK;
}

static int64_t add(tg_graph *graph, int64_t input)
{
    int64_t id = -1;

    assert_int_equal(tg_graph_add(graph,
                                  &(tg_task_spec){.function = work,
                                                  .inputs = &input,
                                                  .ninputs = input >= 0,
                                                  .output_bytes = 16,
                                                  .seconds = 1e-3,
                                                  .flags = TG_TASK_IMPURE},
                                  &id),
                     TG_OK);
    return id;
}

static void a_chain_does_not_change_its_rank_to_even_out_what_hangs_on_it(void **state)
{
    tg_objects objects = {0};
    tg_graph *graph = NULL;
    tg_machine *machine = NULL;
    tg_placement placement = {0};
    int64_t chain[STEPS], leaf[STEPS], moves = 0, on_first = 0;

    (void)state;
    assert_int_equal(tg_objects_find(&objects), TG_OK);
    assert_int_equal(tg_graph_new(&objects, &graph), TG_OK);
    assert_int_equal(tg_machine_from_spec("host:1 core:2", 2, &machine), TG_OK);
    for (int i = 0; i < STEPS; i++) {
        chain[i] = add(graph, i ? chain[i - 1] : -1);
        leaf[i] = add(graph, i ? chain[i - 1] : -1);
    }
    assert_int_equal(tg_place(graph, leaf, STEPS, machine, false, &placement), TG_OK);
    for (int i = 1; i < STEPS - 1; i++)
        moves += placement.rank[chain[i]] != placement.rank[chain[i - 1]];
    for (int i = 0; i < STEPS; i++)
        on_first +=
            (i < STEPS - 1 && placement.rank[chain[i]] == 0) + (placement.rank[leaf[i]] == 0);
    assert_int_equal(moves, 0);
    assert_true(on_first > 0.45 * 2 * STEPS && on_first < 0.55 * 2 * STEPS);
    tg_placement_clear(&placement);
    tg_machine_destroy(&machine);
    tg_graph_destroy(&graph);
    tg_objects_clear(&objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_does_not_change_its_rank_to_even_out_what_hangs_on_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
