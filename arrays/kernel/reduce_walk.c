/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tiles of a reduction's chunk: see the header for what kernels see.
 *
 *   collapse kept and reduced axes, each group on its own and in its logical order
 *     -> innermost reduced axis contiguous: rows
 *     -> innermost kept axis contiguous and long enough: columns
 *     -> else: rows, gathered
 *   bytes in planes: rows, put together, or as they lie for kernels that take them
 *
 * Kept tiles are the outer loop, blocks of reduced elements the inner one, so that what a kernel
 * accumulates for a tile stays in the first cache. Where rows are longer than a block they are done
 * one by one: the memory is then read in its order.
 */
#include <assert.h>
#include <stdlib.h>

#include "kernel/copy.h"
#include "kernel/planes.h"
#include "kernel/reduce_program.h"
#include "kernel/reduce_walk.h"

#define LINES        1024  /* most lines of a tile */
#define ROW_BLOCK    65536 /* elements of a row in a tile where the order does not matter */
#define GATHER_KEPT  64    /* rows of a gathered tile */
#define GATHER_BLOCK 256   /* elements of a row of it */
#define GATHERED     (GATHER_KEPT * GATHER_BLOCK)
#define IN_PLACE                                                                                   \
    16384           /* bytes of a tile of rows that lie in place: passed over in the first cache */
#define NEAR  65536 /* bytes of a tile by columns up to which the next one is asked for meanwhile */
#define SHORT 16    /* kept elements side by side that make columns worth while */

/* A group of axes after collapsing; at least one axis. */
typedef struct axes {
    int n;
    int64_t shape[TG_MAX_NDIM], stride[TG_MAX_NDIM];
    int64_t total; /* elements */
} axes;

typedef struct walk {
    axes kept, reduced;
    const char *data;
    int64_t itemsize;
    bool by_columns;
    int64_t block, kept_step;  /* most elements of a tile along the two */
    int64_t ahead;             /* as in tiles */
    int64_t offsets[2][LINES]; /* bytes: of the tile's kept and reduced elements */
    const void *lines[LINES];
    char *gathered; /* GATHERED elements */
    int64_t planes; /* as in the view */
} walk;

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t product(int n, const int64_t *shape)
{
    int64_t total = 1;

    for (int d = 0; d < n; d++)
        total *= shape[d];
    return total;
}

int64_t tg_view_nreduced(const tg_reduce_view *view)
{
    return product(view->nreduced, view->reduced_shape);
}

int64_t tg_view_nkept(const tg_reduce_view *view)
{
    return product(view->nkept, view->kept_shape);
}

int64_t tg_view_index(const tg_reduce_view *view, int64_t i)
{
    int64_t index = 0, step = 1;

    for (int d = view->nreduced - 1; d >= 0; d--) {
        index += (view->reduced_start[d] + i % view->reduced_shape[d]) * step;
        i /= view->reduced_shape[d];
        step *= view->reduced_total[d];
    }
    return index;
}

static axes collapse(int n, const int64_t *shape, const int64_t *stride, int64_t itemsize)
{
    axes a = {.total = product(n, shape)};

    for (int d = 0; d < n; d++) {
        if (shape[d] == 1)
            continue;
        if (a.n > 0 && a.stride[a.n - 1] == stride[d] * shape[d]) {
            a.shape[a.n - 1] *= shape[d];
            a.stride[a.n - 1] = stride[d];
        } else {
            a.shape[a.n] = shape[d];
            a.stride[a.n++] = stride[d];
        }
    }
    if (a.n == 0) {
        a.shape[0] = 1;
        a.stride[a.n++] = itemsize;
    }
    return a;
}

/* Offsets in bytes of the elements [first, first + n) of a group, in logical order. */
static void list_offsets(const axes *a, int64_t first, int64_t n, int64_t *offsets)
{
    int inner = a->n - 1;
    int64_t index[TG_MAX_NDIM];
    int64_t offset = 0;

    for (int64_t i = 0; inner == 0 && i < n; i++)
        offsets[i] = (first + i) * a->stride[0];
    if (inner == 0)
        return;
    for (int d = inner; d >= 0; d--) {
        index[d] = first % a->shape[d];
        first /= a->shape[d];
        offset += index[d] * a->stride[d];
    }
    for (int64_t i = 0; i < n; i++) {
        offsets[i] = offset;
        for (int d = inner; d >= 0; d--) {
            offset += a->stride[d];
            if (++index[d] < a->shape[d])
                break;
            offset -= index[d] * a->stride[d];
            index[d] = 0;
        }
    }
}

/* How many elements from `first` on lie within one run of the innermost axis. */
static int64_t run_length(const axes *a, int64_t first)
{
    int64_t length = a->shape[a->n - 1];

    return length - first % length;
}

static int64_t inner_stride(const axes *a)
{
    return a->stride[a->n - 1];
}

/* Rows where they lie, if all of the tile's reduced elements are side by side. */
static bool point_at_rows(walk *w, tg_tile *tile)
{
    int64_t start = 0;

    if (inner_stride(&w->reduced) != w->itemsize ||
        run_length(&w->reduced, tile->reduced) < tile->nreduced)
        return false;
    list_offsets(&w->reduced, tile->reduced, 1, &start);
    for (int64_t k = 0; k < tile->nkept; k++)
        w->lines[k] = w->data + w->offsets[0][k] + start;
    return true;
}

/* Along whichever group of axes the memory is nearer. */
static void gather_rows(walk *w, tg_tile *tile)
{
    const int64_t pitch = GATHER_BLOCK * w->itemsize;

    list_offsets(&w->reduced, tile->reduced, tile->nreduced, w->offsets[1]);
    for (int64_t k = 0; k < tile->nkept; k++)
        w->lines[k] = w->gathered + k * pitch;
    if (w->reduced.n == 1 && w->kept.n == 1) {
        int64_t shape[2] = {tile->nkept, tile->nreduced};
        int64_t from[2] = {w->kept.stride[0], w->reduced.stride[0]};
        int64_t to[2] = {pitch, w->itemsize};

        tg_copy_box(2, shape, (size_t)w->itemsize, w->data + w->offsets[0][0] + w->offsets[1][0],
                    from, w->gathered, to);
        return;
    }
    for (int64_t k = 0; k < tile->nkept; k++)
        tg_copy_list(tile->nreduced, (size_t)w->itemsize, w->data + w->offsets[0][k], w->offsets[1],
                     w->gathered + k * pitch);
}

/* Rows of elements whose bytes lie in planes: all at once where they follow each other. */
static void join_rows(walk *w, const tg_tile *tile)
{
    const int64_t pitch = tile->nreduced * w->itemsize;
    const bool together = w->kept.n == 1 && w->kept.stride[0] == pitch;
    const int64_t each = together ? tile->nkept * tile->nreduced : tile->nreduced;

    for (int64_t k = 0; k < tile->nkept; k++) {
        char *line = w->gathered + k * pitch;

        w->lines[k] = line;
        if (k == 0 || !together)
            tg_planes_join((size_t)w->itemsize, (size_t)w->planes,
                           (size_t)(w->offsets[0][k] / w->itemsize + tile->reduced), (size_t)each,
                           w->data, line);
    }
}

static void point_at_planes(walk *w, const tg_tile *tile)
{
    for (int64_t k = 0; k < tile->nkept; k++)
        w->lines[k] = w->data + w->offsets[0][k] / w->itemsize + tile->reduced;
}

static void point_at_columns(walk *w, const tg_tile *tile)
{
    int64_t start = 0;

    list_offsets(&w->kept, tile->kept, 1, &start);
    list_offsets(&w->reduced, tile->reduced, tile->nreduced, w->offsets[1]);
    for (int64_t r = 0; r < tile->nreduced; r++)
        w->lines[r] = w->data + start + w->offsets[1][r];
}

static bool wants_columns(const walk *w)
{
    if (w->kept.total == 1 || inner_stride(&w->kept) != w->itemsize)
        return false;
    if (w->reduced.total > 1 && inner_stride(&w->reduced) == w->itemsize)
        return false;
    return w->kept.shape[w->kept.n - 1] >= SHORT;
}

static bool is_one_run(const axes *reduced, int64_t itemsize)
{
    return reduced->n == 1 && reduced->stride[0] == itemsize;
}

bool tg_walk_takes_planes(const tg_reduce_view *view, size_t itemsize)
{
    const axes reduced =
        collapse(view->nreduced, view->reduced_shape, view->reduced_stride, (int64_t)itemsize);

    return !view->program && is_one_run(&reduced, (int64_t)itemsize);
}

/* As many whole rows as there is room for, else one in parts. */
static void plan_planes(walk *w, const tg_walk_options *options)
{
    w->by_columns = false;
    if (options->takes_planes) {
        w->block = options->block > 0 ? options->block : ROW_BLOCK;
        w->kept_step = options->kept_row > 0 ? min64(options->kept_row, GATHER_KEPT) : GATHER_KEPT;
        return;
    }
    w->block = min64(options->block > 0 ? options->block : GATHERED, GATHERED);
    w->kept_step = min64(GATHERED / min64(w->block, w->reduced.total), GATHER_KEPT);
    if (options->kept_row > 0)
        w->kept_step = min64(options->kept_row, w->kept_step);
}

/* Bytes from a row in place, or a part of it, to what a tile has that comes about IN_PLACE bytes
 * later. */
static int64_t ahead_of_rows(const walk *w)
{
    const int64_t row = w->reduced.total * w->itemsize;

    if (w->kept.total == 1 || row >= IN_PLACE)
        return IN_PLACE;
    return inner_stride(&w->kept) * (IN_PLACE / row);
}

/* Bytes from a tile by columns to the next one; 0 where that goes on in the same lines, is large or
 * not there. */
static int64_t ahead_of_columns(const walk *w, const tg_tile *tile)
{
    const int64_t next = tile->kept + tile->nkept;
    int64_t here = 0, there = 0;

    if (next == w->kept.total || tile->nkept * w->itemsize * w->reduced.total > NEAR)
        return 0;
    list_offsets(&w->kept, tile->kept, 1, &here);
    list_offsets(&w->kept, next, 1, &there);
    return there - here == tile->nkept * w->itemsize ? 0 : there - here;
}

static void plan(walk *w, const tg_walk_options *options)
{
    bool in_place = is_one_run(&w->reduced, w->itemsize);

    assert(!w->planes || (in_place && options->block <= GATHERED));
    if (w->planes) {
        plan_planes(w, options);
        return;
    }
    w->by_columns = wants_columns(w);
    w->block = options->block;
    if (w->by_columns) {
        w->block = w->block > 0 ? w->block : LINES;
        w->kept_step = min64(options->kept_column, TG_TILE_KEPT);
        return;
    }
    if (w->block == 0)
        w->block = in_place ? ROW_BLOCK : GATHER_BLOCK;
    w->kept_step = GATHER_KEPT;
    if (in_place)
        w->kept_step = min64(GATHER_KEPT, 1 + IN_PLACE / (w->reduced.total * w->itemsize));
    if (options->kept_row > 0)
        w->kept_step = min64(options->kept_row, GATHER_KEPT);
    if (in_place && options->takes_blocks) {
        w->block *= IN_PLACE / w->itemsize / w->block;
        w->ahead = ahead_of_rows(w);
    }
}

static void walk_blocks(walk *w, tg_tile *tile, tg_tile_kernel *kernel, void *state)
{
    for (tile->reduced = 0; tile->reduced < w->reduced.total; tile->reduced += w->block) {
        tile->nreduced = min64(w->block, w->reduced.total - tile->reduced);
        if (tile->by_columns)
            point_at_columns(w, tile);
        else if (tile->planes)
            point_at_planes(w, tile);
        else if (w->planes)
            join_rows(w, tile);
        else if (!point_at_rows(w, tile))
            gather_rows(w, tile);
        kernel(tile, state);
    }
}

static void walk_tiles(walk *w, bool takes_planes, tg_tile_kernel *kernel, void *state)
{
    tg_tile tile = {.by_columns = w->by_columns,
                    .lines = w->lines,
                    .ahead = w->ahead,
                    .planes = takes_planes ? w->planes : 0};

    while (tile.kept < w->kept.total) {
        tile.nkept = min64(w->kept_step, w->kept.total - tile.kept);
        if (tile.by_columns) {
            tile.nkept = min64(tile.nkept, run_length(&w->kept, tile.kept));
            tile.ahead = ahead_of_columns(w, &tile);
        } else {
            list_offsets(&w->kept, tile.kept, tile.nkept, w->offsets[0]);
        }
        walk_blocks(w, &tile, kernel, state);
        tile.kept += tile.nkept;
    }
}

tg_status tg_walk(const tg_reduce_view *view, size_t itemsize, const tg_walk_options *options,
                  tg_tile_kernel *kernel, void *state, tg_task *scratch)
{
    tg_status status = TG_OK;
    const size_t gathered = itemsize * GATHERED;
    walk *w = NULL;

    if (view->program)
        return tg_walk_program(view, itemsize, options, kernel, state, scratch);
    w = tg_task_scratch(scratch, sizeof *w + gathered);
    TG_NEED(w, TG_ENOMEM, "%zu bytes to walk the chunk of a reduction", sizeof *w + gathered);
    w->itemsize = (int64_t)itemsize;
    w->data = view->data;
    w->planes = view->planes;
    w->ahead = 0;
    w->kept = collapse(view->nkept, view->kept_shape, view->kept_stride, w->itemsize);
    w->reduced = collapse(view->nreduced, view->reduced_shape, view->reduced_stride, w->itemsize);
    w->gathered = (char *)(w + 1);
    if (w->kept.total > 0 && w->reduced.total > 0) {
        plan(w, options);
        walk_tiles(w, options->takes_planes, kernel, state);
    }
out:
    return status;
}
