/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Elementwise operators: NumPy's ufuncs, broadcasting, dtype promotion (NEP 50).
 *
 * Call:    lazy, local; several in a row run as one pass over memory.
 * Dtype:   NumPy's. Where that is float16 (of bool, int8, uint8), float32.
 * Errors:  TG_EARG for shapes that do not broadcast, dtypes that the operator is not defined for;
 *          kept in the node.
 * Source:  numpy.ufunc. Transcendental functions are SLEEF's, within 1 unit in the last place, the
 *          same bits on every processor.
 * Tests:   tests/arrays/kernel/test_elementwise.c, test_ufuncs.py
 */
#ifndef TEGULA_ELEMENTWISE_H
#define TEGULA_ELEMENTWISE_H

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

tg_array *tg_negative(tg_array *a);      /* numpy.negative: not for bool */
tg_array *tg_positive(tg_array *a);      /* numpy.positive: not for bool */
tg_array *tg_absolute(tg_array *a);      /* numpy.absolute: of complex numbers the magnitude */
tg_array *tg_fabs(tg_array *a);          /* numpy.fabs: in floats */
tg_array *tg_sign(tg_array *a);          /* numpy.sign: of complex numbers z / |z|; not for bool */
tg_array *tg_reciprocal(tg_array *a);    /* numpy.reciprocal: of integers the whole part */
tg_array *tg_square(tg_array *a);        /* numpy.square */
tg_array *tg_sqrt(tg_array *a);          /* numpy.sqrt */
tg_array *tg_cbrt(tg_array *a);          /* numpy.cbrt */
tg_array *tg_exp(tg_array *a);           /* numpy.exp */
tg_array *tg_exp2(tg_array *a);          /* numpy.exp2 */
tg_array *tg_expm1(tg_array *a);         /* numpy.expm1 */
tg_array *tg_log(tg_array *a);           /* numpy.log */
tg_array *tg_log2(tg_array *a);          /* numpy.log2 */
tg_array *tg_log10(tg_array *a);         /* numpy.log10 */
tg_array *tg_log1p(tg_array *a);         /* numpy.log1p */
tg_array *tg_sin(tg_array *a);           /* numpy.sin */
tg_array *tg_cos(tg_array *a);           /* numpy.cos */
tg_array *tg_tan(tg_array *a);           /* numpy.tan */
tg_array *tg_arcsin(tg_array *a);        /* numpy.arcsin */
tg_array *tg_arccos(tg_array *a);        /* numpy.arccos */
tg_array *tg_arctan(tg_array *a);        /* numpy.arctan */
tg_array *tg_sinh(tg_array *a);          /* numpy.sinh */
tg_array *tg_cosh(tg_array *a);          /* numpy.cosh */
tg_array *tg_tanh(tg_array *a);          /* numpy.tanh */
tg_array *tg_arcsinh(tg_array *a);       /* numpy.arcsinh */
tg_array *tg_arccosh(tg_array *a);       /* numpy.arccosh */
tg_array *tg_arctanh(tg_array *a);       /* numpy.arctanh */
tg_array *tg_degrees(tg_array *a);       /* numpy.degrees: also rad2deg */
tg_array *tg_radians(tg_array *a);       /* numpy.radians: also deg2rad */
tg_array *tg_sinc(tg_array *a);          /* numpy.sinc */
tg_array *tg_i0(tg_array *a);            /* numpy.i0 */
tg_array *tg_rint(tg_array *a);          /* numpy.rint */
tg_array *tg_floor(tg_array *a);         /* numpy.floor: integers stay, as in the next three */
tg_array *tg_ceil(tg_array *a);          /* numpy.ceil */
tg_array *tg_trunc(tg_array *a);         /* numpy.trunc */
tg_array *tg_fix(tg_array *a);           /* numpy.fix */
tg_array *tg_invert(tg_array *a);        /* numpy.invert: bits; of bool: not */
tg_array *tg_bitwise_count(tg_array *a); /* numpy.bitwise_count */
tg_array *tg_logical_not(tg_array *a);   /* numpy.logical_not */
tg_array *tg_isnan(tg_array *a);         /* numpy.isnan: -> bool, as all of is... */
tg_array *tg_isinf(tg_array *a);         /* numpy.isinf */
tg_array *tg_isfinite(tg_array *a);      /* numpy.isfinite */
tg_array *tg_isneginf(tg_array *a);      /* numpy.isneginf */
tg_array *tg_isposinf(tg_array *a);      /* numpy.isposinf */
tg_array *tg_signbit(tg_array *a);       /* numpy.signbit */
tg_array *tg_spacing(tg_array *a);       /* numpy.spacing */
tg_array *tg_real(tg_array *a);          /* numpy.real */
tg_array *tg_imag(tg_array *a);          /* numpy.imag */
tg_array *tg_conjugate(tg_array *a);     /* numpy.conjugate */
tg_array *tg_isreal(tg_array *a);        /* numpy.isreal */
tg_array *tg_iscomplex(tg_array *a);     /* numpy.iscomplex */

tg_array *tg_add(tg_array *a, tg_array *b);          /* numpy.add */
tg_array *tg_subtract(tg_array *a, tg_array *b);     /* numpy.subtract: not for bool */
tg_array *tg_multiply(tg_array *a, tg_array *b);     /* numpy.multiply */
tg_array *tg_divide(tg_array *a, tg_array *b);       /* numpy.divide: also true_divide */
tg_array *tg_floor_divide(tg_array *a, tg_array *b); /* numpy.floor_divide */
tg_array *tg_remainder(tg_array *a, tg_array *b);    /* numpy.remainder: the divisor's sign */
tg_array *tg_fmod(tg_array *a, tg_array *b);         /* numpy.fmod: the dividend's sign */
tg_array *tg_power(tg_array *a,
                   tg_array *b); /* numpy.power: of integers to a negative one: an error */
tg_array *tg_float_power(tg_array *a, tg_array *b);   /* numpy.float_power: in float64 */
tg_array *tg_logaddexp(tg_array *a, tg_array *b);     /* numpy.logaddexp */
tg_array *tg_logaddexp2(tg_array *a, tg_array *b);    /* numpy.logaddexp2 */
tg_array *tg_arctan2(tg_array *a, tg_array *b);       /* numpy.arctan2 */
tg_array *tg_hypot(tg_array *a, tg_array *b);         /* numpy.hypot */
tg_array *tg_equal(tg_array *a, tg_array *b);         /* numpy.equal: -> bool, as the next five */
tg_array *tg_not_equal(tg_array *a, tg_array *b);     /* numpy.not_equal */
tg_array *tg_less(tg_array *a, tg_array *b);          /* numpy.less */
tg_array *tg_less_equal(tg_array *a, tg_array *b);    /* numpy.less_equal */
tg_array *tg_greater(tg_array *a, tg_array *b);       /* numpy.greater */
tg_array *tg_greater_equal(tg_array *a, tg_array *b); /* numpy.greater_equal */
tg_array *tg_logical_and(tg_array *a, tg_array *b);   /* numpy.logical_and */
tg_array *tg_logical_or(tg_array *a, tg_array *b);    /* numpy.logical_or */
tg_array *tg_logical_xor(tg_array *a, tg_array *b);   /* numpy.logical_xor */
tg_array *tg_bitwise_and(tg_array *a, tg_array *b);   /* numpy.bitwise_and */
tg_array *tg_bitwise_or(tg_array *a, tg_array *b);    /* numpy.bitwise_or */
tg_array *tg_bitwise_xor(tg_array *a, tg_array *b);   /* numpy.bitwise_xor */
tg_array *tg_left_shift(tg_array *a, tg_array *b);    /* numpy.left_shift */
tg_array *tg_right_shift(tg_array *a, tg_array *b);   /* numpy.right_shift */
tg_array *tg_gcd(tg_array *a, tg_array *b);           /* numpy.gcd */
tg_array *tg_lcm(tg_array *a, tg_array *b);           /* numpy.lcm */
tg_array *tg_maximum(tg_array *a, tg_array *b);       /* numpy.maximum: NaN wins */
tg_array *tg_minimum(tg_array *a, tg_array *b);       /* numpy.minimum: NaN wins */
tg_array *tg_fmax(tg_array *a, tg_array *b);          /* numpy.fmax: NaN loses */
tg_array *tg_fmin(tg_array *a, tg_array *b);          /* numpy.fmin: NaN loses */
tg_array *tg_heaviside(tg_array *a, tg_array *b);     /* numpy.heaviside */
tg_array *tg_copysign(tg_array *a, tg_array *b);      /* numpy.copysign */
tg_array *tg_nextafter(tg_array *a, tg_array *b);     /* numpy.nextafter */
tg_array *tg_ldexp(tg_array *a, tg_array *b);         /* numpy.ldexp: b: integers */

tg_array *tg_divmod(tg_array *a, tg_array *b, tg_array **remainder); /* numpy.divmod */
tg_array *tg_modf(tg_array *a, tg_array **integral);                 /* numpy.modf: the fraction */
tg_array *tg_frexp(tg_array *a, tg_array **exponent);                /* numpy.frexp: the mantissa */

/** numpy.ndarray.astype: conversion with C's rules; to bool: is it not zero; complex to real: its
 * real part. Call: lazy, local. */
tg_array *tg_astype(tg_array *a, tg_dtype dtype);

/** numpy.round: to so many decimals, half to even; negative ones are left of the point. */
tg_array *tg_round(tg_array *a, int decimals);

/** numpy.angle: the argument of complex numbers, in degrees or radians. */
tg_array *tg_angle(tg_array *a, bool degrees);

/** numpy.clip; either end may be NULL. */
tg_array *tg_clip(tg_array *a, tg_array *low, tg_array *high);

/** numpy.isclose: |a - b| <= atol + rtol |b|; NumPy's defaults are 1e-5 and 1e-8. */
tg_array *tg_isclose(tg_array *a, tg_array *b, double rtol, double atol, bool equal_nan);
/** The same with tolerances by element, broadcast. */
tg_array *tg_isclose_by(tg_array *a, tg_array *b, tg_array *rtol, tg_array *atol, bool equal_nan);

/** numpy.nan_to_num: NaN and infinities replaced; NULL: the largest and smallest of the dtype. */
tg_array *tg_nan_to_num(tg_array *a, double nan, const double *posinf, const double *neginf);

/** numpy.where(condition, a, b): a where the condition is not zero, else b. Call: lazy, local. */
tg_array *tg_where(tg_array *condition, tg_array *a, tg_array *b);

/** numpy.select: of the first condition that holds, its choice; else `otherwise`. */
tg_array *tg_select(tg_array *const *conditions, tg_array *const *choices, int count,
                    tg_array *otherwise);

/**
 * numpy.choose: choices[a], element by element.
 *
 * Call:    lazy, local. Shape: broadcast. `mode`: "raise", "wrap" or "clip".
 * Errors:  TG_EARG; when computed, for an index out of range with "raise".
 */
tg_array *tg_choose(tg_array *a, tg_array *const *choices, int count, const char *mode);

#ifdef __cplusplus
}
#endif

#endif
