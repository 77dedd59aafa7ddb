/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Zarr folder holds: groups and arrays by name. */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/box.h"
#include "io/zarr.h"

enum { DEEPEST = 16 };

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** "chunks (16, 16), shuffle, zstd", shards before it. */
static void describe_storage(const tg_zarr_array *a, char *out, size_t size)
{
    size_t n = 0;

    for (int pass = a->nlevels ? 0 : 1; pass < 2; pass++) {
        const int64_t *length = pass ? a->inner : a->chunk;

        n += (size_t)snprintf(out + n, size - n, "%s (", pass ? "chunks" : "shards");
        for (int d = 0; d < a->ndim && n < size; d++)
            n += (size_t)snprintf(out + n, size - n, "%s%" PRId64, d ? ", " : "", length[d]);
        if (n < size)
            n += (size_t)snprintf(out + n, size - n, "%s)%s", a->ndim == 1 ? "," : "",
                                  pass ? "" : ", ");
    }
    for (int i = 0; i < a->codecs.count && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, ", %s%s%s", tg_codec_name(&a->codecs.step[i]),
                              a->codecs.step[i].inner[0] ? " " : "", a->codecs.step[i].inner);
}

/** Why an array cannot be read stands where its type would. */
static void list_array(const char *folder, const char *name, tg_entry_function *each, void *to)
{
    tg_zarr_array *a = NULL;
    tg_header header;
    size_t size;
    char storage[256] = "";
    tg_entry entry = {.name = name, .type = tg_message(), .storage = storage, .stored_bytes = -1};

    if (tg_zarr_parse(folder, &a, &size, &header) == TG_OK) {
        entry.type = tg_dtype_name((tg_dtype)a->element.dtype);
        entry.known = true;
        entry.ndim = a->ndim;
        memcpy(entry.shape, a->shape, sizeof entry.shape);
        entry.bytes = (double)(tg_box_size(a->ndim, a->shape) * a->element.size);
        describe_storage(a, storage, sizeof storage);
    } else {
        entry.type = tg_message();
    }
    each(to, &entry);
    free(a);
}

static void list_folder(const char *folder, size_t skip, int depth, tg_entry_function *each,
                        void *to)
{
    struct dirent **entry = NULL;
    const char *name = folder[skip] ? folder + skip : "/";
    int n;

    if (tg_zarr_kind_of(folder, NULL) == TG_ZARR_ARRAY) {
        list_array(folder, name, each, to);
        return;
    }
    each(to, &(tg_entry){.name = name, .group = true});
    n = depth < DEEPEST ? scandir(folder, &entry, is_visible, alphasort) : 0;
    for (int i = 0; i < n; i++) {
        char *path = tg_zarr_join(folder, entry[i]->d_name);
        struct stat info;

        if (path && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
            list_folder(path, skip, depth + 1, each, to);
        free(path);
        free(entry[i]);
    }
    free(entry);
}

tg_status tg_zarr_list(const char *path, tg_entry_function *each, void *to)
{
    list_folder(path, strlen(path), 0, each, to);
    return TG_OK;
}
