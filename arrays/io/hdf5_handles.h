/* SPDX-License-Identifier: BSD-3-Clause */
/** Datasets that a rank has open in the HDF5 library. */
#ifndef TG_IO_HDF5_HANDLES_H
#define TG_IO_HDF5_HANDLES_H

#include "io/hdf5_params.h"

/**
 * Read a box through the HDF5 library.
 *
 * Call:    local, inside a task; takes a turn with the library.
 * Errors:  TG_EIO, TG_EFORMAT with the library's words.
 */
TG_MUST_CHECK tg_status tg_hdf5_library_read(tg_task *task, const tg_hdf5_view *view,
                                             const int64_t *start, const int64_t *count, void *out);

#endif
