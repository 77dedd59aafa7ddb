/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NIfTI as two rows of the table of formats: .nii, whose boxes lie in the file as they are, and
 * .nii.gz, a stream. Pairs of files (.hdr, .img) are read as well.
 *
 *     rank 0   open    nifti_open.c   the header (nifti_header.c) -> parameters
 *     ranks    read    nifti_read.c   pread, or streams (gzip_stream.c)
 *     rank 0   create  nifti_write.c  the header and room for the data
 *     ranks    write                  .nii: pwrite
 *     ranks    encode                 .nii.gz: gzip members of some volumes, which ...
 *     rank 0   place                  ... follow each other in the file
 */
#include "io/nifti.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/formats.h"
#include "io/gzip_stream.h"
#include "io/nifti_header.h"

static const char *const plain_endings[] = {".nii", NULL};
static const char *const gzip_endings[] = {".nii.gz", NULL};

static bool recognise_plain(int fd, int64_t size)
{
    unsigned char head[TG_NIFTI_HEAD];
    size_t got = 0;

    (void)size;
    return tg_pread_all("", fd, 0, head, sizeof head, &got) == TG_OK &&
           tg_nifti_kind_of(head, got, NULL) != TG_NIFTI_NONE;
}

static bool recognise_gzip(int fd, int64_t size)
{
    unsigned char head[TG_NIFTI_HEAD];
    size_t got = 0;

    (void)size;
    if (tg_pread_all("", fd, 0, head, 2, &got) != TG_OK || got < 2 || head[0] != 0x1f ||
        head[1] != 0x8b)
        return false;
    tg_gzip_peek(fd, head, sizeof head, &got);
    return tg_nifti_kind_of(head, got, NULL) != TG_NIFTI_NONE;
}

/** bool has no NIfTI type of its own that others read. */
static tg_dtype stored(tg_dtype dtype)
{
    return dtype == TG_BOOL ? TG_UINT8 : dtype;
}

/** Of the .img of a pair: the .hdr beside it, gzipped if that is, where there are both. */
static char *header_of(const char *path)
{
    static const char *const endings[] = {".img", ".img.gz"}, *const headers[] = {".hdr",
                                                                                  ".hdr.gz"};
    size_t length = strlen(path);
    char *header = NULL;

    for (int i = 0; i < 4 && !header; i++) {
        size_t stem = length - strlen(endings[i / 2]);

        if (stem >= length || strcmp(path + stem, endings[i / 2]) != 0 ||
            asprintf(&header, "%.*s%s", (int)stem, path, headers[(i / 2 + i) % 2]) < 0) {
            header = NULL;
        } else if (access(header, F_OK) != 0) {
            free(header);
            header = NULL;
        }
    }
    return header;
}

const tg_format tg_format_nifti = {
    .name = "NIfTI",
    .article_name = "a NIfTI",
    .endings = plain_endings,
    .mark = "NIfTI header",
    .reversed = true,
    .stored = stored,
    .header_of = header_of,
    .recognise = recognise_plain,
    .open = tg_nifti_open,
    .bytes = tg_nifti_bytes,
    .read = tg_nifti_read,
    .create = tg_nifti_create,
    .write = tg_nifti_write,
    .finish = tg_nifti_finish,
};

const tg_format tg_format_nifti_gz = {
    .name = "NIfTI, gzipped",
    .article_name = "a gzipped NIfTI",
    .endings = gzip_endings,
    .mark = "gzipped NIfTI header",
    .reversed = true,
    .stored = stored,
    .recognise = recognise_gzip,
    .open = tg_nifti_open,
    .bytes = tg_nifti_bytes,
    .read = tg_nifti_read,
    .create = tg_nifti_gz_create,
    .encode = tg_nifti_gz_encode,
    .bound = tg_nifti_gz_bound,
    .place = tg_nifti_gz_place,
    .finish = tg_nifti_finish,
};
