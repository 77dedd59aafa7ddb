/* SPDX-License-Identifier: BSD-3-Clause */
/** Arrays cut into chunks of one shape: where a box and a chunk meet, chunks out of a box. */
#ifndef TG_IO_CHUNK_H
#define TG_IO_CHUNK_H

#include <stdbool.h>

#include <tegula/array.h>

/** A box [start, start + count) in memory and the chunks of its array. */
typedef struct tg_chunked {
    int ndim;
    const int64_t *chunk, *start, *count;
    size_t itemsize;
    int64_t box_stride[TG_MAX_NDIM], chunk_stride[TG_MAX_NDIM]; /* bytes */
} tg_chunked;

/** The part of the box that a chunk fills. */
typedef struct tg_overlap {
    int64_t count[TG_MAX_NDIM];
    size_t from; /* bytes into the chunk */
    size_t to;   /* bytes into the box */
    bool whole;  /* the chunk fills a contiguous part of the box, all of it */
} tg_overlap;

/** Box and chunks in C order. Call: local. */
tg_chunked tg_chunked_of(int ndim, const int64_t *chunk, const int64_t *start, const int64_t *count,
                         size_t itemsize);

/** The chunks that the box meets: [first, first + grid); their number. Call: local. */
int64_t tg_chunked_grid(const tg_chunked *c, int64_t *first, int64_t *grid);

/** Where chunk `at` (counted in chunks) meets the box. Call: local. */
tg_overlap tg_chunked_overlap(const tg_chunked *c, const int64_t *at);

/** Move what the overlap says from the chunk to the box. Call: local. */
void tg_chunked_put(const tg_chunked *c, const tg_overlap *overlap, const void *chunk, void *box);

/** Fill what the overlap says with one element. Call: local. */
void tg_chunked_fill(const tg_chunked *c, const tg_overlap *overlap, const void *element,
                     void *box);

/**
 * Chunk number i (C order) of a box that begins at a chunk: in the box itself where it lies there
 * whole, else put together in `whole`, which has the bytes of a chunk, what is beyond the box zero.
 *
 * Call:    local.
 */
const void *tg_chunked_take(const tg_chunked *c, const int64_t *grid, int64_t i, const void *box,
                            void *whole);

#endif
