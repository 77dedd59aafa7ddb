/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Walking the chunk of a reduction in tiles that are contiguous one way or the other.
 *
 * Whatever the strides of a view, a reducer's kernel sees only two layouts:
 *
 *     by rows     lines[k], k < nkept,    points to nreduced contiguous elements: one result's
 *     by columns  lines[r], r < nreduced, points to nkept contiguous elements: one of each result
 *
 * Tiles lie where they are in the chunk if they can, else they are gathered (by rows). For one kept
 * element tiles come in the logical order of the reduced elements, cut at multiples of `block`:
 * where a cut is, is a function of the logical index only.
 */
#ifndef TG_KERNEL_REDUCE_WALK_H
#define TG_KERNEL_REDUCE_WALK_H

#include <tegula/operator.h>
#include <tegula/task.h>

/** Most kept elements of a tile. */
#define TG_TILE_KEPT 1024

typedef struct tg_tile {
    bool by_columns;
    int64_t kept, nkept;       /* the first result and how many; nkept <= TG_TILE_KEPT */
    int64_t reduced, nreduced; /* the first reduced element's logical index and how many */
    const void *const *lines;  /* nkept or nreduced of them */
    int64_t ahead;             /* not 0: bytes from an element to one that a later tile has */
    int64_t planes; /* not 0: lines point at elements' first bytes, the next lie so many behind */
} tg_tile;

typedef void tg_tile_kernel(const tg_tile *tile, void *state);

/** How tiles are cut. */
typedef struct tg_walk_options {
    int64_t block;       /* reduced elements of a tile, at most; 0: the order does not matter */
    int64_t kept_column; /* kept elements of a tile by columns, at most */
    int64_t kept_row;    /* the same by rows; 0: some, or one if its row is longer than a block */
    bool takes_planes;   /* the kernel takes tiles by rows whose bytes lie in planes */
    bool takes_blocks;   /* and tiles by rows of several blocks, where rows lie in place */
} tg_walk_options;

/** Reduced elements behind one result in this chunk, and how many results. */
int64_t tg_view_nreduced(const tg_reduce_view *view);
int64_t tg_view_nkept(const tg_reduce_view *view);
/** The index, in C order over the reduced axes, in the whole array of one in the chunk. */
int64_t tg_view_index(const tg_reduce_view *view, int64_t i);

/** Whether elements with their bytes in planes can be walked: those of a result follow each other.
 */
bool tg_walk_takes_planes(const tg_reduce_view *view, size_t itemsize);

/**
 * Call the kernel for all tiles of a view. A view without elements has none.
 *
 * Call:    local, inside a task.
 * Errors:  TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_walk(const tg_reduce_view *view, size_t itemsize,
                                const tg_walk_options *options, tg_tile_kernel *kernel, void *state,
                                tg_task *scratch);

#endif
