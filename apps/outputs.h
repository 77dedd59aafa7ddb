/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The options of how outputs are stored, the same in all programs: a child of their argp parsers.
 * What an option means to a format that has no such thing is nothing.
 */
#ifndef APPS_OUTPUTS_H
#define APPS_OUTPUTS_H

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/tegula.h>

/* Filled by the parser before the program proper starts, only read from then on. */
static tg_store_options outputs_options;

enum {
    KEY_OUTPUTS = 0x500,
    KEY_OUTPUTS_CHUNKS = KEY_OUTPUTS,
    KEY_OUTPUTS_DEFLATE,
    KEY_OUTPUTS_SHUFFLE,
    KEY_OUTPUTS_CODEC,
    KEY_OUTPUTS_ZARR,
    KEY_OUTPUTS_APPEND,
};

static const struct argp_option outputs_table[] = {
    {NULL, 0, NULL, 0, "How outputs are stored:", 1},
    {"out-chunks", KEY_OUTPUTS_CHUNKS, "SPEC", 0,
     "HDF5, Zarr: lengths of the chunks, by axis: 16,16,-1,auto (-1: the whole axis). Without it "
     "HDF5 is contiguous unless it is compressed",
     1},
    {"deflate", KEY_OUTPUTS_DEFLATE, "LEVEL", 0,
     "HDF5: gzip level of chunks, 1 to 9 (0, none); .nii.gz: level (6); Zarr: level of the codec",
     1},
    {"shuffle", KEY_OUTPUTS_SHUFFLE, NULL, 0,
     "HDF5, Zarr: shuffle bytes before they are compressed", 1},
    {"codec", KEY_OUTPUTS_CODEC, "NAME", 0,
     "HDF5: gzip; Zarr: zlib, gzip, zstd, blosc, lz4, lzma or bz2", 1},
    {"zarr", KEY_OUTPUTS_ZARR, "2|3", 0, "Zarr: version of the format (2)", 1},
    {"append", KEY_OUTPUTS_APPEND, NULL, 0,
     "HDF5, Zarr: keep what the file holds and add to it; until that is whole, the file stays as "
     "it is",
     1},
    {0},
};

static inline error_t outputs_level(struct argp_state *state, const char *text)
{
    char *end = NULL;
    long level = strtol(text, &end, 10);

    if (end == text || *end || level < 0 || level > 22) {
        argp_error(state, "--deflate: '%s' is not a level from 0 to 9 (zstd: 22)", text);
        return EINVAL;
    }
    outputs_options.deflate = (int)level;
    return 0;
}

/* All options are known: do they go together? */
static inline error_t outputs_check(struct argp_state *state)
{
    const char *codec = outputs_options.codec;

    if (outputs_options.deflate <= 9 || (codec && strcmp(codec, "zstd") == 0))
        return 0;
    argp_error(state, "--deflate: '%d' is not a level from 0 to 9 of %s", outputs_options.deflate,
               codec ? codec : "gzip");
    return EINVAL;
}

static inline error_t outputs_parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case KEY_OUTPUTS_CHUNKS:
        outputs_options.chunks = arg;
        return 0;
    case KEY_OUTPUTS_DEFLATE:
        return outputs_level(state, arg);
    case KEY_OUTPUTS_SHUFFLE:
        outputs_options.shuffle = true;
        return 0;
    case KEY_OUTPUTS_CODEC:
        outputs_options.codec = arg;
        return 0;
    case KEY_OUTPUTS_ZARR:
        if (strcmp(arg, "2") != 0 && strcmp(arg, "3") != 0) {
            argp_error(state, "--zarr: '%s' is no version, 2 or 3", arg);
            return EINVAL;
        }
        outputs_options.zarr = arg[0] - '0';
        return 0;
    case KEY_OUTPUTS_APPEND:
        outputs_options.append = true;
        return 0;
    case ARGP_KEY_END:
        return outputs_check(state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp outputs_argp = {.options = outputs_table, .parser = outputs_parse};
static const struct argp_child outputs_children[] = {{&outputs_argp, 0, NULL, 0}, {0}};

/** The ending of a path if it is one of these (NULL behind the last). */
static inline const char *outputs_ending(const char *path, const char *const *endings)
{
    size_t length = strlen(path);

    for (; *endings; endings++) {
        size_t size = strlen(*endings);

        if (length > size && strcmp(path + length - size, *endings) == 0)
            return path + length - size;
    }
    return NULL;
}

#endif
