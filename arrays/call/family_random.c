/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * numpy.random: each call draws from the next stream of its generator (the module's own has the
 * program's --seed), so that a line gives the same numbers whatever the ranks and chunks.
 */
#include <string.h>
#include <tegula/index.h>
#include <tegula/random.h>
#include <tegula/runtime.h>

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

static tg_datum draw(tg_call *call, tg_distribution kind, double a, double b)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = size_of(call, shape);
    uint64_t seed, stream;

    next_stream(call, &seed, &stream);
    return tg_datum_array(tg_random(tg_call_ctx(call), seed, stream, kind, a, b, ndim, shape,
                                    tg_call_chunks(call, "chunks", ndim, NULL)));
}

static tg_datum build_random(tg_call *call)
{
    return draw(call, TG_UNIFORM, 0, 1);
}

static tg_datum build_uniform(tg_call *call)
{
    return draw(call, TG_UNIFORM, tg_call_float(call, "low"), tg_call_float(call, "high"));
}

static tg_datum build_normal(tg_call *call)
{
    return draw(call, TG_NORMAL, tg_call_float(call, "loc"), tg_call_float(call, "scale"));
}

static tg_datum build_standard_normal(tg_call *call)
{
    return draw(call, TG_NORMAL, 0, 1);
}

static tg_datum build_exponential(tg_call *call)
{
    return draw(call, TG_EXPONENTIAL, tg_call_float(call, "scale"), 0);
}

static tg_datum build_poisson(tg_call *call)
{
    return draw(call, TG_POISSON, tg_call_float(call, "lam"), 0);
}

static tg_datum build_gamma(tg_call *call)
{
    return draw(call, TG_GAMMA, tg_call_float(call, "shape"), tg_call_float(call, "scale"));
}

static tg_datum build_binomial(tg_call *call)
{
    return draw(call, TG_BINOMIAL, (double)tg_call_int(call, "n"), tg_call_float(call, "p"));
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
static tg_datum build_integers(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM], low = tg_call_int(call, "low"), high;
    int ndim = size_of(call, shape);
    uint64_t seed, stream;
    bool closed = strcmp(tg_call_operator(call)->name, "random.integers") == 0 &&
                  tg_call_bool(call, "endpoint");

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

static tg_datum build_choice(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = size_of(call, shape);
    const tg_datum *a = tg_call_datum(call, "a");
    const char *chunks = tg_call_chunks(call, "chunks", ndim, NULL);
    bool replace = tg_call_bool(call, "replace");
    tg_ctx *ctx = tg_call_ctx(call);
    tg_array *order;
    uint64_t seed, stream;

    if (tg_call_given(call, "p"))
        return tg_call_fail(call, "choice: chances p are not there");
    next_stream(call, &seed, &stream);
    if (a->kind != TG_DATUM_INT)
        return tg_datum_array(
            tg_random_choice(tg_call_array(call, "a"), seed, stream, replace, ndim, shape, chunks));
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
     .notes = "equal chances only",
     .build = build_choice},
};

const tg_family tg_family_random = TG_FAMILY(rows);
