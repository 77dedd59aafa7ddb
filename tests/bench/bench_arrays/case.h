/* SPDX-License-Identifier: BSD-3-Clause */
/** The cases of bench_arrays: operands, the expression in our words and the peers', and a loop. */
#ifndef BENCH_ARRAYS_CASE_H
#define BENCH_ARRAYS_CASE_H

#include <tegula/tegula.h>

enum { MAX_OPERANDS = 3, MAX_AXES = 4 };

typedef struct bench_case bench_case;

/** A loop's share [from, to) of its units; writes to `out` or gives back a part of a sum. */
typedef double bench_loop(const bench_case *which, const void *const *x, void *out, int64_t from,
                          int64_t to);

/**
 * Element i of operand k is ((i + 1000003 k) * 2654435761 >> 13) mod 1024 - 512 in 64 bits, for
 * floats divided by 512.
 */
struct bench_case {
    const char *name;
    tg_dtype dtype; /* of the operands */
    int noperands, ndim;
    int64_t shape[MAX_AXES]; /* of each operand */
    const char *chunks;      /* NULL: the library's choice */
    int axis;                /* what the case does it along, if it does */
    tg_array *(*ours)(const bench_case *which, tg_array *const *x);
    bench_loop *loop;
    int64_t (*units)(const bench_case *which); /* of the loop, dealt to threads */
    bool is_scalar; /* the result is the sum of what the loop gives back, times `scale` */
    double scale;
    double tolerance; /* relative to the largest element of the result */
    /* Python, where x, y, z are the operands, NumPy's or Dask's; NULL: the peer has none */
    const char *numpy, *numexpr, *dask;
};

extern const bench_case bench_cases[];
extern const int bench_ncases;

int64_t bench_case_size(const bench_case *which);

/** The operand as an array of ours, not computed. */
tg_array *bench_operand(tg_ctx *ctx, const bench_case *which, int k);

/* loops.c: by hand, as one would write them for speed. Reductions go along `axis`. */
bench_loop loop_muladd, loop_sincos, loop_std_int16, loop_std_float32, loop_add_transposed,
    loop_box, loop_matmul_float32, loop_matmul_float64;

#endif
