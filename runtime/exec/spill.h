/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Results on disk: one file a rank that has no name, so that nothing of it remains whatever ends
 * the process. Bytes are compressed where a sample of them shows that it pays.
 *
 * With several threads any of them may write, read and free at one time; the caller sees to it that
 * nobody frees what another reads.
 */
#ifndef TG_EXEC_SPILL_H
#define TG_EXEC_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

typedef struct tg_spill tg_spill;

/** Where a result lies. */
typedef struct tg_spilled {
    int64_t at;    /* offset in the file */
    size_t size;   /* bytes of the result */
    int32_t bin;   /* size class of its place */
    int32_t first; /* bytes of the first compressed block; 0: not compressed */
} tg_spilled;

/** Bytes since the start. */
typedef struct tg_spill_counts {
    int64_t written, stored, read; /* of results; of these on disk; of results */
} tg_spill_counts;

/** A file in a folder. `shared`: several threads use it. Errors: TG_EIO, with the folder. */
TG_MUST_CHECK tg_status tg_spill_create(const char *folder, bool shared, tg_spill **out);
void tg_spill_destroy(tg_spill **spill);

/** Write a result. Errors: TG_EIO with the folder, what it holds and why; nothing is kept then. */
TG_MUST_CHECK tg_status tg_spill_write(tg_spill *spill, const void *data, size_t size,
                                       tg_spilled *out);
/** Read it to `data`, which has its size. Errors: TG_EIO. */
TG_MUST_CHECK tg_status tg_spill_read(tg_spill *spill, const tg_spilled *spilled, void *data);
/** Its place may be used for others. */
void tg_spill_free(tg_spill *spill, const tg_spilled *spilled);

tg_spill_counts tg_spill_counted(tg_spill *spill);

#endif
