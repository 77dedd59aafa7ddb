/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows of several axes: sums, extremes and bits. */
#include "kernel/window.h"

#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/types.h"

enum { STRIP = 16 };

int64_t tg_window_lines(const tg_window_block *block, int64_t *length)
{
    int64_t lines = 1;

    for (int d = 0; d < block->ndim - 1; d++)
        lines *= block->shape[d];
    *length = block->ndim > 0 ? block->shape[block->ndim - 1] : 1;
    return lines;
}

int64_t tg_window_line(const tg_window_block *block, int64_t l)
{
    int64_t at = 0, stride = block->ndim > 0 ? block->wide[block->ndim - 1] : 1;

    for (int d = block->ndim - 2; d >= 0; d--) {
        at += l % block->shape[d] * stride;
        stride *= block->wide[d];
        l /= block->shape[d];
    }
    return at;
}

typedef double pack __attribute__((vector_size(32), aligned(8)));

TG_CLONES static void sum_line(int64_t n, const double *p, int64_t count, const int64_t *offset,
                               const double *weight, double *out)
{
    int64_t i = 0;

    for (; i + STRIP <= n; i += STRIP) {
        pack sum[STRIP / 4] = {{0}};

        for (int64_t t = 0; t < count; t++)
            for (int k = 0; k < STRIP / 4; k++)
                sum[k] += *(const pack *)(p + i + offset[t] + 4 * k) * weight[t];
        for (int k = 0; k < STRIP / 4; k++)
            *(pack *)(out + i + 4 * k) = sum[k];
    }
    for (; i < n; i++) {
        double sum = 0;

        for (int64_t t = 0; t < count; t++)
            sum += p[i + offset[t]] * weight[t];
        out[i] = sum;
    }
}

void tg_window_sums(const tg_window_block *block, const double *weight, tg_dtype to, void *out,
                    double *line)
{
    int64_t n, lines = tg_window_lines(block, &n);
    size_t size = tg_dtype_size(to);

    for (int64_t l = 0; l < lines; l++) {
        sum_line(n, (const double *)block->data + tg_window_line(block, l), block->count,
                 block->offset, weight, line);
        tg_convert(n, TG_FLOAT64, line, to, (char *)out + (size_t)(l * n) * size);
    }
}

TG_CLONES static void lower_line(int64_t n, const double *restrict p, double height,
                                 double *restrict best)
{
    for (int64_t i = 0; i < n; i++)
        best[i] = p[i] + height < best[i] ? p[i] + height : best[i];
}

TG_CLONES static void raise_line(int64_t n, const double *restrict p, double height,
                                 double *restrict best)
{
    for (int64_t i = 0; i < n; i++)
        best[i] = p[i] + height > best[i] ? p[i] + height : best[i];
}

void tg_window_extremes(const tg_window_block *block, const double *height, bool most, tg_dtype to,
                        void *out, double *line)
{
    int64_t n, lines = tg_window_lines(block, &n);
    size_t size = tg_dtype_size(to);

    for (int64_t l = 0; l < lines; l++) {
        const double *p = (const double *)block->data + tg_window_line(block, l);

        for (int64_t i = 0; i < n; i++)
            line[i] = p[block->offset[0] + i] + height[0];
        for (int64_t t = 1; t < block->count; t++)
            (most ? raise_line : lower_line)(n, p + block->offset[t], height[t], line);
        tg_convert(n, TG_FLOAT64, line, to, (char *)out + (size_t)(l * n) * size);
    }
}

TG_CLONES static void all_bits(int64_t n, const uint8_t *restrict p, uint8_t *restrict out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] &= p[i];
}

TG_CLONES static void any_bits(int64_t n, const uint8_t *restrict p, uint8_t *restrict out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] |= p[i];
}

void tg_window_bits(const tg_window_block *block, bool any, uint8_t *out)
{
    int64_t n, lines = tg_window_lines(block, &n);

    memset(out, !any, (size_t)(n * lines));
    for (int64_t l = 0; l < lines; l++) {
        const uint8_t *p = (const uint8_t *)block->data + tg_window_line(block, l);

        for (int64_t t = 0; t < block->count; t++)
            (any ? any_bits : all_bits)(n, p + block->offset[t], out + l * n);
    }
}
