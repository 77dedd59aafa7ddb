/* SPDX-License-Identifier: BSD-3-Clause */
/* Elements of 2, 4 and 8 bytes by loops that compilers vectorise, others byte by byte. */
#include "kernel/planes.h"

#include <stdbool.h>
#include <stdint.h>

#include "kernel/types.h"

#define JOIN(type, WORD)                                                                           \
    do {                                                                                           \
        type *to = out;                                                                            \
                                                                                                   \
        for (size_t i = 0; i < count; i++)                                                         \
            to[i] = (type)(WORD);                                                                  \
    } while (0)

#define BYTE(type, k) ((type)((type)from[(k)*n + i] << (8 * (k))))

/** Elements of 2, 4 or 8 bytes, `count` from `from` on, whose bytes lie n apart; little-endian
 * hosts: loops that compilers vectorise. */
static inline __attribute__((always_inline)) bool join_words(size_t itemsize, size_t n,
                                                             size_t count, const uint8_t *from,
                                                             void *out)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (itemsize == 2)
        JOIN(uint16_t, BYTE(uint16_t, 0) | BYTE(uint16_t, 1));
    else if (itemsize == 4)
        JOIN(uint32_t,
             BYTE(uint32_t, 0) | BYTE(uint32_t, 1) | BYTE(uint32_t, 2) | BYTE(uint32_t, 3));
    else if (itemsize == 8)
        JOIN(uint64_t, BYTE(uint64_t, 0) | BYTE(uint64_t, 1) | BYTE(uint64_t, 2) |
                           BYTE(uint64_t, 3) | BYTE(uint64_t, 4) | BYTE(uint64_t, 5) |
                           BYTE(uint64_t, 6) | BYTE(uint64_t, 7));
    else
        return false;
    return true;
#else
    (void)itemsize, (void)n, (void)count, (void)from, (void)out;
    return false;
#endif
}

TG_CLONES void tg_planes_join(size_t itemsize, size_t n, size_t first, size_t count, const void *in,
                              void *out)
{
    const uint8_t *from = (const uint8_t *)in + first;
    uint8_t *to = out;

    if (!join_words(itemsize, n, count, from, out))
        for (size_t k = 0; k < itemsize; k++)
            for (size_t i = 0; i < count; i++)
                to[i * itemsize + k] = from[k * n + i];
}
