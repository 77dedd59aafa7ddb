/* SPDX-License-Identifier: BSD-3-Clause */
/** Files as the system has them: stamps, whole reads and writes, room on the disk. */
#ifndef TG_IO_DISK_H
#define TG_IO_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

/** What tells one content of a file from a later one. */
typedef struct tg_stamp {
    int64_t size;                 /* bytes */
    int64_t seconds, nanoseconds; /* of the last modification */
} tg_stamp;

/** Call: local. */
bool tg_stamps_equal(const tg_stamp *a, const tg_stamp *b);

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

/** pread of all bytes, without a task; *got says how many there were. Call: local. */
TG_MUST_CHECK tg_status tg_pread_all(const char *path, int fd, int64_t offset, void *out,
                                     size_t size, size_t *got);

/** pwrite of all bytes. Call: local. Errors: TG_EIO: "out.h5: no space left on device". */
TG_MUST_CHECK tg_status tg_pwrite_all(const char *path, int fd, int64_t offset, const void *in,
                                      size_t size);

/**
 * Start bringing bytes [from, to) of an open file to the disk, where they were written in pieces of
 * at least `piece` bytes each, and wait for nothing: tg_file_sync has so much less to wait for.
 * Pieces of less than 64 KiB are left to the system: between them lie bytes of other tasks, whose
 * pages would be on their way to the disk while they are written, and again afterwards. A hint,
 * without effect where the system or the file system knows no such call.
 *
 * Call:    local.
 * Errors:  TG_EIO where the disk says now what tg_file_sync would say later.
 */
TG_MUST_CHECK tg_status tg_file_write_back(const char *path, int fd, int64_t from, int64_t to,
                                           size_t piece);

/**
 * Promise a file of `bytes` (-1: the length that it has) its room on the disk, so that a full one
 * is said
 * before anything is computed. File systems that cannot promise give it the length alone.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO: "out.h5: no space left on device".
 */
TG_MUST_CHECK tg_status tg_file_make_room(const char *path, int64_t bytes);

/** Bring a finished file to the disk. Call: local (rank 0). Errors: TG_EIO. */
TG_MUST_CHECK tg_status tg_file_sync(const char *path);

#endif
