/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorting, and looking up in what is sorted. */
#include <inttypes.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/index.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/call.h"
#include "call/table.h"

/* Every kind= is a stable sort here, whose result is one of those that NumPy may give. */
static void check_kind(tg_call *call)
{
    static const char *const kinds[] = {"quicksort", "mergesort", "heapsort", "stable"};
    const char *kind = tg_call_text(call, "kind");
    bool known = !kind;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        known = known || strcmp(kind, kinds[i]) == 0;
    if (!known)
        tg_call_fail(call, "sort kind must be one of 'quick', 'heap', or 'stable' (got '%s')",
                     kind);
    if (kind && tg_call_given(call, "stable"))
        tg_call_fail(call, "`kind` and `stable` parameters can't be provided at the same time. "
                           "Use only one of them.");
}

static void check_order(tg_call *call)
{
    if (tg_call_given(call, "order"))
        tg_call_fail(call, "Cannot specify order when the array has no fields.");
}

/* x.sort() changes x in NumPy. */
static void check_method(tg_call *call, const char *arguments)
{
    const char *name = tg_call_operator(call)->name;

    if (tg_call_self(call) && name[0] != 'a')
        tg_call_fail(call, "x.%s() would change x, and arrays never change: x = np.%s(%s)", name,
                     name, arguments);
}

static tg_datum build_sort(tg_call *call)
{
    bool indices = tg_call_operator(call)->name[0] == 'a';
    tg_array *a = tg_call_array(call, "a");
    int axis = 0;

    check_method(call, "x");
    check_kind(call);
    check_order(call);
    if (indices && tg_ndim(a) == 0 && tg_call_datum(call, "axis")->kind != TG_DATUM_NONE &&
        (tg_call_axis(call, "axis") == -1 || tg_call_axis(call, "axis") == 0))
        a = tg_ravel(a); /* NumPy lets this pass */
    else
        a = tg_call_along(call, "a", &axis);
    return tg_datum_array(indices ? tg_argsort(a, axis) : tg_sort(a, axis));
}

/* All is sorted, so that every kth is in its place. */
static tg_datum build_partition(tg_call *call)
{
    bool indices = tg_call_operator(call)->name[0] == 'a';
    const char *kind = tg_call_text(call, "kind");
    int axis;
    tg_array *a = tg_call_along(call, "a", &axis), *asked = tg_call_array(call, "kth");
    int64_t count, *kth = tg_call_places(call, "kth", tg_size(asked), &count, NULL), n;

    check_method(call, "x, kth");
    check_order(call);
    if (!kind || strcmp(kind, "introselect") != 0)
        tg_call_fail(call, "select kind must be 'introselect' (got '%s')", kind ? kind : "None");
    if (tg_call_failed(call) || !kth)
        return (tg_datum){0};
    if (tg_ndim(asked) > 1)
        return tg_call_fail(call, "object too deep for desired array: kth has %d axes",
                            tg_ndim(asked));
    n = tg_shape(a)[axis];
    if (tg_dtype_of(asked) == TG_BOOL)
        return tg_call_fail(call, "Booleans unacceptable as partition index");
    for (int64_t i = 0; i < count && tg_size(a) > 0; i++)
        if (kth[i] < -n || kth[i] >= n)
            return tg_call_fail(call, "kth(=%" PRId64 ") out of bounds (%" PRId64 ")",
                                kth[i] < 0 ? kth[i] + n : kth[i], n);
    return tg_datum_array(indices ? tg_argsort(a, axis) : tg_sort(a, axis));
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

static tg_datum build_unique(tg_call *call)
{
    tg_array *ar = tg_call_array(call, "ar"), *out[4];
    bool along = tg_call_given(call, "axis");
    int axis = along ? tg_call_axis(call, "axis") : 0, n = 1;
    tg_unique_parts parts = {0};

    if (tg_call_failed(call))
        return tg_datum_array(ar);
    out[0] = tg_unique_along(ar, along ? &axis : NULL, tg_call_bool(call, "equal_nan"), &parts);
    if (tg_call_bool(call, "return_index"))
        out[n++] = parts.first;
    if (tg_call_bool(call, "return_inverse"))
        out[n++] = parts.inverse;
    if (tg_call_bool(call, "return_counts"))
        out[n++] = parts.counts;
    return n > 1 ? tg_datum_arrays(tg_call_ctx(call), out, n) : tg_datum_array(out[0]);
}

/* The elements of `a` in the order of sorter's indices. */
static tg_array *in_order(tg_call *call, tg_array *a)
{
    tg_array *sorter = tg_call_array(call, "sorter");

    if (tg_call_failed(call) || tg_array_status(a) != TG_OK)
        return a;
    if (tg_dtype_of(sorter) >= TG_FLOAT32 || tg_dtype_of(sorter) == TG_BOOL)
        tg_call_fail(call, "sorter must only contain integers");
    else if (tg_ndim(sorter) != 1 || tg_size(sorter) != tg_size(a))
        tg_call_fail(call,
                     "sorter.size must equal a.size: %" PRId64 " indices for %" PRId64 " elements",
                     tg_size(sorter), tg_size(a));
    if (tg_call_failed(call))
        return a;
    return tg_getitem(a, &(tg_index){.kind = TG_INDEX_ARRAY, .array = sorter}, 1);
}

static tg_datum build_searchsorted(tg_call *call)
{
    const char *side = tg_call_text(call, "side");
    tg_array *a = tg_call_array(call, "a");

    if (!side || (strcmp(side, "left") != 0 && strcmp(side, "right") != 0))
        return tg_call_fail(call, "search side must be 'left' or 'right' (got %s%s%s)",
                            side ? "'" : "", side ? side : "None", side ? "'" : "");
    if (tg_call_given(call, "sorter"))
        a = in_order(call, a);
    return tg_datum_array(tg_searchsorted(a, tg_call_array(call, "v"), side[0] == 'r'));
}

/* in1d of the raveled elements. */
static tg_datum build_isin(tg_call *call)
{
    const char *kind = tg_call_text(call, "kind");
    bool flat = strcmp(tg_call_operator(call)->name, "in1d") == 0;
    tg_array *a = tg_call_array(call, flat ? "ar1" : "element");
    tg_array *set = tg_call_array(call, flat ? "ar2" : "test_elements");

    if (kind && strcmp(kind, "sort") != 0 && strcmp(kind, "table") != 0)
        return tg_call_fail(call, "Invalid kind: '%s'. Please use None, 'sort' or 'table'.", kind);
    if (kind && kind[0] == 't' && (tg_dtype_of(a) >= TG_FLOAT32 || tg_dtype_of(set) >= TG_FLOAT32))
        return tg_call_fail(call, "The 'table' method is only supported for boolean or integer "
                                  "arrays. Please select 'sort' or None for kind.");
    return tg_datum_array(tg_isin(flat ? tg_ravel(a) : a, set, tg_call_bool(call, "invert")));
}

#define ONE_CHUNK "the axis is made one chunk"
#define SORT(name_, arguments_, dtype_, notes_, build_)                                            \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_SHAPE, .signature = "a, " arguments_,                    \
        .method = (arguments_), .shape = "as a; raveled for axis=None", .dtype = (dtype_),         \
        .cost = ONE_CHUNK, .notes = (notes_), .build = (build_)                                    \
    }
#define TOP(name_, dtype_)                                                                         \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_REDUCE, .signature = "a, k, axis=-1",                    \
        .method = "k, axis=-1", .dask = (name_), .shape = "the axis as long as |k|",               \
        .dtype = (dtype_), .cost = ONE_CHUNK, .notes = "Dask's; NumPy has none",                   \
        .build = build_topk                                                                        \
    }
#define SORT_ARGUMENTS      "axis=-1, kind=None, order=None, *, stable=None"
#define PARTITION_ARGUMENTS "kth, axis=-1, kind='introselect', order=None"

static const tg_operator rows[] = {
    SORT("sort", SORT_ARGUMENTS, "as a", "stable, whatever kind is asked for", build_sort),
    SORT("argsort", SORT_ARGUMENTS, "int64", "stable, whatever kind is asked for", build_sort),
    SORT("partition", PARTITION_ARGUMENTS, "as a", "sorts: as good a partition as any",
         build_partition),
    SORT("argpartition", PARTITION_ARGUMENTS, "int64", "sorts: as good a partition as any",
         build_partition),
    TOP("topk", "as a"),
    TOP("argtopk", "int64"),
    {.name = "unique",
     .kind = TG_CLASS_REDUCE,
     .signature =
         "ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, "
         "equal_nan=True",
     .dask = "unique",
     .shape = "[distinct elements]; with axis as ar, that axis as long as parts are distinct",
     .dtype = "as ar, the others int64",
     .cost = "computed when built; the distinct elements come to rank 0",
     .build = build_unique},
    {.name = "searchsorted",
     .kind = TG_CLASS_SHAPE,
     .signature = "a, v, side='left', sorter=None",
     .method = "v, side='left', sorter=None",
     .dask = "searchsorted",
     .shape = "as v",
     .dtype = "int64",
     .cost = "a is one block in each task",
     .build = build_searchsorted},
    {.name = "isin",
     .kind = TG_CLASS_SHAPE,
     .signature = "element, test_elements, assume_unique=False, invert=False, *, kind=None",
     .dask = "isin",
     .shape = "as element",
     .dtype = "bool",
     .cost = "test_elements is one block in each task",
     .build = build_isin},
    {.name = "in1d",
     .kind = TG_CLASS_SHAPE,
     .signature = "ar1, ar2, assume_unique=False, invert=False, *, kind=None",
     .shape = "the size of ar1",
     .dtype = "bool",
     .cost = "ar2 is one block in each task",
     .build = build_isin},
};

const tg_family tg_family_sort = TG_FAMILY(rows);
