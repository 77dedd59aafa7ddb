/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Undoing the filters of HDF5 chunks.
 *
 * The checksum is Fletcher's over big-endian 16-bit words (an odd last byte is the high one),
 * stored in little-endian order behind the bytes. Library versions before 1.6.3 stored it with the
 * bytes of each half swapped on some machines; as the library does, both are taken for right.
 *
 * LZF (M. Lehmann's LibLZF) is what h5py compresses with where it is told so, and no filter of the
 * HDF5 library: a byte below 32 announces that many literals and one more; any other has a length
 * in its high 3 bits (7: another byte adds to it), and with the next byte a 13-bit distance back.
 */
#include "io/hdf5_filter.h"

#include <string.h>

#include <libdeflate.h>

#include "kernel/planes.h"

void tg_unshuffle(size_t itemsize, size_t size, const void *in, void *out)
{
    size_t n = size / itemsize, whole = n * itemsize;

    tg_planes_join(itemsize, n, 0, n, in, out);
    memcpy((char *)out + whole, (const char *)in + whole, size - whole);
}

void tg_shuffle(size_t itemsize, size_t size, const void *in, void *out)
{
    size_t n = size / itemsize, whole = n * itemsize;
    const uint8_t *from = in;
    uint8_t *to = out;

    for (size_t k = 0; k < itemsize; k++)
        for (size_t i = 0; i < n; i++)
            to[k * n + i] = from[i * itemsize + k];
    memcpy(to + whole, from + whole, size - whole);
}

uint32_t tg_fletcher32(const void *data, size_t size)
{
    const uint8_t *byte = data;
    size_t words = size / 2;
    uint32_t one = 0, two = 0;

    while (words) {
        size_t run = words > 360 ? 360 : words; /* as many as leave the sums within 32 bits */

        words -= run;
        for (; run; run--, byte += 2) {
            one += (uint32_t)byte[0] << 8 | byte[1];
            two += one;
        }
        one = (one & 0xffff) + (one >> 16);
        two = (two & 0xffff) + (two >> 16);
    }
    if (size % 2) {
        one += (uint32_t)*byte << 8;
        two += one;
        one = (one & 0xffff) + (one >> 16);
        two = (two & 0xffff) + (two >> 16);
    }
    one = (one & 0xffff) + (one >> 16);
    two = (two & 0xffff) + (two >> 16);
    return two << 16 | one;
}

size_t tg_unlzf(const void *in, size_t size, void *out, size_t room)
{
    const uint8_t *from = in, *end = from + size;
    uint8_t *to = out, *begin = out, *limit = begin + room;

    while (from < end) {
        size_t control = *from++, length = control >> 5, back;

        if (control < 32) {
            length = control + 1;
            if (length > (size_t)(end - from) || length > (size_t)(limit - to))
                return 0;
            memcpy(to, from, length);
            from += length;
            to += length;
            continue;
        }
        if (length == 7 && from < end)
            length += *from++;
        if (from == end)
            return 0;
        back = ((control & 31) << 8 | *from++) + 1;
        length += 2;
        if (back > (size_t)(to - begin) || length > (size_t)(limit - to))
            return 0;
        for (; length; length--, to++) /* the parts may overlap */
            *to = *(to - back);
    }
    return (size_t)(to - begin);
}

/** Bytes on their way through the filters. */
struct passing {
    const char *bytes;
    size_t size;
    int spare; /* the buffer to be used next */
};

static tg_status check_sum(struct passing *p)
{
    tg_status status = TG_OK;
    const uint8_t *tail;
    uint32_t stored, sum, swapped;

    TG_NEED(p->size >= 4, TG_EFORMAT, "it is too short for its checksum");
    p->size -= 4;
    tail = (const uint8_t *)p->bytes + p->size;
    stored = (uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16 |
             (uint32_t)tail[3] << 24;
    sum = tg_fletcher32(p->bytes, p->size);
    swapped = (sum & 0x00ff00ff) << 8 | (sum >> 8 & 0x00ff00ff);
    TG_NEED(stored == sum || stored == swapped, TG_EFORMAT,
            "its checksum is not that of its bytes (%08x, not %08x)", sum, stored);
out:
    return status;
}

static tg_status unlzf_chunk(struct passing *p, char *to, size_t room)
{
    tg_status status = TG_OK;

    p->size = tg_unlzf(p->bytes, p->size, to, room);
    p->bytes = to;
    TG_NEED(p->size, TG_EFORMAT, "its LZF bytes are damaged");
out:
    return status;
}

static tg_status inflate_chunk(tg_hdf5_decoder *decoder, struct passing *p, char *to, size_t room)
{
    tg_status status = TG_OK;
    size_t size = 0;
    enum libdeflate_result result;

    if (!decoder->inflater)
        decoder->inflater = libdeflate_alloc_decompressor();
    TG_NEED(decoder->inflater, TG_ENOMEM, "no memory to inflate it");
    result = libdeflate_zlib_decompress(decoder->inflater, p->bytes, p->size, to, room, &size);
    TG_NEED(result == LIBDEFLATE_SUCCESS, TG_EFORMAT, "%s",
            result == LIBDEFLATE_INSUFFICIENT_SPACE ? "it inflates to more than a chunk"
                                                    : "its deflated bytes are damaged");
    p->bytes = to;
    p->size = size;
out:
    return status;
}

/** The first filter that was applied, the last to be undone; -1: none. */
static int last_undone(const tg_hdf5_decoder *decoder, uint32_t mask)
{
    for (int i = 0; i < decoder->nfilters; i++)
        if (!(mask >> i & 1))
            return i;
    return -1;
}

/** The spare buffer to be used next: room for the chunk and checksums on the way. */
static tg_status next_spare(tg_hdf5_decoder *decoder, const struct passing *p, char **to,
                            size_t *room)
{
    tg_status status = TG_OK;
    char **spare = &decoder->spare[p->spare];

    *room = decoder->chunk_size + 4 * TG_HDF5_MAX_FILTERS;
    if (!*spare)
        *spare = tg_task_scratch(decoder->task, *room);
    TG_NEED(*spare, TG_ENOMEM, "no memory to decode its %zu bytes", decoder->chunk_size);
    *to = *spare;
out:
    return status;
}

/** Undo filter i, which moves bytes, to where the chunk is to be, or to a spare buffer (`to` NULL).
 */
static tg_status undo(tg_hdf5_decoder *decoder, int i, struct passing *p, char *to)
{
    tg_status status = TG_OK;
    size_t room = decoder->chunk_size;

    if (!to)
        TG_TRY(next_spare(decoder, p, &to, &room));
    if (decoder->filter[i] == TG_HDF5_DEFLATE) {
        TG_TRY(inflate_chunk(decoder, p, to, room));
    } else if (decoder->filter[i] == TG_HDF5_LZF) {
        TG_TRY(unlzf_chunk(p, to, room));
    } else {
        TG_NEED(p->size <= room, TG_EFORMAT, "it is longer than a chunk");
        tg_unshuffle(decoder->itemsize, p->size, p->bytes, to);
        p->bytes = to;
    }
out:
    return status;
}

tg_status tg_hdf5_decode(tg_hdf5_decoder *decoder, const tg_hdf5_chunk *chunk, const void *bytes,
                         void *preferred, const void **out)
{
    tg_status status = TG_OK;
    struct passing p = {bytes, chunk->size, 0};
    uint32_t mask = chunk->mask;
    int last = last_undone(decoder, mask);

    decoder->shuffled =
        decoder->leave_shuffled && last >= 0 && decoder->filter[last] == TG_HDF5_SHUFFLE;
    if (decoder->shuffled) {
        mask |= UINT32_C(1) << last;
        last = last_undone(decoder, mask);
    }
    for (int i = decoder->nfilters - 1; i >= 0; i--) {
        if (mask >> i & 1)
            continue;
        if (decoder->filter[i] == TG_HDF5_FLETCHER32)
            TG_TRY(check_sum(&p));
        else
            TG_TRY(undo(decoder, i, &p, i == last ? preferred : NULL));
        p.spare = p.bytes == decoder->spare[0];
    }
    TG_NEED(p.size == decoder->chunk_size, TG_EFORMAT, "it has %zu bytes, not %zu", p.size,
            decoder->chunk_size);
    *out = p.bytes;
out:
    return status;
}

void tg_hdf5_decoder_end(tg_hdf5_decoder *decoder)
{
    if (decoder->inflater)
        libdeflate_free_decompressor(decoder->inflater);
    decoder->inflater = NULL;
}
