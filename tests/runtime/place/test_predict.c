/* SPDX-License-Identifier: BSD-3-Clause */
/* Predictions of graphs small enough to be worked out by hand; placements are given. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/predict.h"

/* Round figures: a message needs 2 o + L + bytes / 1e9, o = 0.01 s, L by level. */
static const double o = 0.01, l3 = 0.1, cluster = 1.0;

static tg_status work(tg_task *task)
{
    (void)task;
    return TG_OK;
}

typedef struct fixture {
    tg_objects objects;
    tg_graph *graph;
    tg_machine *machine;
    int32_t rank[64]; /* by task */
    tg_prediction prediction;
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

    tg_machine_destroy(&f->machine);
    tg_graph_destroy(&f->graph);
    tg_objects_clear(&f->objects);
    tg_free(f);
    return 0;
}

/* A task of `seconds` on `rank`, with up to two inputs (-1: none). */
static int64_t add(fixture *f, int rank, double seconds, size_t bytes, int64_t first,
                   int64_t second)
{
    const int64_t inputs[2] = {first >= 0 ? first : second, second};
    int64_t id = -1;

    assert_int_equal(tg_graph_add(f->graph,
                                  &(tg_task_spec){.function = work,
                                                  .inputs = inputs,
                                                  .ninputs = (first >= 0) + (second >= 0),
                                                  .output_bytes = bytes,
                                                  .seconds = seconds,
                                                  .flags = TG_TASK_IMPURE},
                                  &id),
                     TG_OK);
    f->rank[id] = rank;
    return id;
}

static void make_machine(fixture *f, const char *spec)
{
    assert_int_equal(tg_machine_from_spec(spec, 0, &f->machine), TG_OK);
    f->machine->overhead = o;
    for (int l = 0; l < TG_NLEVELS; l++)
        f->machine->cost[l] = (tg_cost){l == TG_LEVEL_CLUSTER ? cluster : l3, 1e9};
}

static const tg_prediction *predict(fixture *f, const int64_t *targets, int64_t ntargets)
{
    tg_placement placement = {.rank = f->rank};

    assert_int_equal(
        tg_graph_order(f->graph, targets, ntargets, &placement.order, &placement.count), TG_OK);
    assert_int_equal(
        tg_predict(f->graph, targets, ntargets, &placement, f->machine, &f->prediction), TG_OK);
    tg_free(placement.order);
    return &f->prediction;
}

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) < 1e-6))
        fail_msg("%.9g, not %.9g", got, want);
}

static void a_task_alone_takes_its_time(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 0, 2, 100, -1, -1);
    const tg_prediction *p;

    make_machine(f, "core:2");
    p = predict(f, &a, 1);
    assert_near(p->makespan, 2);
    assert_near(p->work, 2);
    assert_near(p->work_bound, 1);
    assert_near(p->path_bound, 2);
    assert_near(tg_prediction_bound(p), 2);
    assert_near(p->least_load, 0);
    assert_near(p->median_load, 1);
    assert_near(p->most_load, 2);
    assert_int_equal(p->ntasks, 1);
    assert_int_equal(p->nmessages, 0);
    assert_int_equal(p->peak, 100);
    assert_int_equal(p->peak_sum, 100);
}

static void a_chain_over_two_ranks_waits_for_its_message(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 1, 1, 500000000, -1, -1);
    const int64_t b = add(f, 0, 1, 8, a, -1);
    const tg_prediction *p;

    make_machine(f, "core:2");
    p = predict(f, &b, 1);
    assert_near(p->makespan, 1 + o + l3 + 0.5 + o + 1);
    assert_int_equal(p->nmessages, 1);
    assert_int_equal(p->messages[TG_LEVEL_L3], 1);
    assert_int_equal(p->bytes[TG_LEVEL_L3], 500000000);
    assert_int_equal(p->peak, 500000008); /* rank 0: input and output of b */
    assert_int_equal(p->peak_sum, 1000000008);
}

static void a_target_goes_to_rank_0(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 1, 1, 250000000, -1, -1);
    const tg_prediction *p;

    make_machine(f, "host:2");
    p = predict(f, &a, 1);
    assert_near(p->makespan, 1 + o + cluster + 0.25 + o);
    assert_int_equal(p->messages[TG_LEVEL_CLUSTER], 1);
    assert_int_equal(p->nbytes, 250000000);
}

static void a_result_goes_to_a_rank_once_whoever_wants_it(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 1, 1, 7, -1, -1);
    const int64_t targets[] = {add(f, 0, 1, 1, a, -1), add(f, 0, 1, 1, a, a), a};
    const tg_prediction *p;

    make_machine(f, "core:2");
    p = predict(f, targets, 3);
    assert_int_equal(p->nmessages, 1);
    assert_int_equal(p->nbytes, 7);
    assert_near(p->makespan, 1 + o + l3 + 7e-9 + o + 2);
}

static void messages_into_a_rank_queue(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 1, 1, 500000000, -1, -1);
    const int64_t b = add(f, 2, 1, 500000000, -1, -1);
    const int64_t c = add(f, 0, 1, 0, a, b);

    make_machine(f, "core:3");
    assert_near(predict(f, &c, 1)->makespan, 1 + o + l3 + 0.5 + 0.5 + o + 1);
}

static void messages_out_of_a_rank_queue(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 0, 1, 500000000, -1, -1);
    int64_t targets[2];

    for (int i = 0; i < 2; i++)
        targets[i] = add(f, i + 1, 1, 0, a, -1);
    make_machine(f, "core:3");
    /* the second leaves when the first is out; its user's result comes back without bytes */
    assert_near(predict(f, targets, 2)->makespan, 1 + o + 1.0 + l3 + o + 1 + o + l3 + o);
}

static void a_lone_thread_pays_for_its_messages(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 0, 1, 0, -1, -1);
    const int64_t targets[] = {add(f, 1, 1, 0, a, -1), add(f, 0, 5, 0, -1, -1)};

    make_machine(f, "core:2");
    assert_near(predict(f, targets, 2)->makespan, 1 + o + 5 + 0); /* the other's result: before */
}

static void threads_share_a_ranks_tasks(void **state)
{
    fixture *f = *state;
    int64_t targets[4];

    for (int i = 0; i < 4; i++)
        targets[i] = add(f, 0, 1 + i, 0, -1, -1);
    make_machine(f, "core:1");
    f->machine->threads[0] = 2;
    assert_near(predict(f, targets, 4)->makespan, 6); /* 1 then 3; 2 then 4 */
    assert_near(f->prediction.work_bound, 5);
    assert_near(f->prediction.most_load, 5);
}

static void tasks_of_one_affinity_run_one_after_the_other(void **state)
{
    fixture *f = *state;
    int64_t targets[3];

    for (int i = 0; i < 3; i++) {
        assert_int_equal(tg_graph_add(f->graph,
                                      &(tg_task_spec){.function = work,
                                                      .seconds = 1,
                                                      .affinity = 9,
                                                      .flags = TG_TASK_IMPURE},
                                      &targets[i]),
                         TG_OK);
        f->rank[targets[i]] = 0;
    }
    make_machine(f, "core:1");
    f->machine->threads[0] = 3;
    assert_near(predict(f, targets, 3)->makespan, 3);
}

static void results_are_freed_at_their_last_use(void **state)
{
    fixture *f = *state;
    int64_t top = add(f, 0, 1, 100, -1, -1);

    for (int i = 0; i < 9; i++)
        top = add(f, 0, 1, 100, top, -1);
    make_machine(f, "core:1");
    assert_int_equal(predict(f, &top, 1)->peak, 200);
    assert_near(f->prediction.path_bound, 10);
}

static void constants_count_where_they_are_used(void **state)
{
    fixture *f = *state;
    int64_t value, targets[2];

    assert_int_equal(tg_graph_value(f->graph, "sixteen bytes...", 16, &value), TG_OK);
    f->rank[value] = -1;
    for (int i = 0; i < 2; i++)
        targets[i] = add(f, i, 1, 4, value, -1);
    make_machine(f, "core:2");
    predict(f, targets, 2);
    assert_int_equal(f->prediction.ntasks, 2);
    assert_int_equal(f->prediction.nmessages, 1); /* the target of rank 1 */
    /* On rank 1 the constant goes then; rank 1 may end before rank 0 begins. */
    assert_int_equal(f->prediction.peak, 16 + 4 + 4);
    assert_int_equal(f->prediction.peak_sum, 24 + 20);
}

static void threads_may_each_need_what_one_needs(void **state)
{
    fixture *f = *state;
    int64_t left = add(f, 0, 1, 100, -1, -1), right;

    for (int i = 0; i < 20; i++) { /* one goes on, the next ones join */
        right = add(f, 0, 1, 100, -1, -1);
        left = add(f, 0, 1, 100, left, right);
    }
    make_machine(f, "core:1");
    assert_int_equal(predict(f, &left, 1)->peak, 300);
    f->machine->threads[0] = 4;
    assert_int_equal(predict(f, &left, 1)->peak, 4 * 300);
    f->machine->threads[0] = 100;
    assert_int_equal(predict(f, &left, 1)->peak, 41 * 100); /* all there is */
}

static void senders_may_be_ahead(void **state)
{
    fixture *f = *state;
    int64_t sum = add(f, 0, 1, 100, -1, -1);

    for (int i = 0; i < 20; i++)
        sum = add(f, 0, 1, 100, sum, add(f, 1 + i % 2, 1, 50, -1, -1));
    make_machine(f, "core:3");
    assert_true(predict(f, &sum, 1)->peak >= 200 + 50 + 2 * 50);
}

static void needs_count_while_tasks_run(void **state)
{
    fixture *f = *state;
    int64_t a = add(f, 0, 1, 100, -1, -1), b;

    assert_int_equal(tg_graph_add(f->graph,
                                  &(tg_task_spec){.function = work,
                                                  .name = "work",
                                                  .inputs = &a,
                                                  .ninputs = 1,
                                                  .output_bytes = 10,
                                                  .seconds = 1,
                                                  .memory = 1000},
                                  &b),
                     TG_OK);
    f->rank[b] = 0;
    a = add(f, 0, 1, 500, b, -1);
    make_machine(f, "core:1");
    assert_int_equal(predict(f, &a, 1)->peak, 100 + 10 + 1000);
}

static void kept_results_stay(void **state)
{
    fixture *f = *state;
    int64_t a = add(f, 0, 1, 100, -1, -1);
    const int64_t b = add(f, 0, 1, 10, a, -1), c = add(f, 0, 1, 1, b, -1);

    make_machine(f, "core:1");
    assert_int_equal(predict(f, &c, 1)->peak, 110);
    assert_int_equal(tg_graph_set_kept(f->graph, a, 1), TG_OK);
    assert_int_equal(predict(f, &c, 1)->peak, 111);
    assert_int_equal(tg_graph_set_resident(f->graph, a, 1, 0), TG_OK); /* is there already */
    assert_int_equal(predict(f, &c, 1)->peak, 11);
}

static void tasks_that_are_not_needed_cost_nothing(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 0, 1, 8, -1, -1);

    f->rank[add(f, 0, 100, 8, a, -1)] = -1;
    make_machine(f, "core:1");
    predict(f, &a, 1);
    assert_int_equal(f->prediction.ntasks, 1);
    assert_near(f->prediction.makespan, 1);
}

static void unknown_seconds_are_counted_and_guessed(void **state)
{
    fixture *f = *state;
    const int64_t a = add(f, 0, 0, 8, -1, -1);

    make_machine(f, "core:1");
    predict(f, &a, 1);
    assert_int_equal(f->prediction.nguessed, 1);
    assert_near(f->prediction.makespan, TG_DEFAULT_SECONDS);
}

static void a_constant_alone_needs_nothing(void **state)
{
    fixture *f = *state;
    int64_t value;

    assert_int_equal(tg_graph_value(f->graph, "x", 1, &value), TG_OK);
    f->rank[value] = -1;
    make_machine(f, "core:2");
    predict(f, &value, 1);
    assert_int_equal(f->prediction.ntasks, 0);
    assert_int_equal(f->prediction.nmessages, 0);
    assert_near(f->prediction.makespan, 0);
    assert_int_equal(f->prediction.peak, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_task_alone_takes_its_time),
        CASE(a_chain_over_two_ranks_waits_for_its_message),
        CASE(a_target_goes_to_rank_0),
        CASE(a_result_goes_to_a_rank_once_whoever_wants_it),
        CASE(messages_into_a_rank_queue),
        CASE(messages_out_of_a_rank_queue),
        CASE(a_lone_thread_pays_for_its_messages),
        CASE(threads_share_a_ranks_tasks),
        CASE(tasks_of_one_affinity_run_one_after_the_other),
        CASE(results_are_freed_at_their_last_use),
        CASE(constants_count_where_they_are_used),
        CASE(threads_may_each_need_what_one_needs),
        CASE(senders_may_be_ahead),
        CASE(needs_count_while_tasks_run),
        CASE(kept_results_stay),
        CASE(tasks_that_are_not_needed_cost_nothing),
        CASE(unknown_seconds_are_counted_and_guessed),
        CASE(a_constant_alone_needs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
