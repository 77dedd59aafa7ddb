/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of a plan say together: each task gets the results that the graph says, through
 * slots that are filled by messages of the ranks that make them. */
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

#include "placed.h"

enum { WIDTH = 300, LAYERS = 50, MOST_INPUTS = 200 };

/* One rank's part, and which task's result each of its slots is for; -1: nobody's as yet. */
typedef struct read_part {
    void *data;
    tg_part part;
    int64_t *task;
} read_part;

static uint64_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Mostly few inputs of the layers before, some many, some none, some the same twice; some use a
 * constant, which has its own number for parameters. */
static int64_t add_any(tg_graph *g, uint64_t *state, bool priorities)
{
    int64_t inputs[MOST_INPUTS];
    int n = g->ntasks < WIDTH ? 0 : (int)(draw(state) % 5);
    const int64_t recent = g->ntasks < 3 * WIDTH ? g->ntasks : 3 * WIDTH;

    if (n && draw(state) % 100 == 0)
        n = MOST_INPUTS;
    for (int k = 0; k < n; k++)
        inputs[k] = g->ntasks - 1 - (int64_t)(draw(state) % (uint64_t)recent);
    return placed_add(g,
                      &(tg_task_spec){.output_bytes = 1 + draw(state) % 1000,
                                      .priority = priorities && draw(state) % 50 == 0},
                      inputs, n);
}

/* Every other seed has priorities. */
static int64_t make(tg_graph *g, uint64_t seed)
{
    int64_t ends[WIDTH];
    uint64_t state = seed;

    for (int i = 0; i < WIDTH * LAYERS; i++) {
        const int64_t number = g->ntasks;

        if (draw(&state) % 500 == 0)
            assert_int_equal(tg_graph_value(g, &number, sizeof number, &ends[0]), TG_OK);
        ends[i % WIDTH] = add_any(g, &state, seed % 2 == 0);
    }
    return placed_add(g, &(tg_task_spec){.output_bytes = 1}, ends, WIDTH);
}

static read_part read(tg_plan *plan, int rank)
{
    const int64_t size = tg_plan_size(plan, rank);
    read_part its = {.data = tg_alloc_array(size, 1)};

    assert_true(size > 0);
    assert_non_null(its.data);
    tg_plan_write(plan, rank, its.data);
    assert_int_equal(tg_part_read(its.data, size, &its.part), TG_OK);
    its.task = tg_alloc_array(tg_part_nslots(&its.part), sizeof *its.task);
    assert_non_null(its.task);
    for (int64_t s = 0; s < tg_part_nslots(&its.part); s++)
        its.task[s] = s < its.part.head->ntasks ? its.part.task[s] : -1;
    for (int64_t v = 0; v < its.part.head->nvalues; v++)
        its.task[its.part.head->ntasks + v] =
            *(const int64_t *)tg_part_params(&its.part, its.part.head->ntasks + v);
    return its;
}

/* Each message fills a slot that none has filled. */
static void send_all(const tg_part *from, read_part *parts)
{
    for (int64_t i = 0; i < from->head->ntasks; i++)
        for (uint32_t e = from->push_begin[i]; e < from->push_begin[i + 1]; e++) {
            const tg_push push = from->push[e];

            assert_in_range(push.slot, 0, tg_part_nslots(&parts[push.rank].part) - 1);
            assert_int_equal(parts[push.rank].task[push.slot], -1);
            parts[push.rank].task[push.slot] = from->task[i];
        }
}

static int64_t check_inputs(const tg_graph *g, const read_part *its)
{
    const tg_part *part = &its->part;

    for (int64_t i = 0; i < part->head->ntasks; i++) {
        const int32_t task = part->task[i], *input = tg_graph_inputs(g, task);

        assert_int_equal(part->input_begin[i + 1] - part->input_begin[i],
                         tg_graph_ninputs(g, task));
        for (int k = 0; k < tg_graph_ninputs(g, task); k++)
            assert_int_equal(its->task[part->input[part->input_begin[i] + (uint32_t)k]], input[k]);
    }
    return part->head->ntasks;
}

static void results_reach_their_users(const char *machine, int nranks, uint64_t seed)
{
    placed f = {0};
    read_part *parts = tg_alloc_array(nranks, sizeof *parts);
    tg_plan *plan = NULL;
    int64_t target, ntasks = 0, nsends = 0, needed;

    assert_true(placed_create(&f) && parts);
    target = make(f.graph, seed);
    placed_place(&f, machine, 0, &target, 1, false);
    needed = 0;
    for (int64_t t = 0; t < f.graph->ntasks; t++)
        needed += f.placement.rank[t] >= 0;
    assert_int_equal(tg_plan_create(f.graph, &target, 1, &f.placement, NULL, nranks, 1, &plan),
                     TG_OK);
    for (int r = nranks - 1; r >= 0; r--)
        parts[r] = read(plan, r);
    for (int r = 0; r < nranks; r++) {
        send_all(&parts[r].part, parts);
        nsends += parts[r].part.head->nsends;
    }
    assert_true(nranks == 1 || nsends > needed / 2);
    for (int r = 0; r < nranks; r++)
        ntasks += check_inputs(f.graph, &parts[r]);
    assert_int_equal(ntasks, needed);
    assert_int_equal(parts[0].task[parts[0].part.pin[0]], target);
    for (int r = 0; r < nranks; r++) {
        tg_free(parts[r].data);
        tg_free(parts[r].task);
    }
    tg_free(parts);
    tg_plan_destroy(&plan);
    placed_clear(&f);
}

static void on_few_ranks(void **state)
{
    (void)state;
    results_reach_their_users("core:1", 1, 1);
    results_reach_their_users("core:2", 2, 2);
    results_reach_their_users("host:2 core:3", 6, 3);
}

static void on_many_ranks(void **state)
{
    (void)state;
    results_reach_their_users("host:4 core:16", 64, 4);
    results_reach_their_users("host:3 pack:2 core:50", 300, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_few_ranks),
        cmocka_unit_test(on_many_ranks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
