/* SPDX-License-Identifier: BSD-3-Clause */
/* Moments of floats on vectors of 256 bits. */
#include "kernel/float_moments.h"

#if TG_HAVE_FLOAT_LEVELS
#pragma GCC target("avx2")
#include <immintrin.h>

#define LEVEL           tg_float_level_256
#define WIDTH           4
#define LOAD_float32(x) _mm256_cvtps_pd(_mm_loadu_ps(x))
#define LEAVE()         _mm256_zeroupper()
#include "kernel/float_level.h"
#endif
