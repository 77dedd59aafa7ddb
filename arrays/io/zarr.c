/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Zarr as a row of the table of formats: folders of files, a folder an array or a group.
 *
 *     rank 0   open    here           which array; zarr_meta.c, zarr_facts.c: its metadata
 *     ranks    read    zarr_read.c    chunks and shards, decoded (codec.c)
 *     rank 0   create  zarr_write.c   folders and metadata
 *     ranks    write                  a file for each chunk
 *     rank 0   add                    an array moved into a group
 */
#include "io/zarr.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/box.h"
#include "io/formats.h"

enum { LISTED = 8, DEEPEST = 16 };

static const char *const endings[] = {".zarr", NULL};

char *tg_zarr_join(const char *folder, const char *name)
{
    char *path = NULL;

    while (name && *name == '/')
        name++;
    if (!name || !*name)
        return strdup(folder);
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool has(const char *folder, const char *name)
{
    char *path = tg_zarr_join(folder, name);
    bool there = path && access(path, F_OK) == 0;

    free(path);
    return there;
}

/** Which node the zarr.json of a folder is of. */
static tg_zarr_kind kind_of_3(const char *folder)
{
    char *path = tg_zarr_join(folder, "zarr.json");
    json_object *meta = path ? json_object_from_file(path) : NULL, *type = NULL;
    tg_zarr_kind kind = TG_ZARR_GROUP;

    if (meta && json_object_object_get_ex(meta, "node_type", &type) &&
        strcmp(json_object_get_string(type), "array") == 0)
        kind = TG_ZARR_ARRAY;
    json_object_put(meta);
    free(path);
    return kind;
}

tg_zarr_kind tg_zarr_kind_of(const char *folder, int *version)
{
    bool three = has(folder, "zarr.json");

    if (version)
        *version = three ? 3 : 2;
    if (three)
        return kind_of_3(folder);
    return has(folder, ".zarray")   ? TG_ZARR_ARRAY
           : has(folder, ".zgroup") ? TG_ZARR_GROUP
                                    : TG_ZARR_NONE;
}

void tg_zarr_chunk_path(const tg_zarr_array *array, const int64_t *at, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "%s/%s", array->path, array->prefixed ? "c" : "");

    for (int d = 0; d < array->ndim && n < size; d++) {
        if (d > 0 || array->prefixed)
            n += (size_t)snprintf(out + n, size - n, "%c", array->separator);
        if (n < size)
            n += (size_t)snprintf(out + n, size - n, "%" PRId64, at[d]);
    }
    if (array->ndim == 0 && !array->prefixed && n < size)
        snprintf(out + n, size - n, "0");
}

/** What a walk over the arrays of a group has found. */
struct walk {
    size_t skip;         /* bytes of the root's path */
    int arrays, several; /* all; those with 2 or more axes */
    char *first;         /* of these, malloced */
    char list[1024];
    size_t length;
};

static void list_array(struct walk *walk, const char *folder)
{
    tg_zarr_array *a = NULL;
    tg_header header;
    size_t size, room = sizeof walk->list - 1;

    if (tg_zarr_parse(folder, &a, &size, &header) != TG_OK)
        return;
    walk->arrays++;
    if (a->ndim >= 2 && walk->several++ == 0)
        walk->first = strdup(folder + walk->skip);
    if (a->ndim >= 2 && walk->several <= LISTED && walk->length < room) {
        walk->length += (size_t)snprintf(walk->list + walk->length, room - walk->length, "%s%s (",
                                         walk->several > 1 ? ", " : "", folder + walk->skip);
        for (int d = 0; d < a->ndim && walk->length < room; d++)
            walk->length += (size_t)snprintf(walk->list + walk->length, room - walk->length,
                                             "%s%" PRId64, d ? ", " : "", a->shape[d]);
        if (walk->length < room)
            walk->length += (size_t)snprintf(walk->list + walk->length, room - walk->length, ") %s",
                                             tg_dtype_name((tg_dtype)a->element.dtype));
    }
    free(a);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void walk_folder(struct walk *walk, const char *folder, int depth)
{
    struct dirent **entry = NULL;
    int n = depth < DEEPEST ? scandir(folder, &entry, is_visible, alphasort) : 0;

    for (int i = 0; i < n; i++) {
        char *path = tg_zarr_join(folder, entry[i]->d_name);
        struct stat info;

        if (path && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            if (tg_zarr_kind_of(path, NULL) == TG_ZARR_ARRAY)
                list_array(walk, path);
            else
                walk_folder(walk, path, depth + 1);
        }
        free(path);
        free(entry[i]);
    }
    free(entry);
}

/** The folder of the array that is meant, malloced. */
static tg_status pick(const char *path, const char *dataset, char **out)
{
    tg_status status = TG_OK;
    struct walk walk = {.skip = strlen(path)};
    char *folder = tg_zarr_join(path, dataset);
    tg_zarr_kind kind = folder ? tg_zarr_kind_of(folder, NULL) : TG_ZARR_NONE;
    const char *found;

    TG_NEED(folder, TG_ENOMEM, "%s", path);
    if (kind == TG_ZARR_ARRAY) {
        *out = folder;
        folder = NULL;
        goto out;
    }
    walk_folder(&walk, path, 0);
    found = walk.several ? walk.list : "no array with 2 or more axes";
    TG_NEED(!dataset || kind != TG_ZARR_GROUP, TG_EARG,
            "%s:%s is a group, not an array; it holds %s", path, dataset, found);
    TG_NEED(!dataset, TG_EARG, "%s has no array %s; it holds %s", path, dataset, found);
    TG_NEED(walk.several > 0, TG_EARG, "%s holds no array of numbers with 2 or more axes", path);
    TG_NEED(walk.several == 1, TG_EARG,
            "%s holds %d arrays with 2 or more axes: %s: name one, as %s:%s", path, walk.several,
            walk.list, path, walk.first);
    *out = tg_zarr_join(path, walk.first);
    TG_NEED(*out, TG_ENOMEM, "%s", path);
out:
    free(walk.first);
    free(folder);
    return status;
}

static bool is_folder(const char *path)
{
    return tg_zarr_kind_of(path, NULL) != TG_ZARR_NONE;
}

static bool recognise(int fd, int64_t size)
{
    (void)fd, (void)size;
    return false; /* no file is a Zarr */
}

static tg_dtype stored(tg_dtype dtype)
{
    return dtype;
}

tg_status tg_zarr_open(const char *path, const char *dataset, tg_source *out)
{
    tg_status status = TG_OK;
    tg_zarr_array *a = NULL;
    tg_source source = {.format = &tg_format_zarr};
    char *folder = NULL;

    TG_TRY(pick(path, dataset, &folder));
    TG_TRY(tg_zarr_parse(folder, &a, &source.params_size, &source.header));
    source.dtype = (tg_dtype)a->element.dtype;
    source.ndim = a->ndim;
    for (int d = 0; d < a->ndim; d++) {
        source.shape[d] = a->shape[d];
        source.chunk[d] = a->inner[d] < a->shape[d] ? a->inner[d] : a->shape[d];
        source.chunk[d] = source.chunk[d] > 0 ? source.chunk[d] : 1;
    }
    source.stored_bytes = tg_box_size(a->ndim, a->shape) * a->element.size;
    source.params = a;
    *out = source;
out:
    free(folder);
    return status;
}

static tg_status finish(const char *path, const tg_sink *sinks, int nsinks)
{
    (void)path, (void)sinks, (void)nsinks;
    return TG_OK; /* what brings a folder to the disk brings all of it */
}

const tg_format tg_format_zarr = {
    .name = "Zarr",
    .article_name = "a Zarr",
    .endings = endings,
    .mark = "Zarr metadata",
    .has_datasets = true,
    .stored = stored,
    .recognise = recognise,
    .is_folder = is_folder,
    .open = tg_zarr_open,
    .list = tg_zarr_list,
    .bytes = tg_zarr_bytes,
    .read = tg_zarr_read,
    .create = tg_zarr_create,
    .write = tg_zarr_write,
    .add = tg_zarr_add,
    .finish = finish,
};
