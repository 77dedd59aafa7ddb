/* SPDX-License-Identifier: BSD-3-Clause */
/** What all parts of the HDF5 format need of the library: turns, sentences, opening, dtypes. */
#ifndef TG_IO_HDF5_LIBRARY_H
#define TG_IO_HDF5_LIBRARY_H

#include <hdf5.h>

#include <tegula/array.h>

#include "io/element.h"

/** A turn with the HDF5 library, which is one per process; its printing is off during the turn. */
typedef struct tg_hdf5_turn {
    H5E_auto2_t print;
    void *data;
} tg_hdf5_turn;

/** Wait for a turn. Every H5 call of this folder is made in one; turns do not nest. Call: local. */
void tg_hdf5_enter(tg_hdf5_turn *turn);
void tg_hdf5_leave(const tg_hdf5_turn *turn);

/** The deepest message of the library's last failure. Call: local, in a turn. Owner: the buffer. */
const char *tg_hdf5_words(char *buffer, size_t size);

enum { TG_HDF5_WORDS = 512 };

/** h5py's LZF, by the registry of HDF5 filters. */
enum { TG_FILTER_LZF = 32000 };

/** Bytes: what is at least this long begins at multiples of a page. */
enum { TG_HDF5_ALIGN_FROM = 64 << 10, TG_HDF5_ALIGN_TO = 4096 };

/** As TG_NEED, ending the sentence with the library's own words; wants `char
 * words[TG_HDF5_WORDS]`. */
#define TG_HDF5_NEED(condition, code, format, ...)                                                 \
    TG_NEED(condition, code, format ": %s", __VA_ARGS__, tg_hdf5_words(words, sizeof words))

/** Access properties for reading: no file locks (many ranks read, parallel file systems have none).
 * Call: local, in a turn. Errors: a negative id. */
hid_t tg_hdf5_access(void);

/** Open a file read-only. Call: local, in a turn. Errors: TG_EFORMAT with the library's words. */
TG_MUST_CHECK tg_status tg_hdf5_open_file(const char *path, hid_t *out);

/** How an HDF5 datatype is read. */
typedef struct tg_hdf5_type {
    bool known; /* it has a dtype here */
    bool
        direct; /* `stored` says how its elements lie in the file; else the library converts them */
    tg_dtype dtype;
    tg_element stored;
    const char *content; /* "strings": what elements of a type that is not known are */
} tg_hdf5_type;

/** Call: local, in a turn. */
tg_hdf5_type tg_hdf5_type_of(hid_t type);

/** The library's memory type of a dtype. Call: local, in a turn; H5Tclose it. */
hid_t tg_hdf5_memory_type(tg_dtype dtype);

/** The memory type for reading a dataset of a type. Call: local, in a turn; H5Tclose it. */
hid_t tg_hdf5_reading_type(hid_t type, tg_dtype dtype);

/** The type that is written: h5py's enumeration for bool. Call: local, in a turn; H5Tclose it. */
hid_t tg_hdf5_file_type(tg_dtype dtype);

#endif
