/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * For who adds an operator: elementwise operators and reducers are rows of tables.
 *
 * An elementwise row (arrays/kernel/elementwise.c) says name, arity, dtype rule and kernels; a
 * reducer row (arrays/kernel/reducers.c) says how a chunk becomes a partial, how two partials
 * become one and how the last becomes elements.
 */
#ifndef TEGULA_OPERATOR_H
#define TEGULA_OPERATOR_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- elementwise ---------------------------------------------------------------------------- */

/** Most inputs of an elementwise operator. */
#define TG_MAX_OPERANDS 3

/** One loop: n elements, contiguous inputs of the types the dtype rule gave, contiguous output. */
typedef void tg_loop(int64_t n, const void *const *in, void *out);

/** An elementwise operator: one line of the table. */
typedef struct tg_elementwise {
    const char *name; /* NumPy's */
    int arity;
    /**
     * Dtype rule: given the inputs' dtypes (weak Python scalars resolved), the dtypes that each
     * input is converted to (`operands`) and the dtype of the result.
     * Errors: TG_EARG with a sentence in NumPy's sense ("subtract is not defined for bool").
     */
    tg_status (*resolve)(const struct tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                         tg_dtype *result);
    tg_loop *loops[TG_NDTYPES]; /* by the dtype of the last operand; NULL: never asked for */
    tg_loop *mixed[2]; /* operands (int64, uint64), (uint64, int64): exact comparisons; else NULL */
} tg_elementwise;

/* ---- reductions ----------------------------------------------------------------------------- */

/** What a reduction knows beside the data; the same on all chunks. */
typedef struct tg_reduce_spec {
    tg_dtype dtype;       /* of the input */
    int64_t total;        /* reduced elements behind one result over all chunks */
    const double *params; /* the operator's own numbers: ddof; degree */
    int nparams;
} tg_reduce_spec;

/**
 * A chunk split into kept and reduced axes. Strides in bytes, any sign. The logical order of the
 * reduced elements is C order over reduced_shape, whatever the memory order: results must depend on
 * it and not on strides. Kept elements are numbered in C order over kept_shape.
 */
typedef struct tg_reduce_view {
    const void *data;
    int nkept, nreduced;
    int64_t kept_shape[TG_MAX_NDIM], kept_stride[TG_MAX_NDIM];
    int64_t reduced_shape[TG_MAX_NDIM], reduced_stride[TG_MAX_NDIM];
    int64_t reduced_start[TG_MAX_NDIM]; /* where the chunk begins on each reduced axis */
    int64_t reduced_total[TG_MAX_NDIM]; /* the axis' whole length */
} tg_reduce_view;

/**
 * A reduction: one line of the table. A partial is opaque bytes for `nkept` results at once. The
 * runtime combines partials in a fixed tree over the chunk grid.
 */
typedef struct tg_reducer {
    const char *name;
    /** Bytes of a partial for nkept results. */
    size_t (*partial_size)(const tg_reduce_spec *spec, int64_t nkept);
    /** Reduce one chunk to a partial. `scratch` gives memory that lives as long as the call. */
    tg_status (*chunk)(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                       tg_task *scratch);
    /** Merge `right` (later in the logical order) into `left`. */
    tg_status (*combine)(const tg_reduce_spec *spec, int64_t nkept, void *left, const void *right);
    /** Turn a partial into nkept elements of `out_dtype`. */
    tg_status (*finalize)(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          tg_dtype out_dtype, void *out);
    /** Dtype rule. */
    tg_dtype (*result)(tg_dtype in);
    int nchunk_params; /* leading params that chunk and combine look at; the others (ddof)
                                   are finalize's, so that reductions differing in them share
                                   partials: where `chunk` and these params are the same */
    bool empty_ok;     /* a reduction over no elements has a value */
    const struct tg_reducer *wider; /* a reducer whose chunk and combine make a partial that begins
                                       with this one's (mean -> moments); NULL: none */
} tg_reducer;

/**
 * A reduction by `reducer`, which must be static: its address travels to the ranks.
 *
 * Call:    lazy, local.
 * Errors:  as tg_mean.
 * Source:  dask.array.reduction.
 */
tg_array *tg_reduction(tg_array *a, tg_axes axes, const tg_reducer *reducer, const double *params,
                       int nparams);

#ifdef __cplusplus
}
#endif

#endif
