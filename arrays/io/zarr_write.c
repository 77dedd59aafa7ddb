/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writing Zarr. Rank 0 makes a folder with the metadata; ranks write a file for each chunk of their
 * boxes, which begin at chunks, so no two ranks write one file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/box.h"
#include "io/chunk.h"
#include "io/hdf5_layout.h"
#include "io/zarr.h"

static tg_status write_json(const char *folder, const char *name, json_object *object)
{
    tg_status status = TG_OK;
    const char *text = json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    char *path = tg_zarr_join(folder, name), words[128];
    int fd = -1;

    TG_NEED(path && text, TG_ENOMEM, "metadata of %s", folder);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    TG_NEED(fd >= 0, TG_EIO, "%s: %s", folder, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_pwrite_all(folder, fd, 0, text, strlen(text)));
    TG_TRY(tg_pwrite_all(folder, fd, (int64_t)strlen(text), "\n", 1));
out:
    if (fd >= 0)
        close(fd);
    free(path);
    return status;
}

static json_object *lengths(int n, const int64_t *length)
{
    json_object *list = json_object_new_array();

    for (int d = 0; d < n; d++)
        json_object_array_add(list, json_object_new_int64(length[d]));
    return list;
}

/** What a codec calls its level. */
static const char *level_key(const tg_codec *codec)
{
    const char *name = tg_codec_name(codec);

    return strcmp(name, "blosc") == 0  ? "clevel"
           : strcmp(name, "lz4") == 0  ? "acceleration"
           : strcmp(name, "lzma") == 0 ? "preset"
                                       : "level";
}

static json_object *codec_2(const tg_codec *codec)
{
    json_object *o = json_object_new_object();
    bool blosc = strcmp(tg_codec_name(codec), "blosc") == 0;

    json_object_object_add(o, "id", json_object_new_string(tg_codec_name(codec)));
    if (strcmp(tg_codec_name(codec), "shuffle") == 0) {
        json_object_object_add(o, "elementsize", json_object_new_int(codec->itemsize));
        return o;
    }
    json_object_object_add(o, level_key(codec), json_object_new_int(codec->level));
    if (blosc) {
        json_object_object_add(o, "cname", json_object_new_string(codec->inner));
        json_object_object_add(o, "shuffle", json_object_new_int(codec->shuffle));
        json_object_object_add(o, "blocksize", json_object_new_int(0));
    }
    if (strcmp(tg_codec_name(codec), "lzma") == 0) { /* a stream of xz */
        json_object_object_add(o, "format", json_object_new_int(1));
        json_object_object_add(o, "check", json_object_new_int(-1));
        json_object_object_add(o, "filters", NULL);
    }
    return o;
}

static json_object *named(const char *name, json_object *configuration)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "name", json_object_new_string(name));
    json_object_object_add(o, "configuration", configuration);
    return o;
}

static json_object *codec_3(const tg_codec *codec)
{
    json_object *o = json_object_new_object();
    const char *name = tg_codec_name(codec);
    char long_name[32];

    if (strcmp(name, "blosc") != 0 && strcmp(name, "gzip") != 0 && strcmp(name, "zstd") != 0) {
        json_object_put(o); /* none of the specification's */
        o = codec_2(codec);
        json_object_object_del(o, "id");
        snprintf(long_name, sizeof long_name, "numcodecs.%s", name);
        return named(long_name, o);
    }
    if (strcmp(name, "blosc") == 0) {
        json_object_object_add(o, "cname", json_object_new_string(codec->inner));
        json_object_object_add(o, "clevel", json_object_new_int(codec->level));
        json_object_object_add(o, "shuffle",
                               json_object_new_string(codec->shuffle ? "shuffle" : "noshuffle"));
        json_object_object_add(o, "typesize", json_object_new_int(codec->itemsize));
        json_object_object_add(o, "blocksize", json_object_new_int(0));
    } else {
        json_object_object_add(o, "level", json_object_new_int(codec->level));
    }
    if (strcmp(name, "zstd") == 0)
        json_object_object_add(o, "checksum", json_object_new_boolean(0));
    return named(name, o);
}

/** The zero of the dtype. */
static json_object *zero_of(const tg_zarr_array *a)
{
    if (a->element.dtype == TG_BOOL)
        return json_object_new_boolean(0);
    if (a->element.dtype >= TG_COMPLEX64) {
        json_object *pair = json_object_new_array();

        json_object_array_add(pair, json_object_new_double(0));
        json_object_array_add(pair, json_object_new_double(0));
        return pair;
    }
    if (a->element.dtype >= TG_FLOAT32)
        return json_object_new_double(0);
    return json_object_new_int(0);
}

static json_object *meta_2(const tg_zarr_array *a)
{
    json_object *o = json_object_new_object(), *filters = NULL, *last = NULL;
    char name[8];

    for (int i = 0; i < a->codecs.count; i++) {
        if (i + 1 == a->codecs.count && strcmp(tg_codec_name(&a->codecs.step[i]), "shuffle") != 0) {
            last = codec_2(&a->codecs.step[i]);
        } else {
            filters = filters ? filters : json_object_new_array();
            json_object_array_add(filters, codec_2(&a->codecs.step[i]));
        }
    }
    json_object_object_add(o, "chunks", lengths(a->ndim, a->chunk));
    json_object_object_add(o, "compressor", last);
    json_object_object_add(
        o, "dtype", json_object_new_string(tg_element_name((tg_dtype)a->element.dtype, name)));
    json_object_object_add(o, "fill_value", zero_of(a));
    json_object_object_add(o, "filters", filters);
    json_object_object_add(o, "order", json_object_new_string("C"));
    json_object_object_add(o, "shape", lengths(a->ndim, a->shape));
    json_object_object_add(o, "zarr_format", json_object_new_int(2));
    return o;
}

static json_object *meta_3(const tg_zarr_array *a, json_object *attributes)
{
    json_object *o = json_object_new_object(), *list = json_object_new_array();
    json_object *grid = json_object_new_object(), *keys = json_object_new_object();
    json_object *endian = json_object_new_object();
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    json_object_object_add(endian, "endian", json_object_new_string(little ? "little" : "big"));
    json_object_array_add(list, named("bytes", endian));
    for (int i = 0; i < a->codecs.count; i++)
        json_object_array_add(list, codec_3(&a->codecs.step[i]));
    json_object_object_add(grid, "chunk_shape", lengths(a->ndim, a->chunk));
    json_object_object_add(keys, "separator", json_object_new_string("/"));
    json_object_object_add(o, "zarr_format", json_object_new_int(3));
    json_object_object_add(o, "node_type", json_object_new_string("array"));
    json_object_object_add(o, "shape", lengths(a->ndim, a->shape));
    json_object_object_add(o, "data_type",
                           json_object_new_string(tg_dtype_name((tg_dtype)a->element.dtype)));
    json_object_object_add(o, "chunk_grid", named("regular", grid));
    json_object_object_add(o, "chunk_key_encoding", named("default", keys));
    json_object_object_add(o, "fill_value", zero_of(a));
    json_object_object_add(o, "codecs", list);
    json_object_object_add(o, "attributes", json_object_get(attributes));
    return o;
}

static tg_status write_array(const tg_zarr_array *a, const tg_sink *sink)
{
    tg_status status = TG_OK;
    json_object *attributes = NULL, *meta = NULL;

    TG_TRY(tg_zarr_facts(a->path, sink, &attributes));
    meta = a->version == 2 ? meta_2(a) : meta_3(a, attributes);
    TG_TRY(write_json(a->path, a->version == 2 ? ".zarray" : "zarr.json", meta));
    if (a->version == 2)
        TG_TRY(write_json(a->path, ".zattrs", attributes));
out:
    json_object_put(meta);
    json_object_put(attributes);
    return status;
}

static tg_status write_group(const char *folder, int version)
{
    tg_status status = TG_OK;
    json_object *o = json_object_new_object();

    json_object_object_add(o, "zarr_format", json_object_new_int(version));
    if (version == 3) {
        json_object_object_add(o, "node_type", json_object_new_string("group"));
        json_object_object_add(o, "attributes", json_object_new_object());
    }
    TG_TRY(write_json(folder, version == 2 ? ".zgroup" : "zarr.json", o));
out:
    json_object_put(o);
    return status;
}

static tg_status make_folder(const char *path, const char *says)
{
    tg_status status = TG_OK;
    char words[128];

    TG_NEED(mkdir(path, 0777) == 0 || errno == EEXIST, TG_EIO, "%s: %s", says,
            tg_errno_words(errno, words, sizeof words));
out:
    return status;
}

/** The folders of /a/b/c below `path`, groups but for the last one. */
static tg_status make_groups(const char *path, const char *dataset, int version)
{
    tg_status status = TG_OK;
    char *folder = tg_zarr_join(path, dataset), *at;

    TG_NEED(folder, TG_ENOMEM, "%s", path);
    at = folder + strlen(path);
    for (at += *at != 0; (at = strchr(at, '/')); at++) { /* the root is the path itself */
        *at = 0;
        TG_TRY(make_folder(folder, path));
        TG_NEED(tg_zarr_kind_of(folder, NULL) != TG_ZARR_ARRAY, TG_EARG,
                "%s: an array cannot be within another (%s)", path, dataset);
        TG_TRY(write_group(folder, version));
        *at = '/';
    }
    TG_TRY(make_folder(folder, path));
    TG_NEED(tg_zarr_kind_of(folder, NULL) == TG_ZARR_NONE, TG_EARG, "%s:%s is there already", path,
            dataset);
out:
    free(folder);
    return status;
}

/** Codecs as the options ask. */
static tg_status choose_codecs(const char *path, const tg_sink *sink, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    const tg_store_options *options = sink->options;
    const char *name = options ? options->codec : NULL;
    tg_codec codec = {0};
    int item = (int)tg_dtype_size(sink->dtype);
    bool shuffle = options && options->shuffle && item > 1, blosc;
    char names[128];

    if (!name && options && options->deflate)
        name = a->version == 2 ? "zlib" : "gzip";
    blosc = name && strcmp(name, "blosc") == 0;
    if (shuffle && !blosc && tg_codec_find("shuffle", &codec)) {
        codec.itemsize = item;
        a->codecs.step[a->codecs.count++] = codec;
    }
    if (name) {
        TG_NEED(tg_codec_find(name, &codec) && tg_codec_levels(&codec), TG_EARG,
                "%s: no codec '%s' (there are %s)", path, name,
                tg_codec_names(true, names, sizeof names));
        codec.level = options->deflate ? options->deflate : codec.level;
        TG_NEED(codec.level >= 1 && codec.level <= tg_codec_levels(&codec), TG_EARG,
                "%s: %s has no level %d", path, name, codec.level);
        codec.itemsize = item;
        codec.shuffle = shuffle;
        snprintf(codec.inner, sizeof codec.inner, "%s", blosc ? "lz4" : "");
        a->codecs.step[a->codecs.count++] = codec;
    }
out:
    return status;
}

/** Chunks, by the rule of HDF5 datasets; without an option and codec, too: Zarr has no other. */
static tg_status choose_chunks(const char *path, const tg_sink *sink, tg_zarr_array *a)
{
    tg_status status = TG_OK;
    tg_store_options how = sink->options ? *sink->options : (tg_store_options){0};
    tg_sink like = *sink;
    tg_hdf5_layout *layout = NULL;
    size_t size = 0;

    how.chunks = how.chunks ? how.chunks : "auto";
    how.deflate = 0;
    how.codec = NULL;
    like.options = &how;
    TG_TRY(tg_hdf5_lay_out(path, &like, &layout, &size));
    for (int d = 0; d < sink->ndim; d++)
        a->chunk[d] = layout->chunked ? layout->chunk[d] : sink->shape[d] > 0 ? sink->shape[d] : 1;
out:
    free(layout);
    return status;
}

static tg_status create_sink(const char *path, tg_sink *sink)
{
    tg_status status = TG_OK;
    int version = sink->options && sink->options->zarr ? sink->options->zarr : 2;
    char *folder = tg_zarr_join(path, sink->dataset);
    tg_zarr_array *a = NULL;

    TG_NEED(version == 2 || version == 3, TG_EARG, "%s: there is no Zarr version %d (2 or 3)", path,
            version);
    TG_NEED(folder, TG_ENOMEM, "%s", path);
    sink->params_size = sizeof *a + strlen(folder) + 1;
    sink->params = a = calloc(1, sink->params_size);
    TG_NEED(a, TG_ENOMEM, "%s", path);
    memcpy(a->path, folder, strlen(folder) + 1);
    a->element = tg_element_of(sink->dtype);
    a->version = version;
    a->ndim = sink->ndim;
    a->prefixed = version == 3;
    a->separator = version == 2 ? '.' : '/';
    for (int d = 0; d < a->ndim; d++) {
        a->shape[d] = sink->shape[d];
        a->order[d] = d;
    }
    TG_TRY(choose_codecs(path, sink, a));
    TG_TRY(choose_chunks(path, sink, a));
    memcpy(a->inner, a->chunk, sizeof a->inner);
    memcpy(sink->box, a->chunk, sizeof a->chunk);
    TG_TRY(make_groups(path, sink->dataset, version));
    TG_TRY(write_array(a, sink));
out:
    free(folder);
    return status;
}

tg_status tg_zarr_create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    int version = sinks->options && sinks->options->zarr ? sinks->options->zarr : 2, there = 0;
    bool is_root = strspn(sinks->dataset, "/") == strlen(sinks->dataset);

    for (int i = 1; i < nsinks; i++)
        TG_NEED(!is_root && (sinks[i].options && sinks[i].options->zarr ? sinks[i].options->zarr
                                                                        : 2) == version,
                TG_EARG, "%s: all arrays of a Zarr folder are of one version", path);
    TG_NEED(!sinks->append || (tg_zarr_kind_of(sinks->append, &there) == TG_ZARR_GROUP && !is_root),
            TG_EARG, "%s is one Zarr array, nothing can be added to it", sinks->append);
    TG_NEED(!sinks->append || there == version, TG_EARG,
            "%s is of Zarr version %d, an array of version %d cannot be added", sinks->append,
            there, version);
    TG_TRY(make_folder(path, path));
    if (!is_root)
        TG_TRY(write_group(path, version));
    for (int i = 0; i < nsinks; i++) {
        char *old = sinks->append ? tg_zarr_join(sinks->append, sinks[i].dataset) : NULL;
        bool free_name = !old || access(old, F_OK) != 0;

        free(old);
        TG_NEED(free_name, TG_EARG, "%s:%s is there already", sinks->append, sinks[i].dataset);
        TG_TRY(create_sink(path, &sinks[i]));
    }
out:
    return status;
}

/** A new file, and the folders above it within the array. */
static int create_file(const tg_zarr_array *a, char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd >= 0 || errno != ENOENT)
        return fd;
    for (char *at = path + strlen(a->path) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = 0;
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static tg_status write_chunk(tg_task *task, const tg_zarr_array *a, const int64_t *at,
                             const void *bytes, size_t size)
{
    tg_status status = TG_OK;
    char path[4096], words[128];
    int fd, closed;

    tg_zarr_chunk_path(a, at, path, sizeof path);
    fd = create_file(a, path);
    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_pwrite_all(path, fd, 0, bytes, size));
    TG_TRY(tg_file_write_back(path, fd, 0, (int64_t)size, size));
    closed = close(fd);
    fd = -1;
    TG_NEED(closed == 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    tg_task_count(task, TG_BYTES_WRITTEN, (int64_t)size);
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_zarr_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in)
{
    tg_status status = TG_OK;
    const tg_zarr_array *a = params;
    tg_chunked chunked = tg_chunked_of(a->ndim, a->chunk, start, count, (size_t)a->element.size);
    size_t bytes = (size_t)tg_box_size(a->ndim, a->chunk) * (size_t)a->element.size;
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM], at[TG_MAX_NDIM];
    int64_t n = tg_chunked_grid(&chunked, first, grid);
    void *whole = tg_task_scratch(task, bytes + 1);
    tg_codec_room room = {.task = task};

    (void)size;
    TG_NEED(whole, TG_ENOMEM, "%s: a chunk of %zu bytes", a->path, bytes);
    for (int64_t i = 0; i < n; i++) {
        const void *chunk = tg_chunked_take(&chunked, grid, i, in, whole), *encoded = NULL;
        size_t encoded_size = 0;
        int64_t rest = i;

        for (int d = a->ndim - 1; d >= 0; d--) {
            at[d] = first[d] + rest % grid[d];
            rest /= grid[d];
        }
        TG_TRY(tg_codecs_encode(&room, &a->codecs, chunk, bytes, &encoded, &encoded_size));
        TG_TRY(write_chunk(task, a, at, encoded, encoded_size));
    }
out:
    return status;
}

/** Drop what says of the group which arrays it has; readers that find none look themselves. */
static tg_status forget_list(const char *path)
{
    tg_status status = TG_OK;
    char *old = tg_zarr_join(path, ".zmetadata"), *file = tg_zarr_join(path, "zarr.json");
    json_object *group = file ? json_object_from_file(file) : NULL, *list = NULL;

    TG_NEED(old && file, TG_ENOMEM, "%s", path);
    unlink(old);
    if (group && json_object_object_get_ex(group, "consolidated_metadata", &list)) {
        json_object_object_del(group, "consolidated_metadata");
        TG_TRY(write_json(path, "zarr.json.new", group));
        free(old);
        old = tg_zarr_join(path, "zarr.json.new");
        TG_NEED(old && rename(old, file) == 0, TG_EIO, "%s: its metadata cannot be written", path);
    }
out:
    json_object_put(group);
    free(old);
    free(file);
    return status;
}

tg_status tg_zarr_add(const char *temporary, const char *path, const tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    char *from = NULL, *to = NULL, words[128];

    TG_TRY(forget_list(path));
    for (int i = 0; i < nsinks; i++) {
        const tg_zarr_array *a = sinks[i].params;

        from = tg_zarr_join(temporary, sinks[i].dataset);
        to = tg_zarr_join(path, sinks[i].dataset);
        TG_NEED(from && to, TG_ENOMEM, "%s", path);
        for (char *at = to + strlen(path) + 1; (at = strchr(at, '/')); *at++ = '/') {
            *at = 0;
            TG_TRY(make_folder(to, path));
            if (tg_zarr_kind_of(to, NULL) == TG_ZARR_NONE)
                TG_TRY(write_group(to, a->version));
        }
        TG_NEED(rename(from, to) == 0, TG_EIO, "%s:%s: %s", path, sinks[i].dataset,
                tg_errno_words(errno, words, sizeof words));
        free(from);
        free(to);
        from = to = NULL;
    }
out:
    free(from);
    free(to);
    return status;
}
