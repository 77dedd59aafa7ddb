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

/** Words of a block; the last one is the number of the list's next block. */
#define TG_SEND_BLOCK 32

/** The list of a rank. Blocks are numbered from 1. */
typedef struct tg_send_list {
    uint64_t end;    /* where the next word goes; a block's last word: into a block to come */
    uint32_t first;  /* block; 0: none */
    int32_t arrival; /* of the last entry */
    int32_t count;   /* entries */
} tg_send_list;

typedef struct tg_sends {
    tg_send_list *list; /* [nranks], owned */
    uint32_t *word;     /* owned; those of block 0 are not used */
    int64_t nblocks, capacity;
    int bits; /* of a word, for the task */
} tg_sends;

/** Where the reading of a list is. */
typedef struct tg_send_reader {
    const uint32_t *word;
    uint64_t at, end;
    int bits;
    int32_t arrival, task; /* of the entry read last */
} tg_send_reader;

/** Ranks have at most `most` tasks. */
TG_MUST_CHECK tg_status tg_sends_begin(tg_sends *sends, int nranks, int64_t most);
void tg_sends_clear(tg_sends *sends);

/** Make room for `count` more entries, whatever their lists. */
TG_MUST_CHECK tg_status tg_sends_reserve(tg_sends *sends, int64_t count);

static inline bool tg_sends_at_link(uint64_t at)
{
    return at % TG_SEND_BLOCK == TG_SEND_BLOCK - 1;
}

/** Append an entry that does not fit into what is left of a block, or into a word. */
void tg_sends_append(tg_sends *sends, tg_send_list *list, uint32_t step, int32_t task);

/** Arrival `arrival`, higher than those before, comes from the task-th task of a rank. There is
 * room. */
static inline void tg_sends_add(tg_sends *sends, int rank, int32_t arrival, int32_t task)
{
    tg_send_list *list = &sends->list[rank];
    const uint32_t step = (uint32_t)(arrival - list->arrival);
    const uint64_t word = (uint64_t)step << sends->bits | (uint32_t)task;

    list->arrival = arrival;
    list->count++;
    if (__builtin_expect(word > UINT32_MAX || tg_sends_at_link(list->end), false))
        tg_sends_append(sends, list, step, task);
    else
        sends->word[list->end++] = (uint32_t)word;
}

/** Add to count[task] for each entry of a rank's list. */
void tg_sends_count(const tg_sends *sends, int rank, uint32_t *count);

/** The list of a rank from its beginning. */
tg_send_reader tg_sends_read(const tg_sends *sends, int rank);

static inline uint32_t tg_sends_get(tg_send_reader *reader)
{
    const uint32_t *next;

    if (tg_sends_at_link(reader->at)) {
        reader->at = (uint64_t)reader->word[reader->at] * TG_SEND_BLOCK;
        next =
            &reader->word[(uint64_t)reader->word[reader->at + TG_SEND_BLOCK - 1] * TG_SEND_BLOCK];
        __builtin_prefetch(next);
        __builtin_prefetch(next + TG_SEND_BLOCK - 1); /* where the link after it is */
    }
    return reader->word[reader->at++];
}

/** The next entry; false: there is none. */
static inline bool tg_sends_next(tg_send_reader *reader)
{
    uint32_t word, step;

    if (reader->at == reader->end)
        return false;
    word = tg_sends_get(reader);
    step = word >> reader->bits;
    if (step == 0)
        step = tg_sends_get(reader);
    reader->arrival += (int32_t)step;
    reader->task = (int32_t)(word & ((UINT32_C(1) << reader->bits) - 1));
    return true;
}

#endif
