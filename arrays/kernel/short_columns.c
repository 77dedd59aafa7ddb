/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Columns of 16 bits with AVX2's sum of products of pairs, as in short_rows.c: two lines are put
 * together element by element, so that a pair is one result's. Sixteen columns of some lines stay
 * in registers: as many lines as are read ahead at once. A strip of fewer columns overlaps the one
 * before it, whose columns it leaves out.
 */
#include "kernel/short_rows.h"

#if TG_HAVE_SHORT_ROWS
#pragma GCC target("avx2")
#include <immintrin.h>
#include <string.h>

enum {
    COLUMNS = TG_SHORT_COLUMNS,
    LINES = 32,
    LINE = 64,   /* bytes of a cache line */
    AHEAD = 256, /* bytes asked for before they are read */
};

/* Eight columns: sums of 32 bits; squares as lanes of short_rows.c. */
typedef struct eight {
    __m256i sum, both, upper;
} eight;

static inline void add_pairs(__m256i x, eight *to)
{
    const __m256i squares = _mm256_madd_epi16(x, x);

    to->sum = _mm256_add_epi32(to->sum, _mm256_madd_epi16(x, _mm256_set1_epi16(1)));
    to->both = _mm256_add_epi64(to->both, squares);
    to->upper = _mm256_add_epi64(to->upper, _mm256_srli_epi64(squares, 32));
}

static inline __m256i load(const void *line, int64_t column, __m256i flip)
{
    const __m256i x = _mm256_loadu_si256((const void *)((const int16_t *)line + column));

    return _mm256_xor_si256(x, flip);
}

static inline void store_halves(__m256i x, void *first, void *second)
{
    _mm_storeu_si128(first, _mm256_castsi256_si128(x));
    _mm_storeu_si128(second, _mm256_extracti128_si256(x, 1));
}

/* Columns 0 to 3 and 8 to 11 of a strip. */
static inline void store(const eight *from, int64_t *sums, uint64_t *squares)
{
    const __m256i even = _mm256_sub_epi64(from->both, _mm256_slli_epi64(from->upper, 32));
    const __m128i first = _mm256_castsi256_si128(from->sum);
    const __m128i second = _mm256_extracti128_si256(from->sum, 1);

    _mm256_storeu_si256((void *)sums, _mm256_cvtepi32_epi64(first));
    _mm256_storeu_si256((void *)(sums + 8), _mm256_cvtepi32_epi64(second));
    store_halves(_mm256_unpacklo_epi64(even, from->upper), squares, squares + 8);
    store_halves(_mm256_unpackhi_epi64(even, from->upper), squares + 2, squares + 10);
}

/* Lines [first, last) of the strip at a column. */
static inline void add_strip(const tg_tile *tile, int64_t first, int64_t last, int64_t column,
                             __m256i flip, int64_t *sums, uint64_t *squares)
{
    const __m256i zero = _mm256_setzero_si256();
    eight low = {zero, zero, zero}, high = low;

    for (int64_t r = first; r < last; r += 2) {
        const __m256i a = load(tile->lines[r], column, flip);
        const __m256i b = r + 1 < last ? load(tile->lines[r + 1], column, flip) : zero;

        add_pairs(_mm256_unpacklo_epi16(a, b), &low);
        add_pairs(_mm256_unpackhi_epi16(a, b), &high);
    }
    store(&low, sums, squares);
    store(&high, sums + 4, squares + 4);
}

/* Ask for what the next tile has, once for each cache line; where that is far, for what comes next
 * in these lines. */
static inline void ask_ahead(const tg_tile *tile, int64_t first, int64_t last, int64_t column)
{
    const int64_t ahead = 2 * column + (tile->ahead ? tile->ahead : AHEAD);

    for (int64_t r = first; column * 2 % LINE == 0 && r < last; r++)
        __builtin_prefetch((const char *)tile->lines[r] + ahead);
}

/* From sums of y = x - 2^15 to those of x. */
static void add_offsets(const tg_tile *tile, int64_t *sums, uint64_t *squares)
{
    const int64_t lines = tile->nreduced;

    for (int64_t k = 0; k < tile->nkept; k++) {
        squares[k] += ((uint64_t)sums[k] << 16) + ((uint64_t)lines << 30);
        sums[k] += lines << 15;
    }
}

void tg_short_columns(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares)
{
    const __m256i flip = is_signed ? _mm256_setzero_si256() : _mm256_set1_epi16(INT16_MIN);
    const int64_t n = tile->nkept;
    int64_t s[COLUMNS];
    uint64_t q[COLUMNS];

    memset(sums, 0, sizeof *sums * (size_t)n);
    memset(squares, 0, sizeof *squares * (size_t)n);
    for (int64_t first = 0; first < tile->nreduced; first += LINES) {
        const int64_t last = first + LINES < tile->nreduced ? first + LINES : tile->nreduced;

        for (int64_t at = 0; at < n; at += COLUMNS) {
            const int64_t column = at + COLUMNS <= n ? at : n - COLUMNS;

            ask_ahead(tile, first, last, at);
            add_strip(tile, first, last, column, flip, s, q);
            for (int64_t k = at - column; k < COLUMNS; k++) {
                sums[column + k] += s[k];
                squares[column + k] += q[k];
            }
        }
    }
    if (!is_signed)
        add_offsets(tile, sums, squares);
}
#else
void tg_short_columns(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares)
{
    (void)tile, (void)is_signed, (void)sums, (void)squares;
}
#endif
