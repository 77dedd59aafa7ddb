/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compressors: zlib and gzip by libdeflate (several gzip members by zlib), zstd by libzstd, blosc
 * with all its compressors by c-blosc, whose calls with a context need no lock; lz4, lzma and bz2
 * by their libraries where these were there when Tegula was built.
 *
 * lz4 is numcodecs' form of it: the size as 4 little-endian bytes, then one block. lzma is any
 * stream of xz or of the older lzma_alone, or a raw one; what is written is xz.
 */
#include <string.h>

#include <blosc.h>
#ifdef TG_HAVE_BZIP2
#include <bzlib.h>
#endif
#include <libdeflate.h>
#ifdef TG_HAVE_LZ4
#include <lz4.h>
#endif
#ifdef TG_HAVE_LZMA
#include <lzma.h>
#endif
#include <zlib.h>
#include <zstd.h>

#include "io/codec_step.h"

typedef enum libdeflate_result inflate_function(struct libdeflate_decompressor *, const void *,
                                                size_t, void *, size_t, size_t *);

/** Members that follow each other, as gzip allows. */
static bool inflate_stream(tg_step *s)
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

static bool inflate_by(tg_step *s, inflate_function *function)
{
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    enum libdeflate_result result = LIBDEFLATE_BAD_DATA;

    if (inflater)
        result = function(inflater, s->in, s->size, s->out, s->room, &s->got);
    libdeflate_free_decompressor(inflater);
    return result == LIBDEFLATE_SUCCESS;
}

static bool decode_zlib(tg_step *s)
{
    return inflate_by(s, libdeflate_zlib_decompress);
}

static bool decode_gzip(tg_step *s)
{
    return inflate_by(s, libdeflate_gzip_decompress) || inflate_stream(s);
}

typedef size_t deflate_function(struct libdeflate_compressor *, const void *, size_t, void *,
                                size_t);

static bool deflate_by(tg_step *s, deflate_function *function)
{
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(s->codec->level);

    if (deflater)
        s->got = function(deflater, s->in, s->size, s->out, s->room);
    libdeflate_free_compressor(deflater);
    return s->got > 0;
}

static bool encode_zlib(tg_step *s)
{
    return deflate_by(s, libdeflate_zlib_compress);
}

static bool encode_gzip(tg_step *s)
{
    return deflate_by(s, libdeflate_gzip_compress);
}

static size_t bound_deflate(const tg_codec *codec, size_t size)
{
    (void)codec;
    return libdeflate_gzip_compress_bound(NULL, size);
}

static bool decode_zstd(tg_step *s)
{
    s->got = ZSTD_decompress(s->out, s->room, s->in, s->size);
    return !ZSTD_isError(s->got);
}

static bool encode_zstd(tg_step *s)
{
    s->got = ZSTD_compress(s->out, s->room, s->in, s->size, s->codec->level);
    return !ZSTD_isError(s->got);
}

static size_t bound_zstd(const tg_codec *codec, size_t size)
{
    (void)codec;
    return ZSTD_compressBound(size);
}

static bool decode_blosc(tg_step *s)
{
    size_t size = 0;
    int got;

    if (blosc_cbuffer_validate(s->in, s->size, &size) != 0 || size > s->room)
        return false;
    got = blosc_decompress_ctx(s->in, s->out, s->room, 1);
    s->got = got > 0 ? (size_t)got : 0;
    return got >= 0 && s->got == size;
}

static bool encode_blosc(tg_step *s)
{
    int got = blosc_compress_ctx(s->codec->level, s->codec->shuffle, (size_t)s->codec->itemsize,
                                 s->size, s->in, s->out, s->room, s->codec->inner, 0, 1);

    s->got = got > 0 ? (size_t)got : 0;
    return got > 0;
}

static size_t bound_blosc(const tg_codec *codec, size_t size)
{
    (void)codec;
    return size + BLOSC_MAX_OVERHEAD;
}

#ifdef TG_HAVE_LZ4
static bool decode_lz4(tg_step *s)
{
    const uint8_t *head = (const uint8_t *)s->in;
    size_t size;
    int got;

    if (s->size < 4 || s->size > LZ4_MAX_INPUT_SIZE)
        return false;
    size = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (size > s->room || size > LZ4_MAX_INPUT_SIZE)
        return false;
    got = LZ4_decompress_safe(s->in + 4, s->out, (int)(s->size - 4), (int)size);
    s->got = got > 0 ? (size_t)got : 0;
    return got >= 0 && s->got == size;
}

static bool encode_lz4(tg_step *s)
{
    int got = 0;

    if (s->size <= LZ4_MAX_INPUT_SIZE)
        got =
            LZ4_compress_fast(s->in, s->out + 4, (int)s->size, (int)(s->room - 4), s->codec->level);
    for (int i = 0; i < 4; i++)
        s->out[i] = (char)(s->size >> 8 * i);
    s->got = (size_t)got + 4;
    return got > 0;
}

static size_t bound_lz4(const tg_codec *codec, size_t size)
{
    (void)codec;
    return size + size / 255 + 20; /* LZ4_compressBound, beyond its largest size too */
}
#endif

#ifdef TG_HAVE_LZMA
/** What liblzma wants to know of the filters of a raw stream. */
struct raw_options {
    lzma_filter chain[TG_RAW_FILTERS + 1];
    lzma_options_lzma lzma[TG_RAW_FILTERS];
    lzma_options_delta delta[TG_RAW_FILTERS];
    lzma_options_bcj code[TG_RAW_FILTERS];
};

/** No distance is longer than what comes out, so that no larger dictionary is needed. */
static bool lzma_options_of(const tg_raw_filter *raw, size_t room, lzma_options_lzma *out)
{
    const uint32_t least = LZMA_DICT_SIZE_MIN;

    if (lzma_lzma_preset(out, raw->preset == 255 ? LZMA_PRESET_DEFAULT : raw->preset))
        return false;
    out->dict_size = raw->number ? raw->number : out->dict_size;
    out->dict_size = room < out->dict_size ? (uint32_t)room : out->dict_size;
    out->dict_size = out->dict_size < least ? least : out->dict_size;
    out->lc = raw->lc == 255 ? out->lc : raw->lc;
    out->lp = raw->lp == 255 ? out->lp : raw->lp;
    out->pb = raw->pb == 255 ? out->pb : raw->pb;
    return true;
}

static lzma_ret begin_raw(lzma_stream *stream, const tg_codec *codec, size_t room)
{
    struct raw_options o = {0};

    for (int i = 0; i < codec->nraw; i++) {
        const tg_raw_filter *raw = &codec->raw[i];

        o.chain[i] = (lzma_filter){raw->id, &o.code[i]};
        o.code[i].start_offset = raw->number;
        if (raw->id == LZMA_FILTER_DELTA) {
            o.delta[i] = (lzma_options_delta){.type = LZMA_DELTA_TYPE_BYTE,
                                              .dist = raw->number ? raw->number : 1};
            o.chain[i].options = &o.delta[i];
        } else if (raw->id == LZMA_FILTER_LZMA1 || raw->id == LZMA_FILTER_LZMA2) {
            if (!lzma_options_of(raw, room, &o.lzma[i]))
                return LZMA_OPTIONS_ERROR;
            o.chain[i].options = &o.lzma[i];
        }
    }
    o.chain[codec->nraw].id = LZMA_VLI_UNKNOWN;
    return lzma_raw_decoder(stream, o.chain);
}

static bool decode_lzma(tg_step *s)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_ret result = s->codec->nraw ? begin_raw(&stream, s->codec, s->room)
                                     : lzma_auto_decoder(&stream, UINT64_MAX, 0);

    stream.next_in = (const uint8_t *)s->in;
    stream.avail_in = s->size;
    stream.next_out = (uint8_t *)s->out;
    stream.avail_out = s->room;
    while (result == LZMA_OK && stream.avail_out + stream.avail_in > 0) {
        size_t left = stream.avail_out + stream.avail_in;

        result = lzma_code(&stream, LZMA_FINISH);
        if (result == LZMA_OK && left == stream.avail_out + stream.avail_in)
            break;
    }
    s->got = s->room - stream.avail_out;
    lzma_end(&stream);
    return result == LZMA_STREAM_END || (result == LZMA_OK && stream.avail_in == 0);
}

static bool encode_lzma(tg_step *s)
{
    s->got = 0;
    return lzma_easy_buffer_encode((uint32_t)s->codec->level, LZMA_CHECK_CRC64, NULL,
                                   (const uint8_t *)s->in, s->size, (uint8_t *)s->out, &s->got,
                                   s->room) == LZMA_OK;
}

static size_t bound_lzma(const tg_codec *codec, size_t size)
{
    (void)codec;
    return lzma_stream_buffer_bound(size);
}
#endif

#ifdef TG_HAVE_BZIP2
static bool decode_bz2(tg_step *s)
{
    unsigned got = (unsigned)s->room;
    int result = BZ_DATA_ERROR;

    if (s->size < UINT32_MAX && s->room < UINT32_MAX)
        result = BZ2_bzBuffToBuffDecompress(s->out, &got, (char *)s->in, (unsigned)s->size, 0, 0);
    s->got = got;
    return result == BZ_OK;
}

static bool encode_bz2(tg_step *s)
{
    unsigned got = (unsigned)s->room;
    int result = BZ_DATA_ERROR;

    if (s->room < UINT32_MAX)
        result = BZ2_bzBuffToBuffCompress(s->out, &got, (char *)s->in, (unsigned)s->size,
                                          s->codec->level, 0, 0);
    s->got = got;
    return result == BZ_OK;
}

static size_t bound_bz2(const tg_codec *codec, size_t size)
{
    (void)codec;
    return size + size / 100 + 600; /* by its manual */
}
#endif

const tg_codec_row tg_codec_compressors[] = {
    {"zlib", 5, 9, decode_zlib, encode_zlib, bound_deflate},
    {"gzip", 5, 9, decode_gzip, encode_gzip, bound_deflate},
    {"zstd", 3, 22, decode_zstd, encode_zstd, bound_zstd},
    {"blosc", 5, 9, decode_blosc, encode_blosc, bound_blosc},
#ifdef TG_HAVE_LZ4
    {"lz4", 1, 65537, decode_lz4, encode_lz4, bound_lz4}, /* its level is an acceleration */
#endif
#ifdef TG_HAVE_LZMA
    {"lzma", 6, 9, decode_lzma, encode_lzma, bound_lzma},
#endif
#ifdef TG_HAVE_BZIP2
    {"bz2", 9, 9, decode_bz2, encode_bz2, bound_bz2},
#endif
    {0},
};
