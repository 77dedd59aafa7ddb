/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Draws from distributions: each element of an array has a sequence of random bits of its own, so
 * that what one element rejects does not move the others.
 */
#ifndef TG_KERNEL_DRAW_H
#define TG_KERNEL_DRAW_H

#include <stdint.h>

#include "kernel/wide.h"

/** The sequence of one element. */
typedef struct tg_dice {
    uint64_t key[2], counter[4], word[4];
    int left; /* words not used yet */
} tg_dice;

/** The sequence of element `at` of stream `stream` of a seed. */
tg_dice tg_dice_begin(uint64_t seed, uint64_t stream, int64_t at);

uint64_t tg_dice_bits(tg_dice *dice);
double tg_dice_uniform(tg_dice *dice); /* 0 <= x < 1, 53 bits */
double tg_dice_normal(tg_dice *dice);
double tg_dice_gamma(tg_dice *dice, double shape);
int64_t tg_dice_poisson(tg_dice *dice, double mean);
int64_t tg_dice_binomial(tg_dice *dice, int64_t n, double p);
/** 0 <= x < n by a product (Lemire 2019, without its rejection: a bias below n / 2^64). */
uint64_t tg_dice_below(tg_dice *dice, uint64_t n);

/** One word of bits for each of the places [at, at + n): for draws that need no more. Four places
 * share what Philox gives at once. */
void tg_dice_words(uint64_t seed, uint64_t stream, int64_t at, int64_t n, uint64_t *out);

/** A word as an integer below n. */
static inline uint64_t tg_scale_word(uint64_t word, uint64_t n)
{
    return (uint64_t)((tg_uint128)word * n >> 64);
}

/** Exponential draws of scale 1 from uniform ones, in place. */
void tg_exponential_of(int64_t n, double *x);

#endif
