/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of codecs, and chains of them. Names are those of numcodecs, which Zarr uses: plain in
 * version 2, "numcodecs.NAME" in version 3 where the specification has no codec of that name.
 */
#include "io/codec.h"

#include <stdio.h>
#include <string.h>

#include "io/codec_step.h"

static const tg_codec_row *const families[] = {
    tg_codec_compressors,
    tg_codec_checksums,
    tg_codec_filters,
};

enum { NFAMILIES = sizeof families / sizeof *families, FAMILY = 64 /* rows at most */ };

static const tg_codec_row *row_of(const tg_codec *codec)
{
    return &families[codec->kind / FAMILY][codec->kind % FAMILY];
}

bool tg_codec_find(const char *name, tg_codec *out)
{
    for (int f = 0; f < NFAMILIES; f++)
        for (int i = 0; families[f][i].name; i++)
            if (strcmp(families[f][i].name, name) == 0) {
                *out = (tg_codec){
                    .kind = f * FAMILY + i, .level = families[f][i].level, .itemsize = 1};
                return true;
            }
    return false;
}

const char *tg_codec_name(const tg_codec *codec)
{
    return row_of(codec)->name;
}

int tg_codec_levels(const tg_codec *codec)
{
    return row_of(codec)->most;
}

const char *tg_codec_names(bool compressors, char *buffer, size_t size)
{
    size_t n = 0;

    buffer[0] = 0;
    for (int f = 0; f < (compressors ? 1 : NFAMILIES); f++)
        for (int i = 0; families[f][i].name && n < size; i++)
            n += (size_t)snprintf(buffer + n, size - n, "%s%s", n ? ", " : "", families[f][i].name);
    return buffer;
}

tg_status tg_codecs_decode(tg_codec_room *room, const tg_codecs *codecs, const void *in,
                           size_t size, size_t wanted, void *home, const void **out)
{
    tg_status status = TG_OK;
    tg_step s = {.in = in, .got = size};
    size_t bytes[TG_MAX_CODECS + 1] = {wanted}; /* at most, before step i was applied */

    for (int i = 0; i < codecs->count; i++)
        bytes[i + 1] = row_of(&codecs->step[i])->bound(&codecs->step[i], bytes[i]);
    for (int i = codecs->count - 1; i >= 0; i--) {
        s.codec = &codecs->step[i];
        s.size = s.got;
        s.room = bytes[i];
        s.out = i == 0 && home ? home : tg_workspace_get(&room->turn[i % 2], room->task, s.room);
        TG_NEED(s.out, TG_ENOMEM, "no memory to decode it");
        TG_NEED(row_of(s.codec)->decode(&s), TG_EFORMAT, "its %s bytes are damaged",
                tg_codec_name(s.codec));
        s.in = s.out;
    }
    TG_NEED(s.got == wanted, TG_EFORMAT, "it has %zu bytes, not %zu", s.got, wanted);
    *out = s.in;
out:
    return status;
}

tg_status tg_codecs_encode(tg_codec_room *room, const tg_codecs *codecs, const void *in,
                           size_t size, const void **out, size_t *out_size)
{
    tg_status status = TG_OK;
    tg_step s = {.in = in, .got = size};

    for (int i = 0; i < codecs->count; i++) {
        s.codec = &codecs->step[i];
        s.size = s.got;
        s.room = row_of(s.codec)->bound(s.codec, s.size);
        s.out = tg_workspace_get(&room->turn[i % 2], room->task, s.room);
        TG_NEED(s.out, TG_ENOMEM, "no memory to encode a chunk");
        TG_NEED(row_of(s.codec)->encode(&s), TG_EARG, "a chunk of %zu bytes cannot become %s",
                s.size, tg_codec_name(s.codec));
        s.in = s.out;
    }
    *out = s.in;
    *out_size = s.got;
out:
    return status;
}
