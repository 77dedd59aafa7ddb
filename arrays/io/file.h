/* SPDX-License-Identifier: BSD-3-Clause */
/** Files as ranks see them: read-only, recognised by their stamp, kept open between tasks. */
#ifndef TG_IO_FILE_H
#define TG_IO_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <tegula/task.h>

#include "io/disk.h"

/** An open file borrowed from the rank's cache. */
typedef struct tg_file {
    int fd;
    const char *path; /* the caller's */
    tg_stamp stamp;
    tg_task *task;
    int slot; /* in the cache; -1: not of the cache */
} tg_file;

/**
 * Open a file for reading, or take it from those that the rank has open.
 *
 * Call:    local, inside a task. Give it to tg_file_end; that takes a zeroed one.
 * Errors:  TG_EIO when it cannot be opened or is not what rank 0 saw ("changed while it was read").
 */
TG_MUST_CHECK tg_status tg_file_begin(tg_task *task, const char *path, const tg_stamp *stamp,
                                      tg_file *out);
void tg_file_end(tg_file *file);

/**
 * Read `size` bytes at `offset`, all of them, and count them.
 *
 * Call:    local, inside a task.
 * Errors:  TG_EIO; TG_EFORMAT when the file ends before.
 */
TG_MUST_CHECK tg_status tg_file_read(const tg_file *file, int64_t offset, void *out, size_t size);

#endif
