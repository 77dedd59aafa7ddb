/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The minimum effective task granularity, METG(50%): the least time a task may take, overheads
 * included, at which at least half of the time goes into its kernel (Task Bench, section 4).
 */
#ifndef BENCH_METG_H
#define BENCH_METG_H

#include <tegula/status.h>

#include "bench_graph/workload.h"

/** How long all tasks take with so many iterations each, in seconds, and how many iterations a
 * second a rank that runs the kernel and nothing else has at this time: the clocks of machines
 * change from one moment to the next. */
typedef tg_status metg_measure(void *self, uint32_t iterations, double *seconds, double *rate);

typedef struct metg {
    metg_measure *measure;
    void *self;
    double ntasks;    /* a rank runs, on average */
    int repeat;       /* runs at a size, of which the most efficient counts */
    uint32_t first;   /* iterations to begin with; where the next sweep should begin on return */
    double rate;      /* the highest that was measured */
    const char *name; /* prints each size under this name; NULL: none */
} metg;

/**
 * Double the iterations until at least half of the time is the kernel's, halve them until it is
 * less; the iterations where it is half, by interpolation: a task then takes twice their time.
 * Small sizes come first, since long runs are disturbed most.
 *
 * Call:    wherever `measure` may be called; ranks that agree on the seconds agree on all steps.
 * Errors:  those of `measure`; *iterations is infinite when no size reaches half.
 */
TG_MUST_CHECK tg_status metg_sweep(metg *m, double *iterations);

/** Iterations a second of the kernel alone, on this rank, now. */
double metg_rate(const workload *w, void *scratch);

#endif
