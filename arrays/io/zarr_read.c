/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading a box of a Zarr array on a rank. A file is a chunk, or a shard: chunks in any order with
 * an index of (offset, bytes) for each, C order, at one end; these may be shards in turn. What is
 * not there is the fill value.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/box.h"
#include "io/chunk.h"
#include "io/file.h"
#include "io/zarr.h"

/** Reading one box. */
struct reading {
    tg_task *task;
    const tg_zarr_array *array;
    tg_chunked files, chunks; /* the box against files and against what is decoded at once */
    tg_chunked levels[TG_ZARR_LEVELS]; /* and against what shards are cut into */
    size_t stored;                     /* bytes of a decoded chunk as it is stored */
    size_t decoded;                    /* bytes of it in memory */
    bool plain;                        /* C order, and stored elements are those in memory */
    char *out;
    tg_codec_room room; /* used again for each chunk, as are the others */
    tg_workspace bytes, index[TG_ZARR_LEVELS], elements;
};

/** Strides in memory of a chunk whose axes are stored in another order. */
static void stored_strides(const tg_zarr_array *a, size_t itemsize, int64_t *stride)
{
    int64_t step = (int64_t)itemsize;

    for (int k = a->ndim - 1; k >= 0; k--) {
        stride[a->order[k]] = step;
        step *= a->inner[a->order[k]];
    }
}

static bool in_order(const tg_zarr_array *a)
{
    for (int k = 0; k < a->ndim; k++)
        if (a->order[k] != k)
            return false;
    return true;
}

/** What one of the things that the box is cut into would have, were it there. */
static void fill_part(const struct reading *r, const tg_chunked *cut, const int64_t *at)
{
    tg_overlap o = tg_chunked_overlap(cut, at);

    tg_chunked_fill(cut, &o, r->array->fill, r->out);
}

/** Decode the bytes of a chunk and put what the box wants of it there. */
static tg_status put_chunk(struct reading *r, const char *path, const int64_t *at,
                           const void *bytes, size_t size)
{
    tg_status status = TG_OK;
    tg_overlap o = tg_chunked_overlap(&r->chunks, at);
    bool whole = o.whole && r->plain;
    void *elements = whole ? r->out + o.to : NULL;
    const void *decoded = NULL;
    char why[256];

    status =
        tg_codecs_decode(&r->room, &r->array->codecs, bytes, size, r->stored, elements, &decoded);
    if (status != TG_OK) {
        snprintf(why, sizeof why, "%s", tg_message());
        status = tg_fail(status, "%s: %s", path, why);
        goto out;
    }
    if (whole) {
        if (decoded != elements)
            memcpy(elements, decoded, r->stored);
        goto out;
    }
    if (!r->plain) {
        elements = tg_workspace_get(&r->elements, r->task, r->decoded);
        TG_NEED(elements, TG_ENOMEM, "%s: %zu bytes", path, r->decoded);
        tg_element_decode(&r->array->element, tg_box_size(r->array->ndim, r->array->inner), decoded,
                          elements);
        decoded = elements;
    }
    tg_chunked_put(&r->chunks, &o, decoded, r->out);
out:
    return status;
}

/** A stretch of a file. */
static tg_status read_part(struct reading *r, const char *path, int fd, int64_t offset, size_t size,
                           tg_workspace *where, char **out)
{
    tg_status status = TG_OK;
    size_t got = 0;

    *out = tg_workspace_get(where, r->task, size);
    TG_NEED(*out, TG_ENOMEM, "%s: %zu bytes", path, size);
    TG_TRY(tg_pread_all(path, fd, offset, *out, size, &got));
    TG_NEED(got == size, TG_EFORMAT, "%s ends early, at byte %" PRId64, path,
            offset + (int64_t)got);
    tg_task_count(r->task, TG_BYTES_READ, (int64_t)size);
out:
    return status;
}

/** Bytes of a file that are a shard of some level. */
struct shard {
    const char *path;
    int fd, level;
    int64_t offset, size;
};

/** The index of a shard: pairs of 64-bit little-endian numbers. */
static tg_status read_index(struct reading *r, const struct shard *s, int64_t chunks,
                            const char **out)
{
    tg_status status = TG_OK;
    const tg_zarr_level *level = &r->array->level[s->level];
    size_t size = (size_t)chunks * 16, sum = level->index_sum ? 4 : 0;
    int64_t behind = level->index_at_start ? 0 : s->size - (int64_t)(size + sum);
    char *index = NULL;

    TG_NEED(s->size >= (int64_t)(size + sum), TG_EFORMAT, "%s is shorter than its index", s->path);
    TG_TRY(
        read_part(r, s->path, s->fd, s->offset + behind, size + sum, &r->index[s->level], &index));
    TG_NEED(!sum || tg_crc32c(index, size) ==
                        ((uint32_t)(uint8_t)index[size] | (uint32_t)(uint8_t)index[size + 1] << 8 |
                         (uint32_t)(uint8_t)index[size + 2] << 16 |
                         (uint32_t)(uint8_t)index[size + 3] << 24),
            TG_EFORMAT, "%s: the checksum of its index is not that of its bytes", s->path);
    *out = index;
out:
    return status;
}

static uint64_t little(const char *bytes)
{
    uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | (uint8_t)bytes[i];
    return value;
}

/** The part of the box that lies in one shard. */
struct part {
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM]; /* chunks, counted over the array */
    int64_t per_shard[TG_MAX_NDIM];
    int64_t count;
};

/** Of shard `at` of those that `outer` cuts, by what `inner` cuts. */
static struct part part_of(const tg_chunked *outer, const tg_chunked *inner, const int64_t *at)
{
    struct part p = {.count = 1};

    for (int d = 0; d < outer->ndim; d++) {
        int64_t begin = at[d] * outer->chunk[d], end = begin + outer->chunk[d];
        int64_t stop = outer->start[d] + outer->count[d];

        begin = begin > outer->start[d] ? begin : outer->start[d];
        end = end < stop ? end : stop;
        p.per_shard[d] = outer->chunk[d] / inner->chunk[d];
        p.first[d] = begin / inner->chunk[d];
        p.grid[d] = (end - 1) / inner->chunk[d] - p.first[d] + 1;
        p.count *= p.grid[d];
    }
    return p;
}

/** Chunk i of the part: where it is, and its row in the index of the shard. */
static int64_t locate(const struct part *p, int ndim, int64_t i, int64_t *at)
{
    int64_t row = 0, step = 1;

    for (int d = ndim - 1; d >= 0; d--) {
        at[d] = p->first[d] + i % p->grid[d];
        i /= p->grid[d];
        row += at[d] % p->per_shard[d] * step;
        step *= p->per_shard[d];
    }
    return row;
}

static tg_status read_shard(struct reading *r, const struct shard *s, const int64_t *which)
{
    tg_status status = TG_OK;
    const tg_chunked *cut = &r->levels[s->level];
    const struct part p = part_of(s->level ? &r->levels[s->level - 1] : &r->files, cut, which);
    int64_t at[TG_MAX_NDIM];
    const char *index = NULL;
    char *bytes = NULL;

    TG_TRY(read_index(r, s, tg_box_size(cut->ndim, p.per_shard), &index));
    for (int64_t i = 0; i < p.count; i++) {
        int64_t row = locate(&p, cut->ndim, i, at);
        uint64_t offset = little(index + 16 * row), size = little(index + 16 * row + 8);
        struct shard inner = {s->path, s->fd, s->level + 1, s->offset + (int64_t)offset,
                              (int64_t)size};

        if (offset == UINT64_MAX && size == UINT64_MAX) {
            fill_part(r, cut, at);
            continue;
        }
        TG_NEED(offset <= (uint64_t)s->size && size <= (uint64_t)s->size - offset, TG_EFORMAT,
                "%s: its index says %" PRIu64 " bytes at %" PRIu64 ", it has %" PRId64, s->path,
                size, offset, s->size);
        if (inner.level < r->array->nlevels) {
            TG_TRY(read_shard(r, &inner, at));
        } else {
            TG_TRY(read_part(r, s->path, s->fd, inner.offset, size, &r->bytes, &bytes));
            TG_TRY(put_chunk(r, s->path, at, bytes, size));
        }
    }
out:
    return status;
}

static tg_status read_file(struct reading *r, const int64_t *file)
{
    tg_status status = TG_OK;
    const tg_zarr_array *a = r->array;
    struct stat info;
    char path[4096], words[128], *bytes = NULL;
    int fd;

    tg_zarr_chunk_path(a, file, path, sizeof path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        fill_part(r, &r->files, file);
        goto out;
    }
    TG_NEED(fd >= 0 && fstat(fd, &info) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    if (a->nlevels) {
        TG_TRY(read_shard(r, &(struct shard){path, fd, 0, 0, info.st_size}, file));
    } else {
        TG_TRY(read_part(r, path, fd, 0, (size_t)info.st_size, &r->bytes, &bytes));
        TG_TRY(put_chunk(r, path, file, bytes, (size_t)info.st_size));
    }
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/** Is the metadata file still what rank 0 read? */
static tg_status check_unchanged(tg_task *task, const tg_zarr_array *a)
{
    tg_status status = TG_OK;
    char path[4096];
    tg_file file = {0};

    snprintf(path, sizeof path, "%s/%s", a->path, a->version == 2 ? ".zarray" : "zarr.json");
    TG_TRY(tg_file_begin(task, path, &a->stamp, &file));
out:
    tg_file_end(&file);
    return status;
}

/** Which is file i (C order) of a box's. */
static void number_of_file(int ndim, const int64_t *first, const int64_t *grid, int64_t i,
                           int64_t *file)
{
    for (int d = ndim - 1; d >= 0; d--) {
        file[d] = first[d] + i % grid[d];
        i /= grid[d];
    }
}

/** Of shards not all may be read. */
int64_t tg_zarr_bytes(const void *params, size_t size, const int64_t *start, const int64_t *count,
                      bool *exact)
{
    const tg_zarr_array *a = params;
    tg_chunked files = tg_chunked_of(a->ndim, a->chunk, start, count, 1);
    int64_t first[TG_MAX_NDIM], grid[TG_MAX_NDIM], file[TG_MAX_NDIM], n, bytes = 0;
    struct stat info;
    char path[4096];

    (void)size;
    *exact = *exact && a->nlevels == 0;
    n = tg_chunked_grid(&files, first, grid);
    for (int64_t i = 0; i < n; i++) {
        number_of_file(a->ndim, first, grid, i, file);
        tg_zarr_chunk_path(a, file, path, sizeof path);
        bytes += stat(path, &info) == 0 ? info.st_size : 0;
    }
    return bytes;
}

tg_status tg_zarr_read(tg_task *task, const void *params, size_t size, const int64_t *start,
                       const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    const tg_zarr_array *a = params;
    size_t item = tg_dtype_size((tg_dtype)a->element.dtype);
    struct reading r = {.task = task, .array = a, .out = out, .room = {.task = task}};
    int64_t n, elements, first[TG_MAX_NDIM], grid[TG_MAX_NDIM], file[TG_MAX_NDIM];

    (void)size;
    if (tg_box_size(a->ndim, count) == 0)
        goto out;
    TG_TRY(check_unchanged(task, a));
    r.files = tg_chunked_of(a->ndim, a->chunk, start, count, item);
    r.chunks = tg_chunked_of(a->ndim, a->inner, start, count, item);
    for (int l = 0; l < a->nlevels; l++)
        r.levels[l] = tg_chunked_of(a->ndim, a->level[l].chunk, start, count, item);
    stored_strides(a, item, r.chunks.chunk_stride);
    r.plain = in_order(a) && tg_element_is_plain(&a->element);
    elements = tg_box_size(a->ndim, a->inner);
    r.stored = (size_t)elements * (size_t)a->element.size;
    r.decoded = (size_t)elements * item;
    n = tg_chunked_grid(&r.files, first, grid);
    for (int64_t i = 0; i < n; i++) {
        number_of_file(a->ndim, first, grid, i, file);
        TG_TRY(read_file(&r, file));
    }
out:
    return status;
}
