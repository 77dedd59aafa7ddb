/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Transcendental functions over arrays, the same bits whatever vectors the processor has.
 *
 * They are SLEEF's deterministic family without fused multiply-add ("cinz"), within 1 unit in the
 * last place, whose members for scalars and for vectors of every width agree bit for bit. Each
 * level is the family at one width; the widest that the processor has is taken when a loop runs.
 * Sine and cosine of float64 are our own where arguments are not huge (vector_sine.h): twice as
 * fast.
 */
#ifndef TG_KERNEL_VECTOR_MATH_H
#define TG_KERNEL_VECTOR_MATH_H

#include <stdint.h>

/* X(name): SLEEF's names. */
#define TG_MATH_OTHERS(X)                                                                          \
    X(tan)                                                                                         \
    X(asin)                                                                                        \
    X(acos)                                                                                        \
    X(atan)                                                                                        \
    X(sinh)                                                                                        \
    X(cosh)                                                                                        \
    X(tanh)                                                                                        \
    X(asinh)                                                                                       \
    X(acosh)                                                                                       \
    X(atanh)                                                                                       \
    X(exp)                                                                                         \
    X(exp2)                                                                                        \
    X(expm1)                                                                                       \
    X(log)                                                                                         \
    X(log2)                                                                                        \
    X(log10)                                                                                       \
    X(log1p)                                                                                       \
    X(cbrt)
#define TG_MATH_ONE(X)                                                                             \
    X(sin)                                                                                         \
    X(cos)                                                                                         \
    TG_MATH_OTHERS(X)
#define TG_MATH_TWO(X) X(atan2) X(pow) X(hypot)

/** y[i] = f(x[i]); y may be x. */
typedef void tg_math_one64(int64_t n, const double *x, double *y);
typedef void tg_math_one32(int64_t n, const float *x, float *y);
/** z[i] = f(x[i], y[i]); z may be x or y. */
typedef void tg_math_two64(int64_t n, const double *x, const double *y, double *z);
typedef void tg_math_two32(int64_t n, const float *x, const float *y, float *z);

#define TG_MATH_MEMBER_ONE(name)                                                                   \
    tg_math_one64 *name##_64;                                                                      \
    tg_math_one32 *name##_32;
#define TG_MATH_MEMBER_TWO(name)                                                                   \
    tg_math_two64 *name##_64;                                                                      \
    tg_math_two32 *name##_32;

typedef struct tg_vector_math {
    const char *name; /* of the vectors */
    TG_MATH_ONE(TG_MATH_MEMBER_ONE)
    TG_MATH_TWO(TG_MATH_MEMBER_TWO)
} tg_vector_math;

/** The widest level that this processor has. */
const tg_vector_math *tg_vector_math_best(void);

/** Level i, from scalars up; NULL above the widest that this processor has. */
const tg_vector_math *tg_vector_math_level(int i);

/* The levels; the last three on x86-64 only. */
extern const tg_vector_math tg_vector_math_scalar, tg_vector_math_sse2, tg_vector_math_avx,
    tg_vector_math_avx512;

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TG_HAVE_X86_VECTORS 1
#else
#define TG_HAVE_X86_VECTORS 0
#endif

#endif
