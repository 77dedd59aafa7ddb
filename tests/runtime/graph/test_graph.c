/* SPDX-License-Identifier: BSD-3-Clause */
/* Building graphs, their keys, order and dump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "graph/graph.h"

static tg_status one(tg_task *task)
{
    (void)task;
    return TG_OK;
}

static tg_status two(tg_task *task)
{
    (void)task;
    return tg_fail(TG_EARG, "two");
}

typedef struct fixture {
    tg_objects objects;
    tg_graph *graph;
} fixture;

static int setup(void **state)
{
    fixture *f = tg_zalloc(sizeof *f);

    *state = f;
    return !f || tg_objects_find(&f->objects) || tg_graph_new(&f->objects, &f->graph);
}

static int teardown(void **state)
{
    fixture *f = *state;

    tg_graph_destroy(&f->graph);
    tg_objects_clear(&f->objects);
    tg_free(f);
    return 0;
}

/* A task of function `f`, one number as its parameter and up to three inputs (-1: none). */
static int64_t task(tg_graph *g, tg_function *f, int64_t number, int64_t a, int64_t b, int64_t c)
{
    const int64_t inputs[] = {a, b, c};
    int64_t id = -1;

    assert_int_equal(tg_graph_add(g,
                                  &(tg_task_spec){.function = f,
                                                  .name = f == one ? "one" : "two",
                                                  .params = &number,
                                                  .params_size = sizeof number,
                                                  .inputs = inputs,
                                                  .ninputs = (a >= 0) + (b >= 0) + (c >= 0)},
                                  &id),
                     TG_OK);
    return id;
}

static void equal_tasks_are_one_task(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    const int64_t a = task(g, one, 1, -1, -1, -1), b = task(g, one, 2, -1, -1, -1);

    assert_int_equal(task(g, one, 1, -1, -1, -1), a);
    assert_int_not_equal(a, b);
    assert_int_not_equal(task(g, two, 1, -1, -1, -1), a);
    assert_int_equal(task(g, two, 0, a, b, -1), task(g, two, 0, a, b, -1));
    assert_int_not_equal(task(g, two, 0, a, b, -1), task(g, two, 0, b, a, -1));
    assert_int_not_equal(task(g, two, 0, a, a, -1), task(g, two, 0, a, -1, -1));
}

static void impure_tasks_stay_apart(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    const tg_task_spec spec = {.function = one, .flags = TG_TASK_IMPURE};
    int64_t a, b;

    assert_int_equal(tg_graph_add(g, &spec, &a), TG_OK);
    assert_int_equal(tg_graph_add(g, &spec, &b), TG_OK);
    assert_int_not_equal(a, b);
    assert_int_not_equal(task(g, two, 0, a, -1, -1), task(g, two, 0, b, -1, -1));
}

static void values_are_told_apart_by_their_bytes(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    int64_t a, b, c, d;

    assert_int_equal(tg_graph_value(g, "abc", 3, &a), TG_OK);
    assert_int_equal(tg_graph_value(g, "abd", 3, &b), TG_OK);
    assert_int_equal(tg_graph_value(g, "abc", 3, &c), TG_OK);
    assert_int_equal(tg_graph_value(g, "abc", 4, &d), TG_OK);
    assert_int_equal(a, c);
    assert_int_not_equal(a, b);
    assert_int_not_equal(a, d);
}

static void bad_tasks_are_refused_with_a_sentence(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    const int64_t far = 7;
    int64_t id;

    assert_int_equal(tg_graph_add(g, &(tg_task_spec){0}, &id), TG_EARG);
    assert_int_equal(
        tg_graph_add(g, &(tg_task_spec){.function = one, .name = "x", .inputs = &far, .ninputs = 1},
                     &id),
        TG_EARG);
    assert_string_equal(tg_message(), "input 0 of task 0 (x) is task 7, which is not there yet");
    assert_int_equal(g->ntasks, 0);
}

/* Two groups of two leaves: depth first finishes a group before it begins the next. */
static void the_order_is_depth_first_and_leaves_out_what_is_not_needed(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    const int64_t a = task(g, one, 1, -1, -1, -1), b = task(g, one, 2, -1, -1, -1);
    const int64_t c = task(g, one, 3, -1, -1, -1), d = task(g, one, 4, -1, -1, -1);
    const int64_t unused = task(g, one, 5, -1, -1, -1);
    const int64_t ab = task(g, two, 0, a, b, -1), cd = task(g, two, 0, c, d, -1);
    const int64_t top = task(g, two, 1, ab, cd, -1);
    const int64_t want[] = {a, b, ab, c, d, cd, top};
    int32_t *order;
    int64_t count;

    (void)unused;
    assert_true(tg_graph_is_valid(g));
    assert_int_equal(tg_graph_order(g, &top, 1, &order, &count), TG_OK);
    assert_int_equal(count, 7);
    for (int i = 0; i < 7; i++)
        assert_int_equal(order[i], want[i]);
    tg_free(order);
    assert_int_equal(tg_graph_order(g, &(int64_t){99}, 1, &order, &count), TG_EARG);
}

static void the_dump_is_readable(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    int64_t value, id;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(tg_graph_value(g, "12345678", 8, &value), TG_OK);
    task(g, one, 1, value, -1, -1);
    assert_int_equal(tg_graph_add(g,
                                  &(tg_task_spec){.function = two,
                                                  .name = "two",
                                                  .flags = TG_TASK_IMPURE | TG_TASK_ROOT,
                                                  .inputs = (int64_t[]){0, 1},
                                                  .ninputs = 2},
                                  &id),
                     TG_OK);
    assert_int_equal(tg_graph_dump(g, out), TG_OK);
    fclose(out);
    assert_string_equal(text, "0 value [8 B]\n"
                              "1 one [8 B] <- 0\n"
                              "2 two <- 0, 1 impure root\n");
    free(text);
}

static void many_tasks_are_found_again(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;

    for (int64_t i = 0; i < 20000; i++)
        assert_int_equal(task(g, one, i, -1, -1, -1), i);
    for (int64_t i = 0; i < 20000; i += 37)
        assert_int_equal(task(g, one, i, -1, -1, -1), i);
    assert_int_equal(g->ntasks, 20000);
    assert_true(tg_graph_is_valid(g));
}

/* Names are borrowed by the table: one is as good as many. */
static void a_full_table_of_functions_lends_their_names(void **state)
{
    tg_graph *g = ((fixture *)*state)->graph;
    const int64_t most = INT16_MAX + 1, first = task(g, one, 0, -1, -1, -1);
    int64_t id = -1;

    assert_int_equal(tg_grow(&g->functions, &g->function_capacity, most, sizeof *g->functions),
                     TG_OK);
    for (int64_t f = 1; f < most; f++)
        g->functions[f] = g->functions[0];
    g->nfunctions = most;
    assert_int_equal(tg_graph_add(g, &(tg_task_spec){.function = one, .name = "other"}, &id),
                     TG_OK);
    assert_string_equal(tg_graph_name(g, id), tg_graph_name(g, first));
    assert_true(tg_graph_is_valid(g));
    assert_int_equal(tg_graph_add(g, &(tg_task_spec){.function = two, .name = "two"}, &id),
                     TG_EARG);
    assert_non_null(strstr(tg_message(), "task two: a graph calls at most 32768 functions"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_tasks_are_one_task, setup, teardown),
        cmocka_unit_test_setup_teardown(impure_tasks_stay_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_told_apart_by_their_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_tasks_are_refused_with_a_sentence, setup, teardown),
        cmocka_unit_test_setup_teardown(the_order_is_depth_first_and_leaves_out_what_is_not_needed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_dump_is_readable, setup, teardown),
        cmocka_unit_test_setup_teardown(many_tasks_are_found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_table_of_functions_lends_their_names, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
