/* SPDX-License-Identifier: BSD-3-Clause */
/** Values as Python and NumPy print them. */
#ifndef TG_CALL_PRINT_H
#define TG_CALL_PRINT_H

#include <stdio.h>

#include "call/datum.h"

/** Text of a value without a newline: Python's str, or its repr. Arrays are computed. */
TG_MUST_CHECK tg_status tg_print_value(tg_ctx *ctx, const tg_datum *value, bool repr, FILE *out);

/** numpy.array_str, or array_repr (print_array.c). */
TG_MUST_CHECK tg_status tg_print_array(tg_ctx *ctx, tg_array *array, bool repr, FILE *out);

/** Room for any text of a number: floats are written with a point only below 1e16. */
#define TG_NUMBER_TEXT 160

/** What numpy's str says of a float: the shortest digits that read back as the same value. */
void tg_float_text(double value, tg_dtype dtype, bool point, char *text);
/** What str says of a complex number: "(1+2j)". `dtype` is that of its parts. */
void tg_complex_text(const double *parts, tg_dtype dtype, char *text);

/** How some floats are printed under each other: numpy's FloatingFormat. */
typedef struct tg_float_format {
    tg_dtype dtype; /* float32, float64 */
    bool plus;      /* positive numbers get a sign */
    bool exponential;
    int precision; /* digits after the point, at most */
    int pad_left, pad_right, exponent_digits;
} tg_float_format;

/** The format of `count` values, `stride` apart. */
void tg_float_format_make(tg_float_format *format, const double *values, int64_t count, int stride,
                          tg_dtype dtype, bool plus);
void tg_float_format_text(const tg_float_format *format, double value, char *text);

#endif
