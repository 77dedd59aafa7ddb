/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening an HDF5 dataset: what it is, and which way ranks will read it.
 *
 *     contiguous, in this file                        -> pread of the box
 *     chunked, filters decoded here                   -> pread of chunks by the table
 *     anything else (other filters, odd widths;       -> the HDF5 library, one handle per rank
 *     compact, external, virtual, unwritten)
 *
 * Other byte orders and float16 are converted here, too.
 *
 * A dataset that a link finds in another file is opened there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/box.h"
#include "io/hdf5_facts.h"
#include "io/hdf5_library.h"
#include "io/hdf5_params.h"
#include "io/hdf5_pick.h"
#include "io/hdf5_table.h"

/** An open dataset and what it says. */
struct opened {
    tg_hdf5_noting noting; /* has the file: chunks are found without opening it again */
    hid_t dataset, type, space, creation;
    tg_hdf5_type as;
    tg_hdf5_params head;
    int64_t shape[TG_MAX_NDIM], chunk[TG_MAX_NDIM], grid[TG_MAX_NDIM];
};

static void close_all(struct opened *o)
{
    if (o->creation >= 0)
        H5Pclose(o->creation);
    if (o->space >= 0)
        H5Sclose(o->space);
    if (o->type >= 0)
        H5Tclose(o->type);
    if (o->dataset >= 0)
        H5Dclose(o->dataset);
}

static tg_status read_shape(struct opened *o, const char *path, const char *name)
{
    tg_status status = TG_OK;
    hsize_t extent[H5S_MAX_RANK] = {0}, most[H5S_MAX_RANK] = {0};
    int ndim = H5Sget_simple_extent_ndims(o->space);
    double bytes = (double)tg_dtype_size(o->as.dtype);

    TG_NEED(ndim >= 0 && H5Sget_simple_extent_type(o->space) != H5S_NULL, TG_EARG,
            "%s:%s holds no values (a null dataspace)", path, name);
    TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "%s:%s has %d axes, more than %d", path, name, ndim,
            TG_MAX_NDIM);
    H5Sget_simple_extent_dims(o->space, extent, most);
    o->head.ndim = ndim;
    for (int d = 0; d < ndim; d++) {
        TG_NEED(extent[d] <= most[d], TG_EFORMAT,
                "%s:%s is damaged: axis %d has a length of %llu, at most %llu", path, name, d,
                (unsigned long long)extent[d], (unsigned long long)most[d]);
        o->shape[d] = o->chunk[d] = (int64_t)extent[d];
        o->grid[d] = 1;
        bytes *= (double)extent[d];
    }
    TG_NEED(bytes < 9e18, TG_EARG, "%s:%s is larger than 2^63 bytes", path, name);
out:
    return status;
}

/** Open the dataset and ask it for type and shape. */
static tg_status open_all(struct opened *o, const char *path, const char *name)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];

    o->dataset = H5Dopen2(o->noting.file, name, H5P_DEFAULT);
    TG_HDF5_NEED(o->dataset >= 0, TG_EFORMAT, "%s:%s cannot be opened", path, name);
    o->type = H5Dget_type(o->dataset);
    o->space = H5Dget_space(o->dataset);
    o->creation = H5Dget_create_plist(o->dataset);
    TG_HDF5_NEED(o->type >= 0 && o->space >= 0 && o->creation >= 0, TG_EFORMAT,
                 "%s:%s cannot be described", path, name);
    o->as = tg_hdf5_type_of(o->type);
    TG_NEED(o->as.known, TG_EARG,
            "%s:%s holds %s: integers, floats, complex numbers and booleans can be read", path,
            name, o->as.content);
    TG_TRY(read_shape(o, path, name));
out:
    return status;
}

/** Take down the filters; false when one of them is not decoded here. */
static bool know_filters(struct opened *o)
{
    int n = H5Pget_nfilters(o->creation);

    o->head.nfilters = 0;
    for (int i = 0; i < n; i++) {
        unsigned flags, config, values[4] = {0};
        size_t nvalues = 4;
        H5Z_filter_t filter =
            H5Pget_filter2(o->creation, (unsigned)i, &flags, &nvalues, values, 0, NULL, &config);
        uint8_t kind = filter == H5Z_FILTER_SHUFFLE      ? TG_HDF5_SHUFFLE
                       : filter == H5Z_FILTER_DEFLATE    ? TG_HDF5_DEFLATE
                       : filter == H5Z_FILTER_FLETCHER32 ? TG_HDF5_FLETCHER32
                       : filter == TG_FILTER_LZF         ? TG_HDF5_LZF
                                                         : 0;

        if (!kind || i >= TG_HDF5_MAX_FILTERS)
            return false;
        if (kind == TG_HDF5_SHUFFLE && nvalues > 0 && values[0] != (unsigned)o->as.stored.size)
            return false;
        o->head.filter[o->head.nfilters++] = kind;
    }
    return n >= 0;
}

/** Chunk lengths and grid; the number of chunks. */
static int64_t lay_grid(struct opened *o)
{
    hsize_t chunk[H5S_MAX_RANK] = {0};
    int64_t count = 1;

    H5Pget_chunk(o->creation, o->head.ndim, chunk);
    for (int d = 0; d < o->head.ndim; d++) {
        o->chunk[d] = chunk[d] ? (int64_t)chunk[d] : 1;
        o->grid[d] = o->shape[d] / o->chunk[d] + (o->shape[d] % o->chunk[d] != 0);
        if (count > TG_HDF5_MAX_CHUNKS)
            continue; /* an axis of length 0 or enough to know that there are too many */
        count *= o->grid[d];
    }
    return count;
}

/** The element of chunks never written; zero where it is not to be used, as the library leaves what
 * it is given, so NumPy's zeros, to h5py's users. */
static void read_fill(struct opened *o)
{
    H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
    H5D_fill_time_t when = H5D_FILL_TIME_NEVER;

    if (H5Pfill_value_defined(o->creation, &defined) >= 0 && defined != H5D_FILL_VALUE_UNDEFINED &&
        H5Pget_fill_time(o->creation, &when) >= 0 && when != H5D_FILL_TIME_NEVER)
        H5Pget_fill_value(o->creation, o->type, o->head.fill);
}

/** Can the chunks be read here? */
static bool chunks_are_ours(struct opened *o, int64_t nchunks)
{
    unsigned options = 0;
    int64_t bytes = tg_box_size(o->head.ndim, o->chunk) * o->as.stored.size;

#if H5_VERSION_GE(1, 10, 0)
    H5Pget_chunk_opts(o->creation, &options); /* partial chunks unfiltered */
#endif
    return o->as.direct && know_filters(o) && options == 0 && nchunks <= TG_HDF5_MAX_CHUNKS &&
           bytes < UINT32_MAX;
}

/** Filters of a dataset that the library shall read are there. */
static tg_status check_filters(const struct opened *o, const char *path, const char *name)
{
    tg_status status = TG_OK;
    int n = H5Pget_nfilters(o->creation);

    for (int i = 0; i < n; i++) {
        unsigned flags, config;
        size_t nvalues = 0;
        char text[64] = "";
        H5Z_filter_t filter = H5Pget_filter2(o->creation, (unsigned)i, &flags, &nvalues, NULL,
                                             sizeof text, text, &config);

        TG_NEED(filter >= 0 && H5Zfilter_avail(filter) > 0, TG_EARG,
                "%s:%s is stored with filter %d (%.63s), which this HDF5 library does not have",
                path, name, (int)filter, text);
    }
out:
    return status;
}

/** Choose the way to read; the table is made where it is wanted. */
static tg_status choose_way(struct opened *o, const char *path, const char *name,
                            tg_hdf5_chunk **table)
{
    tg_status status = TG_OK;
    H5D_layout_t layout = H5Pget_layout(o->creation);
    haddr_t address;

    o->head.way = TG_HDF5_BY_LIBRARY;
    if (layout == H5D_CONTIGUOUS && o->as.direct && H5Pget_external_count(o->creation) == 0) {
        address = H5Dget_offset(o->dataset);
        if (address != HADDR_UNDEF) {
            o->head.way = TG_HDF5_CONTIGUOUS;
            o->head.address = (int64_t)address;
        }
    } else if (layout == H5D_CHUNKED) {
        int64_t nchunks = lay_grid(o);

        if (chunks_are_ours(o, nchunks)) {
            read_fill(o);
            TG_TRY(tg_hdf5_table(path, name, o->dataset, &o->noting.spot, o->head.ndim, o->chunk,
                                 o->grid, nchunks, table));
        }
        if (*table) {
            o->head.way = TG_HDF5_CHUNKED;
            o->head.nchunks = nchunks;
        } else {
            TG_TRY(check_filters(o, path, name));
        }
    }
    o->head.element = o->head.way == TG_HDF5_BY_LIBRARY ? tg_element_of(o->as.dtype) : o->as.stored;
out:
    return status;
}

/** A contiguous dataset that reaches beyond the end of the file is cut short. */
static tg_status check_length(const struct opened *o, const char *path, const char *name)
{
    tg_status status = TG_OK;
    int64_t bytes = tg_box_size(o->head.ndim, o->shape) * o->as.stored.size;

    TG_NEED(o->head.way != TG_HDF5_CONTIGUOUS || bytes <= o->head.stamp.size - o->head.address,
            TG_EFORMAT,
            "%s ends early: %s needs bytes %" PRId64 " to %" PRId64 ", the file has %" PRId64, path,
            name, o->head.address, o->head.address + bytes, o->head.stamp.size);
out:
    return status;
}

static void describe(const struct opened *o, tg_source *out)
{
    out->dtype = o->as.dtype;
    out->ndim = o->head.ndim;
    for (int d = 0; d < out->ndim; d++) {
        out->shape[d] = o->shape[d];
        out->chunk[d] = o->chunk[d] < o->shape[d] ? o->chunk[d] : o->shape[d];
        if (out->chunk[d] < 1)
            out->chunk[d] = 1;
    }
    out->contiguous = H5Pget_layout(o->creation) != H5D_CHUNKED;
    out->stored_bytes = (int64_t)H5Dget_storage_size(o->dataset);
    tg_hdf5_read_facts(o->dataset, out->ndim, &out->header);
}

/** The name of the file that an object lies in, malloced. */
static char *file_of(hid_t object)
{
    ssize_t length = H5Fget_name(object, NULL, 0);
    char *name = length > 0 ? malloc((size_t)length + 1) : NULL;

    if (name && H5Fget_name(object, name, (size_t)length + 1) != length) {
        free(name);
        name = NULL;
    }
    return name;
}

/** The search for the name of an object. */
struct search {
    haddr_t address;
    char *name;
};

static herr_t compare(hid_t root, const char *name, const H5O_info_t *info, void *data)
{
    struct search *search = data;

    (void)root;
    if (info->addr != search->address)
        return 0;
    return asprintf(&search->name, "/%s", name) < 0 ? -1 : 1;
}

/** The name of a dataset in the file where it lies: H5Iget_name may give that of a link to it. */
static char *name_of(hid_t dataset)
{
    struct search search = {0};
    H5O_info_t info;
    hid_t file = H5Iget_file_id(dataset);

    if (H5Oget_info(dataset, &info) >= 0) {
        search.address = info.addr;
        if (H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, compare, &search) < 0)
            search.name = NULL;
    }
    H5Fclose(file);
    return search.name;
}

/** Where a link leads to another file: that file, and the dataset's name in it. *path NULL: it
 * stays in this one. */
static tg_status follow(const struct opened *o, const char *from, const char *name, char **path,
                        char **dataset)
{
    tg_status status = TG_OK;
    char *here = file_of(o->noting.file), *there = file_of(o->dataset);

    *path = *dataset = NULL;
    TG_NEED(here && there, TG_ENOMEM, "name of the file of %s:%s", from, name);
    if (strcmp(here, there) == 0)
        goto out;
    *dataset = name_of(o->dataset);
    TG_NEED(*dataset, TG_EFORMAT, "%s:%s is a link into %s, to something without a name", from,
            name, there);
    *path = there;
    there = NULL;
out:
    free(here);
    free(there);
    return status;
}

static const struct opened nothing_open = {.dataset = -1, .type = -1, .space = -1, .creation = -1};

static tg_status open_source(const char *path, const char *dataset, tg_source *out)
{
    static const int64_t none[TG_MAX_NDIM];
    tg_status status = TG_OK, ended;
    struct opened o = nothing_open;
    tg_hdf5_chunk *table = NULL;
    char *name = NULL, *other = NULL, *inside = NULL;
    tg_source source = {0};

    TG_TRY(tg_file_stamp(path, &o.head.stamp));
    TG_TRY(tg_hdf5_noting_begin(path, false, 0, false, &o.noting));
    o.noting.spot.reads = true;
    TG_TRY(tg_hdf5_pick(o.noting.file, path, dataset, &name));
    TG_TRY(open_all(&o, path, name));
    TG_TRY(follow(&o, path, name, &other, &inside));
    if (other) {
        close_all(&o); /* the library has opened the other file, not as we do */
        TG_TRY(tg_hdf5_noting_end(path, &o.noting));
        o = nothing_open;
        TG_TRY(open_source(other, inside, out));
        goto out;
    }
    TG_TRY(choose_way(&o, path, name, &table));
    TG_TRY(check_length(&o, path, name));
    TG_TRY(tg_hdf5_fold(&(tg_hdf5_view){.head = &o.head,
                                        .shape = o.shape,
                                        .chunk = o.chunk,
                                        .first = none,
                                        .grid = o.grid,
                                        .table = table,
                                        .path = path,
                                        .dataset = name},
                        &source.params, &source.params_size));
    describe(&o, &source);
    source.format = out->format;
    *out = source;
out:
    free(table);
    free(name);
    free(other);
    free(inside);
    close_all(&o);
    ended = tg_hdf5_noting_end(path, &o.noting);
    return status != TG_OK ? status : ended;
}

tg_status tg_hdf5_open(const char *path, const char *dataset, tg_source *out)
{
    tg_status status;
    tg_hdf5_turn turn;

    tg_hdf5_enter(&turn);
    status = open_source(path, dataset, out);
    tg_hdf5_leave(&turn);
    return status;
}
