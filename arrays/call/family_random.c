/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * numpy.random: each call draws from the next stream of its generator (the module's own has the
 * program's --seed), so that a line gives the same numbers whatever the ranks and chunks.
 */
#include <math.h>
#include <string.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/random.h>
#include <tegula/reduce.h>
#include <tegula/runtime.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/call.h"
#include "call/table.h"

/* Seed and stream of this call. */
static void next_stream(tg_call *call, uint64_t *seed, uint64_t *stream)
{
    tg_generator *generator = tg_call_generator(call);

    *seed = generator ? generator->seed : tg_seed(tg_call_ctx(call));
    *stream = generator ? generator->calls++ : 0;
}

/* size=None: one number. */
static int size_of(tg_call *call, int64_t *shape)
{
    return tg_call_given(call, "size") ? tg_call_shape(call, "size", shape) : 0;
}

/* size=None: that of the parameters, broadcast. */
static int size_by(tg_call *call, tg_array *a, tg_array *b, int64_t *shape)
{
    tg_array *both[2] = {NULL, NULL};

    if (tg_call_given(call, "size"))
        return tg_call_shape(call, "size", shape);
    tg_call_status(call, tg_broadcast_arrays((tg_array *[]){a, b}, 2, both));
    if (tg_call_failed(call))
        return 0;
    memcpy(shape, tg_shape(both[0]), (size_t)tg_ndim(both[0]) * sizeof *shape);
    return tg_ndim(both[0]);
}

/* Numbers drawn with parameters that are numbers, or arrays with one for each element. A NULL name
 * stands for `otherwise`. */
static tg_datum draw(tg_call *call, tg_distribution kind, const char *first, const char *second,
                     double otherwise)
{
    tg_ctx *ctx = tg_call_ctx(call);
    int64_t shape[TG_MAX_NDIM];
    tg_array *a = first ? tg_call_array(call, first) : tg_float(ctx, 0);
    tg_array *b = second ? tg_call_array(call, second) : tg_float(ctx, otherwise);
    uint64_t seed, stream;
    int ndim;

    next_stream(call, &seed, &stream);
    if (tg_ndim(a) > 0 || tg_ndim(b) > 0) {
        ndim = size_by(call, a, b, shape);
        return tg_datum_array(tg_random_by(seed, stream, kind, a, b, ndim, shape,
                                           tg_call_chunks(call, "chunks", ndim, NULL)));
    }
    ndim = size_of(call, shape);
    return tg_datum_array(tg_random(ctx, seed, stream, kind, first ? tg_call_float(call, first) : 0,
                                    second ? tg_call_float(call, second) : otherwise, ndim, shape,
                                    tg_call_chunks(call, "chunks", ndim, NULL)));
}

static tg_datum build_random(tg_call *call)
{
    return draw(call, TG_UNIFORM, NULL, NULL, 1);
}

static tg_datum build_uniform(tg_call *call)
{
    return draw(call, TG_UNIFORM, "low", "high", 0);
}

static tg_datum build_normal(tg_call *call)
{
    return draw(call, TG_NORMAL, "loc", "scale", 0);
}

static tg_datum build_standard_normal(tg_call *call)
{
    return draw(call, TG_NORMAL, NULL, NULL, 1);
}

static tg_datum build_exponential(tg_call *call)
{
    return draw(call, TG_EXPONENTIAL, "scale", NULL, 0);
}

static tg_datum build_poisson(tg_call *call)
{
    return draw(call, TG_POISSON, "lam", NULL, 0);
}

static tg_datum build_gamma(tg_call *call)
{
    return draw(call, TG_GAMMA, "shape", "scale", 0);
}

static tg_datum build_binomial(tg_call *call)
{
    return draw(call, TG_BINOMIAL, "n", "p", 0);
}

/* rand(3, 4), randn(3, 4). */
static tg_datum build_rand(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "dims", shape);
    bool normal = strcmp(tg_call_operator(call)->name, "random.randn") == 0;
    uint64_t seed, stream;

    next_stream(call, &seed, &stream);
    return tg_datum_array(tg_random(tg_call_ctx(call), seed, stream,
                                    normal ? TG_NORMAL : TG_UNIFORM, 0, 1, ndim, shape,
                                    tg_call_chunks(call, "chunks", ndim, NULL)));
}

/* integers(high), integers(low, high), randint. */
static tg_datum integers_by_element(tg_call *call, tg_array *low, tg_array *high, bool closed)
{
    tg_ctx *ctx = tg_call_ctx(call);
    int64_t shape[TG_MAX_NDIM];
    uint64_t seed, stream;
    tg_array *top = high ? high : low;
    int ndim;

    top = closed ? tg_add(top, tg_int(ctx, 1)) : top;
    low = high ? low : tg_int(ctx, 0);
    ndim = size_by(call, low, top, shape);
    next_stream(call, &seed, &stream);
    top = tg_random_by(seed, stream, TG_NDISTRIBUTIONS, low, top, ndim, shape,
                       tg_call_chunks(call, "chunks", ndim, NULL));
    return tg_datum_array(tg_astype(top, tg_call_dtype(call, "dtype", TG_INT64)));
}

static tg_datum build_integers(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM], low, high;
    tg_array *first = tg_call_array(call, "low"), *last = tg_call_array_or_null(call, "high");
    int ndim = size_of(call, shape);
    uint64_t seed, stream;
    bool closed = strcmp(tg_call_operator(call)->name, "random.integers") == 0 &&
                  tg_call_bool(call, "endpoint");

    if (tg_ndim(first) > 0 || (last && tg_ndim(last) > 0))
        return integers_by_element(call, first, last, closed);
    low = tg_call_int(call, "low");
    high = tg_call_given(call, "high") ? tg_call_int(call, "high") : low;
    low = tg_call_given(call, "high") ? low : 0;
    next_stream(call, &seed, &stream);
    return tg_datum_array(tg_random_integers(tg_call_ctx(call), seed, stream, low, high + closed,
                                             tg_call_dtype(call, "dtype", TG_INT64), ndim, shape,
                                             tg_call_chunks(call, "chunks", ndim, NULL)));
}

/* Of a number: 0 .. n - 1; of an array: its rows. */
static tg_datum build_permutation(tg_call *call)
{
    const tg_datum *x = tg_call_datum(call, "x");
    tg_ctx *ctx = tg_call_ctx(call);
    tg_array *a, *order;
    uint64_t seed, stream;

    next_stream(call, &seed, &stream);
    if (x->kind == TG_DATUM_INT)
        return tg_datum_array(tg_random_permutation(ctx, seed, stream, x->integer));
    a = tg_call_array(call, "x");
    if (tg_call_failed(call) || tg_ndim(a) < 1)
        return tg_call_fail(call, "permutation of an array without axes");
    order = tg_random_permutation(ctx, seed, stream, tg_shape(a)[0]);
    return tg_datum_array(tg_getitem(a, &(tg_index){.kind = TG_INDEX_ARRAY, .array = order}, 1));
}

/* Chances that add up to 1, of as many elements as there are. */
static tg_array *chances(tg_call *call, int64_t n)
{
    int64_t count;
    double *p = tg_call_numbers(call, "p", &count), sum = 0;

    for (int64_t i = 0; p && i < count; i++) {
        if (!(p[i] >= 0))
            tg_call_fail(call, "Probabilities are not non-negative: %g", p[i]);
        sum += p[i];
    }
    if (p && count != n)
        tg_call_fail(call, "a and p must have same size: %lld and %lld", (long long)n,
                     (long long)count);
    else if (p && fabs(sum - 1) > 1e-8)
        tg_call_fail(call, "Probabilities do not sum to 1: %.17g", sum);
    return tg_from_memory(tg_call_ctx(call), p, TG_FLOAT64, 1, &count);
}

/* Places of elements drawn by chances: by the running sum of these, or, each at most once, the
 * smallest of exponential numbers divided by them (Efraimidis and Spirakis 2006). */
static tg_array *places_by_chance(tg_call *call, tg_array *p, bool replace, int ndim,
                                  const int64_t *shape)
{
    tg_ctx *ctx = tg_call_ctx(call);
    uint64_t seed, stream;
    int64_t n = tg_size(p), count = 1;
    tg_array *numbers, *sums = tg_cumsum(p, 0);

    next_stream(call, &seed, &stream);
    if (replace) {
        numbers = tg_random(ctx, seed, stream, TG_UNIFORM, 0, 1, ndim, shape,
                            tg_call_chunks(call, "chunks", ndim, NULL));
        sums = tg_divide(sums, tg_getitem(sums, TG_INDEX(TG_AT(-1))));
        return tg_searchsorted(sums, numbers, true);
    }
    for (int d = 0; d < ndim; d++)
        count *= shape[d];
    numbers = tg_count_nonzero(p, TG_ALL_AXES);
    tg_call_status(call, tg_gather(numbers, &n, sizeof n));
    if (count > n)
        tg_call_fail(call, "Fewer non-zero entries in p than size");
    numbers = tg_random(ctx, seed, stream, TG_EXPONENTIAL, 1, 0, 1, tg_shape(p), NULL);
    return tg_reshape(tg_argtopk(tg_divide(numbers, p), -count, 0), ndim, shape);
}

static tg_datum build_choice(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = size_of(call, shape);
    const tg_datum *a = tg_call_datum(call, "a");
    const char *chunks = tg_call_chunks(call, "chunks", ndim, NULL);
    bool replace = tg_call_bool(call, "replace"), numbers = a->kind == TG_DATUM_INT;
    tg_ctx *ctx = tg_call_ctx(call);
    tg_array *of = numbers ? NULL : tg_call_array(call, "a"), *order;
    uint64_t seed, stream;

    if (tg_call_failed(call))
        return (tg_datum){0};
    if (!numbers && tg_ndim(of) != 1)
        return tg_call_fail(call, "choice: a must be 1-dimensional, not of %d axes", tg_ndim(of));
    if (tg_call_given(call, "p")) {
        order = chances(call, numbers ? a->integer : tg_size(of));
        if (!tg_call_failed(call))
            order = places_by_chance(call, order, replace, ndim, shape);
        if (numbers || tg_call_failed(call))
            return tg_datum_array(order);
        return tg_datum_array(
            tg_getitem(of, &(tg_index){.kind = TG_INDEX_ARRAY, .array = order}, 1));
    }
    next_stream(call, &seed, &stream);
    if (!numbers)
        return tg_datum_array(tg_random_choice(of, seed, stream, replace, ndim, shape, chunks));
    if (replace)
        return tg_datum_array(
            tg_random_integers(ctx, seed, stream, 0, a->integer, TG_INT64, ndim, shape, chunks));
    order = tg_random_permutation(ctx, seed, stream, a->integer);
    return tg_datum_array(
        tg_random_choice(order, seed, stream + (UINT64_C(1) << 32), false, ndim, shape, chunks));
}

#define DRAW(name_, parameters, dtype_, build_)                                                    \
    {                                                                                              \
        .name = "random." name_, .kind = TG_CLASS_RANDOM,                                          \
        .signature = parameters "size=None, *, chunks='auto'", .dask = "random." name_,            \
        .shape = "size", .dtype = (dtype_), .cost = "made where it is used",                       \
        .notes = "numbers of its own generator (Philox by element)", .build = (build_)             \
    }

static const tg_operator rows[] = {
    {.name = "random.random",
     .aliases = "random.random_sample random.ranf random.sample",
     .kind = TG_CLASS_RANDOM,
     .signature = "size=None, dtype=None, *, chunks='auto'",
     .dask = "random.random",
     .shape = "size",
     .dtype = "float64",
     .cost = "made where it is used",
     .notes = "numbers of its own generator (Philox by element)",
     .build = build_random},
    DRAW("uniform", "low=0.0, high=1.0, ", "float64", build_uniform),
    DRAW("normal", "loc=0.0, scale=1.0, ", "float64", build_normal),
    DRAW("standard_normal", "", "float64", build_standard_normal),
    DRAW("exponential", "scale=1.0, ", "float64", build_exponential),
    DRAW("poisson", "lam=1.0, ", "int64", build_poisson),
    DRAW("gamma", "shape, scale=1.0, ", "float64", build_gamma),
    DRAW("binomial", "n, p, ", "int64", build_binomial),
    {.name = "random.integers",
     .kind = TG_CLASS_RANDOM,
     .signature = "low, high=None, size=None, dtype=None, endpoint=False, *, chunks='auto'",
     .dask = "random.integers",
     .shape = "size",
     .dtype = "int64, or dtype",
     .cost = "made where it is used",
     .notes = "numbers of its own generator (Philox by element)",
     .build = build_integers},
    {.name = "random.randint",
     .kind = TG_CLASS_RANDOM,
     .signature = "low, high=None, size=None, dtype=None, *, chunks='auto'",
     .dask = "random.randint",
     .shape = "size",
     .dtype = "int64, or dtype",
     .build = build_integers},
    {.name = "random.rand",
     .kind = TG_CLASS_RANDOM,
     .signature = "*dims, chunks='auto'",
     .dask = NULL,
     .shape = "dims",
     .dtype = "float64",
     .build = build_rand},
    {.name = "random.randn",
     .kind = TG_CLASS_RANDOM,
     .signature = "*dims, chunks='auto'",
     .dask = NULL,
     .shape = "dims",
     .dtype = "float64",
     .build = build_rand},
    {.name = "random.permutation",
     .kind = TG_CLASS_RANDOM,
     .signature = "x",
     .dask = "random.permutation",
     .shape = "as x; (x,) of a number",
     .dtype = "as x; int64",
     .cost = "the order is made on rank 0",
     .build = build_permutation},
    {.name = "random.choice",
     .kind = TG_CLASS_RANDOM,
     .signature = "a, size=None, replace=True, p=None, *, chunks='auto'",
     .dask = "random.choice",
     .shape = "size",
     .dtype = "as a; int64",
     .build = build_choice},
};

const tg_family tg_family_random = TG_FAMILY(rows);
