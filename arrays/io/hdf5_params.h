/* SPDX-License-Identifier: BSD-3-Clause */
/** What a rank needs to read a box of an HDF5 dataset, as plain bytes. */
#ifndef TG_IO_HDF5_PARAMS_H
#define TG_IO_HDF5_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#include "io/element.h"
#include "io/file.h"
#include "io/format.h"

/** How a dataset is read. */
enum {
    TG_HDF5_BY_LIBRARY, /* through the HDF5 library: whatever the others do not know */
    TG_HDF5_CONTIGUOUS, /* pread at params->address */
    TG_HDF5_CHUNKED,    /* pread of the table's chunks, decoded here */
};

/** The filters that are decoded here, in the order in which they were applied. */
enum { TG_HDF5_SHUFFLE = 1, TG_HDF5_DEFLATE, TG_HDF5_FLETCHER32, TG_HDF5_LZF };
enum { TG_HDF5_MAX_FILTERS = 12 };

/** Where a chunk lies. */
typedef struct tg_hdf5_chunk {
    uint64_t address; /* from the beginning of the file; UINT64_MAX: never written */
    uint32_t size;    /* bytes, filtered */
    uint32_t mask;    /* bit i: filter i was left out */
} tg_hdf5_chunk;

/** The head of the parameters; shapes, table and names follow (tg_hdf5_view finds them). */
typedef struct tg_hdf5_params {
    tg_stamp stamp;
    int64_t address;  /* TG_HDF5_CONTIGUOUS: of the first element */
    uint64_t fill[2]; /* TG_HDF5_CHUNKED: the bytes of an element that was never written */
    int64_t nchunks;  /* of the table */
    int32_t way, ndim, nfilters;
    tg_element element;    /* TG_HDF5_BY_LIBRARY: as the library hands it out */
    uint32_t path_size;    /* bytes with the NUL */
    uint32_t dataset_size; /* bytes with the NUL */
    uint8_t filter[TG_HDF5_MAX_FILTERS];
} tg_hdf5_params;

/** Parameters unfolded; everything points into them. */
typedef struct tg_hdf5_view {
    const tg_hdf5_params *head;
    const int64_t *shape, *chunk;
    const int64_t *first, *grid; /* the table holds chunks [first, first + grid), C order */
    const tg_hdf5_chunk *table;
    const char *path, *dataset;
} tg_hdf5_view;

/** Call: local. Errors: TG_EINTERNAL for bytes that are no such parameters. */
TG_MUST_CHECK tg_status tg_hdf5_unfold(const void *params, size_t size, tg_hdf5_view *out);

/** Put parameters together; head's sizes are filled in. Call: local. Owner: free(*out). */
TG_MUST_CHECK tg_status tg_hdf5_fold(const tg_hdf5_view *view, void **out, size_t *size);

/** tg_format.slice: the table is cut down to the chunks that the box meets. */
TG_MUST_CHECK tg_status tg_hdf5_slice(const tg_source *source, const int64_t *start,
                                      const int64_t *count, void **params, size_t *size);

/** tg_format.encoded: bytes of the table's chunks where they are compressed. */
int64_t tg_hdf5_encoded(const void *params, size_t size);

/** The rows' functions (io/format.h). */
tg_status tg_hdf5_open(const char *path, const char *dataset, tg_source *out);
tg_status tg_hdf5_list(const char *path, tg_entry_function *each, void *to);
int64_t tg_hdf5_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact);
tg_status tg_hdf5_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out);
tg_status tg_hdf5_read_apart(tg_task *task, const void *params, size_t size, const int64_t *start,
                             const int64_t *count, void *out, bool *apart);
tg_status tg_hdf5_create(const char *path, tg_sink *sinks, int nsinks);
tg_status tg_hdf5_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in);
int64_t tg_hdf5_bound(const tg_sink *sink, const int64_t *count);
tg_status tg_hdf5_encode(tg_task *task, const void *params, size_t size, const int64_t *start,
                         const int64_t *count, const void *in, tg_encoded *out);
tg_status tg_hdf5_place(const char *path, const tg_sink *sink, tg_packed *boxes, int64_t nboxes);
/** In a turn: places of all chunks of a dataset without filters, for sink->params. */
tg_status tg_hdf5_place_plain(const char *path, tg_sink *sink);
tg_status tg_hdf5_finish(const char *path, const tg_sink *sinks, int nsinks);

#endif
