/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the chunks of a dataset lie. HDF5 1.10 has two functions that tell (H5Dget_chunk_info and
 * H5Dget_chunk_info_by_coord), and both walk the whole index for each chunk: 0.4 ms a chunk with a
 * table of 40,000, 16 s for all. H5Dread_chunk looks a chunk up as reading does, in a microsecond,
 * whatever index the file has, but hands out bytes, not addresses.
 *
 * So it is asked for the bytes through a file driver of our own that reads metadata as usual and of
 * raw data only notes where they were wanted: 1.4 us a chunk, no data read. The driver sees
 * addresses from the beginning of the file, user block included.
 */
#include "io/hdf5_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/hdf5_library.h"

/** Where raw data were last wanted. */
struct spot {
    haddr_t address;
    size_t size;
};

/** The driver's file. */
struct noting_file {
    H5FD_t base; /* the library's, first */
    int fd;
    haddr_t end_allocated, end_of_file;
    struct spot *spot;
};

static H5FD_t *noting_open(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    struct noting_file *file = calloc(1, sizeof *file);
    struct spot *const *spot = H5Pget_driver_info(access);
    struct stat info;

    (void)most;
    if (!file || !spot || (flags & H5F_ACC_RDWR) ||
        (file->fd = open(name, O_RDONLY | O_CLOEXEC)) < 0) {
        free(file);
        return NULL;
    }
    file->spot = *spot;
    file->end_of_file = fstat(file->fd, &info) == 0 ? (haddr_t)info.st_size : 0;
    return &file->base;
}

static herr_t noting_close(H5FD_t *base)
{
    struct noting_file *file = (struct noting_file *)base;

    close(file->fd);
    free(file);
    return 0;
}

static herr_t noting_query(const H5FD_t *base, unsigned long *features)
{
    (void)base;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA_READ;
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
    if (kind == H5FD_MEM_DRAW) {
        *file->spot = (struct spot){address, size};
        return 0;
    }
    return tg_pread_all("", file->fd, (int64_t)address, buffer, size, &got) == TG_OK && got == size
               ? 0
               : -1;
}

static herr_t noting_write(H5FD_t *base, H5FD_mem_t kind, hid_t transfer, haddr_t address,
                           size_t size, const void *buffer)
{
    (void)base, (void)kind, (void)transfer, (void)address, (void)size, (void)buffer;
    return -1;
}

static const H5FD_class_t noting_driver = {
    .name = "tegula_noting",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(struct spot *),
    .open = noting_open,
    .close = noting_close,
    .query = noting_query,
    .get_eoa = noting_get_eoa,
    .set_eoa = noting_set_eoa,
    .get_eof = noting_get_eof,
    .read = noting_read,
    .write = noting_write,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/** Was the last failure that the chunk has never been written? */
static bool was_never_written(void)
{
    char words[TG_HDF5_WORDS];

    return strstr(tg_hdf5_words(words, sizeof words), "not allocated");
}

/** Note where a chunk lies. Without filters the library gives a size to chunks that are not there.
 * */
static bool look_up(hid_t dataset, const hsize_t *offset, struct spot *spot, tg_hdf5_chunk *out)
{
    hsize_t size = 0;
    char nothing[8]; /* the driver leaves it alone */

    *out = (tg_hdf5_chunk){.address = UINT64_MAX};
    if (H5Dget_chunk_storage_size(dataset, offset, &size) < 0)
        return false;
    if (size == 0)
        return true;
    *spot = (struct spot){0};
    if (H5Dread_chunk(dataset, H5P_DEFAULT, offset, &out->mask, nothing) < 0) {
        out->mask = 0;
        return was_never_written();
    }
    if (spot->size != size || size > UINT32_MAX)
        return false;
    out->address = spot->address;
    out->size = (uint32_t)size;
    return true;
}

/** Go through the grid; false where a chunk cannot be found. */
static bool look_all_up(hid_t dataset, struct spot *spot, int ndim, const int64_t *chunk,
                        const int64_t *grid, int64_t nchunks, tg_hdf5_chunk *table)
{
    hsize_t offset[TG_MAX_NDIM];

    for (int64_t i = 0; i < nchunks; i++) {
        int64_t rest = i;

        for (int d = ndim - 1; d >= 0; d--) {
            offset[d] = (hsize_t)(rest % grid[d] * chunk[d]);
            rest /= grid[d];
        }
        if (!look_up(dataset, offset, spot, &table[i]))
            return false;
    }
    return true;
}

tg_status tg_hdf5_table(const char *path, const char *dataset, int ndim, const int64_t *chunk,
                        const int64_t *grid, int64_t nchunks, tg_hdf5_chunk **out)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    struct spot spot, *noted = &spot;
    hid_t driver = H5FDregister(&noting_driver), access = tg_hdf5_access();
    hid_t file = H5I_INVALID_HID, inside = H5I_INVALID_HID;
    tg_hdf5_chunk *table = malloc((size_t)nchunks * sizeof *table + 1);

    TG_NEED(table, TG_ENOMEM, "%s:%s: table of %lld chunks", path, dataset, (long long)nchunks);
    TG_HDF5_NEED(driver >= 0 && access >= 0 && H5Pset_driver(access, driver, &noted) >= 0,
                 TG_EFORMAT, "%s cannot be opened", path);
    file = H5Fopen(path, H5F_ACC_RDONLY, access);
    inside = file >= 0 ? H5Dopen2(file, dataset, H5P_DEFAULT) : file;
    TG_HDF5_NEED(inside >= 0, TG_EFORMAT, "%s:%s cannot be opened", path, dataset);
    if (look_all_up(inside, &spot, ndim, chunk, grid, nchunks, table)) {
        *out = table;
        table = NULL;
    }
out:
    free(table);
    if (inside >= 0)
        H5Dclose(inside);
    if (file >= 0)
        H5Fclose(file);
    if (access >= 0)
        H5Pclose(access);
    if (driver >= 0)
        H5FDunregister(driver);
    return status;
}
