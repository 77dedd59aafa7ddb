/* SPDX-License-Identifier: BSD-3-Clause */
/* What an array is, and picking elements. */
#include "call/table.h"

static tg_datum build_shape(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_ints(tg_call_ctx(call), tg_shape(a), tg_ndim(a));
}

static tg_datum build_ndim(tg_call *call)
{
    return tg_datum_int(tg_ndim(tg_call_array(call, "a")));
}

static tg_datum build_size(tg_call *call)
{
    return tg_datum_int(tg_size(tg_call_array(call, "a")));
}

static tg_datum build_dtype(tg_call *call)
{
    return (tg_datum){.kind = TG_DATUM_DTYPE, .dtype = tg_dtype_of(tg_call_array(call, "a"))};
}

static tg_datum build_itemsize(tg_call *call)
{
    return tg_datum_int((int64_t)tg_dtype_size(tg_dtype_of(tg_call_array(call, "a"))));
}

static tg_datum build_nbytes(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");

    return tg_datum_int(tg_size(a) * (int64_t)tg_dtype_size(tg_dtype_of(a)));
}

static tg_datum build_chunks(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    tg_datum axes[TG_MAX_NDIM];

    for (int d = 0; d < tg_ndim(a); d++) {
        axes[d] = tg_datum_tuple(tg_call_ctx(call), NULL, 0);
        axes[d].items =
            tg_ctx_alloc(tg_call_ctx(call), (size_t)(tg_nchunks(a, d) + 1) * sizeof *axes[d].items);
        axes[d].count = axes[d].items ? tg_nchunks(a, d) : 0;
        for (int64_t c = 0; c < axes[d].count; c++)
            axes[d].items[c] = tg_datum_int(tg_chunks(a, d)[c]);
    }
    return tg_datum_tuple(tg_call_ctx(call), axes, tg_ndim(a));
}

#define ATTRIBUTE(name_, text, build_)                                                             \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_INDEX, .signature = "a", .attribute = true,              \
        .dask = "Array." name_, .shape = (text), .dtype = "Python's", .build = (build_)            \
    }

static const tg_operator rows[] = {
    ATTRIBUTE("shape", "a tuple of lengths", build_shape),
    ATTRIBUTE("ndim", "a number", build_ndim),
    ATTRIBUTE("size", "a number", build_size),
    ATTRIBUTE("dtype", "an element type", build_dtype),
    ATTRIBUTE("itemsize", "bytes of an element", build_itemsize),
    ATTRIBUTE("nbytes", "bytes of all elements", build_nbytes),
    ATTRIBUTE("chunks", "a tuple of chunk lengths for each axis", build_chunks),
};

const tg_family tg_family_index = TG_FAMILY(rows);
