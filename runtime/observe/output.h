/* SPDX-License-Identifier: BSD-3-Clause */
/** A file that appears under its name only when it is whole. */
#ifndef TG_OBSERVE_OUTPUT_H
#define TG_OBSERVE_OUTPUT_H

#include <stdio.h>

#include <tegula/status.h>

typedef struct tg_output {
    FILE *file;
    char *path;      /* the name at last */
    char *temporary; /* the name meanwhile, beside it; equal to `path` for devices and pipes */
} tg_output;

/**
 * Begin a file: create it under a temporary name.
 *
 * Call:    local.
 * Owner:   *out, its zero before, goes to tg_output_discard in any case.
 * Errors:  TG_EIO with the file's name, TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_output_begin(const char *path, tg_output *out);

/** Close the file and give it its name. Errors: TG_EIO also for what was written before. */
TG_MUST_CHECK tg_status tg_output_end(tg_output *output);

/** Remove what has not ended; nothing after tg_output_end. Takes a zero. Call: local. */
void tg_output_discard(tg_output *output);

/** `path` with its ending `from` (of its length) replaced by `to`, or NULL. Freed by tg_free. */
char *tg_output_sibling(const char *path, const char *from, const char *to);

#endif
