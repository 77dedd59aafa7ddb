/* SPDX-License-Identifier: BSD-3-Clause */
/** A file driver for the HDF5 library that moves metadata as usual and of raw data only notes where
 * they are: how ranks learn where chunks lie, or are to lie, without the library touching them. */
#ifndef TG_IO_HDF5_NOTING_H
#define TG_IO_HDF5_NOTING_H

#include "io/hdf5_library.h"

/** Where raw data were last wanted, from the beginning of the file, user block included. */
typedef struct tg_hdf5_spot {
    haddr_t address;
    size_t size;
    bool reads; /* set by the user: they are also read; texts of attributes are raw data, too */
} tg_hdf5_spot;

/** The driver at work. */
typedef struct tg_hdf5_noting {
    tg_hdf5_spot spot;
    hid_t driver, access, file;
} tg_hdf5_noting;

/**
 * Open a file through the driver; `spot` says where the last chunk read or written is. New
 * metadata get space in blocks of `meta_block` bytes (0: the library's choice), long raw data
 * `aligned` or not.
 *
 * Call:    local (rank 0), in a turn.
 * Owner:   tg_hdf5_noting_end, also on failure; what it returns is whether all was written. `out`
 *          stays where it is in between.
 * Errors:  TG_EFORMAT with the library's words.
 */
TG_MUST_CHECK tg_status tg_hdf5_noting_begin(const char *path, bool writable, size_t meta_block,
                                             bool aligned, tg_hdf5_noting *out);
TG_MUST_CHECK tg_status tg_hdf5_noting_end(const char *path, tg_hdf5_noting *noting);

#endif
