/* SPDX-License-Identifier: BSD-3-Clause */
/* See align.h. */
#include "lower/align.h"

#include <inttypes.h>
#include <string.h>
#include <tegula/runtime.h>

/* A run of fewer bytes is short: a call of the system for each costs more than the bytes do. */
enum { SHORT_RUN = 4096 };

/* Joined chunks of so many bytes need no cuts on other axes. */
static const double small_chunk = 16 << 20;

/* So many bytes are joined at most: a task has all of them in memory. */
static const double most_joined = 256 << 20;

/* Room for the lengths of n chunks. */
static tg_status make_lengths(tg_ctx *ctx, int64_t n, int64_t **out)
{
    tg_status status = TG_OK;

    *out = tg_ctx_alloc(ctx, (size_t)n * sizeof **out);
    TG_NEED(*out, TG_ENOMEM, "a grid of %" PRId64 " chunks", n);
    memset(*out, 0, (size_t)n * sizeof **out);
out:
    return status;
}

/* Cuts moved down to multiples of `box`. */
static tg_status align_axis(tg_ctx *ctx, int64_t extent, int d, int64_t box, tg_grid *grid)
{
    tg_status status = TG_OK;
    int64_t *list, n = 0, start = 0, end = 0;

    TG_TRY(make_lengths(ctx, grid->count[d], &list));
    for (int64_t c = 0; c < grid->count[d]; c++) {
        int64_t cut;

        end += grid->length[d][c];
        cut = end == extent ? end : end / box * box;
        if (cut > start || (c == grid->count[d] - 1 && n == 0))
            list[n++] = cut - start;
        start = cut;
    }
    grid->count[d] = n;
    grid->length[d] = list;
out:
    return status;
}

/* `times` neighbours become one. */
static tg_status join(tg_ctx *ctx, int d, int64_t times, tg_grid *grid)
{
    tg_status status = TG_OK;
    const int64_t n = (grid->count[d] + times - 1) / times;
    int64_t *list;

    TG_TRY(make_lengths(ctx, n, &list));
    for (int64_t c = 0; c < grid->count[d]; c++)
        list[c / times] += grid->length[d][c];
    grid->count[d] = n;
    grid->length[d] = list;
out:
    return status;
}

/* Each chunk in `pieces`, as even as can be. */
static tg_status cut(tg_ctx *ctx, int d, int64_t pieces, tg_grid *grid)
{
    tg_status status = TG_OK;
    int64_t *list, n = 0;

    TG_TRY(make_lengths(ctx, grid->count[d] * pieces, &list));
    for (int64_t c = 0; c < grid->count[d]; c++) {
        const int64_t length = grid->length[d][c], parts = length < pieces ? length : pieces;

        for (int64_t k = 0; k < parts; k++)
            list[n++] = length * (k + 1) / parts - length * k / parts;
        if (parts == 0) /* an empty one */
            list[n++] = 0;
    }
    grid->count[d] = n;
    grid->length[d] = list;
out:
    return status;
}

static int64_t longest(const tg_grid *grid, int d)
{
    int64_t most = 0;

    for (int64_t c = 0; c < grid->count[d]; c++)
        most = grid->length[d][c] > most ? grid->length[d][c] : most;
    return most;
}

static double chunk_bytes(const tg_array *a, const tg_grid *grid)
{
    double bytes = (double)tg_dtype_size(a->dtype);

    for (int d = 0; d < a->ndim; d++)
        bytes *= (double)longest(grid, d);
    return bytes;
}

/* Cut an axis so that a chunk has about `most` bytes, but into pieces of `least` or more. */
static tg_status cut_axis(tg_ctx *ctx, const tg_array *a, int d, double most, double least,
                          tg_grid *grid)
{
    tg_status status = TG_OK;
    const double times = chunk_bytes(a, grid) / most, pieces = (double)longest(grid, d) / least;

    if (times > 1 && pieces >= 2)
        TG_TRY(cut(ctx, d, (int64_t)(times < pieces ? times + 0.99 : pieces), grid));
out:
    return status;
}

/* How many neighbours to join: as many as are wanted, where there is room; 1: none. */
static int64_t fewer(double wanted, double room)
{
    const double n = wanted < room ? wanted : room;

    return n > 1 ? (int64_t)n : 1;
}

static tg_status lengthen_runs(tg_ctx *ctx, const tg_array *a, tg_grid *grid)
{
    tg_status status = TG_OK;
    const double before = chunk_bytes(a, grid), most = before > small_chunk ? before : small_chunk;
    const double memory = (double)tg_memory(ctx) / 8;
    const double room = memory > 0 && memory < most_joined ? memory : most_joined;
    double unit = (double)tg_dtype_size(a->dtype), run = unit; /* bytes: of an element of axis d */
    int d = a->ndim;

    while (d > 0 && run < SHORT_RUN && grid->count[d - 1] > 0 && a->shape[d - 1] > 0) {
        double mean;

        d--;
        mean = run * (double)a->shape[d] / (double)grid->count[d];

        unit = run;
        if (grid->count[d] > 1 && mean < SHORT_RUN)
            TG_TRY(join(ctx, d, fewer(SHORT_RUN / mean + 0.99, room / chunk_bytes(a, grid)), grid));
        run *= (double)a->shape[d] / (double)grid->count[d];
        if (grid->count[d] > 1)
            break;
    }
    for (int e = 0; e < d; e++)
        TG_TRY(cut_axis(ctx, a, e, most, 1, grid));
    if (d < a->ndim)
        TG_TRY(cut_axis(ctx, a, d, most, SHORT_RUN / unit, grid));
out:
    return status;
}

/* Boxes are written in runs of bytes where the file has neither chunks nor packed boxes. */
static bool has_runs(const tg_format *format, const tg_sink *sink)
{
    for (int d = 0; d < sink->ndim; d++)
        if (sink->box[d])
            return false;
    return !sink->packed && !format->is_folder;
}

tg_status tg_out_align(tg_ctx *ctx, const tg_format *format, const tg_sink *sink, tg_array **root)
{
    tg_status status = TG_OK;
    tg_grid grid = (*root)->grid;

    for (int d = 0; d < sink->ndim; d++)
        if (sink->box[d] > 1)
            TG_TRY(align_axis(ctx, (*root)->shape[d], d, sink->box[d], &grid));
    if (has_runs(format, sink))
        TG_TRY(lengthen_runs(ctx, *root, &grid));
    *root = tg_rechunk_to(*root, &grid);
    TG_TRY(tg_array_status(*root));
out:
    return status;
}
