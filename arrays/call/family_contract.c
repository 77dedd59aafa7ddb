/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of products over axes. */
#include <string.h>
#include <tegula/contract.h>

#include "call/table.h"

static tg_datum build_matmul(tg_call *call)
{
    return tg_datum_array(tg_matmul(tg_call_array(call, "x1"), tg_call_array(call, "x2")));
}

static tg_datum build_pair(tg_call *call, tg_array *(*build)(tg_array *, tg_array *))
{
    return tg_datum_array(build(tg_call_array(call, "a"), tg_call_array(call, "b")));
}

static tg_datum build_dot(tg_call *call)
{
    return build_pair(call, tg_dot);
}

static tg_datum build_inner(tg_call *call)
{
    return build_pair(call, tg_inner);
}

static tg_datum build_outer(tg_call *call)
{
    return build_pair(call, tg_outer);
}

static tg_datum build_vdot(tg_call *call)
{
    return build_pair(call, tg_vdot);
}

/* An axis or a sequence of them. */
static int get_axes(tg_call *call, const tg_datum *datum, int *axes)
{
    bool one = datum->kind == TG_DATUM_INT;
    int64_t count = one ? 1 : datum->count;

    if (!one && datum->kind != TG_DATUM_TUPLE && datum->kind != TG_DATUM_LIST)
        count = TG_MAX_NDIM + 1;
    if (count > TG_MAX_NDIM) {
        tg_call_fail(call, "tensordot: axes are a number or a pair of axes or of lists of axes");
        return 0;
    }
    for (int64_t i = 0; i < count; i++) {
        const tg_datum *item = one ? datum : &datum->items[i];

        if (item->kind != TG_DATUM_INT || item->integer < -TG_MAX_NDIM ||
            item->integer > TG_MAX_NDIM)
            tg_call_fail(call, "tensordot: an axis is an integer within the array's axes");
        else
            axes[i] = (int)item->integer;
    }
    return (int)count;
}

static tg_datum build_tensordot(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *b = tg_call_array(call, "b");
    const tg_datum *axes = tg_call_datum(call, "axes");
    int left[TG_MAX_NDIM] = {0}, right[TG_MAX_NDIM] = {0}, count = 0;

    if (axes->kind == TG_DATUM_INT) { /* the last of a, the first of b */
        if (axes->integer < 0 || axes->integer > TG_MAX_NDIM)
            return tg_call_fail(call, "tensordot: %lld axes", (long long)axes->integer);
        count = (int)axes->integer;
        for (int i = 0; i < count; i++) {
            left[i] = i - count;
            right[i] = i;
        }
    } else if ((axes->kind == TG_DATUM_TUPLE || axes->kind == TG_DATUM_LIST) && axes->count == 2) {
        count = get_axes(call, &axes->items[0], left);
        if (get_axes(call, &axes->items[1], right) != count)
            return tg_call_fail(call, "shape-mismatch for sum: lists of axes differ in length");
    } else {
        return tg_call_fail(call, "tensordot: axes are a number or a pair of lists of axes");
    }
    if (tg_call_failed(call))
        return (tg_datum){.kind = TG_DATUM_NONE};
    return tg_datum_array(tg_tensordot(a, b, count, left, right));
}

static tg_datum build_einsum(tg_call *call)
{
    int count = 0;
    tg_array *const *arrays = tg_call_arrays(call, "operands", &count);
    const char *subscripts = tg_call_text(call, "subscripts");

    if (tg_call_failed(call) || !subscripts)
        return tg_call_fail(call, "einsum: the subscripts are a string: \"ij,jk->ik\"");
    if (count == 0)
        return tg_call_fail(call, "einsum: must specify the einstein sum subscripts string and at "
                                  "least one operand");
    return tg_datum_array(tg_einsum(subscripts, arrays, count));
}

/* ---- factors ---- */

static tg_datum build_qr(tg_call *call)
{
    const char *mode = tg_call_text(call, "mode");
    tg_array *parts[2] = {NULL, NULL}, *a = tg_call_array(call, "a");

    if (!mode || (strcmp(mode, "reduced") != 0 && strcmp(mode, "r") != 0))
        return tg_call_fail(call, "linalg.qr: mode is 'reduced' or 'r'");
    tg_call_status(call, tg_linalg_qr(a, &parts[0], &parts[1]));
    if (tg_call_failed(call))
        return (tg_datum){.kind = TG_DATUM_NONE};
    return mode[1] ? tg_datum_arrays(tg_call_ctx(call), parts, 2) : tg_datum_array(parts[1]);
}

static tg_datum build_svd(tg_call *call)
{
    tg_array *parts[3] = {NULL, NULL, NULL}, *a = tg_call_array(call, "a");

    if (tg_call_bool(call, "full_matrices") && tg_call_bool(call, "compute_uv") &&
        tg_ndim(a) == 2 && tg_shape(a)[0] != tg_shape(a)[1])
        return tg_call_fail(call, "linalg.svd: full_matrices of an array that is not square: give "
                                  "full_matrices=False");
    tg_call_status(call, tg_linalg_svd(a, &parts[0], &parts[1], &parts[2]));
    if (tg_call_failed(call))
        return (tg_datum){.kind = TG_DATUM_NONE};
    return tg_call_bool(call, "compute_uv") ? tg_datum_arrays(tg_call_ctx(call), parts, 3)
                                            : tg_datum_array(parts[1]);
}

#define ROW(name_, shape_, build_)                                                                 \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_CONTRACT, .signature = "a, b", .dask = (name_),          \
        .shape = (shape_), .dtype = "promoted", .cost = "block products", .build = (build_)        \
    }

static const tg_operator rows[] = {
    {.name = "matmul",
     .kind = TG_CLASS_CONTRACT,
     .signature = "x1, x2",
     .dask = "matmul",
     .shape = "matrices in the last two axes, the others broadcast",
     .dtype = "promoted",
     .cost = "block products",
     .build = build_matmul},
    {.name = "dot",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, b",
     .method = "b",
     .dask = "dot",
     .shape = "the last axis of a with the last but one of b",
     .dtype = "promoted",
     .cost = "block products",
     .build = build_dot},
    {.name = "tensordot",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, b, axes=2",
     .dask = "tensordot",
     .shape = "axes of both summed, the others kept",
     .dtype = "promoted",
     .cost = "block products",
     .build = build_tensordot},
    ROW("inner", "the last axes of both", build_inner),
    {.name = "outer",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, b",
     .dask = "outer",
     .shape = "the sizes of both",
     .dtype = "promoted",
     .build = build_outer},
    ROW("vdot", "none", build_vdot),
    {.name = "einsum",
     .kind = TG_CLASS_CONTRACT,
     .signature = "subscripts, *operands",
     .dask = "einsum",
     .shape = "the result's labels",
     .dtype = "promoted",
     .cost = "block products, from the left",
     .notes = "subscripts as a string",
     .build = build_einsum},
    {.name = "linalg.qr",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, mode='reduced'",
     .dask = "linalg.qr",
     .shape = "[m, n] -> [m, k], [k, n], k the smaller",
     .dtype = "floats stay, others float64",
     .cost = "each block of rows, then their r's",
     .notes = "two axes; signs may differ from NumPy's where rows are cut",
     .build = build_qr},
    {.name = "linalg.svd",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, full_matrices=True, compute_uv=True",
     .dask = "linalg.svd",
     .shape = "[m, n] -> [m, k], [k], [k, n], k the smaller",
     .dtype = "floats stay, others float64; s real",
     .cost = "QR, then one block",
     .notes = "two axes; full_matrices=False unless m = n",
     .build = build_svd},
};

const tg_family tg_family_contract = TG_FAMILY(rows);
