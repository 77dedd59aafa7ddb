/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tiles of a reduction's chunk whose elements a program makes: they are made tile by tile in a
 * buffer that stays in the cache, and are never together in memory.
 *
 * Axes are collapsed as in reduce_walk.c, where all operands allow it. Ranges of kept and of
 * reduced elements become boxes, on which the program runs:
 *
 *     range of a 2-d group in C order    . . . a a        a: head
 *                                        b b b b b        b: body, whole rows
 *                                        b b b b b
 *                                        c c . . .        c: tail
 *
 * By rows, several blocks of the logical order are made at once. Kernels are called with the same
 * blocks as for elements in memory, so the bits are the same. Of complex numbers that are reduced
 * as pairs (kernel/reduce_pairs.h) the parts of a row are taken apart.
 */
#include "kernel/reduce_program.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/types.h"

#define STRIP 4096
#define PART                                                                                       \
    1024                             /* elements of a long line made at once: the first cache has
                                        them and what they are made of */
#define COLUMNS ((int64_t)256 << 10) /* bytes made at once by columns */
#define ROWS    64                   /* rows of a tile */
#define LINES   1024                 /* most lines of a tile */
#define WIDE    16                   /* kept elements side by side that make columns worth while */

/* A group of axes after collapsing; strides are the operands', by its first axis' place. */
struct group {
    int n;
    int64_t shape[TG_MAX_NDIM], total;
    int64_t stride[TG_PROGRAM_MAX_INPUTS][TG_MAX_NDIM];
};

struct walk {
    const tg_view_program *view;
    struct group kept, reduced;
    tg_program_machine *machine;
    int64_t itemsize; /* of what the program makes */
    bool by_columns;
    bool pairs; /* the kernel sees the parts of complex numbers, as two results each */
    char *buffer;
    char *parts; /* by rows: the parts of one row, real ones first */
    const void *lines[LINES];
};

/* Some elements of a group in C order, as a box. */
struct box {
    int n;
    int64_t start[TG_MAX_NDIM], shape[TG_MAX_NDIM], total;
};

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool can_merge(const struct group *g, const tg_view_program *view, int axis, int64_t length)
{
    for (int i = 0; i < view->program->ninputs; i++)
        if (g->stride[i][g->n - 1] != view->operands[i].stride[axis] * length)
            return false;
    return true;
}

/* Axes [first, first + n) of the operands. */
static void collapse(const tg_view_program *view, int first, int n, const int64_t *shape,
                     struct group *g)
{
    g->n = 0;
    g->total = 1;
    for (int d = 0; d < n; d++) {
        g->total *= shape[d];
        if (shape[d] == 1)
            continue;
        if (g->n > 0 && can_merge(g, view, first + d, shape[d]))
            g->shape[g->n - 1] *= shape[d];
        else
            g->shape[g->n++] = shape[d];
        for (int i = 0; i < view->program->ninputs; i++)
            g->stride[i][g->n - 1] = view->operands[i].stride[first + d];
    }
    if (g->n == 0) {
        g->shape[g->n++] = 1;
        for (int i = 0; i < view->program->ninputs; i++)
            g->stride[i][0] = 0;
    }
}

/* The largest box that the elements [first, last) of a group begin with. As it is found for each
 * strip, only what it has axes for is written. */
static void find_leading_box(const struct group *g, int64_t first, int64_t last, struct box *box)
{
    int64_t index = first, inner = 1;
    int split = g->n - 1; /* the axis that the box has some of; all of those after it */

    box->n = g->n;
    for (int d = g->n - 1; d > 0; d--) {
        box->start[d] = index % g->shape[d];
        box->shape[d] = 1;
        index /= g->shape[d];
    }
    box->start[0] = index;
    box->shape[0] = 1;
    while (split > 0 && box->start[split] == 0 && last - first >= inner * g->shape[split])
        inner *= g->shape[split--];
    for (int d = split + 1; d < g->n; d++)
        box->shape[d] = g->shape[d];
    box->shape[split] = min64(g->shape[split] - box->start[split], (last - first) / inner);
    box->total = box->shape[split] * inner;
}

/* Make a box of kept and one of reduced elements; `out` is where its first goes, `pitch` elements
 * from one of the slower group to the next. */
static tg_status make_box(const struct walk *w, const struct box *kept, const struct box *reduced,
                          char *out, int64_t pitch)
{
    tg_operand operands[TG_PROGRAM_MAX_INPUTS];
    const struct box *box[2] = {w->by_columns ? reduced : kept, w->by_columns ? kept : reduced};
    const struct group *group[2] = {w->by_columns ? &w->reduced : &w->kept,
                                    w->by_columns ? &w->kept : &w->reduced};
    int64_t shape[TG_MAX_NDIM], step[TG_MAX_NDIM];
    int ndim = 0;

    for (int i = 0; i < w->view->program->ninputs; i++)
        operands[i].data = w->view->operands[i].data;
    for (int b = 0; b < 2; b++) {
        int64_t inner = box[b]->total * (b == 0 ? pitch : 1);

        for (int d = 0; d < box[b]->n; d++) {
            inner /= box[b]->shape[d];
            shape[ndim] = box[b]->shape[d];
            step[ndim] = inner;
            for (int i = 0; i < w->view->program->ninputs; i++) {
                const int64_t stride = group[b]->stride[i][d];

                operands[i].data = (const char *)operands[i].data + box[b]->start[d] * stride;
                operands[i].stride[ndim] = stride;
            }
            ndim += shape[ndim] > 1;
        }
    }
    return tg_program_box(w->machine, operands, ndim, shape, out, step);
}

/* Make the elements of two ranges, the slower group's `pitch` elements apart. */
static tg_status make(const struct walk *w, int64_t kept, int64_t nkept, int64_t reduced,
                      int64_t nreduced, int64_t pitch)
{
    tg_status status = TG_OK;
    struct box some, rest;

    for (int64_t k = 0; k < nkept;) {
        find_leading_box(&w->kept, kept + k, kept + nkept, &some);
        for (int64_t r = 0; r < nreduced;) {
            int64_t at = w->by_columns ? r * pitch + k : k * pitch + r;

            find_leading_box(&w->reduced, reduced + r, reduced + nreduced, &rest);
            TG_TRY(make_box(w, &some, &rest, w->buffer + at * w->itemsize, pitch));
            r += rest.total;
        }
        k += some.total;
    }
out:
    return status;
}

/* The parts of a row of n complex numbers. */
static void take_apart(const struct walk *w, const void *row, int64_t n)
{
    if (w->itemsize == sizeof(tg_complex64)) {
        const tg_complex64 *restrict x = row;
        float *restrict part = (float *)(void *)w->parts;

        for (int64_t i = 0; i < n; i++) {
            part[i] = x[i].re;
            part[n + i] = x[i].im;
        }
    } else {
        const tg_complex128 *restrict x = row;
        double *restrict part = (double *)(void *)w->parts;

        for (int64_t i = 0; i < n; i++) {
            part[i] = x[i].re;
            part[n + i] = x[i].im;
        }
    }
}

/* The kernel sees some elements of a tile whose rows of `pitch` elements are in the buffer. */
static void call_rows(struct walk *w, tg_tile *tile, int64_t at, int64_t pitch,
                      tg_tile_kernel *kernel, void *state)
{
    for (int64_t k = 0; k < tile->nkept; k++)
        w->lines[k] = w->buffer + (k * pitch + at) * w->itemsize;
    if (!w->pairs) {
        kernel(tile, state);
        return;
    }
    for (int64_t k = 0; k < tile->nkept; k++) {
        tg_tile part = *tile;

        take_apart(w, w->buffer + (k * pitch + at) * w->itemsize, tile->nreduced);
        part.nkept = 1;
        for (int side = 0; side < 2; side++) {
            part.kept = 2 * (tile->kept + k) + side;
            w->lines[0] = w->parts + side * tile->nreduced * (w->itemsize / 2);
            kernel(&part, state);
        }
    }
}

/* A kept element whose reduced ones are a line. */
static tg_status lay_line(const struct walk *w, int64_t kept)
{
    tg_operand operands[TG_PROGRAM_MAX_INPUTS];
    struct box box;

    find_leading_box(&w->kept, kept, kept + 1, &box);
    for (int i = 0; i < w->view->program->ninputs; i++) {
        const char *at = w->view->operands[i].data;

        for (int d = 0; d < box.n; d++)
            at += box.start[d] * w->kept.stride[i][d];
        operands[i].data = at;
        operands[i].stride[0] = w->reduced.stride[i][0];
    }
    return tg_program_lay_line(w->machine, operands, w->reduced.total);
}

/* By rows: strips of whole blocks. */
static tg_status walk_rows(struct walk *w, const tg_walk_options *options, tg_tile_kernel *kernel,
                           void *state)
{
    tg_status status = TG_OK;
    tg_tile tile = {.lines = w->lines};
    const int64_t block = options->block > 0 ? options->block : STRIP;
    const bool in_parts = w->reduced.n == 1 && block <= PART && w->reduced.total > PART;
    const int64_t strip = min64(w->reduced.total, (in_parts ? PART : STRIP) / block * block);
    const int64_t seen = options->takes_blocks ? strip : block;
    int64_t rows = in_parts ? 1 : min64(ROWS, STRIP / strip);

    rows = min64(rows, options->kept_row > 0 ? options->kept_row : ROWS);
    for (; tile.kept < w->kept.total; tile.kept += tile.nkept) {
        tile.nkept = min64(rows, w->kept.total - tile.kept);
        if (in_parts)
            TG_TRY(lay_line(w, tile.kept));
        for (int64_t first = 0; first < w->reduced.total; first += strip) {
            int64_t made = min64(strip, w->reduced.total - first);

            TG_TRY(in_parts ? tg_program_part(w->machine, first, made, w->buffer)
                            : make(w, tile.kept, tile.nkept, first, made, made));
            for (int64_t at = 0; at < made; at += seen) {
                tile.reduced = first + at;
                tile.nreduced = min64(seen, made - at);
                call_rows(w, &tile, at, made, kernel, state);
            }
        }
    }
out:
    return status;
}

static tg_status walk_columns(struct walk *w, const tg_walk_options *options,
                              tg_tile_kernel *kernel, void *state)
{
    tg_status status = TG_OK;
    tg_tile tile = {.by_columns = true, .lines = w->lines};
    int64_t columns = min64(options->kept_column / (1 + w->pairs), w->kept.total);
    int64_t most = COLUMNS / w->itemsize, block = options->block;

    if (block == 0)
        block = min64(LINES, most / columns > 16 ? most / columns : 16);
    if (min64(block, w->reduced.total) * columns > most)
        columns = most / min64(block, w->reduced.total);
    for (; tile.kept < w->kept.total; tile.kept += tile.nkept) {
        tile.nkept = min64(columns, w->kept.total - tile.kept);
        for (tile.reduced = 0; tile.reduced < w->reduced.total; tile.reduced += block) {
            tile.nreduced = min64(block, w->reduced.total - tile.reduced);
            TG_TRY(make(w, tile.kept, tile.nkept, tile.reduced, tile.nreduced, tile.nkept));
            tg_tile seen = tile;

            for (int64_t r = 0; r < tile.nreduced; r++)
                w->lines[r] = w->buffer + r * tile.nkept * w->itemsize;
            seen.kept <<= w->pairs;
            seen.nkept <<= w->pairs;
            kernel(&seen, state);
        }
    }
out:
    return status;
}

/* Whether the operands' memory is nearer along kept than along reduced elements. */
static bool wants_columns(const struct walk *w)
{
    int kept = 0, reduced = 0;

    if (w->kept.shape[w->kept.n - 1] < WIDE)
        return false;
    for (int i = 0; i < w->view->program->ninputs; i++) {
        int64_t k = llabs(w->kept.stride[i][w->kept.n - 1]);
        int64_t r = llabs(w->reduced.stride[i][w->reduced.n - 1]);

        kept += k != 0 && (r == 0 || k < r);
        reduced += r != 0 && (k == 0 || r < k);
    }
    return kept > reduced;
}

tg_status tg_walk_program(const tg_reduce_view *view, size_t itemsize,
                          const tg_walk_options *options, tg_tile_kernel *kernel, void *state,
                          tg_task *scratch)
{
    tg_status status = TG_OK;
    const tg_program *program = view->program->program;
    const size_t made = tg_dtype_size(program->steps[program->nsteps - 1].result);
    const bool pairs = made != itemsize; /* the last kept axis is that of the parts */
    const int nkept = view->nkept - pairs;
    const size_t elements = STRIP > COLUMNS / (int64_t)made ? STRIP : COLUMNS / made;
    const size_t buffer = elements * made, parts = pairs ? STRIP * made : 0;
    struct walk *w = tg_task_scratch(scratch, sizeof *w + buffer + parts);

    TG_NEED(w, TG_ENOMEM, "%zu bytes to walk the chunk of a reduction", sizeof *w + buffer);
    w->view = view->program;
    w->itemsize = (int64_t)made;
    w->pairs = pairs;
    w->buffer = (char *)(w + 1);
    w->parts = w->buffer + buffer;
    collapse(w->view, 0, nkept, view->kept_shape, &w->kept);
    collapse(w->view, nkept, view->nreduced, view->reduced_shape, &w->reduced);
    if (w->kept.total == 0 || w->reduced.total == 0)
        goto out;
    TG_TRY(tg_program_begin(w->view->program, scratch, &w->machine));
    w->by_columns = wants_columns(w);
    TG_TRY(w->by_columns ? walk_columns(w, options, kernel, state)
                         : walk_rows(w, options, kernel, state));
out:
    return status;
}
