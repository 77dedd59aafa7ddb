/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * File formats: one table; a new format is a file and a line in io/format.c.
 *
 * Storage axes are in C order (last fastest), as the bytes lie in the file. A format whose users
 * count the axes the other way round (NIfTI) says `reversed`: the array they see is the transpose.
 * Rank 0 opens and creates; ranks read and write boxes with the parameters that rank 0 made, which
 * are plain bytes and hold everything a rank needs (path, offsets, chunk addresses) and the file's
 * size and modification time, so that they name the content.
 */
#ifndef TG_IO_FORMAT_H
#define TG_IO_FORMAT_H

#include <tegula/array.h>
#include <tegula/task.h>

typedef struct tg_format tg_format;

/** An array in a file, as rank 0 found it. Freed by tg_source_clear. */
typedef struct tg_source {
    const tg_format *format;
    tg_dtype dtype;
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    int64_t chunk[TG_MAX_NDIM]; /* natural chunk, storage axes; shape where there is none */
    bool contiguous; /* any box is cheap: chunk is the whole shape, C order, unfiltered */
    bool sequential; /* a compressed stream along axis 0: boxes cover whole rows of it, and
                                   reading them in order on one rank is cheap */
    bool reversed;
    tg_header header;
    int64_t stored_bytes;
    void *params; /* for reading any box of the array; malloc */
    size_t params_size;
} tg_source;

/** A dataset to be written. */
typedef struct tg_sink {
    /* given */
    const char *dataset;
    tg_dtype dtype;
    int ndim;
    int64_t shape[TG_MAX_NDIM];         /* storage axes */
    const int64_t *chunks[TG_MAX_NDIM]; /* storage axes: the array's own chunk lengths, a hint */
    int64_t nchunks[TG_MAX_NDIM];
    const char *append; /* the file that is added to; a file to create is a copy of it; NULL: new */
    const tg_store_options *options; /* may be NULL */
    const tg_header *header; /* may be NULL: no file behind. Slope and inter are those of the
                                        values to be written: 1, 0 unless they are raw; spacing goes
                                        by the axes of the array, [x, y, z, t] for NIfTI */
    const char *history;     /* what made it, for an attribute of that name; may be NULL */
    /* answered by create */
    int64_t box[TG_MAX_NDIM]; /* boxes start at multiples of it; 0: anywhere on that axis */
    bool packed;              /* boxes are encoded (tg_format.encode) before it is known where they
                                 go (tg_format.place) */
    void *params;             /* malloc; freed by tg_sink_clear */
    size_t params_size;
} tg_sink;

/** A piece of an encoded box, moved as a whole: a chunk of HDF5, a member of gzip. */
typedef struct tg_part {
    uint64_t size; /* bytes */
    uint64_t mask; /* the format's own */
} tg_part;

/** An encoded box on a rank; all of it is the task's scratch. */
typedef struct tg_encoded {
    tg_part *part;
    int64_t nparts;
    char *bytes; /* of the parts, one behind the other */
    size_t size;
} tg_encoded;

/** An encoded box as rank 0 knows it. */
typedef struct tg_packed {
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM];
    const tg_part *part;
    int64_t nparts;
    int64_t *address; /* of each part in the file: answered by place */
} tg_packed;

/** A group or an array in a file, for who lists what it holds. */
typedef struct tg_entry {
    const char *name; /* "/maps/tsnr" */
    bool group;
    bool known;       /* the type can be read */
    const char *type; /* "int16", "strings" */
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    const char *storage;  /* "chunks (16, 16), shuffle, deflate 4" */
    const char *note;     /* may be NULL */
    double bytes;         /* of the array, which need not fit in anything */
    int64_t stored_bytes; /* -1 where nobody has counted */
} tg_entry;

typedef void tg_entry_function(void *to, const tg_entry *entry);

/** One row of the table. */
struct tg_format {
    const char *name;           /* "HDF5" */
    const char *article_name;   /* "an HDF5" */
    const char *const *endings; /* ".h5", ..., NULL; for reading the content decides where it can */
    const char *mark;           /* what shows that a file is of the format: "HDF5 signature" */
    bool has_datasets;          /* names are FILE:/DATASET, several datasets make one file */
    bool reversed;              /* when written: storage axes are the reverse of the array's */
    tg_dtype (*stored)(tg_dtype); /* dtype that is written for an array's dtype;
                                       TG_NDTYPES: it cannot be */
    /** Rank 0: the file to open in the place of one whose header is elsewhere, malloced; NULL: it
     * is not. No function: all files have theirs. */
    char *(*header_of)(const char *path);
    /** Rank 0: does the open file of `size` bytes carry the mark? */
    bool (*recognise)(int fd, int64_t size);
    /** Rank 0: is the path a folder that is of the format? NULL for formats of files. */
    bool (*is_folder)(const char *path);
    /** Rank 0: read the header. Errors name the file. */
    tg_status (*open)(const char *path, const char *dataset, tg_source *out);
    /** Rank 0: go through what a file holds; NULL: one array. */
    tg_status (*list)(const char *path, tg_entry_function *each, void *to);
    /** Rank 0: parameters for reading one box, malloced (may be NULL: source->params will do). */
    tg_status (*slice)(const tg_source *source, const int64_t *start, const int64_t *count,
                       void **params, size_t *size);
    /** Rank 0: encoded bytes that are decoded to read the box of such parameters, what it costs
     * most; NULL: none are. */
    int64_t (*encoded)(const void *params, size_t size);
    /** Rank 0: bytes of files that reading the box takes, with parameters as read has them; *exact
     * becomes false where they are as many at most. */
    int64_t (*bytes)(const void *params, size_t size, const int64_t *start, const int64_t *count,
                     bool *exact);
    /** Any rank: read the box [start, start + count) to `out`, contiguous, C order. `params` are
     * those of the box or of the whole array. */
    tg_status (*read)(tg_task *task, const void *params, size_t size, const int64_t *start,
                      const int64_t *count, void *out);
    /** Any rank: as read, but where that spares work the bytes of elements are left in planes
     * (kernel/planes.h), those of one place of all elements together; *apart says. NULL: read. */
    tg_status (*read_apart)(tg_task *task, const void *params, size_t size, const int64_t *start,
                            const int64_t *count, void *out, bool *apart);
    /** Rank 0: create `path` (a temporary name) with room for the sinks. */
    tg_status (*create)(const char *path, tg_sink *sinks, int nsinks);
    /** Rank 0: parameters for writing one box, malloced (may stay NULL: sink->params will do). */
    tg_status (*write_slice)(const tg_sink *sink, const int64_t *start, const int64_t *count,
                             void **params, size_t *size);
    /** Any rank: write a box from `in`, contiguous, C order. */
    tg_status (*write)(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, const void *in);
    /** Any rank, packed sinks: encode a box. */
    tg_status (*encode)(tg_task *task, const void *params, size_t size, const int64_t *start,
                        const int64_t *count, const void *in, tg_encoded *out);
    /** Rank 0, packed sinks: the most bytes that an encoded box can have. */
    int64_t (*bound)(const tg_sink *sink, const int64_t *count);
    /** Rank 0, packed sinks: all boxes are encoded, give each part its place in the file. The order
     * must depend on starts only, so that equal results are equal files. */
    tg_status (*place)(const char *path, const tg_sink *sink, tg_packed *boxes, int64_t nboxes);
    /** Rank 0, folders: what was created at `temporary` becomes part of `path`. */
    tg_status (*add)(const char *temporary, const char *path, const tg_sink *sinks, int nsinks);
    /** Rank 0: all boxes are written; make the file whole and durable (may be NULL). */
    tg_status (*finish)(const char *path, const tg_sink *sinks, int nsinks);
};

/** The format of a file to read: by content, else by ending. `name` may carry ":/DATASET"; path and
 * dataset (NULL when none) are malloced. Errors: TG_EIO, TG_EFORMAT, TG_EARG; all name it. */
TG_MUST_CHECK tg_status tg_format_of_file(const char *name, const tg_format **format, char **path,
                                          char **dataset);

/** The format to write by a name's ending. Errors: TG_EARG with the endings that there are. */
TG_MUST_CHECK tg_status tg_format_of_ending(const char *path, const tg_format **format);

void tg_source_clear(tg_source *source);
void tg_sink_clear(tg_sink *sink);

#endif
