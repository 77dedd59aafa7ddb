/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions. */
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/table.h"

/* Reductions that know nothing but their axes: one builder for all. */
static const struct simple {
    const char *name;
    tg_array *(*build)(tg_array *, tg_axes);
} simples[] = {
    {"sum", tg_sum},
    {"prod", tg_prod},
    {"min", tg_min},
    {"max", tg_max},
    {"ptp", tg_ptp},
    {"mean", tg_mean},
    {"any", tg_any},
    {"all", tg_all},
    {"count_nonzero", tg_count_nonzero},
    {"argmin", tg_argmin},
    {"argmax", tg_argmax},
    {"nansum", tg_nansum},
    {"nanprod", tg_nanprod},
    {"nanmean", tg_nanmean},
    {"nanmin", tg_nanmin},
    {"nanmax", tg_nanmax},
    {"nanargmin", tg_nanargmin},
    {"nanargmax", tg_nanargmax},
};

static tg_datum build_simple(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    tg_array *a = tg_call_array(call, "a");
    tg_axes axes = tg_call_axes(call, "axis");

    for (size_t i = 0; i < sizeof simples / sizeof *simples; i++)
        if (strcmp(simples[i].name, name) == 0)
            return tg_datum_array(simples[i].build(a, axes));
    return tg_call_fail(call, "%s is not among the simple reductions", name);
}

static tg_datum build_var(tg_call *call)
{
    return tg_datum_array(tg_var_ddof(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                      tg_call_float(call, "ddof")));
}

static tg_datum build_std(tg_call *call)
{
    return tg_datum_array(tg_std_ddof(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                      tg_call_float(call, "ddof")));
}

static tg_datum build_nanvar(tg_call *call)
{
    return tg_datum_array(tg_nanvar(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                    tg_call_float(call, "ddof")));
}

static tg_datum build_nanstd(tg_call *call)
{
    return tg_datum_array(tg_nanstd(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                    tg_call_float(call, "ddof")));
}

/* ---- weights, norms, covariance ------------------------------------------------------------- */

static tg_datum build_average(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *weights = NULL, *parts[2];

    if (tg_call_given(call, "weights"))
        weights = tg_call_array(call, "weights");
    if (tg_call_failed(call))
        return tg_datum_array(a);
    parts[0] = tg_average(a, tg_call_axes(call, "axis"), weights, &parts[1]);
    return tg_call_bool(call, "returned") ? tg_datum_arrays(tg_call_ctx(call), parts, 2)
                                          : tg_datum_array(parts[0]);
}

/* ord and axis None: of all elements; an order and two axes: of matrices. */
static tg_datum build_norm(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");
    tg_axes axes = tg_call_axes(call, "axis");
    const tg_datum *order = tg_call_datum(call, "ord");
    int naxes = axes.count < 0 ? tg_ndim(x) : axes.count;

    if (order->kind == TG_DATUM_NONE && (axes.count < 0 || naxes <= 2))
        return tg_datum_array(tg_norm(x, 2, axes));
    if (naxes < 1 || naxes > 2)
        return tg_call_fail(call, "Improper number of dimensions to norm.");
    if (order->kind == TG_DATUM_TEXT) {
        if (naxes != 2 || strcmp(order->text, "fro") != 0)
            return tg_call_fail(call, "Invalid norm order '%s'.", order->text);
        return tg_datum_array(tg_norm(x, 2, axes));
    }
    if (naxes == 1)
        return tg_datum_array(tg_norm(x, tg_call_float(call, "ord"), axes));
    if (axes.count < 0)
        axes = (tg_axes){.count = 2, .axis = {0, 1}, .keepdims = axes.keepdims};
    return tg_datum_array(tg_matrix_norm(x, tg_call_float(call, "ord"), axes));
}

/* Variables in rows, of m and then of y. */
static tg_array *variables(tg_call *call, const char *name)
{
    tg_array *m = tg_call_array(call, name), *y;
    bool rows = tg_call_bool(call, "rowvar");

    if (tg_ndim(m) == 2 && !rows && tg_shape(m)[0] != 1)
        m = tg_transpose(m, NULL);
    if (!tg_call_given(call, "y"))
        return m;
    y = tg_call_array(call, "y");
    if (tg_ndim(y) == 2 && !rows && tg_shape(y)[0] != 1)
        y = tg_transpose(y, NULL);
    return tg_concatenate((tg_array *[]){tg_atleast_2d(m), tg_atleast_2d(y)}, 2, 0);
}

static tg_datum build_cov(tg_call *call)
{
    double ddof = tg_call_bool(call, "bias") ? 0 : 1;

    if (tg_call_given(call, "ddof"))
        ddof = tg_call_float(call, "ddof");
    return tg_datum_array(tg_cov(variables(call, "m"), ddof));
}

static tg_datum build_corrcoef(tg_call *call)
{
    return tg_datum_array(tg_corrcoef(variables(call, "x")));
}

/* ---- running sums, sorted elements ---------------------------------------------------------- */

/* axis=None: of the raveled array. */
static tg_datum build_cumulate(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    tg_array *a = tg_call_array(call, "a");
    bool nan = strncmp(name, "nan", 3) == 0, product = strstr(name, "prod") != NULL;
    int axis = 0;

    if (tg_call_given(call, "axis"))
        axis = tg_call_axis(call, "axis");
    else
        a = tg_ravel(a);
    if (nan)
        return tg_datum_array(product ? tg_nancumprod(a, axis) : tg_nancumsum(a, axis));
    return tg_datum_array(product ? tg_cumprod(a, axis) : tg_cumsum(a, axis));
}

static tg_datum build_median(tg_call *call)
{
    return tg_datum_array(tg_median(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                    tg_call_operator(call)->name[0] == 'n'));
}

/* Most quantiles in one call. */
#define MOST_QUANTILES 1024

static tg_datum build_quantile(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    tg_datum_kind kind = tg_call_datum(call, "q")->kind;
    bool many = kind == TG_DATUM_LIST || kind == TG_DATUM_TUPLE;
    bool percent = strstr(name, "percentile") != NULL;
    double q[MOST_QUANTILES];
    int count = tg_call_floats(call, "q", q, MOST_QUANTILES);
    tg_array *result;

    if (strcmp(tg_call_text(call, "method"), "linear") != 0)
        return tg_call_fail(call, "method '%s': only 'linear' is there",
                            tg_call_text(call, "method"));
    for (int i = 0; i < count && percent; i++)
        if (!(q[i] >= 0 && q[i] <= 100))
            return tg_call_fail(call, "Percentiles must be in the range [0, 100]");
        else
            q[i] /= 100;
    result =
        tg_quantile(tg_call_array(call, "a"), q, count, tg_call_axes(call, "axis"), name[0] == 'n');
    return tg_datum_array(many ? result : tg_squeeze(result, TG_AXES(0)));
}

static tg_datum build_topk(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t k = tg_call_int(call, "k");
    int axis = tg_call_axis(call, "axis");

    if (strcmp(tg_call_operator(call)->name, "topk") == 0)
        return tg_datum_array(tg_topk(a, k, axis));
    return tg_datum_array(tg_argtopk(a, k, axis));
}

/* ---- counting by value ---------------------------------------------------------------------- */

/* The edges as a list of numbers: those given, or of equal bins. */
static double *edges_of(tg_call *call, tg_array *a, int64_t *count, tg_array **shown)
{
    const tg_datum *bins = tg_call_datum(call, "bins");
    double range[2], *edges;

    if (bins->kind == TG_DATUM_TEXT) {
        tg_call_fail(call, "bins '%s': a number of bins or their edges can be", bins->text);
        return NULL;
    }
    *shown = bins->kind == TG_DATUM_INT ? NULL : tg_call_array(call, "bins");
    *count = *shown ? tg_size(*shown) : bins->integer < 0 ? 1 : bins->integer + 1;
    edges = tg_ctx_alloc(tg_call_ctx(call), (size_t)(*count + 1) * sizeof *edges);
    if (!edges || tg_call_failed(call))
        return NULL;
    if (*shown) {
        tg_call_status(
            call, tg_gather(tg_astype(*shown, TG_FLOAT64), edges, (size_t)*count * sizeof *edges));
        return edges;
    }
    if (tg_call_given(call, "range") && tg_call_floats(call, "range", range, 2) != 2)
        tg_call_fail(call, "range is (low, high)");
    if (!tg_call_failed(call))
        tg_call_status(call,
                       tg_histogram_edges(a, bins->integer,
                                          tg_call_given(call, "range") ? range : NULL, edges));
    *shown = tg_from_memory(tg_call_ctx(call), edges, TG_FLOAT64, 1, count);
    if (tg_dtype_of(a) == TG_FLOAT32)
        *shown = tg_astype(*shown, TG_FLOAT32);
    return edges;
}

static tg_datum build_histogram(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *weights = NULL, *out[2];
    int64_t count;
    double *edges = tg_call_failed(call) ? NULL : edges_of(call, a, &count, &out[1]);

    if (tg_call_given(call, "weights"))
        weights = tg_call_array(call, "weights");
    if (!edges || tg_call_failed(call))
        return tg_datum_array(a);
    out[0] = tg_histogram(a, edges, count, weights);
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
    return tg_datum_array(tg_bincount(x, weights, tg_call_int(call, "minlength")));
}

static tg_datum build_digitize(tg_call *call)
{
    return tg_datum_array(tg_digitize(tg_call_array(call, "x"), tg_call_array(call, "bins"),
                                      tg_call_bool(call, "right")));
}

static tg_datum build_unique(tg_call *call)
{
    tg_array *out[2] = {tg_call_array(call, "ar"), NULL};

    if (tg_call_failed(call))
        return tg_datum_array(out[0]);
    out[0] = tg_unique(out[0], &out[1]);
    return tg_call_bool(call, "return_counts") ? tg_datum_arrays(tg_call_ctx(call), out, 2)
                                               : tg_datum_array(out[0]);
}

#define RUNNING(name_, method_, dask_)                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_REDUCE, .signature = "a, axis=None",                     \
        .method = (method_), .dask = (dask_), .shape = "as a, raveled for axis=None",              \
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
    SORTED(name_, "a, q, axis=None, method='linear', keepdims=False",                              \
           "axes removed, or 1 with keepdims; several q: a new first axis",                        \
           "float64; float32 as a", "at most 1024 q; method 'linear'", build_quantile)
#define MEDIAN(name_)                                                                              \
    SORTED(name_, "a, axis=None, keepdims=False", "axes removed, or 1 with keepdims",              \
           "float64; float32 as a", NULL, build_median)

#define ROW(name_, aliases_, method_, tail, dtype_, cost_, build_)                                 \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_REDUCE, .signature = "a, " tail,  \
        .method = (method_), .dask = (name_), .shape = "axes removed, or 1 with keepdims",         \
        .dtype = (dtype_), .cost = (cost_), .build = (build_)                                      \
    }
#define AXIS     "axis=None, keepdims=False"
#define DDOF     "axis=None, ddof=0, keepdims=False"
#define SUM_TYPE "int64, uint64 for integers; floats as a"
#define FLOAT    "float64 for integers; floats as a"

static const tg_operator rows[] = {
    ROW("sum", NULL, AXIS, AXIS, SUM_TYPE, "one pass", build_simple),
    ROW("prod", "product", AXIS, AXIS, SUM_TYPE, "one pass", build_simple),
    ROW("min", "amin", AXIS, AXIS, "as a", "one pass", build_simple),
    ROW("max", "amax", AXIS, AXIS, "as a", "one pass", build_simple),
    ROW("ptp", NULL, AXIS, AXIS, "as a", "one pass", build_simple),
    ROW("mean", NULL, AXIS, AXIS, FLOAT, "one pass", build_simple),
    ROW("var", NULL, DDOF, DDOF, FLOAT, "one pass", build_var),
    ROW("std", NULL, DDOF, DDOF, FLOAT, "one pass", build_std),
    ROW("any", NULL, AXIS, AXIS, "bool", "one pass", build_simple),
    ROW("all", NULL, AXIS, AXIS, "bool", "one pass", build_simple),
    ROW("count_nonzero", NULL, NULL, AXIS, "int64", "one pass", build_simple),
    ROW("argmin", NULL, AXIS, AXIS, "int64", "one pass", build_simple),
    ROW("argmax", NULL, AXIS, AXIS, "int64", "one pass", build_simple),
    ROW("nansum", NULL, NULL, AXIS, SUM_TYPE, "one pass", build_simple),
    ROW("nanprod", NULL, NULL, AXIS, SUM_TYPE, "one pass", build_simple),
    ROW("nanmean", NULL, NULL, AXIS, FLOAT, "one pass", build_simple),
    ROW("nanvar", NULL, NULL, DDOF, FLOAT, "two passes", build_nanvar),
    ROW("nanstd", NULL, NULL, DDOF, FLOAT, "two passes", build_nanstd),
    ROW("nanmin", NULL, NULL, AXIS, "as a", "one pass", build_simple),
    ROW("nanmax", NULL, NULL, AXIS, "as a", "one pass", build_simple),
    ROW("nanargmin", NULL, NULL, AXIS, "int64", "one pass", build_simple),
    ROW("nanargmax", NULL, NULL, AXIS, "int64", "one pass", build_simple),
    RUNNING("cumsum", "axis=None", "cumsum"),
    RUNNING("cumprod", "axis=None", "cumprod"),
    RUNNING("nancumsum", NULL, "nancumsum"),
    RUNNING("nancumprod", NULL, "nancumprod"),
    MEDIAN("median"),
    MEDIAN("nanmedian"),
    QUANTILE("quantile"),
    QUANTILE("percentile"),
    QUANTILE("nanquantile"),
    QUANTILE("nanpercentile"),
    SORTED("topk", "a, k, axis=-1", "the axis as long as |k|", "as a", "Dask's; NumPy has none",
           build_topk),
    SORTED("argtopk", "a, k, axis=-1", "the axis as long as |k|", "int64", "Dask's; NumPy has none",
           build_topk),
    {.name = "histogram",
     .kind = TG_CLASS_REDUCE,
     .signature = "a, bins=10, range=None, density=None, weights=None",
     .dask = "histogram",
     .shape = "[bins], and the edges [bins + 1]",
     .dtype = "int64, that of the weights; float64 with density",
     .cost = "one pass, one more when built without a range",
     .notes = "bins: a number or edges",
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
    {.name = "unique",
     .kind = TG_CLASS_REDUCE,
     .signature = "ar, return_counts=False",
     .dask = "unique",
     .shape = "[distinct elements]",
     .dtype = "as ar, counts int64",
     .cost = "computed when built; the distinct elements come to rank 0",
     .notes = "no return_index, return_inverse, axis",
     .build = build_unique},
    {.name = "average",
     .kind = TG_CLASS_REDUCE,
     .signature = "a, axis=None, weights=None, returned=False, keepdims=False",
     .dask = "average",
     .shape = "axes removed, or 1 with keepdims",
     .dtype = "float64 for integers; floats promoted",
     .cost = "one pass",
     .notes = "weights that add up to 0 give NaN or inf",
     .build = build_average},
    {.name = "linalg.norm",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, ord=None, axis=None, keepdims=False",
     .dask = "linalg.norm",
     .shape = "axes removed, or 1 with keepdims",
     .dtype = "float64 for integers; floats as x",
     .cost = "one pass",
     .notes = "of matrices: 'fro', 1, -1, inf, -inf",
     .build = build_norm},
    {.name = "cov",
     .kind = TG_CLASS_REDUCE,
     .signature = "m, y=None, rowvar=True, bias=False, ddof=None",
     .dask = "cov",
     .shape = "[variables, variables]",
     .dtype = "float64",
     .cost = "two passes, products of all pairs",
     .build = build_cov},
    {.name = "corrcoef",
     .kind = TG_CLASS_REDUCE,
     .signature = "x, y=None, rowvar=True",
     .dask = "corrcoef",
     .shape = "[variables, variables]",
     .dtype = "float64",
     .cost = "two passes, products of all pairs",
     .build = build_corrcoef},
};

const tg_family tg_family_reduce = TG_FAMILY(rows);
