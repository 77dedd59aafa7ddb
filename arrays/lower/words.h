/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Parameters of chunk tasks: a list of 64-bit words, so that they have no padding and equal
 * parameters have equal bytes. Written on rank 0, read by the task's function in the same order.
 */
#ifndef TG_LOWER_WORDS_H
#define TG_LOWER_WORDS_H

#include <tegula/task.h>

typedef struct tg_words {
    tg_ctx *ctx;
    int64_t *word; /* malloc */
    size_t count, capacity;
    tg_status status; /* the first failure; looked at once, by tg_words_status */
} tg_words;

void tg_words_add(tg_words *words, int64_t value);
void tg_words_add_list(tg_words *words, int n, const int64_t *values);
void tg_words_add_double(tg_words *words, double value);
/** A reference to something static, two words. */
void tg_words_add_static(tg_words *words, const void *address);
/** Bytes at an offset that is a multiple of 16, preceded by their number. */
void tg_words_add_bytes(tg_words *words, const void *data, size_t size);
/** Forget the words, keep the memory. */
void tg_words_reset(tg_words *words);
TG_MUST_CHECK tg_status tg_words_status(const tg_words *words);
void tg_words_clear(tg_words *words);

/** Where a task's function stands in its parameters. */
typedef struct tg_reader {
    const tg_task *task;
    const int64_t *first, *at;
} tg_reader;

tg_reader tg_reader_begin(const tg_task *task);
int64_t tg_read(tg_reader *reader);
int tg_read_int(tg_reader *reader);
double tg_read_double(tg_reader *reader);
const int64_t *tg_read_list(tg_reader *reader, int n);
const void *tg_read_static(tg_reader *reader);
const void *tg_read_bytes(tg_reader *reader, size_t *size);

#endif
