/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums: 4 little-endian bytes behind the bytes they are of, or before them, as numcodecs has
 * them unless it is told otherwise. Zarr 3's own crc32c is always behind.
 */
#include <string.h>

#include <libdeflate.h>

#include "io/codec_step.h"
#include "io/hdf5_filter.h"

enum { SUM = 4 /* bytes */ };

typedef uint32_t sum_function(const void *data, size_t size);

uint32_t tg_crc32c(const void *data, size_t size)
{
    static const uint32_t step[16] = {/* four bits each */
                                      0x00000000u, 0x105ec76fu, 0x20bd8edeu, 0x30e349b1u,
                                      0x417b1dbcu, 0x5125dad3u, 0x61c69362u, 0x7198540du,
                                      0x82f63b78u, 0x92a8fc17u, 0xa24bb5a6u, 0xb21572c9u,
                                      0xc38d26c4u, 0xd3d3e1abu, 0xe330a81au, 0xf36e6f75u};
    const uint8_t *byte = data;
    uint32_t crc = ~0u;

    for (size_t i = 0; i < size; i++) {
        crc ^= byte[i];
        crc = crc >> 4 ^ step[crc & 15];
        crc = crc >> 4 ^ step[crc & 15];
    }
    return ~crc;
}

static uint32_t crc32_of(const void *data, size_t size)
{
    return libdeflate_crc32(0, data, size);
}

static uint32_t adler32_of(const void *data, size_t size)
{
    return libdeflate_adler32(1, data, size);
}

static bool decode(tg_step *s, sum_function *sum)
{
    const uint8_t *tail = (const uint8_t *)s->in + (s->codec->at_start ? 0 : s->size - SUM);
    const char *bytes = s->in + (s->codec->at_start ? SUM : 0);

    if (s->size < SUM || s->size - SUM > s->room ||
        sum(bytes, s->size - SUM) != ((uint32_t)tail[0] | (uint32_t)tail[1] << 8 |
                                      (uint32_t)tail[2] << 16 | (uint32_t)tail[3] << 24))
        return false;
    s->got = s->size - SUM;
    memcpy(s->out, bytes, s->got);
    return true;
}

static bool decode_crc32c(tg_step *s)
{
    return decode(s, tg_crc32c);
}

static bool decode_crc32(tg_step *s)
{
    return decode(s, crc32_of);
}

static bool decode_adler32(tg_step *s)
{
    return decode(s, adler32_of);
}

static bool decode_fletcher32(tg_step *s)
{
    return decode(s, tg_fletcher32);
}

static size_t bound(const tg_codec *codec, size_t size)
{
    (void)codec;
    return size + SUM;
}

const tg_codec_row tg_codec_checksums[] = {
    {"crc32c", 0, 0, decode_crc32c, NULL, bound},
    {"crc32", 0, 0, decode_crc32, NULL, bound},
    {"adler32", 0, 0, decode_adler32, NULL, bound},
    {"fletcher32", 0, 0, decode_fletcher32, NULL, bound},
    {0},
};
