/* SPDX-License-Identifier: BSD-3-Clause */
/* Boxes of elements in several memory orders, and reducers run on them without a runtime. */
#ifndef TEGULA_TESTS_KERNEL_BOX_H
#define TEGULA_TESTS_KERNEL_BOX_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <tegula/operator.h>
#include "kernel/copy.h"
#include "kernel/elementwise.h"
#include "kernel/reducers.h"
#include "task_mock.h"

enum layout { C_ORDER, REVERSED, SPREAD, BACKWARDS, NLAYOUTS };

typedef struct box {
    tg_dtype dtype;
    int ndim;
    int64_t shape[TG_MAX_NDIM], stride[TG_MAX_NDIM];
    char *data;   /* the first element */
    char *memory; /* what to free */
} box;

/* A pseudorandom number that is a function of its place (splitmix64). */
static inline uint64_t random_at(uint64_t i)
{
    i += 0x9e3779b97f4a7c15u * (i + 1);
    i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9u;
    i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
    return i ^ (i >> 31);
}

static inline int64_t count_elements(int ndim, const int64_t *shape)
{
    int64_t n = 1;

    for (int d = 0; d < ndim; d++)
        n *= shape[d];
    return n;
}

/* Element i of C order: any bits for integers, around 100 for floats. */
static inline void random_element(tg_dtype dtype, int64_t i, void *out)
{
    uint64_t bits = random_at((uint64_t)i);
    double x = 100 + 3 * ((double)(bits >> 11) * 0x1p-53 - 0.5);

    double z[] = {x, 100 - x};

    if (dtype >= TG_FLOAT32)
        tg_convert(1, TG_COMPLEX128, z, dtype, out);
    else if (dtype == TG_BOOL)
        *(uint8_t *)out = bits & 1;
    else
        memcpy(out, &bits, tg_dtype_size(dtype));
}

/* Values in C order, owned by the caller. */
static inline void *random_values(tg_dtype dtype, int64_t n)
{
    char *values = malloc(tg_dtype_size(dtype) * (size_t)(n + 1));

    assert_non_null(values);
    for (int64_t i = 0; i < n; i++)
        random_element(dtype, i, values + (size_t)i * tg_dtype_size(dtype));
    return values;
}

static inline box box_create(tg_dtype dtype, int ndim, const int64_t *shape, const void *values,
                             enum layout layout)
{
    box b = {.dtype = dtype, .ndim = ndim};
    int64_t spread = layout == SPREAD ? 2 : 1;
    int64_t step = (int64_t)tg_dtype_size(dtype), c_order[TG_MAX_NDIM];

    tg_strides(ndim, shape, tg_dtype_size(dtype), c_order);
    for (int i = 0; i < ndim; i++) {
        int d = layout == REVERSED ? i : ndim - 1 - i;

        b.shape[d] = shape[d];
        b.stride[d] = step * spread;
        step *= spread * shape[d];
    }
    b.memory = malloc((size_t)step + 64);
    assert_non_null(b.memory);
    b.data = b.memory;
    for (int d = 0; layout == BACKWARDS && d < ndim; d++) {
        b.data += (shape[d] - 1) * b.stride[d];
        b.stride[d] = -b.stride[d];
    }
    tg_copy_box(ndim, shape, tg_dtype_size(dtype), values, c_order, b.data, b.stride);
    return b;
}

static inline void box_destroy(box *b)
{
    free(b->memory);
    b->memory = NULL;
}

/* The part [start, start + length) along an axis; borrows the memory. */
static inline box box_slice(const box *b, int axis, int64_t start, int64_t length)
{
    box part = *b;

    part.shape[axis] = length;
    part.data += start * b->stride[axis];
    part.memory = NULL;
    return part;
}

/* Bit d of `axes`: axis d is reduced. `start` and `total` are of the first reduced axis. */
static inline tg_reduce_view box_view(const box *b, unsigned axes, int64_t start, int64_t total)
{
    tg_reduce_view v = {.data = b->data};

    for (int d = 0; d < b->ndim; d++) {
        if (axes >> d & 1) {
            v.reduced_shape[v.nreduced] = v.reduced_total[v.nreduced] = b->shape[d];
            v.reduced_stride[v.nreduced++] = b->stride[d];
        } else {
            v.kept_shape[v.nkept] = b->shape[d];
            v.kept_stride[v.nkept++] = b->stride[d];
        }
    }
    v.reduced_start[0] = start;
    v.reduced_total[0] = total;
    return v;
}

typedef struct reduction {
    const tg_reducer *reducer;
    tg_reduce_spec spec;
    int64_t nkept;
    size_t size; /* of the partial, bytes */
    void *partial;
} reduction;

/* Reduce a box in pieces of the given lengths along the first reduced axis (in all its length). The
 * partials are combined from left to right. */
static inline reduction reduce(const tg_reducer *reducer, const box *b, unsigned axes,
                               const double *params, int nparams, const int64_t *pieces,
                               int npieces)
{
    int axis = axes ? __builtin_ctz(axes) : 0;
    tg_task *task = task_mock_create(NULL, 0, NULL, 0);
    reduction r = {.reducer = reducer, .nkept = 1};
    int64_t start = 0;

    r.spec = (tg_reduce_spec){.dtype = b->dtype, .total = 1, .params = params, .nparams = nparams};
    for (int d = 0; d < b->ndim; d++)
        *(axes >> d & 1 ? &r.spec.total : &r.nkept) *= b->shape[d];
    r.size = reducer->partial_size(&r.spec, r.nkept);
    for (int i = 0; i < npieces; i++) {
        box part = box_slice(b, axis, start, pieces[i]);
        tg_reduce_view view = box_view(&part, axes, start, b->shape[axis]);
        void *partial = malloc(r.size + 8);

        assert_non_null(partial);
        assert_int_equal(reducer->chunk(&r.spec, &view, partial, task), TG_OK);
        task_mock_end(task);
        start += pieces[i];
        if (i == 0) {
            r.partial = partial;
            continue;
        }
        assert_int_equal(reducer->combine(&r.spec, r.nkept, r.partial, partial), TG_OK);
        free(partial);
    }
    task_mock_destroy(&task);
    return r;
}

/* The whole box at once. */
static inline reduction reduce_whole(const tg_reducer *reducer, const box *b, unsigned axes,
                                     const double *params, int nparams)
{
    int64_t length = b->ndim ? b->shape[axes ? __builtin_ctz(axes) : 0] : 1;

    return reduce(reducer, b, axes, params, nparams, &length, 1);
}

/* Results of the reducer's own dtype; the partial is freed. Owned by the caller. */
static inline void *results(reduction *r)
{
    tg_dtype dtype = r->reducer->result(r->spec.dtype);
    void *out = malloc(tg_dtype_size(dtype) * (size_t)(r->nkept + 1));

    assert_non_null(out);
    assert_int_equal(r->reducer->finalize(&r->spec, r->nkept, r->partial, dtype, out), TG_OK);
    free(r->partial);
    r->partial = NULL;
    return out;
}

/* Results as doubles. */
static inline double *double_results(reduction *r)
{
    tg_dtype dtype = r->reducer->result(r->spec.dtype);
    void *out = results(r);
    double *x = malloc(sizeof *x * (size_t)(r->nkept + 1));

    assert_non_null(x);
    tg_convert(r->nkept, dtype, out, TG_FLOAT64, x);
    free(out);
    return x;
}

#endif
