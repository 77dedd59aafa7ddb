/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files as ranks see them. Each rank keeps the files it reads open between tasks, because a task
 * may read a few kilobytes of a file of which there are thousands of boxes, and opening on a
 * parallel file system costs a millisecond. Each time a file is taken up its size and modification
 * time are compared with what rank 0 saw when it opened it: a file that changes under a run is an
 * error, not a mixture of two contents.
 *
 * Files being written are not kept open: closing is what brings the bytes of one host to the file
 * server before the task counts as done, and what reports a full disk there (NFS).
 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CACHE_SLOTS = 64 };

struct slot {
    char *path; /* NULL: free */
    int fd;
    int users;
    tg_stamp stamp;
    uint64_t used; /* when, in takes of the cache */
};

struct cache {
    pthread_mutex_t lock; /* guards all below; the descriptors themselves are read by pread */
    uint64_t takes;
    struct slot slot[CACHE_SLOTS];
};

static tg_status cache_create(void **out)
{
    struct cache *cache = calloc(1, sizeof *cache);

    if (!cache)
        return tg_fail(TG_ENOMEM, "cache of open files");
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return TG_OK;
}

static void cache_destroy(void *object)
{
    struct cache *cache = object;

    for (int i = 0; cache && i < CACHE_SLOTS; i++) {
        if (cache->slot[i].path)
            close(cache->slot[i].fd);
        free(cache->slot[i].path);
    }
    if (cache)
        pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static const tg_local file_cache = {"open files", cache_create, cache_destroy};

/** The slot that holds the file, or -1. Called with the lock. */
static int cache_find(const struct cache *cache, const char *path, const tg_stamp *stamp)
{
    for (int i = 0; i < CACHE_SLOTS; i++) {
        const struct slot *slot = &cache->slot[i];

        if (slot->path && strcmp(slot->path, path) == 0 && tg_stamps_equal(&slot->stamp, stamp))
            return i;
    }
    return -1;
}

/** A slot to be filled: a free one, else the one longest unused; -1 where all are in use. Called
 * with the lock. */
static int cache_room(struct cache *cache)
{
    int oldest = -1;

    for (int i = 0; i < CACHE_SLOTS; i++) {
        const struct slot *slot = &cache->slot[i];

        if (!slot->path)
            return i;
        if (!slot->users && (oldest < 0 || slot->used < cache->slot[oldest].used))
            oldest = i;
    }
    if (oldest >= 0) {
        close(cache->slot[oldest].fd);
        free(cache->slot[oldest].path);
        cache->slot[oldest] = (struct slot){0};
    }
    return oldest;
}

/** Put an open descriptor into the cache if there is room. Called with the lock. */
static int cache_add(struct cache *cache, const char *path, const tg_stamp *stamp, int fd)
{
    char *copy = strdup(path);
    int i = copy ? cache_room(cache) : -1;

    if (i < 0) {
        free(copy);
        return -1;
    }
    cache->slot[i] = (struct slot){.path = copy, .fd = fd, .stamp = *stamp};
    return i;
}

tg_status tg_file_begin(tg_task *task, const char *path, const tg_stamp *stamp, tg_file *out)
{
    tg_status status = TG_OK;
    void *object = NULL;
    struct cache *cache = NULL;
    int fd = -1, slot = -1;
    char words[128];

    TG_TRY(tg_task_local(task, &file_cache, &object));
    cache = object;
    pthread_mutex_lock(&cache->lock);
    slot = cache_find(cache, path, stamp);
    fd = slot >= 0 ? cache->slot[slot].fd : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        status = tg_fail(TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    else
        status = tg_file_unchanged(path, fd, stamp);
    if (status == TG_OK && slot < 0)
        slot = cache_add(cache, path, stamp, fd);
    else if (status != TG_OK && slot < 0 && fd >= 0)
        close(fd);
    if (status == TG_OK && slot >= 0) {
        cache->slot[slot].users++;
        cache->slot[slot].used = ++cache->takes;
    }
    pthread_mutex_unlock(&cache->lock);
    if (status == TG_OK)
        *out = (tg_file){.fd = fd, .path = path, .stamp = *stamp, .task = task, .slot = slot};
out:
    return status;
}

void tg_file_end(tg_file *file)
{
    void *object = NULL;

    if (file->task && file->slot < 0) {
        close(file->fd);
    } else if (file->task && tg_task_local(file->task, &file_cache, &object) == TG_OK) {
        struct cache *cache = object;

        pthread_mutex_lock(&cache->lock);
        cache->slot[file->slot].users--;
        pthread_mutex_unlock(&cache->lock);
    }
    *file = (tg_file){0};
}

tg_status tg_file_read(const tg_file *file, int64_t offset, void *out, size_t size)
{
    tg_status status = TG_OK;
    size_t got = 0;

    TG_TRY(tg_pread_all(file->path, file->fd, offset, out, size, &got));
    TG_NEED(got == size, TG_EFORMAT,
            "%s ends early, at byte %" PRId64 ": bytes %" PRId64 " to %" PRId64 " are missing",
            file->path, offset + (int64_t)got, offset + (int64_t)got, offset + (int64_t)size);
    tg_task_count(file->task, TG_BYTES_READ, (int64_t)size);
out:
    return status;
}
