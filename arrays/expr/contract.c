/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums of products over axes. One node multiplies blocks: axes stand as [batch, rows, inner] and
 * [batch, inner, columns], and block products are matrix products for each element of the batch.
 * Where inner axes are cut, the result has them as last axes, an element for each cut, which a sum
 * then takes away: its order is that of all reductions, a function of the grid.
 */
#include "expr/contract.h"

#include <inttypes.h>
#include <string.h>
#include <tegula/blocks.h>
#include <tegula/create.h>
#include <tegula/shape.h>

#include "kernel/product.h"

/* Multiplications and additions a second, roughly, of BLAS and of loops. */
#define BLAS_RATE 2e10
#define LOOP_RATE 2e9

struct groups {
    int64_t rows, inner, columns;              /* how many axes */
    int64_t left_transposed, right_transposed; /* inner axes before rows, columns before inner */
};

static int64_t count_of(const int64_t *shape, int64_t n)
{
    int64_t count = 1;

    for (int64_t d = 0; d < n; d++)
        count *= shape[d];
    return count;
}

/* Which matrix of a block meets matrix `at` of the result: lengths of 1 are broadcast. */
static int64_t matrix_of(const tg_block *block, int nbatch, const tg_block *out, int nout,
                         int64_t at)
{
    int64_t matrix = 0, step = 1;

    for (int d = 1; d <= nout; d++) {
        int64_t n = out->shape[nout - d];

        if (d <= nbatch) {
            matrix += block->shape[nbatch - d] > 1 ? at % n * step : 0;
            step *= block->shape[nbatch - d];
        }
        at /= n;
    }
    return matrix;
}

static tg_status multiply_blocks(const tg_block *in, int nin, tg_block *out, const void *params,
                                 size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct groups *groups = params;
    const tg_block *a = &in[0], *b = &in[1];
    int64_t abatch = a->ndim - groups->rows - groups->inner,
            bbatch = b->ndim - groups->inner - groups->columns,
            batch = abatch > bbatch ? abatch : bbatch;
    int64_t m = count_of(a->shape + abatch + groups->left_transposed, groups->rows),
            k = count_of(b->shape + bbatch + groups->right_transposed, groups->inner),
            n = count_of(b->shape + bbatch + (groups->right_transposed ? 0 : groups->inner),
                         groups->columns);
    const tg_matrices matrices = {m, n, k, groups->left_transposed, groups->right_transposed};
    int64_t size = (int64_t)tg_dtype_size(out->dtype), count = count_of(out->shape, batch);

    (void)nin, (void)params_size;
    for (int64_t i = 0; i < count; i++) {
        int64_t x = matrix_of(a, (int)abatch, out, (int)batch, i),
                y = matrix_of(b, (int)bbatch, out, (int)batch, i);
        const char *left = a->data, *right = b->data;

        TG_TRY(tg_matrix_product(out->dtype, &matrices, left ? left + x * m * k * size : NULL,
                                 right ? right + y * k * n * size : NULL,
                                 (char *)out->data + i * m * n * size, task));
    }
out:
    return status;
}

static char *write_axes(char *text, char first, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        *text++ = (char)(first + i);
    return text;
}

/* Labels of "a,b->result"; those of inner axes that are cut are the result's last. */
static void write_labels(int abatch, int bbatch, const struct groups *groups, const bool *cut,
                         char *text)
{
    int batch = abatch > bbatch ? abatch : bbatch;
    char first = 'A', rows = (char)(first + batch), inner = (char)(rows + groups->rows),
         columns = (char)(inner + groups->inner);

    for (int i = 0; i < abatch; i++)
        *text++ = (char)(first + batch - abatch + i);
    text = write_axes(text, groups->left_transposed ? inner : rows, groups->rows);
    text = write_axes(text, groups->left_transposed ? rows : inner, groups->inner);
    *text++ = ',';
    for (int i = 0; i < bbatch; i++)
        *text++ = (char)(first + batch - bbatch + i);
    text = write_axes(text, groups->right_transposed ? columns : inner, groups->inner);
    text = write_axes(text, groups->right_transposed ? inner : columns, groups->columns);
    *text++ = '-';
    *text++ = '>';
    for (int i = 0; i < batch; i++)
        *text++ = (char)(first + i);
    text = write_axes(text, rows, groups->rows);
    text = write_axes(text, columns, groups->columns);
    for (int i = 0; i < groups->inner; i++)
        if (cut[i])
            *text++ = (char)(inner + i);
    *text = '\0';
}

/* Each cut inner axis leaves an element for each of its chunks, of which there are at most those
 * of both. */
static tg_status leave_elements(const tg_array *a, int a_inner, const tg_array *b, int b_inner,
                                int ninner, bool *cut, int *ncut, int64_t *most)
{
    tg_status status = TG_OK;

    *ncut = 0;
    *most = 1;
    for (int i = 0; i < ninner; i++) {
        int64_t left = a->grid.count[a_inner + i], right = b->grid.count[b_inner + i];

        TG_NEED(a->shape[a_inner + i] == b->shape[b_inner + i], TG_EARG,
                "axes of %" PRId64 " and %" PRId64 " elements meet in a product",
                a->shape[a_inner + i], b->shape[b_inner + i]);
        cut[i] = left > 1 || right > 1;
        *ncut += cut[i];
        *most = left + right > *most ? left + right : *most;
    }
out:
    return status;
}

/* What a matrix of floats is the transposed of, batches aside: BLAS reads it as it lies. */
static tg_array *untransposed(tg_array *a)
{
    const tg_transpose_params *params = a->params;
    const int n = a->ndim;

    if (a->class != &tg_class_transpose || a->dtype < TG_FLOAT32 || n < 2 ||
        params->axis[n - 1] != n - 2 || params->axis[n - 2] != n - 1)
        return NULL;
    for (int d = 0; d < n - 2; d++)
        if (params->axis[d] != d)
            return NULL;
    return a->inputs[0];
}

static double expected_seconds(const tg_array *a, const tg_array *b, int columns)
{
    double work = 2 * (double)a->size, rate = a->dtype < TG_FLOAT32 ? LOOP_RATE : BLAS_RATE;

    for (int d = 0; d < a->ndim; d++)
        work /= (double)a->grid.count[d];
    for (int d = b->ndim - columns; d < b->ndim; d++)
        work *= (double)b->shape[d] / (double)b->grid.count[d];
    return work / rate;
}

tg_array *tg_product(tg_array *a, tg_array *b, int rows, int inner, int columns)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = tg_inputs_ctx((tg_array *[]){a, b}, 2);
    struct groups groups = {.rows = rows, .inner = inner, .columns = columns};
    tg_block_spec spec = {.name = "product",
                          .function = multiply_blocks,
                          .params = &groups,
                          .params_size = sizeof groups};
    char labels[6 * TG_MAX_NDIM + 4];
    bool cut[TG_MAX_NDIM] = {false};
    int ncut, abatch, bbatch, result;
    int64_t most, *ones;
    tg_axes last = {0};
    tg_array *out, *left = a, *right = b;

    TG_TRY(tg_inputs_status((tg_array *[]){a, b}, 2));
    abatch = a->ndim - rows - inner;
    bbatch = b->ndim - inner - columns;
    TG_TRY(leave_elements(a, a->ndim - inner, b, bbatch, inner, cut, &ncut, &most));
    result = (abatch > bbatch ? abatch : bbatch) + rows + columns;
    TG_NEED(result + ncut <= TG_MAX_NDIM, TG_EARG,
            "a product of %d axes and %d that are summed: %d can be", result, ncut, TG_MAX_NDIM);
    if (rows == 1 && inner == 1 && untransposed(a)) {
        left = untransposed(a);
        groups.left_transposed = 1;
    }
    if (columns == 1 && inner == 1 && untransposed(b)) {
        right = untransposed(b);
        groups.right_transposed = 1;
    }
    write_labels(abatch, bbatch, &groups, cut, labels);
    ones = tg_ctx_alloc(ctx, (size_t)most * sizeof *ones);
    TG_NEED(ones, TG_ENOMEM, "a grid of %" PRId64 " chunks", most);
    for (int64_t i = 0; i < most; i++)
        ones[i] = 1;
    for (int i = 0; i < ncut; i++) {
        spec.lengths[result + i] = ones;
        last.axis[last.count++] = result + i;
    }
    spec.labels = labels;
    spec.dtype = a->dtype;
    spec.seconds = expected_seconds(a, b, columns);
    out = tg_map_blocks(&spec, (tg_array *[]){left, right}, 2);
    return ncut > 0 ? tg_astype(tg_sum(out, last), spec.dtype) : out;
out:
    return tg_node_poisoned(ctx, status);
}

tg_status tg_product_dtype(tg_array **arrays, int count)
{
    tg_status status = TG_OK;
    tg_dtype dtype;

    TG_TRY(tg_inputs_status(arrays, count));
    dtype = tg_result_type(arrays, count);
    for (int i = 0; i < count; i++)
        arrays[i] = tg_astype(arrays[i], dtype);
    TG_TRY(tg_inputs_status(arrays, count));
out:
    return status;
}

tg_array *tg_matmul(tg_array *a, tg_array *b)
{
    tg_status status = TG_OK;
    tg_array *in[2] = {a, b};
    int rows, columns;

    TG_TRY(tg_product_dtype(in, 2));
    TG_NEED(a->ndim > 0 && b->ndim > 0, TG_EARG,
            "matmul: Input operand %d does not have enough dimensions (has 0, gufunc core with "
            "signature (n?,k),(k,m?)->(n?,m?) requires 1)",
            a->ndim > 0);
    rows = a->ndim > 1;
    columns = b->ndim > 1;
    TG_NEED(a->shape[a->ndim - 1] == b->shape[b->ndim - 1 - columns], TG_EARG,
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature "
            "(n?,k),(k,m?)->(n?,m?) (size %" PRId64 " is different from %" PRId64 ")",
            b->shape[b->ndim - 1 - columns], a->shape[a->ndim - 1]);
    return tg_product(in[0], in[1], rows, 1, columns);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, b}, 2), status);
}

/* Axes of an array that are not in a list, then those that are, or the other way round. */
static tg_array *gather_axes(tg_array *a, int count, const int *axes, bool first)
{
    int order[TG_MAX_NDIM], n = 0;

    for (int i = 0; first && i < count; i++)
        order[n++] = axes[i];
    for (int d = 0; d < a->ndim; d++) {
        bool listed = false;

        for (int i = 0; i < count; i++)
            listed = listed || axes[i] == d;
        if (!listed)
            order[n++] = d;
    }
    for (int i = 0; !first && i < count; i++)
        order[n++] = axes[i];
    return tg_transpose(a, order);
}

tg_array *tg_tensordot(tg_array *a, tg_array *b, int count, const int *a_axes, const int *b_axes)
{
    tg_status status = TG_OK;
    tg_array *in[2] = {a, b};
    int left[TG_MAX_NDIM], right[TG_MAX_NDIM];
    char atext[TG_SHAPE_TEXT], btext[TG_SHAPE_TEXT];

    TG_TRY(tg_product_dtype(in, 2));
    TG_NEED(count >= 0 && count <= a->ndim && count <= b->ndim, TG_EARG,
            "shape-mismatch for sum: %d axes of shapes %s and %s", count,
            tg_shape_text(a->ndim, a->shape, atext), tg_shape_text(b->ndim, b->shape, btext));
    for (int i = 0; i < count; i++) {
        TG_TRY(tg_normalize_axis(a, a_axes[i], &left[i]));
        TG_TRY(tg_normalize_axis(b, b_axes[i], &right[i]));
        for (int j = 0; j < i; j++)
            TG_NEED(left[i] != left[j] && right[i] != right[j], TG_EARG,
                    "an axis is summed twice in a product");
        TG_NEED(a->shape[left[i]] == b->shape[right[i]], TG_EARG,
                "shapes %s and %s not aligned: %" PRId64 " (dim %d) != %" PRId64 " (dim %d)",
                tg_shape_text(a->ndim, a->shape, atext), tg_shape_text(b->ndim, b->shape, btext),
                a->shape[left[i]], left[i], b->shape[right[i]], right[i]);
    }
    in[0] = gather_axes(in[0], count, left, false);
    in[1] = gather_axes(in[1], count, right, true);
    return tg_product(in[0], in[1], a->ndim - count, count, b->ndim - count);
out:
    return tg_node_poisoned(tg_inputs_ctx((tg_array *[]){a, b}, 2), status);
}

/* The last axis of a with axis `axis` of b; numbers multiply. */
static tg_array *dot_along(tg_array *a, tg_array *b, int axis)
{
    tg_array *in[2] = {a, b};

    if (a->status != TG_OK || b->status != TG_OK || (a->ndim > 0 && b->ndim > 0))
        return tg_tensordot(a, b, 1, (int[]){-1}, &axis);
    if (tg_product_dtype(in, 2) != TG_OK)
        return in[0]->status != TG_OK ? in[0] : in[1];
    return tg_multiply(in[0], in[1]);
}

tg_array *tg_dot(tg_array *a, tg_array *b)
{
    return dot_along(a, b, b->ndim > 1 ? -2 : -1);
}

tg_array *tg_inner(tg_array *a, tg_array *b)
{
    return dot_along(a, b, -1);
}

tg_array *tg_outer(tg_array *a, tg_array *b)
{
    tg_array *in[2] = {a, b};

    if (tg_product_dtype(in, 2) != TG_OK)
        return in[0]->status != TG_OK ? in[0] : in[1];
    return tg_multiply(tg_expand_dims(tg_ravel(in[0]), TG_AXES(1)), tg_ravel(in[1]));
}

tg_array *tg_trace(tg_array *a, int64_t offset, int axis1, int axis2)
{
    return tg_sum(tg_diagonal(a, offset, axis1, axis2), TG_AXES(-1));
}

tg_array *tg_vdot(tg_array *a, tg_array *b)
{
    return tg_dot(tg_ravel(a->dtype >= TG_COMPLEX64 ? tg_conjugate(a) : a), tg_ravel(b));
}
