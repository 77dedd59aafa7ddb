/* SPDX-License-Identifier: BSD-3-Clause */
/** NIfTI headers: from bytes to facts and back. */
#ifndef TG_IO_NIFTI_HEADER_H
#define TG_IO_NIFTI_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "io/format.h"

/** Bytes of the longer header (NIfTI-2); enough to know any. */
#define TG_NIFTI_HEAD 540

/** What the first bytes of a file are. */
typedef enum tg_nifti_kind {
    TG_NIFTI_NONE,    /* no NIfTI header */
    TG_NIFTI_1,       /* NIfTI-1 */
    TG_NIFTI_2,       /* NIfTI-2 */
    TG_NIFTI_ANALYZE, /* the .hdr of Analyze 7.5 */
} tg_nifti_kind;

/** Call: local. `swapped` (may be NULL): the header is of the other byte order. */
tg_nifti_kind tg_nifti_kind_of(const void *head, size_t size, bool *swapped);

/** A header understood. */
typedef struct tg_nifti_facts {
    tg_dtype dtype;
    bool swapped; /* data are of the other byte order */
    bool pair;    /* the file is the .hdr of a pair: data are in the .img */
    int ndim;
    int64_t dim[7]; /* fastest first, as in the header */
    int64_t offset; /* bytes before the data, uncompressed */
    tg_header header;
} tg_nifti_facts;

/**
 * Understand the first TG_NIFTI_HEAD bytes of a file (or all that it has).
 *
 * Call:    local (rank 0).
 * Errors:  TG_EFORMAT, TG_EARG for datatypes that have no dtype here (RGB).
 */
TG_MUST_CHECK tg_status tg_nifti_parse(const char *path, const void *head, size_t size,
                                       tg_nifti_facts *out);

/** Bytes of the longest header that is written, with its 4 bytes of "no extension". */
#define TG_NIFTI_WRITTEN 544

/**
 * The header of a file to be written; NIfTI-2 where a length exceeds 32767.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EARG for an array that NIfTI cannot hold.
 */
TG_MUST_CHECK tg_status tg_nifti_compose(const char *path, const tg_sink *sink,
                                         unsigned char out[TG_NIFTI_WRITTEN], size_t *size);

#endif
