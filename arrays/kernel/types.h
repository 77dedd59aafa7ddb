/* SPDX-License-Identifier: BSD-3-Clause */
/** The dtypes as C types, for macros that write one loop for each. */
#ifndef TG_KERNEL_TYPES_H
#define TG_KERNEL_TYPES_H

#include <stdint.h>

#include <tegula/array.h>

/* X(name, dtype, C type of an element, C type that arithmetic is done in: wraps, never overflows);
 * bool8, as `bool` is a macro. */
#define TG_EACH_SIGNED(X)                                                                          \
    X(int8, TG_INT8, int8_t, uint32_t)                                                             \
    X(int16, TG_INT16, int16_t, uint32_t)                                                          \
    X(int32, TG_INT32, int32_t, uint32_t)                                                          \
    X(int64, TG_INT64, int64_t, uint64_t)
#define TG_EACH_UNSIGNED(X)                                                                        \
    X(uint8, TG_UINT8, uint8_t, uint32_t)                                                          \
    X(uint16, TG_UINT16, uint16_t, uint32_t)                                                       \
    X(uint32, TG_UINT32, uint32_t, uint32_t)                                                       \
    X(uint64, TG_UINT64, uint64_t, uint64_t)
#define TG_EACH_FLOAT(X)                                                                           \
    X(float32, TG_FLOAT32, float, float)                                                           \
    X(float64, TG_FLOAT64, double, double)
#define TG_EACH_BOOL(X) X(bool8, TG_BOOL, uint8_t, uint32_t)

/* X(name, dtype, C type of an element, C type of a part). */
#define TG_EACH_COMPLEX(X)                                                                         \
    X(complex64, TG_COMPLEX64, tg_complex64, float)                                                \
    X(complex128, TG_COMPLEX128, tg_complex128, double)

#define TG_EACH_INTEGER(X) TG_EACH_SIGNED(X) TG_EACH_UNSIGNED(X)
#define TG_EACH_NUMBER(X)  TG_EACH_INTEGER(X) TG_EACH_FLOAT(X)
/* All real dtypes; complex ones have loops of their own. */
#define TG_EACH_DTYPE(X) TG_EACH_BOOL(X) TG_EACH_NUMBER(X)

/* Complex numbers as memory has them. C's own are not used: their products and quotients look for
 * infinities, which NumPy's do not. */
typedef struct tg_complex64 {
    float re, im;
} tg_complex64;

typedef struct tg_complex128 {
    double re, im;
} tg_complex128;

/* Code for several x86-64 levels, picked when the library is loaded. Only for loops whose bits
 * cannot depend on it: integers, and floats in lanes fixed by the code. The level above AVX2 has
 * fused multiply-add, of which gcc 12 makes use for complex products and quotients although
 * contraction is off: those take TG_CLONES_COMPLEX. TG_CLONES_FMA is for loops that call fma(). The
 * test `fused` finds others. Left out where the compiler or a sanitiser does not go with it. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TG_CLONES         __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#define TG_CLONES_COMPLEX __attribute__((target_clones("default", "avx2")))
#define TG_CLONES_FMA     __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define TG_CLONES
#define TG_CLONES_COMPLEX
#define TG_CLONES_FMA
#endif

static inline bool tg_is_float(tg_dtype dtype)
{
    return dtype == TG_FLOAT32 || dtype == TG_FLOAT64;
}

static inline bool tg_is_complex(tg_dtype dtype)
{
    return dtype == TG_COMPLEX64 || dtype == TG_COMPLEX128;
}

/* The dtype of the parts of a complex one; other dtypes are their own. */
static inline tg_dtype tg_real_part(tg_dtype dtype)
{
    if (tg_is_complex(dtype))
        return dtype == TG_COMPLEX64 ? TG_FLOAT32 : TG_FLOAT64;
    return dtype;
}

static inline bool tg_is_signed(tg_dtype dtype)
{
    return dtype >= TG_INT8 && dtype <= TG_INT64;
}

static inline bool tg_is_unsigned(tg_dtype dtype)
{
    return dtype >= TG_UINT8 && dtype <= TG_UINT64;
}

#endif
