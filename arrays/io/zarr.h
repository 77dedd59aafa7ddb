/* SPDX-License-Identifier: BSD-3-Clause */
/** Zarr, versions 2 and 3: what a node's metadata say, what ranks need, and the row's functions. */
#ifndef TG_IO_ZARR_H
#define TG_IO_ZARR_H

#include <json-c/json.h>

#include "io/codec.h"
#include "io/disk.h"
#include "io/element.h"
#include "io/format.h"

enum { TG_ZARR_LEVELS = 3 };

/** A shard: an index, and chunks, which may be shards themselves. */
typedef struct tg_zarr_level {
    int64_t chunk[TG_MAX_NDIM]; /* what it is cut into */
    int32_t index_at_start;     /* else at its end */
    int32_t index_sum;          /* the index has a checksum */
} tg_zarr_level;

/** A Zarr array; plain bytes: the parameters of tasks, followed by the path. */
typedef struct tg_zarr_array {
    tg_stamp stamp; /* reading: of the metadata file */
    tg_element element;
    unsigned char fill[16]; /* an element in memory */
    int32_t version, ndim;
    char separator;             /* between the numbers of a chunk's name */
    char prefixed;              /* names begin with "c" and the separator */
    int32_t nlevels;            /* of shards; 0: a file is a chunk */
    int32_t order[TG_MAX_NDIM]; /* axis k of a stored chunk is the array's axis order[k] */
    int64_t shape[TG_MAX_NDIM];
    int64_t chunk[TG_MAX_NDIM]; /* of a file: a chunk or a shard */
    int64_t inner[TG_MAX_NDIM]; /* what is decoded at once: a chunk */
    tg_zarr_level level[TG_ZARR_LEVELS];
    tg_codecs codecs; /* of such a chunk, bytes to bytes */
    char path[];      /* of the array's folder, with the NUL */
} tg_zarr_array;

/** What a folder is. */
typedef enum tg_zarr_kind { TG_ZARR_NONE, TG_ZARR_GROUP, TG_ZARR_ARRAY } tg_zarr_kind;

/** Call: local. `version` may be NULL. */
tg_zarr_kind tg_zarr_kind_of(const char *folder, int *version);

/** "FOLDER/NAME", malloced; NULL when memory is out. Leading slashes of NAME are dropped. */
char *tg_zarr_join(const char *folder, const char *name);

/**
 * Understand the metadata of an array. `header` gets the facts of its attributes; `attributes` (may
 * be NULL) the object itself.
 *
 * Call:    local (rank 0).
 * Owner:   free(*out); *size bytes.
 * Errors:  TG_EFORMAT, TG_EARG; all name the file.
 */
TG_MUST_CHECK tg_status tg_zarr_parse(const char *folder, tg_zarr_array **out, size_t *size,
                                      tg_header *header);

/** Header facts as attributes, the names of HDF5's (io/hdf5_facts.c). Call: local (rank 0). */
void tg_zarr_read_facts(json_object *attributes, int ndim, tg_header *out);
TG_MUST_CHECK tg_status tg_zarr_facts(const char *path, const tg_sink *sink, json_object **out);

/** The name of the file of a chunk, counted in chunks (of a shard: in shards). Call: local. */
void tg_zarr_chunk_path(const tg_zarr_array *array, const int64_t *at, char *out, size_t size);

tg_status tg_zarr_open(const char *path, const char *dataset, tg_source *out);
tg_status tg_zarr_list(const char *path, tg_entry_function *each, void *to);
int64_t tg_zarr_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact);
tg_status tg_zarr_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out);
tg_status tg_zarr_create(const char *path, tg_sink *sinks, int nsinks);
tg_status tg_zarr_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in);
tg_status tg_zarr_add(const char *temporary, const char *path, const tg_sink *sinks, int nsinks);

#endif
