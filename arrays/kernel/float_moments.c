/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors of 128 bits, which all have, and which level this processor gets. */
#include "kernel/float_moments.h"

#define LEVEL           tg_float_level_128
#define WIDTH           2
#define LOAD_float32(x) ((pack){(double)(x)[0], (double)(x)[1]})
#define LEAVE()         (void)0
#include "kernel/float_level.h"

const tg_float_level *tg_float_level_at(int i)
{
    const tg_float_level *levels[4] = {&tg_float_level_128};
#if TG_HAVE_FLOAT_LEVELS
    int n = 1;

    if (__builtin_cpu_supports("avx2"))
        levels[n++] = &tg_float_level_256;
    if (__builtin_cpu_supports("avx512dq"))
        levels[n] = &tg_float_level_512;
#endif
    return levels[i];
}

const tg_float_level *tg_float_level_best(void)
{
    int i = 0;

    while (tg_float_level_at(i + 1))
        i++;
    return tg_float_level_at(i);
}
