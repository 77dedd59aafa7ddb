/* SPDX-License-Identifier: BSD-3-Clause */
/* What an HDF5 file holds: groups, datasets and links by name, whatever their types. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/hdf5_library.h"
#include "io/hdf5_params.h"
#include "io/text.h"

/** Where entries go. */
struct listing {
    tg_entry_function *each;
    void *to;
};

/** ", shuffle, deflate 4" */
static void add_filters(tg_text *text, hid_t creation)
{
    int n = H5Pget_nfilters(creation);

    for (int i = 0; i < n; i++) {
        unsigned flags, config, values[8] = {0};
        size_t nvalues = 8;
        char name[64] = "";
        H5Z_filter_t filter = H5Pget_filter2(creation, (unsigned)i, &flags, &nvalues, values,
                                             sizeof name, name, &config);

        if (filter == H5Z_FILTER_DEFLATE)
            tg_text_add(text, ", deflate %u", values[0]);
        else
            tg_text_add(text, ", %s%s", name[0] ? name : "filter ", "");
        if (!name[0] && filter != H5Z_FILTER_DEFLATE)
            tg_text_add(text, "%d", (int)filter);
        if (H5Zfilter_avail(filter) <= 0 && filter != TG_FILTER_LZF)
            tg_text_add(text, " (which this HDF5 library does not have)");
    }
}

static void describe_storage(tg_entry *entry, hid_t creation, tg_text *text)
{
    H5D_layout_t layout = H5Pget_layout(creation);
    hsize_t chunk[H5S_MAX_RANK] = {0};

    if (layout == H5D_CHUNKED) {
        H5Pget_chunk(creation, entry->ndim, chunk);
        tg_text_add(text, "chunks (");
        for (int d = 0; d < entry->ndim; d++)
            tg_text_add(text, "%s%llu", d ? ", " : "", (unsigned long long)chunk[d]);
        tg_text_add(text, "%s)", entry->ndim == 1 ? "," : "");
    } else {
        tg_text_add(text, "%s",
                    layout == H5D_COMPACT                 ? "compact"
                    : layout == H5D_VIRTUAL               ? "virtual"
                    : H5Pget_external_count(creation) > 0 ? "in external files"
                                                          : "contiguous");
    }
    add_filters(text, creation);
}

/** Elements in the file are those in memory. */
static bool is_native(const tg_hdf5_type *type)
{
    return type->direct && (tg_element_is_plain(&type->stored) || type->dtype == TG_BOOL);
}

static void list_dataset(struct listing *listing, tg_entry *entry, hid_t dataset)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    hid_t creation = H5Dget_create_plist(dataset);
    tg_hdf5_type found = tg_hdf5_type_of(type);
    hsize_t shape[H5S_MAX_RANK] = {0};
    tg_text storage = {.length = 0};
    bool null = H5Sget_simple_extent_type(space) == H5S_NULL;

    entry->ndim = H5Sget_simple_extent_ndims(space);
    if (entry->ndim < 0 || entry->ndim > TG_MAX_NDIM) {
        found = (tg_hdf5_type){.content = "an array of too many axes"};
        entry->ndim = 0;
    }
    H5Sget_simple_extent_dims(space, shape, NULL);
    for (int d = 0; d < entry->ndim; d++)
        entry->shape[d] = (int64_t)shape[d];
    entry->type = null ? "no values" : found.known ? tg_dtype_name(found.dtype) : found.content;
    entry->known = found.known && !null;
    entry->note = found.known && !null && !is_native(&found) ? "converted when read" : NULL;
    describe_storage(entry, creation, &storage);
    entry->storage = storage.buffer;
    entry->bytes = entry->known ? (double)tg_dtype_size(found.dtype) : 0;
    for (int d = 0; d < entry->ndim; d++)
        entry->bytes *= (double)entry->shape[d];
    entry->stored_bytes = (int64_t)H5Dget_storage_size(dataset);
    listing->each(listing->to, entry);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(type);
}

static void list_object(struct listing *listing, hid_t root, const char *name, tg_entry *entry)
{
    H5O_info_t info;
    hid_t dataset;

    if (H5Oget_info_by_name(root, name, &info, H5P_DEFAULT) < 0)
        return;
    entry->group = info.type == H5O_TYPE_GROUP;
    if (entry->group) {
        listing->each(listing->to, entry);
    } else if (info.type == H5O_TYPE_DATASET &&
               (dataset = H5Dopen2(root, name, H5P_DEFAULT)) >= 0) {
        list_dataset(listing, entry, dataset);
        H5Dclose(dataset);
    }
}

/** A name that leads elsewhere; whether there is something is for who opens it. */
static void list_link(struct listing *listing, hid_t root, const char *name, const H5L_info_t *info,
                      tg_entry *entry)
{
    tg_text text = {.length = 0};
    const char *file = NULL, *object = NULL;
    char *value = calloc(1, info->u.val_size + 1);
    unsigned flags = 0;

    if (!value || H5Lget_val(root, name, value, info->u.val_size, H5P_DEFAULT) < 0)
        tg_text_add(&text, "link");
    else if (info->type == H5L_TYPE_SOFT)
        tg_text_add(&text, "link to %s", value);
    else if (H5Lunpack_elink_val(value, info->u.val_size, &flags, &file, &object) >= 0)
        tg_text_add(&text, "link to %s:%s", file, object);
    else
        tg_text_add(&text, "link of the user's own class");
    entry->type = text.buffer;
    listing->each(listing->to, entry);
    free(value);
}

static herr_t visit(hid_t root, const char *name, const H5L_info_t *info, void *data)
{
    char path[1024];
    tg_entry entry = {.name = path, .stored_bytes = -1};

    snprintf(path, sizeof path, "/%s", name);
    if (info->type == H5L_TYPE_HARD)
        list_object(data, root, name, &entry);
    else
        list_link(data, root, name, info, &entry);
    return 0;
}

tg_status tg_hdf5_list(const char *path, tg_entry_function *each, void *to)
{
    tg_status status = TG_OK;
    struct listing listing = {each, to};
    char words[TG_HDF5_WORDS];
    hid_t file = H5I_INVALID_HID;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    TG_TRY(tg_hdf5_open_file(path, &file));
    each(to, &(tg_entry){.name = "/", .group = true});
    TG_HDF5_NEED(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &listing) >= 0, TG_EFORMAT,
                 "%s: its groups cannot be read", path);
out:
    if (file >= 0)
        H5Fclose(file);
    tg_hdf5_leave(&turn);
    return status;
}
