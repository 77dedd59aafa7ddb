/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the chunks of a dataset lie. HDF5 1.10 has two functions that tell (H5Dget_chunk_info and
 * H5Dget_chunk_info_by_coord), and both walk the whole index for each chunk: 0.4 ms a chunk with a
 * table of 40,000, 16 s for all. H5Dread_chunk looks a chunk up as reading does, in a microsecond,
 * whatever index the file has, but hands out bytes, not addresses.
 *
 * So it is asked for the bytes through a file driver of our own that reads metadata as usual and of
 * raw data only notes where they were wanted (hdf5_noting.h): 1.4 us a chunk, no data read.
 */
#include "io/hdf5_table.h"

#include <stdlib.h>
#include <string.h>

/** Was the last failure that the chunk has never been written? */
static bool was_never_written(void)
{
    char words[TG_HDF5_WORDS];

    tg_hdf5_words(words, sizeof words);
    return strstr(words, "not allocated") || strstr(words, "isn't defined");
}

/** Note where a chunk lies. Of chunks that are not there the library gives a size without filters,
 * fails with them. */
static bool look_up(hid_t dataset, const hsize_t *offset, tg_hdf5_spot *spot, tg_hdf5_chunk *out)
{
    hsize_t size = 0;
    char nothing[8]; /* the driver leaves it alone */

    *out = (tg_hdf5_chunk){.address = UINT64_MAX};
    if (H5Dget_chunk_storage_size(dataset, offset, &size) < 0)
        return was_never_written();
    if (size == 0)
        return true;
    *spot = (tg_hdf5_spot){0};
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
static bool look_all_up(hid_t dataset, tg_hdf5_spot *spot, int ndim, const int64_t *chunk,
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

tg_status tg_hdf5_table(const char *path, const char *name, hid_t dataset, tg_hdf5_spot *spot,
                        int ndim, const int64_t *chunk, const int64_t *grid, int64_t nchunks,
                        tg_hdf5_chunk **out)
{
    tg_status status = TG_OK;
    tg_hdf5_chunk *table = malloc((size_t)nchunks * sizeof *table + 1);

    TG_NEED(table, TG_ENOMEM, "%s:%s: table of %lld chunks", path, name, (long long)nchunks);
    if (look_all_up(dataset, spot, ndim, chunk, grid, nchunks, table)) {
        *out = table;
        table = NULL;
    }
out:
    spot->reads = true;
    free(table);
    return status;
}
