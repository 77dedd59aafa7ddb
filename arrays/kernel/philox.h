/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Philox 4x64-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011.
 */
#ifndef TG_KERNEL_PHILOX_H
#define TG_KERNEL_PHILOX_H

#include <stdint.h>

/** The four numbers of a counter under a key. */
void tg_philox(const uint64_t counter[4], const uint64_t key[2], uint64_t out[4]);

/** Words of n counters that differ by one in counter[2], which is moved on: 4 n of them. */
void tg_philox_words(uint64_t counter[4], const uint64_t key[2], int64_t n, uint64_t *out);

#endif
