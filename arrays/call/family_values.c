/* SPDX-License-Identifier: BSD-3-Clause */
/* What arrays become outside: Python's values, and one truth about two arrays. */
#include <inttypes.h>
#include <string.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/datum.h"
#include "call/table.h"

/* The only element, or that at a place: one index in C order, or one for each axis. */
static tg_datum build_item(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    int64_t at[TG_MAX_NDIM];
    tg_index index[TG_MAX_NDIM];
    tg_datum item = {0};
    int count = tg_call_ints(call, "args", at, TG_MAX_NDIM);

    if (tg_call_failed(call))
        return item;
    if (count == 1 && tg_ndim(a) != 1)
        a = tg_ravel(a);
    if (count > 0 && count != tg_ndim(a))
        return tg_call_fail(call, "incorrect number of indices for array: %d, for %d axes", count,
                            tg_ndim(a));
    for (int d = 0; d < count; d++)
        index[d] = TG_AT(at[d]);
    if (count > 0)
        a = tg_getitem(a, index, count);
    tg_call_status(call, tg_datum_item(a, &item));
    return item;
}

/* Python's values take some dozen bytes for each element. */
enum { MOST_LISTED = 10000000 };

/* Of the elements from `bytes` on as many as the axes from `d` on have; behind them is next. */
static tg_datum listed(tg_ctx *ctx, const tg_array *a, int d, const char **bytes)
{
    const tg_dtype dtype = tg_dtype_of(a);
    tg_datum list = {.kind = TG_DATUM_LIST};

    if (d == tg_ndim(a)) {
        *bytes += tg_dtype_size(dtype);
        return tg_datum_of_element(dtype, *bytes - tg_dtype_size(dtype));
    }
    list.items = tg_datum_items(ctx, tg_shape(a)[d]);
    for (; list.items && list.count < tg_shape(a)[d]; list.count++)
        list.items[list.count] = listed(ctx, a, d + 1, bytes);
    return list;
}

/* Lists of lists of Python's numbers; of a number itself. */
static tg_datum build_tolist(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a");
    size_t size = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    char *values;
    const char *at;

    if (tg_call_failed(call))
        return (tg_datum){0};
    if (tg_size(a) > MOST_LISTED)
        return tg_call_fail(call, "tolist: %" PRId64 " elements, more than %d", tg_size(a),
                            MOST_LISTED);
    at = values = tg_ctx_alloc(tg_call_ctx(call), size + 1);
    if (!values)
        return tg_call_status(call, TG_ENOMEM);
    tg_call_status(call, tg_gather(a, values, size));
    return tg_call_failed(call) ? (tg_datum){0} : listed(tg_call_ctx(call), a, 0, &at);
}

static bool is_shape(const tg_array *a, const tg_array *b)
{
    return tg_ndim(a) == tg_ndim(b) &&
           memcmp(tg_shape(a), tg_shape(b), (size_t)tg_ndim(a) * sizeof(int64_t)) == 0;
}

/* Whether shapes can be broadcast to one. */
static bool can_meet(const tg_array *a, const tg_array *b)
{
    for (int i = 1; i <= tg_ndim(a) && i <= tg_ndim(b); i++) {
        int64_t n = tg_shape(a)[tg_ndim(a) - i], m = tg_shape(b)[tg_ndim(b) - i];

        if (n != m && n != 1 && m != 1)
            return false;
    }
    return true;
}

/* array_equal, array_equiv, allclose: whether all elements are, of shapes that go together. */
static tg_datum build_alike(tg_call *call)
{
    const char *name = tg_call_operator(call)->name;
    const bool close = strcmp(name, "allclose") == 0, equal = strcmp(name, "array_equal") == 0;
    tg_array *a = tg_call_array(call, close ? "a" : "a1"), *same;
    tg_array *b = tg_call_array(call, close ? "b" : "a2");

    if (tg_call_failed(call))
        return (tg_datum){0};
    if (close)
        return tg_datum_array(
            tg_all(tg_isclose_by(a, b, tg_call_array(call, "rtol"), tg_call_array(call, "atol"),
                                 tg_call_bool(call, "equal_nan")),
                   TG_ALL_AXES));
    if (equal ? !is_shape(a, b) : !can_meet(a, b))
        return (tg_datum){.kind = TG_DATUM_BOOL, .truth = false};
    same = tg_equal(a, b);
    if (equal && tg_call_bool(call, "equal_nan"))
        same = tg_logical_or(same, tg_logical_and(tg_not_equal(a, a), tg_not_equal(b, b)));
    return tg_datum_array(tg_all(same, TG_ALL_AXES));
}

static const tg_operator rows[] = {
    {.name = "item",
     .kind = TG_CLASS_CREATE,
     .signature = "a, *args",
     .method = "*args",
     .dask = NULL,
     .shape = "a number",
     .dtype = "Python's",
     .cost = "computes",
     .build = build_item},
    {.name = "tolist",
     .kind = TG_CLASS_CREATE,
     .signature = "a",
     .method = "",
     .dask = NULL,
     .shape = "lists of numbers, nested as the axes",
     .dtype = "Python's",
     .cost = "computes",
     .build = build_tolist},
    {.name = "allclose",
     .kind = TG_CLASS_REDUCE,
     .signature = "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
     .dask = "allclose",
     .shape = "no axes",
     .dtype = "bool",
     .cost = "one pass",
     .build = build_alike},
    {.name = "array_equal",
     .kind = TG_CLASS_REDUCE,
     .signature = "a1, a2, equal_nan=False",
     .shape = "no axes",
     .dtype = "bool",
     .cost = "one pass",
     .build = build_alike},
    {.name = "array_equiv",
     .kind = TG_CLASS_REDUCE,
     .signature = "a1, a2",
     .shape = "no axes",
     .dtype = "bool",
     .cost = "one pass",
     .build = build_alike},
};

const tg_family tg_family_values = TG_FAMILY(rows);
