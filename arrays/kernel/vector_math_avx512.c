/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector functions on vectors of 512 bits. */
#include "kernel/vector_math.h"

#if TG_HAVE_X86_VECTORS
#pragma GCC target("avx512f,avx512dq,prefer-vector-width=512")
#include <immintrin.h>
#include <sleef.h>

#define LEVEL           avx512
#define WIDTH64         8
#define WIDTH32         16
#define LOAD64(p)       _mm512_loadu_pd(p)
#define LOAD32(p)       _mm512_loadu_ps(p)
#define STORE64(p, x)   _mm512_storeu_pd((p), (x))
#define STORE32(p, x)   _mm512_storeu_ps((p), (x))
#define CALL64(f, ulps) Sleef_cinz_##f##d8_##ulps##avx512fnofma
#define CALL32(f, ulps) Sleef_cinz_##f##f16_##ulps##avx512fnofma
#include "kernel/vector_math_level.h"
#endif
