/* SPDX-License-Identifier: BSD-3-Clause */
/* What a running task can ask for: scratch, the rank's own objects, counters; retries; static
 * objects found on every rank; tasks for rank 0. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

static tg_status use_scratch(tg_task *t)
{
    const int64_t *n = tg_task_params(t, NULL);
    unsigned char *a = tg_task_scratch(t, (size_t)*n), *b = tg_task_scratch(t, (size_t)*n);
    int64_t *out = tg_task_output(t, sizeof *out);

    if (!a || !b || (uintptr_t)a % 64 || (uintptr_t)b % 64)
        return tg_fail(TG_EINTERNAL, "scratch at %p and %p", (void *)a, (void *)b);
    memset(a, 1, (size_t)*n);
    memset(b, 2, (size_t)*n);
    *out = 0;
    for (int64_t i = 0; i < *n; i++)
        *out += a[i];
    return TG_OK;
}

static tg_status want_too_much(tg_task *t)
{
    (void)tg_task_output(t, (size_t)1 << 60);
    return TG_OK; /* fails all the same */
}

static tg_status output_twice(tg_task *t)
{
    (void)tg_task_output(t, 8);
    (void)tg_task_output(t, 8);
    return TG_OK;
}

/* The rank's own counter. */
static tg_status make_counter(void **out)
{
    *out = calloc(1, sizeof(int64_t));
    return *out ? TG_OK : TG_ENOMEM;
}

static const tg_local counter = {"counter", make_counter, free};

/* Fails the first two times on any rank. */
static tg_status fail_twice(tg_task *t)
{
    int64_t *calls, *out;
    tg_status status;

    status = tg_task_local(t, &counter, (void **)&calls);
    if (status != TG_OK)
        return status;
    if (++*calls <= 2)
        return tg_fail(TG_EIO, "call %d fails", (int)*calls);
    out = tg_task_output(t, sizeof *out);
    *out = *calls;
    return TG_OK;
}

static tg_status rank_of(tg_task *t)
{
    int *out = tg_task_output(t, sizeof *out);

    *out = tg_task_rank(t);
    return TG_OK;
}

static const char *const words[] = {"zero", "one", "two"};

static tg_status spell(tg_task *t)
{
    const tg_reference *where = tg_task_params(t, NULL);
    const char *const *word = tg_task_resolve(t, *where);
    char *out = tg_task_output(t, 8);

    snprintf(out, 8, "%s", *word);
    return TG_OK;
}

static tg_delayed *with_number(tg_ctx *ctx, tg_function *function, int64_t number, unsigned flags)
{
    return tg_delay_spec(ctx,
                         &(tg_task_spec){.function = function,
                                         .name = "task",
                                         .params = &number,
                                         .params_size = sizeof number,
                                         .flags = flags},
                         NULL, 0);
}

static tg_status scratch_grows(tg_ctx *ctx)
{
    static const int64_t sizes[] = {0, 1, 64, 1 << 20, 100, 3 << 20, 3 << 20};

    for (int i = 0; i < 7; i++) {
        int64_t sum = -1;

        TEST_OK(tg_compute(ctx, with_number(ctx, use_scratch, sizes[i], 0), &sum, sizeof sum));
        TEST_EQUAL(sum, sizes[i]);
    }
    return TG_OK;
}

static tg_status memory_that_is_not_there_fails_the_task(tg_ctx *ctx)
{
    TEST_FAILS(tg_compute(ctx, tg_delay(ctx, want_too_much), NULL, 0), TG_ETASK, "out of memory");
    TEST_FAILS(tg_compute(ctx, tg_delay(ctx, output_twice), NULL, 0), TG_ETASK, "twice");
    return TG_OK;
}

static tg_status root_tasks_run_on_rank_0(tg_ctx *ctx)
{
    for (int64_t i = 0; i < 5; i++) {
        int rank = -1;

        TEST_OK(tg_compute(ctx, with_number(ctx, rank_of, i, TG_TASK_ROOT), &rank, sizeof rank));
        TEST_EQUAL(rank, 0);
    }
    return TG_OK;
}

static tg_status references_are_found_on_every_rank(tg_ctx *ctx)
{
    for (int i = 0; i < 3; i++) {
        tg_reference where;
        tg_delayed *call;
        char word[8];

        TEST_OK(tg_reference_make(ctx, &words[i], &where));
        call = tg_delay_spec(
            ctx, &(tg_task_spec){.function = spell, .params = &where, .params_size = sizeof where},
            NULL, 0);
        TEST_OK(tg_compute(ctx, call, word, sizeof word));
        TEST_CHECK(strcmp(word, words[i]) == 0);
    }
    TEST_FAILS(tg_reference_make(ctx, &(int){0}, &(tg_reference){0}), TG_EARG, "no loaded file");
    return TG_OK;
}

/* With --retries 2 a task that fails twice succeeds; the counter is the rank's, so only one rank's
 * counter is known to be fresh: the root's. */
static tg_status failed_tasks_are_run_again(tg_ctx *ctx)
{
    int64_t calls = 0;

    TEST_OK(tg_compute(ctx, with_number(ctx, fail_twice, 0, TG_TASK_ROOT), &calls, sizeof calls));
    TEST_EQUAL(calls, 3);
    return TG_OK;
}

static tg_status without_retries_they_fail(tg_ctx *ctx)
{
    TEST_FAILS(tg_compute(ctx, with_number(ctx, fail_twice, 1, TG_TASK_ROOT), NULL, 0), TG_ETASK,
               "call 1 fails");
    return TG_OK;
}

static tg_status all(tg_ctx *ctx, int argc, char **argv)
{
    TEST_OK(scratch_grows(ctx));
    TEST_OK(memory_that_is_not_there_fails_the_task(ctx));
    TEST_OK(root_tasks_run_on_rank_0(ctx));
    TEST_OK(references_are_found_on_every_rank(ctx));
    if (argc > 1 && strcmp(argv[1], "retried") == 0)
        TEST_OK(failed_tasks_are_run_again(ctx));
    else
        TEST_OK(without_retries_they_fail(ctx));
    printf("tasks get what they ask for\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, all, NULL);
}

//TEST np=1,2,3,4,8 expect="tasks get what they ask for"
//TEST np=1,3 name=retries args="--retries 2 retried" expect="tasks get what they ask for"
//TEST np=2 name=threads args="--threads 2" expect="tasks get what they ask for"
