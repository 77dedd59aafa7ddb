/* SPDX-License-Identifier: BSD-3-Clause */
/** The filters of HDF5 chunks that are applied and undone here: shuffle, deflate, fletcher32,
 * lzf (undone only). */
#ifndef TG_IO_HDF5_FILTER_H
#define TG_IO_HDF5_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include <tegula/task.h>

#include "io/hdf5_params.h"

struct libdeflate_decompressor;
struct libdeflate_compressor;

/** Undoing filters. */
typedef struct tg_hdf5_decoder {
    int nfilters;
    const uint8_t *filter; /* TG_HDF5_SHUFFLE, ... in the order in which they were applied */
    size_t itemsize;
    size_t chunk_size; /* bytes of a whole chunk, unfiltered */
    tg_task *task;
    char *spare[2];                           /* made at first use, the task's scratch */
    struct libdeflate_decompressor *inflater; /* made at first use */
    bool
        leave_shuffled; /* the caller undoes shuffle where it is the last filter to be undone ... */
    bool shuffled;      /* ... answered: and it is */
} tg_hdf5_decoder;

/**
 * Undo the filters of one chunk.
 *
 * Call:    local.
 * Owner:   *out points into `bytes`, a spare buffer, or is `preferred`, where the last filter put
 * the
 *          chunk if there was one (NULL: no preference).
 * Errors:  TG_EFORMAT with what is wrong, without the name: "its checksum is not that of its
 * bytes".
 */
TG_MUST_CHECK tg_status tg_hdf5_decode(tg_hdf5_decoder *decoder, const tg_hdf5_chunk *chunk,
                                       const void *bytes, void *preferred, const void **out);

/** Free what the decoder made. Call: local. */
void tg_hdf5_decoder_end(tg_hdf5_decoder *decoder);

/** Byte i of every element together, for all i; and back. Call: local. */
void tg_shuffle(size_t itemsize, size_t size, const void *in, void *out);
void tg_unshuffle(size_t itemsize, size_t size, const void *in, void *out);

/** Decompress LZF; bytes that came out, 0 for bytes that are none or too many. Call: local. */
size_t tg_unlzf(const void *in, size_t size, void *out, size_t room);

/** HDF5's Fletcher checksum of some bytes. Call: local. */
uint32_t tg_fletcher32(const void *data, size_t size);

#endif
