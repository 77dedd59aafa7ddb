/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arithmetic on 256 bits, schoolbook.
 *
 * Rounding rests on the conversion from 128 bits to double, which rounds to nearest, ties to even.
 * A longer number is cut to its leading bits with the rest gathered into a sticky last bit: as
 * there are more than 54 leading bits, the sticky bit lies below the rounding bit and decides ties
 * only.
 */
#include <math.h>

#include "kernel/wide.h"

tg_uint256 tg_uint256_add(tg_uint256 a, tg_uint256 b)
{
    tg_uint128 carry = 0;

    for (int i = 0; i < 4; i++) {
        carry += (tg_uint128)a.w[i] + b.w[i];
        a.w[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

tg_uint256 tg_uint256_subtract(tg_uint256 a, tg_uint256 b)
{
    uint64_t borrow = 0;

    for (int i = 0; i < 4; i++) {
        tg_uint128 difference = (tg_uint128)a.w[i] - b.w[i] - borrow;

        a.w[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return a;
}

tg_uint256 tg_uint256_scale(tg_uint256 a, uint64_t b)
{
    tg_uint128 carry = 0;

    for (int i = 0; i < 4; i++) {
        carry += (tg_uint128)a.w[i] * b;
        a.w[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

tg_uint256 tg_uint256_square(tg_uint128 a)
{
    tg_uint256 low = {{(uint64_t)a, (uint64_t)(a >> 64)}};
    tg_uint256 high = tg_uint256_scale(low, (uint64_t)(a >> 64));

    low = tg_uint256_scale(low, (uint64_t)a);
    high = (tg_uint256){{0, high.w[0], high.w[1], high.w[2]}};
    return tg_uint256_add(low, high);
}

double tg_uint256_to_double(tg_uint256 a)
{
    int top = 3;
    tg_uint128 leading;
    uint64_t rest = 0;
    int shift = 0;

    while (top > 1 && a.w[top] == 0)
        top--;
    leading = (tg_uint128)a.w[top] << 64 | a.w[top - 1];
    for (int i = 0; i < top - 1; i++)
        rest |= a.w[i];
    shift = 64 * (top - 1);
    /* top > 1: the first word is not 0, so there are at least 65 leading bits. */
    return ldexp((double)(leading | (rest != 0)), shift);
}

/* sum / count where a division of two doubles is not exact: a quotient of at least 64 bits, and
 * whether there is a remainder. */
static double long_mean(tg_uint128 sum, uint64_t count)
{
    int shift = 0;
    tg_uint128 quotient;

    while (!(sum >> 127)) {
        sum <<= 1;
        shift++;
    }
    quotient = sum / count;
    return ldexp((double)(quotient | (sum % count != 0)), -shift);
}

double tg_exact_mean(tg_int128 sum, int64_t count)
{
    const tg_uint128 exact = (tg_uint128)1 << 53;
    tg_uint128 size = tg_magnitude(sum);
    double mean;

    if (count == 0 || (size <= exact && count <= (int64_t)exact))
        return count == 0 ? NAN : (double)(int64_t)sum / (double)count;
    mean = long_mean(size, (uint64_t)count);
    return sum < 0 ? -mean : mean;
}
