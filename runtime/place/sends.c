/* SPDX-License-Identifier: BSD-3-Clause */
/* See sends.h. Numbers are in groups of 7 bits, the lowest first; the 8th bit says that more
 * follow. A difference that may be negative has its sign in the lowest bit. */
#include "place/sends.h"

#include <inttypes.h>

#include "base/memory.h"

/* Bytes that an entry takes at most. */
enum { MOST = 10 };

tg_status tg_sends_begin(tg_sends *sends, int nranks)
{
    sends->list = tg_alloc_array(nranks, sizeof *sends->list);
    if (!sends->list)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", nranks);
    return TG_OK;
}

void tg_sends_clear(tg_sends *sends)
{
    tg_free(sends->list);
    tg_free(sends->block);
    *sends = (tg_sends){0};
}

/* A block at the end of a list. */
static tg_status append_block(tg_sends *sends, tg_send_list *list)
{
    tg_status status = TG_OK;
    const int32_t number = (int32_t)(sends->nblocks + 1);

    TG_TRY(tg_grow(&sends->block, &sends->capacity, number + 1, sizeof *sends->block));
    sends->block[number].next = 0;
    sends->block[number].used = 0;
    if (list->last)
        sends->block[list->last].next = number;
    else
        list->first = number;
    list->last = number;
    sends->nblocks++;
out:
    return status;
}

static void put(tg_send_block *block, uint32_t number)
{
    for (; number >= 128; number >>= 7)
        block->bytes[block->used++] = (uint8_t)(number | 128);
    block->bytes[block->used++] = (uint8_t)number;
}

static uint32_t get(tg_send_reader *reader)
{
    uint32_t number = 0, byte;
    int shift = 0;

    do {
        byte = reader->block->bytes[reader->at++];
        number |= (byte & 127) << shift;
        shift += 7;
    } while (byte & 128);
    return number;
}

tg_status tg_sends_add(tg_sends *sends, int rank, int32_t arrival, int32_t task)
{
    tg_status status = TG_OK;
    tg_send_list *list = &sends->list[rank];
    const uint32_t step = (uint32_t)task - (uint32_t)list->task;

    if (!list->last || sends->block[list->last].used + MOST > TG_SEND_BLOCK)
        TG_TRY(append_block(sends, list));
    put(&sends->block[list->last], (uint32_t)(arrival - list->arrival));
    put(&sends->block[list->last], step << 1 ^ (task < list->task ? UINT32_MAX : 0));
    list->arrival = arrival;
    list->task = task;
out:
    return status;
}

tg_send_reader tg_sends_read(const tg_sends *sends, int rank)
{
    const int32_t first = sends->list[rank].first;

    return (tg_send_reader){.sends = sends, .block = first ? &sends->block[first] : NULL};
}

bool tg_sends_next(tg_send_reader *reader)
{
    uint32_t step;

    if (reader->block && reader->at == reader->block->used) {
        const int32_t next = reader->block->next;

        reader->block = next ? &reader->sends->block[next] : NULL;
        reader->at = 0;
        if (next)
            __builtin_prefetch(&reader->sends->block[reader->block->next]);
    }
    if (!reader->block)
        return false;
    reader->arrival += (int32_t)get(reader);
    step = get(reader);
    reader->task += (int32_t)(step >> 1 ^ (step & 1 ? UINT32_MAX : 0));
    return true;
}
