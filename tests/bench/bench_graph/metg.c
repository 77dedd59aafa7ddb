/* SPDX-License-Identifier: BSD-3-Clause */
/* See metg.h. */
#include "bench_graph/metg.h"

#include <math.h>
#include <stdio.h>

#include "bench_graph/system.h"

enum { MOST = 1 << 17 /* iterations */, TRIES = 3 };

/* Seconds after which a size is not repeated: where others use the machine, tasks must be long. */
static const double LONGEST = 0.5;

/* One size. */
typedef struct point {
    uint32_t iterations;
    double task;       /* seconds a task takes on its rank */
    double efficiency; /* part of it that the kernel alone would take */
} point;

static tg_status measure(metg *m, uint32_t iterations, point *out)
{
    tg_status status = TG_OK;
    double spent = 0;

    *out = (point){.iterations = iterations};
    for (int i = 0; i < m->repeat && spent < LONGEST; i++) {
        double seconds, rate;

        TG_TRY(m->measure(m->self, iterations, &seconds, &rate));
        m->rate = fmax(m->rate, rate);
        spent += seconds;
        if (iterations * m->ntasks / (seconds * rate) <= out->efficiency)
            continue;
        out->task = seconds / m->ntasks;
        out->efficiency = iterations / (out->task * rate);
    }
    if (m->name)
        fprintf(stderr, "# %s iterations=%u task_us=%.3f efficiency=%.3f\n", m->name, iterations,
                1e6 * out->task, out->efficiency);
out:
    return status;
}

/* Where the efficiency is a half, on a line over the logarithm of the iterations. */
static double crossing(const point *above, const point *below)
{
    const double part = (0.5 - below->efficiency) / (above->efficiency - below->efficiency);

    return exp(log(below->iterations) + part * (log(above->iterations) - log(below->iterations)));
}

tg_status metg_sweep(metg *m, double *iterations)
{
    tg_status status = TG_OK;
    point above = {0}, below = {0};

    TG_TRY(measure(m, m->first, &above));
    while (above.efficiency < 0.5 && above.iterations < MOST) {
        below = above;
        TG_TRY(measure(m, 2 * below.iterations, &above));
    }
    *iterations = INFINITY;
    if (above.efficiency < 0.5)
        goto out;
    while (below.efficiency >= 0.5 || below.iterations == 0) {
        TG_TRY(measure(m, above.iterations / 2, &below));
        if (below.efficiency >= 0.5)
            above = below;
    }
    *iterations = crossing(&above, &below);
    m->first = above.iterations;
out:
    return status;
}

double metg_rate(const workload *w, void *scratch)
{
    workload its = *w;
    double best = 0;

    its.iterations = 1 << (w->kernel == MEMORY ? 9 : 12);
    for (int i = 0; i < TRIES; i++) {
        const double start = bench_now();

        workload_kernel(&its, 0, scratch);
        best = fmax(best, its.iterations / (bench_now() - start));
    }
    return best;
}
