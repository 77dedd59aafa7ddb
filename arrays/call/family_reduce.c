/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <tegula/contract.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/datum.h"
#include "call/table.h"
#include "expr/node.h"
#include "kernel/elementwise.h"

/* What stands in for elements that where= leaves out. */
enum fill {
    FILL_NOT, /* where= cannot be */
    FILL_ZERO,
    FILL_ONE,
    FILL_INITIAL, /* what initial= says */
    FILL_COUNT,   /* nothing: they are not counted */
};

/* Reductions that know nothing but their axes: one builder for all. */
static const struct simple {
    const char *name;
    tg_array *(*build)(tg_array *, tg_axes);
    enum fill fill;
    tg_array *(*join)(tg_array *, tg_array *); /* the result and initial= */
} simples[] = {
    {"sum", tg_sum, FILL_ZERO, tg_add},
    {"prod", tg_prod, FILL_ONE, tg_multiply},
    {"min", tg_min, FILL_INITIAL, tg_minimum},
    {"max", tg_max, FILL_INITIAL, tg_maximum},
    {"ptp", tg_ptp, FILL_NOT, NULL},
    {"mean", tg_mean, FILL_COUNT, NULL},
    {"any", tg_any, FILL_ZERO, NULL},
    {"all", tg_all, FILL_ONE, NULL},
    {"count_nonzero", tg_count_nonzero, FILL_NOT, NULL},
    {"argmin", tg_argmin, FILL_NOT, NULL},
    {"argmax", tg_argmax, FILL_NOT, NULL},
    {"nansum", tg_nansum, FILL_ZERO, tg_add},
    {"nanprod", tg_nanprod, FILL_ONE, tg_multiply},
    {"nanmean", tg_nanmean, FILL_COUNT, NULL},
    {"nanmin", tg_nanmin, FILL_INITIAL, tg_fmin},
    {"nanmax", tg_nanmax, FILL_INITIAL, tg_fmax},
    {"nanargmin", tg_nanargmin, FILL_NOT, NULL},
    {"nanargmax", tg_nanargmax, FILL_NOT, NULL},
};

/* The array to be reduced, converted where the call names a dtype. Before NaN become integers,
 * nansum and nanprod leave it out. */
static tg_array *operand(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *fill;
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    const char *name = tg_call_operator(call)->name;

    tg_call_no_out(call);
    if (!tg_call_given(call, "dtype") || tg_call_failed(call))
        return a;
    if (dtype < TG_FLOAT32 && tg_dtype_of(a) >= TG_FLOAT32 && strncmp(name, "nan", 3) == 0) {
        fill = tg_astype(tg_int(tg_call_ctx(call), strcmp(name, "nanprod") == 0), tg_dtype_of(a));
        a = tg_where(tg_isnan(a), fill, a);
    }
    return tg_astype(a, dtype);
}

/* NumPy's own mean, var and std take no axis of a number, their nan- forms one of floats. */
static bool takes_axis_of_number(const char *name, tg_dtype dtype)
{
    bool nan = name[0] == 'n', moment = strstr(name, "mean") || strstr(name, "var");

    return !(moment || strstr(name, "std")) || (nan && dtype >= TG_FLOAT32);
}

/* The axes; of a number 0 and -1 pass as its own where NumPy's ufuncs reduce. */
static tg_axes axes_of(tg_call *call, const tg_array *a)
{
    const tg_datum *axis = tg_call_datum(call, "axis");
    const char *name = tg_call_operator(call)->name;
    tg_axes axes = tg_call_axes(call, "axis");

    if (tg_datum_is_sequence(axis) && strstr(name, "arg"))
        tg_call_fail(call, "'tuple' object cannot be interpreted as an integer: axis of %s is one",
                     name);
    if (tg_ndim(a) == 0 && axes.count == 1 && (axes.axis[0] == 0 || axes.axis[0] == -1) &&
        !tg_datum_is_sequence(axis) && takes_axis_of_number(name, tg_dtype_of(a)))
        axes.count = 0;
    return axes;
}

/* where=, which does not make the array larger. */
static tg_array *where_of(tg_call *call, const tg_array *a)
{
    tg_array *where = tg_call_where(call);
    int more = where && !tg_call_failed(call) ? tg_ndim(where) - tg_ndim(a) : 0;

    if (more > 0)
        tg_call_fail(call, "where= has %d axes, more than the array's %d", tg_ndim(where),
                     tg_ndim(a));
    for (int d = 0; where && !tg_call_failed(call) && d < tg_ndim(where); d++)
        if (tg_shape(where)[d] != 1 && tg_shape(where)[d] != tg_shape(a)[d - more])
            tg_call_fail(call, "where= has length %" PRId64 " along axis %d, the array %" PRId64,
                         tg_shape(where)[d], d - more, tg_shape(a)[d - more]);
    return where;
}

/* initial= as an element of what the reduction gives; NULL: there is none. */
static tg_array *initial_of(tg_call *call, tg_dtype dtype)
{
    tg_array *initial = tg_call_array_or_null(call, "initial");

    if (initial && !tg_call_failed(call))
        tg_call_status(call, tg_datum_check_dtype(tg_call_datum(call, "initial"), dtype));
    return initial ? tg_astype(initial, dtype) : NULL;
}

/* Elements that where= leaves out, replaced. */
static tg_array *filled(tg_call *call, const struct simple *simple, tg_array *a, tg_array *where,
                        tg_array *initial)
{
    tg_ctx *ctx = tg_call_ctx(call);
    tg_array *fill = initial;

    if (simple->fill == FILL_INITIAL && !initial) {
        tg_call_fail(call,
                     "reduction operation '%s' does not have an identity, so to use a where mask "
                     "one has to specify 'initial'",
                     simple->name);
        return a;
    }
    if (simple->fill != FILL_INITIAL)
        fill = tg_int(ctx, simple->fill == FILL_ONE);
    return tg_where(where, a, tg_astype(fill, tg_dtype_of(a)));
}

/* Whether no element stands behind a result. */
static bool is_of_none(const tg_array *a, tg_axes axes)
{
    bool none = false;

    if (axes.count < 0)
        return tg_size(a) == 0;
    for (int i = 0; i < axes.count; i++) {
        int d = axes.axis[i] < 0 ? axes.axis[i] + tg_ndim(a) : axes.axis[i];

        none = none || (d >= 0 && d < tg_ndim(a) && tg_shape(a)[d] == 0);
    }
    return none;
}

static tg_array *reduced(tg_call *call, const struct simple *simple, tg_array *a, tg_axes axes)
{
    bool mean = simple->fill == FILL_COUNT, extreme = simple->fill == FILL_INITIAL;
    tg_array *where = where_of(call, a);
    tg_array *initial = extreme ? initial_of(call, tg_dtype_of(a)) : NULL;

    if (tg_call_failed(call))
        return a;
    if (where && mean)
        return tg_mean_where(
            a, axes,
            simple->name[0] == 'n' ? tg_logical_and(where, tg_logical_not(tg_isnan(a))) : where);
    if (where)
        a = filled(call, simple, a, where, initial);
    if (initial && is_of_none(a, axes))
        return tg_full_like(tg_any(a, axes), initial, tg_dtype_of(a), NULL);
    a = simple->build(a, axes);
    initial = extreme ? initial : initial_of(call, tg_dtype_of(a));
    return initial ? simple->join(a, initial) : a;
}

/* The elements behind a result. */
static double count_of(const tg_array *a, tg_axes axes)
{
    double n = 1;

    for (int i = 0; i < (axes.count < 0 ? tg_ndim(a) : axes.count); i++) {
        int d = axes.count < 0 ? i : axes.axis[i] + (axes.axis[i] < 0 ? tg_ndim(a) : 0);

        n *= d >= 0 && d < tg_ndim(a) ? (double)tg_shape(a)[d] : 1;
    }
    return n;
}

/* The mean in a dtype of integers or bool: NumPy adds in it, which wraps, and cuts the quotient. */
static tg_array *integer_mean(tg_array *a, tg_axes axes, tg_dtype dtype, double n)
{
    tg_array *sum = tg_astype(tg_sum(tg_astype(a, dtype), axes), dtype);

    return tg_astype(tg_divide(sum, tg_float(a->ctx, n)), dtype);
}

/* The same of the variance. */
static tg_array *integer_variance(tg_array *a, tg_axes axes, tg_dtype dtype, double ddof, bool root)
{
    const double n = count_of(a, axes);
    tg_axes kept = axes;

    kept.keepdims = true;
    a = tg_subtract(a, integer_mean(a, kept, dtype, n));
    a = integer_mean(tg_multiply(a, a), axes, dtype, n > ddof ? n - ddof : 0);
    return root ? tg_astype(tg_sqrt(tg_astype(a, TG_FLOAT64)), dtype) : a;
}

/* Whether the call computes in a dtype of integers or bool; not where elements may be NaN. */
static bool in_integers(tg_call *call, const tg_array *a, bool nan)
{
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);

    if (!tg_call_given(call, "dtype") || dtype >= TG_FLOAT32 || tg_call_failed(call))
        return false;
    if (nan && tg_dtype_of(a) >= TG_FLOAT32)
        tg_call_fail(call, "If a is inexact, then dtype must be inexact");
    return tg_dtype_of(a) < TG_COMPLEX64 && !tg_call_where(call);
}

static tg_datum build_simple(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    tg_array *given = tg_call_array(call, "a"), *a = operand(call);
    tg_axes axes = axes_of(call, a);

    if (strstr(name, "mean") && in_integers(call, given, name[0] == 'n'))
        return tg_datum_array(integer_mean(given, axes, tg_call_dtype(call, "dtype", TG_FLOAT64),
                                           count_of(given, axes)));
    for (size_t i = 0; i < sizeof simples / sizeof *simples; i++)
        if (strcmp(simples[i].name, name) == 0) {
            a = reduced(call, &simples[i], a, axes);
            return tg_datum_array(tg_astype(a, tg_call_dtype(call, "dtype", tg_dtype_of(a))));
        }
    return tg_call_fail(call, "%s is not among the simple reductions", name);
}

/* ddof, or its other name. */
static double degrees_of_freedom(tg_call *call)
{
    double ddof = tg_call_float(call, "ddof");

    if (!tg_call_given(call, "correction"))
        return ddof;
    if (ddof != 0)
        tg_call_fail(call, "ddof and correction can't be provided simultaneously.");
    return tg_call_float(call, "correction");
}

/* Of complex numbers in a dtype of reals: NumPy's deviations are then from the mean of the real
 * parts, in that dtype. */
static tg_array *mean_of_reals(tg_array *a, tg_axes axes, tg_dtype dtype, tg_array *where, bool nan)
{
    tg_array *real = tg_real(a);

    axes.keepdims = true;
    if (dtype < TG_FLOAT32)
        return integer_mean(real, axes, dtype, count_of(a, axes));
    if (nan)
        where = where ? tg_logical_and(where, tg_logical_not(tg_isnan(a)))
                      : tg_logical_not(tg_isnan(a));
    real = tg_astype(real, dtype);
    return where ? tg_mean_where(real, axes, where) : tg_mean(real, axes);
}

/* var, std, nanvar, nanstd. */
static tg_datum build_var(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    bool nan = name[0] == 'n', root = strstr(name, "std") != NULL;
    tg_array *given = tg_call_array(call, "a"), *where = where_of(call, given), *mean;
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(given));
    bool of_reals = tg_dtype_of(given) >= TG_COMPLEX64 && dtype < TG_COMPLEX64;
    tg_array *a = !of_reals             ? operand(call)
                  : dtype == TG_FLOAT64 ? tg_astype(given, TG_COMPLEX128)
                                        : given;
    tg_axes axes = axes_of(call, given);
    double ddof = degrees_of_freedom(call);
    bool whole = in_integers(call, given, nan);

    tg_call_no_out(call);
    mean = tg_call_array_or_null(call, "mean");
    if (tg_call_failed(call))
        return tg_datum_array(a);
    if (of_reals && !mean)
        mean = mean_of_reals(given, axes, dtype, where, nan);
    if (whole && !mean)
        return tg_datum_array(integer_variance(given, axes, dtype, ddof, root));
    if (where || mean) {
        a = (nan ? tg_nanvar_where : tg_var_where)(a, axes, ddof, where, mean);
        a = root ? tg_sqrt(a) : a;
    } else if (nan) {
        a = root ? tg_nanstd(a, axes, ddof) : tg_nanvar(a, axes, ddof);
    } else {
        a = root ? tg_std_ddof(a, axes, ddof) : tg_var_ddof(a, axes, ddof);
    }
    return tg_datum_array(tg_call_given(call, "dtype") ? tg_astype(a, dtype) : a);
}

/* NumPy divides by no sum of weights that is 0: the sums are computed at once to know. */
static void refuse_zero(tg_call *call, tg_array *sums)
{
    tg_array *zero = tg_any(tg_equal(sums, tg_int(tg_call_ctx(call), 0)), TG_ALL_AXES);
    uint8_t found = 0;
    tg_status status = tg_gather(zero, &found, sizeof found);

    tg_call_status(call, status == TG_PREVIEWED ? TG_OK : status);
    if (found && !tg_call_failed(call))
        tg_call_fail(call, "Weights sum to zero, can't be normalized");
}

static tg_datum build_average(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *weights = NULL, *parts[2];

    if (tg_call_given(call, "weights"))
        weights = tg_call_array(call, "weights");
    if (tg_call_failed(call))
        return tg_datum_array(a);
    parts[0] = tg_average(a, tg_call_axis_list(call, "axis"), weights, &parts[1]);
    if (weights)
        refuse_zero(call, parts[1]);
    return tg_call_bool(call, "returned") ? tg_datum_arrays(tg_call_ctx(call), parts, 2)
                                          : tg_datum_array(parts[0]);
}

/* Norm of matrices by their singular values: order 2, -2, or 'nuc' for their sum. */
static tg_array *norm_by_values(tg_call *call, tg_array *x, tg_axes axes, int order)
{
    tg_array *s, *out, **all;
    int to[2] = {-2, -1};
    int64_t shape[TG_MAX_NDIM], count, rows, columns;

    x = tg_moveaxis(x, 2, axes.axis, to);
    tg_call_status(call, tg_array_status(x));
    if (tg_call_failed(call))
        return x;
    memcpy(shape, tg_shape(x), (size_t)tg_ndim(x) * sizeof *shape);
    rows = shape[tg_ndim(x) - 2];
    columns = shape[tg_ndim(x) - 1];
    count = rows * columns > 0 ? tg_size(x) / (rows * columns) : 0;
    all = tg_ctx_alloc(tg_call_ctx(call), (size_t)(count + 1) * sizeof *all);
    if (count == 0 || count > 10000 || !all) {
        tg_call_fail(call, "linalg.norm of %lld matrices: 1 to 10000 can be", (long long)count);
        return x;
    }
    x = tg_reshape(x, 3, (int64_t[]){count, rows, columns});
    for (int64_t i = 0; i < count && !tg_call_failed(call); i++) {
        tg_array *u, *v;

        tg_call_status(call, tg_linalg_svd(tg_getitem(x, TG_INDEX(TG_AT(i))), &u, &s, &v));
        all[i] = order > 0 ? tg_max(s, TG_ALL_AXES)
                 : order   ? tg_min(s, TG_ALL_AXES)
                           : tg_sum(s, TG_ALL_AXES);
    }
    if (tg_call_failed(call))
        return x;
    x = tg_call_array(call, "x");
    out = tg_reshape(tg_stack(all, (int)count, 0), tg_ndim(x) - 2, shape);
    return axes.keepdims ? tg_expand_dims(out, axes) : out;
}

/* ord and axis None: of all elements; an order and two axes: of matrices. */
static tg_datum build_norm(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");
    tg_axes axes = tg_call_axes(call, "axis");
    const tg_datum *order = tg_call_datum(call, "ord");
    int naxes = axes.count < 0 ? tg_ndim(x) : axes.count;

    if (order->kind == TG_DATUM_NONE && (axes.count < 0 || naxes == 1 || naxes == 2))
        return tg_datum_array(tg_norm(x, 2, axes));
    if (naxes < 1 || naxes > 2)
        return tg_call_fail(call, "Improper number of dimensions to norm.");
    if (naxes == 2 && axes.count < 0)
        axes = (tg_axes){.count = 2, .axis = {0, 1}, .keepdims = axes.keepdims};
    if (order->kind == TG_DATUM_TEXT) {
        if (naxes == 2 && strcmp(order->text, "nuc") == 0)
            return tg_datum_array(norm_by_values(call, x, axes, 0));
        if (naxes != 2 || strcmp(order->text, "fro") != 0)
            return tg_call_fail(call, "Invalid norm order '%s'.", order->text);
        return tg_datum_array(tg_norm(x, 2, axes));
    }
    if (naxes == 1)
        return tg_datum_array(tg_norm(x, tg_call_float(call, "ord"), axes));
    if (fabs(tg_call_float(call, "ord")) == 2)
        return tg_datum_array(norm_by_values(call, x, axes, (int)tg_call_float(call, "ord")));
    return tg_datum_array(tg_matrix_norm(x, tg_call_float(call, "ord"), axes));
}

/* Whether there is no row: then NumPy looks at nothing else. */
static bool no_variables(const tg_array *m)
{
    return tg_ndim(m) == 2 && tg_shape(m)[0] == 0;
}

/* Variables in rows, of m and then of y. */
static tg_array *variables(tg_call *call, const char *name)
{
    tg_array *m = tg_call_array(call, name), *y;
    bool rows = tg_call_bool(call, "rowvar");

    if (tg_ndim(m) == 2 && !rows && tg_shape(m)[0] != 1)
        m = tg_transpose(m, NULL);
    if (!tg_call_given(call, "y") || no_variables(m))
        return m;
    y = tg_call_array(call, "y");
    if (tg_ndim(y) == 2 && !rows && tg_shape(y)[0] != 1)
        y = tg_transpose(y, NULL);
    return tg_concatenate((tg_array *[]){tg_atleast_2d(m), tg_atleast_2d(y)}, 2, 0);
}

/* Weights of samples; NULL: none, or an error. */
static const double *sample_weights(tg_call *call, const char *name, int64_t samples)
{
    tg_array *weights;
    const double *values;
    int64_t count;

    if (tg_call_failed(call) || !tg_call_given(call, name))
        return NULL;
    weights = tg_call_array(call, name);
    values = tg_call_numbers(call, name, &count);
    if (tg_call_failed(call))
        return NULL;
    if (tg_ndim(weights) > 1)
        tg_call_fail(call, "cannot handle multidimensional %s", name);
    else if (count != samples)
        tg_call_fail(call, "incompatible numbers of samples and %s: %lld and %lld", name,
                     (long long)samples, (long long)count);
    for (int64_t i = 0; i < count && !tg_call_failed(call); i++)
        if (name[0] == 'f' && values[i] != rint(values[i]))
            tg_call_fail(call, "fweights must be integer, not %g", values[i]);
        else if (values[i] < 0)
            tg_call_fail(call, "%s cannot be negative: %g", name, values[i]);
    return values;
}

/* numpy.cov; of corrcoef without weights, its bias and ddof cancel. */
static tg_array *covariance(tg_call *call, const char *name)
{
    tg_array *m = variables(call, name);
    bool weighted = name[0] == 'm';
    double ddof = weighted && tg_call_bool(call, "bias") ? 0 : 1;
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_promote(tg_dtype_of(m), TG_FLOAT64));
    const double *frequency, *importance;
    int64_t samples;

    if (weighted && tg_call_given(call, "ddof"))
        ddof = tg_call_float(call, "ddof");
    if (ddof != rint(ddof))
        tg_call_fail(call, "ddof must be integer, not %g", ddof);
    tg_call_status(call, tg_array_status(m));
    if (tg_call_failed(call) || no_variables(m))
        return tg_cov(m, 0);
    samples = tg_ndim(m) == 0 ? 1 : tg_shape(m)[tg_ndim(m) - 1];
    frequency = sample_weights(call, "fweights", samples);
    importance = sample_weights(call, "aweights", samples);
    return tg_cov_weighted(m, ddof, frequency, importance, dtype);
}

static tg_datum build_cov(tg_call *call)
{
    return tg_datum_array(covariance(call, "m"));
}

static tg_datum build_corrcoef(tg_call *call)
{
    return tg_datum_array(tg_corrcoef_of_cov(covariance(call, "x")));
}

#define ROW(name_, aliases_, method_, tail, dtype_, cost_, build_)                                 \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_REDUCE, .signature = "a, " tail,  \
        .method = (method_), .dask = (name_), .shape = "axes removed, or 1 with keepdims",         \
        .dtype = (dtype_), .cost = (cost_), .build = (build_)                                      \
    }
#define SUMS     "axis=None, dtype=None, out=None, keepdims=False, initial=<no value>, where=True"
#define EXTREMES "axis=None, out=None, keepdims=False, initial=<no value>, where=True"
#define MEANS    "axis=None, dtype=None, out=None, keepdims=False, *, where=True"
#define VARIANCES                                                                                  \
    "axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=<no value>, "    \
    "correction=<no value>"
#define TRUTHS   "axis=None, out=None, keepdims=False, *, where=True"
#define PLACES   "axis=None, out=None, *, keepdims=False"
#define RANGE    "axis=None, out=None, keepdims=False"
#define COUNT    "axis=None, *, keepdims=False"
#define SUM_TYPE "int64, uint64 for integers; floats as a; or dtype"
#define FLOAT    "float64 for integers; floats as a; or dtype"

static const tg_operator rows[] = {
    ROW("sum", NULL, SUMS, SUMS, SUM_TYPE, "one pass", build_simple),
    ROW("prod", "product", SUMS, SUMS, SUM_TYPE, "one pass", build_simple),
    ROW("min", "amin", EXTREMES, EXTREMES, "as a", "one pass", build_simple),
    ROW("max", "amax", EXTREMES, EXTREMES, "as a", "one pass", build_simple),
    ROW("ptp", NULL, RANGE, RANGE, "as a", "one pass", build_simple),
    ROW("mean", NULL, MEANS, MEANS, FLOAT, "one pass", build_simple),
    ROW("var", NULL, VARIANCES, VARIANCES, FLOAT, "one pass", build_var),
    ROW("std", NULL, VARIANCES, VARIANCES, FLOAT, "one pass", build_var),
    ROW("any", NULL, TRUTHS, TRUTHS, "bool", "one pass", build_simple),
    ROW("all", NULL, TRUTHS, TRUTHS, "bool", "one pass", build_simple),
    ROW("count_nonzero", NULL, NULL, COUNT, "int64", "one pass", build_simple),
    ROW("argmin", NULL, PLACES, PLACES, "int64", "one pass", build_simple),
    ROW("argmax", NULL, PLACES, PLACES, "int64", "one pass", build_simple),
    ROW("nansum", NULL, NULL, SUMS, SUM_TYPE, "one pass", build_simple),
    ROW("nanprod", NULL, NULL, SUMS, SUM_TYPE, "one pass", build_simple),
    ROW("nanmean", NULL, NULL, MEANS, FLOAT, "one pass", build_simple),
    ROW("nanvar", NULL, NULL, VARIANCES, FLOAT, "two passes", build_var),
    ROW("nanstd", NULL, NULL, VARIANCES, FLOAT, "two passes", build_var),
    ROW("nanmin", NULL, NULL, EXTREMES, "as a", "one pass", build_simple),
    ROW("nanmax", NULL, NULL, EXTREMES, "as a", "one pass", build_simple),
    ROW("nanargmin", NULL, NULL, PLACES, "int64", "one pass", build_simple),
    ROW("nanargmax", NULL, NULL, PLACES, "int64", "one pass", build_simple),
    {.name = "average",
     .kind = TG_CLASS_REDUCE,
     .signature = "a, axis=None, weights=None, returned=False, *, keepdims=False",
     .dask = "average",
     .shape = "axes removed, or 1 with keepdims",
     .dtype = "float64 for integers; floats promoted",
     .cost = "one pass; the sums of weights are computed when built",
     .build = build_average},
    {.name = "linalg.norm",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, ord=None, axis=None, keepdims=False",
     .dask = "linalg.norm",
     .shape = "axes removed, or 1 with keepdims",
     .dtype = "float64 for integers; floats as x",
     .cost = "one pass",
     .notes = "of matrices: 'fro', 'nuc', 1, -1, 2, -2, inf, -inf",
     .build = build_norm},
    {.name = "cov",
     .kind = TG_CLASS_REDUCE,
     .signature = "m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, "
                  "dtype=None",
     .dask = "cov",
     .shape = "[variables, variables]",
     .dtype = "float64 or complex128; or dtype",
     .cost = "two passes, products of all pairs",
     .build = build_cov},
    {.name = "corrcoef",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, y=None, rowvar=True, bias=<no value>, ddof=<no value>, *, dtype=None",
     .dask = "corrcoef",
     .shape = "[variables, variables]",
     .dtype = "float64 or complex128; or dtype",
     .cost = "two passes, products of all pairs",
     .build = build_corrcoef},
};

const tg_family tg_family_reduce = TG_FAMILY(rows);
