/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector functions on vectors of 128 bits, which every x86-64 has. */
#include "kernel/vector_math.h"

#if TG_HAVE_X86_VECTORS
#include <emmintrin.h>
#include <sleef.h>

#define LEVEL           sse2
#define WIDTH64         2
#define WIDTH32         4
#define LOAD64(p)       _mm_loadu_pd(p)
#define LOAD32(p)       _mm_loadu_ps(p)
#define STORE64(p, x)   _mm_storeu_pd((p), (x))
#define STORE32(p, x)   _mm_storeu_ps((p), (x))
#define CALL64(f, ulps) Sleef_cinz_##f##d2_##ulps##sse2
#define CALL32(f, ulps) Sleef_cinz_##f##f4_##ulps##sse2
#include "kernel/vector_math_level.h"
#endif
