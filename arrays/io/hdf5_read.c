/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a box of an HDF5 dataset on a rank, outside the library where that is possible, so that
 * threads of a rank do not wait for each other.
 *
 * Chunks of the box are taken in the order in which they lie in the file. Neighbours that follow
 * each other there are read at once; then each is decoded, straight into the box where it fills a
 * contiguous part of it. Of a chunk without filters that the box meets in a small part, this part
 * alone is read.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "io/box.h"
#include "io/chunk.h"
#include "io/hdf5_filter.h"
#include "io/hdf5_handles.h"
#include "io/hdf5_params.h"
#include "kernel/copy.h"
#include "kernel/planes.h"

#define JOINED_READ (8u << 20) /* bytes: chunks are joined up to here */
#define SHORT_RUN   64         /* elements: shorter runs are unshuffled together, then copied */

/** A chunk that the box meets. */
struct piece {
    tg_hdf5_chunk at;
    int64_t grid[TG_MAX_NDIM]; /* which chunk */
    bool part;                 /* no more of it is read than the box's part */
};

/** Reading one box. */
struct reading {
    tg_task *task;
    const tg_hdf5_view *view;
    tg_chunked chunked;
    char *out;
    bool *apart; /* not NULL: a chunk that is the box may stay shuffled, which this says */
    tg_hdf5_decoder decoder;
};

/** Say which chunk of which dataset the decoder's complaint is about. */
static tg_status blame(const struct reading *r, const struct piece *piece, tg_status failed)
{
    char why[256], where[TG_MAX_NDIM * 21 + 1] = "";
    size_t n = 0;

    snprintf(why, sizeof why, "%s", tg_message());
    for (int d = 0; d < r->view->head->ndim; d++)
        n += (size_t)snprintf(where + n, sizeof where - n, "%s%" PRId64, d ? ", " : "",
                              piece->grid[d]);
    return tg_fail(failed, "%s:%s: chunk (%s) at byte %" PRIu64 ": %s", r->view->path,
                   r->view->dataset, where, piece->at.address, why);
}

/** The overlap's runs: elements that follow each other in the chunk and in the box. The first axis
 * of a run; *length is its elements. */
static int run_axis(const tg_chunked *c, const tg_overlap *o, int64_t *length)
{
    int d = c->ndim - 1;

    *length = d >= 0 ? o->count[d] : 1;
    while (d > 0 && o->count[d] == c->chunk[d] && o->count[d] == c->count[d])
        *length *= o->count[--d];
    return d > 0 ? d : 0;
}

/** Unshuffle a chunk's part of the box right there, a run at a time: no copy between. */
static void unshuffle_into_box(const struct reading *r, const tg_overlap *o, const void *chunk)
{
    const tg_chunked *c = &r->chunked;
    int64_t length, index[TG_MAX_NDIM] = {0};
    int axis = run_axis(c, o, &length);
    size_t n = r->decoder.chunk_size / c->itemsize, from = o->from / c->itemsize;
    char *to = r->out + o->to;
    int d;

    do {
        tg_planes_join(c->itemsize, n, from, (size_t)length, chunk, to);
        for (d = axis - 1; d >= 0; d--) {
            from += (size_t)c->chunk_stride[d] / c->itemsize;
            to += c->box_stride[d];
            if (++index[d] < o->count[d])
                break;
            from -= (size_t)(o->count[d] * c->chunk_stride[d]) / c->itemsize;
            to -= o->count[d] * c->box_stride[d];
            index[d] = 0;
        }
    } while (d >= 0);
}

static tg_status place_chunk(struct reading *r, const struct piece *piece, const char *bytes)
{
    tg_overlap o = tg_chunked_overlap(&r->chunked, piece->grid);
    char *to = r->out + o.to;
    const void *chunk = NULL;
    int64_t length;
    tg_status status;

    run_axis(&r->chunked, &o, &length);
    r->decoder.leave_shuffled = r->apart || (!o.whole && length >= SHORT_RUN);
    status = tg_hdf5_decode(&r->decoder, &piece->at, bytes, o.whole ? to : NULL, &chunk);
    if (status != TG_OK)
        return blame(r, piece, status);
    if (r->apart)
        *r->apart = r->decoder.shuffled;
    if (o.whole && chunk != to)
        memcpy(to, chunk, r->decoder.chunk_size);
    else if (!o.whole && r->decoder.shuffled)
        unshuffle_into_box(r, &o, chunk);
    else if (!o.whole)
        tg_chunked_put(&r->chunked, &o, chunk, r->out);
    return TG_OK;
}

static int by_address(const void *a, const void *b)
{
    const struct piece *left = a, *right = b;

    return (left->at.address > right->at.address) - (left->at.address < right->at.address);
}

static tg_extent extent_of_chunk(const tg_hdf5_view *view, const tg_hdf5_chunk *chunk)
{
    return (tg_extent){.offset = (int64_t)chunk->address,
                       .itemsize = (size_t)view->head->element.size,
                       .ndim = view->head->ndim,
                       .shape = view->chunk};
}

/** The box's part of a chunk, in the chunk. */
static void part_of_chunk(const tg_chunked *c, const int64_t *grid, int64_t *start, int64_t *count)
{
    tg_overlap o = tg_chunked_overlap(c, grid);

    for (int d = 0; d < c->ndim; d++) {
        int64_t begin = grid[d] * c->chunk[d];

        start[d] = c->start[d] > begin ? c->start[d] - begin : 0;
        count[d] = o.count[d];
    }
}

/** Bytes that are read of a chunk: all, or where filters do not forbid it less than half. */
static int64_t bytes_of_chunk(const tg_hdf5_view *view, const tg_chunked *c,
                              const tg_hdf5_chunk *chunk, const int64_t *grid)
{
    const tg_extent extent = extent_of_chunk(view, chunk);
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], bytes;

    if (view->head->nfilters > 0 ||
        (int64_t)chunk->size != tg_box_size(extent.ndim, extent.shape) * (int64_t)extent.itemsize)
        return chunk->size;
    part_of_chunk(c, grid, start, count);
    bytes = tg_box_bytes(&extent, start, count);
    return bytes < (int64_t)chunk->size / 2 ? bytes : (int64_t)chunk->size;
}

/** Chunk i (C order) of those that a box meets; `at` gets which it is, counted in chunks. NULL: it
 * is not in the table. */
static const tg_hdf5_chunk *chunk_at(const tg_hdf5_view *view, const int64_t *first,
                                     const int64_t *grid, int64_t i, int64_t *at)
{
    int64_t row = 0, step = 1;

    for (int d = view->head->ndim - 1; d >= 0; d--) {
        at[d] = first[d] + i % grid[d];
        i /= grid[d];
        row += (at[d] - view->first[d]) * step;
        step *= view->grid[d];
    }
    return row >= 0 && row < view->head->nchunks ? &view->table[row] : NULL;
}

/** List the chunks that the box meets, sorted by address; what was never written is filled at
 * once. */
static tg_status list_pieces(struct reading *r, struct piece **out, int64_t *npieces)
{
    tg_status status = TG_OK;
    const tg_hdf5_view *view = r->view;
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM], n = 0, count = 0;
    struct piece *piece;

    count = tg_chunked_grid(&r->chunked, first, grid);
    *out = piece = tg_task_scratch(r->task, (size_t)count * sizeof *piece);
    TG_NEED(piece, TG_ENOMEM, "%s:%s: list of chunks", view->path, view->dataset);
    for (int64_t i = 0; i < count; i++) {
        const tg_hdf5_chunk *at = chunk_at(view, first, grid, i, piece[n].grid);

        TG_NEED(at, TG_EINTERNAL, "%s:%s: a chunk is not in the table", view->path, view->dataset);
        piece[n].at = *at;
        if (piece[n].at.address == UINT64_MAX) {
            tg_overlap o = tg_chunked_overlap(&r->chunked, piece[n].grid);

            tg_chunked_fill(&r->chunked, &o, view->head->fill, r->out);
        } else {
            piece[n].part = bytes_of_chunk(view, &r->chunked, at, piece[n].grid) < at->size;
            n++;
        }
    }
    qsort(piece, (size_t)n, sizeof *piece, by_address);
    *npieces = n;
out:
    return status;
}

/** How many pieces from the first on are read at once, and their bytes. */
static int64_t joined(const struct piece *piece, int64_t n, size_t *size)
{
    int64_t i = 1;

    *size = piece[0].at.size;
    while (i < n && !piece[0].part && !piece[i].part &&
           piece[i].at.address == piece[0].at.address + *size &&
           *size + piece[i].at.size <= JOINED_READ)
        *size += piece[i++].at.size;
    return i;
}

/** `buffer` has the bytes of a chunk. */
static tg_status read_part(struct reading *r, const tg_file *file, const struct piece *piece,
                           void *buffer)
{
    tg_status status = TG_OK;
    const tg_chunked *c = &r->chunked;
    const tg_extent extent = extent_of_chunk(r->view, &piece->at);
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], stride[TG_MAX_NDIM];

    part_of_chunk(c, piece->grid, start, count);
    TG_TRY(tg_box_read(file, &extent, start, count, buffer));
    tg_strides(c->ndim, count, c->itemsize, stride);
    tg_copy_box(c->ndim, count, c->itemsize, buffer, stride,
                r->out + tg_chunked_overlap(c, piece->grid).to, c->box_stride);
out:
    return status;
}

static tg_status read_pieces(struct reading *r, const tg_file *file, const struct piece *piece,
                             int64_t n)
{
    tg_status status = TG_OK;
    size_t size = 0, most = 0;
    char *buffer;

    for (int64_t i = 0; i < n;) {
        i += joined(piece + i, n - i, &size);
        most = size > most ? size : most;
    }
    buffer = tg_task_scratch(r->task, most ? most : 1);
    TG_NEED(buffer, TG_ENOMEM, "%s:%s: %zu bytes of chunks", r->view->path, r->view->dataset, most);
    while (n > 0) {
        int64_t run = joined(piece, n, &size);
        const char *at = buffer;

        if (piece[0].part)
            TG_TRY(read_part(r, file, &piece[0], buffer));
        else
            TG_TRY(tg_file_read(file, (int64_t)piece[0].at.address, buffer, size));
        for (int64_t i = 0; !piece[0].part && i < run; at += piece[i++].at.size)
            TG_TRY(place_chunk(r, &piece[i], at));
        piece += run;
        n -= run;
    }
out:
    return status;
}

/** Whether the box is one chunk. */
static bool is_chunk(const struct reading *r)
{
    const tg_chunked *c = &r->chunked;

    for (int d = 0; d < c->ndim; d++)
        if (c->start[d] % c->chunk[d] || c->count[d] != c->chunk[d])
            return false;
    return true;
}

static tg_status read_chunks(tg_task *task, const tg_hdf5_view *view, const int64_t *start,
                             const int64_t *count, void *out, bool *apart)
{
    tg_status status = TG_OK;
    struct reading r = {.task = task, .view = view, .out = out};
    size_t itemsize = (size_t)view->head->element.size;
    int ndim = view->head->ndim;
    struct piece *piece = NULL;
    int64_t n = 0;
    tg_file file = {0};

    r.chunked = tg_chunked_of(ndim, view->chunk, start, count, itemsize);
    r.apart = is_chunk(&r) ? apart : NULL;
    r.decoder = (tg_hdf5_decoder){.task = task,
                                  .nfilters = view->head->nfilters,
                                  .filter = view->head->filter,
                                  .itemsize = itemsize,
                                  .chunk_size = (size_t)tg_box_size(ndim, view->chunk) * itemsize};
    TG_TRY(tg_file_begin(task, view->path, &view->head->stamp, &file));
    TG_TRY(list_pieces(&r, &piece, &n));
    TG_TRY(read_pieces(&r, &file, piece, n));
out:
    tg_hdf5_decoder_end(&r.decoder);
    tg_file_end(&file);
    return status;
}

static tg_status read_chunked(tg_task *task, const tg_hdf5_view *view, const int64_t *start,
                              const int64_t *count, void *out)
{
    return read_chunks(task, view, start, count, out, NULL);
}

static tg_extent extent_of(const tg_hdf5_view *view)
{
    return (tg_extent){.offset = view->head->address,
                       .itemsize = (size_t)view->head->element.size,
                       .ndim = view->head->ndim,
                       .shape = view->shape};
}

static tg_status read_contiguous(tg_task *task, const tg_hdf5_view *view, const int64_t *start,
                                 const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    tg_file file = {0};
    const tg_extent extent = extent_of(view);

    TG_TRY(tg_file_begin(task, view->path, &view->head->stamp, &file));
    TG_TRY(tg_box_read(&file, &extent, start, count, out));
out:
    tg_file_end(&file);
    return status;
}

/** Of the chunks that a box meets, as far as they are read. */
static int64_t chunk_bytes(const tg_hdf5_view *view, const int64_t *start, const int64_t *count)
{
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM], at[TG_MAX_NDIM], n, bytes = 0;
    tg_chunked chunked = tg_chunked_of(view->head->ndim, view->chunk, start, count,
                                       (size_t)view->head->element.size);

    n = tg_chunked_grid(&chunked, first, grid);
    for (int64_t i = 0; i < n; i++) {
        const tg_hdf5_chunk *chunk = chunk_at(view, first, grid, i, at);

        if (chunk && chunk->address != UINT64_MAX)
            bytes += bytes_of_chunk(view, &chunked, chunk, at);
    }
    return bytes;
}

int64_t tg_hdf5_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact)
{
    tg_hdf5_view view;
    tg_extent extent;

    if (tg_hdf5_unfold(params, size, &view) != TG_OK)
        return 0;
    if (view.head->way == TG_HDF5_CHUNKED)
        return chunk_bytes(&view, start, count);
    extent = extent_of(&view);
    if (view.head->way == TG_HDF5_CONTIGUOUS)
        return tg_box_bytes(&extent, start, count);
    *exact = false; /* what the library reads nobody knows */
    return tg_box_size(view.head->ndim, count) * (int64_t)extent.itemsize;
}

tg_status tg_hdf5_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out)
{
    static tg_status (*const ways[])(tg_task *, const tg_hdf5_view *, const int64_t *,
                                     const int64_t *, void *) = {
        [TG_HDF5_BY_LIBRARY] = tg_hdf5_library_read,
        [TG_HDF5_CONTIGUOUS] = read_contiguous,
        [TG_HDF5_CHUNKED] = read_chunked,
    };
    tg_status status = TG_OK;
    tg_hdf5_view view;
    const tg_element *element;
    void *stored = out;
    int64_t n;

    TG_TRY(tg_hdf5_unfold(params, size, &view));
    element = &view.head->element;
    n = tg_box_size(view.head->ndim, count);
    if (n == 0)
        goto out;
    if (element->half)
        stored = tg_task_scratch(task, (size_t)(n * element->size));
    TG_NEED(stored, TG_ENOMEM, "%s:%s: a box of %" PRId64 " elements", view.path, view.dataset, n);
    TG_TRY(ways[view.head->way](task, &view, start, count, stored));
    if (!tg_element_is_plain(element))
        tg_element_decode(element, n, stored, out);
out:
    return status;
}

tg_status tg_hdf5_read_apart(tg_task *task, const void *params, size_t size, const int64_t *start,
                             const int64_t *count, void *out, bool *apart)
{
    tg_status status = TG_OK;
    tg_hdf5_view view = {0};

    *apart = false;
    TG_TRY(tg_hdf5_unfold(params, size, &view));
    if (view.head->way == TG_HDF5_CHUNKED && tg_element_is_plain(&view.head->element))
        TG_TRY(read_chunks(task, &view, start, count, out, apart));
    else
        TG_TRY(tg_hdf5_read(task, params, size, start, count, out));
out:
    return status;
}
