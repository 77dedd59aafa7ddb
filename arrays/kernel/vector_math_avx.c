/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector functions on vectors of 256 bits. */
#include "kernel/vector_math.h"

#if TG_HAVE_X86_VECTORS
#pragma GCC target("avx2")
#include <immintrin.h>
#include <sleef.h>

#define LEVEL           avx
#define WIDTH64         4
#define WIDTH32         8
#define LOAD64(p)       _mm256_loadu_pd(p)
#define LOAD32(p)       _mm256_loadu_ps(p)
#define STORE64(p, x)   _mm256_storeu_pd((p), (x))
#define STORE32(p, x)   _mm256_storeu_ps((p), (x))
#define CALL64(f, ulps) Sleef_cinz_##f##d4_##ulps##avx
#define CALL32(f, ulps) Sleef_cinz_##f##f8_##ulps##avx
#include "kernel/vector_math_level.h"
#endif
