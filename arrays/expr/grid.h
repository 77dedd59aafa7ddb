/* SPDX-License-Identifier: BSD-3-Clause */
/** Chunk grids: where an array is cut, and how the library chooses it. */
#ifndef TG_EXPR_GRID_H
#define TG_EXPR_GRID_H

#include <tegula/array.h>

/** Bytes of a chunk that the library chooses, as stored. Never a function of the rank count. */
#define TG_CHUNK_TARGET ((int64_t)4 << 20)

/** Cuts along each axis. An axis of length 0 has one chunk of length 0. */
typedef struct tg_grid {
    int64_t count[TG_MAX_NDIM];
    const int64_t *length[TG_MAX_NDIM]; /* in the context's arena, shared between nodes */
} tg_grid;

/** What makes some chunks cheaper than others: how the data below an array lie. */
typedef struct tg_layout {
    int order[TG_MAX_NDIM];       /* axes as they are stored, slowest first */
    int64_t natural[TG_MAX_NDIM]; /* by axis: chunks are best multiples of it */
    bool sequential;              /* only the slowest axis can be cut, naturally */
    size_t itemsize;              /* bytes of a stored element */
} tg_layout;

/** The layout of a contiguous C-order array. */
void tg_layout_plain(tg_layout *layout, int ndim, size_t itemsize);

/** Axis i of the result is axis[i] of the layout. */
void tg_layout_permute(const tg_layout *layout, int ndim, const int *axis, tg_layout *out);

/**
 * Choose the chunk lengths that are 0, given the others: about TG_CHUNK_TARGET bytes, long runs of
 * the file, multiples of natural chunks; the fastest axes are grown first, the slow ones get some
 * elements before.
 */
void tg_grid_choose(const tg_layout *layout, int ndim, const int64_t *shape, int64_t *length);

/** A grid of equal chunks but for the last of each axis. Errors: TG_ENOMEM, TG_EARG (too many). */
TG_MUST_CHECK tg_status tg_grid_regular(tg_ctx *ctx, int ndim, const int64_t *shape,
                                        const int64_t *length, tg_grid *out);

/** One axis cut in chunks of `length` but for the last. Errors: TG_ENOMEM, TG_EARG. */
TG_MUST_CHECK tg_status tg_grid_axis(tg_ctx *ctx, int64_t n, int64_t length, int64_t *count,
                                     const int64_t **lengths);

/** Cuts for both along one axis of the same length: those of the one that has all cuts of the
 * other, else of the one that has more (all cuts of both make slivers). Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_grid_union(tg_ctx *ctx, int64_t acount, const int64_t *a, int64_t bcount,
                                      const int64_t *b, int64_t *count, const int64_t **lengths);

bool tg_grid_axis_equal(int64_t acount, const int64_t *a, int64_t bcount, const int64_t *b);
bool tg_grid_equal(int ndim, const tg_grid *a, const tg_grid *b);
int64_t tg_grid_chunks(int ndim, const tg_grid *grid);

/**
 * Chunk lengths by a text: "auto", or one entry an axis, "16,-1,auto" (-1: the whole axis).
 * length[d] is 0 where the library shall choose. Errors: TG_EARG.
 */
TG_MUST_CHECK tg_status tg_chunks_parse(const char *spec, int ndim, const int64_t *shape,
                                        int64_t *length);

/** The grid that a text and a layout give; *automatic: nothing was fixed by the text. */
TG_MUST_CHECK tg_status tg_chunks_grid(tg_ctx *ctx, const char *spec, const tg_layout *layout,
                                       int ndim, const int64_t *shape, tg_grid *out,
                                       bool *automatic);

#endif
