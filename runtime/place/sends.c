/* SPDX-License-Identifier: BSD-3-Clause */
/* See sends.h. */
#include "place/sends.h"

#include <inttypes.h>

#include "base/memory.h"

tg_status tg_sends_begin(tg_sends *sends, int nranks, int64_t most)
{
    sends->list = tg_alloc_array(nranks, sizeof *sends->list);
    if (!sends->list)
        return tg_fail(TG_ENOMEM, "out of memory: %d ranks", nranks);
    sends->bits = 1;
    while (most > INT64_C(1) << sends->bits)
        sends->bits++;
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

tg_status tg_sends_add(tg_sends *sends, int rank, int32_t arrival, int32_t task)
{
    tg_status status = TG_OK;
    tg_send_list *list = &sends->list[rank];
    const uint32_t step = (uint32_t)(arrival - list->arrival);
    const bool fits = (uint64_t)step << sends->bits <= UINT32_MAX;
    tg_send_block *block;

    if (!list->last || sends->block[list->last].used + 2 > TG_SEND_BLOCK)
        TG_TRY(append_block(sends, list));
    block = &sends->block[list->last];
    block->word[block->used++] = (fits ? step << sends->bits : 0) | (uint32_t)task;
    if (!fits)
        block->word[block->used++] = step;
    list->arrival = arrival;
    list->count++;
out:
    return status;
}

tg_send_reader tg_sends_read(const tg_sends *sends, int rank)
{
    const int32_t first = sends->list[rank].first;

    return (tg_send_reader){.sends = sends, .block = first ? &sends->block[first] : NULL};
}
