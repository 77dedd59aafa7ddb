/* SPDX-License-Identifier: BSD-3-Clause */
/** Outputs under a temporary name in the same folder: files and, for some formats, folders. */
#ifndef TG_LOWER_TEMPORARY_H
#define TG_LOWER_TEMPORARY_H

#include <stdbool.h>

#include "io/disk.h"

/** Where a path leads: that of the last of links, there or not; else itself. Owner: free it. */
TG_MUST_CHECK tg_status tg_temporary_target(const char *path, char **out);

/** DIR/NAME -> DIR/.tmp-HOST-PID-NAME; the ending stays, formats may look at it. Owner: free it. */
TG_MUST_CHECK tg_status tg_temporary_name(const char *path, char **out);

/** The folder can be written, and the path is not a folder itself unless it may be one. */
TG_MUST_CHECK tg_status tg_temporary_check(const char *path, bool may_be_folder);

/**
 * A copy of a file to be added to; blocks are shared where the file system can. *stamp tells
 * whether the file has changed since. As long as *lock is open, other programs that lock their
 * files (as the HDF5 library does) can read it and not write to it.
 *
 * Call:    local (rank 0).
 * Owner:   close(*lock), set on success only.
 * Errors:  TG_EIO, also where another program is writing to it.
 */
TG_MUST_CHECK tg_status tg_temporary_copy(const char *path, const char *temporary, tg_stamp *stamp,
                                          int *lock);

/**
 * Start bringing a file to the disk, and wait for nothing; folders are left alone. A hint.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO.
 */
TG_MUST_CHECK tg_status tg_temporary_write_back(const char *temporary);

/**
 * Bring a file, or all of a folder, to the disk.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO.
 */
TG_MUST_CHECK tg_status tg_temporary_sync(const char *temporary);

/**
 * Give the file or folder its name; an older one of that name is gone then. There is no moment at
 * which neither has the name, but for folders on file systems that cannot exchange two.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO; the older one is still there.
 */
TG_MUST_CHECK tg_status tg_temporary_rename(const char *temporary, const char *path);

/** Remove a file or a folder with all that is in it, if it is there. Call: local (rank 0). */
void tg_temporary_remove(const char *temporary);

#endif
