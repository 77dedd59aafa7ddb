/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Which task of a rank each arrival comes from: a list a rank, in the order of the arrivals.
 *
 * An entry is a word: how much higher the arrival is than the one before, and the task. Where that
 * does not fit, its upper part is 0 and the step is a word of its own. Words lie in blocks of two
 * cache lines, each list appended to where the cache still has it.
 */
#ifndef TG_PLACE_SENDS_H
#define TG_PLACE_SENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

/** Words of a block. */
#define TG_SEND_BLOCK 30

typedef struct tg_send_block {
    int32_t next; /* of the same rank, 0: none */
    uint32_t used;
    uint32_t word[TG_SEND_BLOCK];
} tg_send_block;

/** The list of a rank, and its last entry's arrival. */
typedef struct tg_send_list {
    int32_t first, last; /* blocks, from 1; 0: none */
    int32_t arrival;
    int32_t count; /* entries */
} tg_send_list;

typedef struct tg_sends {
    tg_send_list *list;   /* [nranks], owned */
    tg_send_block *block; /* owned; block[0] is not used */
    int64_t nblocks, capacity;
    int bits; /* of a word, for the task */
} tg_sends;

/** Where the reading of a list is. */
typedef struct tg_send_reader {
    const tg_sends *sends;
    const tg_send_block *block; /* NULL: at the end */
    uint32_t at;
    int32_t arrival, task; /* of the entry read last */
} tg_send_reader;

/** Ranks have at most `most` tasks. */
TG_MUST_CHECK tg_status tg_sends_begin(tg_sends *sends, int nranks, int64_t most);
void tg_sends_clear(tg_sends *sends);

/** Arrival `arrival`, higher than those before, comes from the task-th task of a rank. */
TG_MUST_CHECK tg_status tg_sends_add(tg_sends *sends, int rank, int32_t arrival, int32_t task);

/** The list of a rank from its beginning. */
tg_send_reader tg_sends_read(const tg_sends *sends, int rank);

/** The next entry; false: there is none. */
static inline bool tg_sends_next(tg_send_reader *reader)
{
    const int bits = reader->sends->bits;
    const tg_send_block *block = reader->block;
    uint32_t word, step;

    if (block && reader->at == block->used) {
        reader->block = block = block->next ? &reader->sends->block[block->next] : NULL;
        reader->at = 0;
        if (block)
            __builtin_prefetch(&reader->sends->block[block->next]);
    }
    if (!block)
        return false;
    word = block->word[reader->at++];
    step = word >> bits;
    if (step == 0)
        step = block->word[reader->at++];
    reader->arrival += (int32_t)step;
    reader->task = (int32_t)(word & ((UINT32_C(1) << bits) - 1));
    return true;
}

#endif
