/* SPDX-License-Identifier: BSD-3-Clause */
/** Header facts of an array as attributes of an HDF5 dataset. */
#ifndef TG_IO_HDF5_FACTS_H
#define TG_IO_HDF5_FACTS_H

#include <hdf5.h>

#include "io/format.h"

/** Read what attributes say; what is not there keeps its default. Call: local, in a turn. */
void tg_hdf5_read_facts(hid_t dataset, int ndim, tg_header *out);

/**
 * Write header, history and the caller's attributes to a dataset.
 *
 * Call:    local (rank 0), in a turn.
 * Errors:  TG_EIO, TG_EARG (an attribute without name or content).
 */
TG_MUST_CHECK tg_status tg_hdf5_write_facts(hid_t dataset, const char *path, const tg_sink *sink);

#endif
