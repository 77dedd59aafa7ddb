/* SPDX-License-Identifier: BSD-3-Clause */
/** How a new HDF5 dataset is cut into chunks, and what ranks need to write it. */
#ifndef TG_IO_HDF5_LAYOUT_H
#define TG_IO_HDF5_LAYOUT_H

#include "io/format.h"

/** Parameters of writing a dataset, or a box of it; plain bytes. */
typedef struct tg_hdf5_layout {
    int64_t address; /* not chunked: of the first element; -1: there is none */
    int32_t chunked, dtype, ndim;
    int32_t deflate; /* level, 0: none */
    int32_t shuffle;
    int32_t placed;  /* chunks have their places before they are written: their size is known */
    int64_t nplaces; /* placed: chunks of the dataset, or of the box */
    int64_t shape[TG_MAX_NDIM];
    int64_t chunk[TG_MAX_NDIM];
    char path[]; /* with the NUL; placed: the places follow, from an address that fits them */
} tg_hdf5_layout;

/** Where the chunks lie, C order. Call: local. */
int64_t *tg_hdf5_places(tg_hdf5_layout *layout);

/** Chunks that cover a box, and by axis. Call: local. */
int64_t tg_hdf5_chunks_of(const tg_hdf5_layout *layout, const int64_t *count, int64_t *grid);

/** Bytes of a whole chunk. Call: local. */
int64_t tg_hdf5_chunk_bytes(const tg_hdf5_layout *layout);

/** A copy with room for so many places. Call: local. Owner: free(*out). Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_hdf5_layout_copy(const tg_hdf5_layout *layout, int64_t nplaces,
                                            tg_hdf5_layout **out, size_t *size);

/** tg_format.write_slice: the places of the box alone. */
TG_MUST_CHECK tg_status tg_hdf5_write_slice(const tg_sink *sink, const int64_t *start,
                                            const int64_t *count, void **params, size_t *size);

/**
 * Lay a dataset out as the sink's options ask.
 *
 * Call:    local (rank 0).
 * Owner:   free(*out); *size bytes.
 * Errors:  TG_EARG for chunks that cannot be.
 */
TG_MUST_CHECK tg_status tg_hdf5_lay_out(const char *path, const tg_sink *sink, tg_hdf5_layout **out,
                                        size_t *size);

#endif
