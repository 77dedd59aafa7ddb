/* SPDX-License-Identifier: BSD-3-Clause */
/* Beyond the edges of an array. */
#include "kernel/extend.h"

#include <string.h>

#include "kernel/elementwise.h"

int64_t tg_extend_place(tg_boundary boundary, int64_t at, int64_t n)
{
    int64_t period;

    if (at >= 0 && at < n)
        return at;
    switch (boundary) {
    case TG_BOUNDARY_PERIODIC:
        return (at % n + n) % n;
    case TG_BOUNDARY_REFLECT:
        at = (at % (2 * n) + 2 * n) % (2 * n);
        return at < n ? at : 2 * n - 1 - at;
    case TG_BOUNDARY_MIRROR:
        period = n > 1 ? 2 * n - 2 : 1;
        at = (at % period + period) % period;
        return at < n ? at : period - at;
    case TG_BOUNDARY_NEAREST:
        return at < 0 ? 0 : n - 1;
    default:
        return -1;
    }
}

void tg_extend_places(const tg_extend_axis *axis, int64_t first, int64_t n, int64_t *place)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t at = first + i;

        if (at < axis->low || at >= axis->low + axis->count)
            at = tg_extend_place(axis->boundary, at, axis->total);
        place[i] = at < 0 && axis->low >= 0 ? -1 : at - axis->low;
    }
}

/* One line: runs of elements that follow one another are copied at once. */
static void extend_line(int64_t n, const int64_t *place, tg_dtype from, const char *in, tg_dtype to,
                        const void *value, char *out)
{
    size_t in_size = tg_dtype_size(from), out_size = tg_dtype_size(to);

    for (int64_t i = 0, count; i < n; i += count, out += (size_t)count * out_size) {
        count = 1;
        if (place && place[i] < 0) {
            memcpy(out, value, out_size);
            continue;
        }
        count = place ? 1 : n;
        while (place && i + count < n && place[i + count] == place[i] + count)
            count++;
        tg_convert(count, from, in + (size_t)(place ? place[i] : 0) * in_size, to, out);
    }
}

void tg_extend(const tg_extension *x, tg_dtype from, const void *in, tg_dtype to, double value,
               void *out)
{
    int last = x->ndim - 1;
    int64_t lines = 1, n = x->ndim > 0 ? x->to[last] : 1;
    size_t row = (size_t)(x->ndim > 0 ? x->from[last] : 1) * tg_dtype_size(from),
           out_row = (size_t)n * tg_dtype_size(to);
    char constant[sizeof(double)];

    tg_convert(1, TG_FLOAT64, &value, to, constant);
    for (int d = 0; d < last; d++)
        lines *= x->to[d];
    for (int64_t l = 0; l < lines; l++) {
        int64_t rest = l, at = 0, stride = 1;
        bool beyond = false;

        for (int d = last - 1; d >= 0; d--) {
            int64_t i = rest % x->to[d], p = x->place[d] ? x->place[d][i] : i;

            beyond = beyond || p < 0;
            at += p * stride;
            stride *= x->from[d];
            rest /= x->to[d];
        }
        for (int64_t i = 0; i < n && beyond; i++)
            memcpy((char *)out + (size_t)l * out_row + (size_t)i * tg_dtype_size(to), constant,
                   tg_dtype_size(to));
        if (!beyond)
            extend_line(n, x->ndim > 0 ? x->place[last] : NULL, from,
                        (const char *)in + (size_t)at * row, to, constant,
                        (char *)out + (size_t)l * out_row);
    }
}
