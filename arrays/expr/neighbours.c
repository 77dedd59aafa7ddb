/* SPDX-License-Identifier: BSD-3-Clause */
/* Operators on neighbours along an axis: slices and elementwise programs. */
#include <inttypes.h>
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

/* ---- coarsen ---- */

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
