/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The element of a rank under a window, three ways:
 *
 *   few elements   for many results side by side, in vectors: of a set that is so large that its
 *                  smallest and its largest cannot be the one, both are forgotten and the next
 *                  element comes in, until the one is left (forgetful selection, Paeth 1990)
 *   many of 8 or   a histogram that moves along the line, elements leaving and entering it (Huang,
 *   16 bits        Yang, Tang 1979), with sums of 16 or 256 bins beside it
 *   many others    Hoare's selection, result by result
 */
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/types.h"
#include "kernel/window.h"

enum {
    LANES = 32,  /* results side by side */
    MOST = 128,  /* elements that are selected from in vectors */
    MOST64 = 64, /* of 8 bytes */
};

static bool is_small(int64_t count, tg_dtype dtype)
{
    return count <= (tg_dtype_size(dtype) == 8 ? MOST64 : MOST);
}

/* Leave the smallest in x[0] and the largest in x[n - 1]. */
#define SELECT(name, dtype, type, wide)                                                            \
    TG_CLONES static void name##_to_ends(int64_t n, type *x)                                       \
    {                                                                                              \
        type(*set)[LANES] = (type(*)[LANES])x, low[LANES], high[LANES];                            \
                                                                                                   \
        for (int64_t i = 0; i < n / 2; i++)                                                        \
            for (int k = 0; k < LANES; k++) {                                                      \
                type a = set[i][k], b = set[n - 1 - i][k];                                         \
                                                                                                   \
                set[i][k] = b < a ? b : a;                                                         \
                set[n - 1 - i][k] = b < a ? a : b;                                                 \
            }                                                                                      \
        memcpy(low, set[0], sizeof low);                                                           \
        for (int64_t i = 1; i < (n + 1) / 2; i++)                                                  \
            for (int k = 0; k < LANES; k++) {                                                      \
                type a = low[k], b = set[i][k];                                                    \
                                                                                                   \
                low[k] = b < a ? b : a;                                                            \
                set[i][k] = b < a ? a : b;                                                         \
            }                                                                                      \
        memcpy(set[0], low, sizeof low);                                                           \
        memcpy(high, set[n - 1], sizeof high);                                                     \
        for (int64_t i = n / 2; i < n - 1; i++)                                                    \
            for (int k = 0; k < LANES; k++) {                                                      \
                type a = high[k], b = set[i][k];                                                   \
                                                                                                   \
                high[k] = b > a ? b : a;                                                           \
                set[i][k] = b > a ? a : b;                                                         \
            }                                                                                      \
        memcpy(set[n - 1], high, sizeof high);                                                     \
    }                                                                                              \
                                                                                                   \
    TG_CLONES static void name##_extreme(int64_t n, const type *x, bool least, type *best)         \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            for (int k = 0; k < LANES; k++) {                                                      \
                type a = best[k], b = x[i * LANES + k];                                            \
                                                                                                   \
                best[k] = least ? (b < a ? b : a) : (b > a ? b : a);                               \
            }                                                                                      \
    }                                                                                              \
                                                                                                   \
    static void name##_gather(const tg_window_block *block, const type *p, int64_t n,              \
                              int64_t first, int64_t end, type *set)                               \
    {                                                                                              \
        for (int64_t t = first; t < end; t++, set += LANES)                                        \
            memcpy(set, p + block->offset[t], (size_t)n * sizeof *set);                            \
    }                                                                                              \
                                                                                                   \
    /* n <= LANES results of a line that begins at p. */                                           \
    static void name##_small(const tg_window_block *block, const type *p, int64_t n, int64_t rank, \
                             type *set, type *out)                                                 \
    {                                                                                              \
        int64_t low = rank, high = block->count - 1 - rank, count = block->count;                  \
        int64_t size = (low > high ? low : high) + 2, next;                                        \
                                                                                                   \
        size = size < count ? size : count;                                                        \
        name##_gather(block, p, n, 0, size, set);                                                  \
        for (next = size; low > 0 && high > 0; low--, high--) {                                    \
            name##_to_ends(size, set);                                                             \
            set += LANES;                                                                          \
            size -= 2;                                                                             \
            if (next < count) {                                                                    \
                name##_gather(block, p, n, next, next + 1, set + size * LANES);                    \
                next++;                                                                            \
                size++;                                                                            \
            }                                                                                      \
        }                                                                                          \
        for (; next < count; next++, size++)                                                       \
            name##_gather(block, p, n, next, next + 1, set + size * LANES);                        \
        name##_extreme(size - 1, set + LANES, low == 0, set);                                      \
        memcpy(out, set, (size_t)n * sizeof *out);                                                 \
    }                                                                                              \
                                                                                                   \
    static type name##_select(type *x, int64_t n, int64_t rank)                                    \
    {                                                                                              \
        int64_t low = 0, high = n - 1;                                                             \
                                                                                                   \
        while (low < high) {                                                                       \
            type pivot = x[low + (high - low) / 2], t;                                             \
            int64_t i = low, j = high;                                                             \
                                                                                                   \
            while (i <= j) {                                                                       \
                while (x[i] < pivot)                                                               \
                    i++;                                                                           \
                while (x[j] > pivot)                                                               \
                    j--;                                                                           \
                if (i <= j) {                                                                      \
                    t = x[i];                                                                      \
                    x[i++] = x[j];                                                                 \
                    x[j--] = t;                                                                    \
                }                                                                                  \
            }                                                                                      \
            if (rank > j && rank < i)                                                              \
                break;                                                                             \
            low = rank >= i ? i : low;                                                             \
            high = rank <= j ? j : high;                                                           \
        }                                                                                          \
        return x[rank];                                                                            \
    }                                                                                              \
                                                                                                   \
    static void name##_line(const tg_window_block *block, const void *data, int64_t n,             \
                            int64_t rank, void *scratch, void *out)                                \
    {                                                                                              \
        const type *p = data;                                                                      \
        type *set = scratch, *to = out;                                                            \
                                                                                                   \
        if (is_small(block->count, dtype)) {                                                       \
            for (int64_t i = 0; i < n; i += LANES)                                                 \
                name##_small(block, p + i, n - i < LANES ? n - i : LANES, rank, set, to + i);      \
            return;                                                                                \
        }                                                                                          \
        for (int64_t i = 0; i < n; i++) {                                                          \
            for (int64_t t = 0; t < block->count; t++)                                             \
                set[t] = p[i + block->offset[t]];                                                  \
            to[i] = name##_select(set, block->count, rank);                                        \
        }                                                                                          \
    }
TG_EACH_NUMBER(SELECT)

typedef void line_function(const tg_window_block *block, const void *data, int64_t n, int64_t rank,
                           void *scratch, void *out);

#define LINE_ROW(name, dtype, type, wide) [dtype] = name##_line,
static line_function *const line_functions[TG_NDTYPES] = {TG_EACH_NUMBER(LINE_ROW)};

struct histogram {
    int bits;      /* of an element */
    uint32_t flip; /* the sign bit of signed elements, whose order it mends */
    int32_t *fine, *coarse;
    int64_t nleave, nenter;
    int64_t *leave, *enter; /* offsets of what only the window before, only the next has */
};

static uint32_t bin_of(const struct histogram *h, const void *data, int64_t at)
{
    uint32_t x = h->bits == 8 ? ((const uint8_t *)data)[at] : ((const uint16_t *)data)[at];

    return x ^ h->flip;
}

static void count_bin(struct histogram *h, const void *data, int64_t at, int32_t times)
{
    uint32_t bin = bin_of(h, data, at);

    h->fine[bin] += times;
    h->coarse[bin >> h->bits / 2] += times;
}

static uint32_t bin_of_rank(const struct histogram *h, int64_t rank)
{
    uint32_t group = 0, bin;

    for (; rank >= h->coarse[group]; group++)
        rank -= h->coarse[group];
    for (bin = group << h->bits / 2; rank >= h->fine[bin]; bin++)
        rank -= h->fine[bin];
    return bin ^ h->flip;
}

static bool has(const tg_window_block *block, int64_t from, int64_t end, int64_t offset)
{
    return from >= 0 && from < end && block->offset[from] == offset;
}

/* Offsets are in C order: what follows one along the line is its neighbour in the list. */
static void histogram_begin(const tg_window_block *block, tg_dtype dtype, void *scratch,
                            struct histogram *h)
{
    int64_t n = block->count;

    h->bits = (int)(8 * tg_dtype_size(dtype));
    h->flip = tg_is_signed(dtype) ? 1u << (h->bits - 1) : 0;
    h->leave = scratch;
    h->enter = h->leave + n;
    h->fine = (int32_t *)(h->enter + n);
    h->coarse = h->fine + (1 << h->bits);
    memset(h->fine, 0, ((size_t)(1 << h->bits) + (size_t)(1 << h->bits / 2)) * sizeof *h->fine);
    for (int64_t t = 0; t < n; t++) {
        if (!has(block, t - 1, n, block->offset[t] - 1))
            h->leave[h->nleave++] = block->offset[t];
        if (!has(block, t + 1, n, block->offset[t] + 1))
            h->enter[h->nenter++] = block->offset[t] + 1;
    }
}

static void histogram_line(struct histogram *h, const tg_window_block *block, const void *data,
                           int64_t at, int64_t n, int64_t rank, void *out)
{
    for (int64_t t = 0; t < block->count; t++)
        count_bin(h, data, at + block->offset[t], 1);
    for (int64_t i = 0; i < n; i++) {
        uint32_t bin = bin_of_rank(h, rank);

        if (h->bits == 8)
            ((uint8_t *)out)[i] = (uint8_t)bin;
        else
            ((uint16_t *)out)[i] = (uint16_t)bin;
        if (i == n - 1)
            break;
        for (int64_t t = 0; t < h->nleave; t++)
            count_bin(h, data, at + i + h->leave[t], -1);
        for (int64_t t = 0; t < h->nenter; t++)
            count_bin(h, data, at + i + h->enter[t], 1);
    }
    for (int64_t t = 0; t < block->count; t++)
        count_bin(h, data, at + n - 1 + block->offset[t], -1);
}

static bool by_histogram(const tg_window_block *block, tg_dtype dtype)
{
    return !is_small(block->count, dtype) && tg_dtype_size(dtype) <= 2;
}

size_t tg_window_rank_scratch(const tg_window_block *block, tg_dtype dtype)
{
    size_t size = tg_dtype_size(dtype), line = 64, count = (size_t)block->count;

    line += (size_t)(block->ndim > 0 ? block->shape[block->ndim - 1] : 1) * size;
    if (by_histogram(block, dtype))
        return line + 2 * count * sizeof(int64_t) + ((size_t)1 << 8 * size) * sizeof(int32_t) +
               256 * sizeof(int32_t);
    return line + (is_small(block->count, dtype) ? count * LANES : count) * size;
}

void tg_window_rank(const tg_window_block *block, tg_dtype dtype, int64_t rank, tg_dtype to,
                    void *out, void *scratch)
{
    int64_t n, lines = tg_window_lines(block, &n);
    size_t size = tg_dtype_size(dtype), line_bytes = ((size_t)n * size + 63) / 64 * 64;
    char *line = scratch, *rest = line + line_bytes;
    struct histogram h = {0};

    if (by_histogram(block, dtype))
        histogram_begin(block, dtype, rest, &h);
    else
        memset(rest, 0, tg_window_rank_scratch(block, dtype) - line_bytes);
    for (int64_t l = 0; l < lines; l++) {
        int64_t at = tg_window_line(block, l);

        if (h.bits)
            histogram_line(&h, block, block->data, at, n, rank, line);
        else
            line_functions[dtype](block, (const char *)block->data + (size_t)at * size, n, rank,
                                  rest, line);
        tg_convert(n, dtype, line, to, (char *)out + (size_t)(l * n) * tg_dtype_size(to));
    }
}
