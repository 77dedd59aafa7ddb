/* SPDX-License-Identifier: BSD-3-Clause */
/** Sums and sums of squares of rows and columns of 16 bits by instructions that compilers do not
 * find. */
#ifndef TG_KERNEL_SHORT_ROWS_H
#define TG_KERNEL_SHORT_ROWS_H

#include "kernel/reduce_walk.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define TG_HAVE_SHORT_ROWS 1
#else
#define TG_HAVE_SHORT_ROWS 0
#endif

/** Whether this processor has what these functions need. */
bool tg_has_short_rows(void);

/**
 * For each row of a tile by rows, int16 or uint16, its sum and sum of squares: exact, the same as
 * those of a plain loop. The bytes of elements may lie in planes.
 *
 * Call:    local, where tg_has_short_rows.
 * Tests:   tests/arrays/kernel/test_reduce_int.c
 */
void tg_short_rows(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares);

/** Fewest columns of a tile for tg_short_columns. */
#define TG_SHORT_COLUMNS 16

/** The same for each column of a tile by columns of at least TG_SHORT_COLUMNS. */
void tg_short_columns(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares);

#endif
