/* SPDX-License-Identifier: BSD-3-Clause */
/* Python's words: names, numbers (hex, octal, binary, underscores, complex), strings, operators. */
#include "call/lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "call/wide_int.h"

static bool starts_name(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

enum { LONGEST_NUMBER = 400 };

/* Digits of a base, single underscores between them; appended to `text`. */
static const char *take_digits(const char *at, int base, char *text, size_t *size)
{
    for (; *at; at++) {
        int digit = isdigit((unsigned char)*at)   ? *at - '0'
                    : isalpha((unsigned char)*at) ? tolower((unsigned char)*at) - 'a' + 10
                                                  : 99;

        if (*at == '_' && *size > 0 && isalnum((unsigned char)text[*size - 1]) && in_name(at[1]) &&
            at[1] != '_')
            continue;
        if (digit >= base)
            break;
        if (*size < LONGEST_NUMBER)
            text[(*size)++] = *at;
    }
    return at;
}

static tg_status integer_value(const char *text, int base, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_wide value = 0;

    for (const char *at = text; *at; at++) {
        int digit =
            isdigit((unsigned char)*at) ? *at - '0' : tolower((unsigned char)*at) - 'a' + 10;
        bool over = __builtin_mul_overflow(value, (tg_wide)base, &value) ||
                    __builtin_add_overflow(value, (tg_wide)digit, &value);

        TG_NEED(!over, TG_EARG, "the integer %s does not fit in 128 bits", text);
    }
    *out = tg_datum_of_wide(value);
out:
    return status;
}

static tg_status lex_radix(const char *at, tg_token *out)
{
    tg_status status = TG_OK;
    char kind = (char)tolower((unsigned char)at[1]), text[LONGEST_NUMBER + 1];
    int base = kind == 'x' ? 16 : kind == 'o' ? 8 : 2;
    const char *digits = at + 2 + (at[2] == '_');
    size_t size = 0;
    const char *end = take_digits(digits, base, text, &size);

    TG_NEED(size > 0 && !in_name(*end), TG_EARG, "invalid %s literal",
            base == 16  ? "hexadecimal"
            : base == 8 ? "octal"
                        : "binary");
    TG_NEED(size < LONGEST_NUMBER, TG_EARG, "a number of more than %d digits", LONGEST_NUMBER - 1);
    text[size] = '\0';
    out->size = (size_t)(end - at);
    TG_TRY(integer_value(text, base, &out->value));
out:
    return status;
}

/* "e-5", where it is one; appended to `text`. */
static const char *take_exponent(const char *at, char *text, size_t *size)
{
    bool sign = at[0] && (at[1] == '+' || at[1] == '-');

    if ((*at != 'e' && *at != 'E') || !isdigit((unsigned char)at[1 + sign]))
        return at;
    for (int i = 0; i < 1 + sign && *size < LONGEST_NUMBER; i++)
        text[(*size)++] = at[i];
    return take_digits(at + 1 + sign, 10, text, size);
}

static tg_status lex_number(const char *at, tg_token *out)
{
    tg_status status = TG_OK;
    char text[LONGEST_NUMBER + 1];
    const char *end = at;
    size_t size = 0;
    bool is_int;

    if (at[0] == '0' && at[1] && strchr("xXoObB", at[1]))
        return lex_radix(at, out);
    end = take_digits(end, 10, text, &size);
    is_int = true;
    if (*end == '.') {
        is_int = false;
        if (size < LONGEST_NUMBER)
            text[size++] = '.';
        end = take_digits(end + 1, 10, text, &size);
    }
    const char *before = end;
    end = take_exponent(end, text, &size);
    is_int = is_int && end == before;
    TG_NEED(size < LONGEST_NUMBER, TG_EARG, "a number of more than %d digits", LONGEST_NUMBER - 1);
    text[size] = '\0';
    if (*end == 'j' || *end == 'J') {
        out->value = (tg_datum){.kind = TG_DATUM_COMPLEX, .parts = {0, strtod(text, NULL)}};
        end++;
    } else if (is_int) {
        TG_NEED(text[0] != '0' || strspn(text, "0") == size, TG_EARG,
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for "
                "octal integers");
        TG_TRY(integer_value(text, 10, &out->value));
    } else {
        out->value = (tg_datum){.kind = TG_DATUM_FLOAT, .real = strtod(text, NULL)};
    }
    TG_NEED(!in_name(*end), TG_EARG, "invalid decimal literal");
    out->size = (size_t)(end - at);
out:
    return status;
}

char tg_lex_escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '\\':
    case '\'':
    case '"':
        return c;
    default:
        return '\0';
    }
}

static tg_status lex_text(tg_ctx *ctx, const char *at, bool raw, tg_token *out)
{
    tg_status status = TG_OK;
    const char *first = at + 1;
    size_t length = strlen(first), size = 0;
    char *text = tg_ctx_alloc(ctx, length + 1);
    const char *end = first;

    TG_NEED(text, TG_ENOMEM, "a string of %zu bytes", length);
    for (; *end && *end != *at; end++) {
        char c = *end == '\\' && !raw ? tg_lex_escaped(end[1]) : '\0';

        if (*end == '\\' && end[1] && (raw || !c))
            text[size++] = *end++;
        else if (c)
            end++;
        text[size++] = c ? c : *end;
    }
    TG_NEED(*end, TG_EARG, "unterminated string literal");
    out->kind = TG_TOKEN_TEXT;
    out->value = (tg_datum){.kind = TG_DATUM_TEXT, .text = text};
    out->size = (size_t)(end + 1 - out->start);
out:
    return status;
}

static size_t operator_size(const char *at)
{
    static const char *const operators[] = {
        "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==",
        "!=",  "->",  "+=",  "-=",  "*=",  "/=", "%=", "@=", "&=", "|=", "^=", ":=",
    };

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(at, operators[i], strlen(operators[i])) == 0)
            return strlen(operators[i]);
    return *at && strchr("+-*/%@&|^~<>()[]{},:.;=!", *at) ? 1 : 0;
}

/* How many bytes of blanks and of a comment. */
static size_t blank_size(const char *at)
{
    size_t size = strspn(at, " \t\r\n\f");

    return at[size] == '#' ? size + strlen(at + size) : size;
}

tg_status tg_lex(tg_ctx *ctx, const char *at, tg_token *out, const char **where)
{
    tg_status status = TG_OK;

    at += blank_size(at);
    *where = at;
    *out = (tg_token){.kind = TG_TOKEN_END, .start = at};
    if (!*at)
        return TG_OK;
    if (isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1]))) {
        out->kind = TG_TOKEN_NUMBER;
        return lex_number(at, out);
    }
    if (*at == '\'' || *at == '"')
        return lex_text(ctx, at, false, out);
    if ((*at == 'r' || *at == 'R') && (at[1] == '\'' || at[1] == '"'))
        return lex_text(ctx, at + 1, true, out);
    if ((*at == 'f' || *at == 'F') && (at[1] == '\'' || at[1] == '"')) {
        out->format = true;
        return lex_text(ctx, at + 1, false, out);
    }
    if (starts_name(*at)) {
        out->kind = TG_TOKEN_NAME;
        while (in_name(at[out->size]))
            out->size++;
        return TG_OK;
    }
    out->kind = TG_TOKEN_OPERATOR;
    out->size = operator_size(at);
    if ((unsigned char)*at >= 0x80)
        return tg_fail(TG_EARG, "invalid non-ASCII character outside of a string");
    TG_NEED(out->size > 0, TG_EARG, "invalid character '%c' (byte %d)",
            isprint((unsigned char)*at) ? *at : '?', (unsigned char)*at);
out:
    return status;
}
