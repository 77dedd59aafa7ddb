/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a new HDF5 dataset is laid out. Without compression it is contiguous: ranks then write where
 * its bytes lie, at the speed of the disk. With it, it is chunked; chunks of 256 KiB to 1 MiB
 * inflate within a core's cache and are few enough to be indexed quickly. They follow the array's
 * own chunks, so that most boxes to be written are there as they are.
 */
#include "io/hdf5_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/box.h"

#define CHUNK_LEAST (256 << 10) /* bytes of a chunk by choice */
#define CHUNK_MOST  (1 << 20)

static int64_t longest(const tg_sink *sink, int d)
{
    int64_t most = 1;

    for (int64_t i = 0; sink->chunks[d] && i < sink->nchunks[d]; i++)
        most = sink->chunks[d][i] > most ? sink->chunks[d][i] : most;
    if (!sink->chunks[d])
        most = sink->shape[d];
    return most;
}

int64_t tg_hdf5_chunk_bytes(const tg_hdf5_layout *layout)
{
    int64_t bytes = (int64_t)tg_dtype_size((tg_dtype)layout->dtype);

    for (int d = 0; d < layout->ndim; d++)
        bytes *= layout->chunk[d];
    return bytes;
}

/** The array's chunks, cut or joined from the first axis on until the size is right. */
static void choose_chunk(tg_hdf5_layout *layout, const tg_sink *sink)
{
    for (int d = 0; d < layout->ndim; d++)
        layout->chunk[d] = longest(sink, d);
    for (int d = 0; d < layout->ndim; d++)
        while (layout->chunk[d] > 1 && tg_hdf5_chunk_bytes(layout) > CHUNK_MOST)
            layout->chunk[d] = (layout->chunk[d] + 1) / 2;
    for (int d = layout->ndim - 1; d >= 0; d--)
        while (layout->chunk[d] < layout->shape[d] && tg_hdf5_chunk_bytes(layout) < CHUNK_LEAST)
            layout->chunk[d] *= 2;
    for (int d = 0; d < layout->ndim; d++)
        if (layout->chunk[d] > layout->shape[d])
            layout->chunk[d] = layout->shape[d];
}

/** "16,16,-1,auto": lengths by axis over those that were chosen. */
static tg_status parse_chunk(tg_hdf5_layout *layout, const char *path, const char *spec)
{
    tg_status status = TG_OK;
    const char *at = spec;
    char *end = NULL;

    for (int d = 0; d < layout->ndim; d++) {
        int64_t length = layout->chunk[d];

        if (strncmp(at, "auto", 4) == 0) {
            end = (char *)at + 4;
        } else {
            errno = 0;
            length = strtoll(at, &end, 10);
            TG_NEED(end != at && errno == 0 && (length > 0 || length == -1), TG_EARG,
                    "%s: chunks '%s': axis %d wants a length, -1 or auto", path, spec, d);
        }
        layout->chunk[d] = length == -1 || length > layout->shape[d] ? layout->shape[d] : length;
        TG_NEED(*end == (d + 1 < layout->ndim ? ',' : '\0'), TG_EARG,
                "%s: chunks '%s' are not those of an array with %d axes", path, spec, layout->ndim);
        at = end + 1;
    }
out:
    return status;
}

tg_status tg_hdf5_lay_out(const char *path, const tg_sink *sink, tg_hdf5_layout **out, size_t *size)
{
    tg_status status = TG_OK;
    const tg_store_options *options = sink->options;
    const char *spec = options ? options->chunks : NULL;
    size_t n = sizeof(tg_hdf5_layout) + strlen(path) + 1;
    tg_hdf5_layout *layout = calloc(1, n);
    bool empty = sink->ndim == 0;

    TG_NEED(layout, TG_ENOMEM, "layout of %s", path);
    memcpy(layout->path, path, strlen(path) + 1);
    layout->address = -1;
    layout->dtype = (int32_t)sink->dtype;
    layout->ndim = sink->ndim;
    for (int d = 0; d < sink->ndim; d++) {
        layout->shape[d] = sink->shape[d];
        empty |= sink->shape[d] == 0;
    }
    layout->deflate = options ? options->deflate : 0;
    TG_NEED(layout->deflate >= 0 && layout->deflate <= 9, TG_EARG,
            "%s: deflate level %d is not in 0..9", path, layout->deflate);
    TG_NEED(!options || !options->codec || strcmp(options->codec, "gzip") == 0, TG_EARG,
            "%s: no codec '%s' for HDF5 (there is gzip, which a deflate level asks for)", path,
            options->codec);
    if (options && options->codec && !layout->deflate)
        layout->deflate = 5;
    layout->shuffle = options && options->shuffle && tg_dtype_size(sink->dtype) > 1;
    layout->chunked = !empty && (layout->deflate || layout->shuffle || spec);
    layout->placed = layout->chunked && !layout->deflate && !layout->shuffle;
    if (!layout->chunked) {
        layout->deflate = layout->shuffle = 0;
    } else {
        choose_chunk(layout, sink);
        if (spec && strcmp(spec, "auto") != 0)
            TG_TRY(parse_chunk(layout, path, spec));
        TG_NEED(tg_hdf5_chunk_bytes(layout) < INT32_MAX, TG_EARG,
                "%s: a chunk of %lld bytes is larger than 2 GiB", path,
                (long long)tg_hdf5_chunk_bytes(layout));
    }
    *out = layout;
    *size = n;
    layout = NULL;
out:
    free(layout);
    return status;
}

static size_t size_of_head(const tg_hdf5_layout *layout)
{
    return (sizeof *layout + strlen(layout->path) + 8) & ~(size_t)7;
}

int64_t *tg_hdf5_places(tg_hdf5_layout *layout)
{
    return (int64_t *)((char *)layout + size_of_head(layout));
}

int64_t tg_hdf5_chunks_of(const tg_hdf5_layout *layout, const int64_t *count, int64_t *grid)
{
    for (int d = 0; d < layout->ndim; d++)
        grid[d] = (count[d] + layout->chunk[d] - 1) / layout->chunk[d];
    return tg_box_size(layout->ndim, grid);
}

tg_status tg_hdf5_layout_copy(const tg_hdf5_layout *layout, int64_t nplaces, tg_hdf5_layout **out,
                              size_t *size)
{
    tg_status status = TG_OK;
    size_t head = sizeof *layout + strlen(layout->path) + 1;
    tg_hdf5_layout *copy;

    *size = size_of_head(layout) + (size_t)nplaces * sizeof(int64_t);
    copy = calloc(1, *size);
    TG_NEED(copy, TG_ENOMEM, "%s: places of %lld chunks", layout->path, (long long)nplaces);
    memcpy(copy, layout, head);
    copy->nplaces = nplaces;
    *out = copy;
out:
    return status;
}

tg_status tg_hdf5_write_slice(const tg_sink *sink, const int64_t *start, const int64_t *count,
                              void **params, size_t *size)
{
    tg_status status = TG_OK;
    tg_hdf5_layout *layout = sink->params, *part = NULL;
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM], whole[TG_MAX_NDIM], *to;
    tg_pieces pieces;

    if (!layout->placed)
        goto out;
    TG_TRY(tg_hdf5_layout_copy(layout, tg_hdf5_chunks_of(layout, count, grid), &part, size));
    tg_hdf5_chunks_of(layout, layout->shape, whole);
    for (int d = 0; d < layout->ndim; d++)
        first[d] = start[d] / layout->chunk[d];
    to = tg_hdf5_places(part);
    tg_pieces_begin(&pieces, layout->ndim, whole, first, grid, -1);
    while (tg_pieces_next(&pieces)) {
        memcpy(to, tg_hdf5_places(layout) + pieces.place, (size_t)pieces.length * sizeof *to);
        to += pieces.length;
    }
    *params = part;
out:
    return status;
}
