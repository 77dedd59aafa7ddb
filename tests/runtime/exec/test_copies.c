/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TEGULA_HOSTILE: a task sees copies of its inputs, its scratch memory is full of garbage, and a
 * task that writes into an input fails. The program starts itself again with such a task, with and
 * without the variable.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static tg_status one(tg_task *task)
{
    int *y = tg_task_output(task, sizeof *y);

    *y = 1;
    return TG_OK;
}

/* Adds one to its input, in place, which is not allowed. */
static tg_status spoil(tg_task *task)
{
    int *x, *y = tg_task_output(task, sizeof *y);
    const void *input = tg_task_input(task, 0, NULL);

    memcpy(&x, &input, sizeof x);
    *y = ++*x;
    return TG_OK;
}

/* Is there garbage in its scratch memory, and is its input whole? */
static tg_status look(tg_task *task)
{
    const int *x = tg_task_input(task, 0, NULL);
    const unsigned char *scratch = tg_task_scratch(task, 100);
    int *y = tg_task_output(task, sizeof *y);

    *y = *x == 1 && scratch[0] == 0xa5 && scratch[99] == 0xa5;
    return TG_OK;
}

static tg_status spoil_an_input(tg_ctx *ctx, int argc, char **argv)
{
    int y = 0;

    (void)argc;
    (void)argv;
    return tg_compute(ctx, tg_delay(ctx, spoil, tg_delay(ctx, one)), &y, sizeof y);
}

static tg_status look_around(tg_ctx *ctx, int argc, char **argv)
{
    int y = 0;

    (void)argc;
    (void)argv;
    TEST_OK(tg_compute(ctx, tg_delay(ctx, look, tg_delay(ctx, one)), &y, sizeof y));
    TEST_EQUAL(y, 1);
    return TG_OK;
}

/* The exit status of this program with an argument. */
static int start_again(const char *program, const char *argument)
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0) {
        execl(program, program, argument, (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
    int friendly, hostile, looked;

    if (argc > 1)
        return tg_run(argc, argv, strcmp(argv[1], "look") ? spoil_an_input : look_around, NULL);
    unsetenv("TEGULA_HOSTILE");
    friendly = start_again(argv[0], "spoil");
    setenv("TEGULA_HOSTILE", "1", 1);
    hostile = start_again(argv[0], "spoil");
    looked = start_again(argv[0], "look");
    if (friendly != EXIT_SUCCESS || hostile != EXIT_FAILURE || looked != EXIT_SUCCESS) {
        fprintf(stderr, "exit status %d in a friendly store, %d in a hostile one, %d looking\n",
                friendly, hostile, looked);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

//TEST
