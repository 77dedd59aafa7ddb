/* SPDX-License-Identifier: BSD-3-Clause */
/** Reading parts of gzip files: streams that a rank keeps where the last part ended. */
#ifndef TG_IO_GZIP_STREAM_H
#define TG_IO_GZIP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/file.h"

/**
 * Bytes [position, position + size) of what a gzip file of one or several members inflates to; the
 * caller wants `total` bytes of it in all. Going on where the rank's last call ended costs nothing;
 * going back inflates from the beginning. The part that ends at `total` is checked against the
 * member's checksum.
 *
 * Call:    local, inside a task.
 * Errors:  TG_EIO; TG_EFORMAT for a file that is damaged or ends early.
 */
TG_MUST_CHECK tg_status tg_gzip_read(tg_task *task, const char *path, const tg_stamp *stamp,
                                     int64_t position, int64_t total, void *out, size_t size);

/**
 * The first bytes that an open gzip file inflates to; *got says how many there are.
 *
 * Call:    local.
 * Errors:  none: what cannot be inflated is not there.
 */
void tg_gzip_peek(int fd, void *out, size_t size, size_t *got);

#endif
