/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Which task of a rank each arrival comes from: a list a rank, in the order of the arrivals.
 *
 * What differs from the entry before is kept, in as few bytes as it needs, in blocks of two cache
 * lines: of a million messages some megabytes, each list appended to where the cache still has it.
 */
#ifndef TG_PLACE_SENDS_H
#define TG_PLACE_SENDS_H

#include <stdbool.h>
#include <stdint.h>

#include <tegula/status.h>

/** Bytes of entries: what is left of a block. */
#define TG_SEND_BLOCK 123

typedef struct tg_send_block {
    int32_t next; /* of the same rank, 0: none */
    uint8_t used; /* bytes */
    uint8_t bytes[TG_SEND_BLOCK];
} tg_send_block;

/** The list of a rank, and its last entry. */
typedef struct tg_send_list {
    int32_t first, last; /* blocks, from 1; 0: none */
    int32_t arrival, task;
} tg_send_list;

typedef struct tg_sends {
    tg_send_list *list;   /* [nranks], owned */
    tg_send_block *block; /* owned; block[0] is not used */
    int64_t nblocks, capacity;
} tg_sends;

/** Where the reading of a list is. */
typedef struct tg_send_reader {
    const tg_sends *sends;
    const tg_send_block *block; /* NULL: at the end */
    int at;
    int32_t arrival, task; /* of the entry read last */
} tg_send_reader;

TG_MUST_CHECK tg_status tg_sends_begin(tg_sends *sends, int nranks);
void tg_sends_clear(tg_sends *sends);

/** Arrival `arrival`, higher than those before, comes from the task-th task of a rank. */
TG_MUST_CHECK tg_status tg_sends_add(tg_sends *sends, int rank, int32_t arrival, int32_t task);

/** The list of a rank from its beginning. */
tg_send_reader tg_sends_read(const tg_sends *sends, int rank);

/** The next entry; false: there is none. */
bool tg_sends_next(tg_send_reader *reader);

#endif
