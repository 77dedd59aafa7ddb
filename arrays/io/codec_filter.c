/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters of numcodecs: what they make of elements before these are compressed, undone.
 *
 *     shuffle           byte i of every element together
 *     delta             differences of neighbours in C order; sums wrap as integers do
 *     fixedscaleoffset  round((x - offset) * scale): undone to x / scale + offset
 *     quantize, astype  another type of element
 *     bitround          floats with the last bits of the mantissa set to zero
 *     packbits          eight bools a byte, behind a byte with the number of bits that fill up
 */
#include <string.h>

#include "io/codec_step.h"
#include "io/element.h"
#include "io/hdf5_filter.h"

static bool decode_shuffle(tg_step *s)
{
    if (s->size > s->room)
        return false;
    tg_unshuffle((size_t)s->codec->itemsize, s->size, s->in, s->out);
    s->got = s->size;
    return true;
}

static bool encode_shuffle(tg_step *s)
{
    tg_shuffle((size_t)s->codec->itemsize, s->size, s->in, s->out);
    s->got = s->size;
    return true;
}

static size_t bound_same(const tg_codec *codec, size_t size)
{
    (void)codec;
    return size;
}

/** What was lost is lost: the bytes are the elements. */
static bool decode_same(tg_step *s)
{
    if (s->size > s->room)
        return false;
    memcpy(s->out, s->in, s->size);
    s->got = s->size;
    return true;
}

/** An element as a number: integers whole, all else in floating point. */
typedef struct number {
    int64_t whole; /* of integers and bools; of uint64 the same bits */
    double real;
} number;

/* X(dtype, C type) */
#define REALS(X)                                                                                   \
    X(TG_INT8, int8_t)                                                                             \
    X(TG_INT16, int16_t)                                                                           \
    X(TG_INT32, int32_t)                                                                           \
    X(TG_INT64, int64_t)                                                                           \
    X(TG_UINT8, uint8_t)                                                                           \
    X(TG_UINT16, uint16_t)                                                                         \
    X(TG_UINT32, uint32_t)                                                                         \
    X(TG_UINT64, uint64_t)                                                                         \
    X(TG_FLOAT32, float)                                                                           \
    X(TG_FLOAT64, double)

#define GET(dtype_, type)                                                                          \
    case dtype_: {                                                                                 \
        type value;                                                                                \
                                                                                                   \
        memcpy(&value, bytes, sizeof value);                                                       \
        n.real = (double)value;                                                                    \
        n.whole = is_float ? 0 : (int64_t)value;                                                   \
        break;                                                                                     \
    }

#define PUT(dtype_, type)                                                                          \
    case dtype_: {                                                                                 \
        type value = from_float || is_float ? (type)n.real : (type)n.whole;                        \
                                                                                                   \
        memcpy(bytes, &value, sizeof value);                                                       \
        break;                                                                                     \
    }

static bool is_real(const tg_element *e)
{
    return !e->half && e->dtype >= TG_INT8 && e->dtype <= TG_FLOAT64;
}

static bool is_floating(const tg_element *e)
{
    return e->dtype == TG_FLOAT32 || e->dtype == TG_FLOAT64;
}

static number get_number(const tg_element *e, const char *stored)
{
    const bool is_float = is_floating(e);
    char bytes[8];
    number n = {0, 0};

    tg_element_decode(e, 1, stored, bytes);
    switch ((tg_dtype)e->dtype) {
        REALS(GET)
    default:
        break;
    }
    return n;
}

static void put_number(const tg_element *e, number n, bool from_float, char *bytes)
{
    const bool is_float = is_floating(e);

    switch ((tg_dtype)e->dtype) {
        REALS(PUT)
    default:
        break;
    }
    if (e->swapped)
        tg_swap_bytes(bytes, (size_t)e->size, 1);
}

/** Elements of a step from codec->to, which are stored, to codec->from. */
typedef struct typed {
    tg_element stored, made;
    int64_t count;
} typed;

static bool typed_of(tg_step *s, typed *t)
{
    if (!tg_element_parse(s->codec->from, &t->made) ||
        !tg_element_parse(s->codec->to, &t->stored) || !is_real(&t->made) || !is_real(&t->stored) ||
        s->size % (size_t)t->stored.size)
        return false;
    t->count = (int64_t)(s->size / (size_t)t->stored.size);
    s->got = (size_t)t->count * (size_t)t->made.size;
    return s->got <= s->room;
}

static size_t bound_typed(const tg_codec *codec, size_t size)
{
    tg_element made, stored;

    if (!tg_element_parse(codec->from, &made) || !tg_element_parse(codec->to, &stored))
        return size;
    return size / (size_t)made.size * (size_t)stored.size;
}

/** Each element to the other type, by way of a sum, a scale, or neither. */
static bool decode_astype(tg_step *s)
{
    typed t;

    if (!typed_of(s, &t))
        return false;
    for (int64_t i = 0; i < t.count; i++)
        put_number(&t.made, get_number(&t.stored, s->in + i * t.stored.size),
                   is_floating(&t.stored), s->out + i * t.made.size);
    return true;
}

static bool decode_delta(tg_step *s)
{
    typed t;
    number sum = {0, 0};

    if (!typed_of(s, &t))
        return false;
    for (int64_t i = 0; i < t.count; i++) {
        number step = get_number(&t.stored, s->in + i * t.stored.size);

        sum.whole = (int64_t)((uint64_t)sum.whole + (uint64_t)step.whole);
        sum.real += step.real;
        if (t.made.dtype == TG_FLOAT32)
            sum.real = (float)sum.real;
        put_number(&t.made, sum, is_floating(&t.stored), s->out + i * t.made.size);
    }
    return true;
}

static bool decode_scale(tg_step *s)
{
    typed t;

    if (!typed_of(s, &t))
        return false;
    for (int64_t i = 0; i < t.count; i++) {
        number n = get_number(&t.stored, s->in + i * t.stored.size);

        n.real = n.real / s->codec->scale + s->codec->offset;
        put_number(&t.made, n, true, s->out + i * t.made.size);
    }
    return true;
}

static bool decode_bits(tg_step *s)
{
    const uint8_t *packed = (const uint8_t *)s->in;

    if (s->size < 1 || packed[0] > 7 || (s->size == 1 && packed[0]))
        return false;
    s->got = 8 * (s->size - 1) - packed[0];
    if (s->got > s->room)
        return false;
    for (size_t i = 0; i < s->got; i++)
        s->out[i] = (char)(packed[1 + i / 8] >> (7 - i % 8) & 1);
    return true;
}

static size_t bound_bits(const tg_codec *codec, size_t size)
{
    (void)codec;
    return 1 + (size + 7) / 8;
}

const tg_codec_row tg_codec_filters[] = {
    {"shuffle", 0, 0, decode_shuffle, encode_shuffle, bound_same},
    {"delta", 0, 0, decode_delta, NULL, bound_typed},
    {"fixedscaleoffset", 0, 0, decode_scale, NULL, bound_typed},
    {"quantize", 0, 0, decode_astype, NULL, bound_typed},
    {"astype", 0, 0, decode_astype, NULL, bound_typed},
    {"bitround", 0, 0, decode_same, NULL, bound_same},
    {"packbits", 0, 0, decode_bits, NULL, bound_bits},
    {0},
};
