/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver. Its file's end of allocation is the library's own; on closing, the file gets that
 * length, so that raw data which others write later have their place within it.
 */
#include "io/hdf5_noting.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

/** The driver's file. */
struct noting_file {
    H5FD_t base; /* the library's, first */
    int fd;
    haddr_t end_allocated, end_of_file;
    tg_hdf5_spot *spot;
};

static H5FD_t *noting_open(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    struct noting_file *file = calloc(1, sizeof *file);
    tg_hdf5_spot *const *spot = H5Pget_driver_info(access);
    int mode = flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY;
    struct stat info;

    (void)most;
    if (!file || !spot || (flags & H5F_ACC_CREAT) ||
        (file->fd = open(name, mode | O_CLOEXEC)) < 0) {
        free(file);
        return NULL;
    }
    file->spot = *spot;
    file->end_of_file = fstat(file->fd, &info) == 0 ? (haddr_t)info.st_size : 0;
    return &file->base;
}

/** Files that links lead to are opened as their own file was. */
static void *noting_info(H5FD_t *base)
{
    tg_hdf5_spot **spot = malloc(sizeof *spot);

    if (spot)
        *spot = ((struct noting_file *)base)->spot;
    return spot;
}

static herr_t noting_close(H5FD_t *base)
{
    struct noting_file *file = (struct noting_file *)base;
    int closed = close(file->fd);

    free(file);
    return closed;
}

static herr_t noting_query(const H5FD_t *base, unsigned long *features)
{
    (void)base;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA;
    return 0;
}

static haddr_t noting_get_eoa(const H5FD_t *base, H5FD_mem_t kind)
{
    (void)kind;
    return ((const struct noting_file *)base)->end_allocated;
}

static herr_t noting_set_eoa(H5FD_t *base, H5FD_mem_t kind, haddr_t address)
{
    (void)kind;
    ((struct noting_file *)base)->end_allocated = address;
    return 0;
}

static haddr_t noting_get_eof(const H5FD_t *base, H5FD_mem_t kind)
{
    (void)kind;
    return ((const struct noting_file *)base)->end_of_file;
}

static herr_t noting_read(H5FD_t *base, H5FD_mem_t kind, hid_t transfer, haddr_t address,
                          size_t size, void *buffer)
{
    struct noting_file *file = (struct noting_file *)base;
    size_t got = 0;

    (void)transfer;
    if (kind == H5FD_MEM_DRAW && !file->spot->reads) {
        *file->spot = (tg_hdf5_spot){address, size, false};
        return 0;
    }
    return tg_pread_all("", file->fd, (int64_t)address, buffer, size, &got) == TG_OK && got == size
               ? 0
               : -1;
}

static herr_t noting_write(H5FD_t *base, H5FD_mem_t kind, hid_t transfer, haddr_t address,
                           size_t size, const void *buffer)
{
    struct noting_file *file = (struct noting_file *)base;

    (void)transfer;
    if (kind == H5FD_MEM_DRAW) {
        *file->spot = (tg_hdf5_spot){address, size, false};
        return 0;
    }
    if (tg_pwrite_all("", file->fd, (int64_t)address, buffer, size) != TG_OK)
        return -1;
    if (address + size > file->end_of_file)
        file->end_of_file = address + size;
    return 0;
}

static herr_t noting_truncate(H5FD_t *base, hid_t transfer, hbool_t closing)
{
    struct noting_file *file = (struct noting_file *)base;

    (void)transfer, (void)closing;
    if (file->end_of_file == file->end_allocated)
        return 0;
    file->end_of_file = file->end_allocated;
    return ftruncate(file->fd, (off_t)file->end_allocated);
}

static const H5FD_class_t noting_driver = {
    .name = "tegula_noting",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(tg_hdf5_spot *),
    .fapl_get = noting_info,
    .open = noting_open,
    .close = noting_close,
    .query = noting_query,
    .get_eoa = noting_get_eoa,
    .set_eoa = noting_set_eoa,
    .get_eof = noting_get_eof,
    .read = noting_read,
    .write = noting_write,
    .truncate = noting_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

tg_status tg_hdf5_noting_begin(const char *path, bool writable, size_t meta_block, bool aligned,
                               tg_hdf5_noting *out)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    tg_hdf5_spot *spot = &out->spot;

    *out = (tg_hdf5_noting){.driver = H5FDregister(&noting_driver),
                            .access = tg_hdf5_access(),
                            .file = H5I_INVALID_HID};
    TG_HDF5_NEED(out->driver >= 0 && out->access >= 0 &&
                     H5Pset_driver(out->access, out->driver, &spot) >= 0,
                 TG_EFORMAT, "%s cannot be opened", path);
    if (aligned)
        H5Pset_alignment(out->access, TG_HDF5_ALIGN_FROM, TG_HDF5_ALIGN_TO);
    if (meta_block)
        H5Pset_meta_block_size(out->access, meta_block);
    out->file = H5Fopen(path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, out->access);
    TG_HDF5_NEED(out->file >= 0, TG_EFORMAT, "%s cannot be opened as HDF5", path);
out:
    return status;
}

tg_status tg_hdf5_noting_end(const char *path, tg_hdf5_noting *noting)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];

    TG_HDF5_NEED(noting->file <= 0 || H5Fclose(noting->file) >= 0, TG_EIO, "%s cannot be written",
                 path);
out:
    if (noting->access > 0)
        H5Pclose(noting->access);
    if (noting->driver > 0)
        H5FDunregister(noting->driver);
    noting->file = noting->access = noting->driver = H5I_INVALID_HID;
    return status;
}
