/* SPDX-License-Identifier: BSD-3-Clause */
/* Boxes and the chunks that they meet. */
#include "io/chunk.h"

#include <string.h>

#include "io/box.h"
#include "kernel/copy.h"

tg_chunked tg_chunked_of(int ndim, const int64_t *chunk, const int64_t *start, const int64_t *count,
                         size_t itemsize)
{
    tg_chunked c = {
        .ndim = ndim, .chunk = chunk, .start = start, .count = count, .itemsize = itemsize};

    tg_strides(ndim, count, itemsize, c.box_stride);
    tg_strides(ndim, chunk, itemsize, c.chunk_stride);
    return c;
}

int64_t tg_chunked_grid(const tg_chunked *c, int64_t *first, int64_t *grid)
{
    for (int d = 0; d < c->ndim; d++) {
        first[d] = c->start[d] / c->chunk[d];
        grid[d] = (c->start[d] + c->count[d] - 1) / c->chunk[d] - first[d] + 1;
    }
    return tg_box_size(c->ndim, grid);
}

tg_overlap tg_chunked_overlap(const tg_chunked *c, const int64_t *at)
{
    tg_overlap o = {.whole = true};
    bool inner_full = true; /* the part fills the box along all later axes */

    for (int d = c->ndim - 1; d >= 0; d--) {
        int64_t begin = at[d] * c->chunk[d], end = begin + c->chunk[d];
        int64_t low = begin > c->start[d] ? begin : c->start[d];
        int64_t high = end < c->start[d] + c->count[d] ? end : c->start[d] + c->count[d];

        o.count[d] = high - low;
        o.from += (size_t)((low - begin) * c->chunk_stride[d]);
        o.to += (size_t)((low - c->start[d]) * c->box_stride[d]);
        o.whole &= o.count[d] == c->chunk[d] && (inner_full || o.count[d] == 1);
        inner_full &= o.count[d] == c->count[d];
    }
    return o;
}

void tg_chunked_put(const tg_chunked *c, const tg_overlap *overlap, const void *chunk, void *box)
{
    tg_copy_box(c->ndim, overlap->count, c->itemsize, (const char *)chunk + overlap->from,
                c->chunk_stride, (char *)box + overlap->to, c->box_stride);
}

void tg_chunked_fill(const tg_chunked *c, const tg_overlap *overlap, const void *element, void *box)
{
    static const int64_t none[TG_MAX_NDIM];

    tg_copy_box(c->ndim, overlap->count, c->itemsize, element, none, (char *)box + overlap->to,
                c->box_stride);
}

const void *tg_chunked_take(const tg_chunked *c, const int64_t *grid, int64_t i, const void *box,
                            void *whole)
{
    int64_t part[TG_MAX_NDIM];
    const char *from = box;
    bool full = true, same = true;

    for (int d = c->ndim - 1; d >= 0; d--) {
        int64_t begin = i % grid[d] * c->chunk[d], left = c->count[d] - begin;

        i /= grid[d];
        part[d] = left < c->chunk[d] ? left : c->chunk[d];
        full &= part[d] == c->chunk[d];
        same &= part[d] == c->count[d] && c->chunk_stride[d] == c->box_stride[d];
        from += begin * c->box_stride[d];
    }
    if (full && same)
        return from;
    if (!full)
        memset(whole, 0, (size_t)tg_box_size(c->ndim, c->chunk) * c->itemsize);
    tg_copy_box(c->ndim, part, c->itemsize, from, c->box_stride, whole, c->chunk_stride);
    return whole;
}
