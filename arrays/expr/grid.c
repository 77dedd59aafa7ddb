/* SPDX-License-Identifier: BSD-3-Clause */
/* Grids: equal ones, unions, comparisons. What the library chooses is in chunks.c. */
#include "expr/grid.h"

#include <inttypes.h>
#include <string.h>

/* A plan holds at most 2^31 - 1 tasks, so more chunks than that can never be computed. */
#define MAX_CHUNKS INT32_MAX

tg_status tg_grid_axis(tg_ctx *ctx, int64_t n, int64_t length, int64_t *count,
                       const int64_t **lengths)
{
    tg_status status = TG_OK;
    int64_t chunks = n == 0 ? 1 : (n - 1) / length + 1;
    int64_t *list = NULL;

    TG_NEED(chunks <= MAX_CHUNKS, TG_EARG,
            "an axis of length %" PRId64 " in chunks of %" PRId64 " has %" PRId64
            " chunks: at most 2^31 - 1 can be",
            n, length, chunks);
    list = tg_ctx_alloc(ctx, (size_t)chunks * sizeof *list);
    TG_NEED(list, TG_ENOMEM, "a grid of %" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; c++)
        list[c] = c < chunks - 1 ? length : n - c * length;
    *count = chunks;
    *lengths = list;
out:
    return status;
}

tg_status tg_grid_regular(tg_ctx *ctx, int ndim, const int64_t *shape, const int64_t *length,
                          tg_grid *out)
{
    tg_status status = TG_OK;
    int64_t chunks = 1;

    for (int d = 0; d < ndim; d++) {
        TG_TRY(tg_grid_axis(ctx, shape[d], length[d], &out->count[d], &out->length[d]));
        TG_NEED(!__builtin_mul_overflow(chunks, out->count[d], &chunks) && chunks <= MAX_CHUNKS,
                TG_EARG, "these chunks are more than 2^31 - 1: choose larger ones");
    }
out:
    return status;
}

tg_status tg_grid_union(tg_ctx *ctx, int64_t acount, const int64_t *a, int64_t bcount,
                        const int64_t *b, int64_t *count, const int64_t **lengths)
{
    tg_status status = TG_OK;
    int64_t *list = tg_ctx_alloc(ctx, (size_t)(acount + bcount) * sizeof *list);
    int64_t n = 0, i = 0, j = 0, at = 0, a_end = a[0], b_end = b[0];

    TG_NEED(list, TG_ENOMEM, "a grid of %" PRId64 " chunks", acount + bcount);
    while (i < acount && j < bcount) {
        int64_t end = a_end < b_end ? a_end : b_end;

        if (end > at || n == 0)
            list[n++] = end - at;
        at = end;
        if (a_end == end && ++i < acount)
            a_end += a[i];
        if (b_end == end && ++j < bcount)
            b_end += b[j];
    }
    *count = n;
    *lengths = list;
    if (n > acount && n > bcount) { /* neither is the other's: all cuts of both make slivers */
        *count = acount >= bcount ? acount : bcount;
        *lengths = acount >= bcount ? a : b;
    }
out:
    return status;
}

bool tg_grid_axis_equal(int64_t acount, const int64_t *a, int64_t bcount, const int64_t *b)
{
    return acount == bcount && (a == b || memcmp(a, b, (size_t)acount * sizeof *a) == 0);
}

bool tg_grid_equal(int ndim, const tg_grid *a, const tg_grid *b)
{
    for (int d = 0; d < ndim; d++)
        if (!tg_grid_axis_equal(a->count[d], a->length[d], b->count[d], b->length[d]))
            return false;
    return true;
}

int64_t tg_grid_chunks(int ndim, const tg_grid *grid)
{
    int64_t chunks = 1;

    for (int d = 0; d < ndim; d++)
        chunks *= grid->count[d];
    return chunks;
}
