/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Task Bench's workloads (Slaughter et al., Task Bench: A Parameterized Benchmark for Evaluating
 * Parallel Runtime Performance, SC20): a grid of tasks, steps by columns, in which a task needs
 * outputs of the step before as a pattern says, and computes for a number of iterations.
 *
 *   trivial        nothing
 *   no_comm        the same column
 *   stencil_1d     the columns c - 1, c, c + 1
 *   nearest        the columns c - radius ... c + radius
 *   spread         2 radius + 1 columns at equal distances, shifted from step to step
 *   fft            c - 2^k, c, c + 2^k, k taking turns
 *   tree           column c / 2; step s has at most 2^s columns
 *   random_nearest c, and each other column of nearest with probability 1/2
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_RADIUS = 16, MAX_INPUTS = 2 * MAX_RADIUS + 1 };

typedef enum pattern {
    TRIVIAL,
    NO_COMM,
    STENCIL_1D,
    NEAREST,
    SPREAD,
    FFT,
    TREE,
    RANDOM_NEAREST,
    NPATTERNS
} pattern;

typedef enum kernel { COMPUTE, MEMORY, EMPTY, NKERNELS } kernel;

extern const char *const pattern_names[NPATTERNS];
extern const char *const kernel_names[NKERNELS];

/** Plain bytes: goes into the parameters of a task as it is. */
typedef struct workload {
    int32_t steps, width;
    int32_t output;      /* bytes, at least those of a stamp */
    uint32_t iterations; /* of the kernel */
    uint8_t pattern, kernel;
    uint8_t radius, zero;
} workload;

/** What each output begins with: who made it. */
typedef struct stamp {
    int32_t step, column;
} stamp;

/** Columns of a step. */
int workload_width(const workload *w, int step);

/** Tasks of all steps. */
int64_t workload_ntasks(const workload *w);

/** The columns of the step before that a task needs, without repeats; returns how many. */
int workload_inputs(const workload *w, int step, int column, int32_t inputs[MAX_INPUTS]);

/** Run a task: check that its inputs are those of the pattern, compute, stamp the output. False
 * for a wrong input. `scratch`: SCRATCH bytes for the memory-bound kernel, else NULL. */
bool workload_run(const workload *w, int step, int column, const void *const *inputs, int ninputs,
                  void *output, void *scratch);

/** What the kernel does for `iterations`; `start` moves the part of the scratch memory used. */
void workload_kernel(const workload *w, uint32_t start, void *scratch);

/** Working set of the memory-bound kernel in bytes: beyond the caches of a core. */
enum { SCRATCH = 16 << 20 };

#endif
