/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of chunk tasks as words. */
#include "lower/words.h"

#include <stdlib.h>
#include <string.h>

static bool reserve(tg_words *words, size_t more)
{
    size_t capacity = words->capacity ? 2 * words->capacity : 64;
    int64_t *word;

    if (words->count + more <= words->capacity)
        return true;
    capacity = capacity < words->count + more ? words->count + more : capacity;
    word = realloc(words->word, capacity * sizeof *word);
    if (!word) {
        if (words->status == TG_OK)
            words->status = tg_fail(TG_ENOMEM, "%zu words of parameters", capacity);
        return false;
    }
    words->word = word;
    words->capacity = capacity;
    return true;
}

void tg_words_add(tg_words *words, int64_t value)
{
    if (reserve(words, 1))
        words->word[words->count++] = value;
}

void tg_words_add_list(tg_words *words, int n, const int64_t *values)
{
    if (n == 0 || !reserve(words, (size_t)n))
        return;
    memcpy(words->word + words->count, values, (size_t)n * sizeof *values);
    words->count += (size_t)n;
}

void tg_words_add_double(tg_words *words, double value)
{
    int64_t word;

    memcpy(&word, &value, sizeof word);
    tg_words_add(words, word);
}

void tg_words_add_static(tg_words *words, const void *address)
{
    tg_reference reference = {0};

    if (words->status == TG_OK)
        words->status = tg_reference_make(words->ctx, address, &reference);
    tg_words_add(words, (int64_t)reference.object);
    tg_words_add(words, (int64_t)reference.offset);
}

void tg_words_add_bytes(tg_words *words, const void *data, size_t size)
{
    size_t count = (size + sizeof(int64_t) - 1) / sizeof(int64_t);

    tg_words_add(words, (int64_t)size);
    if (words->count % 2 == 1)
        tg_words_add(words, 0);
    for (size_t i = 0; i < count; i++) {
        size_t left = size - i * sizeof(int64_t);
        int64_t word = 0;

        memcpy(&word, (const char *)data + i * sizeof word,
               left < sizeof word ? left : sizeof word);
        tg_words_add(words, word);
    }
}

void tg_words_reset(tg_words *words)
{
    words->count = 0;
}

tg_status tg_words_status(const tg_words *words)
{
    return words->status;
}

void tg_words_clear(tg_words *words)
{
    free(words->word);
    *words = (tg_words){0};
}

tg_reader tg_reader_begin(const tg_task *task)
{
    const int64_t *first = tg_task_params(task, NULL);

    return (tg_reader){.task = task, .first = first, .at = first};
}

int64_t tg_read(tg_reader *reader)
{
    return *reader->at++;
}

int tg_read_int(tg_reader *reader)
{
    return (int)tg_read(reader);
}

double tg_read_double(tg_reader *reader)
{
    double value;

    memcpy(&value, reader->at++, sizeof value);
    return value;
}

const int64_t *tg_read_list(tg_reader *reader, int n)
{
    const int64_t *list = reader->at;

    reader->at += n;
    return list;
}

const void *tg_read_static(tg_reader *reader)
{
    tg_reference reference;

    reference.object = (uint64_t)tg_read(reader);
    reference.offset = (uint64_t)tg_read(reader);
    return tg_task_resolve(reader->task, reference);
}

const void *tg_read_bytes(tg_reader *reader, size_t *size)
{
    const void *bytes;

    *size = (size_t)tg_read(reader);
    if ((reader->at - reader->first) % 2 == 1)
        reader->at++;
    bytes = reader->at;
    reader->at += (*size + sizeof(int64_t) - 1) / sizeof(int64_t);
    return bytes;
}
