/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Futures and sleeping tasks, beside what they cannot be faster than, in one run:
 *
 *     mpirun -n 2 build/bin/bench_futures --case round-trip
 *     mpirun --oversubscribe -n 64 build/bin/bench_futures --case sleep
 *
 *     case=round-trip ours_us= mpi_us= ratio=    tg_submit of an increment and tg_gather of its
 *                                                result, beside 4 bytes to the last rank and back
 *     case=sleep ours_s= limit_s= ratio=         640 tasks of 50 ms, beside their time over ranks
 *
 * Figures are medians: of the trips, and of three computations.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mpi.h>

#include <tegula/tegula.h>

#include "wanted.h"

enum { TRIPS = 2000, WARM = 200, TASKS = 640, RUNS = 3 };

static const double nap = 50e-3;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    return values[n / 2];
}

static tg_status inc(tg_task *task)
{
    const int *x = tg_task_input(task, 0, NULL);
    int *y = tg_task_output(task, sizeof *y);

    if (!y)
        return TG_ENOMEM;
    *y = *x + 1;
    return TG_OK;
}

static tg_status trip(tg_ctx *ctx, int i, double *seconds)
{
    tg_status status = TG_OK;
    const double begin = now();
    int y = 0;
    tg_delayed *future = tg_submit(ctx, inc, tg_value(ctx, int, i));

    TG_TRY(tg_gather(future, &y, sizeof y));
    *seconds = now() - begin;
    TG_NEED(y == i + 1, TG_EINTERNAL, "%d + 1 came out as %d", i, y);
    TG_TRY(tg_release(ctx, future));
out:
    return status;
}

static double mpi_us; /* measured before tg_run, which hands nothing through */

static tg_status round_trips(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    static double seconds[TRIPS];
    double ours;

    for (int i = 0; i < WARM + TRIPS; i++)
        TG_TRY(trip(ctx, i, &seconds[i < WARM ? 0 : i - WARM]));
    ours = 1e6 * median(seconds, TRIPS);
    printf("case=round-trip ours_us=%.2f mpi_us=%.2f ratio=%.2f trips=%d\n", ours, mpi_us,
           ours / mpi_us, TRIPS);
out:
    return status;
}

/* A number to the last rank and back, in microseconds; on one rank to itself. */
static double plain_trip(void)
{
    static double seconds[TRIPS];
    int rank, nranks, x = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &nranks);
    for (int i = 0; i < TRIPS; i++) {
        const double begin = now();

        if (nranks == 1) {
            MPI_Sendrecv_replace(&x, 1, MPI_INT, 0, 0, 0, 0, MPI_COMM_SELF, MPI_STATUS_IGNORE);
        } else if (rank == 0) {
            MPI_Send(&x, 1, MPI_INT, nranks - 1, 0, MPI_COMM_WORLD);
            MPI_Recv(&x, 1, MPI_INT, nranks - 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        } else if (rank == nranks - 1) {
            MPI_Recv(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            MPI_Send(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
        }
        seconds[i] = now() - begin;
    }
    return 1e6 * median(seconds, TRIPS);
}

static tg_status sleep_a_little(tg_task *task)
{
    const int *number = tg_task_params(task, NULL);
    int *out = tg_task_output(task, sizeof *out);

    if (!out)
        return TG_ENOMEM;
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * nap)}, NULL);
    *out = *number;
    return TG_OK;
}

static tg_status add(tg_task *task)
{
    int64_t *sum = tg_task_output(task, sizeof *sum);

    if (!sum)
        return TG_ENOMEM;
    *sum = 0;
    for (int i = 0; i < tg_task_ninputs(task); i++)
        *sum += *(const int *)tg_task_input(task, i, NULL);
    return TG_OK;
}

static tg_status sleep_once(tg_ctx *ctx, double *seconds)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    tg_bytes sum = {0};
    int64_t tasks[TASKS], target;
    double begin;

    TG_TRY(tg_graph_create(ctx, &graph));
    for (int i = 0; i < TASKS; i++)
        TG_TRY(tg_graph_add(graph,
                            &(tg_task_spec){.function = sleep_a_little,
                                            .name = "sleep",
                                            .params = &i,
                                            .params_size = sizeof i,
                                            .seconds = nap,
                                            .output_bytes = sizeof(int)},
                            &tasks[i]));
    TG_TRY(tg_graph_add(graph,
                        &(tg_task_spec){.function = add,
                                        .name = "add",
                                        .inputs = tasks,
                                        .ninputs = TASKS,
                                        .output_bytes = sizeof(int64_t)},
                        &target));
    begin = now();
    TG_TRY(tg_graph_compute(ctx, graph, &target, 1, &sum));
    *seconds = now() - begin;
    TG_NEED(*(const int64_t *)sum.data == TASKS * (TASKS - 1) / 2, TG_EINTERNAL,
            "the tasks' numbers add up to %lld", (long long)*(const int64_t *)sum.data);
out:
    tg_bytes_free(&sum);
    tg_graph_destroy(&graph);
    return status;
}

static tg_status sleep_all(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    double seconds[RUNS], ours, limit;

    for (int i = 0; i < RUNS; i++)
        TG_TRY(sleep_once(ctx, &seconds[i]));
    ours = median(seconds, RUNS);
    limit = nap * TASKS / tg_nranks(ctx);
    printf("case=sleep ours_s=%.3f limit_s=%.3f ratio=%.3f ranks=%d\n", ours, limit, ours / limit,
           tg_nranks(ctx));
out:
    return status;
}

static const struct bench_case {
    const char *name;
    tg_status (*run)(tg_ctx *ctx);
} cases[] = {{"round-trip", round_trips}, {"sleep", sleep_all}};
enum { NCASES = sizeof cases / sizeof *cases };

static char wanted[256]; /* names with commas; "": all. On rank 0 alone */

static tg_status lead(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    int known = 0;

    TG_NEED(argc == 1, TG_EUSAGE, "bench_futures takes options only, not '%s'", argv[1]);
    for (int i = 0; i < NCASES; i++)
        if (bench_wants(wanted, cases[i].name)) {
            known++;
            TG_TRY(cases[i].run(ctx));
        }
    TG_NEED(known, TG_EUSAGE, "--case %s: there are round-trip and sleep", wanted);
out:
    return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)state;
    if (key != 'c')
        return ARGP_ERR_UNKNOWN;
    snprintf(wanted, sizeof wanted, "%s", arg);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"case", 'c', "A,B", 0, "Only these of round-trip, sleep", 0}, {0}};
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "What futures and sleeping tasks cost, beside plain MPI and the ranks' number."};
    int provided, code;

    setenv("TEGULA_PROGRESS", "none", 0);
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    mpi_us = plain_trip();
    code = tg_run(argc, argv, lead, &(tg_app){.argp = &argp});
    MPI_Finalize();
    return code;
}
