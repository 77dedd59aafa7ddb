/* SPDX-License-Identifier: BSD-3-Clause */
/* How the chunks of a Zarr array are stored: filters and compressor of version 2, the chain of
 * codecs of version 3. */
#include <stdio.h>
#include <string.h>

#include "io/zarr_json.h"

/** The name without what says that it is one of numcodecs'. */
static const char *plain_name(const char *name)
{
    static const char *const prefixes[] = {"https://codec.zarrs.dev/numcodecs/", "numcodecs."};

    for (int i = 0; i < 2; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return name;
}

/** The types of a filter's elements, and of those that it stores. */
static bool parse_types(json_object *o, const char *name, tg_codec *codec)
{
    bool is_astype = strcmp(name, "astype") == 0;
    const char *from = tg_json_text(o, is_astype ? "decode_dtype" : "dtype");
    const char *to = tg_json_text(o, is_astype ? "encode_dtype" : "astype");
    tg_element element;

    if (strcmp(name, "packbits") == 0 || strcmp(name, "shuffle") == 0 || !*from)
        return strcmp(name, "delta") != 0 && strcmp(name, "fixedscaleoffset") != 0 && !is_astype &&
               strcmp(name, "quantize") != 0;
    to = *to ? to : from;
    codec->scale = json_object_get_double(tg_json_get(o, "scale"));
    codec->offset = json_object_get_double(tg_json_get(o, "offset"));
    if (strlen(from) >= sizeof codec->from || strlen(to) >= sizeof codec->to ||
        !tg_element_parse(from, &element) || !tg_element_parse(to, &element))
        return false;
    memcpy(codec->from, from, strlen(from) + 1);
    memcpy(codec->to, to, strlen(to) + 1);
    return true;
}

static void parse_blosc(json_object *o, tg_codec *codec)
{
    json_object *shuffle = tg_json_get(o, "shuffle");
    const char *way = "";

    if (json_object_is_type(shuffle, json_type_string))
        way = json_object_get_string(shuffle);
    codec->shuffle = strcmp(way, "shuffle") == 0      ? 1
                     : strcmp(way, "bitshuffle") == 0 ? 2
                                                      : json_object_get_int(shuffle);
    snprintf(codec->inner, sizeof codec->inner, "%.15s", tg_json_text(o, "cname"));
}

/** A number below 32, of a preset without its flags; 255: not there. */
static uint8_t small_number(json_object *o, const char *name)
{
    json_object *value = tg_json_get(o, name);

    return value ? (uint8_t)(json_object_get_int64(value) & 31) : 255;
}

/** The filters of a raw stream of lzma, without which nobody can read it. */
static bool parse_raw(json_object *o, tg_codec *codec)
{
    json_object *list = tg_json_get(o, "filters");
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    if (json_object_get_int(tg_json_get(o, "format")) != 3)
        return true;
    for (size_t i = 0; i < n && n <= TG_RAW_FILTERS; i++) {
        json_object *filter = json_object_array_get_idx(list, i);
        static const char *const numbers[] = {"dict_size", "dist", "start_offset"};

        codec->raw[i] = (tg_raw_filter){
            .id = json_object_get_uint64(tg_json_get(filter, "id")),
            .lc = small_number(filter, "lc"),
            .lp = small_number(filter, "lp"),
            .pb = small_number(filter, "pb"),
            .preset = small_number(filter, "preset"),
        };
        for (int k = 0; k < 3; k++)
            codec->raw[i].number |=
                (uint32_t)json_object_get_uint64(tg_json_get(filter, numbers[k]));
    }
    codec->nraw = (int32_t)n;
    return n > 0 && n <= TG_RAW_FILTERS;
}

static tg_status add_codec(const char *folder, const char *long_name, json_object *o,
                           tg_codecs *out, int itemsize)
{
    tg_status status = TG_OK;
    const char *name = plain_name(long_name), *where = tg_json_text(o, "location");
    tg_codec *codec = &out->step[out->count];
    char names[256];

    TG_NEED(out->count < TG_MAX_CODECS, TG_EARG, "%s has more than %d codecs", folder,
            TG_MAX_CODECS);
    TG_NEED(tg_codec_find(name, codec), TG_EARG,
            "%s is stored with codec '%s', which cannot be read (there are %s)", folder, long_name,
            tg_codec_names(false, names, sizeof names));
    TG_NEED(strcmp(name, "lzma") != 0 || parse_raw(o, codec), TG_EFORMAT,
            "%s is stored with codec 'lzma' in raw format, whose filters (1 to %d) it does not say",
            folder, TG_RAW_FILTERS);
    parse_blosc(o, codec);
    codec->itemsize = tg_json_get(o, "elementsize")
                          ? json_object_get_int(tg_json_get(o, "elementsize"))
                          : itemsize;
    codec->at_start = *where ? strcmp(where, "start") == 0
                             : strcmp(name, "crc32") == 0 || strcmp(name, "adler32") == 0;
    TG_NEED(codec->itemsize > 0 && parse_types(o, name, codec), TG_EFORMAT,
            "%s: codec '%s' is damaged, or of a type that cannot be read", folder, long_name);
    out->count++;
out:
    return status;
}

/* Filters in order, then the compressor. */
tg_status tg_zarr_codecs_2(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *filters = tg_json_get(meta, "filters"), *last = tg_json_get(meta, "compressor");
    size_t n =
        json_object_is_type(filters, json_type_array) ? json_object_array_length(filters) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object *filter = json_object_array_get_idx(filters, i);

        TG_TRY(add_codec(folder, tg_json_text(filter, "id"), filter, &a->codecs, a->element.size));
    }
    if (last)
        TG_TRY(add_codec(folder, tg_json_text(last, "id"), last, &a->codecs, a->element.size));
out:
    return status;
}

static tg_status parse_transpose(const char *folder, json_object *configuration, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    int64_t order[TG_MAX_NDIM];
    int n = tg_json_lengths(tg_json_get(configuration, "order"), order, TG_MAX_NDIM);
    unsigned seen = 0;

    for (int k = 0; k < n; k++) {
        seen |= order[k] < a->ndim ? 1u << order[k] : 0;
        a->order[k] = (int32_t)order[k];
    }
    TG_NEED(n == a->ndim && seen == (1u << a->ndim) - 1, TG_EFORMAT,
            "%s: codec 'transpose' is damaged", folder);
out:
    return status;
}

/** The index of a shard: plain little-endian numbers, with a checksum or not. */
static tg_status parse_shard(const char *folder, json_object *configuration, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *index = tg_json_get(configuration, "index_codecs");
    tg_zarr_level *level = &a->level[a->nlevels];
    size_t n = json_object_is_type(index, json_type_array) ? json_object_array_length(index) : 0;

    TG_NEED(a->nlevels < TG_ZARR_LEVELS, TG_EARG,
            "%s has shards within shards, more than %d deep, which cannot be read", folder,
            TG_ZARR_LEVELS);
    TG_NEED(tg_json_lengths(tg_json_get(configuration, "chunk_shape"), level->chunk, a->ndim) ==
                a->ndim,
            TG_EFORMAT, "%s: codec 'sharding_indexed' is damaged", folder);
    for (int d = 0; d < a->ndim; d++)
        TG_NEED(level->chunk[d] > 0 && a->inner[d] % level->chunk[d] == 0, TG_EFORMAT,
                "%s: shards are not cut evenly into chunks", folder);
    memcpy(a->inner, level->chunk, sizeof a->inner);
    for (size_t i = 0; i < n; i++) {
        json_object *codec = json_object_array_get_idx(index, i);
        const char *name = tg_json_text(codec, "name");

        level->index_sum |= strcmp(name, "crc32c") == 0;
        TG_NEED(
            strcmp(name, "crc32c") == 0 ||
                (strcmp(name, "bytes") == 0 &&
                 strcmp(tg_json_text(tg_json_get(codec, "configuration"), "endian"), "big") != 0),
            TG_EARG, "%s: the index of shards is stored with codec '%s', which cannot be read",
            folder, name);
    }
    a->nlevels++;
    level->index_at_start = strcmp(tg_json_text(configuration, "index_location"), "start") == 0;
    TG_TRY(tg_zarr_codecs_3(folder, tg_json_get(configuration, "codecs"), a));
out:
    return status;
}

tg_status tg_zarr_codecs_3(const char *folder, json_object *list, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    bool is_bytes = false;

    for (size_t i = 0; i < n; i++) {
        json_object *codec = json_object_array_get_idx(list, i);
        json_object *configuration = tg_json_get(codec, "configuration");
        const char *name = json_object_is_type(codec, json_type_string)
                               ? json_object_get_string(codec)
                               : tg_json_text(codec, "name");

        if (strcmp(name, "bytes") == 0 || strcmp(name, "endian") == 0) {
            bool big = strcmp(tg_json_text(configuration, "endian"), "big") == 0;

            a->element.swapped =
                a->element.size > 1 && big == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
            is_bytes = true;
        } else if (strcmp(name, "transpose") == 0 && !is_bytes) {
            TG_TRY(parse_transpose(folder, configuration, a));
        } else if (strcmp(name, "sharding_indexed") == 0 && n == 1) {
            TG_TRY(parse_shard(folder, configuration, a));
            is_bytes = true;
        } else {
            TG_TRY(add_codec(folder, name, configuration, &a->codecs, a->element.size));
        }
    }
    TG_NEED(is_bytes, TG_EFORMAT, "%s: no codec makes bytes of elements", folder);
    for (int i = 0; i < a->codecs.count; i++)
        TG_NEED(!a->element.swapped || !a->codecs.step[i].from[0], TG_EARG,
                "%s: codec '%s' with elements of the other byte order cannot be read", folder,
                tg_codec_name(&a->codecs.step[i]));
out:
    return status;
}
