/* SPDX-License-Identifier: BSD-3-Clause */
/** The cuts of an array as its file is written best. */
#ifndef TG_LOWER_ALIGN_H
#define TG_LOWER_ALIGN_H

#include "expr/node.h"
#include "io/format.h"

/**
 * Bring a root to chunks that start where the file's boxes may. In a file without chunks of its own
 * a box is written in runs of bytes that lie together: where these would be short, as of maps that
 * are stacked on the last axis, neighbouring chunks are joined, and cut on other axes.
 */
TG_MUST_CHECK tg_status tg_out_align(tg_ctx *ctx, const tg_format *format, const tg_sink *sink,
                                     tg_array **root);

#endif
