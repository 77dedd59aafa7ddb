/* SPDX-License-Identifier: BSD-3-Clause */
/* Futures: started now, waited for later, kept on their ranks, used by later work. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "exec/context.h"

static tg_status inc(tg_task *t)
{
    const int *x = tg_task_input(t, 0, NULL);
    int *y = tg_task_output(t, sizeof *y);

    tg_task_count(t, TG_BYTES_READ, 1); /* counts calls */
    *y = *x + 1;
    return TG_OK;
}

static tg_status slow_inc(tg_task *t)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000L}, NULL);
    return inc(t);
}

static tg_status add(tg_task *t)
{
    int *out = tg_task_output(t, sizeof *out);

    *out = 0;
    for (int i = 0; i < tg_task_ninputs(t); i++)
        *out += *(const int *)tg_task_input(t, i, NULL);
    return TG_OK;
}

static tg_status refuse(tg_task *t)
{
    return tg_fail(TG_EARG, "%d is refused", *(const int *)tg_task_input(t, 0, NULL));
}

static tg_status fill(tg_task *t)
{
    const size_t size = *(const size_t *)tg_task_input(t, 0, NULL);

    memset(tg_task_output(t, size), 7, size);
    return TG_OK;
}

static int64_t calls(const tg_ctx *ctx)
{
    return tg_counted(ctx, TG_BYTES_READ);
}

static tg_status the_lesson_is_gathered_in_order(tg_ctx *ctx)
{
    tg_delayed *inputs[8], *futures[8];

    for (int i = 0; i < 8; i++)
        inputs[i] = tg_value(ctx, int, i + 1);
    TEST_OK(tg_map(ctx, "inc", slow_inc, inputs, 8, futures));
    for (int i = 0; i < 8; i++) {
        int y = 0;

        TEST_OK(tg_gather_future(futures[i], &y, sizeof y));
        TEST_EQUAL(y, i + 2);
        TEST_OK(tg_release(ctx, futures[i]));
    }
    return TG_OK;
}

static tg_status a_future_is_an_input_of_later_work(tg_ctx *ctx)
{
    int z = 0;
    tg_delayed *a = tg_submit(ctx, slow_inc, tg_value(ctx, int, 100));
    tg_delayed *b = tg_submit(ctx, slow_inc, a);
    tg_delayed *c = tg_submit(ctx, slow_inc, b);

    TEST_OK(tg_compute(ctx, tg_delay(ctx, add, a, b, c), &z, sizeof z));
    TEST_EQUAL(z, 101 + 102 + 103);
    TEST_OK(tg_wait(ctx, a)); /* results may be here before all ranks have reported */
    TEST_OK(tg_wait(ctx, b));
    TEST_OK(tg_wait(ctx, c));
    return TG_OK;
}

static tg_status a_kept_result_is_not_computed_again(tg_ctx *ctx)
{
    int y = 0;
    tg_delayed *x = tg_delay(ctx, inc, tg_value(ctx, int, 500));
    tg_delayed *same = tg_delay(ctx, inc, tg_value(ctx, int, 500));
    int64_t before;

    TEST_OK(tg_persist_all(ctx, &x, 1));
    TEST_OK(tg_wait(ctx, x));
    before = calls(ctx);
    TEST_OK(tg_compute(ctx, tg_delay(ctx, add, x, same), &y, sizeof y));
    TEST_EQUAL(y, 1002);
    TEST_EQUAL(calls(ctx), before);
    TEST_OK(tg_release(ctx, x));
    TEST_OK(tg_compute(ctx, x, &y, sizeof y));
    TEST_EQUAL(calls(ctx), before + 1);
    TEST_FAILS(tg_wait(ctx, x), TG_EARG, "not a future");
    return TG_OK;
}

static tg_status impure_futures_keep_their_own_result(tg_ctx *ctx)
{
    const tg_task_spec spec = {.function = inc, .name = "inc", .flags = TG_TASK_IMPURE};
    tg_delayed *one = tg_value(ctx, int, 1);
    tg_delayed *x = tg_delay_spec(ctx, &spec, &one, 1), *y = tg_delay_spec(ctx, &spec, &one, 1);
    int64_t before;
    int z = 0;

    TEST_OK(tg_persist_all(ctx, &x, 1));
    TEST_OK(tg_wait(ctx, x));
    before = calls(ctx);
    TEST_OK(tg_compute(ctx, tg_delay(ctx, add, x, y), &z, sizeof z));
    TEST_EQUAL(z, 4);
    TEST_EQUAL(calls(ctx), before + 1);
    return TG_OK;
}

static tg_status futures_come_as_completed(tg_ctx *ctx)
{
    tg_delayed *futures[6];
    int count = 6, sum = 0;

    for (int i = 0; i < 6; i++)
        futures[i] = tg_submit(ctx, slow_inc, tg_value(ctx, int, 1000 + i));
    while (count > 0) {
        tg_delayed *next = NULL;
        int y = 0;

        TEST_OK(tg_as_completed(ctx, futures, &count, &next));
        TEST_CHECK(tg_is_done(ctx, next));
        TEST_OK(tg_compute(ctx, next, &y, sizeof y));
        sum += y;
    }
    TEST_EQUAL(sum, 6 * 1001 + 15);
    TEST_FAILS(tg_as_completed(ctx, futures, &count, &futures[0]), TG_EARG, "no futures");
    return TG_OK;
}

/* On another rank than 0 a call waits, 20 s at most, for the file that its input may name. Its
 * result: 0: the file did not come; 1: it did not wait; 2: it did. */
static tg_status wait_for_file(tg_task *t)
{
    const char *path = tg_task_input(t, 0, NULL);
    int *waited = tg_task_output(t, sizeof *waited);

    *waited = tg_task_rank(t) == 0 || *path != '/';
    for (int i = 0; i < 20000 && !*waited; i++) {
        *waited = access(path, F_OK) == 0 ? 2 : 0;
        nanosleep(&(struct timespec){.tv_nsec = 1000000L}, NULL);
    }
    return TG_OK;
}

/* Of those submitted together the first comes while one of them waits for it. */
static tg_status mapped_futures_come_one_by_one(tg_ctx *ctx)
{
    enum { N = 24 };
    char path[64];
    tg_delayed *inputs[N], *futures[N];
    int count = N, waited = 0;

    snprintf(path, sizeof path, "/tmp/tegula-futures-%d", (int)getpid());
    inputs[0] = tg_value_bytes(ctx, path, sizeof path);
    for (int i = 1; i < N; i++)
        inputs[i] = tg_value_bytes(ctx, &i, sizeof i);
    TEST_OK(tg_map(ctx, "wait_for_file", wait_for_file, inputs, N, futures));
    while (count > 0) {
        tg_delayed *next = NULL;

        TEST_OK(tg_as_completed(ctx, futures, &count, &next));
        if (count == N - 1)
            fclose(fopen(path, "w"));
        TEST_OK(tg_gather_future(next, &waited, sizeof waited));
        TEST_CHECK(waited > 0);
    }
    TEST_EQUAL(remove(path), 0);
    return TG_OK;
}

/* Of futures submitted together, those that need a failed one fail, and say why; others do not. */
static tg_status one_of_several_fails(tg_ctx *ctx)
{
    enum { N = 40 };
    tg_delayed *node[2 * N], *bad;
    int z = 0;

    for (int i = 0; i < N; i++) {
        node[2 * i] = i == 7 ? tg_delay(ctx, refuse, tg_value(ctx, int, 7))
                             : tg_delay(ctx, inc, tg_value(ctx, int, 700 + i));
        node[2 * i + 1] = tg_delay(ctx, slow_inc, node[2 * i]);
    }
    TEST_OK(tg_persist_all(ctx, node, 2 * N));
    for (int i = 0; i < 2 * N; i++)
        if (i / 2 == 7) {
            TEST_FAILS(tg_wait(ctx, node[i]), TG_ETASK, "7 is refused");
            TEST_FAILS(tg_gather_future(node[i], &z, sizeof z), TG_ETASK, "7 is refused");
        } else {
            TEST_OK(tg_wait(ctx, node[i]));
            TEST_OK(tg_gather_future(node[i], &z, sizeof z));
            TEST_EQUAL(z, 701 + i / 2 + i % 2);
        }
    bad = tg_delay(ctx, add, node[15], node[15]);
    TEST_FAILS(tg_compute(ctx, bad, &z, sizeof z), TG_ETASK, "7 is refused");
    return TG_OK;
}

static tg_status a_failed_future_fails_what_uses_it(tg_ctx *ctx)
{
    int z = 0;
    tg_delayed *bad = tg_submit(ctx, refuse, tg_value(ctx, int, 13));
    tg_delayed *after = tg_submit(ctx, inc, bad);

    TEST_FAILS(tg_compute(ctx, tg_delay(ctx, add, bad), &z, sizeof z), TG_ETASK, "13 is refused");
    TEST_FAILS(tg_wait(ctx, bad), TG_ETASK, "13 is refused");
    TEST_FAILS(tg_wait(ctx, after), TG_ETASK, "13 is refused");
    TEST_OK(tg_release(ctx, bad));
    return TG_OK;
}

static tg_status values_are_scattered(tg_ctx *ctx)
{
    enum { N = 10 };
    int numbers[N], z = 0;
    tg_bytes values[N];
    tg_delayed *futures[N];

    for (int i = 0; i < N; i++) {
        numbers[i] = i * i;
        values[i] = (tg_bytes){&numbers[i], sizeof numbers[i]};
    }
    TEST_OK(tg_scatter(ctx, values, N, futures));
    TEST_OK(tg_compute(ctx, tg_delay_call(ctx, "add", add, futures, N), &z, sizeof z));
    TEST_EQUAL(z, 285);
    return TG_OK;
}

static tg_status values_can_be_persisted(tg_ctx *ctx)
{
    int y = 0;
    tg_delayed *x = tg_value(ctx, int, 77);

    TEST_OK(tg_persist(ctx, x));
    TEST_OK(tg_wait(ctx, x));
    TEST_OK(tg_gather_future(x, &y, sizeof y));
    TEST_EQUAL(y, 77);
    TEST_OK(tg_release(ctx, x));
    return TG_OK;
}

static tg_status large_results_are_kept_and_moved(tg_ctx *ctx)
{
    const size_t size = 5 << 20;
    tg_delayed *x = tg_submit(ctx, fill, tg_value(ctx, size_t, size));
    tg_bytes bytes;

    for (int i = 0; i < 3; i++) {
        TEST_OK(tg_compute_bytes(ctx, x, &bytes));
        TEST_EQUAL(bytes.size, size);
        TEST_EQUAL(((const unsigned char *)bytes.data)[size - 1], 7);
        tg_bytes_free(&bytes);
    }
    TEST_OK(tg_release(ctx, x));
    return TG_OK;
}

/* A chain on one rank; all but what has started is cancelled. */
static tg_status cancelled_work_does_not_start(tg_ctx *ctx)
{
    tg_delayed *x = tg_value(ctx, int, 0);
    const int64_t before = calls(ctx);
    int z;

    for (int i = 0; i < 200; i++)
        x = tg_delay(ctx, slow_inc, x);
    TEST_OK(tg_persist_all(ctx, &x, 1));
    TEST_OK(tg_cancel(ctx, x));
    TEST_FAILS(tg_wait(ctx, x), TG_EINTERRUPTED, "cancelled");
    TEST_CHECK(calls(ctx) - before < 100);
    TEST_FAILS(tg_compute(ctx, x, &z, sizeof z), TG_EINTERRUPTED, "cancelled");
    TEST_OK(tg_release(ctx, x));
    return TG_OK;
}

/* Those that nobody cancelled go on. Rank 0 alone has started none when it cancels. */
static tg_status one_of_several_is_cancelled(tg_ctx *ctx)
{
    enum { N = 12 };
    tg_delayed *inputs[N], *futures[N];
    tg_status status;
    int z;

    for (int i = 0; i < N; i++)
        inputs[i] = tg_value(ctx, int, 8000 + i);
    TEST_OK(tg_map(ctx, "slow_inc", slow_inc, inputs, N, futures));
    TEST_OK(tg_cancel(ctx, futures[N - 1]));
    TEST_OK(tg_cancel(ctx, futures[N - 1]));
    status = tg_wait(ctx, futures[N - 1]);
    TEST_CHECK(status == TG_EINTERRUPTED || (status == TG_OK && tg_nranks(ctx) > 1) ||
               tg_nthreads(ctx) > 1);
    for (int i = 0; i < N - 1; i++) {
        TEST_OK(tg_gather_future(futures[i], &z, sizeof z));
        TEST_EQUAL(z, 8001 + i);
    }
    TEST_OK(tg_cancel(ctx, futures[0])); /* it is done */
    TEST_OK(tg_wait(ctx, futures[0]));
    return TG_OK;
}

/* Runs end while tasks of others count. */
static tg_status counts_of_runs_side_by_side_add_up(tg_ctx *ctx)
{
    enum { RUNS = 200 };
    tg_delayed *future[RUNS];
    const int64_t before = calls(ctx);

    for (int i = 0; i < RUNS; i++)
        future[i] = tg_submit(ctx, inc, tg_value(ctx, int, 1000 + i));
    for (int i = RUNS; i-- > 0;) {
        TEST_OK(tg_wait(ctx, future[i]));
        TEST_OK(tg_release(ctx, future[i]));
    }
    TEST_EQUAL(calls(ctx) - before, RUNS);
    return TG_OK;
}

/* A result goes when the last of its holders has released it. */
static tg_status equal_futures_share_a_result(tg_ctx *ctx)
{
    const int64_t before = calls(ctx);
    tg_delayed *x = tg_submit(ctx, inc, tg_value(ctx, int, 5000));
    tg_delayed *same = tg_submit(ctx, inc, tg_value(ctx, int, 5000));
    int y = 0;

    TEST_OK(tg_persist(ctx, same)); /* holds it already */
    TEST_OK(tg_wait(ctx, x));
    TEST_OK(tg_release(ctx, x));
    TEST_OK(tg_compute(ctx, x, &y, sizeof y));
    TEST_EQUAL(y, 5001);
    TEST_OK(tg_wait(ctx, same));
    TEST_EQUAL(calls(ctx) - before, 1);
    TEST_OK(tg_release(ctx, same));
    TEST_OK(tg_compute(ctx, x, &y, sizeof y));
    TEST_EQUAL(calls(ctx) - before, 2);
    TEST_FAILS(tg_release(ctx, same), TG_EARG, "not a future");
    return TG_OK;
}

/* What libraries use: results of a graph by number, a constant among them. */
static tg_status results_of_a_graph_are_kept(tg_ctx *ctx)
{
    const int64_t before = calls(ctx);
    tg_graph *graph = NULL;
    int64_t tasks[2], kept[2], sum;
    tg_bytes result = {0};

    TEST_OK(tg_graph_create(ctx, &graph));
    TEST_OK(tg_graph_value(graph, &(int){6000}, sizeof(int), &tasks[0]));
    TEST_OK(tg_graph_add(graph, &(tg_task_spec){.function = inc, .inputs = &tasks[0], .ninputs = 1},
                         &tasks[1]));
    TEST_OK(tg_graph_persist(ctx, graph, tasks, 2, kept));
    tg_graph_destroy(&graph);
    for (int i = 0; i < 2; i++) {
        TEST_OK(tg_graph_create(ctx, &graph));
        for (int k = 0; k < 2; k++)
            TEST_OK(tg_graph_kept(ctx, graph, kept[k], &tasks[k]));
        TEST_OK(tg_graph_add(graph, &(tg_task_spec){.function = add, .inputs = tasks, .ninputs = 2},
                             &sum));
        TEST_OK(tg_graph_compute(ctx, graph, &sum, 1, &result));
        TEST_EQUAL(*(int *)result.data, 12001);
        tg_bytes_free(&result);
        tg_graph_destroy(&graph);
    }
    TEST_OK(tg_kept_wait(ctx, kept[1]));
    TEST_EQUAL(calls(ctx) - before, 1);
    for (int k = 0; k < 2; k++)
        TEST_OK(tg_kept_release(ctx, kept[k]));
    TEST_OK(tg_graph_create(ctx, &graph));
    TEST_FAILS(tg_graph_kept(ctx, graph, kept[1], &sum), TG_EARG, "was released");
    tg_graph_destroy(&graph);
    return TG_OK;
}

static tg_status count_sevens(tg_task *t)
{
    size_t size = 0;
    const unsigned char *x = tg_task_input(t, 0, &size);
    int64_t *out = tg_task_output(t, sizeof *out);

    *out = 0;
    for (size_t i = 0; i < size; i++)
        *out += x[i] == 7;
    return TG_OK;
}

/* What uses kept results runs where they are. */
static tg_status work_goes_to_what_is_kept(tg_ctx *ctx)
{
    enum { N = 12, SIZE = 1 << 17 };
    tg_delayed *box[N], *sum[N];
    int64_t got[N];
    tg_target targets[N];
    const int64_t taken = ctx->total.taken;
    int64_t bytes;

    for (int i = 0; i < N; i++) {
        box[i] = tg_value(ctx, size_t, SIZE + (size_t)i);
        box[i] = tg_delay_spec(
            ctx, &(tg_task_spec){.function = fill, .name = "fill", .output_bytes = SIZE}, &box[i],
            1);
        sum[i] = tg_delay(ctx, count_sevens, box[i]);
        targets[i] = (tg_target){sum[i], &got[i], sizeof got[i]};
    }
    TEST_OK(tg_persist_all(ctx, box, N));
    TEST_OK(tg_wait(ctx, box[0]));
    bytes = ctx->total.message_bytes; /* what ranks have sent so far, all told */
    TEST_OK(tg_compute_all(ctx, targets, N));
    /* An idle rank may take over a task: its input goes there. What it gives back may be told of by
     * the next run, when it had reported already. */
    bytes = ctx->total.message_bytes - bytes - (ctx->total.taken - taken) * (SIZE + N);
    TEST_CHECK(bytes < N * SIZE / 8);
    for (int i = 0; i < N; i++) {
        TEST_EQUAL(got[i], SIZE + i);
        TEST_OK(tg_release(ctx, box[i]));
    }
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(the_lesson_is_gathered_in_order(ctx));
    TEST_OK(a_future_is_an_input_of_later_work(ctx));
    TEST_OK(a_kept_result_is_not_computed_again(ctx));
    TEST_OK(impure_futures_keep_their_own_result(ctx));
    TEST_OK(futures_come_as_completed(ctx));
    TEST_OK(mapped_futures_come_one_by_one(ctx));
    TEST_OK(one_of_several_fails(ctx));
    TEST_OK(a_failed_future_fails_what_uses_it(ctx));
    TEST_OK(values_are_scattered(ctx));
    TEST_OK(values_can_be_persisted(ctx));
    TEST_OK(large_results_are_kept_and_moved(ctx));
    TEST_OK(cancelled_work_does_not_start(ctx));
    TEST_OK(one_of_several_is_cancelled(ctx));
    TEST_OK(counts_of_runs_side_by_side_add_up(ctx));
    TEST_OK(equal_futures_share_a_result(ctx));
    TEST_OK(results_of_a_graph_are_kept(ctx));
    TEST_OK(work_goes_to_what_is_kept(ctx));
    (void)tg_submit(ctx, slow_inc, tg_value(ctx, int, -1)); /* never waited for */
    printf("all futures are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,3,4,8 expect="all futures are right"
//TEST np=1,2,4 name=threads args="--threads 2" expect="all futures are right"
//TEST np=3 name=dedicated args="--scheduler dedicated" expect="all futures are right"
