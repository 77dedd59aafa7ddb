/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * New HDF5 files, and new datasets in copies of old ones, on rank 0. Contiguous datasets get their
 * place in the file at once and no fill values, so that ranks can write to it while nobody has the
 * file open in the library; so do chunks without filters. Filtered ones get theirs when they are
 * encoded (hdf5_place.c).
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
    hid_t dataset = H5I_INVALID_HID;
    haddr_t address;

    TG_TRY(tg_hdf5_lay_out(path, sink, &layout, &sink->params_size));
    sink->params = layout;
    TG_TRY(make_dataset(file, path, name, layout, &dataset));
    TG_TRY(tg_hdf5_write_facts(dataset, path, sink));
    sink->packed = layout->chunked && !layout->placed;
    for (int d = 0; d < sink->ndim; d++)
        sink->box[d] = layout->chunked ? layout->chunk[d] : 0;
    address = layout->chunked ? HADDR_UNDEF : H5Dget_offset(dataset);
    if (address != HADDR_UNDEF)
        layout->address = (int64_t)address;
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
    if (!sinks->append)
        TG_TRY(touch(path));
    access = tg_hdf5_access();
    H5Pset_alignment(access, TG_HDF5_ALIGN_FROM, TG_HDF5_ALIGN_TO);
    file = sinks->append ? H5Fopen(path, H5F_ACC_RDWR, access)
                         : H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    TG_HDF5_NEED(file >= 0, TG_EIO, "%s cannot be %s", path,
                 sinks->append ? "added to" : "created");
    for (int i = 0; i < nsinks; i++)
        TG_TRY(create_sink(file, path, &sinks[i]));
    TG_HDF5_NEED(H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, TG_EIO, "%s cannot be written", path);
    TG_HDF5_NEED(H5Fclose(file) >= 0, TG_EIO, "%s cannot be written", path);
    file = H5I_INVALID_HID;
    for (int i = 0; i < nsinks; i++)
        if (((tg_hdf5_layout *)sinks[i].params)->placed)
            TG_TRY(tg_hdf5_place_plain(path, &sinks[i]));
    TG_TRY(tg_file_make_room(path, -1));
out:
    if (file >= 0)
        H5Fclose(file);
    if (access >= 0)
        H5Pclose(access);
    tg_hdf5_leave(&turn);
    return status;
}

tg_status tg_hdf5_finish(const char *path, const tg_sink *sinks, int nsinks)
{
    (void)sinks, (void)nsinks;
    return tg_file_sync(path);
}
