/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Files that a computation writes: under a temporary name in the same folder, renamed when all are
 * whole. Outputs of one path are datasets of one file.
 */
#ifndef TG_LOWER_FILES_H
#define TG_LOWER_FILES_H

#include "io/disk.h"
#include "lower/pack.h"

/** One new file. */
typedef struct tg_out_file {
    char *path;      /* malloc; what links lead to */
    char *temporary; /* malloc */
    const tg_format *format;
    tg_sink *sinks;
    tg_header *headers; /* by sink */
    tg_pack *packs;     /* by sink; empty where boxes are written where they belong */
    int nsinks;
    int64_t slots;  /* bytes of the file beside that boxes have room in */
    bool append;    /* add to the file of that name, which is there */
    tg_stamp stamp; /* of that file when it was copied */
    int lock;       /* keeps others from writing to it until then; -1: there is none */
    bool created;   /* there may be something at `temporary` */
} tg_out_file;

typedef struct tg_out_files {
    tg_out_file *files;
    int count;
    int *file, *sink; /* by output: -1 for memory */
    char *history;    /* malloc; NULL: none */
} tg_out_files;

/** Sort the outputs by file and refuse what cannot be written, before anything is computed. */
TG_MUST_CHECK tg_status tg_out_files_begin(const tg_output *outputs, int noutputs,
                                           tg_out_files *out);

/**
 * Create the files and bring each root (the output's array, replaced in place) to what its file
 * stores: axes, dtype, cuts.
 */
TG_MUST_CHECK tg_status tg_out_files_create(tg_out_files *files, tg_ctx *ctx,
                                            const tg_output *outputs, int noutputs,
                                            tg_array **roots);

/** Add the task that writes a chunk of a root. */
TG_MUST_CHECK tg_status tg_out_files_write(const tg_out_files *files, tg_lowering *lowering,
                                           int output, const tg_array *root, const int64_t *index,
                                           int64_t *task);

/** Do the writing tasks of an output give back anything, or is it an output to memory? */
bool tg_out_files_want(const tg_out_files *files, int output);

/** Take what the writing task of a chunk gave back: sizes, if the file is packed. */
TG_MUST_CHECK tg_status tg_out_files_take(const tg_out_files *files, int output, int64_t chunk,
                                          const tg_bytes *bytes);

/** Start bringing what ranks have written to the disk, and wait for nothing. */
TG_MUST_CHECK tg_status tg_out_files_write_back(const tg_out_files *files);

/** Make the files whole and give them their names. */
TG_MUST_CHECK tg_status tg_out_files_commit(tg_out_files *files, tg_ctx *ctx);

/** A failure's message with the temporary name in it replaced by the one that the user knows. */
tg_status tg_out_files_say(const tg_out_files *files, tg_status status);

/** Let go; files that have not been committed are removed. */
void tg_out_files_end(tg_out_files *files);

#endif
