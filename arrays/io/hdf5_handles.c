/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading through the HDF5 library, for what hdf5_read.c does not do itself. Each rank opens a
 * dataset once and keeps it, with the library's chunk cache, until others push it out.
 */
#include "io/hdf5_handles.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/box.h"
#include "io/hdf5_library.h"

enum { HANDLES = 16 };

/** An open dataset. All fields are guarded by the library's turn. */
struct handle {
    char *path, *dataset; /* path NULL: free */
    tg_stamp stamp;
    hid_t file, inside;
    uint64_t used;
};

struct handles {
    uint64_t takes;
    struct handle handle[HANDLES];
};

static void handle_close(struct handle *h)
{
    if (h->path) {
        H5Dclose(h->inside);
        H5Fclose(h->file);
    }
    free(h->path);
    free(h->dataset);
    *h = (struct handle){0};
}

static tg_status handles_create(void **out)
{
    *out = calloc(1, sizeof(struct handles));
    return *out ? TG_OK : tg_fail(TG_ENOMEM, "open HDF5 datasets");
}

static void handles_destroy(void *object)
{
    struct handles *handles = object;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    for (int i = 0; handles && i < HANDLES; i++)
        handle_close(&handles->handle[i]);
    tg_hdf5_leave(&turn);
    free(handles);
}

static const tg_local handles_kind = {"open HDF5 datasets", handles_create, handles_destroy};

/** The dataset's handle, or one that is free to be opened. */
static struct handle *handle_find(struct handles *handles, const tg_hdf5_view *view)
{
    struct handle *oldest = &handles->handle[0];

    for (int i = 0; i < HANDLES; i++) {
        struct handle *h = &handles->handle[i];

        if (h->path && strcmp(h->path, view->path) == 0 && strcmp(h->dataset, view->dataset) == 0 &&
            memcmp(&h->stamp, &view->head->stamp, sizeof h->stamp) == 0)
            return h;
        if (!h->path || (oldest->path && h->used < oldest->used))
            oldest = h;
    }
    handle_close(oldest);
    return oldest;
}

static tg_status handle_open(struct handle *h, const tg_hdf5_view *view)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    hid_t file = H5I_INVALID_HID, inside = H5I_INVALID_HID;

    TG_TRY(tg_hdf5_open_file(view->path, &file));
    inside = H5Dopen2(file, view->dataset, H5P_DEFAULT);
    TG_HDF5_NEED(inside >= 0, TG_EFORMAT, "%s:%s cannot be opened", view->path, view->dataset);
    *h = (struct handle){.path = strdup(view->path),
                         .dataset = strdup(view->dataset),
                         .stamp = view->head->stamp,
                         .file = file,
                         .inside = inside};
    if (!h->path || !h->dataset) {
        handle_close(h);
        status = tg_fail(TG_ENOMEM, "name of %s:%s", view->path, view->dataset);
    }
    if (status == TG_OK)
        file = inside = H5I_INVALID_HID;
out:
    if (inside >= 0)
        H5Dclose(inside);
    if (file >= 0)
        H5Fclose(file);
    return status;
}

/** The hyperslab of a box into contiguous memory. */
static tg_status read_slab(const struct handle *h, const tg_hdf5_view *view, const int64_t *start,
                           const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    int ndim = view->head->ndim;
    hsize_t from[TG_MAX_NDIM], extent[TG_MAX_NDIM];
    hid_t file_space = H5Dget_space(h->inside), type = H5Dget_type(h->inside), memory_space;
    hid_t as = tg_hdf5_reading_type(type, (tg_dtype)view->head->element.dtype);
    herr_t done = -1;

    for (int d = 0; d < ndim; d++) {
        from[d] = (hsize_t)start[d];
        extent[d] = (hsize_t)count[d];
    }
    memory_space = ndim ? H5Screate_simple(ndim, extent, NULL) : H5Screate(H5S_SCALAR);
    if (ndim && file_space >= 0)
        done = H5Sselect_hyperslab(file_space, H5S_SELECT_SET, from, NULL, extent, NULL);
    /* what was never written stays as it is where the dataset wants no fill values */
    memset(out, 0, (size_t)(tg_box_size(ndim, count) * view->head->element.size));
    if ((done >= 0 || ndim == 0) && file_space >= 0 && memory_space >= 0)
        done = H5Dread(h->inside, as, memory_space, file_space, H5P_DEFAULT, out);
    TG_HDF5_NEED(done >= 0, TG_EFORMAT, "%s:%s cannot be read", view->path, view->dataset);
out:
    if (as >= 0)
        H5Tclose(as);
    if (type >= 0)
        H5Tclose(type);
    if (memory_space >= 0)
        H5Sclose(memory_space);
    if (file_space >= 0)
        H5Sclose(file_space);
    return status;
}

tg_status tg_hdf5_library_read(tg_task *task, const tg_hdf5_view *view, const int64_t *start,
                               const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    tg_file file = {0};
    void *object = NULL;
    struct handle *handle;
    int64_t bytes = tg_box_size(view->head->ndim, count);
    tg_hdf5_turn turn;

    TG_TRY(tg_task_local(task, &handles_kind, &object));
    TG_TRY(tg_file_begin(task, view->path, &view->head->stamp, &file)); /* is it still the same? */
    tg_hdf5_enter(&turn);
    handle = handle_find(object, view);
    if (!handle->path)
        status = handle_open(handle, view);
    if (status == TG_OK)
        status = read_slab(handle, view, start, count, out);
    tg_hdf5_leave(&turn);
    bytes *= view->head->element.size;
    if (status == TG_OK)
        tg_task_count(task, TG_BYTES_READ, bytes);
out:
    tg_file_end(&file);
    return status;
}
