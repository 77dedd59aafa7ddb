/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Functions of complex numbers in float64, on arrays of real and imaginary parts. Special values
 * are those of C's Annex G, which NumPy has as well.
 */
#ifndef TG_KERNEL_COMPLEX_MATH_H
#define TG_KERNEL_COMPLEX_MATH_H

#include "kernel/vector_math.h"

/** Most elements of a call. */
#define TG_COMPLEX_PIECE 128

/** u + iv = f(x + iy), n elements; results are apart from arguments. */
typedef void tg_complex_function(const tg_vector_math *math, int n, const double *x,
                                 const double *y, double *u, double *v);

tg_complex_function tg_complex_exp, tg_complex_exp2, tg_complex_expm1;
tg_complex_function tg_complex_log, tg_complex_log2, tg_complex_log10, tg_complex_log1p;
tg_complex_function tg_complex_sqrt;
tg_complex_function tg_complex_sinh, tg_complex_cosh, tg_complex_tanh;
tg_complex_function tg_complex_sin, tg_complex_cos, tg_complex_tan, tg_complex_sinc;
tg_complex_function tg_complex_arcsinh, tg_complex_arccosh, tg_complex_arctanh;
tg_complex_function tg_complex_arcsin, tg_complex_arccos, tg_complex_arctan;
tg_complex_function tg_complex_sign;

#endif
