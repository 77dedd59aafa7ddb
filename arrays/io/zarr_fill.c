/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fill values of Zarr arrays, in each of the forms that metadata have them:
 *
 *     3, true, 1.5                      numbers
 *     "NaN", "Infinity", "-Infinity"    what JSON has no number for
 *     "0x7fc00000"                      the bits
 *     "AAAgQA=="                        the stored bytes, base64
 *     [1.5, "NaN"]                      complex: the two parts, each in such a form
 *     null                              none is defined: zeros
 */
#include <stdlib.h>
#include <string.h>

#include "io/zarr_json.h"

static void put_number(tg_dtype dtype, json_object *value, void *out)
{
    double real = json_object_get_double(value);
    int64_t whole = json_object_get_int64(value);
    uint64_t natural = json_object_get_uint64(value);
    float single = (float)real;

    switch (dtype) {
    case TG_FLOAT32:
        memcpy(out, &single, sizeof single);
        break;
    case TG_FLOAT64:
        memcpy(out, &real, sizeof real);
        break;
    case TG_BOOL:
        *(unsigned char *)out = json_object_get_boolean(value) != 0;
        break;
    case TG_UINT64:
        memcpy(out, &natural, sizeof natural);
        break;
    default: /* the low bytes of an integer are the integer */
        if (json_object_is_type(value, json_type_double))
            whole = (int64_t)real;
        memcpy(out, &whole, tg_dtype_size(dtype));
    }
}

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/** Exactly `size` bytes of base64. */
static bool from_base64(const char *text, size_t size, unsigned char *out)
{
    uint32_t bits = 0;
    size_t got = 0, length = strlen(text);
    int have = 0;

    for (size_t i = 0; i < length && text[i] != '='; i++) {
        int digit = digit_of(text[i]);

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t)digit;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (got == size)
            return false;
        out[got++] = (unsigned char)(bits >> have);
    }
    return got == size && length % 4 == 0;
}

/** The bits as a number: an element in this machine's order. */
static bool from_bits(const char *text, size_t size, unsigned char *out)
{
    char *end = NULL;
    uint64_t bits = strtoull(text, &end, 16);
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    memcpy(out, (const char *)&bits + (little ? 0 : sizeof bits - size), size);
    return end > text + 2 && !*end && (size == 8 || bits >> 8 * size == 0);
}

static bool put_text(const tg_element *e, const char *text, void *out)
{
    unsigned char stored[16] = {0};
    tg_element ours = *e;
    char *end = NULL;
    double value;

    if (strncmp(text, "0x", 2) == 0 && e->size <= 8) {
        ours.swapped = 0;
        if (!from_bits(text, (size_t)e->size, stored))
            return false;
        tg_element_decode(&ours, 1, stored, out);
        return true;
    }
    value = strtod(text, &end);
    if (end != text && !*end && (e->dtype == TG_FLOAT32 || e->dtype == TG_FLOAT64)) {
        if (e->dtype == TG_FLOAT32)
            memcpy(out, &(float){(float)value}, sizeof(float));
        else
            memcpy(out, &value, sizeof value);
        return true;
    }
    if (!from_base64(text, (size_t)e->size, stored))
        return false;
    tg_element_decode(e, 1, stored, out);
    return true;
}

static bool put(const tg_element *e, json_object *value, void *out);

static bool put_parts(const tg_element *e, json_object *pair, char *out)
{
    tg_element part = {.dtype = e->dtype == TG_COMPLEX64 ? TG_FLOAT32 : TG_FLOAT64,
                       .size = e->size / 2,
                       .swapped = e->swapped};

    return json_object_array_length(pair) == 2 &&
           put(&part, json_object_array_get_idx(pair, 0), out) &&
           put(&part, json_object_array_get_idx(pair, 1), out + part.size);
}

static bool put(const tg_element *e, json_object *value, void *out)
{
    tg_element real = {.dtype = e->dtype == TG_COMPLEX64 ? TG_FLOAT32 : TG_FLOAT64};
    bool is_complex = e->dtype >= TG_COMPLEX64;

    if (json_object_is_type(value, json_type_string))
        return put_text(e, json_object_get_string(value), out);
    if (json_object_is_type(value, json_type_array))
        return is_complex && put_parts(e, value, out);
    if (json_object_is_type(value, json_type_object))
        return false;
    put_number((tg_dtype)(is_complex ? real.dtype : e->dtype), value, out);
    return true;
}

tg_status tg_zarr_fill(const char *folder, json_object *value, tg_zarr_array *array)
{
    tg_status status = TG_OK;

    memset(array->fill, 0, sizeof array->fill);
    TG_NEED(!value || put(&array->element, value, array->fill), TG_EFORMAT,
            "%s: the fill value %s is none for %s", folder, json_object_to_json_string(value),
            tg_dtype_name((tg_dtype)array->element.dtype));
out:
    return status;
}
