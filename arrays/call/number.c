/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arithmetic of Python's numbers. Two numbers are brought to the wider kind of both, bool < int <
 * float < complex, and the operator of that kind is looked up in its table.
 */
#include "call/number.h"

#include <complex.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "call/wide_int.h"

static tg_status unsupported(const char *op, const tg_datum *left, const tg_datum *right)
{
    return tg_fail(TG_EARG, "unsupported operand type(s) for %s: '%s' and '%s'",
                   strcmp(op, "**") ? op : "** or pow()", tg_datum_type(left),
                   tg_datum_type(right));
}

static tg_status zero_division(const char *what)
{
    return tg_fail(TG_EARG, "%s", what);
}

/* Python's a % b: of the sign of b. */
static double float_modulo(double a, double b)
{
    double rest = fmod(a, b);

    if (rest != 0)
        return (b < 0) != (rest < 0) ? rest + b : rest;
    return copysign(0, b);
}

/* Python's a // b, which agrees with a % b. */
static double float_floor(double a, double b)
{
    double rest = fmod(a, b), quotient = (a - rest) / b, down;

    if (rest != 0 && (b < 0) != (rest < 0))
        quotient -= 1;
    if (quotient == 0)
        return copysign(0, a / b);
    down = floor(quotient);
    return quotient - down > 0.5 ? down + 1 : down;
}

static tg_status complex_binary(const char *op, const double *a, const double *b, tg_datum *out);

static tg_status float_power(double a, double b, tg_datum *out)
{
    if (a == 0 && b < 0)
        return zero_division("0.0 cannot be raised to a negative power");
    if (a < 0 && isfinite(a) && isfinite(b) && b != floor(b))
        return complex_binary("**", (double[]){a, 0}, (double[]){b, 0}, out);
    *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = pow(a, b)};
    if (isinf(out->real) && isfinite(a) && isfinite(b))
        return tg_fail(TG_EARG, "Numerical result out of range");
    return TG_OK;
}

static tg_status float_binary(const char *op, double a, double b, tg_datum *out)
{
    double result;

    if ((op[0] == '/' || op[0] == '%') && b == 0)
        return zero_division(strcmp(op, "/") == 0    ? "float division by zero"
                             : strcmp(op, "//") == 0 ? "float floor division by zero"
                                                     : "float modulo");
    if (strcmp(op, "**") == 0)
        return float_power(a, b, out);
    switch (op[0]) {
    case '+':
        result = a + b;
        break;
    case '-':
        result = a - b;
        break;
    case '*':
        result = a * b;
        break;
    case '%':
        result = float_modulo(a, b);
        break;
    default:
        result = op[1] ? float_floor(a, b) : a / b;
    }
    *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = result};
    return TG_OK;
}

static void multiply(const double *a, const double *b, double *out)
{
    double real = a[0] * b[0] - a[1] * b[1], imaginary = a[0] * b[1] + a[1] * b[0];

    out[0] = real;
    out[1] = imaginary;
}

/* R. L. Smith, Algorithm 116: Complex division, 1962; as Python does it. */
static void divide(const double *a, const double *b, double *out)
{
    bool real_is_larger = fabs(b[0]) >= fabs(b[1]);
    double ratio = real_is_larger ? b[1] / b[0] : b[0] / b[1];
    double below = real_is_larger ? b[0] + b[1] * ratio : b[0] * ratio + b[1];
    double x = a[0], y = a[1];

    out[0] = real_is_larger ? (x + y * ratio) / below : (x * ratio + y) / below;
    out[1] = real_is_larger ? (y - x * ratio) / below : (y * ratio - x) / below;
}

/* Small whole exponents by multiplication, which is exact where it can be. */
static void complex_power(const double *a, const double *b, double *out)
{
    double square[2] = {a[0], a[1]}, result[2] = {1, 0};
    bool whole = b[1] == 0 && b[0] == floor(b[0]) && fabs(b[0]) <= 100;

    if (a[0] == 0 && a[1] == 0) {
        out[0] = b[0] == 0 && b[1] == 0;
        out[1] = 0;
    } else if (whole) {
        for (int n = (int)fabs(b[0]); n > 0; n >>= 1) {
            if (n & 1)
                multiply(result, square, result);
            multiply(square, square, square);
        }
        if (b[0] < 0)
            divide((double[]){1, 0}, result, result);
        memcpy(out, result, sizeof result);
    } else {
        double complex z = cpow(CMPLX(a[0], a[1]), CMPLX(b[0], b[1]));

        out[0] = creal(z);
        out[1] = cimag(z);
    }
}

static tg_status complex_binary(const char *op, const double *a, const double *b, tg_datum *out)
{
    bool zero = b[0] == 0 && b[1] == 0;

    *out = (tg_datum){.kind = TG_DATUM_COMPLEX};
    if (op[0] == '/' && zero)
        return zero_division("complex division by zero");
    if (strcmp(op, "**") == 0 && a[0] == 0 && a[1] == 0 && (b[0] < 0 || b[1] != 0))
        return zero_division("0.0 to a negative or complex power");
    if (strcmp(op, "**") == 0)
        complex_power(a, b, out->parts);
    else if (op[0] == '*')
        multiply(a, b, out->parts);
    else if (op[0] == '/')
        divide(a, b, out->parts);
    else
        for (int i = 0; i < 2; i++)
            out->parts[i] = op[0] == '+' ? a[i] + b[i] : a[i] - b[i];
    return TG_OK;
}

static void to_complex(const tg_datum *datum, double *parts)
{
    parts[0] = parts[1] = 0;
    if (datum->kind == TG_DATUM_COMPLEX)
        memcpy(parts, datum->parts, sizeof datum->parts);
    else
        parts[0] = datum->kind == TG_DATUM_FLOAT ? datum->real : (double)tg_datum_wide(datum);
}

static bool is_bitwise(const char *op)
{
    return strchr("&|^", op[0]) != NULL;
}

static tg_status numbers(const char *op, const tg_datum *left, const tg_datum *right, tg_datum *out)
{
    tg_datum_kind kind = left->kind > right->kind ? left->kind : right->kind;
    double a[2], b[2];

    if (kind == TG_DATUM_BOOL && is_bitwise(op)) {
        bool x = left->truth, y = right->truth;

        *out = (tg_datum){.kind = TG_DATUM_BOOL};
        out->truth = op[0] == '&' ? x && y : op[0] == '|' ? x || y : x != y;
        return TG_OK;
    }
    if (kind <= TG_DATUM_BIG)
        return tg_wide_binary(op, tg_datum_wide(left), tg_datum_wide(right), out);
    if (is_bitwise(op) || op[0] == '<' || op[0] == '>' || op[0] == '@' ||
        (kind == TG_DATUM_COMPLEX && (op[0] == '%' || strcmp(op, "//") == 0)))
        return unsupported(op, left, right);
    to_complex(left, a);
    to_complex(right, b);
    if (kind == TG_DATUM_FLOAT)
        return float_binary(op, a[0], b[0], out);
    return complex_binary(op, a, b, out);
}

enum { MOST_ITEMS = 1000000 };

static tg_status join(tg_ctx *ctx, const tg_datum *left, const tg_datum *right, tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t count = left->count + right->count;
    tg_datum all = {.kind = left->kind, .items = tg_datum_items(ctx, count), .count = count};

    TG_NEED(count <= MOST_ITEMS, TG_EARG, "a %s of more than %d items", tg_datum_type(left),
            MOST_ITEMS);
    TG_NEED(all.items, TG_ENOMEM, "%" PRId64 " items", count);
    for (int64_t i = 0; i < count; i++)
        all.items[i] = i < left->count ? left->items[i] : right->items[i - left->count];
    *out = all; /* which may be one of the two */
out:
    return status;
}

static tg_status join_texts(tg_ctx *ctx, const char *left, const char *right, tg_datum *out)
{
    tg_status status = TG_OK;
    char *text = tg_ctx_alloc(ctx, strlen(left) + strlen(right) + 1);

    TG_NEED(text, TG_ENOMEM, "a string");
    strcat(strcpy(text, left), right);
    *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = text};
out:
    return status;
}

static tg_status repeat(tg_ctx *ctx, const tg_datum *sequence, const tg_datum *times, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_wide n = tg_datum_wide(times);
    tg_datum all = {.kind = sequence->kind};
    int64_t count;

    n = n < 0 ? 0 : n;
    TG_NEED(!__builtin_mul_overflow(n, sequence->count, &count) && count <= MOST_ITEMS, TG_EARG,
            "a %s of more than %d items", tg_datum_type(sequence), MOST_ITEMS);
    all.items = tg_datum_items(ctx, count);
    TG_NEED(all.items, TG_ENOMEM, "%" PRId64 " items", count);
    for (all.count = 0; all.count < count; all.count++)
        all.items[all.count] = sequence->items[all.count % sequence->count];
    *out = all; /* which may be the sequence */
out:
    return status;
}

tg_status tg_number_binary(tg_ctx *ctx, const char *op, const tg_datum *left, const tg_datum *right,
                           tg_datum *out)
{
    bool plus = strcmp(op, "+") == 0, times = strcmp(op, "*") == 0;

    if (tg_datum_is_number(left) && tg_datum_is_number(right) && strcmp(op, "@") != 0)
        return numbers(op, left, right, out);
    if (plus && tg_datum_is_sequence(left) && left->kind == right->kind)
        return join(ctx, left, right, out);
    if (plus && left->kind == TG_DATUM_TEXT && right->kind == TG_DATUM_TEXT)
        return join_texts(ctx, left->text, right->text, out);
    if (times && tg_datum_is_sequence(left) && tg_datum_is_integer(right))
        return repeat(ctx, left, right, out);
    if (times && tg_datum_is_sequence(right) && tg_datum_is_integer(left))
        return repeat(ctx, right, left, out);
    return unsupported(op, left, right);
}

tg_status tg_number_unary(const char *op, const tg_datum *operand, tg_datum *out)
{
    bool is_integer = tg_datum_is_integer(operand);

    if (!tg_datum_is_number(operand) || (op[0] == '~' && !is_integer))
        return tg_fail(TG_EARG, "bad operand type for unary %s: '%s'", op, tg_datum_type(operand));
    if (is_integer && op[0] == '~')
        return tg_wide_binary("-", -1, tg_datum_wide(operand), out);
    if (is_integer)
        return tg_wide_binary(op, 0, tg_datum_wide(operand), out);
    *out = *operand;
    if (op[0] == '-' && operand->kind == TG_DATUM_FLOAT) {
        out->real = -operand->real;
    } else if (op[0] == '-') {
        out->parts[0] = -operand->parts[0];
        out->parts[1] = -operand->parts[1];
    }
    return TG_OK;
}

/* Exact also for an int beside a float, which cannot hold all ints. */
static int order_of(const tg_datum *left, const tg_datum *right, bool *unordered)
{
    double a[2], b[2];

    *unordered = false;
    if (tg_datum_is_integer(left) && tg_datum_is_integer(right)) {
        tg_wide x = tg_datum_wide(left), y = tg_datum_wide(right);

        return (x > y) - (x < y);
    }
    to_complex(left, a);
    to_complex(right, b);
    *unordered = isnan(a[0]) || isnan(b[0]);
    if (tg_datum_is_integer(left) || tg_datum_is_integer(right)) {
        long double x = tg_datum_is_integer(left) ? (long double)tg_datum_wide(left) : a[0];
        long double y = tg_datum_is_integer(right) ? (long double)tg_datum_wide(right) : b[0];

        return (x > y) - (x < y);
    }
    return (a[0] > b[0]) - (a[0] < b[0]);
}

static bool holds(const char *op, int order, bool unordered)
{
    bool equal = !unordered && order == 0;

    if (strcmp(op, "==") == 0)
        return equal;
    if (strcmp(op, "!=") == 0)
        return !equal;
    if (unordered)
        return false;
    if (op[0] == '<')
        return order < 0 || (op[1] && equal);
    return order > 0 || (op[1] && equal);
}

static bool is_equality(const char *op)
{
    return op[0] == '=' || op[0] == '!';
}

static tg_status compare_sequences(const char *op, const tg_datum *left, const tg_datum *right,
                                   bool *out)
{
    tg_status status = TG_OK;
    int64_t n = left->count < right->count ? left->count : right->count;

    for (int64_t i = 0; i < n; i++) {
        bool equal = false;

        TG_TRY(tg_number_compare("==", &left->items[i], &right->items[i], &equal));
        if (equal)
            continue;
        if (is_equality(op)) {
            *out = op[0] == '!';
            return TG_OK;
        }
        return tg_number_compare(op, &left->items[i], &right->items[i], out);
    }
    *out = holds(op, (left->count > right->count) - (left->count < right->count), false);
out:
    return status;
}

/* A dtype beside its name: x.dtype == "float64". */
static bool same_dtype(const tg_datum *left, const tg_datum *right)
{
    tg_dtype a, b;

    return tg_datum_to_dtype(left, &a) == TG_OK && tg_datum_to_dtype(right, &b) == TG_OK && a == b;
}

tg_status tg_number_compare(const char *op, const tg_datum *left, const tg_datum *right, bool *out)
{
    bool unordered, numbers_both = tg_datum_is_number(left) && tg_datum_is_number(right);
    bool has_complex = left->kind == TG_DATUM_COMPLEX || right->kind == TG_DATUM_COMPLEX;

    if (numbers_both && has_complex && is_equality(op)) {
        double a[2], b[2];

        to_complex(left, a);
        to_complex(right, b);
        *out = (a[0] == b[0] && a[1] == b[1]) == (op[0] == '=');
        return TG_OK;
    }
    if (numbers_both && !has_complex) {
        int order = order_of(left, right, &unordered);

        *out = holds(op, order, unordered);
        return TG_OK;
    }
    if (left->kind == TG_DATUM_TEXT && right->kind == TG_DATUM_TEXT) {
        *out = holds(op, strcmp(left->text, right->text), false);
        return TG_OK;
    }
    if (tg_datum_is_sequence(left) && left->kind == right->kind)
        return compare_sequences(op, left, right, out);
    if (is_equality(op)) {
        bool equal = left->kind == TG_DATUM_DTYPE || right->kind == TG_DATUM_DTYPE
                         ? same_dtype(left, right)
                         : left->kind == TG_DATUM_NONE && right->kind == TG_DATUM_NONE;

        *out = equal == (op[0] == '=');
        return TG_OK;
    }
    return tg_fail(TG_EARG, "'%s' not supported between instances of '%s' and '%s'", op,
                   tg_datum_type(left), tg_datum_type(right));
}
