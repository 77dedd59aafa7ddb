/* SPDX-License-Identifier: BSD-3-Clause */
/** Where the chunks of an HDF5 dataset lie. */
#ifndef TG_IO_HDF5_TABLE_H
#define TG_IO_HDF5_TABLE_H

#include "io/hdf5_noting.h"
#include "io/hdf5_params.h"

/** Tables of more chunks are not made: 16 bytes each, and about 2 us to find each. */
#define TG_HDF5_MAX_CHUNKS (1 << 20)

/**
 * The table of all chunks of a dataset in a file that was opened through the noting driver, C order
 * of the grid. Afterwards raw data are read again (spot->reads).
 *
 * Call:    local (rank 0), in a turn.
 * Owner:   free(*out); unchanged where chunks cannot be found: leave them to the library then.
 * Errors:  TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_hdf5_table(const char *path, const char *name, hid_t dataset,
                                      tg_hdf5_spot *spot, int ndim, const int64_t *chunk,
                                      const int64_t *grid, int64_t nchunks, tg_hdf5_chunk **out);

#endif
