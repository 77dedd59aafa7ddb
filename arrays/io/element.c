/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elements as files have them. NumPy's names are one letter for the kind and the bytes, behind one
 * for the byte order: '<' little, '>' big, '|' none, '=' this machine's.
 */
#include "io/element.h"

#include <stdio.h>
#include <string.h>

#define OURS (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>')

static const struct {
    const char *code; /* NumPy's kind and bytes */
    tg_dtype dtype;
} codes[] = {
    {"b1", TG_BOOL},        {"i1", TG_INT8},    {"i2", TG_INT16},   {"i4", TG_INT32},
    {"i8", TG_INT64},       {"u1", TG_UINT8},   {"u2", TG_UINT16},  {"u4", TG_UINT32},
    {"u8", TG_UINT64},      {"f4", TG_FLOAT32}, {"f8", TG_FLOAT64}, {"c8", TG_COMPLEX64},
    {"c16", TG_COMPLEX128},
};

enum { NCODES = sizeof codes / sizeof *codes };

tg_element tg_element_of(tg_dtype dtype)
{
    return (tg_element){.dtype = (int32_t)dtype, .size = (int32_t)tg_dtype_size(dtype)};
}

static const tg_element half = {.dtype = TG_FLOAT32, .size = 2, .half = 1};

static bool parse_long(const char *name, tg_element *out)
{
    for (int i = 0; i < NCODES; i++)
        if (strcmp(name, tg_dtype_name(codes[i].dtype)) == 0) {
            *out = tg_element_of(codes[i].dtype);
            return true;
        }
    *out = half;
    return strcmp(name, "float16") == 0;
}

bool tg_element_parse(const char *name, tg_element *out)
{
    char order = *name;
    bool found = false;

    if (!order || !strchr("<>|=", order))
        return parse_long(name, out);
    for (int i = 0; i < NCODES && !found; i++) {
        found = strcmp(name + 1, codes[i].code) == 0;
        if (found)
            *out = tg_element_of(codes[i].dtype);
    }
    if (!found && strcmp(name + 1, "f2") == 0) {
        *out = half;
        found = true;
    }
    out->swapped = found && out->size > 1 && (order == '<' || order == '>') && order != OURS;
    return found;
}

const char *tg_element_name(tg_dtype dtype, char buffer[8])
{
    buffer[0] = 0;
    for (int i = 0; i < NCODES; i++)
        if (codes[i].dtype == dtype)
            snprintf(buffer, 8, "%c%s", tg_dtype_size(dtype) > 1 ? OURS : '|', codes[i].code);
    return buffer;
}

void tg_swap_bytes(void *data, size_t size, int64_t n)
{
    if (size == 2)
        for (int64_t i = 0; i < n; i++)
            ((uint16_t *)data)[i] = __builtin_bswap16(((uint16_t *)data)[i]);
    else if (size == 4)
        for (int64_t i = 0; i < n; i++)
            ((uint32_t *)data)[i] = __builtin_bswap32(((uint32_t *)data)[i]);
    else if (size == 8)
        for (int64_t i = 0; i < n; i++)
            ((uint64_t *)data)[i] = __builtin_bswap64(((uint64_t *)data)[i]);
}

/** IEEE 754 binary16 to binary32, exactly; a NaN keeps its payload. */
static uint32_t widen(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits >> 15) << 31, exponent = bits >> 10 & 31, rest = bits & 1023;

    if (exponent == 31)
        return sign | 0x7f800000u | rest << 13;
    if (exponent == 0 && rest == 0)
        return sign;
    if (exponent == 0) { /* subnormal: shift until the leading one stands before the point */
        exponent = 1;
        while (!(rest & 1024)) {
            rest <<= 1;
            exponent--;
        }
    }
    return sign | (exponent + 112) << 23 | (rest & 1023) << 13;
}

bool tg_element_is_plain(const tg_element *element)
{
    return !element->swapped && !element->half && element->dtype != TG_BOOL;
}

void tg_element_decode(const tg_element *element, int64_t n, const void *in, void *out)
{
    size_t size = (size_t)element->size;

    if (element->half) {
        const uint16_t *from = in;
        uint32_t *to = out;

        for (int64_t i = 0; i < n; i++)
            to[i] = widen(element->swapped ? __builtin_bswap16(from[i]) : from[i]);
        return;
    }
    if (in != out && n > 0)
        memcpy(out, in, (size_t)n * size);
    if (element->swapped && element->dtype >= TG_COMPLEX64) /* real and imaginary part */
        tg_swap_bytes(out, size / 2, 2 * n);
    else if (element->swapped)
        tg_swap_bytes(out, size, n);
    if (element->dtype == TG_BOOL) /* a bool is 0 or 1 whatever the file has */
        for (int64_t i = 0; i < n; i++)
            ((uint8_t *)out)[i] = ((const uint8_t *)out)[i] != 0;
}
