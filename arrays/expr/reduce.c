/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions: axes and parameters checked, the named ones. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "expr/node.h"
#include "kernel/types.h"

static void dump_reduce(const tg_array *a, FILE *out)
{
    const tg_reduce_params *params = a->params;

    fprintf(out, "%s", params->reducer->name);
    if (params->partials != params->reducer)
        fprintf(out, ", partials of %s", params->partials->name);
    fprintf(out, ", axes");
    for (int i = 0; i < params->naxes; i++)
        fprintf(out, " %d", params->axis[i]);
    fprintf(out, "%s", params->keepdims ? ", keepdims" : "");
    for (int i = 0; i < params->nparams; i++)
        fprintf(out, ", %.17g", params->params[i]);
}

const tg_class tg_class_reduce = {.name = "reduce", .dump = dump_reduce};

static bool is_reduced(const tg_reduce_params *params, int d)
{
    for (int i = 0; i < params->naxes; i++)
        if (params->axis[i] == d)
            return true;
    return false;
}

tg_array *tg_reduce_node(tg_array *a, const tg_reduce_params *params)
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(a->ctx, &tg_class_reduce, 1, &a, sizeof *params);
    tg_grid grid = {0};
    int64_t shape[TG_MAX_NDIM];
    int n = 0;

    TG_TRY(tg_array_status(node));
    memcpy(node->params, params, sizeof *params);
    node->dtype = params->reducer->result(a->dtype);
    for (int d = 0; d < a->ndim; d++) {
        bool reduced = is_reduced(params, d);

        if (reduced && !params->keepdims)
            continue;
        shape[n] = reduced ? 1 : a->shape[d];
        grid.count[n] = a->grid.count[d];
        grid.length[n] = a->grid.length[d];
        if (reduced)
            TG_TRY(tg_grid_axis(a->ctx, 1, 1, &grid.count[n], &grid.length[n]));
        n++;
    }
    TG_TRY(tg_node_shape(node, n, shape));
    node->grid = grid;
    tg_layout_plain(&node->layout, n, tg_dtype_size(node->dtype));
out:
    return status == TG_OK ? node : tg_node_poisoned(a->ctx, status);
}

static tg_status normalize_axes(const tg_array *a, tg_axes axes, tg_reduce_params *params)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];

    TG_NEED(axes.count >= -1 && axes.count <= TG_MAX_NDIM, TG_EARG, "%d axes: 0 to %d can be",
            axes.count, TG_MAX_NDIM);
    params->naxes = axes.count < 0 ? a->ndim : axes.count;
    params->keepdims = axes.keepdims;
    for (int i = 0; i < params->naxes; i++) {
        int axis = i;

        if (axes.count >= 0)
            TG_TRY(tg_normalize_axis(a, axes.axis[i], &axis));
        for (int j = 0; j < i; j++)
            TG_NEED(params->axis[j] != axis, TG_EARG,
                    "axis %d is given twice in a reduction of shape %s", axis,
                    tg_shape_text(a->ndim, a->shape, text));
        params->axis[i] = axis;
    }
out:
    return status;
}

/* C order over the user's axes: the order in which they were listed says nothing. */
static void sort_axes(tg_reduce_params *params)
{
    for (int i = 1; i < params->naxes; i++)
        for (int j = i; j > 0 && params->axis[j] < params->axis[j - 1]; j--) {
            int axis = params->axis[j];

            params->axis[j] = params->axis[j - 1];
            params->axis[j - 1] = axis;
        }
}

/* As NumPy: there is no smallest element of none, even for a result without elements. */
static tg_status check_empty(const tg_array *a, const tg_reduce_params *params)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];

    for (int i = 0; i < params->naxes && !params->reducer->empty_ok; i++)
        TG_NEED(a->shape[params->axis[i]] > 0, TG_EARG,
                "%s along axis %d of length 0 has no value: shape %s", params->reducer->name,
                params->axis[i], tg_shape_text(a->ndim, a->shape, text));
out:
    return status;
}

tg_array *tg_reduction(tg_array *a, tg_axes axes, const tg_reducer *reducer, const double *numbers,
                       int nparams)
{
    tg_status status = TG_OK;
    tg_reduce_params params = {.reducer = reducer, .partials = reducer, .nparams = nparams};

    TG_TRY(tg_array_status(a));
    TG_NEED(nparams >= 0 && nparams <= TG_REDUCE_MAX_PARAMS, TG_EARG,
            "%s: %d parameters, 0 to %d can be", reducer->name, nparams, TG_REDUCE_MAX_PARAMS);
    for (int i = 0; i < nparams; i++)
        params.params[i] = numbers[i];
    TG_NEED(a->dtype < TG_COMPLEX64 || reducer->complex_ok, TG_EARG,
            "%s is not defined for %s: take it of real, imag or absolute", reducer->name,
            tg_dtype_name(a->dtype));
    TG_TRY(normalize_axes(a, axes, &params));
    sort_axes(&params);
    TG_TRY(check_empty(a, &params));
    return tg_reduce_node(a, &params);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_sum(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, &tg_reducer_sum, NULL, 0);
}

static bool is_complex(const tg_array *a)
{
    return a && a->status == TG_OK && tg_is_complex(a->dtype);
}

tg_array *tg_min(tg_array *a, tg_axes axes)
{
    return is_complex(a) ? tg_reduction(a, axes, &tg_reducer_complex_min, (double[]){0}, 1)
                         : tg_reduction(a, axes, &tg_reducer_min, NULL, 0);
}

tg_array *tg_max(tg_array *a, tg_axes axes)
{
    return is_complex(a) ? tg_reduction(a, axes, &tg_reducer_complex_max, (double[]){0}, 1)
                         : tg_reduction(a, axes, &tg_reducer_max, NULL, 0);
}

tg_array *tg_mean(tg_array *a, tg_axes axes)
{
    return tg_reduction(a, axes, &tg_reducer_mean, NULL, 0);
}

tg_array *tg_var_ddof(tg_array *a, tg_axes axes, double ddof)
{
    return tg_reduction(a, axes, &tg_reducer_var, &ddof, 1);
}

tg_array *tg_std_ddof(tg_array *a, tg_axes axes, double ddof)
{
    return tg_reduction(a, axes, &tg_reducer_std, &ddof, 1);
}

tg_array *tg_var(tg_array *a, tg_axes axes)
{
    return tg_var_ddof(a, axes, 0);
}

tg_array *tg_std(tg_array *a, tg_axes axes)
{
    return tg_std_ddof(a, axes, 0);
}

/* Highest order of polynomials: far above what a fit of float64 can tell apart from noise. */
#define MAX_DEGREE 64

static tg_array *detrended(tg_array *a, int axis, const tg_reducer *reducer, const double *params,
                           int nparams)
{
    tg_status status = TG_OK;

    TG_TRY(tg_array_status(a));
    TG_NEED(params[0] >= 0 && params[0] <= MAX_DEGREE, TG_EARG,
            "%s: degree %g of the polynomials; 0 to %d can be", reducer->name, params[0],
            MAX_DEGREE);
    return tg_reduction(a, TG_AXES(axis), reducer, params, nparams);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_detrended_mean(tg_array *a, int axis, int degree)
{
    return detrended(a, axis, &tg_reducer_detrended_mean, (double[]){degree}, 1);
}

tg_array *tg_detrended_std(tg_array *a, int axis, int degree, double ddof)
{
    return detrended(a, axis, &tg_reducer_detrended_std, (double[]){degree, ddof}, 2);
}
