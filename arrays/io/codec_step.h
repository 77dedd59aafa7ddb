/* SPDX-License-Identifier: BSD-3-Clause */
/** What the table of codecs (io/codec.h) is made of: families of rows. */
#ifndef TG_IO_CODEC_STEP_H
#define TG_IO_CODEC_STEP_H

#include <stddef.h>

#include "io/codec.h"

/** Bytes on their way through one step. */
typedef struct tg_step {
    const tg_codec *codec;
    const char *in;
    size_t size;
    char *out;
    size_t room; /* bytes at out */
    size_t got;  /* answered: bytes that came out */
} tg_step;

/** A row of the table. */
typedef struct tg_codec_row {
    const char *name; /* NULL: behind the last */
    int level, most;  /* of compression: where none is asked for, and the highest; 0: has none */
    bool (*decode)(tg_step *);
    bool (*encode)(tg_step *);                 /* NULL: is read only */
    size_t (*bound)(const tg_codec *, size_t); /* the most bytes that `size` can become */
} tg_codec_row;

extern const tg_codec_row tg_codec_compressors[];
extern const tg_codec_row tg_codec_checksums[];
extern const tg_codec_row tg_codec_filters[];

#endif
