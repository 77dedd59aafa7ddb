/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HDF5 as a row of the table of formats.
 *
 *     rank 0   open    hdf5_open.c    which dataset (hdf5_pick.c), facts (hdf5_facts.c), chunks
 *                                     (hdf5_table.c) -> parameters (hdf5_params.c)
 *     ranks    read    hdf5_read.c    pread and decoding (hdf5_filter.c), or the library
 *                                     (hdf5_handles.c)
 *     rank 0   create  hdf5_create.c  a file with room
 *     ranks    write   hdf5_write.c   pwrite where the dataset lies
 *     ranks    encode                 filtered chunks, for chunked datasets, which ...
 *     rank 0   place   hdf5_place.c   ... gives their places in the file
 */
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "io/formats.h"
#include "io/hdf5_layout.h"
#include "io/hdf5_params.h"

static const char *const endings[] = {".h5", ".hdf5", ".he5", ".hdf", NULL};

/** The superblock begins at 0, 512, 1024, 2048, ... */
static bool recognise(int fd, int64_t size)
{
    static const unsigned char signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char head[8];
    size_t got = 0;

    for (int64_t at = 0; at + 8 <= size; at = at ? 2 * at : 512)
        if (tg_pread_all("", fd, at, head, sizeof head, &got) == TG_OK && got == sizeof head &&
            memcmp(head, signature, sizeof head) == 0)
            return true;
    return false;
}

static tg_dtype stored(tg_dtype dtype)
{
    return dtype;
}

static tg_status open_source(const char *path, const char *dataset, tg_source *out)
{
    out->format = &tg_format_hdf5;
    return tg_hdf5_open(path, dataset, out);
}

const tg_format tg_format_hdf5 = {
    .name = "HDF5",
    .article_name = "an HDF5",
    .endings = endings,
    .mark = "HDF5 signature",
    .has_datasets = true,
    .stored = stored,
    .recognise = recognise,
    .open = open_source,
    .list = tg_hdf5_list,
    .slice = tg_hdf5_slice,
    .encoded = tg_hdf5_encoded,
    .bytes = tg_hdf5_bytes,
    .read = tg_hdf5_read,
    .read_apart = tg_hdf5_read_apart,
    .create = tg_hdf5_create,
    .write_slice = tg_hdf5_write_slice,
    .write = tg_hdf5_write,
    .encode = tg_hdf5_encode,
    .bound = tg_hdf5_bound,
    .place = tg_hdf5_place,
    .finish = tg_hdf5_finish,
};
