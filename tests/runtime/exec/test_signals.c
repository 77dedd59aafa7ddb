/* SPDX-License-Identifier: BSD-3-Clause */
/* A program's own handlers of signals are there again when tg_run has returned. */
#include <signal.h>

#include "check.h"

static const int caught[] = {SIGTERM, SIGUSR1, SIGINT};
enum { NCAUGHT = sizeof caught / sizeof *caught };

static void own(int number)
{
    (void)number;
}

static tg_status handlers_are_the_run_s(tg_ctx *ctx, int argc, char **argv)
{
    struct sigaction now;

    (void)ctx;
    (void)argc;
    (void)argv;
    for (int i = 0; i < NCAUGHT; i++) {
        TEST_EQUAL(sigaction(caught[i], NULL, &now), 0);
        TEST_CHECK(now.sa_handler != own);
    }
    return TG_OK;
}

int main(int argc, char **argv)
{
    struct sigaction mine = {.sa_handler = own}, now;
    int code;

    for (int i = 0; i < NCAUGHT; i++)
        sigaction(caught[i], &mine, NULL);
    code = tg_run(argc, argv, handlers_are_the_run_s, NULL);
    for (int i = 0; i < NCAUGHT; i++)
        if (sigaction(caught[i], NULL, &now) != 0 || now.sa_handler != own)
            code = 1;
    return code;
}

//TEST np=1,3
