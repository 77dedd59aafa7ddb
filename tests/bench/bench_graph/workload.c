/* SPDX-License-Identifier: BSD-3-Clause */
/* See workload.h. */
#include "bench_graph/workload.h"

#include <string.h>

const char *const pattern_names[NPATTERNS] = {"trivial", "no_comm", "stencil_1d", "nearest",
                                              "spread",  "fft",     "tree",       "random_nearest"};
const char *const kernel_names[NKERNELS] = {"compute", "memory", "empty"};

int workload_width(const workload *w, int step)
{
    if (w->pattern == TREE && step < 31 && 1 << step < w->width)
        return 1 << step;
    return w->width;
}

int64_t workload_ntasks(const workload *w)
{
    int64_t n = 0;

    for (int s = 0; s < w->steps; s++)
        n += workload_width(w, s);
    return n;
}

static int interval(const workload *w, int column, int radius, int32_t *inputs)
{
    const int first = column > radius ? column - radius : 0;
    const int last = column + radius < w->width ? column + radius : w->width - 1;

    for (int c = first; c <= last; c++)
        inputs[c - first] = c;
    return last - first + 1;
}

/* One bit of a hash of its arguments (Thomas Wang's integer mix). */
static bool coin(uint32_t step, uint32_t column, uint32_t input)
{
    uint32_t x = step * 0x9e3779b1u ^ column * 0x85ebca77u ^ input * 0xc2b2ae3du;

    x = (x ^ 61u) ^ (x >> 16);
    x *= 9u;
    x ^= x >> 4;
    x *= 0x27d4eb2du;
    return (x >> 15) & 1u;
}

static int random_nearest(const workload *w, int step, int column, int32_t *inputs)
{
    const int all = interval(w, column, w->radius, inputs);
    int n = 0;

    for (int i = 0; i < all; i++)
        if (inputs[i] == column || coin((uint32_t)step, (uint32_t)column, (uint32_t)inputs[i]))
            inputs[n++] = inputs[i];
    return n;
}

static int spread(const workload *w, int step, int column, int32_t *inputs)
{
    const int ways = 2 * w->radius + 1 < w->width ? 2 * w->radius + 1 : w->width;

    for (int i = 0; i < ways; i++)
        inputs[i] = (column + (int)((int64_t)i * w->width / ways) + step) % w->width;
    return ways;
}

static int fft(const workload *w, int step, int column, int32_t *inputs)
{
    const int stages = w->width > 1 ? 32 - __builtin_clz((unsigned)w->width - 1) : 1;
    const int reach = 1 << (step - 1) % stages;
    int n = 0;

    if (column >= reach)
        inputs[n++] = column - reach;
    inputs[n++] = column;
    if (column + reach < w->width)
        inputs[n++] = column + reach;
    return n;
}

int workload_inputs(const workload *w, int step, int column, int32_t inputs[MAX_INPUTS])
{
    if (step == 0)
        return 0;
    switch ((pattern)w->pattern) {
    case STENCIL_1D:
        return interval(w, column, 1, inputs);
    case NEAREST:
        return interval(w, column, w->radius, inputs);
    case RANDOM_NEAREST:
        return random_nearest(w, step, column, inputs);
    case SPREAD:
        return spread(w, step, column, inputs);
    case FFT:
        return fft(w, step, column, inputs);
    case NO_COMM:
        inputs[0] = column;
        return 1;
    case TREE:
        inputs[0] = column / 2;
        return 1;
    case TRIVIAL:
    case NPATTERNS:
        break;
    }
    return 0;
}

enum { NUMBERS = 64, PIECE = 1024 /* bytes that the memory-bound kernel copies an iteration */ };

/* 64 chains of dependent multiplications and additions. */
static void compute(uint32_t iterations)
{
    double x[NUMBERS];

    for (int i = 0; i < NUMBERS; i++)
        x[i] = 1.0 + i;
    for (uint32_t k = 0; k < iterations; k++)
        for (int i = 0; i < NUMBERS; i++)
            x[i] = x[i] * 0.9999 + 0.0001;
    __asm__ volatile("" : : "r"(x) : "memory");
}

/* Copies within the working set, going on where `start` says. */
static void copy(uint32_t start, uint32_t iterations, char *scratch)
{
    const uint32_t pieces = SCRATCH / 2 / PIECE;

    for (uint32_t k = 0; k < iterations; k++) {
        const size_t at = (size_t)((start + k) % pieces) * PIECE;

        memcpy(scratch + SCRATCH / 2 + at, scratch + at, PIECE);
        __asm__ volatile("" : : "r"(scratch) : "memory");
    }
}

void workload_kernel(const workload *w, uint32_t start, void *scratch)
{
    if (w->kernel == COMPUTE)
        compute(w->iterations);
    else if (w->kernel == MEMORY)
        copy(start * w->iterations, w->iterations, scratch);
}

bool workload_run(const workload *w, int step, int column, const void *const *inputs, int ninputs,
                  void *output, void *scratch)
{
    int32_t wanted[MAX_INPUTS];

    if (workload_inputs(w, step, column, wanted) != ninputs)
        return false;
    for (int i = 0; i < ninputs; i++) {
        stamp got;

        memcpy(&got, inputs[i], sizeof got);
        if (got.step != step - 1 || got.column != wanted[i])
            return false;
    }
    workload_kernel(w, (uint32_t)(step * w->width + column), scratch);
    memcpy(output, &(stamp){step, column}, sizeof(stamp));
    return true;
}
