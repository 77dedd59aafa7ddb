/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Boxes of an array that lies in a file in C order.
 *
 * A box that is narrow along the last axes is many short pieces. Reading each by itself costs a
 * system call for a few bytes; reading all that lies between them costs bandwidth. The rule below
 * reads stretches of up to 4 MiB as long as at least one byte in 64 is wanted: at 64 bytes for one
 * a disk or page cache still brings a wanted 32-byte piece faster than a system call does (data
 * sieving: Thakur, Gropp, Lusk 1999). Writing never does so: the bytes between belong to others.
 */
#include "io/box.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel/copy.h"

#define SIEVE_PIECE (32 * 1024)       /* bytes: pieces at least this long are read by themselves */
#define SIEVE_SPAN  (4 * 1024 * 1024) /* bytes of the longest stretch */
#define SIEVE_WASTE 64                /* bytes read at most for a wanted one */

int64_t tg_box_size(int ndim, const int64_t *count)
{
    int64_t size = 1;

    for (int d = 0; d < ndim; d++)
        size *= count[d];
    return size;
}

/** The first axis of a contiguous piece of the box. */
static int contiguous_axis(int ndim, const int64_t *shape, const int64_t *count)
{
    int d = ndim;

    while (d > 0 && (d == ndim || count[d] == shape[d]))
        d--;
    return d;
}

void tg_pieces_begin(tg_pieces *pieces, int ndim, const int64_t *shape, const int64_t *start,
                     const int64_t *count, int inner)
{
    int64_t stride = 1;

    *pieces = (tg_pieces){.length = 1, .left = 1};
    pieces->outer = inner < 0 ? contiguous_axis(ndim, shape, count) : inner;
    for (int d = ndim - 1; d >= 0; d--) {
        pieces->start[d] = start[d];
        pieces->count[d] = count[d];
        pieces->stride[d] = stride;
        pieces->place += start[d] * stride;
        stride *= shape[d];
        if (d >= pieces->outer)
            pieces->length *= count[d];
        else
            pieces->left *= count[d];
    }
    if (pieces->length == 0)
        pieces->left = 0;
    for (int d = 0; d < pieces->outer; d++)
        pieces->index[d] = 0;
    if (pieces->outer > 0) { /* stand before the first */
        pieces->index[pieces->outer - 1] = -1;
        pieces->place -= pieces->stride[pieces->outer - 1];
    }
}

bool tg_pieces_next(tg_pieces *pieces)
{
    if (pieces->left-- <= 0)
        return false;
    for (int d = pieces->outer - 1; d >= 0; d--) {
        pieces->place += pieces->stride[d];
        if (++pieces->index[d] < pieces->count[d])
            break;
        pieces->place -= pieces->count[d] * pieces->stride[d];
        pieces->index[d] = 0;
    }
    return true;
}

/** Elements from the first to the last of a box of the axes from `inner` on. */
static int64_t span_of(const tg_pieces *pieces, int ndim, int inner)
{
    int64_t span = 1;

    for (int d = inner; d < ndim; d++)
        span += (pieces->count[d] - 1) * pieces->stride[d];
    return span;
}

/** The first axis of what is read in one stretch: pieces->outer where pieces are read as such. */
static int sieve_axis(const tg_pieces *pieces, int ndim, size_t itemsize)
{
    int best = pieces->outer;
    int64_t wanted = pieces->length;

    if (wanted * (int64_t)itemsize >= SIEVE_PIECE)
        return best;
    for (int inner = pieces->outer - 1; inner >= 0; inner--) {
        int64_t span = span_of(pieces, ndim, inner);

        wanted *= pieces->count[inner];
        if (span * (int64_t)itemsize > SIEVE_SPAN || span > SIEVE_WASTE * wanted)
            break;
        best = inner;
    }
    return best;
}

static tg_status read_sieved(const tg_file *file, const tg_extent *extent, tg_pieces *pieces,
                             char *out)
{
    tg_status status = TG_OK;
    int inner = pieces->outer, n = extent->ndim - inner;
    size_t item = extent->itemsize;
    size_t span = (size_t)span_of(pieces, extent->ndim, inner) * item;
    int64_t from[TG_MAX_NDIM], to[TG_MAX_NDIM];
    void *stretch = tg_task_scratch(file->task, span);

    TG_NEED(stretch, TG_ENOMEM, "%s: %zu bytes to read through", file->path, span);
    for (int d = 0; d < n; d++)
        from[d] = pieces->stride[inner + d] * (int64_t)item;
    tg_strides(n, &pieces->count[inner], item, to);
    while (tg_pieces_next(pieces)) {
        TG_TRY(tg_file_read(file, extent->offset + pieces->place * (int64_t)item, stretch, span));
        tg_copy_box(n, &pieces->count[inner], item, stretch, from, out, to);
        out += (size_t)pieces->length * item;
    }
out:
    return status;
}

/** Stand before the first piece that is read; whether pieces are stretches to be picked out of. */
static bool begin_reading(const tg_extent *extent, const int64_t *start, const int64_t *count,
                          tg_pieces *pieces)
{
    int axis;

    tg_pieces_begin(pieces, extent->ndim, extent->shape, start, count, -1);
    axis = sieve_axis(pieces, extent->ndim, extent->itemsize);
    if (pieces->left == 0 || axis == pieces->outer)
        return false;
    tg_pieces_begin(pieces, extent->ndim, extent->shape, start, count, axis);
    return true;
}

int64_t tg_box_bytes(const tg_extent *extent, const int64_t *start, const int64_t *count)
{
    tg_pieces pieces;
    bool sieved = begin_reading(extent, start, count, &pieces);
    int64_t span = sieved ? span_of(&pieces, extent->ndim, pieces.outer) : pieces.length;

    return pieces.left * span * (int64_t)extent->itemsize;
}

tg_status tg_box_read(const tg_file *file, const tg_extent *extent, const int64_t *start,
                      const int64_t *count, void *out)
{
    tg_status status = TG_OK;
    tg_pieces pieces;
    char *to = out;
    size_t item = extent->itemsize;

    if (begin_reading(extent, start, count, &pieces)) {
        TG_TRY(read_sieved(file, extent, &pieces, out));
        goto out;
    }
    while (tg_pieces_next(&pieces)) {
        size_t size = (size_t)pieces.length * item;

        TG_TRY(tg_file_read(file, extent->offset + pieces.place * (int64_t)item, to, size));
        to += size;
    }
out:
    return status;
}

tg_status tg_box_write(tg_task *task, const char *path, const tg_extent *extent,
                       const int64_t *start, const int64_t *count, const void *in)
{
    tg_status status = TG_OK;
    tg_pieces pieces;
    const char *from = in;
    size_t item = extent->itemsize;
    int closed, fd = -1;
    int64_t first = -1, end = 0;
    char words[128];

    tg_pieces_begin(&pieces, extent->ndim, extent->shape, start, count, -1);
    if (pieces.left == 0)
        goto out;
    fd = open(path, O_WRONLY | O_CLOEXEC);
    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    while (tg_pieces_next(&pieces)) {
        size_t size = (size_t)pieces.length * item;
        int64_t place = extent->offset + pieces.place * (int64_t)item;

        TG_TRY(tg_pwrite_all(path, fd, place, from, size));
        from += size;
        first = first < 0 ? place : first;
        end = place + (int64_t)size;
    }
    TG_TRY(tg_file_write_back(path, fd, first, end, (size_t)pieces.length * item));
    closed = close(fd);
    fd = -1;
    TG_NEED(closed == 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    tg_task_count(task, TG_BYTES_WRITTEN, from - (const char *)in);
out:
    if (fd >= 0)
        close(fd);
    return status;
}
