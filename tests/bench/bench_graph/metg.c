/* SPDX-License-Identifier: BSD-3-Clause */
/* See metg.h. */
#include "bench_graph/metg.h"

#include <math.h>
#include <stdio.h>

#include <mpi.h>

#include "bench_graph/system.h"

enum { MOST = 1 << 12 /* iterations */, TRIES = 5 };

/* One size. */
typedef struct point {
    uint32_t iterations;
    double task;       /* seconds a task takes on its rank */
    double efficiency; /* part of it that the kernel alone would take */
} point;

static tg_status measure(metg *m, uint32_t iterations, point *out)
{
    tg_status status = TG_OK;
    double best = INFINITY;

    for (int i = 0; i < m->repeat; i++) {
        double seconds;

        TG_TRY(m->measure(m->self, iterations, &seconds));
        best = fmin(best, seconds);
    }
    out->iterations = iterations;
    out->task = best / m->ntasks;
    out->efficiency = iterations / (out->task * m->peak);
    if (m->name)
        fprintf(stderr, "# %s iterations=%u task_us=%.3f efficiency=%.3f\n", m->name, iterations,
                1e6 * out->task, out->efficiency);
out:
    return status;
}

/* Where the efficiency is a half, on a line over the logarithm of the task's time. */
static double crossing(const point *above, const point *below)
{
    const double part = (0.5 - below->efficiency) / (above->efficiency - below->efficiency);

    return exp(log(below->task) + part * (log(above->task) - log(below->task)));
}

tg_status metg_sweep(metg *m, double *seconds)
{
    tg_status status = TG_OK;
    point above = {0}, below = {0};

    TG_TRY(measure(m, m->first, &above));
    while (above.efficiency < 0.5 && above.iterations < MOST) {
        below = above;
        TG_TRY(measure(m, 2 * below.iterations, &above));
    }
    *seconds = INFINITY;
    if (above.efficiency < 0.5)
        goto out;
    while (below.efficiency >= 0.5 || below.iterations == 0) {
        TG_TRY(measure(m, above.iterations / 2, &below));
        if (below.efficiency >= 0.5)
            above = below;
    }
    *seconds = crossing(&above, &below);
    m->first = above.iterations;
out:
    return status;
}

double metg_peak(const workload *w, void *scratch)
{
    workload its = *w;
    double best = 0;

    its.iterations = 1 << (w->kernel == MEMORY ? 14 : 17);
    for (int i = 0; i < TRIES; i++) {
        double start, rate;

        MPI_Barrier(MPI_COMM_WORLD);
        start = bench_now();
        workload_kernel(&its, 0, scratch);
        rate = its.iterations / (bench_now() - start);
        best = fmax(best, rate);
    }
    MPI_Allreduce(MPI_IN_PLACE, &best, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return best;
}
