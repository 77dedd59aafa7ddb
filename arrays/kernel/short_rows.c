/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rows of 16 bits with AVX2's sum of products of pairs (pmaddwd), sixteen elements at a time. The
 * sum of two squares fits 32 bits without a sign, also of the least element twice. Unsigned
 * elements become signed ones y = x - 2^15, and the sums those of x by
 *
 *     sum x = sum y + 2^15 n        sum x^2 = sum y^2 + 2^16 sum y + 2^30 n
 *
 * What is left at a row's end is taken with its last sixteen elements, of which those that were
 * there already count as zeros. Four rows at a time, because their lanes are added up together.
 * Where low and high bytes lie apart they are put together in registers, in whatever order.
 */
#include "kernel/short_rows.h"

#if TG_HAVE_SHORT_ROWS
#pragma GCC target("avx2")
#include <immintrin.h>
#include <string.h>

enum { SIXTEEN = 16, ROWS = 4 };

static const int16_t last_of_sixteen[2 * SIXTEEN] = {
    [SIXTEEN] = -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

/* Lanes of one row: sums of 32 bits; of 64 bits, sums of two squares side by side as one number,
 * and of the upper ones alone. */
typedef struct lanes {
    __m256i sum, both, upper;
} lanes;

static inline void add_sixteen(__m256i x, lanes *row)
{
    const __m256i squares = _mm256_madd_epi16(x, x);

    row->sum = _mm256_add_epi32(row->sum, _mm256_madd_epi16(x, _mm256_set1_epi16(1)));
    row->both = _mm256_add_epi64(row->both, squares);
    row->upper = _mm256_add_epi64(row->upper, _mm256_srli_epi64(squares, 32));
}

/* upper + lower, as both = 2^32 upper + lower modulo 2^64. */
static inline __m256i squares_of(const lanes *row)
{
    return _mm256_sub_epi64(_mm256_add_epi64(row->both, row->upper),
                            _mm256_slli_epi64(row->upper, 32));
}

static inline __m256i load(const void *from)
{
    return _mm256_loadu_si256(from);
}

/* Sixteen elements whose high bytes lie `planes` behind the low ones; 0: whole elements. */
static inline __m256i load_sixteen(const char *from, int64_t planes)
{
    __m128i low, high;

    if (!planes)
        return load(from);
    low = _mm_loadu_si128((const void *)from);
    high = _mm_loadu_si128((const void *)(from + planes));
    return _mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high));
}

/* Thirty-two of bytes that lie apart. */
static inline __attribute__((always_inline)) void add_apart(const char *from, int64_t planes,
                                                            __m256i flip, lanes *row)
{
    const __m256i low = load(from), high = load(from + planes);

    add_sixteen(_mm256_xor_si256(_mm256_unpacklo_epi8(low, high), flip), row);
    add_sixteen(_mm256_xor_si256(_mm256_unpackhi_epi8(low, high), flip), row);
}

/* n < SIXTEEN elements, moved to where whole vectors can be loaded. */
static inline lanes add_few(int64_t n, const char *x, int64_t planes, __m256i flip)
{
    lanes row = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    char few[2 * SIXTEEN] = {0}, *to = few + 2 * (SIXTEEN - n);

    for (int64_t i = 0; i < n; i++) {
        to[2 * i] = x[planes ? i : 2 * i];
        to[2 * i + 1] = x[planes ? planes + i : 2 * i + 1];
    }
    add_sixteen(_mm256_and_si256(_mm256_xor_si256(load(few), flip), load(last_of_sixteen + n)),
                &row);
    return row;
}

/* Each element is exclusive-or'ed with those of `flip`. */
static inline __attribute__((always_inline)) lanes add_row(int64_t n, const char *x, int64_t planes,
                                                           __m256i flip)
{
    lanes row = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    const int64_t size = planes ? 1 : 2;
    int64_t i = 0;

    if (n < SIXTEEN)
        return add_few(n, x, planes, flip);
    for (; planes && i + 2 * SIXTEEN <= n; i += 2 * SIXTEEN)
        add_apart(x + i, planes, flip, &row);
    for (; i + SIXTEEN <= n; i += SIXTEEN)
        add_sixteen(_mm256_xor_si256(load_sixteen(x + i * size, planes), flip), &row);
    if (i < n) {
        const __m256i rest = load_sixteen(x + (n - SIXTEEN) * size, planes);

        add_sixteen(_mm256_and_si256(_mm256_xor_si256(rest, flip), load(last_of_sixteen + (n - i))),
                    &row);
    }
    return row;
}

/* Lanes of 64 bits of four rows, added up: a lane a row. */
static inline __m256i add_lanes64(__m256i a, __m256i b, __m256i c, __m256i d)
{
    const __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    const __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));

    return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20),
                            _mm256_permute2x128_si256(ab, cd, 0x31));
}

static inline __m256i add_lanes32(__m256i a, __m256i b, __m256i c, __m256i d)
{
    const __m256i abcd = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));

    return _mm256_cvtepi32_epi64(
        _mm_add_epi32(_mm256_castsi256_si128(abcd), _mm256_extracti128_si256(abcd, 1)));
}

/* Four rows. */
static inline __attribute__((always_inline)) void add_rows(int64_t n, const void *const *rows,
                                                           int64_t planes, bool is_signed,
                                                           int64_t *sums, uint64_t *squares)
{
    const __m256i flip = is_signed ? _mm256_setzero_si256() : _mm256_set1_epi16(INT16_MIN);
    const lanes a = add_row(n, rows[0], planes, flip), b = add_row(n, rows[1], planes, flip);
    const lanes c = add_row(n, rows[2], planes, flip), d = add_row(n, rows[3], planes, flip);
    __m256i s = add_lanes32(a.sum, b.sum, c.sum, d.sum);
    __m256i q = add_lanes64(squares_of(&a), squares_of(&b), squares_of(&c), squares_of(&d));

    if (!is_signed) {
        q = _mm256_add_epi64(q, _mm256_slli_epi64(s, 16));
        q = _mm256_add_epi64(q, _mm256_set1_epi64x(n << 30));
        s = _mm256_add_epi64(s, _mm256_set1_epi64x(n << 15));
    }
    _mm256_storeu_si256((void *)sums, s);
    _mm256_storeu_si256((void *)squares, q);
}

/* add_rows for each kind of rows, so that no loop asks. */
typedef void rows_kernel(int64_t n, const void *const *rows, int64_t planes, int64_t *sums,
                         uint64_t *squares);

static void add_signed(int64_t n, const void *const *rows, int64_t planes, int64_t *sums,
                       uint64_t *squares)
{
    (void)planes;
    add_rows(n, rows, 0, true, sums, squares);
}

static void add_unsigned(int64_t n, const void *const *rows, int64_t planes, int64_t *sums,
                         uint64_t *squares)
{
    (void)planes;
    add_rows(n, rows, 0, false, sums, squares);
}

static void add_signed_apart(int64_t n, const void *const *rows, int64_t planes, int64_t *sums,
                             uint64_t *squares)
{
    if (planes)
        add_rows(n, rows, planes, true, sums, squares);
}

static void add_unsigned_apart(int64_t n, const void *const *rows, int64_t planes, int64_t *sums,
                               uint64_t *squares)
{
    if (planes)
        add_rows(n, rows, planes, false, sums, squares);
}

bool tg_has_short_rows(void)
{
    return __builtin_cpu_supports("avx2");
}

void tg_short_rows(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares)
{
    int64_t k = 0, last_sums[ROWS];
    uint64_t last_squares[ROWS];
    const void *last[ROWS];
    const size_t left = (size_t)(tile->nkept % ROWS);
    rows_kernel *const together = is_signed ? add_signed : add_unsigned;
    rows_kernel *const apart = is_signed ? add_signed_apart : add_unsigned_apart;
    rows_kernel *const add = tile->planes ? apart : together;

    for (; k + ROWS <= tile->nkept; k += ROWS)
        add(tile->nreduced, tile->lines + k, tile->planes, sums + k, squares + k);
    if (left == 0)
        return;
    for (size_t i = 0; i < ROWS; i++)
        last[i] = tile->lines[i < left ? k + (int64_t)i : k];
    add(tile->nreduced, last, tile->planes, last_sums, last_squares);
    memcpy(sums + k, last_sums, left * sizeof *sums);
    memcpy(squares + k, last_squares, left * sizeof *squares);
}
#else
bool tg_has_short_rows(void)
{
    return false;
}

void tg_short_rows(const tg_tile *tile, bool is_signed, int64_t *sums, uint64_t *squares)
{
    (void)tile, (void)is_signed, (void)sums, (void)squares;
}
#endif
