/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The minimum effective task granularity, METG(50%): the least time a task may take, overheads
 * included, at which at least half of the time goes into its kernel (Task Bench, section 4).
 */
#ifndef BENCH_METG_H
#define BENCH_METG_H

#include <tegula/status.h>

#include "bench_graph/workload.h"

/** Seconds that all tasks take with so many iterations each. */
typedef tg_status metg_measure(void *self, uint32_t iterations, double *seconds);

typedef struct metg {
    metg_measure *measure;
    void *self;
    double peak;      /* iterations a second of one rank that runs the kernel and nothing else */
    double ntasks;    /* a rank runs, on average */
    int repeat;       /* runs at a size, of which the fastest counts */
    uint32_t first;   /* iterations to begin with; where the next sweep should begin on return */
    const char *name; /* prints each size under this name; NULL: none */
} metg;

/**
 * Double the iterations until at least half of the time is the kernel's, halve them until it is
 * less; the task's time where it is half, by interpolation. Small sizes come first, since long runs
 * are disturbed most.
 *
 * Call:    wherever `measure` may be called; ranks that agree on the seconds agree on all steps.
 * Errors:  those of `measure`; *seconds is infinite when no size reaches half.
 */
TG_MUST_CHECK tg_status metg_sweep(metg *m, double *seconds);

/** Iterations a second of the kernel alone, while all ranks run it. Collective. */
double metg_peak(const workload *w, void *scratch);

#endif
