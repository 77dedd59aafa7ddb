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
#include "io/zarr_json.h"

json_object *tg_json_get(json_object *object, const char *key)
{
    json_object *value = NULL;

    if (object && json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &value);
    return value;
}

const char *tg_json_text(json_object *object, const char *key)
{
    json_object *value = tg_json_get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

int tg_json_lengths(json_object *list, int64_t *out, int room)
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

static tg_status parse_2(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    const char *dtype = tg_json_text(meta, "dtype"),
               *separator = tg_json_text(meta, "dimension_separator");

    TG_NEED(tg_element_parse(dtype, &a->element), TG_EARG,
            "%s holds elements of type '%s': integers, floats and booleans can be read", folder,
            json_object_to_json_string(tg_json_get(meta, "dtype")));
    a->separator = *separator ? *separator : '.';
    for (int d = 0; d < a->ndim; d++)
        a->order[d] = strcmp(tg_json_text(meta, "order"), "F") == 0 ? a->ndim - 1 - d : d;
    TG_TRY(tg_zarr_codecs_2(folder, meta, a));
out:
    return status;
}

/** What version 3 wants understood: refuse what is not. */
static tg_status check_members(const char *folder, json_object *meta)
{
    static const char *const known[] = {
        "zarr_format",     "node_type",          "shape",
        "data_type",       "chunk_grid",         "codecs",
        "fill_value",      "attributes",         "storage_transformers",
        "dimension_names", "chunk_key_encoding", "consolidated_metadata"};
    tg_status status = TG_OK;
    json_object *list = tg_json_get(meta, "storage_transformers");

    TG_NEED(!json_object_is_type(list, json_type_array) || json_object_array_length(list) == 0,
            TG_EARG, "%s is stored by way of '%s', which cannot be read", folder,
            tg_json_text(json_object_array_get_idx(list, 0), "name"));
    json_object_object_foreach(meta, key, value)
    {
        json_object *must = tg_json_get(value, "must_understand");
        bool understood = must && !json_object_get_boolean(must);

        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            understood |= strcmp(key, known[i]) == 0;
        TG_NEED(understood, TG_EARG, "%s: '%s' in its metadata is not understood", folder, key);
    }
out:
    return status;
}

static tg_status parse_3(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *keys = tg_json_get(meta, "chunk_key_encoding");
    const char *separator = tg_json_text(tg_json_get(keys, "configuration"), "separator");

    TG_TRY(check_members(folder, meta));
    TG_NEED(tg_element_parse(tg_json_text(meta, "data_type"), &a->element), TG_EARG,
            "%s holds elements of type '%s': integers, floats and booleans can be read", folder,
            json_object_to_json_string(tg_json_get(meta, "data_type")));
    a->prefixed = strcmp(tg_json_text(keys, "name"), "v2") != 0;
    a->separator = *separator ? *separator : a->prefixed ? '/' : '.';
    for (int d = 0; d < a->ndim; d++)
        a->order[d] = d;
    TG_TRY(tg_zarr_codecs_3(folder, tg_json_get(meta, "codecs"), a));
out:
    return status;
}

/** Shape and chunks, which both versions have. */
static tg_status parse_lengths(const char *folder, json_object *meta, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    json_object *grid = tg_json_get(meta, "chunk_grid");
    json_object *chunks = a->version == 2
                              ? tg_json_get(meta, "chunks")
                              : tg_json_get(tg_json_get(grid, "configuration"), "chunk_shape");
    double bytes = 8;

    a->ndim = tg_json_lengths(tg_json_get(meta, "shape"), a->shape, TG_MAX_NDIM);
    TG_NEED(a->ndim >= 0, TG_EFORMAT, "%s: the shape in its metadata is none (up to %d axes)",
            folder, TG_MAX_NDIM);
    TG_NEED(a->version == 2 || strcmp(tg_json_text(grid, "name"), "regular") == 0, TG_EARG,
            "%s: chunks of a '%s' grid cannot be read", folder, tg_json_text(grid, "name"));
    TG_NEED(tg_json_lengths(chunks, a->chunk, TG_MAX_NDIM) == a->ndim, TG_EFORMAT,
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
    TG_TRY(tg_zarr_fill(folder, tg_json_get(meta, "fill_value"), a));
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
    attributes = version == 2 ? json_object_from_file(path)
                              : json_object_get(tg_json_get(meta, "attributes"));
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
