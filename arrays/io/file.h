/* SPDX-License-Identifier: BSD-3-Clause */
/** Files as ranks see them: read-only, recognised by their stamp, kept open between tasks. */
#ifndef TG_IO_FILE_H
#define TG_IO_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <tegula/task.h>

/** What tells one content of a file from a later one. */
typedef struct tg_stamp {
    int64_t size;                 /* bytes */
    int64_t seconds, nanoseconds; /* of the last modification */
} tg_stamp;

/** "no such file or directory": the words of an errno, as a sentence goes on with them. Call:
 * local. Owner: the buffer, of `size` bytes. */
const char *tg_errno_words(int error, char *buffer, size_t size);

/**
 * The stamp of a regular, readable file.
 *
 * Call:    local.
 * Errors:  TG_EIO: "run-9.h5: no such file or directory".
 */
TG_MUST_CHECK tg_status tg_file_stamp(const char *path, tg_stamp *out);

/** TG_EIO with a sentence unless the open file still has the stamp. Call: local. */
TG_MUST_CHECK tg_status tg_file_unchanged(const char *path, int fd, const tg_stamp *stamp);

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

/** pread of all bytes, without a task; *got says how many there were. Call: local. */
TG_MUST_CHECK tg_status tg_pread_all(const char *path, int fd, int64_t offset, void *out,
                                     size_t size, size_t *got);

/** pwrite of all bytes. Call: local. Errors: TG_EIO: "out.h5: no space left on device". */
TG_MUST_CHECK tg_status tg_pwrite_all(const char *path, int fd, int64_t offset, const void *in,
                                      size_t size);

/** Bring a finished file to the disk. Call: local (rank 0). Errors: TG_EIO. */
TG_MUST_CHECK tg_status tg_file_sync(const char *path);

#endif
