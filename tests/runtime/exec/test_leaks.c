/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TEGULA_CHECK_LEAKS, which all tests run under: a program that leaves a result behind fails, with
 * a sentence. The program starts itself again: with a leak, and with the same one unchecked.
 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "exec/task.h"

static tg_status keep_a_buffer(tg_task *task)
{
    int *y = tg_task_output(task, sizeof *y);

    *y = tg_store_get(task->store, 100) ? 1 : 0; /* which nobody gives up */
    return TG_OK;
}

static tg_status leak(tg_ctx *ctx, int argc, char **argv)
{
    int y = 0;

    (void)argc;
    (void)argv;
    TEST_OK(tg_compute(ctx, tg_delay_call(ctx, "leak", keep_a_buffer, NULL, 0), &y, sizeof y));
    TEST_EQUAL(y, 1);
    return TG_OK;
}

/* The exit status of this program with an argument. */
static int start_again(const char *program)
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0) {
        execl(program, program, "leak", (char *)NULL);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
    int without, with;

    if (argc > 1)
        return tg_run(argc, argv, leak, NULL);
    unsetenv("TEGULA_CHECK_LEAKS");
    without = start_again(argv[0]);
    setenv("TEGULA_CHECK_LEAKS", "1", 1);
    with = start_again(argv[0]);
    if (without != EXIT_SUCCESS || with != EXIT_FAILURE) {
        fprintf(stderr, "exit status %d without TEGULA_CHECK_LEAKS, %d with it\n", without, with);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

//TEST
