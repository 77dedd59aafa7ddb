/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stands in for tsnr_app where a test is about the job script alone: tsnr_app MODE -o FILE.
 *
 *   wait   the first attempt waits for the warning on every rank and ends with 75 ("interrupted,
 *          can be resumed"); a later one writes FILE and ends with 0
 *   fail   ends with 3
 */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INTERRUPTED = 75, FAILED = 3, PATIENCE_MS = 120000, STEP_MS = 10 };

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

static int wait_for_warning(int rank)
{
    char host[64];

    signal(SIGUSR1, on_signal);
    gethostname(host, sizeof host);
    printf("rank %d waits on %s\n", rank, host);
    for (int ms = 0; !caught && ms < PATIENCE_MS; ms += STEP_MS)
        usleep(STEP_MS * 1000);
    printf("rank %d on %s has %s\n", rank, host, caught == SIGUSR1 ? "USR1" : "no signal");
    return caught == SIGUSR1 ? INTERRUPTED : EXIT_FAILURE;
}

static int finish(int rank, const char *path)
{
    FILE *file;

    if (rank != 0)
        return EXIT_SUCCESS;
    file = fopen(path, "w");
    if (!file)
        return EXIT_FAILURE;
    fputs("whole\n", file);
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int rank = 0;
    int status = FAILED;

    setvbuf(stdout, NULL, _IOLBF, 0);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (argc == 4 && strcmp(argv[1], "wait") == 0)
        status = getenv("SLURM_RESTART_COUNT") ? finish(rank, argv[3]) : wait_for_warning(rank);
    MPI_Finalize();
    return status;
}
