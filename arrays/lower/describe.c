/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an array is, in a table like the one that Dask shows:
 *
 *              Array               Chunk
 *     Bytes    177.90 MiB          2.78 MiB
 *     Shape    (64, 64, 30, 759)   (1, 64, 30, 759)
 *     Count    128 tasks           64 chunks
 *     Type     int16
 *     Chunks   axis 3: 184, 238, 76, 173, 88
 */
#include <inttypes.h>
#include <string.h>

#include "lower/lowering.h"
#include "opt/pass.h"

enum { MOST_CHUNKS = 1 << 22 }; /* of more, tasks are not counted one by one: there are as many */

/* Tasks of a run that computes the array. */
static tg_status count_tasks(tg_array *a, int64_t *count)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    tg_lowering lowering = {0};
    int64_t index[TG_MAX_NDIM], task = -1;

    TG_TRY(tg_optimise(&a, 1));
    TG_TRY(tg_graph_create(a->ctx, &graph));
    tg_lowering_begin(&lowering, a->ctx, graph);
    for (int64_t c = 0; c < tg_grid_chunks(a->ndim, &a->grid); c++) {
        tg_chunk_index(a, c, index);
        TG_TRY(tg_lower_chunk(&lowering, a, index, &task));
    }
    *count = lowering.ntasks;
out:
    tg_lowering_end(&lowering);
    tg_graph_destroy(&graph);
    return status;
}

static const char *bytes_text(double bytes, char *text, size_t size)
{
    static const char *const units[] = {"B", "kiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;

    for (; bytes >= 1024 && unit < 5; unit++)
        bytes /= 1024;
    snprintf(text, size, unit ? "%.2f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}

/* Whether all chunks but the last are of one length, and the last is no longer. */
static bool is_regular(const tg_array *a, int d)
{
    const int64_t *length = a->grid.length[d];
    int64_t n = a->grid.count[d];

    for (int64_t c = 1; c < n - 1; c++)
        if (length[c] != length[0])
            return false;
    return length[n - 1] <= length[0];
}

/* Lengths along an axis that is cut unevenly; a long list is cut short. */
static void print_irregular(const tg_array *a, FILE *out)
{
    const char *head = "Chunks";

    for (int d = 0; d < a->ndim; d++) {
        if (is_regular(a, d))
            continue;
        fprintf(out, "%-9saxis %d: ", head, d);
        for (int64_t c = 0; c < a->grid.count[d] && c < 12; c++)
            fprintf(out, "%s%" PRId64, c ? ", " : "", a->grid.length[d][c]);
        fprintf(out, "%s\n", a->grid.count[d] > 12 ? ", ..." : "");
        head = "";
    }
}

tg_status tg_describe(tg_array *a, FILE *out)
{
    tg_status status = TG_OK;
    char shape[TG_SHAPE_TEXT], chunk_shape[TG_SHAPE_TEXT], bytes[32], chunk_bytes[32], count[32];
    int64_t largest[TG_MAX_NDIM], tasks = 0, chunks;
    double itemsize, elements = 1;

    TG_TRY(tg_array_status(a));
    chunks = tasks = tg_grid_chunks(a->ndim, &a->grid);
    if (chunks <= MOST_CHUNKS)
        TG_TRY(count_tasks(a, &tasks));
    for (int d = 0; d < a->ndim; d++) {
        largest[d] = 0;
        for (int64_t c = 0; c < a->grid.count[d]; c++)
            largest[d] = a->grid.length[d][c] > largest[d] ? a->grid.length[d][c] : largest[d];
        elements *= (double)largest[d];
    }
    itemsize = (double)tg_dtype_size(a->dtype);
    tg_shape_text(a->ndim, a->shape, shape);
    snprintf(count, sizeof count, "%s%" PRId64 " %s", chunks > MOST_CHUNKS ? "over " : "", tasks,
             tasks == 1 ? "task" : "tasks");
    int width = (int)(strlen(shape) > 18 ? strlen(shape) : 18) + 3;
    fprintf(out, "%-9s%-*s%s\n", "", width, "Array", "Chunk");
    fprintf(out, "%-9s%-*s%s\n", "Bytes", width,
            bytes_text((double)a->size * itemsize, bytes, sizeof bytes),
            bytes_text(elements * itemsize, chunk_bytes, sizeof chunk_bytes));
    fprintf(out, "%-9s%-*s%s\n", "Shape", width, shape,
            tg_shape_text(a->ndim, largest, chunk_shape));
    fprintf(out, "%-9s%-*s%" PRId64 " %s\n", "Count", width, count, chunks,
            chunks == 1 ? "chunk" : "chunks");
    fprintf(out, "%-9s%s\n", "Type", tg_dtype_name(a->dtype));
    print_irregular(a, out);
    TG_NEED(!ferror(out), TG_EIO, "the description of an array cannot be written");
out:
    return status;
}
