/* SPDX-License-Identifier: BSD-3-Clause */
/** Codecs from bytes to bytes, as Zarr's chunks go through them: one table. */
#ifndef TG_IO_CODEC_H
#define TG_IO_CODEC_H

#include <stdbool.h>

#include <tegula/task.h>

enum { TG_MAX_CODECS = 6 };

/** One step; plain bytes, for parameters of tasks. */
typedef struct tg_codec {
    int32_t kind;     /* row of the table */
    int32_t level;    /* of compression */
    int32_t itemsize; /* of what is shuffled */
    int32_t shuffle;  /* blosc: 0 none, 1 bytes, 2 bits */
    char inner[16];   /* blosc: its compressor, "lz4" */
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

/**
 * Undo all steps: `size` bytes at `in` become the `wanted` bytes of a chunk.
 *
 * Call:    local, inside a task.
 * Owner:   *out is `in` itself, `home` or scratch; home (may be NULL) has room for `wanted` bytes.
 * Errors:  TG_EFORMAT with what is wrong, without the name: "its zstd bytes are damaged".
 */
TG_MUST_CHECK tg_status tg_codecs_decode(tg_task *task, const tg_codecs *codecs, const void *in,
                                         size_t size, size_t wanted, void *home, const void **out);

/** Apply all steps; *out is `in` itself or scratch. Call: local, inside a task. */
TG_MUST_CHECK tg_status tg_codecs_encode(tg_task *task, const tg_codecs *codecs, const void *in,
                                         size_t size, const void **out, size_t *out_size);

/** CRC-32C (Castagnoli). Call: local. */
uint32_t tg_crc32c(const void *data, size_t size);

#endif
