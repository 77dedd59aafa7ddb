/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums of products over axes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/contract.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/shape.h>

#include "call/arguments.h"
#include "call/datum.h"
#include "call/table.h"

/* An operand, converted where the call names a dtype. */
static tg_array *converted(tg_call *call, tg_array *x)
{
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(x));
    const char *casting = tg_call_word(call, "casting");

    if (!tg_call_failed(call) && !tg_call_can_cast(call, tg_dtype_of(x), dtype, casting))
        tg_call_fail(call, "Cannot cast %s operand from %s to %s according to the rule '%s'",
                     tg_call_operator(call)->name, tg_dtype_name(tg_dtype_of(x)),
                     tg_dtype_name(dtype), casting);
    return tg_call_failed(call) ? x : tg_astype(x, dtype);
}

/* Item i of axes=: where the matrix (one axis: the vector) of an array is. */
static int core_axes(tg_call *call, int i, int *axis)
{
    const tg_datum *axes = tg_call_datum(call, "axes"), *item;
    int64_t value;
    int count;

    if (axes->kind != TG_DATUM_LIST || axes->count < 2 || axes->count > 3 ||
        (i == 2 && axes->count == 2)) {
        tg_call_fail(call, "matmul: axes is a list of tuples of axes, one for each operand and "
                           "one for the result");
        return 0;
    }
    item = &axes->items[i];
    count = tg_datum_is_sequence(item) ? (int)item->count : 1;
    if (count > 2)
        tg_call_fail(call, "matmul: axes item %d should be a tuple with 2 elements, not %d", i,
                     count);
    for (int k = 0; k < count && !tg_call_failed(call); k++) {
        tg_call_status(
            call, tg_datum_to_int(tg_datum_is_sequence(item) ? &item->items[k] : item, &value));
        axis[k] = (int)value;
    }
    return count;
}

/* axes=: as if these were the last two. */
static tg_array *matmul_at(tg_call *call, tg_array *x1, tg_array *x2)
{
    int from[2][2], count[2], to[2];
    tg_array *x[2] = {x1, x2}, *product;

    for (int i = 0; i < 2; i++) {
        count[i] = core_axes(call, i, from[i]);
        if (!tg_call_failed(call) && count[i] != (tg_ndim(x[i]) == 1 ? 1 : 2))
            tg_call_fail(call, "matmul: axes item %d has %d axes for an operand of %d", i, count[i],
                         tg_ndim(x[i]));
        if (tg_call_failed(call))
            return x1;
        x[i] = tg_moveaxis(x[i], count[i], from[i], count[i] == 2 ? (int[]){-2, -1} : (int[]){-1});
    }
    product = tg_matmul(x[0], x[1]);
    if (count[0] + count[1] == 2) /* a number */
        return product;
    count[0] = core_axes(call, 2, to);
    if (tg_call_failed(call))
        return product;
    return tg_moveaxis(product, count[0], count[0] == 2 ? (int[]){-2, -1} : (int[]){-1}, to);
}

static tg_datum build_matmul(tg_call *call)
{
    tg_array *x1 = converted(call, tg_call_array(call, "x1"));
    tg_array *x2 = converted(call, tg_call_array(call, "x2"));

    tg_call_no_out(call);
    return tg_datum_array(tg_call_given(call, "axes") ? matmul_at(call, x1, x2)
                                                      : tg_matmul(x1, x2));
}

static tg_datum build_trace(tg_call *call)
{
    tg_array *a = tg_call_array(call, "a"), *sum;

    tg_call_no_out(call);
    a = tg_astype(a, tg_call_dtype(call, "dtype", tg_dtype_of(a)));
    sum = tg_trace(a, tg_call_int(call, "offset"), tg_call_axis(call, "axis1"),
                   tg_call_axis(call, "axis2"));
    return tg_datum_array(tg_astype(sum, tg_call_dtype(call, "dtype", tg_dtype_of(sum))));
}

static tg_datum build_pair(tg_call *call, tg_array *(*build)(tg_array *, tg_array *))
{
    tg_call_no_out(call);
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

    if (!tg_datum_is_sequence(axes)) { /* the last of a, the first of b */
        const int64_t n = tg_call_int(call, "axes");

        if (n < 0 || n > TG_MAX_NDIM)
            return tg_call_fail(call, "tensordot: %lld axes", (long long)n);
        count = (int)n;
        for (int i = 0; i < count; i++) {
            left[i] = i - count;
            right[i] = i;
        }
    } else if (axes->count == 2) {
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

/* A list of labels as letters: 0 is A, 26 is a; Ellipsis stands for itself. */
static void write_labels(tg_call *call, const tg_datum *list, FILE *to)
{
    int64_t label = 0;

    if (!tg_datum_is_sequence(list))
        tg_call_fail(call, "einsum: the labels of an operand are a list of integers, not %s",
                     tg_datum_type(list));
    for (int64_t i = 0; !tg_call_failed(call) && i < list->count; i++) {
        if (list->items[i].kind == TG_DATUM_ELLIPSIS) {
            fputs("...", to);
            continue;
        }
        tg_call_status(call, tg_datum_to_int(&list->items[i], &label));
        if (label < 0 || label >= 52)
            tg_call_fail(call, "subscript is not within the valid range [0, 52): %" PRId64, label);
        fputc((int)(label + (label < 26 ? 'A' : 'a' - 26)), to);
    }
}

/* einsum(a, [0, 1], b, [1, 2], [0, 2]): operands and their labels by turns, those of the result
 * last. Gives back the subscripts, malloc, and the operands. */
static char *labels_of(tg_call *call, const tg_datum *first, const tg_datum *others,
                       tg_datum *operands)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    const int64_t total = others->count + 1;

    *operands = tg_datum_tuple(tg_call_ctx(call), others->items, others->count);
    operands->count = 0;
    if (!to || !operands->items)
        tg_call_status(call, tg_fail(TG_ENOMEM, "subscripts"));
    for (int64_t i = 0; to && !tg_call_failed(call) && i + 1 < total; i += 2) {
        operands->items[operands->count++] = i ? others->items[i - 1] : *first;
        fputs(i ? "," : "", to);
        write_labels(call, &others->items[i], to);
    }
    if (to && total % 2 == 1) {
        fputs("->", to);
        write_labels(call, &others->items[total - 2], to);
    }
    if (to)
        fclose(to);
    return text;
}

static tg_datum build_einsum(tg_call *call)
{
    const tg_datum *first = tg_call_datum(call, "subscripts");
    tg_datum operands = *tg_call_datum(call, "operands");
    const bool by_lists = first->kind != TG_DATUM_TEXT;
    tg_array **arrays, *sum = NULL;
    char *made = NULL;

    tg_call_no_out(call);
    if (operands.count < 1)
        return tg_call_fail(call, "einsum: must specify the einstein sum subscripts string and at "
                                  "least one operand");
    if (by_lists)
        made = labels_of(call, first, tg_call_datum(call, "operands"), &operands);
    arrays = tg_ctx_alloc(tg_call_ctx(call), (size_t)(operands.count + 1) * sizeof *arrays);
    if (!arrays)
        tg_call_status(call, TG_ENOMEM);
    for (int64_t i = 0; !tg_call_failed(call) && i < operands.count; i++) {
        arrays[i] = tg_datum_to_array(tg_call_ctx(call), &operands.items[i]);
        tg_call_status(call, tg_array_status(arrays[i]));
        if (!tg_call_failed(call))
            arrays[i] = converted(call, arrays[i]);
    }
    if (!tg_call_failed(call))
        sum = tg_einsum(by_lists ? made : first->text, arrays, (int)operands.count);
    free(made);
    return sum ? tg_datum_array(sum) : (tg_datum){0};
}

enum { MOST_MATRICES = 10000 };

typedef tg_status factor_one(tg_call *call, tg_array *a, tg_array **parts);

/* Factors of a matrix, or of each in the last two axes, put together again. */
static tg_datum factor_all(tg_call *call, factor_one *factor, int nparts)
{
    tg_array *a = tg_call_array(call, "a"), *parts[3], **all[3];
    int64_t shape[TG_MAX_NDIM], count = 1;
    int loops = tg_ndim(a) - 2;

    for (int d = 0; d < loops; d++)
        count *= shape[d] = tg_shape(a)[d];
    if (loops > 0 && (count < 1 || count > MOST_MATRICES))
        return tg_call_fail(call, "%s of %lld matrices: 1 to %d can be",
                            tg_call_operator(call)->name, (long long)count, MOST_MATRICES);
    if (loops <= 0)
        tg_call_status(call, tg_call_failed(call) ? TG_OK : factor(call, a, parts));
    for (int p = 0; p < nparts && loops > 0; p++)
        all[p] = tg_ctx_alloc(tg_call_ctx(call), (size_t)count * sizeof *all[p]);
    if (loops > 0)
        a = tg_reshape(a, 3, (int64_t[]){count, tg_shape(a)[loops], tg_shape(a)[loops + 1]});
    for (int64_t i = 0; i < count && loops > 0 && !tg_call_failed(call); i++) {
        tg_call_status(call, factor(call, tg_getitem(a, TG_INDEX(TG_AT(i))), parts));
        for (int p = 0; p < nparts; p++)
            all[p][i] = parts[p];
    }
    if (tg_call_failed(call))
        return (tg_datum){0};
    for (int p = 0; p < nparts && loops > 0; p++) {
        memcpy(shape + loops, tg_shape(parts[p]), (size_t)tg_ndim(parts[p]) * sizeof *shape);
        parts[p] = tg_reshape(tg_stack(all[p], (int)count, 0), loops + tg_ndim(parts[p]), shape);
    }
    return nparts > 1 ? tg_datum_arrays(tg_call_ctx(call), parts, nparts)
                      : tg_datum_array(parts[0]);
}

static tg_status factor_qr(tg_call *call, tg_array *a, tg_array **parts)
{
    const char *mode = tg_call_word(call, "mode");

    if (strcmp(mode, "complete") == 0)
        return tg_linalg_qr_complete(a, &parts[0], &parts[1]);
    if (strcmp(mode, "raw") == 0)
        return tg_linalg_qr_raw(a, &parts[0], &parts[1]);
    return strcmp(mode, "r") == 0 ? tg_linalg_qr(a, &parts[1], &parts[0])
                                  : tg_linalg_qr(a, &parts[0], &parts[1]);
}

static tg_datum build_qr(tg_call *call)
{
    static const char *const modes[] = {"reduced", "complete", "r", "raw", "full"};
    const char *mode = tg_call_word(call, "mode");
    bool known = false;

    for (size_t i = 0; mode && i < sizeof modes / sizeof *modes; i++)
        known = known || strcmp(mode, modes[i]) == 0;
    if (!known)
        return tg_call_fail(call, "Unrecognized mode '%s': 'reduced', 'complete', 'r' or 'raw'",
                            mode ? mode : "None");
    return factor_all(call, factor_qr, strcmp(mode, "r") == 0 ? 1 : 2);
}

static tg_status factor_svd(tg_call *call, tg_array *a, tg_array **parts)
{
    if (tg_call_bool(call, "compute_uv") && tg_call_bool(call, "full_matrices"))
        return tg_linalg_svd_full(a, &parts[0], &parts[1], &parts[2]);
    return tg_linalg_svd(a, &parts[0], &parts[1], &parts[2]);
}

static tg_status factor_values(tg_call *call, tg_array *a, tg_array **parts)
{
    tg_array *u, *vh;

    (void)call;
    return tg_linalg_svd(a, &u, &parts[0], &vh);
}

/* hermitian=True says what a matrix is: the factors are as good without. */
static tg_datum build_svd(tg_call *call)
{
    return tg_call_bool(call, "compute_uv") ? factor_all(call, factor_svd, 3)
                                            : factor_all(call, factor_values, 1);
}

#define ROW(name_, shape_, build_)                                                                 \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_CONTRACT, .signature = "a, b", .dask = (name_),          \
        .shape = (shape_), .dtype = "promoted", .cost = "block products", .build = (build_)        \
    }

static const tg_operator rows[] = {
    {.name = "matmul",
     .kind = TG_CLASS_CONTRACT,
     .signature = "x1, x2, /, out=None, *, casting='same_kind', order='K', dtype=None, subok=True, "
                  "axes=None",
     .dask = "matmul",
     .shape = "matrices in the last two axes, the others broadcast",
     .dtype = "promoted",
     .cost = "block products",
     .build = build_matmul},
    {.name = "dot",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, b, out=None",
     .method = "b, out=None",
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
     .signature = "a, b, out=None",
     .dask = "outer",
     .shape = "the sizes of both",
     .dtype = "promoted",
     .build = build_outer},
    ROW("vdot", "none", build_vdot),
    {.name = "einsum",
     .kind = TG_CLASS_CONTRACT,
     .signature = "subscripts, *operands, out=None, dtype=None, order='K', casting='safe', "
                  "optimize=False",
     .dask = "einsum",
     .shape = "the result's labels",
     .dtype = "promoted, or dtype",
     .cost = "block products, from the left, whatever optimize says",
     .build = build_einsum},
    {.name = "trace",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, offset=0, axis1=0, axis2=1, dtype=None, out=None",
     .method = "offset=0, axis1=0, axis2=1, dtype=None, out=None",
     .dask = "trace",
     .shape = "two axes removed",
     .dtype = "as sum's",
     .cost = "one pass over the diagonal",
     .build = build_trace},
    {.name = "linalg.qr",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, mode='reduced'",
     .dask = "linalg.qr",
     .shape = "[m, n] -> [m, k], [k, n], k the smaller; m for it with 'complete'",
     .dtype = "floats stay, others float64",
     .cost = "each block of rows, then their r's",
     .notes = "signs may differ from NumPy's where rows are cut",
     .build = build_qr},
    {.name = "linalg.svd",
     .kind = TG_CLASS_CONTRACT,
     .signature = "a, full_matrices=True, compute_uv=True, hermitian=False",
     .dask = "linalg.svd",
     .shape = "[m, n] -> [m, m], [k], [n, n], k the smaller; without full_matrices k for both",
     .dtype = "floats stay, others float64; s real",
     .cost = "QR, then one block; with full_matrices the matrix is one block",
     .notes = "signs may differ from NumPy's",
     .build = build_svd},
};

const tg_family tg_family_contract = TG_FAMILY(rows);
