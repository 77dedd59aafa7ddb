/* SPDX-License-Identifier: BSD-3-Clause */
/** NIfTI files: what ranks need to read and write them, and the functions of the rows. */
#ifndef TG_IO_NIFTI_H
#define TG_IO_NIFTI_H

#include "io/file.h"
#include "io/format.h"

/** Bytes of data up to which a gzipped file is inflated at once; larger ones are streams. */
#define TG_NIFTI_WHOLE (64 << 20)

/** Parameters of reading and of writing; plain bytes. */
typedef struct tg_nifti_params {
    tg_stamp stamp; /* reading */
    int64_t offset; /* bytes before the data, inflated */
    int32_t dtype, ndim;
    int32_t gzip;
    int32_t swapped; /* reading: data are of the other byte order */
    int32_t level;   /* writing: of compression */
    int32_t reserved;
    int64_t rows;     /* writing: of the first axis in a gzip member */
    int64_t shape[7]; /* storage axes */
    char path[];      /* with the NUL */
} tg_nifti_params;

/** Parameters with a path, otherwise zero. Call: local. Owner: free it; NULL when memory is out. */
tg_nifti_params *tg_nifti_params_create(const char *path, size_t *size);

tg_status tg_nifti_open(const char *path, const char *dataset, tg_source *out);
int64_t tg_nifti_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                       bool *exact);
tg_status tg_nifti_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, void *out);
tg_status tg_nifti_create(const char *path, tg_sink *sinks, int nsinks);
tg_status tg_nifti_write(tg_task *task, const void *params, size_t size, const int64_t *start,
                         const int64_t *count, const void *in);
tg_status tg_nifti_gz_create(const char *path, tg_sink *sinks, int nsinks);
tg_status tg_nifti_gz_encode(tg_task *task, const void *params, size_t size, const int64_t *start,
                             const int64_t *count, const void *in, tg_encoded *out);
int64_t tg_nifti_gz_bound(const tg_sink *sink, const int64_t *count);
tg_status tg_nifti_gz_place(const char *path, const tg_sink *sink, tg_packed *boxes,
                            int64_t nboxes);
tg_status tg_nifti_finish(const char *path, const tg_sink *sinks, int nsinks);

#endif
