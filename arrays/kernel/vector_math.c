/* SPDX-License-Identifier: BSD-3-Clause */
/* Which level of vector functions this processor gets. */
#include <stddef.h>

#include "kernel/vector_math.h"

const tg_vector_math *tg_vector_math_best(void)
{
#if TG_HAVE_X86_VECTORS
    if (__builtin_cpu_supports("avx512dq"))
        return &tg_vector_math_avx512;
    return __builtin_cpu_supports("avx2") ? &tg_vector_math_avx : &tg_vector_math_sse2;
#else
    return &tg_vector_math_scalar;
#endif
}

const tg_vector_math *tg_vector_math_level(int i)
{
    const tg_vector_math *best = tg_vector_math_best();
#if TG_HAVE_X86_VECTORS
    const tg_vector_math *const levels[] = {&tg_vector_math_scalar, &tg_vector_math_sse2,
                                            &tg_vector_math_avx, &tg_vector_math_avx512};
#else
    const tg_vector_math *const levels[] = {&tg_vector_math_scalar};
#endif

    for (int k = 0; k < i; k++)
        if (levels[k] == best)
            return NULL;
    return levels[i];
}
