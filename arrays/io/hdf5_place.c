/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where encoded chunks go. The library shall make the index, since any of its versions shall read
 * it, but no chunk shall pass through rank 0. So the library is told to write the chunks, in C
 * order of the grid, through a file driver that drops raw data and notes where they would have
 * gone (hdf5_noting.h); there ranks then write them. Space is the library's own affair this way,
 * and the file is one that it could have made: some microseconds a chunk, whatever its size.
 *
 * Chunks without filters have a size before they have bytes: they get their places when the file is
 * created, and ranks write them there at once.
 */
#include <stdlib.h>
#include <string.h>

#include "io/box.h"
#include "io/hdf5_layout.h"
#include "io/hdf5_noting.h"
#include "io/hdf5_params.h"

#define MANY_CHUNKS 64
#define META_BLOCK  (64 << 10) /* bytes: pieces of a large index lie together, chunks do, too */

/** A chunk to be placed. */
struct chunk {
    int64_t number; /* C order of the whole grid */
    const tg_part *part;
    int64_t *address;
};

static int by_number(const void *a, const void *b)
{
    const struct chunk *left = a, *right = b;

    return (left->number > right->number) - (left->number < right->number);
}

/** The number of part i of a box. */
static int64_t number_of(const tg_hdf5_layout *layout, const tg_packed *box, int64_t i)
{
    int64_t number = 0, step = 1;

    for (int d = layout->ndim - 1; d >= 0; d--) {
        int64_t chunk = layout->chunk[d], grid = (box->count[d] + chunk - 1) / chunk;

        number += (box->start[d] / chunk + i % grid) * step;
        i /= grid;
        step *= (layout->shape[d] + chunk - 1) / chunk;
    }
    return number;
}

static tg_status list_chunks(const tg_sink *sink, const tg_packed *boxes, int64_t nboxes,
                             struct chunk **out, int64_t *count)
{
    tg_status status = TG_OK;
    int64_t n = 0;
    struct chunk *list = NULL;

    for (int64_t b = 0; b < nboxes; b++)
        n += boxes[b].nparts;
    list = malloc((size_t)n * sizeof *list + 1);
    TG_NEED(list, TG_ENOMEM, "a list of %lld chunks", (long long)n);
    n = 0;
    for (int64_t b = 0; b < nboxes; b++)
        for (int64_t i = 0; i < boxes[b].nparts; i++)
            list[n++] = (struct chunk){.number = number_of(sink->params, &boxes[b], i),
                                       .part = &boxes[b].part[i],
                                       .address = &boxes[b].address[i]};
    qsort(list, (size_t)n, sizeof *list, by_number);
    *out = list;
    *count = n;
out:
    return status;
}

/** Let the library "write" all chunks. In a turn. */
static tg_status place_all(const char *path, const tg_sink *sink, tg_hdf5_noting *noting,
                           const struct chunk *list, int64_t count)
{
    tg_status status = TG_OK;
    const tg_hdf5_layout *layout = sink->params;
    char words[TG_HDF5_WORDS], nothing[8] = {0}; /* the driver leaves it alone */
    const char *name = sink->dataset ? sink->dataset : "/data";
    hid_t dataset = H5Dopen2(noting->file, name, H5P_DEFAULT);
    hsize_t offset[TG_MAX_NDIM];

    TG_HDF5_NEED(dataset >= 0, TG_EFORMAT, "%s:%s cannot be opened", path, name);
    for (int64_t i = 0; i < count; i++) {
        int64_t rest = list[i].number;

        for (int d = layout->ndim - 1; d >= 0; d--) {
            int64_t grid = (layout->shape[d] + layout->chunk[d] - 1) / layout->chunk[d];

            offset[d] = (hsize_t)(rest % grid * layout->chunk[d]);
            rest /= grid;
        }
        noting->spot = (tg_hdf5_spot){0};
        TG_HDF5_NEED(H5Dwrite_chunk(dataset, H5P_DEFAULT, (uint32_t)list[i].part->mask, offset,
                                    list[i].part->size, nothing) >= 0,
                     TG_EIO, "%s:%s: a chunk gets no place", path, name);
        TG_NEED(noting->spot.size == list[i].part->size, TG_EINTERNAL,
                "%s:%s: the library has written a chunk of %zu bytes, not %zu", path, name,
                noting->spot.size, (size_t)list[i].part->size);
        *list[i].address = (int64_t)noting->spot.address;
    }
out:
    if (dataset >= 0)
        H5Dclose(dataset);
    return status;
}

/** The library "writes" the chunks of the list. */
static tg_status place_list(const char *path, const tg_sink *sink, bool aligned,
                            const struct chunk *list, int64_t count)
{
    tg_hdf5_noting noting;
    size_t block = count > MANY_CHUNKS ? META_BLOCK : 0;
    tg_status status = tg_hdf5_noting_begin(path, true, block, aligned, &noting), ended;

    if (status == TG_OK)
        status = place_all(path, sink, &noting, list, count);
    ended = tg_hdf5_noting_end(path, &noting);
    return status != TG_OK ? status : ended;
}

tg_status tg_hdf5_place(const char *path, const tg_sink *sink, tg_packed *boxes, int64_t nboxes)
{
    tg_status status = TG_OK;
    struct chunk *list = NULL;
    int64_t count = 0;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    TG_TRY(list_chunks(sink, boxes, nboxes, &list, &count));
    TG_TRY(place_list(path, sink, false, list, count));
out:
    free(list);
    tg_hdf5_leave(&turn);
    return status;
}

tg_status tg_hdf5_place_plain(const char *path, tg_sink *sink)
{
    tg_status status = TG_OK;
    tg_hdf5_layout *placed = NULL;
    tg_part part = {.size = (uint64_t)tg_hdf5_chunk_bytes(sink->params)};
    const tg_hdf5_layout *layout = sink->params;
    int64_t grid[TG_MAX_NDIM], count = tg_hdf5_chunks_of(layout, layout->shape, grid);
    struct chunk *list = malloc((size_t)count * sizeof *list + 1);
    size_t size = 0;

    TG_NEED(list, TG_ENOMEM, "a list of %lld chunks", (long long)count);
    TG_TRY(tg_hdf5_layout_copy(layout, count, &placed, &size));
    for (int64_t i = 0; i < count; i++)
        list[i] = (struct chunk){i, &part, &tg_hdf5_places(placed)[i]};
    TG_TRY(place_list(path, sink, true, list, count));
    free(sink->params);
    sink->params = placed;
    sink->params_size = size;
    placed = NULL;
out:
    free(list);
    free(placed);
    return status;
}
