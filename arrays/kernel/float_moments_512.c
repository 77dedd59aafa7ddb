/* SPDX-License-Identifier: BSD-3-Clause */
/* Moments of floats on vectors of 512 bits. */
#include "kernel/float_moments.h"

#if TG_HAVE_FLOAT_LEVELS
#pragma GCC target("avx512f,avx512dq,prefer-vector-width=512")
#include <immintrin.h>

#define LEVEL           tg_float_level_512
#define WIDTH           8
#define LOAD_float32(x) _mm512_cvtps_pd(_mm256_loadu_ps(x))
#define LEAVE()         _mm256_zeroupper()
#include "kernel/float_level.h"
#endif
