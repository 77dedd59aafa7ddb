/* SPDX-License-Identifier: BSD-3-Clause */
/** Boxes of an array that lies in a file in C order, uncompressed. */
#ifndef TG_IO_BOX_H
#define TG_IO_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include <tegula/array.h>

#include "io/file.h"

/** Where an array lies in a file. */
typedef struct tg_extent {
    int64_t offset; /* of the first element */
    size_t itemsize;
    int ndim;
    const int64_t *shape;
} tg_extent;

/**
 * The contiguous pieces of a box, in C order: they come at growing places of the file and follow
 * each other in a buffer that holds the box.
 */
typedef struct tg_pieces {
    int64_t place;  /* of the piece: elements from the array's first */
    int64_t length; /* elements of a piece, the same for all */
    int64_t left;   /* pieces to come */
    int outer;      /* axes that the walk goes along */
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], stride[TG_MAX_NDIM], index[TG_MAX_NDIM];
} tg_pieces;

/** Begin the walk; the axes from `inner` on make one piece each, whatever lies between their
 * elements (-1: as many axes as are contiguous). Call: local. */
void tg_pieces_begin(tg_pieces *pieces, int ndim, const int64_t *shape, const int64_t *start,
                     const int64_t *count, int inner);

/** Step to the next piece; false after the last. Call: local. */
bool tg_pieces_next(tg_pieces *pieces);

/** Elements of a box. Call: local. */
int64_t tg_box_size(int ndim, const int64_t *count);

/**
 * Read the box [start, start + count) to `out`, contiguous, C order. Boxes of short rows are read
 * as larger stretches and picked out in memory.
 *
 * Call:    local, inside a task.
 * Errors:  as tg_file_read; TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_box_read(const tg_file *file, const tg_extent *extent,
                                    const int64_t *start, const int64_t *count, void *out);

/** Bytes that tg_box_read reads from the file: those of the box, or of the larger stretches. Call:
 * local. */
int64_t tg_box_bytes(const tg_extent *extent, const int64_t *start, const int64_t *count);

/**
 * Write a box. The file exists; it is opened and closed here.
 *
 * Call:    local, inside a task.
 * Errors:  TG_EIO: "out.h5: no space left on device".
 */
TG_MUST_CHECK tg_status tg_box_write(tg_task *task, const char *path, const tg_extent *extent,
                                     const int64_t *start, const int64_t *count, const void *in);

#endif
