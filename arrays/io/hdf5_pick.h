/* SPDX-License-Identifier: BSD-3-Clause */
/** Which dataset of an HDF5 file is meant. */
#ifndef TG_IO_HDF5_PICK_H
#define TG_IO_HDF5_PICK_H

#include <hdf5.h>

#include <tegula/status.h>

/**
 * The name of the dataset to open: the given one, or the only numeric one with 2 or more axes.
 *
 * Call:    local (rank 0), in a turn with the library.
 * Owner:   free(*out).
 * Errors:  TG_EARG with what the file holds.
 */
TG_MUST_CHECK tg_status tg_hdf5_pick(hid_t file, const char *path, const char *given, char **out);

#endif
