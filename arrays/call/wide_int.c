/* SPDX-License-Identifier: BSD-3-Clause */
/* Arithmetic of Python's integers, in 128 bits. */
#include "call/wide_int.h"

#include <math.h>
#include <string.h>

bool tg_datum_is_integer(const tg_datum *datum)
{
    return datum->kind >= TG_DATUM_BOOL && datum->kind <= TG_DATUM_BIG;
}

tg_wide tg_datum_wide(const tg_datum *datum)
{
    tg_wide value;

    if (datum->kind == TG_DATUM_BOOL)
        return datum->truth;
    if (datum->kind == TG_DATUM_INT)
        return datum->integer;
    memcpy(&value, datum->words, sizeof value);
    return value;
}

tg_datum tg_datum_of_wide(tg_wide value)
{
    tg_datum out = {.kind = TG_DATUM_BIG};

    if (value >= INT64_MIN && value <= INT64_MAX)
        return tg_datum_int((int64_t)value);
    memcpy(out.words, &value, sizeof value);
    return out;
}

const char *tg_wide_text(tg_wide value, char *text)
{
    char digits[TG_WIDE_TEXT];
    int n = 0, at = 0;
    bool negative = value < 0;

    do {
        int digit = (int)(value % 10);

        digits[n++] = (char)('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value != 0);
    if (negative)
        text[at++] = '-';
    while (n > 0)
        text[at++] = digits[--n];
    text[at] = '\0';
    return text;
}

bool tg_wide_fits(tg_wide value, tg_dtype dtype)
{
    int bits = 8 * (int)tg_dtype_size(dtype);
    bool is_signed = dtype >= TG_INT8 && dtype <= TG_INT64;
    tg_wide one = 1, high = is_signed ? one << (bits - 1) : one << bits;

    return value < high && value >= (is_signed ? -high : 0);
}

static tg_status too_large(const char *op)
{
    return tg_fail(TG_EARG, "the result of %s does not fit in 128 bits, which integers have here",
                   op);
}

static tg_status power(tg_wide base, tg_wide exponent, tg_datum *out)
{
    tg_wide result = 1;

    if (exponent < 0) {
        if (base == 0)
            return tg_fail(TG_EARG, "0.0 cannot be raised to a negative power");
        *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = pow((double)base, (double)exponent)};
        return TG_OK;
    }
    while (exponent > 0) {
        if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
            return too_large("**");
        exponent >>= 1;
        if (exponent > 0 && __builtin_mul_overflow(base, base, &base))
            return too_large("**");
    }
    *out = tg_datum_of_wide(result);
    return TG_OK;
}

static tg_status shift(const char *op, tg_wide a, tg_wide b, tg_datum *out)
{
    tg_wide one = 1, result;

    if (b < 0)
        return tg_fail(TG_EARG, "negative shift count");
    if (op[0] == '>')
        *out = tg_datum_of_wide(a >> (b > 127 ? 127 : b));
    else if (a == 0)
        *out = tg_datum_int(0);
    else if (b > 126 || __builtin_mul_overflow(a, one << b, &result))
        return too_large("<<");
    else
        *out = tg_datum_of_wide(result);
    return TG_OK;
}

/* Python rounds quotients down. */
static tg_status divide(const char *op, tg_wide a, tg_wide b, tg_datum *out)
{
    bool quotient = strcmp(op, "//") == 0;
    tg_wide low, high;

    if (b == 0)
        return tg_fail(TG_EARG, "%s",
                       strcmp(op, "/") ? "integer division or modulo by zero" : "division by zero");
    if (strcmp(op, "/") == 0) {
        *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = (double)a / (double)b};
        return TG_OK;
    }
    if (b == -1) {
        if (__builtin_sub_overflow((tg_wide)0, a, &high))
            return too_large(op);
        *out = quotient ? tg_datum_of_wide(high) : tg_datum_int(0);
        return TG_OK;
    }
    low = a / b - (a % b != 0 && (a < 0) != (b < 0));
    *out = tg_datum_of_wide(quotient ? low : a - low * b);
    return TG_OK;
}

tg_status tg_wide_binary(const char *op, tg_wide a, tg_wide b, tg_datum *out)
{
    tg_wide result = 0;
    bool over = false;

    if (op[0] == '/' || op[0] == '%')
        return divide(op, a, b, out);
    if (strcmp(op, "**") == 0)
        return power(a, b, out);
    switch (op[0]) {
    case '+':
        over = __builtin_add_overflow(a, b, &result);
        break;
    case '-':
        over = __builtin_sub_overflow(a, b, &result);
        break;
    case '*':
        over = __builtin_mul_overflow(a, b, &result);
        break;
    case '&':
        result = a & b;
        break;
    case '|':
        result = a | b;
        break;
    case '^':
        result = a ^ b;
        break;
    default:
        return shift(op, a, b, out);
    }
    if (over)
        return too_large(op);
    *out = tg_datum_of_wide(result);
    return TG_OK;
}
