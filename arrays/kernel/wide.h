/* SPDX-License-Identifier: BSD-3-Clause */
/** Unsigned integers of 256 bits and correctly rounded conversion, for exact moments. */
#ifndef TG_KERNEL_WIDE_H
#define TG_KERNEL_WIDE_H

#include <stdint.h>

__extension__ typedef __int128 tg_int128;
__extension__ typedef unsigned __int128 tg_uint128;

/** Least significant word first. */
typedef struct tg_uint256 {
    uint64_t w[4];
} tg_uint256;

static inline tg_uint128 tg_magnitude(tg_int128 x)
{
    return x < 0 ? -(tg_uint128)x : (tg_uint128)x;
}

/** a + b, wrapping. */
tg_uint256 tg_uint256_add(tg_uint256 a, tg_uint256 b);

/** a - b, wrapping. */
tg_uint256 tg_uint256_subtract(tg_uint256 a, tg_uint256 b);

/** a * b, wrapping. */
tg_uint256 tg_uint256_scale(tg_uint256 a, uint64_t b);

/** a * a. */
tg_uint256 tg_uint256_square(tg_uint128 a);

/** The nearest double, ties to even. */
double tg_uint256_to_double(tg_uint256 a);

/** The double nearest to sum / count, ties to even; NaN for count 0. 0 <= count < 2^63. */
double tg_exact_mean(tg_int128 sum, int64_t count);

#endif
