/* SPDX-License-Identifier: BSD-3-Clause */
/** How a new HDF5 dataset is cut into chunks, and what ranks need to write it. */
#ifndef TG_IO_HDF5_LAYOUT_H
#define TG_IO_HDF5_LAYOUT_H

#include "io/format.h"

/** Parameters of writing a dataset; plain bytes. */
typedef struct tg_hdf5_layout {
    int64_t address; /* not chunked: of the first element; -1: there is none */
    int32_t chunked, dtype, ndim;
    int32_t deflate; /* level, 0: none */
    int32_t shuffle;
    int32_t reserved;
    int64_t shape[TG_MAX_NDIM];
    int64_t chunk[TG_MAX_NDIM];
    char path[]; /* with the NUL */
} tg_hdf5_layout;

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
