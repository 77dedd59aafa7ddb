/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Metadata of Zarr arrays. Version 2 keeps them in .zarray and .zattrs, version 3 in zarr.json:
 *
 *     2   dtype "<i2", order "C" | "F", filters, compressor
 *     3   data_type "int16", codecs: transpose, bytes, then bytes to bytes; or sharding_indexed,
 *         whose own codecs are those of the chunks in a shard
 *
 * (zarr-specs.readthedocs.io, core protocols v2 and v3.)
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/box.h"
#include "io/zarr.h"

/* ---- JSON ---- */

static json_object *get(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (object && json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &value);
    return value;
}

/** A text member, "" where there is none. */
static const char *text_of(json_object *object, const char *key)
{
    json_object *value = get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

/** A list of up to `room` lengths; how many, -1 where it is none. */
static int lengths_of(json_object *list, int64_t *out, int room)
{
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    if (!json_object_is_type(list, json_type_array) || n > (size_t)room)
        return -1;
    for (size_t i = 0; i < n; i++) {
        json_object *value = json_object_array_get_idx(list, i);

        out[i] = json_object_get_int64(value);
        if (!json_object_is_type(value, json_type_int) || out[i] < 0)
            return -1;
    }
    return (int)n;
}

static tg_status read_json(const char *folder, const char *name, json_object **out, tg_stamp *stamp)
{
    tg_status status = TG_OK;
    char *path = tg_zarr_join(folder, name);
    tg_stamp local;

    TG_NEED(path, TG_ENOMEM, "metadata of %s", folder);
    TG_TRY(tg_file_stamp(path, stamp ? stamp : &local));
    *out = json_object_from_file(path);
    TG_NEED(json_object_is_type(*out, json_type_object), TG_EFORMAT,
            "%s is damaged: no JSON object", path);
out:
    free(path);
    return status;
}

/* ---- fill values ---- */

/** The element's bytes from a number. */
static void put_number(tg_zarr_array *a, json_object *value)
{
    double real = json_object_get_double(value);
    int64_t whole = json_object_get_int64(value);
    uint64_t natural = json_object_get_uint64(value);
    float single = (float)real;

    switch ((tg_dtype)a->element.dtype) {
    case TG_FLOAT32:
        memcpy(a->fill, &single, sizeof single);
        break;
    case TG_FLOAT64:
        memcpy(a->fill, &real, sizeof real);
        break;
    case TG_BOOL:
        a->fill[0] = json_object_get_boolean(value) != 0;
        break;
    case TG_UINT64:
        memcpy(a->fill, &natural, sizeof natural);
        break;
    default: /* the low bytes of an integer are the integer */
        if (json_object_is_type(value, json_type_double))
            whole = (int64_t)real;
        memcpy(a->fill, &whole, tg_dtype_size((tg_dtype)a->element.dtype));
    }
}

/** "NaN", "Infinity", "-Infinity", or the bits as "0x7fc00000". */
static bool put_text(tg_zarr_array *a, const char *text)
{
    bool is_float = a->element.dtype == TG_FLOAT32 || a->element.dtype == TG_FLOAT64;
    size_t size = (size_t)a->element.size;
    uint64_t bits;
    char *end = NULL;
    double value;

    if (!is_float)
        return false;
    if (strncmp(text, "0x", 2) == 0) {
        unsigned char stored[8] = {0};

        bits = strtoull(text, &end, 16);
        memcpy(stored, &bits, size);
        tg_element_decode(&(tg_element){.dtype = a->element.dtype,
                                        .size = a->element.size,
                                        .half = a->element.half},
                          1, stored, a->fill);
    } else {
        value = strtod(text, &end);
        if (a->element.dtype == TG_FLOAT32)
            memcpy(a->fill, &(float){(float)value}, sizeof(float));
        else
            memcpy(a->fill, &value, sizeof value);
    }
    return end != text && !*end;
}

static tg_status parse_fill(const char *folder, json_object *value, tg_zarr_array *a)
{
    tg_status status = TG_OK;

    if (json_object_is_type(value, json_type_string))
        TG_NEED(put_text(a, json_object_get_string(value)), TG_EFORMAT,
                "%s: the fill value '%s' is none for %s", folder, json_object_get_string(value),
                tg_dtype_name((tg_dtype)a->element.dtype));
    else if (value)
        put_number(a, value);
out:
    return status;
}

/* ---- codecs ---- */

static tg_status add_codec(const char *folder, const char *name, json_object *configuration,
                           tg_codecs *out, int itemsize)
{
    tg_status status = TG_OK;
    tg_codec *codec = &out->step[out->count];
    json_object *shuffle = get(configuration, "shuffle");
    const char *inner = text_of(configuration, "cname"), *way = "";

    TG_NEED(out->count < TG_MAX_CODECS, TG_EARG, "%s has more than %d codecs", folder,
            TG_MAX_CODECS);
    TG_NEED(tg_codec_find(name, codec), TG_EARG,
            "%s is stored with codec '%s': zlib, gzip, zstd, blosc, shuffle and crc32c can be read",
            folder, name);
    if (json_object_is_type(shuffle, json_type_string))
        way = json_object_get_string(shuffle);
    codec->shuffle = strcmp(way, "shuffle") == 0      ? 1
                     : strcmp(way, "bitshuffle") == 0 ? 2
                                                      : json_object_get_int(shuffle);
    codec->itemsize = get(configuration, "elementsize")
                          ? json_object_get_int(get(configuration, "elementsize"))
                          : itemsize;
    TG_NEED(codec->itemsize > 0, TG_EFORMAT, "%s: codec '%s' is damaged", folder, name);
    snprintf(codec->inner, sizeof codec->inner, "%.15s", inner);
    out->count++;
out:
    return status;
}

/** Version 2: filters in order, then the compressor. */
static tg_status parse_codecs_2(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *filters = get(meta, "filters"), *last = get(meta, "compressor");
    size_t n =
        json_object_is_type(filters, json_type_array) ? json_object_array_length(filters) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object *filter = json_object_array_get_idx(filters, i);

        TG_TRY(add_codec(folder, text_of(filter, "id"), filter, &a->codecs, a->element.size));
    }
    if (last)
        TG_TRY(add_codec(folder, text_of(last, "id"), last, &a->codecs, a->element.size));
out:
    return status;
}

static tg_status parse_transpose(const char *folder, json_object *configuration, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    int64_t order[TG_MAX_NDIM];
    int n = lengths_of(get(configuration, "order"), order, TG_MAX_NDIM);
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

static tg_status parse_chain(const char *folder, json_object *list, tg_zarr_array *a);

/** The index of a shard: plain little-endian numbers, with a checksum or not. */
static tg_status parse_shard(const char *folder, json_object *configuration, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *index = get(configuration, "index_codecs");
    size_t n = json_object_is_type(index, json_type_array) ? json_object_array_length(index) : 0;

    TG_NEED(!a->sharded, TG_EARG, "%s has shards within shards, which cannot be read", folder);
    TG_NEED(lengths_of(get(configuration, "chunk_shape"), a->inner, a->ndim) == a->ndim, TG_EFORMAT,
            "%s: codec 'sharding_indexed' is damaged", folder);
    for (int d = 0; d < a->ndim; d++)
        TG_NEED(a->inner[d] > 0 && a->chunk[d] % a->inner[d] == 0, TG_EFORMAT,
                "%s: shards are not cut evenly into chunks", folder);
    for (size_t i = 0; i < n; i++) {
        json_object *codec = json_object_array_get_idx(index, i);
        const char *name = text_of(codec, "name");

        a->index_sum |= strcmp(name, "crc32c") == 0;
        TG_NEED(strcmp(name, "crc32c") == 0 ||
                    (strcmp(name, "bytes") == 0 &&
                     strcmp(text_of(get(codec, "configuration"), "endian"), "big") != 0),
                TG_EARG, "%s: the index of shards is stored with codec '%s', which cannot be read",
                folder, name);
    }
    a->sharded = 1;
    a->index_at_start = strcmp(text_of(configuration, "index_location"), "start") == 0;
    TG_TRY(parse_chain(folder, get(configuration, "codecs"), a));
out:
    return status;
}

/** Version 3. */
static tg_status parse_chain(const char *folder, json_object *list, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    bool is_bytes = false;

    for (size_t i = 0; i < n; i++) {
        json_object *codec = json_object_array_get_idx(list, i);
        json_object *configuration = get(codec, "configuration");
        const char *name = json_object_is_type(codec, json_type_string)
                               ? json_object_get_string(codec)
                               : text_of(codec, "name");

        if (strcmp(name, "bytes") == 0 || strcmp(name, "endian") == 0) {
            bool big = strcmp(text_of(configuration, "endian"), "big") == 0;

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
out:
    return status;
}

/* ---- arrays ---- */

static tg_status parse_2(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    const char *dtype = text_of(meta, "dtype"), *separator = text_of(meta, "dimension_separator");

    TG_NEED(tg_element_parse(dtype, &a->element), TG_EARG,
            "%s holds elements of type '%s': integers, floats and booleans can be read", folder,
            json_object_to_json_string(get(meta, "dtype")));
    a->separator = *separator ? *separator : '.';
    for (int d = 0; d < a->ndim; d++)
        a->order[d] = strcmp(text_of(meta, "order"), "F") == 0 ? a->ndim - 1 - d : d;
    TG_TRY(parse_codecs_2(folder, meta, a));
out:
    return status;
}

static tg_status parse_3(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *keys = get(meta, "chunk_key_encoding");
    const char *separator = text_of(get(keys, "configuration"), "separator");

    TG_NEED(tg_element_parse(text_of(meta, "data_type"), &a->element), TG_EARG,
            "%s holds elements of type '%s': integers, floats and booleans can be read", folder,
            json_object_to_json_string(get(meta, "data_type")));
    a->prefixed = strcmp(text_of(keys, "name"), "v2") != 0;
    a->separator = *separator ? *separator : a->prefixed ? '/' : '.';
    for (int d = 0; d < a->ndim; d++)
        a->order[d] = d;
    TG_TRY(parse_chain(folder, get(meta, "codecs"), a));
out:
    return status;
}

/** Shape and chunks, which both versions have. */
static tg_status parse_lengths(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *grid = get(meta, "chunk_grid");
    json_object *chunks =
        a->version == 2 ? get(meta, "chunks") : get(get(grid, "configuration"), "chunk_shape");
    double bytes = 8;

    a->ndim = lengths_of(get(meta, "shape"), a->shape, TG_MAX_NDIM);
    TG_NEED(a->ndim >= 0, TG_EFORMAT, "%s: the shape in its metadata is none (up to %d axes)",
            folder, TG_MAX_NDIM);
    TG_NEED(a->version == 2 || strcmp(text_of(grid, "name"), "regular") == 0, TG_EARG,
            "%s: chunks of a '%s' grid cannot be read", folder, text_of(grid, "name"));
    TG_NEED(lengths_of(chunks, a->chunk, TG_MAX_NDIM) == a->ndim, TG_EFORMAT,
            "%s: the chunks in its metadata are not those of an array with %d axes", folder,
            a->ndim);
    for (int d = 0; d < a->ndim; d++) {
        bytes *= (double)a->shape[d];
        TG_NEED(a->chunk[d] > 0, TG_EFORMAT, "%s: chunks of length 0", folder);
    }
    TG_NEED(bytes < 9e18, TG_EARG, "%s is larger than 2^63 bytes", folder);
    bytes = 8;
    for (int d = 0; d < a->ndim; d++)
        bytes *= (double)a->chunk[d];
    TG_NEED(bytes < 1e12, TG_EARG, "%s: its chunks are larger than 10^12 bytes", folder);
    memcpy(a->inner, a->chunk, sizeof a->inner);
out:
    return status;
}

static tg_status parse_array(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;

    TG_TRY(parse_lengths(folder, meta, a));
    TG_TRY(a->version == 2 ? parse_2(folder, meta, a) : parse_3(folder, meta, a));
    TG_TRY(parse_fill(folder, get(meta, "fill_value"), a));
out:
    return status;
}

tg_status tg_zarr_parse(const char *folder, tg_zarr_array **out, size_t *size, tg_header *header)
{
    tg_status status = TG_OK;
    json_object *meta = NULL, *attributes = NULL;
    tg_zarr_array *a = NULL;
    char *path = tg_zarr_join(folder, ".zattrs");
    int version = 0;

    TG_NEED(tg_zarr_kind_of(folder, &version) == TG_ZARR_ARRAY, TG_EFORMAT, "%s is no Zarr array",
            folder);
    *size = sizeof *a + strlen(folder) + 1;
    a = calloc(1, *size);
    TG_NEED(a && path, TG_ENOMEM, "parameters of %s", folder);
    memcpy(a->path, folder, strlen(folder) + 1);
    a->version = version;
    TG_TRY(read_json(folder, version == 2 ? ".zarray" : "zarr.json", &meta, &a->stamp));
    TG_TRY(parse_array(folder, meta, a));
    attributes =
        version == 2 ? json_object_from_file(path) : json_object_get(get(meta, "attributes"));
    tg_zarr_read_facts(attributes, a->ndim, header);
    *out = a;
    a = NULL;
out:
    json_object_put(meta);
    json_object_put(attributes);
    free(path);
    free(a);
    return status;
}
