/* SPDX-License-Identifier: BSD-3-Clause */
/* Running sums, quantiles, and counting by value. */
#include <math.h>
#include <string.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/table.h"

/* axis=None: of the raveled array. */
static tg_datum build_cumulate(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    bool nan = strncmp(name, "nan", 3) == 0, product = strstr(name, "prod") != NULL;
    int axis;
    tg_array *a = tg_call_along(call, "a", &axis);
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    tg_ctx *ctx = tg_call_ctx(call);

    tg_call_no_out(call);
    if (nan && tg_dtype_of(a) >= TG_FLOAT32 && tg_call_given(call, "dtype")) /* before it is cut */
        a = tg_where(tg_isnan(a), tg_astype(tg_int(ctx, product), tg_dtype_of(a)), a);
    if (tg_call_given(call, "dtype"))
        a = tg_astype(a, dtype);
    if (nan)
        a = product ? tg_nancumprod(a, axis) : tg_nancumsum(a, axis);
    else
        a = product ? tg_cumprod(a, axis) : tg_cumsum(a, axis);
    return tg_datum_array(tg_call_given(call, "dtype") ? tg_astype(a, dtype) : a);
}

static tg_datum build_median(tg_call *call)
{
    tg_call_no_out(call);
    return tg_datum_array(tg_median(tg_call_array(call, "a"), tg_call_axis_list(call, "axis"),
                                    tg_call_operator(call)->name[0] == 'n'));
}

/* q's axes come first in the result: the new first axis becomes them. */
static tg_array *with_axes_of(tg_array *q, tg_array *result)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_ndim(q) + tg_ndim(result) - 1;

    if (tg_array_status(result) != TG_OK || tg_ndim(q) == 1)
        return result;
    if (tg_ndim(q) == 0)
        return tg_squeeze(result, TG_AXES(0));
    for (int d = 0; d < ndim && d < TG_MAX_NDIM; d++)
        shape[d] = d < tg_ndim(q) ? tg_shape(q)[d] : tg_shape(result)[d - tg_ndim(q) + 1];
    return tg_reshape(result, ndim, shape);
}

/* A Python number has no precision of its own, an array of them has. */
static bool is_number(const tg_datum *q)
{
    return q->kind != TG_DATUM_ARRAY && q->kind != TG_DATUM_LIST && q->kind != TG_DATUM_TUPLE;
}

static tg_datum build_quantile(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    bool percent = strstr(name, "percentile") != NULL;
    tg_quantile_method method = TG_QUANTILE_LINEAR;
    tg_array *asked = tg_call_array(call, "q");
    int64_t count;
    double *q = tg_call_numbers(call, "q", &count);
    tg_array *a;

    tg_call_no_out(call);
    if (tg_call_given(call, "interpolation") && strcmp(tg_call_word(call, "method"), "linear") != 0)
        tg_call_fail(call, "You shall not pass both `method` and `interpolation`! (`interpolation` "
                           "is `method`'s old name)");
    tg_call_status(
        call,
        tg_quantile_method_parse(
            tg_call_word(call, tg_call_given(call, "interpolation") ? "interpolation" : "method"),
            &method));
    if (!q || tg_call_failed(call))
        return tg_datum_array(asked);
    for (int64_t i = 0; i < count && percent; i++)
        if (!(q[i] >= 0 && q[i] <= 100))
            return tg_call_fail(call, "Percentiles must be in the range [0, 100]");
        else
            q[i] /= 100;
    if (!percent && method == TG_QUANTILE_LINEAR && tg_dtype_of(asked) < TG_FLOAT32)
        method = TG_QUANTILE_LOWER; /* 0 and 1 as integers are places: NumPy picks the elements */
    a = tg_call_array(call, "a");
    for (int64_t i = 0; i < count; i++)
        if (!(q[i] >= 0 && q[i] <= 1))
            return tg_call_fail(call, "Quantiles must be in the range [0, 1]");
    if (name[0] == 'n' && !tg_call_failed(call) && tg_size(a) == 0) /* NumPy's, without axes of q */
        return tg_datum_array(tg_nanmean(a, tg_call_axis_list(call, "axis")));
    if (tg_dtype_of(a) == TG_FLOAT32 && !is_number(tg_call_datum(call, "q")) &&
        !tg_quantile_picks(method))
        a = tg_astype(a, TG_FLOAT64);
    return tg_datum_array(
        with_axes_of(asked, tg_quantile_by(a, q, count, tg_call_axis_list(call, "axis"),
                                           name[0] == 'n', method)));
}

/* A number that is computed at once. */
static double now(tg_call *call, tg_array *a)
{
    double value = 0;

    if (!tg_call_failed(call))
        tg_call_status(call, tg_gather(tg_astype(a, TG_FLOAT64), &value, sizeof value));
    return value;
}

/* Twice the distance of the quartiles, by the cube root of n (Freedman and Diaconis 1981). */
static double quartile_width(tg_call *call, tg_array *x, double n)
{
    tg_array *q = tg_quantile(x, (double[]){0.75, 0.25}, 2, TG_ALL_AXES, false);

    return 2. *
           now(call,
               tg_subtract(tg_getitem(q, TG_INDEX(TG_AT(0))), tg_getitem(q, TG_INDEX(TG_AT(1))))) *
           pow(n, -1. / 3.);
}

/* Doane's width, by skewness. */
static double doane_width(tg_call *call, tg_array *x, double n, double extent)
{
    double s = sqrt(6. * (n - 2) / ((n + 1.) * (n + 3))), sigma = now(call, tg_std(x, TG_ALL_AXES));
    tg_array *z;

    if (n <= 2 || !(sigma > 0))
        return 0;
    z = tg_divide(tg_subtract(x, tg_mean(x, TG_ALL_AXES)), tg_float(tg_call_ctx(call), sigma));
    z = tg_mean(tg_power(z, tg_int(tg_call_ctx(call), 3)), TG_ALL_AXES);
    return extent / (1. + log2(n) + log2(1. + fabs(now(call, z)) / s));
}

/* Stone's width: of as many bins as make his estimate of the loss least, in one computation. */
static double stone_width(tg_call *call, tg_array *x, double n, double extent, const double *range)
{
    const int most = (int)fmax(100, sqrt(n));
    tg_array **squares = tg_ctx_alloc(tg_call_ctx(call), (size_t)most * sizeof *squares);
    double *sum = tg_ctx_alloc(tg_call_ctx(call), (size_t)most * sizeof *sum), best = INFINITY;
    int bins = 1;

    if (n <= 1 || extent == 0 || !squares || !sum)
        return 0;
    for (int k = 0; k < most; k++)
        squares[k] =
            tg_sum(tg_square(tg_divide(tg_histogram(x, tg_histogram_edges(x, k + 1, range), NULL),
                                       tg_float(tg_call_ctx(call), n))),
                   TG_ALL_AXES);
    tg_call_status(call, tg_gather(tg_stack(squares, most, 0), sum, (size_t)most * sizeof *sum));
    for (int k = 0; k < most && !tg_call_failed(call); k++) {
        double loss = (2 - (n + 1) * sum[k]) / (extent / (k + 1));

        if (loss < best) {
            best = loss;
            bins = k + 1;
        }
    }
    return extent / bins;
}

/* How many bins one of NumPy's rules gives, of the elements within the range. */
static int64_t bins_by_name(tg_call *call, tg_array *a, const char *name)
{
    double range[2], n, extent, width = 0;
    tg_array *x = tg_astype(tg_ravel(a), TG_FLOAT64);

    if (tg_call_given(call, "weights"))
        tg_call_fail(call, "Automated estimation of the number of bins is not supported for "
                           "weighted data");
    if (tg_dtype_of(a) >= TG_COMPLEX64)
        tg_call_fail(call, "bins='%s': the number of bins is estimated of real numbers, not %s",
                     name, tg_dtype_name(tg_dtype_of(a)));
    if (tg_call_given(call, "range") && tg_call_floats(call, "range", range, 2) == 2)
        x = tg_extract(tg_logical_and(tg_greater_equal(x, tg_float(tg_call_ctx(call), range[0])),
                                      tg_less_equal(x, tg_float(tg_call_ctx(call), range[1]))),
                       x);
    tg_call_status(call, tg_array_status(x));
    n = (double)tg_size(x);
    if (tg_call_failed(call) || n == 0)
        return 1;
    extent = now(call, tg_ptp(x, TG_ALL_AXES));
    if (strcmp(name, "sqrt") == 0)
        width = extent / sqrt(n);
    else if (strcmp(name, "sturges") == 0)
        width = extent / (log2(n) + 1.);
    else if (strcmp(name, "rice") == 0)
        width = extent / (2. * pow(n, 1. / 3));
    else if (strcmp(name, "scott") == 0)
        width = pow(24. * sqrt(M_PI) / n, 1. / 3.) * now(call, tg_std(x, TG_ALL_AXES));
    else if (strcmp(name, "doane") == 0)
        width = doane_width(call, x, n, extent);
    else if (strcmp(name, "fd") == 0 || strcmp(name, "auto") == 0)
        width = quartile_width(call, x, n);
    else if (strcmp(name, "stone") == 0)
        width = stone_width(call, x, n, extent, tg_call_given(call, "range") ? range : NULL);
    else
        tg_call_fail(call,
                     "'%s' is not a valid estimator for `bins`: there are auto, fd, doane, scott, "
                     "stone, rice, sturges and sqrt",
                     name);
    if (strcmp(name, "auto") == 0)
        width = width != 0 ? fmin(width, extent / (log2(n) + 1.)) : extent / (log2(n) + 1.);
    if (tg_call_given(call, "range"))
        extent = range[1] - range[0];
    return width > 0 ? (int64_t)ceil(extent / width) : 1;
}

/* The edges: those given, or of equal bins. */
static tg_array *edges_of(tg_call *call, tg_array *a)
{
    const tg_datum *bins = tg_call_datum(call, "bins");
    tg_array *edges = bins->kind == TG_DATUM_TEXT ? NULL : tg_call_array(call, "bins");
    double range[2];
    int64_t count;

    if (edges && tg_ndim(edges) > 0)
        return edges;
    count = edges ? tg_call_int(call, "bins") : bins_by_name(call, a, bins->text);
    if (tg_call_given(call, "range") && tg_call_floats(call, "range", range, 2) != 2)
        tg_call_fail(call, "range is (low, high)");
    if (tg_call_failed(call))
        return a;
    return tg_histogram_edges(a, count, tg_call_given(call, "range") ? range : NULL);
}

static tg_datum build_histogram(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *weights = NULL, *out[2];

    out[1] = tg_call_failed(call) ? a : edges_of(call, a);
    if (tg_call_given(call, "weights"))
        weights = tg_call_array(call, "weights");
    if (weights && !tg_call_failed(call) &&
        (tg_ndim(weights) != tg_ndim(a) ||
         memcmp(tg_shape(weights), tg_shape(a), (size_t)tg_ndim(a) * sizeof(int64_t)) != 0))
        tg_call_fail(call, "weights should have the same shape as a.");
    if (tg_call_failed(call))
        return tg_datum_array(a);
    out[0] = tg_histogram(a, out[1], weights);
    if (tg_call_given(call, "density") && tg_call_bool(call, "density")) {
        tg_array *widths = tg_astype(tg_diff(out[1], 1, 0), TG_FLOAT64);

        out[0] = tg_divide(tg_divide(out[0], widths), tg_sum(out[0], TG_ALL_AXES));
    }
    return tg_datum_arrays(tg_call_ctx(call), out, 2);
}

static tg_datum build_bincount(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x"), *weights = NULL;

    if (tg_call_given(call, "weights"))
        weights = tg_call_array(call, "weights");
    if (tg_call_failed(call))
        return tg_datum_array(x);
    if (tg_size(x) == 0) /* NumPy does not look at them then */
        weights = NULL;
    if (tg_size(x) == 0 && tg_call_datum(call, "x")->kind != TG_DATUM_ARRAY) /* [] has no dtype */
        x = tg_astype(x, TG_INT64);
    return tg_datum_array(tg_bincount(x, weights, tg_call_int(call, "minlength")));
}

static tg_datum build_digitize(tg_call *call)
{
    if (tg_dtype_of(tg_call_array(call, "x")) >= TG_COMPLEX64)
        return tg_call_fail(call, "x may not be complex");
    return tg_datum_array(tg_digitize(tg_call_array(call, "x"), tg_call_array(call, "bins"),
                                      tg_call_bool(call, "right")));
}

#define RUNNING(name_, method_, dask_)                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_REDUCE,                                                  \
        .signature = "a, axis=None, dtype=None, out=None", .method = (method_), .dask = (dask_),   \
        .shape = "as a, raveled for axis=None",                                                    \
        .dtype = "int64, uint64 for integers; floats as a",                                        \
        .cost = "two passes where the axis has several chunks", .build = build_cumulate            \
    }
#define SORTED(name_, signature_, shape_, dtype_, notes_, build_)                                  \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_REDUCE, .signature = (signature_), .dask = (name_),      \
        .shape = (shape_), .dtype = (dtype_), .cost = "the reduced axes are made one chunk",       \
        .notes = (notes_), .build = (build_)                                                       \
    }
#define QUANTILE(name_)                                                                            \
    SORTED(                                                                                        \
        name_,                                                                                     \
        "a, q, axis=None, out=None, overwrite_input=False, method='linear', keepdims=False, *, "   \
        "interpolation=None",                                                                      \
        "axes removed, or 1 with keepdims; q's axes first",                                        \
        "float64; float32 as a; as a by a method that picks", "all of NumPy's methods",            \
        build_quantile)
#define MEDIAN(name_)                                                                              \
    SORTED(name_, "a, axis=None, out=None, overwrite_input=False, keepdims=False",                 \
           "axes removed, or 1 with keepdims", "float64; float32 as a", NULL, build_median)

static const tg_operator rows[] = {
    RUNNING("cumsum", "axis=None, dtype=None, out=None", "cumsum"),
    RUNNING("cumprod", "axis=None, dtype=None, out=None", "cumprod"),
    RUNNING("nancumsum", NULL, "nancumsum"),
    RUNNING("nancumprod", NULL, "nancumprod"),
    MEDIAN("median"),
    MEDIAN("nanmedian"),
    QUANTILE("quantile"),
    QUANTILE("percentile"),
    QUANTILE("nanquantile"),
    QUANTILE("nanpercentile"),
    {.name = "histogram",
     .kind = TG_CLASS_REDUCE,
     .signature = "a, bins=10, range=None, density=None, weights=None",
     .dask = "histogram",
     .shape = "[bins], and the edges [bins + 1]",
     .dtype = "int64, that of the weights; float64 with density",
     .cost = "one pass, one more when built without a range",
     .notes =
         "bins: a number, edges, or the name of one of NumPy's rules; complex numbers are in the "
         "order in which they are sorted",
     .build = build_histogram},
    {.name = "bincount",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, weights=None, minlength=0",
     .dask = "bincount",
     .shape = "[largest + 1], at least minlength",
     .dtype = "int64; float64 with weights",
     .cost = "one pass, one more when built",
     .build = build_bincount},
    {.name = "digitize",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, bins, right=False",
     .dask = "digitize",
     .shape = "as x",
     .dtype = "int64",
     .cost = "bins is one block in each task",
     .build = build_digitize},
};

const tg_family tg_family_counts = TG_FAMILY(rows);
