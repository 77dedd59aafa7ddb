/* SPDX-License-Identifier: BSD-3-Clause */
/* The README's second program: delayed functions, against the installed library. */
#include <stdio.h>
#include <unistd.h>
#include <tegula/tegula.h>

static tg_status inc(tg_task *t) /* a task: inputs in, one output out */
{
    const int *x = tg_task_input(t, 0, NULL);
    int *y = tg_task_output(t, sizeof *y);

    sleep(1);
    *y = *x + 1;
    return TG_OK;
}

static tg_status add(tg_task *t)
{
    const int *x = tg_task_input(t, 0, NULL);
    const int *y = tg_task_input(t, 1, NULL);
    int *z = tg_task_output(t, sizeof *z);

    sleep(1);
    *z = *x + *y;
    return TG_OK;
}

static tg_status lesson(tg_ctx *ctx, int argc, char **argv)
{
    int z = 0;
    tg_delayed *x1 = tg_delay(ctx, inc, tg_value(ctx, int, 1));
    tg_delayed *x2 = tg_delay(ctx, inc, tg_value(ctx, int, 2));
    tg_delayed *sum = tg_delay(ctx, add, x1, x2); /* nothing has run yet */

    tg_status status = tg_compute(ctx, sum, &z, sizeof z); /* x1 and x2 run side by side */

    (void)argc;
    (void)argv;
    if (status == TG_OK)
        printf("%d\n", z);
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, lesson, NULL);
}
