/* SPDX-License-Identifier: BSD-3-Clause */
/** Loops over complex numbers, which the rows of real ones name: tg_loop_OPERATOR_DTYPE. */
#ifndef TG_KERNEL_LOOPS_H
#define TG_KERNEL_LOOPS_H

#include <tegula/operator.h>

#define TG_DECLARE_COMPLEX(operator)                                                               \
    tg_loop tg_loop_##operator##_complex64, tg_loop_##operator##_complex128;

/* loops_complex.c */
TG_DECLARE_COMPLEX(add)
TG_DECLARE_COMPLEX(subtract)
TG_DECLARE_COMPLEX(multiply)
TG_DECLARE_COMPLEX(divide)
TG_DECLARE_COMPLEX(negative)
TG_DECLARE_COMPLEX(positive)
TG_DECLARE_COMPLEX(square)
TG_DECLARE_COMPLEX(reciprocal)
TG_DECLARE_COMPLEX(rint)
TG_DECLARE_COMPLEX(equal)
TG_DECLARE_COMPLEX(not_equal)
TG_DECLARE_COMPLEX(less)
TG_DECLARE_COMPLEX(less_equal)
TG_DECLARE_COMPLEX(greater)
TG_DECLARE_COMPLEX(greater_equal)
TG_DECLARE_COMPLEX(isnan)
TG_DECLARE_COMPLEX(isinf)
TG_DECLARE_COMPLEX(isfinite)
TG_DECLARE_COMPLEX(maximum)
TG_DECLARE_COMPLEX(minimum)
TG_DECLARE_COMPLEX(fmax)
TG_DECLARE_COMPLEX(fmin)
TG_DECLARE_COMPLEX(clip)

/* loops_complex_math.c */
TG_DECLARE_COMPLEX(absolute)
TG_DECLARE_COMPLEX(sign)
TG_DECLARE_COMPLEX(sqrt)
TG_DECLARE_COMPLEX(exp)
TG_DECLARE_COMPLEX(exp2)
TG_DECLARE_COMPLEX(expm1)
TG_DECLARE_COMPLEX(log)
TG_DECLARE_COMPLEX(log2)
TG_DECLARE_COMPLEX(log10)
TG_DECLARE_COMPLEX(log1p)
TG_DECLARE_COMPLEX(sin)
TG_DECLARE_COMPLEX(cos)
TG_DECLARE_COMPLEX(tan)
TG_DECLARE_COMPLEX(sinc)
TG_DECLARE_COMPLEX(arcsin)
TG_DECLARE_COMPLEX(arccos)
TG_DECLARE_COMPLEX(arctan)
TG_DECLARE_COMPLEX(sinh)
TG_DECLARE_COMPLEX(cosh)
TG_DECLARE_COMPLEX(tanh)
TG_DECLARE_COMPLEX(arcsinh)
TG_DECLARE_COMPLEX(arccosh)
TG_DECLARE_COMPLEX(arctanh)
TG_DECLARE_COMPLEX(power)

#endif
