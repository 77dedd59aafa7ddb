/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays from values and files, and conversion. */
#include <math.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/table.h"
#include "call/datum.h"

/* NumPy's letters for how elements lie in memory, which arrays that have none only check. */
static void check_order(tg_call *call)
{
    const char *order = tg_call_given(call, "order") ? tg_call_text(call, "order") : "C";

    if (order && (strlen(order) != 1 || !strchr("CFAKcfak", order[0])))
        tg_call_fail(call, "order must be one of 'C', 'F', 'A', or 'K' (got '%s')", order);
    if (tg_call_given(call, "like"))
        tg_call_fail(call, "%s: like= is for other libraries' arrays, and there are none here",
                     tg_call_operator(call)->name);
}

/* numpy.array: what an array is made of is no Python number any more. */
static tg_datum build_array(tg_call *call)
{
    const char *name = strcmp(tg_call_operator(call)->name, "array") == 0 ? "object" : "a";
    tg_array *a = tg_call_array(call, name);
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(a));
    int64_t ndmin = name[0] == 'o' ? tg_call_int(call, "ndmin") : 0, shape[TG_MAX_NDIM];
    const char *chunks;

    check_order(call);
    if (tg_call_given(call, "dtype") && !tg_call_failed(call))
        tg_call_status(call, tg_datum_check_dtype(tg_call_datum(call, name), dtype));
    if (ndmin > TG_MAX_NDIM)
        return tg_call_fail(call, "ndmin bigger than allowable number of dimensions (%d)",
                            TG_MAX_NDIM);
    if (tg_call_failed(call))
        return tg_datum_array(a);
    a = tg_astype(a, dtype);
    if (tg_array_status(a) == TG_OK && ndmin > tg_ndim(a)) {
        for (int d = 0; d < ndmin; d++)
            shape[d] = d < ndmin - tg_ndim(a) ? 1 : tg_shape(a)[d - ndmin + tg_ndim(a)];
        a = tg_reshape(a, (int)ndmin, shape);
    }
    chunks = tg_call_chunks(call, "chunks", tg_ndim(a), a);
    return tg_datum_array(chunks ? tg_rechunk(a, chunks) : a);
}

static tg_datum build_ascontiguousarray(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_array(
        tg_atleast_1d(tg_astype(a, tg_call_dtype(call, "dtype", tg_dtype_of(a)))));
}

static tg_datum build_astype(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    const char *casting = tg_call_word(call, "casting");

    if (!tg_call_failed(call) && !tg_call_can_cast(call, tg_dtype_of(x), dtype, casting))
        return tg_call_fail(call, "Cannot cast array data from %s to %s according to the rule '%s'",
                            tg_dtype_name(tg_dtype_of(x)), tg_dtype_name(dtype), casting);
    return tg_datum_array(tg_astype(x, dtype));
}

/* chunks=(4, 4) needs the number of axes, so the header is read first. */
static tg_datum build_open(tg_call *call)
{
    const char *name = tg_call_word(call, "name");
    tg_open_options options = {.raw = tg_call_bool(call, "raw")};
    tg_array *array = NULL;

    if (!name || tg_call_failed(call))
        return tg_call_fail(call, "open() needs the name of a file");
    if (tg_call_datum(call, "chunks")->kind == TG_DATUM_TEXT) {
        options.chunks = tg_call_text(call, "chunks");
        return tg_datum_array(tg_open(tg_call_ctx(call), name, &options));
    }
    array = tg_open(tg_call_ctx(call), name, &options);
    options.chunks = tg_call_chunks(call, "chunks", tg_ndim(array), NULL);
    if (options.chunks && tg_array_status(array) == TG_OK)
        array = tg_open(tg_call_ctx(call), name, &options);
    return tg_datum_array(array);
}

/* What is lazy stays lazy: these are here so that lines written for Dask run as they are. */
static tg_datum build_same(tg_call *call)
{
    return tg_datum_array(tg_call_array(call, "a"));
}

/* With --preview nothing is computed, so nothing is kept. */
static tg_datum build_persist(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    tg_status status = tg_call_failed(call) ? TG_OK : tg_persist_array(tg_call_ctx(call), a);

    tg_call_status(call, status == TG_PREVIEWED ? TG_OK : status);
    return tg_datum_array(a);
}

/* zeros, ones and empty: which one is in the row's name. */
static tg_datum build_constant(tg_call *call)
{
    tg_ctx *ctx = tg_call_ctx(call);
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "shape", shape);
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    const char *chunks = tg_call_chunks(call, "chunks", ndim, NULL);
    bool ones = strcmp(tg_call_operator(call)->name, "ones") == 0;

    return tg_datum_array(ones ? tg_ones(ctx, dtype, ndim, shape, chunks)
                               : tg_zeros(ctx, dtype, ndim, shape, chunks));
}

/* Converted as C does, but for integers that have no 64 bits. */
static tg_array *fill_value(tg_call *call, tg_dtype dtype)
{
    if (tg_call_datum(call, "fill_value")->kind == TG_DATUM_BIG)
        tg_call_status(call, tg_datum_check_dtype(tg_call_datum(call, "fill_value"), dtype));
    return tg_call_array(call, "fill_value");
}

static tg_datum build_full(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "shape", shape);
    tg_array *value = tg_call_array(call, "fill_value");
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(value));

    value = tg_astype(fill_value(call, tg_call_given(call, "dtype") ? dtype : TG_UINT64), dtype);
    return tg_datum_array(tg_full(value, ndim, shape, tg_call_chunks(call, "chunks", ndim, NULL)));
}

static tg_datum build_like(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *value;
    const char *name = tg_call_operator(call)->name;
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(a));
    int64_t shape[TG_MAX_NDIM];

    if (strcmp(name, "full_like") == 0)
        value = fill_value(call, dtype);
    else
        value = tg_int(tg_call_ctx(call), strcmp(name, "ones_like") == 0);
    if (tg_call_given(call, "shape")) {
        int ndim = tg_call_shape(call, "shape", shape);

        return tg_datum_array(tg_full(tg_astype(value, dtype), ndim, shape,
                                      tg_call_chunks(call, "chunks", ndim, NULL)));
    }
    return tg_datum_array(
        tg_full_like(a, value, dtype, tg_call_chunks(call, "chunks", tg_ndim(a), a)));
}

static tg_datum build_eye(tg_call *call)
{
    bool identity = strcmp(tg_call_operator(call)->name, "identity") == 0;
    int64_t rows = tg_call_int(call, identity ? "n" : "N");
    int64_t columns = !identity && tg_call_given(call, "M") ? tg_call_int(call, "M") : rows;
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    const char *chunks = tg_call_chunks(call, "chunks", 2, NULL);
    int64_t k = identity ? 0 : tg_call_int(call, "k");
    bool tri = strcmp(tg_call_operator(call)->name, "tri") == 0;

    if (tri) { /* no rows or columns are as few as can be */
        rows = rows < 0 ? 0 : rows;
        columns = columns < 0 ? 0 : columns;
    }
    return tg_datum_array(tri ? tg_tri(tg_call_ctx(call), rows, columns, k, dtype, chunks)
                              : tg_eye(tg_call_ctx(call), rows, columns, k, dtype, chunks));
}

static tg_datum build_tril(tg_call *call)
{
    return tg_datum_array(tg_tril(tg_call_array(call, "m"), tg_call_int(call, "k")));
}

static tg_datum build_triu(tg_call *call)
{
    return tg_datum_array(tg_triu(tg_call_array(call, "m"), tg_call_int(call, "k")));
}

static tg_datum build_diag(tg_call *call)
{
    return tg_datum_array(tg_diag(tg_call_array(call, "v"), tg_call_int(call, "k")));
}

static tg_datum build_diagonal(tg_call *call)
{
    return tg_datum_array(tg_diagonal(tg_call_array(call, "a"), tg_call_int(call, "offset"),
                                      tg_call_axis(call, "axis1"), tg_call_axis(call, "axis2")));
}

/* One array of indices for each axis, as long as the shape along this axis only. */
static tg_datum sparse_indices(tg_call *call, int ndim, const int64_t *shape)
{
    tg_ctx *ctx = tg_call_ctx(call);
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_INT64);
    tg_array *axis[TG_MAX_NDIM];

    for (int d = 0; d < ndim; d++) {
        int64_t length[TG_MAX_NDIM];

        for (int k = 0; k < ndim; k++)
            length[k] = k == d ? shape[d] : 1;
        axis[d] = tg_reshape(tg_arange(ctx, 0, shape[d], 1, dtype, NULL), ndim, length);
    }
    return tg_datum_arrays(ctx, axis, ndim);
}

static tg_datum build_indices(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "dimensions", shape);

    if (tg_call_bool(call, "sparse"))
        return sparse_indices(call, ndim, shape);
    return tg_datum_array(tg_indices(tg_call_ctx(call), ndim, shape,
                                     tg_call_dtype(call, "dtype", TG_INT64),
                                     tg_call_chunks(call, "chunks", ndim, NULL)));
}

static tg_datum build_meshgrid(tg_call *call)
{
    int count = 0;
    tg_array *const *arrays = tg_call_arrays(call, "xi", &count);
    const char *indexing = tg_call_word(call, "indexing");
    tg_array *out[TG_MAX_NDIM];
    bool xy = indexing && strcmp(indexing, "xy") == 0;

    if (!xy && (!indexing || strcmp(indexing, "ij") != 0))
        return tg_call_fail(call, "Valid values for `indexing` are 'xy' and 'ij'.");
    tg_call_status(call, tg_meshgrid(arrays, count, xy, tg_call_bool(call, "sparse"), out));
    if (tg_call_failed(call))
        count = 0;
    return tg_datum_arrays(tg_call_ctx(call), out, count);
}

/* fromfunction: the function gets the indices as arrays. */
static tg_datum build_fromfunction(tg_call *call)
{
    int64_t shape[TG_MAX_NDIM];
    int ndim = tg_call_shape(call, "shape", shape);
    tg_dtype dtype = tg_call_dtype(call, "dtype", TG_FLOAT64);
    tg_array *grid = tg_indices(tg_call_ctx(call), ndim, shape, dtype,
                                tg_call_chunks(call, "chunks", ndim, NULL));
    tg_datum axis[TG_MAX_NDIM];

    for (int d = 0; d < ndim; d++)
        axis[d] = tg_datum_array(tg_getitem(grid, TG_INDEX(TG_AT(d))));
    return tg_call_apply(call, tg_call_datum(call, "function"), axis, ndim);
}

#define CONSTANT(name_)                                                                            \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_CREATE,                                                  \
        .signature = "shape, dtype=None, order='C', *, chunks='auto'", .dask = (name_),            \
        .shape = "shape", .dtype = "float64, or dtype", .cost = "no memory: one value",            \
        .build = build_constant                                                                    \
    }

#define LIKE(name_, fill)                                                                          \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_CREATE,                                                  \
        .signature = "a" fill ", dtype=None, order='K', subok=True, shape=None, chunks=None",      \
        .dask = (name_), .shape = "as a", .dtype = "as a, or dtype",                               \
        .cost = "no memory: one value", .build = build_like                                        \
    }

static const tg_operator rows[] = {
    {.name = "array",
     .kind = TG_CLASS_CREATE,
     .signature = "object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, like=None, "
                  "chunks='auto'",
     .dask = "array",
     .shape = "of the nested lists; at least ndmin axes",
     .dtype = "bool, int64, uint64, float64, complex128; or as asked for",
     .notes = "an integer that dtype does not hold is an error, as in NumPy 2",
     .build = build_array},
    {.name = "asarray",
     .aliases = "asanyarray from_array",
     .kind = TG_CLASS_CREATE,
     .signature = "a, dtype=None, order=None, *, copy=None, like=None, chunks='auto'",
     .dask = "asarray",
     .shape = "of the nested lists",
     .dtype = "as array",
     .build = build_array},
    {.name = "ascontiguousarray",
     .kind = TG_CLASS_CREATE,
     .signature = "a, dtype=None",
     .shape = "as a, at least one axis",
     .dtype = "as a, or dtype",
     .build = build_ascontiguousarray},
    {.name = "astype",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x, dtype, copy=True, *, order='K', casting='unsafe', subok=True",
     .method = "dtype, order='K', casting='unsafe', subok=True, copy=True",
     .dask = "Array.astype",
     .shape = "as x",
     .dtype = "dtype",
     .build = build_astype},
    {.name = "open",
     .aliases = "load from_hdf5",
     .kind = TG_CLASS_CREATE,
     .signature = "name, chunks=None, raw=False",
     .dask = NULL,
     .shape = "the file's",
     .dtype = "the file's; float64 where it is scaled",
     .cost = "reads the header; chunks are read when computed",
     .build = build_open},
    {.name = "compute",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = "Array.compute",
     .shape = "as a",
     .dtype = "as a",
     .notes = "the array itself: what is printed or stored is computed then",
     .build = build_same},
    {.name = "persist",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = "Array.persist",
     .shape = "as a",
     .dtype = "as a",
     .cost = "starts computing; the chunks stay in the ranks' memory",
     .build = build_persist},
    {.name = "copy",
     .kind = TG_CLASS_CREATE,
     .signature = "a, order='K', subok=False",
     .method = "order='C'",
     .dask = "Array.copy",
     .shape = "as a",
     .dtype = "as a",
     .notes = "the array itself: arrays never change",
     .build = build_same},
    CONSTANT("zeros"),
    CONSTANT("ones"),
    CONSTANT("empty"),
    {.name = "full",
     .kind = TG_CLASS_CREATE,
     .signature = "shape, fill_value, dtype=None, order='C', *, chunks='auto'",
     .dask = "full",
     .shape = "shape",
     .dtype = "of the value, or dtype",
     .cost = "no memory: one value",
     .build = build_full},
    LIKE("zeros_like", ""),
    LIKE("ones_like", ""),
    LIKE("empty_like", ""),
    LIKE("full_like", ", fill_value"),
    {.name = "eye",
     .kind = TG_CLASS_CREATE,
     .signature = "N, M=None, k=0, dtype=None, order='C', *, chunks='auto'",
     .dask = "eye",
     .shape = "(N, M)",
     .dtype = "float64, or dtype",
     .build = build_eye},
    {.name = "identity",
     .kind = TG_CLASS_CREATE,
     .signature = "n, dtype=None, *, chunks='auto'",
     .dask = NULL,
     .shape = "(n, n)",
     .dtype = "float64, or dtype",
     .build = build_eye},
    {.name = "tri",
     .kind = TG_CLASS_CREATE,
     .signature = "N, M=None, k=0, dtype=None, *, chunks='auto'",
     .dask = "tri",
     .shape = "(N, M)",
     .dtype = "float64, or dtype",
     .build = build_eye},
    {.name = "tril",
     .kind = TG_CLASS_CREATE,
     .signature = "m, k=0",
     .dask = "tril",
     .shape = "as m",
     .dtype = "as m",
     .build = build_tril},
    {.name = "triu",
     .kind = TG_CLASS_CREATE,
     .signature = "m, k=0",
     .dask = "triu",
     .shape = "as m",
     .dtype = "as m",
     .build = build_triu},
    {.name = "diag",
     .kind = TG_CLASS_CREATE,
     .signature = "v, k=0",
     .dask = "diag",
     .shape = "(n, n) of (n,); the diagonal of (n, m)",
     .dtype = "as v",
     .build = build_diag},
    {.name = "diagonal",
     .kind = TG_CLASS_CREATE,
     .signature = "a, offset=0, axis1=0, axis2=1",
     .method = "offset=0, axis1=0, axis2=1",
     .dask = "diagonal",
     .shape = "two axes become one, the last",
     .dtype = "as a",
     .build = build_diagonal},
    {.name = "indices",
     .kind = TG_CLASS_CREATE,
     .signature = "dimensions, dtype=None, sparse=False, *, chunks='auto'",
     .dask = "indices",
     .shape = "(len(dimensions), *dimensions)",
     .dtype = "int64, or dtype",
     .build = build_indices},
    {.name = "meshgrid",
     .kind = TG_CLASS_CREATE,
     .signature = "*xi, copy=True, sparse=False, indexing='xy'",
     .dask = "meshgrid",
     .shape = "lengths of all, for each",
     .dtype = "as each",
     .build = build_meshgrid},
    {.name = "fromfunction",
     .kind = TG_CLASS_CREATE,
     .signature = "function, shape, *, dtype=None, chunks='auto'",
     .dask = "fromfunction",
     .shape = "the function's",
     .dtype = "the function's, of float64 indices",
     .build = build_fromfunction},
};

const tg_family tg_family_create = TG_FAMILY(rows);
