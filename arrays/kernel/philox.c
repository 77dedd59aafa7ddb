/* SPDX-License-Identifier: BSD-3-Clause */
/* Ten rounds of two 64 x 64 -> 128 products, keys bumped by Weyl sequences. */
#include "kernel/philox.h"

static uint64_t high_product(uint64_t a, uint64_t b, uint64_t *low)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    *low = (uint64_t)product;
    return (uint64_t)(product >> 64);
}

static inline void philox(const uint64_t counter[4], const uint64_t key[2], uint64_t out[4])
{
    uint64_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint64_t k0 = key[0], k1 = key[1];

    for (int round = 0; round < 10; round++) {
        uint64_t low0, low1, high0 = high_product(UINT64_C(0xD2E7470EE14C6C93), x0, &low0);
        uint64_t high1 = high_product(UINT64_C(0xCA5A826395121157), x2, &low1);

        x0 = high1 ^ x1 ^ k0;
        x1 = low1;
        x2 = high0 ^ x3 ^ k1;
        x3 = low0;
        k0 += UINT64_C(0x9E3779B97F4A7C15);
        k1 += UINT64_C(0xBB67AE8584CAA73B);
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

void tg_philox(const uint64_t counter[4], const uint64_t key[2], uint64_t out[4])
{
    philox(counter, key, out);
}

void tg_philox_words(uint64_t counter[4], const uint64_t key[2], int64_t n, uint64_t *out)
{
    for (int64_t i = 0; i < n; i++, counter[2]++)
        philox(counter, key, out + 4 * i);
}
