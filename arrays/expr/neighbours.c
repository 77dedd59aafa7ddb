/* SPDX-License-Identifier: BSD-3-Clause */
/* Operators on neighbours along an axis: slices and elementwise programs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/index.h"

/* x[from : n + to] along an axis; `to` counts from the end. */
static tg_array *cut(tg_array *a, int d, int64_t from, int64_t to)
{
    int64_t n = a->status == TG_OK ? a->shape[d] : 0, length = n + to - from;

    return tg_slice_one(a, d, length > 0 ? from : 0, 1, length > 0 ? length : 0);
}

tg_array *tg_diff(tg_array *a, int n, int axis)
{
    tg_status status = TG_OK;
    int d;

    TG_TRY(tg_array_status(a));
    TG_NEED(n >= 0, TG_EARG, "order must be non-negative but got %d", n);
    if (n == 0)
        return a;
    TG_TRY(tg_normalize_axis(a, axis, &d));
    for (; n > 0; n--) {
        tg_array *left = cut(a, d, 1, 0), *right = cut(a, d, 0, -1);

        a = a->dtype == TG_BOOL ? tg_not_equal(left, right) : tg_subtract(left, right);
        TG_TRY(tg_array_status(a));
    }
    return a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

static tg_array *number(const tg_array *a, double value)
{
    return tg_float(a->ctx, value);
}

static tg_array *row(tg_array *a, int d, int64_t at)
{
    return tg_slice_one(a, d, at < 0 ? at + a->shape[d] : at, 1, 1);
}

/* The gradient at one end, in NumPy's order of operations. */
static tg_array *edge(tg_array *f, int d, double h, int order, bool first)
{
    double s = first ? 1 : -1;

    if (order == 1)
        return tg_divide(first ? tg_subtract(row(f, d, 1), row(f, d, 0))
                               : tg_subtract(row(f, d, -1), row(f, d, -2)),
                         number(f, h));
    if (first)
        return tg_add(tg_add(tg_multiply(number(f, -1.5 / h), row(f, d, 0)),
                             tg_multiply(number(f, 2. / h), row(f, d, 1))),
                      tg_multiply(number(f, -0.5 / h), row(f, d, 2)));
    return tg_add(tg_add(tg_multiply(number(f, 0.5 / h), row(f, d, -3)),
                         tg_multiply(number(f, 2. * s / h), row(f, d, -2))),
                  tg_multiply(number(f, 1.5 / h), row(f, d, -1)));
}

tg_array *tg_gradient(tg_array *a, double spacing, int axis, int edge_order)
{
    tg_status status = TG_OK;
    tg_array *f = NULL, *inside;
    int d;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    TG_NEED(edge_order == 1 || edge_order == 2, TG_EARG,
            "'edge_order' greater than 2 not supported");
    TG_NEED(a->shape[d] >= edge_order + 1, TG_EARG,
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) "
            "elements are required.");
    f = a->dtype < TG_FLOAT32 ? tg_astype(a, TG_FLOAT64) : a;
    inside = tg_divide(tg_subtract(cut(f, d, 2, 0), cut(f, d, 0, -2)), number(f, 2. * spacing));
    return tg_concatenate((tg_array *[]){edge(f, d, spacing, edge_order, true), inside,
                                         edge(f, d, spacing, edge_order, false)},
                          3, d);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

/* a f[i - 1] + b f[i] + c f[i + 1] with numbers for each of the places first .. last. */
static tg_array *weighted(tg_array *f, int d, const double (*w)[3], int64_t count, int64_t at)
{
    tg_array *sum = NULL;
    int64_t shape[TG_MAX_NDIM];

    for (int k = 0; k < f->ndim; k++)
        shape[k] = k == d ? count : 1;
    for (int part = 0; part < 3; part++) {
        double *own = tg_ctx_alloc(f->ctx, (size_t)(count + 1) * sizeof *own);
        tg_array *term;

        if (!own)
            return tg_node_poisoned(f->ctx, tg_fail(TG_ENOMEM, "%" PRId64 " numbers", count));
        for (int64_t i = 0; i < count; i++)
            own[i] = w[i][part];
        term = tg_multiply(tg_from_memory(f->ctx, own, TG_FLOAT64, f->ndim, shape),
                           tg_slice_one(f, d, at + part, 1, count));
        sum = sum ? tg_add(sum, term) : term;
    }
    return sum;
}

/* The three numbers of each place but the first and the last; of these too for edge_order 2. */
static void weights_of(const double *x, int64_t n, double (*w)[3])
{
    for (int64_t i = 1; i < n - 1; i++) {
        double h = x[i] - x[i - 1], k = x[i + 1] - x[i];

        w[i][0] = -k / (h * (h + k));
        w[i][1] = (k - h) / (h * k);
        w[i][2] = h / (k * (h + k));
    }
    if (n < 3)
        return;
    double h = x[1] - x[0], k = x[2] - x[1];

    w[0][0] = -(2. * h + k) / (h * (h + k));
    w[0][1] = (h + k) / (h * k);
    w[0][2] = -h / (k * (h + k));
    h = x[n - 2] - x[n - 3];
    k = x[n - 1] - x[n - 2];
    w[n - 1][0] = k / (h * (h + k));
    w[n - 1][1] = -(k + h) / (h * k);
    w[n - 1][2] = (2. * k + h) / (k * (h + k));
}

static bool is_even(const double *x, int64_t n)
{
    for (int64_t i = 2; i < n; i++)
        if (x[i] - x[i - 1] != x[1] - x[0])
            return false;
    return true;
}

tg_array *tg_gradient_at(tg_array *a, tg_array *coordinates, int axis, int edge_order)
{
    tg_status status = TG_OK;
    tg_array *f = a, *first, *last, *out = NULL;
    double *x = NULL, (*w)[3] = NULL;
    int64_t n;
    int d;

    TG_TRY(tg_inputs_status((tg_array *[]){a, coordinates}, 2));
    TG_TRY(tg_normalize_axis(a, axis, &d));
    n = a->shape[d];
    TG_NEED(coordinates->ndim == 1, TG_EARG, "distances must be either scalars or 1d");
    TG_NEED(coordinates->size == n, TG_EARG,
            "when 1d, distances must match the length of the corresponding dimension: %" PRId64
            " and %" PRId64,
            coordinates->size, n);
    x = malloc((size_t)(n + 1) * sizeof *x);
    w = calloc((size_t)n + 1, sizeof *w);
    TG_NEED(x && w, TG_ENOMEM, "%" PRId64 " coordinates", n);
    TG_TRY(tg_gather(tg_astype(coordinates, TG_FLOAT64), x, (size_t)n * sizeof *x));
    if (n <= edge_order || is_even(x, n) || (edge_order != 1 && edge_order != 2)) {
        out = tg_gradient(a, n > 1 ? x[1] - x[0] : 1, axis, edge_order);
        goto out;
    }
    f = a->dtype < TG_FLOAT32 ? tg_astype(a, TG_FLOAT64) : a;
    weights_of(x, n, w);
    first = edge_order == 1 ? edge(f, d, x[1] - x[0], 1, true) : weighted(f, d, w, 1, 0);
    last = edge_order == 1 ? edge(f, d, x[n - 1] - x[n - 2], 1, false)
                           : weighted(f, d, w + n - 1, 1, n - 3);
    out = weighted(f, d, w + 1, n - 2, 0);
    out = tg_concatenate((tg_array *[]){first, out, last}, 3, d);
    out = tg_astype(out, f->dtype);
out:
    free(x);
    free(w);
    return status == TG_OK ? out : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_coarsen_view(tg_array *a, const int64_t *factor, bool trim, tg_axes *axes)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM];
    int n = 0;

    TG_TRY(tg_array_status(a));
    *axes = (tg_axes){0};
    for (int d = 0; d < a->ndim; d++) {
        TG_NEED(factor[d] >= 1, TG_EARG, "coarsen: a factor of %" PRId64 " along axis %d",
                factor[d], d);
        TG_NEED(trim || a->shape[d] % factor[d] == 0, TG_EARG,
                "Coarsening factors do not align with block dimensions: axis %d has %" PRId64
                " elements, the factor is %" PRId64 "; trim_excess=True cuts off the rest",
                d, a->shape[d], factor[d]);
    }
    for (int d = 0; d < a->ndim; d++) {
        int64_t whole = a->shape[d] / factor[d];

        a = tg_slice_one(a, d, 0, 1, whole * factor[d]);
        TG_TRY(tg_array_status(a));
        TG_NEED(n + 2 <= TG_MAX_NDIM, TG_EARG, "coarsen: too many axes");
        shape[n++] = whole;
        if (factor[d] > 1) {
            axes->axis[axes->count++] = n;
            shape[n++] = factor[d];
        }
    }
    return tg_reshape(a, n, shape);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_coarsen(tg_array *(*reduce)(tg_array *a, tg_axes axes), tg_array *a,
                     const int64_t *factor, bool trim)
{
    tg_axes axes = {0};
    tg_array *view = tg_coarsen_view(a, factor, trim, &axes);

    return view->status == TG_OK ? reduce(view, axes) : view;
}
