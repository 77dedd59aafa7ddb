/* SPDX-License-Identifier: BSD-3-Clause */
/** Reading a chunk of a file in the parameters of a task: one that does nothing else, or a
 * reduction that reads what it reduces. */
#ifndef TG_LOWER_READING_H
#define TG_LOWER_READING_H

#include "lower/lowering.h"

/** What is read: elements start + i * step of each axis. */
typedef struct tg_reading {
    tg_task *task;
    const tg_format *format;
    const void *params;
    size_t params_size, bytes, itemsize; /* bytes: of the chunk */
    int ndim;
    const int64_t *start, *count, *step;
    const int64_t *alone; /* by axis: not 0 where each position is read by itself */
} tg_reading;

/** The chunk of a source, its bytes, and the seconds that reading it is thought to take. */
TG_MUST_CHECK tg_status tg_words_add_reading(tg_lowering *lowering, const tg_lowered *a,
                                             const int64_t *index, size_t *bytes, double *seconds);

/** Bytes of files that a chunk of a source takes, added to *bytes; *exact becomes false where they
 * are as many at most. Call: local (rank 0). */
TG_MUST_CHECK tg_status tg_reading_bytes(const tg_lowered *a, const int64_t *index, double *bytes,
                                         bool *exact);

/** What tg_words_add_reading wrote; everything points into the parameters. */
tg_reading tg_reading_of(tg_reader *reader, tg_task *task);

/** Read to `out`. `apart` not NULL: bytes may be left in planes, which *apart says when it is set
 * (tg_format.read_apart). */
TG_MUST_CHECK tg_status tg_reading_run(const tg_reading *r, void *out, bool *apart);

#endif
