/* SPDX-License-Identifier: BSD-3-Clause */
/** Size classes ("bins") of results, in memory and on disk: a quarter of a power of two apart. */
#ifndef TG_EXEC_BIN_H
#define TG_EXEC_BIN_H

#include <stddef.h>

enum {
    TG_NBINS = 4 * 50,
    TG_SMALLEST_BIN = 6 /* log2 of the bytes of the least class */
};

/** Bytes of the largest result that has a bin. */
static const size_t tg_largest_bin = (size_t)1 << (TG_SMALLEST_BIN + TG_NBINS / 4 - 1);

/** The least bin with room for so many bytes, at most those of the largest. */
static inline int tg_bin_of(size_t size)
{
    const size_t last = size - 1;
    int log;

    if (size <= (size_t)1 << TG_SMALLEST_BIN)
        return 0;
    log = 63 - __builtin_clzll(last);
    return 4 * (log - TG_SMALLEST_BIN) + (int)(last >> (log - 2)) - 3;
}

/** Bytes that a bin has room for. */
static inline size_t tg_bin_size(int bin)
{
    const size_t base = (size_t)1 << (TG_SMALLEST_BIN + bin / 4);

    return base + (size_t)(bin % 4) * (base / 4);
}

#endif
