/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of outputs as a child of argp parsers. */
#include <tegula/outputs.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_CHUNKS = 0x500, /* beyond those of programs and of the runtime */
    KEY_DEFLATE,
    KEY_SHUFFLE,
    KEY_CODEC,
    KEY_ZARR,
    KEY_APPEND,
};

static const struct argp_option table[] = {
    {NULL, 0, NULL, 0, "How outputs are stored:", 1},
    {"out-chunks", KEY_CHUNKS, "SPEC", 0,
     "HDF5, Zarr: lengths of the chunks, by axis: 16,16,-1,auto (-1: the whole axis). Without it "
     "HDF5 is contiguous unless it is compressed",
     1},
    {"deflate", KEY_DEFLATE, "LEVEL", 0,
     "HDF5: gzip level of chunks, 1 to 9 (0, none); .nii.gz: level (6); Zarr: level of the codec",
     1},
    {"shuffle", KEY_SHUFFLE, NULL, 0, "HDF5, Zarr: shuffle bytes before they are compressed", 1},
    {"codec", KEY_CODEC, "NAME", 0, "HDF5: gzip; Zarr: zlib, gzip, zstd, blosc, lz4, lzma or bz2",
     1},
    {"zarr", KEY_ZARR, "2|3", 0, "Zarr: version of the format (2)", 1},
    {"append", KEY_APPEND, NULL, 0,
     "HDF5, Zarr: keep what the file holds and add to it; until that is whole, the file stays as "
     "it is",
     1},
    {0},
};

static error_t parse_level(struct argp_state *state, const char *text, tg_store_options *options)
{
    char *end = NULL;
    long level = strtol(text, &end, 10);

    if (end == text || *end || level < 0 || level > 22) {
        argp_error(state, "--deflate: '%s' is not a level from 0 to 9 (zstd: 22)", text);
        return EINVAL;
    }
    options->deflate = (int)level;
    return 0;
}

static error_t parse_version(struct argp_state *state, const char *text, tg_store_options *options)
{
    if (strcmp(text, "2") != 0 && strcmp(text, "3") != 0) {
        argp_error(state, "--zarr: '%s' is no version, 2 or 3", text);
        return EINVAL;
    }
    options->zarr = text[0] - '0';
    return 0;
}

/* All options are known: do they go together? */
static error_t check(struct argp_state *state, const tg_store_options *options)
{
    const char *codec = options->codec ? options->codec : "gzip";

    if (options->deflate <= 9 || strcmp(codec, "zstd") == 0)
        return 0;
    argp_error(state, "--deflate: '%d' is not a level from 0 to 9 of %s", options->deflate, codec);
    return EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    tg_store_options *options = state->input;

    switch (key) {
    case KEY_CHUNKS:
        options->chunks = arg;
        return 0;
    case KEY_DEFLATE:
        return parse_level(state, arg, options);
    case KEY_SHUFFLE:
        options->shuffle = true;
        return 0;
    case KEY_CODEC:
        options->codec = arg;
        return 0;
    case KEY_ZARR:
        return parse_version(state, arg, options);
    case KEY_APPEND:
        options->append = true;
        return 0;
    case ARGP_KEY_END:
        return check(state, options);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp tg_outputs_argp = {.options = table, .parser = parse};

const char *tg_outputs_ending(const char *path, const char *const *endings)
{
    size_t length = strlen(path);

    for (; *endings; endings++) {
        size_t size = strlen(*endings);

        if (length > size && strcmp(path + length - size, *endings) == 0)
            return path + length - size;
    }
    return NULL;
}
