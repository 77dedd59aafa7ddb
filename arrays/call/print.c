/* SPDX-License-Identifier: BSD-3-Clause */
/* Values as Python prints them, and where they go. */
#include "call/print.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include <tegula/calc.h>

#include "call/call.h"
#include "call/wide_int.h"

static void print_text(const char *text, FILE *out)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';

    fputc(quote, out);
    for (; *text; text++) {
        if (*text == quote || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '\t')
            fputs("\\t", out);
        else
            fputc(*text, out);
    }
    fputc(quote, out);
}

static tg_status print_items(tg_ctx *ctx, const tg_datum *value, const char *open,
                             const char *close, FILE *out)
{
    tg_status status = TG_OK;

    fputs(open, out);
    for (int64_t i = 0; i < value->count; i++) {
        const char *between = value->kind == TG_DATUM_DICT && i % 2 ? ": " : ", ";

        fputs(i ? between : "", out);
        TG_TRY(tg_print_value(ctx, &value->items[i], true, out));
    }
    if (value->kind == TG_DATUM_TUPLE && value->count == 1)
        fputc(',', out);
    fputs(close, out);
out:
    return status;
}

static void print_number(const tg_datum *value, FILE *out)
{
    char text[TG_NUMBER_TEXT];

    if (value->kind == TG_DATUM_FLOAT)
        tg_float_text(value->real, TG_FLOAT64, true, text);
    else if (value->kind == TG_DATUM_COMPLEX)
        tg_complex_text(value->parts, TG_FLOAT64, text);
    else if (value->kind == TG_DATUM_INT || value->kind == TG_DATUM_BIG)
        tg_wide_text(tg_datum_wide(value), text);
    else
        strcpy(text, value->truth ? "True" : "False");
    fputs(text, out);
}

tg_status tg_print_value(tg_ctx *ctx, const tg_datum *value, bool repr, FILE *out)
{
    if (tg_datum_is_number(value)) {
        print_number(value, out);
        return TG_OK;
    }
    switch (value->kind) {
    case TG_DATUM_NONE:
        fputs("None", out);
        return TG_OK;
    case TG_DATUM_TEXT:
        if (repr)
            print_text(value->text, out);
        else
            fputs(value->text, out);
        return TG_OK;
    case TG_DATUM_TUPLE:
        return print_items(ctx, value, "(", ")", out);
    case TG_DATUM_LIST:
        return print_items(ctx, value, "[", "]", out);
    case TG_DATUM_DICT:
        return print_items(ctx, value, "{", "}", out);
    case TG_DATUM_SLICE:
        return print_items(ctx, value, "slice(", ")", out);
    case TG_DATUM_ELLIPSIS:
        fputs("Ellipsis", out);
        return TG_OK;
    case TG_DATUM_DTYPE:
        fprintf(out, repr ? "dtype('%s')" : "%s", tg_dtype_name(value->dtype));
        return TG_OK;
    case TG_DATUM_ARRAY:
        return tg_print_array(ctx, value->array, repr, out);
    case TG_DATUM_FUNCTION:
    case TG_DATUM_METHOD:
        fprintf(out, "<%s %s>", tg_datum_type(value), value->callable->name);
        return TG_OK;
    case TG_DATUM_MODULE:
        fprintf(out, "<module 'numpy%s%s'>", value->text[0] ? "." : "", value->text);
        return TG_OK;
    default:
        fprintf(out, "<%s>", tg_datum_type(value));
        return TG_OK;
    }
}

tg_status tg_calc_print(tg_ctx *ctx, const tg_datum *value, FILE *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_print_value(ctx, value, false, out));
    fputc('\n', out);
    TG_NEED(!ferror(out), TG_EIO, "a value cannot be written");
out:
    return status;
}
