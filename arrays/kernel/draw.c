/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Draws. Logarithms and the like are the deterministic ones of kernel/vector_math.h, so that a draw
 * has the same bits on every machine.
 *
 *     normal       Box and Muller 1958
 *     gamma        Marsaglia and Tsang 2000; below shape 1 by a power of a uniform number
 *     poisson      below 10 by counting products of uniform numbers (Knuth), above by gamma and
 *                  binomial draws (Ahrens and Dieter 1974)
 *     binomial     up to 32 trials one by one, above by the median of order statistics, a beta
 *                  draw, which halves what is left (Relles 1972)
 */
#include "kernel/draw.h"

#include <math.h>

#include "kernel/philox.h"
#include "kernel/vector_math.h"

#define SMALL_MEAN   10.
#define SMALL_TRIALS 32

/* The second word of the key, ours. */
#define KEY UINT64_C(0x546567756C61)

tg_dice tg_dice_begin(uint64_t seed, uint64_t stream, int64_t at)
{
    return (tg_dice){.key = {seed, KEY}, .counter = {0, stream, (uint64_t)at}};
}

void tg_dice_words(uint64_t seed, uint64_t stream, int64_t at, int64_t n, uint64_t *out)
{
    const uint64_t key[2] = {seed, KEY};
    uint64_t counter[4] = {0, stream, (uint64_t)at / 4, 1}, some[4]; /* no die has a last 1 */
    int64_t whole;

    for (uint64_t i = (uint64_t)at % 4; i != 0 && n > 0; i = (i + 1) % 4, at++, n--) {
        tg_philox(counter, key, some);
        *out++ = some[i];
    }
    counter[2] = (uint64_t)at / 4;
    whole = n / 4;
    tg_philox_words(counter, key, whole, out);
    tg_philox(counter, key, some);
    for (int64_t i = 4 * whole; i < n; i++)
        out[i] = some[i - 4 * whole];
}

uint64_t tg_dice_bits(tg_dice *dice)
{
    if (dice->left == 0) {
        tg_philox(dice->counter, dice->key, dice->word);
        dice->counter[0]++;
        dice->left = 4;
    }
    return dice->word[4 - dice->left--];
}

double tg_dice_uniform(tg_dice *dice)
{
    return (double)(tg_dice_bits(dice) >> 11) * 0x1p-53;
}

uint64_t tg_dice_below(tg_dice *dice, uint64_t n)
{
    return tg_scale_word(tg_dice_bits(dice), n);
}

static double log_of(double x)
{
    tg_vector_math_best()->log_64(1, &x, &x);
    return x;
}

static double exp_of(double x)
{
    tg_vector_math_best()->exp_64(1, &x, &x);
    return x;
}

double tg_dice_normal(tg_dice *dice)
{
    double radius = sqrt(-2 * log_of(1 - tg_dice_uniform(dice)));
    double angle = 0x1.921fb54442d18p+2 * tg_dice_uniform(dice);

    tg_vector_math_best()->cos_64(1, &angle, &angle);
    return radius * angle;
}

void tg_exponential_of(int64_t n, double *x)
{
    for (int64_t i = 0; i < n; i++)
        x[i] = 1 - x[i];
    tg_vector_math_best()->log_64(n, x, x);
    for (int64_t i = 0; i < n; i++)
        x[i] = -x[i];
}

double tg_dice_gamma(tg_dice *dice, double shape)
{
    double boost = 1, d, c;

    if (shape == 0)
        return 0;
    if (shape < 1) {
        boost = exp_of(log_of(1 - tg_dice_uniform(dice)) / shape);
        shape += 1;
    }
    d = shape - 1. / 3;
    c = 1 / sqrt(9 * d);
    for (;;) {
        double x = tg_dice_normal(dice), v = 1 + c * x, u = 1 - tg_dice_uniform(dice);

        v = v * v * v;
        if (v > 0 && log_of(u) < 0.5 * x * x + d - d * v + d * log_of(v))
            return boost * d * v;
    }
}

int64_t tg_dice_binomial(tg_dice *dice, int64_t n, double p)
{
    int64_t count = 0;

    while (n > SMALL_TRIALS) {
        int64_t i = n / 2 + 1;
        double x = tg_dice_gamma(dice, (double)i), y = tg_dice_gamma(dice, (double)(n + 1 - i));
        double median = x / (x + y);

        if (median <= p) {
            count += i;
            n -= i;
            p = (p - median) / (1 - median);
        } else {
            n = i - 1;
            p = p / median;
        }
    }
    for (; n > 0; n--)
        count += tg_dice_uniform(dice) < p;
    return count;
}

int64_t tg_dice_poisson(tg_dice *dice, double mean)
{
    int64_t count = 0;
    double product = 1, limit;

    while (mean >= SMALL_MEAN) {
        int64_t m = (int64_t)(mean * 0.875);
        double x = tg_dice_gamma(dice, (double)m);

        if (x > mean)
            return count + tg_dice_binomial(dice, m - 1, mean / x);
        count += m;
        mean -= x;
    }
    limit = exp_of(-mean);
    for (product *= tg_dice_uniform(dice); product > limit; product *= tg_dice_uniform(dice))
        count++;
    return count;
}
