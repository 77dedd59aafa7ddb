/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as NumPy prints them. NumPy generates the shortest digits that read back as the same
 * value (Steele and White's Dragon4) and cuts them at the precision; we get the same digits from
 * the C library's exact printf by trying 1, 2, ... 17 of them.
 */
#include "call/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRECISION = 8 }; /* numpy.get_printoptions()["precision"] */

/* d.ddd * 10^exponent */
struct digits {
    char digit[20];
    int count, exponent;
};

static bool reads_back(const char *text, double value, tg_dtype dtype)
{
    return dtype == TG_FLOAT32 ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

static void take(struct digits *out, const char *text)
{
    const char *e = strchr(text, 'e');

    out->count = 0;
    for (const char *at = text; at < e; at++)
        if (*at != '.')
            out->digit[out->count++] = *at;
    while (out->count > 1 && out->digit[out->count - 1] == '0')
        out->count--;
    out->exponent = atoi(e + 1);
}

/* At a power of two the values above are further away than those below: digits a little larger than
 * the nearest ones may read back where those do not. */
static bool next_up(char *text)
{
    for (char *at = strchr(text, 'e') - 1; at >= text; at--) {
        if (*at == '.')
            continue;
        if (*at != '9') {
            ++*at;
            return true;
        }
        *at = '0';
    }
    return false;
}

static void shortest(double value, tg_dtype dtype, struct digits *out)
{
    int most = dtype == TG_FLOAT32 ? 9 : 17, exponent;
    bool is_power = frexp(value, &exponent) == 0.5;
    char text[64];

    for (int n = 1; n <= most; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, value);
        if (reads_back(text, value, dtype) || n == most)
            break;
        if (is_power && next_up(text) && reads_back(text, value, dtype))
            break;
    }
    take(out, text);
}

/* "123.456" with at most `precision` digits after the point and no zeros at the end; absolute. */
static void positional(double value, tg_dtype dtype, int precision, char *text)
{
    struct digits d;
    char *at = text;
    int after;

    shortest(value, dtype, &d);
    after = d.count - 1 - d.exponent;
    if (precision >= 0 && after > precision) {
        snprintf(text, TG_NUMBER_TEXT, "%.*f", precision, value);
        at = text + strlen(text);
        while (at[-1] == '0' && strchr(text, '.'))
            *--at = '\0';
        if (!strchr(text, '.'))
            strcpy(at, ".");
        return;
    }
    for (int i = 0; i <= d.exponent || i == 0; i++)
        *at++ = d.exponent < 0 || i >= d.count ? '0' : d.digit[i];
    *at++ = '.';
    for (int i = d.exponent + 1; i < d.count; i++)
        *at++ = i < 0 ? '0' : d.digit[i];
    *at = '\0';
}

/* "1.25" and its exponent, cut at `precision` digits after the point. */
static void scientific(double value, tg_dtype dtype, int precision, char *text, int *exponent)
{
    struct digits d;
    char *at = text;

    shortest(value, dtype, &d);
    if (precision >= 0 && d.count - 1 > precision) {
        char exact[64];

        snprintf(exact, sizeof exact, "%.*e", precision, value);
        take(&d, exact);
    }
    *exponent = d.exponent;
    *at++ = d.digit[0];
    *at++ = '.';
    memcpy(at, d.digit + 1, (size_t)d.count - 1);
    at[d.count - 1] = '\0';
}

static bool special(double value, char *text)
{
    if (isnan(value))
        strcpy(text, "nan");
    else if (isinf(value))
        strcpy(text, value < 0 ? "-inf" : "inf");
    else
        return false;
    return true;
}

void tg_float_text(double value, tg_dtype dtype, bool point, char *text)
{
    double size = fabs(value);
    size_t length;
    int exponent;

    if (special(value, text))
        return;
    if (signbit(value))
        *text++ = '-';
    if (size == 0 || (size >= 1e-4 && size < 1e16)) {
        positional(size, dtype, -1, text);
        length = strlen(text);
        if (text[length - 1] == '.')
            strcpy(text + length - 1, point ? ".0" : "");
        return;
    }
    scientific(size, dtype, -1, text, &exponent);
    length = strlen(text);
    if (text[length - 1] == '.')
        length--;
    snprintf(text + length, 16, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

void tg_complex_text(const double *parts, tg_dtype dtype, char *text)
{
    char real[TG_NUMBER_TEXT], imaginary[TG_NUMBER_TEXT];
    bool alone = parts[0] == 0 && !signbit(parts[0]);

    tg_float_text(parts[1], dtype, false, imaginary);
    if (alone) {
        snprintf(text, TG_NUMBER_TEXT, "%.50sj", imaginary);
        return;
    }
    tg_float_text(parts[0], dtype, false, real);
    snprintf(text, TG_NUMBER_TEXT, "(%.50s%s%.50sj)", real, imaginary[0] == '-' ? "" : "+",
             imaginary);
}

/* The parts of a number's text in the chosen manner: lengths before and after the point. */
static void measure(const tg_float_format *format, double value, char *text, int *left, int *right,
                    int *exponent)
{
    double size = fabs(value);

    *exponent = 0;
    if (format->exponential)
        scientific(size, format->dtype, format->precision, text, exponent);
    else
        positional(size, format->dtype, format->precision, text);
    *left = (int)(strchr(text, '.') - text) + (signbit(value) || format->plus);
    *right = (int)strlen(strchr(text, '.') + 1);
}

static int digits_of(int exponent)
{
    return abs(exponent) >= 100 ? 3 : 2;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* As numpy: exponents where numbers are very large, very small, or far apart. The quotient is taken
 * in the values' own type, where it can overflow. */
static bool wants_exponent(const double *values, int64_t count, int stride, tg_dtype dtype)
{
    double least = INFINITY, most = 0;

    for (int64_t i = 0; i < count; i++) {
        double size = fabs(values[i * stride]);

        if (isfinite(size) && size != 0) {
            least = fmin(least, size);
            most = fmax(most, size);
        }
    }
    if (most == 0)
        return false;
    if (dtype == TG_FLOAT32)
        return (float)most >= 1e8f || (float)least < 0.0001f || (float)most / (float)least > 1000;
    return most >= 1e8 || least < 0.0001 || most / least > 1000;
}

void tg_float_format_make(tg_float_format *format, const double *values, int64_t count, int stride,
                          tg_dtype dtype, bool plus)
{
    char text[TG_NUMBER_TEXT];
    bool any_special = false, negative_infinity = plus;
    int after = 0;

    *format = (tg_float_format){.dtype = dtype, .plus = plus, .precision = PRECISION};
    format->exponential = wants_exponent(values, count, stride, dtype);
    for (int64_t i = 0; i < count; i++) {
        double value = values[i * stride];
        int left, right, exponent;

        any_special = any_special || !isfinite(value);
        negative_infinity = negative_infinity || (isinf(value) && value < 0);
        if (!isfinite(value))
            continue;
        measure(format, value, text, &left, &right, &exponent);
        format->pad_left = larger(format->pad_left, left);
        after = larger(after, right);
        format->exponent_digits = larger(format->exponent_digits, digits_of(exponent));
    }
    format->pad_right = after;
    if (format->exponential) {
        format->precision = after;
        format->pad_right = format->exponent_digits + 2 + after;
    }
    if (any_special) {
        int point = format->pad_right + 1;

        format->pad_left = larger(format->pad_left, 3 - point);
        format->pad_left = larger(format->pad_left, 3 + negative_infinity - point);
    }
}

void tg_float_format_text(const tg_float_format *format, double value, char *text)
{
    char body[TG_NUMBER_TEXT], number[TG_NUMBER_TEXT + 2];
    int left, right, exponent;

    if (!isfinite(value)) {
        bool plus = format->plus && !(isinf(value) && value < 0);

        special(value, body);
        snprintf(number, sizeof number, "%s%s", plus ? "+" : "", body);
        for (left = (int)strlen(number); left < format->pad_left + format->pad_right + 1; left++)
            *text++ = ' ';
        strcpy(text, number);
        return;
    }
    measure(format, value, body, &left, &right, &exponent);
    if (format->exponential && right < format->precision) { /* digits of the value, not zeros */
        snprintf(body, sizeof body, "%.*e", format->precision, fabs(value));
        exponent = atoi(strchr(body, 'e') + 1); /* of 9.9999997e-05 not that of 1e-04 */
        *strchr(body, 'e') = '\0';
    }
    snprintf(number, sizeof number, "%s%s", signbit(value) ? "-" : format->plus ? "+" : "", body);
    for (; left < format->pad_left; left++)
        *text++ = ' ';
    if (format->exponential) {
        sprintf(text, "%s%c%0*d", strcat(number, "e"), exponent < 0 ? '-' : '+',
                format->exponent_digits, abs(exponent));
        return;
    }
    for (; right < format->pad_right; right++)
        strcat(number, " ");
    strcpy(text, number);
}
