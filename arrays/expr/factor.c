/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * QR of matrices with many rows, and singular values through it (Benson, Gleich, Demmel 2013:
 * direct TSQR). A block of rows becomes [q; r], a pair in one block; the stacked r's are factored
 * once more, and each q is multiplied by its rows of the second q:
 *
 *     a0   [q0; r0]        r0            p0            q0 p0
 *     a1 = [q1; r1]        r1  =  [q; r] p1  and q  =  q1 p1
 *     a2   [q2; r2]        r2            p2            q2 p2
 */
#include "kernel/factor.h"

#include <inttypes.h>
#include <string.h>
#include <tegula/contract.h>

#include "expr/blocks.h"
#include "expr/index.h"
#include "kernel/product.h"
#include "kernel/types.h"

/* m x n -> (m + n) x n: q over r. */
static tg_status factor_block(const tg_block *in, int nin, tg_block *out, const void *params,
                              size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    size_t bytes = (size_t)in->size * tg_dtype_size(in->dtype);
    void *copy = tg_task_scratch(task, bytes + 1);

    (void)nin, (void)params, (void)params_size;
    TG_NEED(copy, TG_ENOMEM, "QR of a block of %zu bytes", bytes);
    if (bytes > 0)
        memcpy(copy, in->data, bytes);
    TG_TRY(tg_factor_qr(in->dtype, in->shape[0], in->shape[1], copy, out->data,
                        (char *)out->data + bytes, task));
out:
    return status;
}

/* m x n -> m x (m + n): q beside r, q of m x m. */
static tg_status complete_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t m = in->shape[0], n = in->shape[1];
    size_t size = tg_dtype_size(in->dtype), bytes = (size_t)in->size * size;
    char *copy = tg_task_scratch(task, 2 * bytes + 1),
         *q = tg_task_scratch(task, (size_t)(m * m) * size + 1);

    (void)nin, (void)params, (void)params_size;
    TG_NEED(copy && q, TG_ENOMEM, "QR of a block of %zu bytes", bytes);
    if (bytes > 0)
        memcpy(copy, in->data, bytes);
    TG_TRY(tg_factor_complete(in->dtype, m, n, copy, q, copy + bytes, task));
    for (int64_t i = 0; i < m; i++) {
        char *row = (char *)out->data + (size_t)(i * (m + n)) * size;

        memcpy(row, q + (size_t)(i * m) * size, (size_t)m * size);
        memcpy(row + (size_t)m * size, copy + bytes + (size_t)(i * n) * size, (size_t)n * size);
    }
out:
    return status;
}

/* m x n -> (m + 1) x n: what LAPACK leaves, and the factors of its reflections. */
static tg_status raw_block(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    size_t size = tg_dtype_size(in->dtype), bytes = (size_t)in->size * size;

    (void)nin, (void)params, (void)params_size;
    memset(out->data, 0, (size_t)out->size * size);
    if (bytes > 0)
        memcpy(out->data, in->data, bytes);
    return tg_factor_raw(in->dtype, in->shape[0], in->shape[1], out->data,
                         (char *)out->data + bytes, task);
}

/* The r of a pair. */
static tg_status take_r(const tg_block *in, int nin, tg_block *out, const void *params,
                        size_t params_size, tg_task *task)
{
    size_t size = tg_dtype_size(in->dtype);

    (void)nin, (void)params, (void)params_size, (void)task;
    memcpy(out->data, (const char *)in->data + (size_t)(in->size - out->size) * size,
           (size_t)out->size * size);
    return TG_OK;
}

/* The q of a pair times its rows of the second q. */
static tg_status multiply_q(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    const tg_matrices matrices = {.m = out->shape[0], .n = out->shape[1], .k = out->shape[1]};

    (void)nin, (void)params, (void)params_size;
    return tg_matrix_product(out->dtype, &matrices, in[0].data, in[1].data, out->data, task);
}

/* n x n -> (2 n + 1) x n: u, singular values, vh. */
static tg_status svd_block(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t n = in->shape[1];
    size_t size = tg_dtype_size(in->dtype), bytes = (size_t)(n * n) * size,
           part = tg_is_complex(in->dtype) ? size / 2 : size;
    char *copy = tg_task_scratch(task, bytes + 1), *s = tg_task_scratch(task, (size_t)n * part + 1),
         *u = out->data, *values = u + bytes;

    (void)nin, (void)params, (void)params_size;
    TG_NEED(copy && s, TG_ENOMEM, "singular values of %" PRId64 " columns", n);
    memcpy(copy, in->data, bytes);
    TG_TRY(tg_factor_svd(in->dtype, n, copy, u, s, values + (size_t)n * size, task));
    memset(values, 0, (size_t)n * size);
    for (int64_t i = 0; i < n; i++)
        memcpy(values + (size_t)i * size, s + (size_t)i * part, part);
out:
    return status;
}

/* A function on blocks of rows as wide as the matrix, whose results have `lengths` rows. */
static tg_array *on_rows(tg_array *a, const char *name, tg_block_function *function,
                         const int64_t *lengths)
{
    tg_block_spec spec = {.name = name,
                          .function = function,
                          .dtype = a->dtype,
                          .labels = "ij->ij",
                          .lengths = {lengths}};

    return tg_map_blocks(&spec, &a, 1);
}

static tg_status lengths_create(tg_ctx *ctx, int64_t count, int64_t length, int64_t **out)
{
    tg_status status = TG_OK;

    *out = tg_ctx_alloc(ctx, (size_t)(count + 1) * sizeof **out);
    TG_NEED(*out, TG_ENOMEM, "a grid of %" PRId64 " chunks", count);
    for (int64_t i = 0; i < count; i++)
        (*out)[i] = length;
out:
    return status;
}

/* One block of columns; blocks of rows not shorter than wide, about as they are. */
static tg_status cut_rows(tg_array *a, tg_array **out)
{
    tg_status status = TG_OK;
    tg_grid grid = a->grid;
    int64_t m = a->shape[0], n = a->shape[1], length = n > 1 ? n : 1, count, *lengths;

    for (int64_t c = 0; c < a->grid.count[0]; c++)
        length = a->grid.length[0][c] > length ? a->grid.length[0][c] : length;
    count = m / length > 0 ? m / length : 1;
    TG_TRY(lengths_create(a->ctx, count, length, &lengths));
    lengths[count - 1] = m - (count - 1) * length;
    grid.count[0] = count;
    grid.length[0] = lengths;
    TG_TRY(tg_grid_axis(a->ctx, n, n > 0 ? n : 1, &grid.count[1], &grid.length[1]));
    *out = tg_rechunk_to(a, &grid);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* Pairs [q; r] of the blocks of rows. */
static tg_status make_pairs(tg_array *a, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t *lengths;

    TG_TRY(lengths_create(a->ctx, a->grid.count[0], a->shape[1], &lengths));
    for (int64_t c = 0; c < a->grid.count[0]; c++)
        lengths[c] += a->grid.length[0][c];
    *out = on_rows(a, "qr", factor_block, lengths);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

static tg_array *rows_of(tg_array *a, int64_t first, int64_t count)
{
    return tg_slice_one(a, 0, first, 1, count);
}

/* The q of `a` from the pairs of its blocks and the second q. */
static tg_array *join_q(tg_array *a, tg_array *pairs, tg_array *second)
{
    tg_block_spec spec = {.name = "q", .function = multiply_q, .dtype = a->dtype};
    tg_array *q = tg_blocks_node(a->ctx, &spec, (tg_array *[]){pairs, second}, 2);
    tg_blocks_params *params = q->params;

    if (q->status != TG_OK)
        return q;
    params->axis[0][0] = params->axis[1][0] = 0;
    if (tg_node_shape(q, 2, a->shape) != TG_OK)
        return tg_node_poisoned(a->ctx, TG_EARG);
    q->grid = a->grid;
    tg_layout_plain(&q->layout, 2, tg_dtype_size(q->dtype));
    return q;
}

tg_status tg_linalg_qr(tg_array *a, tg_array **q, tg_array **r)
{
    tg_status status = TG_OK;
    tg_array *pairs, *stack, *second;
    tg_grid grid;
    int64_t m, n, count, *lengths;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim == 2, TG_EARG, "%d-dimensional array given. Array must be two-dimensional",
            a->ndim);
    a = tg_astype(a, a->dtype < TG_FLOAT32 ? TG_FLOAT64 : a->dtype);
    TG_TRY(cut_rows(a, &a));
    m = a->shape[0];
    n = a->shape[1];
    count = a->grid.count[0];
    TG_TRY(make_pairs(a, &pairs));
    if (count == 1) {
        *q = tg_slice_one(rows_of(pairs, 0, m), 1, 0, 1, m < n ? m : n);
        *r = rows_of(pairs, m, m < n ? m : n);
        return TG_OK;
    }
    TG_TRY(lengths_create(a->ctx, count, n, &lengths));
    stack = tg_rechunk(on_rows(pairs, "r", take_r, lengths), "-1,-1");
    TG_TRY(tg_array_status(stack));
    TG_TRY(make_pairs(stack, &second));
    *r = rows_of(second, count * n, n);
    second = rows_of(second, 0, count * n);
    TG_TRY(tg_array_status(second));
    grid = second->grid;
    grid.count[0] = count;
    grid.length[0] = lengths;
    *q = join_q(a, pairs, tg_rechunk_to(second, &grid));
out:
    return status;
}

/* A matrix of floats or complex numbers, as one block. */
static tg_status one_block(tg_array **a)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(*a));
    TG_NEED((*a)->ndim == 2, TG_EARG, "%d-dimensional array given. Array must be two-dimensional",
            (*a)->ndim);
    *a = tg_rechunk(tg_astype(*a, (*a)->dtype < TG_FLOAT32 ? TG_FLOAT64 : (*a)->dtype), "-1,-1");
    TG_TRY(tg_array_status(*a));
out:
    return status;
}

/* What a function makes of the matrix as one block: `more` elements are added along an axis. */
static tg_status factors(tg_array *a, tg_block_function *function, int axis, int64_t more,
                         tg_array **out)
{
    tg_status status = TG_OK;
    const int64_t length = a->shape[axis] + more;
    tg_block_spec spec = {.name = "qr",
                          .function = function,
                          .dtype = a->dtype,
                          .labels = axis == 0 ? "ij->kj" : "ij->ik"};

    spec.lengths[axis] = &length;
    spec.nlengths[axis] = 1;
    *out = tg_map_blocks(&spec, &a, 1);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

tg_status tg_linalg_qr_complete(tg_array *a, tg_array **q, tg_array **r)
{
    tg_status status = TG_OK;
    tg_array *both;
    int64_t m;

    TG_TRY(one_block(&a));
    m = a->shape[0];
    TG_TRY(factors(a, complete_block, 1, m, &both));
    *q = tg_slice_one(both, 1, 0, 1, m);
    *r = tg_slice_one(both, 1, m, 1, a->shape[1]);
out:
    return status;
}

tg_status tg_linalg_qr_raw(tg_array *a, tg_array **h, tg_array **tau)
{
    tg_status status = TG_OK;
    tg_array *both;
    int64_t m, n;

    TG_TRY(one_block(&a));
    m = a->shape[0];
    n = a->shape[1];
    TG_TRY(factors(a, raw_block, 0, 1, &both));
    *h = tg_transpose(rows_of(both, 0, m), NULL);
    *tau = tg_slice_one(tg_squeeze(rows_of(both, m, 1), TG_AXES(0)), 0, 0, 1, m < n ? m : n);
out:
    return status;
}

tg_status tg_linalg_svd_full(tg_array *a, tg_array **u, tg_array **s, tg_array **vh)
{
    tg_status status = TG_OK;
    tg_array *q, *r, *left;
    int64_t m, n;

    TG_TRY(one_block(&a));
    m = a->shape[0];
    n = a->shape[1];
    if (m < n) {
        TG_TRY(tg_linalg_svd_full(tg_transpose(a, NULL), &q, s, &r));
        *u = tg_transpose(r, NULL);
        *vh = tg_transpose(q, NULL);
        return TG_OK;
    }
    TG_TRY(tg_linalg_qr_complete(a, &q, &r));
    TG_TRY(tg_linalg_svd(rows_of(r, 0, n), &left, s, vh));
    left = tg_matmul(tg_slice_one(q, 1, 0, 1, n), left);
    *u = tg_concatenate((tg_array *[]){left, tg_slice_one(q, 1, n, 1, m - n)}, 2, 1);
out:
    return status;
}

tg_status tg_linalg_svd(tg_array *a, tg_array **u, tg_array **s, tg_array **vh)
{
    tg_status status = TG_OK;
    tg_array *q, *r, *parts, *left;
    int64_t n, rows;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->ndim == 2, TG_EARG, "%d-dimensional array given. Array must be two-dimensional",
            a->ndim);
    if (a->shape[0] < a->shape[1]) {
        TG_TRY(tg_linalg_svd(tg_transpose(a, NULL), &q, s, &r));
        *u = tg_transpose(r, NULL);
        *vh = tg_transpose(q, NULL);
        return TG_OK;
    }
    TG_TRY(tg_linalg_qr(a, &q, &r));
    TG_TRY(tg_array_status(r));
    n = r->shape[1];
    rows = 2 * n + 1;
    parts = on_rows(tg_rechunk(r, "-1,-1"), "svd", svd_block, &rows);
    TG_TRY(tg_array_status(parts));
    left = rows_of(parts, 0, n);
    *u = tg_matmul(q, left);
    *s = tg_squeeze(rows_of(parts, n, 1), TG_AXES(0));
    if (a->dtype >= TG_COMPLEX64)
        *s = tg_real(*s);
    *vh = rows_of(parts, n + 1, n);
out:
    return status;
}
