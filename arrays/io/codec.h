/* SPDX-License-Identifier: BSD-3-Clause */
/** Codecs from bytes to bytes, as Zarr's chunks go through them: one table. */
#ifndef TG_IO_CODEC_H
#define TG_IO_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/task.h>

#include "io/workspace.h"

enum { TG_MAX_CODECS = 6 };

/** One filter of a raw stream of lzma; numbers that are 0 and bytes that are 255 were not given. */
typedef struct tg_raw_filter {
    uint64_t id;     /* as liblzma counts them */
    uint32_t number; /* bytes of the dictionary, a distance, or where code begins */
    uint8_t lc, lp, pb, preset;
} tg_raw_filter;

enum { TG_RAW_FILTERS = 4 };

/** One step; plain bytes, for parameters of tasks. */
typedef struct tg_codec {
    int32_t kind;     /* row of the table */
    int32_t level;    /* of compression */
    int32_t itemsize; /* of what is shuffled */
    int32_t shuffle;  /* blosc: 0 none, 1 bytes, 2 bits */
    int32_t at_start; /* a checksum: before the bytes it is of */
    int32_t nraw;     /* lzma: filters of a raw stream; 0: it says itself what it is */
    tg_raw_filter raw[TG_RAW_FILTERS];
    char inner[16];       /* blosc: its compressor, "lz4" */
    char from[8], to[8];  /* filters: NumPy's types of the elements, and of those that are stored */
    double offset, scale; /* fixedscaleoffset */
} tg_codec;

/** Steps in the order in which they encode. */
typedef struct tg_codecs {
    int32_t count, reserved;
    tg_codec step[TG_MAX_CODECS];
} tg_codecs;

/** The codec of a name ("zstd"), with the level that its library suggests. Call: local. Errors:
 * false where there is none. */
bool tg_codec_find(const char *name, tg_codec *out);

/** Call: local. Owner: static. */
const char *tg_codec_name(const tg_codec *codec);

/** The highest level of compression; 0: it has none. Call: local. */
int tg_codec_levels(const tg_codec *codec);

/** "zlib, gzip, ...": what can be read, or what can be asked for to write. Call: local. Owner: the
 * buffer. */
const char *tg_codec_names(bool compressors, char *buffer, size_t size);

/** Where steps put bytes: zeroed but for the task, and used again for chunk after chunk. */
typedef struct tg_codec_room {
    tg_task *task;
    tg_workspace turn[2]; /* steps take turns */
} tg_codec_room;

/**
 * Undo all steps: `size` bytes at `in` become the `wanted` bytes of a chunk.
 *
 * Call:    local, inside a task.
 * Owner:   *out is `in` itself, `home` or in `room` until that is used again; home (may be NULL)
 *          takes `wanted` bytes.
 * Errors:  TG_EFORMAT with what is wrong, without the name: "its zstd bytes are damaged".
 */
TG_MUST_CHECK tg_status tg_codecs_decode(tg_codec_room *room, const tg_codecs *codecs,
                                         const void *in, size_t size, size_t wanted, void *home,
                                         const void **out);

/** Apply all steps; *out is `in` itself or in `room`. Call: local, inside a task. */
TG_MUST_CHECK tg_status tg_codecs_encode(tg_codec_room *room, const tg_codecs *codecs,
                                         const void *in, size_t size, const void **out,
                                         size_t *out_size);

/** CRC-32C (Castagnoli). Call: local. */
uint32_t tg_crc32c(const void *data, size_t size);

#endif
