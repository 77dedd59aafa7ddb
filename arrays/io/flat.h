/* SPDX-License-Identifier: BSD-3-Clause */
/** Files with a header and one array behind it, in C order, uncompressed: all ranks read and write
 * where their boxes lie. */
#ifndef TG_IO_FLAT_H
#define TG_IO_FLAT_H

#include "io/element.h"
#include "io/file.h"
#include "io/format.h"

/** Parameters of reading and of writing; plain bytes. */
typedef struct tg_flat_params {
    tg_stamp stamp; /* reading */
    int64_t offset; /* bytes before the array */
    tg_element element;
    int64_t shape[TG_MAX_NDIM];
    int32_t ndim, reserved;
    char path[]; /* with the NUL */
} tg_flat_params;

/**
 * Parameters of a file, to be filled in further.
 *
 * Call:    local. Owner: free it. Errors: TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_flat_params_create(const char *path, int ndim, const int64_t *shape,
                                              tg_flat_params **out, size_t *size);

/**
 * Describe a file whose header has been read; takes `params` over, also on failure.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EFORMAT for a file that ends early.
 */
TG_MUST_CHECK tg_status tg_flat_describe(tg_flat_params *params, size_t size, tg_source *out);

/**
 * Create a file with a header and room for `bytes` behind it.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO, also where the disk has no room.
 */
TG_MUST_CHECK tg_status tg_flat_create(const char *path, const void *head, size_t head_size,
                                       int64_t bytes);

/** tg_format.read and tg_format.write of such files. */
int64_t tg_flat_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact);
tg_status tg_flat_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out);
tg_status tg_flat_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in);
/** tg_format.finish: the file is brought to the disk. */
tg_status tg_flat_finish(const char *path, const tg_sink *sinks, int nsinks);

#endif
