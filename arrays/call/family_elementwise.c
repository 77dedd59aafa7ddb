/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementwise operators: most rows are the kernel of their name (kernel/elementwise.c). */
#include <string.h>

#include "call/arguments.h"
#include "call/call.h"
#include "call/table.h"
#include "expr/node.h"
#include "kernel/elementwise.h"

/* Whether the operand has a dtype of its own: the exponents of ldexp. */
static bool is_apart(tg_call *call, const char *name)
{
    const tg_elementwise *op = tg_elementwise_find(tg_call_operator(call)->name);

    return op && name[1] == '2' && (op->apart & 2);
}

/* An operand, converted where the call names a dtype. Of what has bools as results only these can
 * be asked for, and nothing is converted. */
static tg_array *operand(tg_call *call, const char *name)
{
    tg_array *x = tg_call_array(call, name);
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(x));
    const char *casting = tg_call_text(call, "casting");

    tg_call_no_out(call);
    if (!tg_call_given(call, "dtype") || tg_call_failed(call) || is_apart(call, name))
        return x;
    if (strcmp(tg_call_operator(call)->dtype, "bool") == 0)
        return x;
    if (!tg_call_can_cast(call, tg_dtype_of(x), dtype, casting))
        tg_call_fail(call, "Cannot cast ufunc '%s' input from %s to %s with casting rule '%s'",
                     tg_call_operator(call)->name, tg_dtype_name(tg_dtype_of(x)),
                     tg_dtype_name(dtype), casting);
    return tg_astype(x, dtype);
}

/* Operands of the dtype that is asked for must have given results of it. */
static void check_loop(tg_call *call, const tg_array *x)
{
    tg_dtype dtype = tg_call_dtype(call, "dtype", tg_dtype_of(x));

    if (!tg_call_failed(call) && tg_array_status(x) == TG_OK && tg_dtype_of(x) != dtype)
        tg_call_fail(call,
                     "No loop matching the specified signature and casting was found for ufunc %s: "
                     "its results are %s, not %s",
                     tg_call_operator(call)->name, tg_dtype_name(tg_dtype_of(x)),
                     tg_dtype_name(dtype));
}

/* Whether operands may be converted as the kernel of that name wants them. Python's numbers have no
 * dtype of their own, and truths are taken of any. */
static void check_casting(tg_call *call, const char *kernel, tg_array *const *inputs, int count)
{
    const char *casting = tg_call_text(call, "casting");
    tg_dtype operands[TG_MAX_OPERANDS], result;
    tg_status status = TG_OK;

    for (int i = 0; i < count; i++)
        status = status == TG_OK ? tg_array_status(inputs[i]) : status;
    if (!casting || tg_call_given(call, "dtype") || strncmp(kernel, "logical", 7) == 0 ||
        status != TG_OK || tg_elementwise_dtypes(kernel, inputs, operands, &result) != TG_OK)
        return; /* the call fails with these words */
    for (int i = 0; i < count; i++)
        if (!inputs[i]->weak && !(tg_elementwise_find(kernel)->apart >> i & 1) &&
            !tg_call_can_cast(call, tg_dtype_of(inputs[i]), operands[i], casting))
            tg_call_fail(call,
                         "Cannot cast ufunc '%s' input %d from %s to %s with casting rule '%s'",
                         tg_call_operator(call)->name, i, tg_dtype_name(tg_dtype_of(inputs[i])),
                         tg_dtype_name(operands[i]), casting);
}

/* The result; 0 where where= is false: what NumPy leaves there is not defined. */
static tg_datum result(tg_call *call, tg_array *x)
{
    tg_array *where = tg_call_where(call);

    check_loop(call, x);
    if (where && !tg_call_failed(call))
        x = tg_where(where, x, tg_astype(tg_int(tg_call_ctx(call), 0), tg_dtype_of(x)));
    return tg_datum_array(x);
}

static tg_datum build_unary(tg_call *call)
{
    tg_array *x = operand(call, "x");

    check_casting(call, tg_call_operator(call)->name, &x, 1);
    return result(call, tg_elementwise_node(tg_call_operator(call)->name, &x, 1));
}

/* Functions that NumPy makes of others: they have none of what all ufuncs take. */
static tg_datum build_plain(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");

    return tg_datum_array(tg_elementwise_node(tg_call_operator(call)->name, &x, 1));
}

static tg_datum build_infinite(tg_call *call)
{
    tg_call_no_out(call);
    return build_plain(call);
}

static tg_datum build_binary(tg_call *call)
{
    tg_array *x[2] = {operand(call, "x1"), operand(call, "x2")};

    check_casting(call, tg_call_operator(call)->name, x, 2);
    return result(call, tg_elementwise_node(tg_call_operator(call)->name, x, 2));
}

static tg_datum build_power(tg_call *call)
{
    tg_array *x[2] = {operand(call, "x1"), operand(call, "x2")};

    check_casting(call, "power", x, 2);
    return result(call, tg_power(x[0], x[1]));
}

static tg_datum pair(tg_call *call, tg_array *first, tg_array *second)
{
    check_loop(call, first);
    return tg_datum_arrays(tg_call_ctx(call), (tg_array *[]){first, second}, 2);
}

static tg_datum build_divmod(tg_call *call)
{
    tg_array *x[2] = {operand(call, "x1"), operand(call, "x2")};
    tg_array *rest, *quotient = tg_divmod(x[0], x[1], &rest);

    check_casting(call, "floor_divide", x, 2);
    return pair(call, quotient, rest);
}

static tg_datum build_modf(tg_call *call)
{
    tg_array *x = operand(call, "x"), *integral, *fraction = tg_modf(x, &integral);

    check_casting(call, "modf_fraction", &x, 1);
    return pair(call, fraction, integral);
}

static tg_datum build_frexp(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x"), *exponent, *mantissa = tg_frexp(x, &exponent);

    if (tg_call_given(call, "dtype")) /* two results of different dtypes: none has both */
        return tg_call_fail(call, "No loop matching the specified signature and casting was found "
                                  "for ufunc frexp: dtype= cannot be");
    check_casting(call, "frexp_mantissa", &x, 1);
    return pair(call, mantissa, exponent);
}

#define BUILD_PART(part)                                                                           \
    static tg_datum build_##part(tg_call *call)                                                    \
    {                                                                                              \
        return tg_datum_array(tg_##part(tg_call_array(call, "x")));                                \
    }
BUILD_PART(real)
BUILD_PART(imag)
BUILD_PART(isreal)
BUILD_PART(iscomplex)

/* The method leaves bools as they are, the function makes numbers of them. */
static tg_datum build_conjugate(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");

    return tg_datum_array(tg_call_self(call) && tg_dtype_of(x) == TG_BOOL ? x : tg_conjugate(x));
}

static tg_datum build_angle(tg_call *call)
{
    return tg_datum_array(tg_angle(tg_call_array(call, "z"), tg_call_bool(call, "deg")));
}

static tg_datum build_round(tg_call *call)
{
    tg_call_no_out(call);
    return tg_datum_array(tg_round(tg_call_array(call, "a"), (int)tg_call_int(call, "decimals")));
}

/* The method's parameters are min and max alone, the function's these and two more. */
static tg_datum build_clip(tg_call *call)
{
    tg_array *min = tg_call_array_or_null(call, "a_min"), *max;

    max = tg_call_array_or_null(call, "a_max");
    tg_call_no_out(call);
    if ((min || max) && (tg_call_given(call, "min") || tg_call_given(call, "max")))
        return tg_call_fail(call, "Passing `min` or `max` keyword argument when `a_min` and "
                                  "`a_max` are provided is forbidden.");
    return tg_datum_array(tg_clip(tg_call_array(call, "a"),
                                  min ? min : tg_call_array_or_null(call, "min"),
                                  max ? max : tg_call_array_or_null(call, "max")));
}

static tg_datum build_isclose(tg_call *call)
{
    return tg_datum_array(tg_isclose_by(tg_call_array(call, "a"), tg_call_array(call, "b"),
                                        tg_call_array(call, "rtol"), tg_call_array(call, "atol"),
                                        tg_call_bool(call, "equal_nan")));
}

static const double *float_or_null(tg_call *call, const char *name, double *value)
{
    const tg_datum *datum = tg_call_datum(call, name);

    if (!datum || datum->kind == TG_DATUM_NONE)
        return NULL;
    *value = tg_call_float(call, name);
    return value;
}

static tg_datum build_nan_to_num(tg_call *call)
{
    double up, down;
    const double *posinf = float_or_null(call, "posinf", &up);
    const double *neginf = float_or_null(call, "neginf", &down);

    return tg_datum_array(
        tg_nan_to_num(tg_call_array(call, "x"), tg_call_float(call, "nan"), posinf, neginf));
}

/* Of a condition alone the indices where it is true. */
static tg_datum build_where(tg_call *call)
{
    const bool x = tg_call_datum(call, "x")->kind != TG_DATUM_NONE;
    tg_datum found = {0};

    if (x != (tg_call_datum(call, "y")->kind != TG_DATUM_NONE))
        return tg_call_fail(call, "either both or neither of x and y should be given");
    if (!x) {
        tg_call_status(call, tg_operator_apply(tg_call_ctx(call), "nonzero",
                                               tg_call_datum(call, "condition"), 1, &found));
        return found;
    }
    return tg_datum_array(tg_where(tg_call_array(call, "condition"), tg_call_array(call, "x"),
                                   tg_call_array(call, "y")));
}

static tg_datum build_select(tg_call *call)
{
    int nconditions = 0, nchoices = 0;
    tg_array *const *conditions = tg_call_arrays(call, "condlist", &nconditions);
    tg_array *const *choices = tg_call_arrays(call, "choicelist", &nchoices);

    if (nconditions != nchoices)
        return tg_call_fail(call, "list of cases must be same length as list of conditions");
    return tg_datum_array(
        tg_select(conditions, choices, nconditions, tg_call_array(call, "default")));
}

static tg_datum build_choose(tg_call *call)
{
    int count = 0;
    tg_array *const *choices = tg_call_arrays(call, "choices", &count);

    tg_call_no_out(call);
    return tg_datum_array(
        tg_choose(tg_call_array(call, "a"), choices, count, tg_call_word(call, "mode")));
}

#define UFUNC(name_, aliases_, dask_, signature_, dtype_, build_)                                  \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_ELEMENTWISE,                      \
        .signature = (signature_), .dask = (dask_), .shape = "broadcast", .dtype = (dtype_),       \
        .build = (build_)                                                                          \
    }
#define OTHERS   "casting='same_kind', order='K', dtype=None, subok=True"
#define UNARIES  "x, /, out=None, *, where=True, " OTHERS
#define BINARIES "x1, x2, /, out=None, *, where=True, " OTHERS
#define UNARY(name_, aliases_, dask_, dtype_)                                                      \
    UFUNC(name_, aliases_, dask_, UNARIES, dtype_, build_unary)
#define BINARY(name_, aliases_, dask_, dtype_)                                                     \
    UFUNC(name_, aliases_, dask_, BINARIES, dtype_, build_binary)
#define PART(name_, dask_, dtype_, build_)                                                         \
    {                                                                                              \
        .name = (name_), .kind = TG_CLASS_ELEMENTWISE, .signature = "x", .dask = (dask_),          \
        .shape = "as x", .dtype = (dtype_), .build = (build_)                                      \
    }

static const tg_operator rows[] = {
    UNARY("negative", NULL, "negative", "as x; not for bool"),
    UNARY("positive", NULL, "positive", "as x; not for bool"),
    UNARY("absolute", "abs", "absolute", "as x; of complex the parts'"),
    UNARY("fabs", NULL, "fabs", "float"),
    UNARY("sign", NULL, "sign", "as x; not for bool"),
    UNARY("reciprocal", NULL, "reciprocal", "as x"),
    UNARY("square", NULL, "square", "as x"),
    UNARY("sqrt", NULL, "sqrt", "float or complex"),
    UNARY("cbrt", NULL, "cbrt", "float"),
    UNARY("exp", NULL, "exp", "float or complex"),
    UNARY("exp2", NULL, "exp2", "float or complex"),
    UNARY("expm1", NULL, "expm1", "float or complex"),
    UNARY("log", NULL, "log", "float or complex"),
    UNARY("log2", NULL, "log2", "float or complex"),
    UNARY("log10", NULL, "log10", "float or complex"),
    UNARY("log1p", NULL, "log1p", "float or complex"),
    UNARY("sin", NULL, "sin", "float or complex"),
    UNARY("cos", NULL, "cos", "float or complex"),
    UNARY("tan", NULL, "tan", "float or complex"),
    UNARY("arcsin", "asin", "arcsin", "float or complex"),
    UNARY("arccos", "acos", "arccos", "float or complex"),
    UNARY("arctan", "atan", "arctan", "float or complex"),
    UNARY("sinh", NULL, "sinh", "float or complex"),
    UNARY("cosh", NULL, "cosh", "float or complex"),
    UNARY("tanh", NULL, "tanh", "float or complex"),
    UNARY("arcsinh", "asinh", "arcsinh", "float or complex"),
    UNARY("arccosh", "acosh", "arccosh", "float or complex"),
    UNARY("arctanh", "atanh", "arctanh", "float or complex"),
    UNARY("degrees", "rad2deg", "degrees", "float"),
    UNARY("radians", "deg2rad", "radians", "float"),
    UFUNC("sinc", NULL, "sinc", "x", "float64; float32 stays", build_plain),
    UFUNC("i0", NULL, "i0", "x", "float64; float32 stays", build_plain),
    UNARY("rint", NULL, "rint", "float or complex"),
    UNARY("floor", NULL, "floor", "as x"),
    UNARY("ceil", NULL, "ceil", "as x"),
    UNARY("trunc", "fix", "trunc", "as x"),
    UNARY("invert", "bitwise_not bitwise_invert", "invert", "as x; bool and integers"),
    UNARY("bitwise_count", NULL, NULL, "uint8"),
    UNARY("logical_not", NULL, "logical_not", "bool"),
    UNARY("isnan", NULL, "isnan", "bool"),
    UNARY("isinf", NULL, "isinf", "bool"),
    UNARY("isfinite", NULL, "isfinite", "bool"),
    UFUNC("isneginf", NULL, "isneginf", "x, out=None", "bool", build_infinite),
    UFUNC("isposinf", NULL, "isposinf", "x, out=None", "bool", build_infinite),
    UNARY("signbit", NULL, "signbit", "bool"),
    UNARY("spacing", NULL, "spacing", "float"),
    BINARY("add", NULL, "add", "promoted"),
    BINARY("subtract", NULL, "subtract", "promoted; not for bool"),
    BINARY("multiply", NULL, "multiply", "promoted"),
    BINARY("divide", "true_divide", "divide", "promoted, at least float64 for integers"),
    BINARY("floor_divide", NULL, "floor_divide", "promoted; not for complex"),
    BINARY("remainder", "mod", "remainder", "promoted; not for complex"),
    BINARY("fmod", NULL, "fmod", "promoted; not for complex"),
    BINARY("float_power", NULL, "float_power", "float64 or complex128"),
    BINARY("logaddexp", NULL, "logaddexp", "float"),
    BINARY("logaddexp2", NULL, "logaddexp2", "float"),
    BINARY("arctan2", "atan2", "arctan2", "float"),
    BINARY("hypot", NULL, "hypot", "float"),
    BINARY("equal", NULL, "equal", "bool"),
    BINARY("not_equal", NULL, "not_equal", "bool"),
    BINARY("less", NULL, "less", "bool"),
    BINARY("less_equal", NULL, "less_equal", "bool"),
    BINARY("greater", NULL, "greater", "bool"),
    BINARY("greater_equal", NULL, "greater_equal", "bool"),
    BINARY("logical_and", NULL, "logical_and", "bool"),
    BINARY("logical_or", NULL, "logical_or", "bool"),
    BINARY("logical_xor", NULL, "logical_xor", "bool"),
    BINARY("bitwise_and", NULL, "bitwise_and", "promoted; bool and integers"),
    BINARY("bitwise_or", NULL, "bitwise_or", "promoted; bool and integers"),
    BINARY("bitwise_xor", NULL, "bitwise_xor", "promoted; bool and integers"),
    BINARY("left_shift", "bitwise_left_shift", "left_shift", "promoted; integers"),
    BINARY("right_shift", "bitwise_right_shift", "right_shift", "promoted; integers"),
    BINARY("gcd", NULL, NULL, "promoted; integers"),
    BINARY("lcm", NULL, NULL, "promoted; integers"),
    BINARY("maximum", NULL, "maximum", "promoted"),
    BINARY("minimum", NULL, "minimum", "promoted"),
    BINARY("fmax", NULL, "fmax", "promoted"),
    BINARY("fmin", NULL, "fmin", "promoted"),
    BINARY("heaviside", NULL, NULL, "float"),
    BINARY("copysign", NULL, "copysign", "float"),
    BINARY("nextafter", NULL, "nextafter", "float"),
    BINARY("ldexp", NULL, "ldexp", "float"),
    UFUNC("power", "pow", "power", BINARIES, "promoted; integers to a negative power are an error",
          build_power),
    UFUNC("divmod", NULL, "divmod", "x1, x2, /, *, " OTHERS, "two, promoted", build_divmod),
    UFUNC("modf", NULL, "modf", "x, /, *, " OTHERS, "two, float", build_modf),
    UFUNC("frexp", NULL, "frexp", "x, /, *, " OTHERS, "float and int32", build_frexp),
    {.name = "real",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x",
     .method = "",
     .attribute = true,
     .dask = "real",
     .shape = "as x",
     .dtype = "as x; of complex the parts'",
     .build = build_real},
    {.name = "imag",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x",
     .method = "",
     .attribute = true,
     .dask = "imag",
     .shape = "as x",
     .dtype = "as x; of complex the parts'",
     .build = build_imag},
    PART("isreal", "isreal", "bool", build_isreal),
    PART("iscomplex", "iscomplex", "bool", build_iscomplex),
    {.name = "conjugate",
     .aliases = "conj",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x",
     .method = "",
     .dask = "conj",
     .shape = "as x",
     .dtype = "as x",
     .build = build_conjugate},
    {.name = "angle",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "z, deg=False",
     .dask = "angle",
     .shape = "as z",
     .dtype = "float",
     .build = build_angle},
    {.name = "round",
     .aliases = "around round_",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "a, decimals=0, out=None",
     .method = "decimals=0, out=None",
     .dask = "round",
     .shape = "as a",
     .dtype = "as a",
     .build = build_round},
    {.name = "clip",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "a, a_min=None, a_max=None, out=None, *, min=None, max=None",
     .method = "min=None, max=None, out=None",
     .dask = "clip",
     .shape = "broadcast",
     .dtype = "promoted",
     .build = build_clip},
    {.name = "isclose",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
     .dask = "isclose",
     .shape = "broadcast",
     .dtype = "bool",
     .build = build_isclose},
    {.name = "nan_to_num",
     .kind = TG_CLASS_ELEMENTWISE,
     .signature = "x, copy=True, nan=0.0, posinf=None, neginf=None",
     .dask = "nan_to_num",
     .shape = "as x",
     .dtype = "as x",
     .build = build_nan_to_num},
    {.name = "where",
     .kind = TG_CLASS_INDEX,
     .signature = "condition, x=<no value>, y=<no value>, /",
     .dask = "where",
     .shape = "broadcast; of the condition alone as nonzero",
     .dtype = "promoted from x and y",
     .build = build_where},
    {.name = "select",
     .kind = TG_CLASS_INDEX,
     .signature = "condlist, choicelist, default=0",
     .dask = "select",
     .shape = "broadcast",
     .dtype = "promoted from the choices",
     .build = build_select},
    {.name = "choose",
     .kind = TG_CLASS_INDEX,
     .signature = "a, choices, out=None, mode='raise'",
     .method = "choices, out=None, mode='raise'",
     .dask = "choose",
     .shape = "broadcast",
     .dtype = "promoted from the choices",
     .build = build_choose},
};

const tg_family tg_family_elementwise = TG_FAMILY(rows);
