/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * New HDF5 files, on rank 0. Contiguous datasets get their place in the file at once and no fill
 * values, so that ranks can write to it while nobody has the file open in the library. Chunked ones
 * stay open here between create and finish: chunks come in order, encoded by the ranks.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/box.h"
#include "io/formats.h"
#include "io/hdf5_facts.h"
#include "io/hdf5_layout.h"
#include "io/hdf5_library.h"
#include "io/hdf5_params.h"

#define ALIGN_FROM (64 << 10) /* bytes: datasets at least this long begin at ... */
#define ALIGN_TO   4096       /* ... multiples of this */

/** What an ordered sink keeps: its dataset, open, and the file's name. */
struct growing {
    hid_t dataset;
    char path[];
};

/** Creation properties of a dataset. */
static hid_t creation_of(const tg_hdf5_layout *layout)
{
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[TG_MAX_NDIM];

    H5Pset_obj_track_times(creation, 0); /* the same results make the same file */
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    if (!layout->chunked) {
        H5Pset_layout(creation, H5D_CONTIGUOUS);
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
        return creation;
    }
    for (int d = 0; d < layout->ndim; d++)
        chunk[d] = (hsize_t)layout->chunk[d];
    H5Pset_chunk(creation, layout->ndim, chunk);
    if (layout->shuffle)
        H5Pset_shuffle(creation);
    if (layout->deflate)
        H5Pset_deflate(creation, (unsigned)layout->deflate);
    return creation;
}

static tg_status make_dataset(hid_t file, const char *path, const char *name,
                              const tg_hdf5_layout *layout, hid_t *dataset)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    hid_t creation = creation_of(layout), link = H5Pcreate(H5P_LINK_CREATE);
    hid_t type = tg_hdf5_file_type((tg_dtype)layout->dtype), space;
    hsize_t shape[TG_MAX_NDIM];

    for (int d = 0; d < layout->ndim; d++)
        shape[d] = (hsize_t)layout->shape[d];
    space = layout->ndim ? H5Screate_simple(layout->ndim, shape, NULL) : H5Screate(H5S_SCALAR);
    H5Pset_create_intermediate_group(link, 1);
    *dataset = H5Dcreate2(file, name, type, space, link, creation, H5P_DEFAULT);
    TG_HDF5_NEED(*dataset >= 0, TG_EIO, "%s:%s cannot be created", path, name);
out: /* each of these makes the library forget its words */
    H5Sclose(space);
    H5Tclose(type);
    H5Pclose(link);
    H5Pclose(creation);
    return status;
}

static tg_status create_sink(hid_t file, const char *path, tg_sink *sink)
{
    tg_status status = TG_OK;
    const char *name = sink->dataset ? sink->dataset : "/data";
    tg_hdf5_layout *layout = NULL;
    struct growing *growing = NULL;
    hid_t dataset = H5I_INVALID_HID;
    haddr_t address;

    sink->format = &tg_format_hdf5;
    TG_TRY(tg_hdf5_lay_out(path, sink, &layout, &sink->params_size));
    sink->params = layout;
    TG_TRY(make_dataset(file, path, name, layout, &dataset));
    TG_TRY(tg_hdf5_write_facts(dataset, path, sink));
    sink->ordered = layout->chunked;
    for (int d = 0; d < sink->ndim; d++)
        sink->box[d] = layout->chunked ? layout->chunk[d] : 0;
    address = layout->chunked ? HADDR_UNDEF : H5Dget_offset(dataset);
    if (address != HADDR_UNDEF)
        layout->address = (int64_t)address;
    if (layout->chunked) {
        growing = calloc(1, sizeof *growing + strlen(path) + 1);
        TG_NEED(growing, TG_ENOMEM, "%s:%s", path, name);
        memcpy(growing->path, path, strlen(path) + 1);
        growing->dataset = dataset;
        sink->state = growing;
        dataset = H5I_INVALID_HID;
    }
out:
    if (dataset >= 0)
        H5Dclose(dataset);
    return status;
}

/** Make an empty file, for the plain words of the system when that fails. */
static tg_status touch(const char *path)
{
    tg_status status = TG_OK;
    char words[128];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    close(fd);
out:
    return status;
}

tg_status tg_hdf5_create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    hid_t access = H5I_INVALID_HID, file = H5I_INVALID_HID;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    TG_TRY(touch(path));
    access = tg_hdf5_access();
    H5Pset_alignment(access, ALIGN_FROM, ALIGN_TO);
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    TG_HDF5_NEED(file >= 0, TG_EIO, "%s cannot be created", path);
    for (int i = 0; i < nsinks; i++)
        TG_TRY(create_sink(file, path, &sinks[i]));
    TG_HDF5_NEED(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, TG_EIO, "%s cannot be written", path);
    TG_HDF5_NEED(H5Fclose(file) >= 0, TG_EIO, "%s cannot be written", path);
    file = H5I_INVALID_HID;
out:
    if (file >= 0)
        H5Fclose(file);
    if (access >= 0)
        H5Pclose(access);
    tg_hdf5_leave(&turn);
    return status;
}

/** Store the framed chunks of a box. In a turn. */
static tg_status store_frames(const char *path, const tg_sink *sink, const int64_t *start,
                              const int64_t *count, const char *bytes, size_t size)
{
    tg_status status = TG_OK;
    const tg_hdf5_layout *layout = sink->params;
    const struct growing *growing = sink->state;
    char words[TG_HDF5_WORDS];
    int64_t grid[TG_MAX_NDIM], n;
    hsize_t offset[TG_MAX_NDIM];

    for (int d = 0; d < layout->ndim; d++)
        grid[d] = (count[d] + layout->chunk[d] - 1) / layout->chunk[d];
    n = tg_box_size(layout->ndim, grid);
    for (int64_t i = 0; i < n; i++) {
        tg_hdf5_frame frame;
        int64_t rest = i;

        for (int d = layout->ndim - 1; d >= 0; d--) {
            offset[d] = (hsize_t)(start[d] + rest % grid[d] * layout->chunk[d]);
            rest /= grid[d];
        }
        TG_NEED(size >= sizeof frame, TG_EINTERNAL, "%s: an encoded box is short", path);
        memcpy(&frame, bytes, sizeof frame);
        bytes += sizeof frame;
        size -= sizeof frame;
        TG_NEED(size >= frame.size, TG_EINTERNAL, "%s: an encoded chunk is short", path);
        TG_HDF5_NEED(H5Dwrite_chunk(growing->dataset, H5P_DEFAULT, frame.mask, offset, frame.size,
                                    bytes) >= 0,
                     TG_EIO, "%s: a chunk cannot be written", path);
        bytes += frame.size;
        size -= frame.size;
    }
out:
    return status;
}

tg_status tg_hdf5_append(const char *path, const tg_sink *sink, const int64_t *start,
                         const int64_t *count, const void *bytes, size_t size)
{
    tg_hdf5_turn turn;
    tg_status status;

    tg_hdf5_enter(&turn);
    status = store_frames(path, sink, start, count, bytes, size);
    tg_hdf5_leave(&turn);
    return status;
}

/** Flush and close the dataset of an ordered sink. In a turn. */
static tg_status close_growing(const char *path, struct growing *growing)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];

    if (!growing || growing->dataset < 0)
        goto out;
    TG_HDF5_NEED(H5Fflush(growing->dataset, H5F_SCOPE_GLOBAL) >= 0, TG_EIO, "%s cannot be written",
                 path);
    TG_HDF5_NEED(H5Dclose(growing->dataset) >= 0, TG_EIO, "%s cannot be closed", path);
    growing->dataset = H5I_INVALID_HID;
out:
    return status;
}

tg_status tg_hdf5_finish(const char *path, const tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    for (int i = 0; i < nsinks; i++)
        TG_TRY(close_growing(path, sinks[i].state));
    TG_TRY(tg_file_sync(path));
out:
    tg_hdf5_leave(&turn);
    return status;
}

void tg_hdf5_release(void *state)
{
    struct growing *growing = state;
    tg_hdf5_turn turn;

    if (!growing)
        return;
    tg_hdf5_enter(&turn);
    if (growing->dataset >= 0) {
        /* Given up. The library cannot close what it cannot flush, so on a full disk make room. */
        int emptied = truncate(growing->path, 0);

        (void)emptied;
        H5Dclose(growing->dataset);
    }
    tg_hdf5_leave(&turn);
    free(growing);
}
