/* SPDX-License-Identifier: BSD-3-Clause */
/* The named elementwise operators: each is the row of that name in the kernels' table. */
#include "expr/node.h"

#define UNARY(name)                                                                                \
    tg_array *tg_##name(tg_array *a)                                                               \
    {                                                                                              \
        return tg_elementwise_node(#name, &a, 1);                                                  \
    }
#define BINARY(name)                                                                               \
    tg_array *tg_##name(tg_array *a, tg_array *b)                                                  \
    {                                                                                              \
        return tg_elementwise_node(#name, (tg_array *[]){a, b}, 2);                                \
    }

UNARY(negative)
UNARY(positive)
UNARY(absolute)
UNARY(fabs)
UNARY(sign)
UNARY(reciprocal)
UNARY(square)
UNARY(sqrt)
UNARY(cbrt)
UNARY(exp)
UNARY(exp2)
UNARY(expm1)
UNARY(log)
UNARY(log2)
UNARY(log10)
UNARY(log1p)
UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(arcsin)
UNARY(arccos)
UNARY(arctan)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(arcsinh)
UNARY(arccosh)
UNARY(arctanh)
UNARY(degrees)
UNARY(radians)
UNARY(sinc)
UNARY(i0)
UNARY(rint)
UNARY(floor)
UNARY(ceil)
UNARY(trunc)
UNARY(invert)
UNARY(bitwise_count)
UNARY(logical_not)
UNARY(isnan)
UNARY(isinf)
UNARY(isfinite)
UNARY(isneginf)
UNARY(isposinf)
UNARY(signbit)
UNARY(spacing)
UNARY(conjugate)

BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(floor_divide)
BINARY(remainder)
BINARY(fmod)
BINARY(float_power)
BINARY(logaddexp)
BINARY(logaddexp2)
BINARY(arctan2)
BINARY(hypot)
BINARY(equal)
BINARY(not_equal)
BINARY(less)
BINARY(less_equal)
BINARY(greater)
BINARY(greater_equal)
BINARY(logical_and)
BINARY(logical_or)
BINARY(logical_xor)
BINARY(bitwise_and)
BINARY(bitwise_or)
BINARY(bitwise_xor)
BINARY(left_shift)
BINARY(right_shift)
BINARY(gcd)
BINARY(lcm)
BINARY(maximum)
BINARY(minimum)
BINARY(fmax)
BINARY(fmin)
BINARY(heaviside)
BINARY(copysign)
BINARY(nextafter)
BINARY(ldexp)

tg_array *tg_where(tg_array *condition, tg_array *a, tg_array *b)
{
    return tg_elementwise_node("where", (tg_array *[]){condition, a, b}, 3);
}

tg_array *tg_divmod(tg_array *a, tg_array *b, tg_array **remainder)
{
    *remainder = tg_remainder(a, b);
    return tg_floor_divide(a, b);
}

tg_array *tg_modf(tg_array *a, tg_array **integral)
{
    *integral = tg_elementwise_node("modf_integer", &a, 1);
    return tg_elementwise_node("modf_fraction", &a, 1);
}

tg_array *tg_frexp(tg_array *a, tg_array **exponent)
{
    *exponent = tg_elementwise_node("frexp_exponent", &a, 1);
    return tg_elementwise_node("frexp_mantissa", &a, 1);
}
