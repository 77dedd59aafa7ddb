/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Codecs: zlib and gzip by libdeflate (several gzip members by zlib), zstd by libzstd, blosc with
 * all its compressors by c-blosc, whose calls with a context need no lock.
 */
#include "io/codec.h"

#include <string.h>

#include <blosc.h>
#include <libdeflate.h>
#include <zlib.h>
#include <zstd.h>

#include "io/hdf5_filter.h"

/** Bytes on their way through one step. */
struct step {
    const tg_codec *codec;
    const char *in;
    size_t size;
    char *out;
    size_t room; /* bytes at out */
    size_t got;
};

/* ---- zlib, gzip ---- */

typedef enum libdeflate_result inflate_function(struct libdeflate_decompressor *, const void *,
                                                size_t, void *, size_t, size_t *);

/** Members that follow each other, as gzip allows. */
static bool inflate_stream(struct step *s)
{
    z_stream stream = {.next_in = (Bytef *)s->in, .next_out = (Bytef *)s->out};
    int result = inflateInit2(&stream, 15 + 16);

    stream.avail_in = (uInt)s->size;
    stream.avail_out = (uInt)s->room;
    while (result == Z_OK) {
        result = inflate(&stream, Z_NO_FLUSH);
        if (result == Z_STREAM_END && stream.avail_in > 0)
            result = inflateReset(&stream);
    }
    inflateEnd(&stream);
    s->got = s->room - stream.avail_out;
    return result == Z_STREAM_END && s->size < UINT32_MAX && s->room < UINT32_MAX;
}

static bool inflate_by(struct step *s, inflate_function *function)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_BAD_DATA;

    if (inflater)
        result = function(inflater, s->in, s->size, s->out, s->room, &s->got);
    libdeflate_free_decompressor(inflater);
    return result == LIBDEFLATE_SUCCESS;
}

static bool decode_zlib(struct step *s)
{
    return inflate_by(s, libdeflate_zlib_decompress);
}

static bool decode_gzip(struct step *s)
{
    return inflate_by(s, libdeflate_gzip_decompress) || inflate_stream(s);
}

typedef size_t deflate_function(struct libdeflate_compressor *, const void *, size_t, void *,
                                size_t);

static bool deflate_by(struct step *s, deflate_function *function)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(s->codec->level);

    if (deflater)
        s->got = function(deflater, s->in, s->size, s->out, s->room);
    libdeflate_free_compressor(deflater);
    return s->got > 0;
}

static bool encode_zlib(struct step *s)
{
    return deflate_by(s, libdeflate_zlib_compress);
}

static bool encode_gzip(struct step *s)
{
    return deflate_by(s, libdeflate_gzip_compress);
}

static size_t bound_deflate(size_t size)
{
    return libdeflate_gzip_compress_bound(NULL, size);
}

/* ---- zstd ---- */

static bool decode_zstd(struct step *s)
{
    s->got = ZSTD_decompress(s->out, s->room, s->in, s->size);
    return !ZSTD_isError(s->got);
}

static bool encode_zstd(struct step *s)
{
    s->got = ZSTD_compress(s->out, s->room, s->in, s->size, s->codec->level);
    return !ZSTD_isError(s->got);
}

static size_t bound_zstd(size_t size)
{
    return ZSTD_compressBound(size);
}

/* ---- blosc ---- */

static bool decode_blosc(struct step *s)
{
    size_t size = 0;
    int got;

    if (blosc_cbuffer_validate(s->in, s->size, &size) != 0 || size > s->room)
        return false;
    got = blosc_decompress_ctx(s->in, s->out, s->room, 1);
    s->got = got > 0 ? (size_t)got : 0;
    return got >= 0 && s->got == size;
}

static bool encode_blosc(struct step *s)
{
    int got = blosc_compress_ctx(s->codec->level, s->codec->shuffle, (size_t)s->codec->itemsize,
                                 s->size, s->in, s->out, s->room, s->codec->inner, 0, 1);

    s->got = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static size_t bound_blosc(size_t size)
{
    return size + BLOSC_MAX_OVERHEAD;
}

/* ---- shuffle, crc32c ---- */

static bool decode_shuffle(struct step *s)
{
    if (s->size > s->room)
        return false;
    tg_unshuffle((size_t)s->codec->itemsize, s->size, s->in, s->out);
    s->got = s->size;
    return true;
}

static bool encode_shuffle(struct step *s)
{
    tg_shuffle((size_t)s->codec->itemsize, s->size, s->in, s->out);
    s->got = s->size;
    return true;
}

static size_t bound_same(size_t size)
{
    return size;
}

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

static bool decode_crc32c(struct step *s)
{
    const uint8_t *tail = (const uint8_t *)s->in + s->size - 4;

    if (s->size < 4 || s->size - 4 > s->room ||
        tg_crc32c(s->in, s->size - 4) != ((uint32_t)tail[0] | (uint32_t)tail[1] << 8 |
                                          (uint32_t)tail[2] << 16 | (uint32_t)tail[3] << 24))
        return false;
    s->got = s->size - 4;
    memcpy(s->out, s->in, s->got);
    return true;
}

static bool encode_crc32c(struct step *s)
{
    uint32_t crc = tg_crc32c(s->in, s->size);

    memcpy(s->out, s->in, s->size);
    for (int i = 0; i < 4; i++)
        s->out[s->size + (size_t)i] = (char)(crc >> 8 * i);
    s->got = s->size + 4;
    return true;
}

static size_t bound_crc32c(size_t size)
{
    return size + 4;
}

/* ---- the table ---- */

static const struct row {
    const char *name;
    int level; /* where none is asked for */
    bool (*decode)(struct step *);
    bool (*encode)(struct step *);
    size_t (*bound)(size_t); /* bytes that `size` can become */
} rows[] = {
    {"zlib", 5, decode_zlib, encode_zlib, bound_deflate},
    {"gzip", 5, decode_gzip, encode_gzip, bound_deflate},
    {"zstd", 3, decode_zstd, encode_zstd, bound_zstd},
    {"blosc", 5, decode_blosc, encode_blosc, bound_blosc},
    {"shuffle", 0, decode_shuffle, encode_shuffle, bound_same},
    {"crc32c", 0, decode_crc32c, encode_crc32c, bound_crc32c},
};

enum { NROWS = sizeof rows / sizeof *rows };

bool tg_codec_find(const char *name, tg_codec *out)
{
    for (int i = 0; i < NROWS; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *out = (tg_codec){.kind = i, .level = rows[i].level, .itemsize = 1};
            return true;
        }
    return false;
}

const char *tg_codec_name(const tg_codec *codec)
{
    return rows[codec->kind].name;
}

tg_status tg_codecs_decode(tg_task *task, const tg_codecs *codecs, const void *in, size_t size,
                           size_t wanted, void *home, const void **out)
{
    tg_status status = TG_OK;
    struct step s = {.in = in, .got = size};
    size_t room = wanted;

    for (int i = 0; i < codecs->count; i++) /* what a chunk can be before the last step is undone */
        room = rows[codecs->step[i].kind].bound(room);
    for (int i = codecs->count - 1; i >= 0; i--) {
        bool last = i == 0;

        s.codec = &codecs->step[i];
        s.size = s.got;
        s.room = last ? wanted : room;
        s.out = last && home ? home : tg_task_scratch(task, s.room + 1);
        TG_NEED(s.out, TG_ENOMEM, "no memory to decode it");
        TG_NEED(rows[s.codec->kind].decode(&s), TG_EFORMAT, "its %s bytes are damaged",
                tg_codec_name(s.codec));
        s.in = s.out;
    }
    TG_NEED(s.got == wanted, TG_EFORMAT, "it has %zu bytes, not %zu", s.got, wanted);
    *out = s.in;
out:
    return status;
}

tg_status tg_codecs_encode(tg_task *task, const tg_codecs *codecs, const void *in, size_t size,
                           const void **out, size_t *out_size)
{
    tg_status status = TG_OK;
    struct step s = {.in = in, .got = size};

    for (int i = 0; i < codecs->count; i++) {
        s.codec = &codecs->step[i];
        s.size = s.got;
        s.room = rows[s.codec->kind].bound(s.size);
        s.out = tg_task_scratch(task, s.room + 1);
        TG_NEED(s.out, TG_ENOMEM, "no memory to encode a chunk");
        TG_NEED(rows[s.codec->kind].encode(&s), TG_EARG, "a chunk of %zu bytes cannot become %s",
                s.size, tg_codec_name(s.codec));
        s.in = s.out;
    }
    *out = s.in;
    *out_size = s.got;
out:
    return status;
}
