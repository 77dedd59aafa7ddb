/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file has places of size classes that are a quarter of a power of two apart; each class has a
 * list of free ones. What of a large place is not written to, and what was freed, is a hole: it
 * takes no room on the disk, and what was used up before the system wrote it is never written.
 *
 * A compressed result is a row of blocks, each of it 256 KiB but for the last: the bytes of the
 * next block (0: none), then those of this one. So it is read block by block, into little memory.
 */
#include "exec/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

#include "base/memory.h"
#include "exec/bin.h"

enum {
    HOLE = 64 << 10, /* places from which on a hole is worth a call */
    BLOCK = 256 << 10,
    LEVEL = 1,  /* of zstd */
    PATIENT = 8 /* results that are not tried after one that does not shrink */
};

/* Compressing pays where a block shrinks below this share. */
static const double pays = 0.8;

/* Free places of a class. */
typedef struct places {
    int64_t *at; /* owned */
    int64_t count, capacity;
} places;

/* What compressing needs; a thread has it while it compresses. */
typedef struct packer {
    ZSTD_CCtx *in;
    ZSTD_DCtx *out;
    char *bytes; /* a head and a block, compressed */
    struct packer *next;
} packer;

struct tg_spill {
    char *folder; /* owned, for messages */
    int fd;
    bool shared;
    pthread_mutex_t lock; /* guards what follows */
    places free[TG_NBINS];
    int64_t end, live; /* of the file; places in use */
    bool solid;        /* the file system makes no holes */
    int64_t skip;      /* results not to try to compress */
    packer *packers;   /* owned: not in use */
    tg_spill_counts counts;
};

static void lock(tg_spill *spill)
{
    if (spill->shared)
        pthread_mutex_lock(&spill->lock);
}

static void unlock(tg_spill *spill)
{
    if (spill->shared)
        pthread_mutex_unlock(&spill->lock);
}

/* A file without a name; where the file system knows none, one whose name is taken away at once. */
static tg_status open_unnamed(tg_spill *spill)
{
    tg_status status = TG_OK;
    char path[PATH_MAX];

    spill->fd = open(spill->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spill->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        snprintf(path, sizeof path, "%s/tegula-spill-XXXXXX", spill->folder);
        spill->fd = mkostemp(path, O_CLOEXEC);
        if (spill->fd >= 0)
            unlink(path);
    }
    TG_NEED(spill->fd >= 0, TG_EIO, "--spill %s: results cannot be put there: %s", spill->folder,
            strerror(errno));
out:
    return status;
}

tg_status tg_spill_create(const char *folder, bool shared, tg_spill **out)
{
    tg_status status = TG_OK;
    tg_spill *spill = tg_zalloc(sizeof *spill);

    TG_NEED(spill, TG_ENOMEM, "out of memory for a file of results");
    spill->fd = -1;
    spill->shared = shared;
    pthread_mutex_init(&spill->lock, NULL);
    spill->folder = tg_copy_of(folder, strlen(folder) + 1);
    TG_NEED(spill->folder, TG_ENOMEM, "out of memory for a file of results");
    TG_TRY(open_unnamed(spill));
    *out = spill;
    spill = NULL;
out:
    tg_spill_destroy(&spill);
    return status;
}

static void packer_free(packer *p)
{
    ZSTD_freeCCtx(p->in);
    ZSTD_freeDCtx(p->out);
    tg_free(p->bytes);
    tg_free(p);
}

void tg_spill_destroy(tg_spill **spill)
{
    tg_spill *s = *spill;

    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    while (s->packers) {
        packer *next = s->packers->next;

        packer_free(s->packers);
        s->packers = next;
    }
    for (int b = 0; b < TG_NBINS; b++)
        tg_free(s->free[b].at);
    tg_free(s->folder);
    pthread_mutex_destroy(&s->lock);
    tg_free(s);
    *spill = NULL;
}

/* A place for a result, also where all blocks but the first grow by being compressed. */
static void take_place(tg_spill *spill, size_t size, tg_spilled *out)
{
    const int bin = tg_bin_of(size + (size >> 7) + 128);
    places *free = &spill->free[bin];

    lock(spill);
    if (free->count > 0) {
        out->at = free->at[--free->count];
    } else {
        out->at = spill->end;
        spill->end += (int64_t)tg_bin_size(bin);
    }
    spill->live++;
    unlock(spill);
    out->bin = bin;
    out->size = size;
}

/* Nothing is left in the file: it gives its room back. */
static void forget_all(tg_spill *spill)
{
    if (ftruncate(spill->fd, 0) != 0)
        return;
    spill->end = 0;
    for (int b = 0; b < TG_NBINS; b++)
        spill->free[b].count = 0;
}

void tg_spill_free(tg_spill *spill, const tg_spilled *spilled)
{
    places *free = &spill->free[spilled->bin];

    if (!spill->solid && tg_bin_size(spilled->bin) >= HOLE &&
        fallocate(spill->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, spilled->at,
                  (off_t)tg_bin_size(spilled->bin)) != 0)
        spill->solid = true;
    lock(spill);
    /* Without memory for the list the place is lost until all are free. */
    if (tg_grow(&free->at, &free->capacity, free->count + 1, sizeof *free->at) == TG_OK)
        free->at[free->count++] = spilled->at;
    if (--spill->live == 0)
        forget_all(spill);
    unlock(spill);
}

static tg_status write_at(tg_spill *spill, int64_t at, const char *data, size_t size)
{
    tg_status status = TG_OK;

    while (size > 0) {
        const ssize_t n = pwrite(spill->fd, data, size < INT_MAX ? size : INT_MAX - 4095, at);

        if (n < 0 && errno == EINTR)
            continue;
        TG_NEED(n > 0, TG_EIO,
                "--spill %s: a result cannot be written beside %.3g GB of this rank: %s",
                spill->folder, 1e-9 * (double)tg_spill_counted(spill).stored,
                strerror(n < 0 ? errno : ENOSPC));
        data += n;
        at += n;
        size -= (size_t)n;
    }
out:
    return status;
}

static tg_status read_at(tg_spill *spill, int64_t at, char *data, size_t size)
{
    tg_status status = TG_OK;

    while (size > 0) {
        const ssize_t n = pread(spill->fd, data, size < INT_MAX ? size : INT_MAX - 4095, at);

        if (n < 0 && errno == EINTR)
            continue;
        TG_NEED(n > 0, TG_EIO, "--spill %s: a result cannot be read: %s", spill->folder,
                n < 0 ? strerror(errno) : "the file has become shorter");
        data += n;
        at += n;
        size -= (size_t)n;
    }
out:
    return status;
}

/* NULL, with a message, when memory is out. */
static packer *get_packer(tg_spill *spill)
{
    packer *p;

    lock(spill);
    p = spill->packers;
    if (p)
        spill->packers = p->next;
    unlock(spill);
    if (p)
        return p;
    p = tg_zalloc(sizeof *p);
    if (p) {
        p->in = ZSTD_createCCtx();
        p->out = ZSTD_createDCtx();
        p->bytes = tg_zalloc(sizeof(int32_t) + ZSTD_compressBound(BLOCK));
        if (p->in && p->out && p->bytes)
            return p;
        packer_free(p);
    }
    (void)tg_fail(TG_ENOMEM, "out of memory for compressing");
    return NULL;
}

static void put_packer(tg_spill *spill, packer *p)
{
    lock(spill);
    p->next = spill->packers;
    spill->packers = p;
    unlock(spill);
}

static size_t block_at(size_t size, size_t at)
{
    return size - at < BLOCK ? size - at : BLOCK;
}

/* Compress a block behind the packer's head; its bytes, or 0 where zstd fails. */
static size_t pack(packer *p, const char *data, size_t size)
{
    const size_t packed = ZSTD_compressCCtx(p->in, p->bytes + sizeof(int32_t),
                                            ZSTD_compressBound(BLOCK), data, size, LEVEL);

    return ZSTD_isError(packed) ? 0 : packed;
}

/* Does it pay? Then the first block is packed, out->first bytes. */
static bool try_first(tg_spill *spill, packer *p, const char *data, tg_spilled *out)
{
    const size_t size = block_at(out->size, 0);
    size_t packed;

    out->first = 0;
    lock(spill);
    if (spill->skip > 0) {
        spill->skip--;
        unlock(spill);
        return false;
    }
    unlock(spill);
    packed = pack(p, data, size);
    if (packed > 0 && (double)packed < pays * (double)size) {
        out->first = (int32_t)packed;
        return true;
    }
    lock(spill);
    spill->skip = PATIENT;
    unlock(spill);
    return false;
}

/* Each block is written when the next one's length is known, so one is kept back: the head of a
 * block stands before it, and is written with the block before. */
static tg_status write_packed(tg_spill *spill, packer *p, const char *data, const tg_spilled *out,
                              int64_t *stored)
{
    tg_status status = TG_OK;
    size_t packed = (size_t)out->first;
    int64_t at = out->at + (int64_t)sizeof(int32_t);

    for (size_t done = 0; done < out->size;) {
        const size_t next = done + block_at(out->size, done);
        const int64_t head = at - (int64_t)sizeof(int32_t);
        int32_t length = 0;

        TG_TRY(write_at(spill, at, p->bytes + sizeof length, packed));
        at += (int64_t)(packed + sizeof length);
        if (next < out->size) {
            packed = pack(p, data + next, block_at(out->size, next));
            TG_NEED(packed > 0, TG_EINTERNAL, "zstd fails on a block of %zu bytes",
                    block_at(out->size, next));
            length = (int32_t)packed;
        }
        TG_TRY(write_at(spill, head, (const char *)&length, sizeof length));
        done = next;
    }
    *stored = at - (int64_t)sizeof(int32_t) - out->at;
out:
    return status;
}

static tg_status read_packed(tg_spill *spill, packer *p, const tg_spilled *spilled, char *data)
{
    tg_status status = TG_OK;
    int64_t at = spilled->at;
    int32_t length = spilled->first;

    for (size_t done = 0; done < spilled->size;) {
        const size_t size = block_at(spilled->size, done), bytes = (size_t)length + sizeof length;
        int32_t next;

        TG_NEED(length > 0 && (size_t)length <= ZSTD_compressBound(BLOCK), TG_EIO,
                "--spill %s: a result is damaged", spill->folder);
        TG_TRY(read_at(spill, at, p->bytes, bytes));
        memcpy(&next, p->bytes, sizeof next);
        TG_NEED(ZSTD_decompressDCtx(p->out, data + done, size, p->bytes + sizeof next,
                                    (size_t)length) == size,
                TG_EIO, "--spill %s: a result is damaged", spill->folder);
        at += (int64_t)bytes;
        done += size;
        length = next;
    }
out:
    return status;
}

tg_status tg_spill_write(tg_spill *spill, const void *data, size_t size, tg_spilled *out)
{
    tg_status status = TG_OK;
    int64_t stored = (int64_t)size;
    packer *p = get_packer(spill);

    if (!p)
        return TG_ENOMEM;
    take_place(spill, size, out);
    if (try_first(spill, p, data, out))
        status = write_packed(spill, p, data, out, &stored);
    else
        status = write_at(spill, out->at, data, size);
    put_packer(spill, p);
    if (status != TG_OK) {
        tg_spill_free(spill, out);
        return status;
    }
    lock(spill);
    spill->counts.written += (int64_t)size;
    spill->counts.stored += stored;
    unlock(spill);
    return TG_OK;
}

tg_status tg_spill_read(tg_spill *spill, const tg_spilled *spilled, void *data)
{
    tg_status status;
    packer *p = NULL;

    if (spilled->first && !(p = get_packer(spill)))
        return TG_ENOMEM;
    if (p)
        status = read_packed(spill, p, spilled, data);
    else
        status = read_at(spill, spilled->at, data, spilled->size);
    if (p)
        put_packer(spill, p);
    lock(spill);
    spill->counts.read += (int64_t)spilled->size;
    unlock(spill);
    return status;
}

tg_spill_counts tg_spill_counted(tg_spill *spill)
{
    tg_spill_counts counts;

    lock(spill);
    counts = spill->counts;
    unlock(spill);
    return counts;
}
