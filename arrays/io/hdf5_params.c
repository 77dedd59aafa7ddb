/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parameters of reading an HDF5 dataset:
 *
 *     tg_hdf5_params | shape[ndim] chunk[ndim] first[ndim] grid[ndim] | table[nchunks] | path |
 *     dataset
 *
 * A dataset of a million chunks has a table of 16 MiB; a task carries the rows of its own box only.
 */
#include "io/hdf5_params.h"

#include <stdlib.h>
#include <string.h>

#include "io/box.h"

static size_t folded_size(const tg_hdf5_params *head)
{
    return sizeof *head + 4 * (size_t)head->ndim * sizeof(int64_t) +
           (size_t)head->nchunks * sizeof(tg_hdf5_chunk) + head->path_size + head->dataset_size;
}

tg_status tg_hdf5_unfold(const void *params, size_t size, tg_hdf5_view *out)
{
    tg_status status = TG_OK;
    const tg_hdf5_params *head = params;
    const char *at = params;

    TG_NEED(size >= sizeof *head && size == folded_size(head), TG_EINTERNAL,
            "parameters of an HDF5 dataset of %zu bytes", size);
    at += sizeof *head;
    out->head = head;
    out->shape = (const int64_t *)at;
    out->chunk = out->shape + head->ndim;
    out->first = out->chunk + head->ndim;
    out->grid = out->first + head->ndim;
    out->table = (const tg_hdf5_chunk *)(out->grid + head->ndim);
    out->path = (const char *)(out->table + head->nchunks);
    out->dataset = out->path + head->path_size;
out:
    return status;
}

static char *put(char *to, const void *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
    return to + size;
}

tg_status tg_hdf5_fold(const tg_hdf5_view *view, void **out, size_t *size)
{
    tg_status status = TG_OK;
    tg_hdf5_params head = *view->head;
    size_t axes = (size_t)head.ndim * sizeof(int64_t);
    char *to;

    head.path_size = (uint32_t)strlen(view->path) + 1;
    head.dataset_size = (uint32_t)strlen(view->dataset) + 1;
    to = malloc(folded_size(&head));
    TG_NEED(to, TG_ENOMEM, "%s: table of %lld chunks", view->path, (long long)head.nchunks);
    *out = to;
    *size = folded_size(&head);
    to = put(to, &head, sizeof head);
    to = put(to, view->shape, axes);
    to = put(to, view->chunk, axes);
    to = put(to, view->first, axes);
    to = put(to, view->grid, axes);
    to = put(to, view->table, (size_t)head.nchunks * sizeof *view->table);
    to = put(to, view->path, head.path_size);
    put(to, view->dataset, head.dataset_size);
out:
    return status;
}

/** The rows of `view`'s table for chunks [first, first + grid). */
static tg_status cut_table(const tg_hdf5_view *view, const int64_t *first, const int64_t *grid,
                           tg_hdf5_chunk **out)
{
    tg_status status = TG_OK;
    int ndim = view->head->ndim;
    int64_t from[TG_MAX_NDIM];
    tg_hdf5_chunk *table, *to;
    tg_pieces pieces;

    table = malloc((size_t)tg_box_size(ndim, grid) * sizeof *table + 1);
    TG_NEED(table, TG_ENOMEM, "%s: table of chunks", view->path);
    *out = to = table;
    for (int d = 0; d < ndim; d++)
        from[d] = first[d] - view->first[d];
    tg_pieces_begin(&pieces, ndim, view->grid, from, grid, -1);
    while (tg_pieces_next(&pieces)) {
        memcpy(to, view->table + pieces.place, (size_t)pieces.length * sizeof *to);
        to += pieces.length;
    }
out:
    return status;
}

tg_status tg_hdf5_slice(const tg_source *source, const int64_t *start, const int64_t *count,
                        void **params, size_t *size)
{
    tg_status status = TG_OK;
    tg_hdf5_view view, part;
    tg_hdf5_params head;
    tg_hdf5_chunk *table = NULL;
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM];

    TG_TRY(tg_hdf5_unfold(source->params, source->params_size, &view));
    part = view;
    head = *view.head;
    part.head = &head;
    if (head.way == TG_HDF5_CHUNKED) {
        for (int d = 0; d < head.ndim; d++) {
            first[d] = start[d] / view.chunk[d];
            grid[d] = count[d] ? (start[d] + count[d] - 1) / view.chunk[d] - first[d] + 1 : 0;
        }
        TG_TRY(cut_table(&view, first, grid, &table));
        part.first = first;
        part.grid = grid;
        part.table = table;
        head.nchunks = tg_box_size(head.ndim, grid);
    }
    TG_TRY(tg_hdf5_fold(&part, params, size));
out:
    free(table);
    return status;
}

int64_t tg_hdf5_encoded(const void *params, size_t size)
{
    tg_hdf5_view view = {0};
    bool compressed = false;
    int64_t bytes = 0;

    if (tg_hdf5_unfold(params, size, &view) != TG_OK)
        return 0;
    for (int i = 0; i < view.head->nfilters; i++)
        compressed |=
            view.head->filter[i] == TG_HDF5_DEFLATE || view.head->filter[i] == TG_HDF5_LZF;
    for (int64_t i = 0; compressed && i < view.head->nchunks; i++)
        if (view.table[i].address != UINT64_MAX)
            bytes += view.table[i].size;
    return bytes;
}
