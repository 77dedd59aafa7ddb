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
    for (int r = 0; r < nranks; r++)
        sends->list[r].end = TG_SEND_BLOCK - 1;
    sends->bits = 1;
    while (most > INT64_C(1) << sends->bits)
        sends->bits++;
    return TG_OK;
}

void tg_sends_clear(tg_sends *sends)
{
    tg_free(sends->list);
    tg_free(sends->word);
    *sends = (tg_sends){0};
}

tg_status tg_sends_reserve(tg_sends *sends, int64_t count)
{
    tg_status status = TG_OK;
    const int64_t nblocks = sends->nblocks + 2 * count; /* each entry may need two */

    TG_NEED(nblocks < UINT32_MAX, TG_EARG, "a plan has too many messages");
    TG_TRY(tg_grow(&sends->word, &sends->capacity, (nblocks + 1) * TG_SEND_BLOCK,
                   sizeof *sends->word));
out:
    return status;
}

/* Another block for a list. */
static void add_block(tg_sends *sends, tg_send_list *list)
{
    const uint32_t number = (uint32_t)++sends->nblocks;
    const uint64_t begin = (uint64_t)number * TG_SEND_BLOCK;

    sends->word[begin + TG_SEND_BLOCK - 1] = 0;
    if (list->first)
        sends->word[list->end] = number;
    else
        list->first = number;
    list->end = begin;
}

static void put(tg_sends *sends, tg_send_list *list, uint32_t word)
{
    if (tg_sends_at_link(list->end))
        add_block(sends, list);
    sends->word[list->end++] = word;
}

void tg_sends_append(tg_sends *sends, tg_send_list *list, uint32_t step, int32_t task)
{
    const bool fits = (uint64_t)step << sends->bits <= UINT32_MAX;

    put(sends, list, (fits ? step << sends->bits : 0) | (uint32_t)task);
    if (!fits)
        put(sends, list, step);
}

void tg_sends_count(const tg_sends *sends, int rank, uint32_t *count)
{
    const uint32_t mask = (UINT32_C(1) << sends->bits) - 1;
    tg_send_reader reader = tg_sends_read(sends, rank);

    while (reader.at != reader.end) {
        const uint32_t word = tg_sends_get(&reader);

        count[word & mask]++;
        if (word <= mask)
            (void)tg_sends_get(&reader);
    }
}

tg_send_reader tg_sends_read(const tg_sends *sends, int rank)
{
    const tg_send_list *list = &sends->list[rank];

    return (tg_send_reader){.word = sends->word,
                            .at = list->first ? (uint64_t)list->first * TG_SEND_BLOCK : list->end,
                            .end = list->end,
                            .bits = sends->bits};
}
