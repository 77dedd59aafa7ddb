/* SPDX-License-Identifier: BSD-3-Clause */
/* Python's values, and what they are as numbers, dtypes and truths. */
#include "call/call.h"

#include <inttypes.h>
#include <string.h>

#include "call/wide_int.h"
#include "expr/node.h"

const char *tg_datum_type(const tg_datum *datum)
{
    static const char *const names[TG_NDATUM_KINDS] = {
        [TG_DATUM_NONE] = "NoneType",     [TG_DATUM_BOOL] = "bool",
        [TG_DATUM_INT] = "int",           [TG_DATUM_BIG] = "int",
        [TG_DATUM_FLOAT] = "float",       [TG_DATUM_COMPLEX] = "complex",
        [TG_DATUM_TEXT] = "str",          [TG_DATUM_TUPLE] = "tuple",
        [TG_DATUM_LIST] = "list",         [TG_DATUM_DICT] = "dict",
        [TG_DATUM_SLICE] = "slice",       [TG_DATUM_ELLIPSIS] = "ellipsis",
        [TG_DATUM_DTYPE] = "dtype",       [TG_DATUM_ARRAY] = "numpy.ndarray",
        [TG_DATUM_FUNCTION] = "function", [TG_DATUM_GENERATOR] = "Generator",
        [TG_DATUM_MODULE] = "module",     [TG_DATUM_METHOD] = "method",
    };

    return names[datum->kind];
}

bool tg_datum_is_number(const tg_datum *datum)
{
    return datum->kind >= TG_DATUM_BOOL && datum->kind <= TG_DATUM_COMPLEX;
}

bool tg_datum_is_sequence(const tg_datum *datum)
{
    return datum->kind == TG_DATUM_TUPLE || datum->kind == TG_DATUM_LIST;
}

tg_datum *tg_datum_items(tg_ctx *ctx, int64_t count)
{
    return tg_ctx_alloc(ctx, (size_t)(count + 1) * sizeof(tg_datum));
}

const char *tg_datum_copy_text(tg_ctx *ctx, const char *text, size_t size)
{
    char *copy = tg_ctx_alloc(ctx, size + 1);

    return copy ? memcpy(copy, text, size) : NULL;
}

tg_datum tg_datum_tuple(tg_ctx *ctx, const tg_datum *items, int64_t count)
{
    tg_datum *copy = tg_datum_items(ctx, count);

    if (copy && count > 0)
        memcpy(copy, items, (size_t)count * sizeof *copy);
    return (tg_datum){.kind = TG_DATUM_TUPLE, .items = copy, .count = copy ? count : 0};
}

tg_datum tg_datum_arrays(tg_ctx *ctx, tg_array *const *arrays, int count)
{
    tg_datum tuple = tg_datum_tuple(ctx, NULL, 0);

    tuple.items = tg_datum_items(ctx, count);
    tuple.count = tuple.items ? count : 0;
    for (int i = 0; i < tuple.count; i++)
        tuple.items[i] = tg_datum_array(arrays[i]);
    return tuple;
}

tg_datum tg_datum_ints(tg_ctx *ctx, const int64_t *values, int count)
{
    tg_datum tuple = tg_datum_tuple(ctx, NULL, 0);

    tuple.items = tg_datum_items(ctx, count);
    tuple.count = tuple.items ? count : 0;
    for (int i = 0; i < tuple.count; i++)
        tuple.items[i] = tg_datum_int(values[i]);
    return tuple;
}

tg_datum tg_datum_of_element(tg_dtype dtype, const void *bytes)
{
    tg_datum out = {.kind = TG_DATUM_INT};

    if (dtype == TG_BOOL) {
        out.kind = TG_DATUM_BOOL;
        out.truth = *(const uint8_t *)bytes != 0;
    } else if (dtype >= TG_COMPLEX64) {
        out.kind = TG_DATUM_COMPLEX;
        tg_convert(1, dtype, bytes, TG_COMPLEX128, out.parts);
    } else if (dtype >= TG_FLOAT32) {
        out.kind = TG_DATUM_FLOAT;
        tg_convert(1, dtype, bytes, TG_FLOAT64, &out.real);
    } else if (dtype == TG_UINT64) {
        out = tg_datum_of_wide(*(const uint64_t *)bytes);
    } else {
        tg_convert(1, dtype, bytes, TG_INT64, &out.integer);
    }
    return out;
}

tg_status tg_datum_item(tg_array *array, tg_datum *out)
{
    tg_status status = TG_OK;
    _Alignas(16) char bytes[32];

    TG_TRY(tg_array_status(array));
    TG_NEED(tg_size(array) == 1, TG_EARG, "can only convert an array of size 1 to a Python scalar");
    TG_TRY(tg_gather(array, bytes, tg_dtype_size(tg_dtype_of(array))));
    *out = tg_datum_of_element(tg_dtype_of(array), bytes);
out:
    return status;
}

tg_status tg_datum_to_int(const tg_datum *datum, int64_t *out)
{
    tg_status status = TG_OK;
    tg_datum item = *datum;
    char text[TG_WIDE_TEXT];

    if (item.kind == TG_DATUM_ARRAY) {
        TG_TRY(tg_array_status(datum->array));
        TG_NEED(tg_ndim(datum->array) == 0, TG_EARG,
                "only integer scalar arrays can be converted to a scalar index, not one of %d axes",
                tg_ndim(datum->array));
        TG_TRY(tg_datum_item(datum->array, &item));
    }
    TG_NEED(tg_datum_is_integer(&item), TG_EARG, "'%s' object cannot be interpreted as an integer",
            tg_datum_type(&item));
    TG_NEED(item.kind != TG_DATUM_BIG, TG_EARG, "the integer %s does not fit in 64 bits",
            tg_wide_text(tg_datum_wide(&item), text));
    *out = (int64_t)tg_datum_wide(&item);
out:
    return status;
}

tg_status tg_datum_to_float(const tg_datum *datum, double *out)
{
    tg_status status = TG_OK;
    tg_datum item = *datum;

    if (item.kind == TG_DATUM_ARRAY)
        TG_TRY(tg_datum_item(datum->array, &item));
    TG_NEED(tg_datum_is_number(&item) && item.kind != TG_DATUM_COMPLEX, TG_EARG,
            "must be real number, not %s", tg_datum_type(&item));
    *out = item.kind == TG_DATUM_FLOAT ? item.real : (double)tg_datum_wide(&item);
out:
    return status;
}

tg_status tg_datum_truth(const tg_datum *datum, bool *out)
{
    tg_status status = TG_OK;
    tg_datum item = *datum;

    if (item.kind == TG_DATUM_ARRAY) {
        TG_TRY(tg_array_status(datum->array));
        TG_NEED(tg_size(datum->array) == 1, TG_EARG,
                "The truth value of an array with more than one element is ambiguous. Use a.any() "
                "or a.all()");
        TG_TRY(tg_datum_item(datum->array, &item));
    }
    switch (item.kind) {
    case TG_DATUM_NONE:
        *out = false;
        break;
    case TG_DATUM_BOOL:
        *out = item.truth;
        break;
    case TG_DATUM_INT:
    case TG_DATUM_BIG:
        *out = tg_datum_wide(&item) != 0;
        break;
    case TG_DATUM_FLOAT:
        *out = item.real != 0;
        break;
    case TG_DATUM_COMPLEX:
        *out = item.parts[0] != 0 || item.parts[1] != 0;
        break;
    case TG_DATUM_TEXT:
        *out = item.text[0] != '\0';
        break;
    case TG_DATUM_TUPLE:
    case TG_DATUM_LIST:
    case TG_DATUM_DICT:
        *out = item.count > 0;
        break;
    default:
        *out = true;
    }
out:
    return status;
}

/* NumPy's short codes, and C's and Python's names. */
static const char *const codes[TG_NDTYPES] = {
    [TG_BOOL] = "? b1 bool_ bool8",
    [TG_INT8] = "b i1 byte",
    [TG_INT16] = "h i2 short",
    [TG_INT32] = "i i4 intc",
    [TG_INT64] = "l q i8 int int_ intp longlong",
    [TG_UINT8] = "B u1 ubyte",
    [TG_UINT16] = "H u2 ushort",
    [TG_UINT32] = "I u4 uintc",
    [TG_UINT64] = "L Q u8 uint uintp ulonglong",
    [TG_FLOAT32] = "f f4 single",
    [TG_FLOAT64] = "d f8 float float_ double",
    [TG_COMPLEX64] = "F c8 csingle",
    [TG_COMPLEX128] = "D c16 complex complex_ cdouble",
};

bool tg_is_word_of(const char *word, const char *words)
{
    size_t length = strlen(word);

    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");

        if (n == length && strncmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

static bool dtype_of_code(const char *code, tg_dtype *out)
{
    if (code[0] != '\0' && strchr("<>=|", code[0])) /* in memory all have the machine's order */
        code++;
    for (int dtype = 0; dtype < TG_NDTYPES; dtype++)
        if (strcmp(tg_dtype_name((tg_dtype)dtype), code) == 0 ||
            tg_is_word_of(code, codes[dtype])) {
            *out = (tg_dtype)dtype;
            return true;
        }
    return false;
}

tg_status tg_datum_to_dtype(const tg_datum *datum, tg_dtype *out)
{
    tg_status status = TG_OK;

    if (datum->kind == TG_DATUM_DTYPE) {
        *out = datum->dtype;
        return TG_OK;
    }
    if (datum->kind == TG_DATUM_FUNCTION && !datum->callable->op &&
        dtype_of_code(datum->callable->name, out)) /* int, float, bool */
        return TG_OK;
    TG_NEED(datum->kind == TG_DATUM_TEXT, TG_EARG,
            "Cannot interpret a value of type '%s' as a "
            "data type",
            tg_datum_type(datum));
    TG_NEED(!tg_is_word_of(datum->text, "float16 f2 e half <f2 =f2 >f2"), TG_EARG,
            "data type 'float16' is read from files and computed as float32: ask for that, "
            "dtype='float32'");
    TG_NEED(dtype_of_code(datum->text, out), TG_EARG, "data type '%s' not understood", datum->text);
out:
    return status;
}
