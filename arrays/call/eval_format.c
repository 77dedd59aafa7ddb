/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * f'...': values as text in Python's format mini-language,
 *
 *     [[fill]align][sign][#][0][width][,][.precision][type]
 *
 * A number is written by C's printf, which agrees with Python on these; then it gets its commas and
 * is padded.
 */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/eval.h"
#include "call/print.h"
#include "call/wide_int.h"

struct format {
    char fill, align;     /* align: < > = ^, 0 where none was asked for */
    char sign;            /* + or blank, else 0 */
    bool alternate;       /* #: 0x before hexadecimal */
    char comma;           /* , or _ between thousands; 0: none */
    int width, precision; /* precision -1: not given */
    char type;
};

enum { WIDEST = 1000 };

static const char *take_number(const char *at, int *out)
{
    for (*out = 0; isdigit((unsigned char)*at); at++)
        *out = *out < WIDEST ? *out * 10 + (*at - '0') : WIDEST;
    return at;
}

static tg_status parse_spec(const char *text, struct format *out)
{
    tg_status status = TG_OK;
    const char *at = text;

    *out = (struct format){.fill = ' ', .precision = -1};
    if (at[0] && at[1] && strchr("<>=^", at[1])) {
        out->fill = at[0];
        out->align = at[1];
        at += 2;
    } else if (at[0] && strchr("<>=^", at[0])) {
        out->align = *at++;
    }
    if (*at == '+' || *at == ' ' || *at == '-') {
        out->sign = *at == '-' ? '\0' : *at;
        at++;
    }
    out->alternate = *at == '#';
    at += *at == '#';
    if (*at == '0' && !out->align) {
        out->fill = '0';
        out->align = '=';
    }
    at = take_number(at, &out->width);
    if (*at == ',' || *at == '_')
        out->comma = *at++;
    if (*at == '.') {
        TG_NEED(isdigit((unsigned char)at[1]), TG_EARG, "Format specifier missing precision");
        at = take_number(at + 1, &out->precision);
    }
    if (*at)
        out->type = *at++;
    TG_NEED(!*at, TG_EARG, "Invalid format specifier '%s'", text);
    TG_NEED(out->width < WIDEST && out->precision < WIDEST, TG_EARG,
            "format '%s': a width or precision of %d or more", text, WIDEST);
out:
    return status;
}

static tg_status integer_text(tg_wide value, const struct format *format, char *text, size_t size)
{
    char type = format->type;
    int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
    char digits[136];
    size_t n = sizeof digits;
    tg_wide rest = value;

    digits[--n] = '\0';
    do {
        int digit = (int)(rest % base);

        digits[--n] =
            (type == 'X' ? "0123456789ABCDEF" : "0123456789abcdef")[digit < 0 ? -digit : digit];
        rest /= base;
    } while (rest);
    snprintf(text, size, "%s%s%s", value < 0 ? "-" : "",
             format->alternate && base != 10 ? (type == 'x'   ? "0x"
                                                : type == 'X' ? "0X"
                                                : type == 'o' ? "0o"
                                                              : "0b")
                                             : "",
             digits + n);
    return TG_OK;
}

static tg_status float_text(double value, const struct format *format, char *text, size_t size)
{
    char conversion[] = "%.*f";
    bool percent = format->type == '%';
    int precision = format->precision < 0 ? 6 : format->precision;

    if (!format->type && format->precision < 0) {
        tg_float_text(value, TG_FLOAT64, true, text);
        return TG_OK;
    }
    conversion[3] = percent ? 'f' : format->type ? format->type : 'g';
    if (conversion[3] == 'n')
        conversion[3] = 'g';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, size, conversion, precision, percent ? value * 100 : value);
#pragma GCC diagnostic pop
    if (percent)
        strncat(text, "%", size - strlen(text) - 1);
    return TG_OK;
}

/* 1234567.5 -> 1,234,567.5 */
static void put_commas(const char *from, char comma, char *to)
{
    size_t digits;

    while (*from && !isdigit((unsigned char)*from))
        *to++ = *from++;
    digits = strspn(from, "0123456789");
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            *to++ = comma;
        *to++ = from[i];
    }
    strcpy(to, from + digits);
}

static tg_status pad(tg_ctx *ctx, const char *text, const struct format *format, char align,
                     tg_datum *out)
{
    tg_status status = TG_OK;
    size_t length = strlen(text), shown = 0, sign = 0, left = 0, more, at = 0;
    char *padded;

    for (const char *c = text; *c; c++)
        shown += ((unsigned char)*c & 0xC0) != 0x80;
    more = (size_t)format->width > shown ? (size_t)format->width - shown : 0;
    align = format->align ? format->align : align;
    sign = align == '=' && (text[0] == '-' || text[0] == '+' || text[0] == ' ');
    left = align == '>' || align == '=' ? more : align == '^' ? more / 2 : 0;
    padded = tg_ctx_alloc(ctx, length + more + 1);
    TG_NEED(padded, TG_ENOMEM, "a string");
    memcpy(padded, text, sign);
    at = sign;
    memset(padded + at, format->fill, left);
    memcpy(padded + at + left, text + sign, length - sign);
    memset(padded + left + length, format->fill, more - left);
    *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = padded};
out:
    return status;
}

static tg_status format_number(tg_ctx *ctx, const tg_datum *value, const struct format *format,
                               tg_datum *out)
{
    tg_status status = TG_OK;
    enum { ROOM = 2 * WIDEST + 400 };
    char text[ROOM], signed_text[ROOM + 1], final[2 * ROOM + 2];
    bool whole =
        value->kind != TG_DATUM_FLOAT && (!format->type || strchr("dxXobnc", format->type) != NULL);
    double real = 0;

    TG_NEED(!format->type || strchr("dxXobneEfFgG%", format->type), TG_EARG,
            "Unknown format code '%c' for object of type '%s'", format->type, tg_datum_type(value));
    TG_NEED(value->kind != TG_DATUM_FLOAT || !format->type || !strchr("dxXob", format->type),
            TG_EARG, "Unknown format code '%c' for object of type 'float'", format->type);
    TG_NEED(!whole || format->precision < 0, TG_EARG,
            "Precision not allowed in integer format specifier");
    if (whole) {
        TG_TRY(integer_text(tg_datum_wide(value), format, text, sizeof text));
    } else {
        TG_TRY(tg_datum_to_float(value, &real));
        TG_TRY(float_text(real, format, text, sizeof text));
    }
    if (text[0] == '-' || !format->sign)
        strcpy(signed_text, text);
    else
        snprintf(signed_text, sizeof signed_text, "%c%s", format->sign, text);
    if (format->comma)
        put_commas(signed_text, format->comma, final);
    else
        strcpy(final, signed_text);
    TG_TRY(pad(ctx, final, format, '>', out));
out:
    return status;
}

/* Both parts in the same format, the second with its sign; without a type in parentheses, and a
 * real part of 0 is left out. */
static tg_status format_complex(tg_ctx *ctx, const tg_datum *value, const struct format *format,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    enum { ROOM = WIDEST + 400 };
    const bool bare = !format->type;
    const bool alone = bare && value->parts[0] == 0 && !signbit(value->parts[0]);
    struct format part = *format;
    char real[ROOM] = "", imaginary[ROOM], text[2 * ROOM + 8], *at = text;

    TG_NEED(bare || strchr("eEfFgGn", format->type), TG_EARG,
            "Unknown format code '%c' for object of type 'complex'", format->type);
    TG_NEED(format->align != '=', TG_EARG,
            "'=' alignment flag is not allowed in complex format specifier");
    part.type = bare && format->precision >= 0 ? 'g' : format->type;
    if (!alone)
        TG_TRY(float_text(value->parts[0], &part, real, sizeof real));
    TG_TRY(float_text(value->parts[1], &part, imaginary, sizeof imaginary));
    if (bare && format->precision < 0) { /* str's: no ".0" */
        tg_float_text(value->parts[0], TG_FLOAT64, false, alone ? text : real);
        tg_float_text(value->parts[1], TG_FLOAT64, false, imaginary);
    }
    *at = '\0';
    at += sprintf(at, "%s", bare && !alone ? "(" : "");
    if (format->sign && (alone ? imaginary : real)[0] != '-')
        at += sprintf(at, "%c", format->sign);
    sprintf(at, "%s%s%sj%s", real, alone || imaginary[0] == '-' ? "" : "+", imaginary,
            bare && !alone ? ")" : "");
    TG_TRY(pad(ctx, text, format, '>', out));
out:
    return status;
}

tg_status tg_eval_text(tg_ctx *ctx, const tg_datum *value, bool repr, tg_datum *out)
{
    tg_status status = TG_OK;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    TG_NEED(to, TG_ENOMEM, "a string");
    TG_TRY(tg_print_value(ctx, value, repr, to));
out:
    if (to && fclose(to) != 0 && status == TG_OK)
        status = tg_fail(TG_ENOMEM, "a string");
    if (status == TG_OK) {
        *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = tg_datum_copy_text(ctx, text, size)};
        status = out->text ? TG_OK : tg_fail(TG_ENOMEM, "a string");
    }
    free(text);
    return status;
}

/* One "{value!r:spec}": `how` is "!r:spec", ":spec" or empty. */
static tg_status format_field(tg_ctx *ctx, tg_datum value, const char *how, tg_datum *out)
{
    tg_status status = TG_OK;
    struct format format;

    if (how[0] == '!') {
        TG_NEED((how[1] == 'r' || how[1] == 's') && (!how[2] || how[2] == ':'), TG_EARG,
                "f-string: invalid conversion character: expected 's' or 'r'");
        TG_TRY(tg_eval_text(ctx, &value, how[1] == 'r', &value));
        how += 2;
    }
    TG_TRY(parse_spec(how + (how[0] == ':'), &format));
    if (value.kind == TG_DATUM_ARRAY) {
        bool plain = !(how[0] && how[1]);

        TG_NEED(plain || tg_ndim(value.array) == 0, TG_EARG,
                "unsupported format string passed to numpy.ndarray.__format__");
        if (tg_ndim(value.array) == 0) /* Python's number: all digits of a float32 */
            TG_TRY(tg_datum_item(value.array, &value));
    }
    if (value.kind == TG_DATUM_COMPLEX && how[0] && how[1])
        return format_complex(ctx, &value, &format, out);
    if (value.kind >= TG_DATUM_BOOL && value.kind <= TG_DATUM_FLOAT && how[0] && how[1] &&
        (value.kind != TG_DATUM_BOOL || format.type))
        return format_number(ctx, &value, &format, out);
    if (value.kind != TG_DATUM_TEXT)
        TG_TRY(tg_eval_text(ctx, &value, false, &value));
    TG_NEED(!format.type || format.type == 's', TG_EARG,
            "Unknown format code '%c' for object of type 'str'", format.type);
    if (format.precision >= 0 && strlen(value.text) > (size_t)format.precision) {
        value.text = tg_datum_copy_text(ctx, value.text, (size_t)format.precision);
        TG_NEED(value.text, TG_ENOMEM, "a string");
    }
    TG_TRY(pad(ctx, value.text, &format, '<', out));
out:
    return status;
}

tg_status tg_eval_format(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum part = {0};
    char *joined = NULL;
    size_t size = 0;

    if (tree->text) {
        TG_TRY(tg_eval(calc, scope, tree->items[0], &part));
        return format_field(calc->ctx, part, tree->text, out);
    }
    for (int i = 0; i < tree->count; i++) {
        char *grown;
        size_t more;

        TG_TRY(tg_eval(calc, scope, tree->items[i], &part));
        more = strlen(part.text);
        grown = realloc(joined, size + more + 1);
        TG_NEED(grown, TG_ENOMEM, "a string");
        joined = grown;
        memcpy(joined + size, part.text, more + 1);
        size += more;
    }
    *out = (tg_datum){.kind = TG_DATUM_TEXT,
                      .text = tg_datum_copy_text(calc->ctx, joined ? joined : "", size)};
    TG_NEED(out->text, TG_ENOMEM, "a string");
out:
    free(joined);
    return status;
}
