/* SPDX-License-Identifier: BSD-3-Clause */
/* Each size class (bin.h) has a list of free buffers. */
#include "exec/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include <tegula/task.h>

#include "base/compiler.h"
#include "base/memory.h"

/* What the pool keeps at most beside what is in use: nothing where the address sanitiser is to see
 * that a buffer is used after its last release. */
#ifdef __SANITIZE_ADDRESS__
static const size_t pool_limit = 0;
#else
static const size_t pool_limit = 256u << 20;
#endif

static void lock(tg_store *store)
{
    if (store->shared)
        pthread_mutex_lock(&store->lock);
}

static void unlock(tg_store *store)
{
    if (store->shared)
        pthread_mutex_unlock(&store->lock);
}

tg_status tg_store_create(bool shared, tg_store **out)
{
    tg_store *store = tg_zalloc(sizeof *store);

    if (!store)
        return tg_fail(TG_ENOMEM, "out of memory for the store of results");
    store->shared = shared;
    store->pool_limit = pool_limit;
    store->guarded = shared || pool_limit == 0;
    pthread_mutex_init(&store->lock, NULL);
    if (tg_store_split(store, 1) != TG_OK) {
        tg_store_destroy(&store, NULL);
        return TG_ENOMEM;
    }
    *out = store;
    return TG_OK;
}

tg_status tg_store_split(tg_store *store, int nplaces)
{
    void *pool = tg_alloc_array(nplaces, sizeof *store->pool);

    if (!pool)
        return tg_fail(TG_ENOMEM, "out of memory: pools of %d places", nplaces);
    tg_free(store->pool);
    store->pool = pool;
    store->nplaces = nplaces;
    return TG_OK;
}

/* Free what the pool keeps, the largest first, until there is room for so many bytes more. */
static TG_NOINLINE void empty_pool(tg_store *store, size_t room)
{
    for (int b = TG_NBINS * store->nplaces; b-- > 0 && store->memory + room > store->limit;) {
        tg_buffer **first = &store->pool[b % store->nplaces][b / store->nplaces];

        while (*first && store->memory + room > store->limit) {
            tg_buffer *buffer = *first;

            *first = buffer->next;
            store->memory -= buffer->room;
            free(buffer);
        }
    }
}

void tg_store_limit(tg_store *store, size_t bytes)
{
    lock(store);
    store->limit = bytes;
    empty_pool(store, 0);
    unlock(store);
}

void tg_store_be_hostile(tg_store *store)
{
    store->hostile = store->guarded = true;
}

void tg_store_destroy(tg_store **store, int64_t *live)
{
    if (!*store)
        return;
    if (live)
        *live = (*store)->live;
    for (int b = 0; b < TG_NBINS * (*store)->nplaces; b++) {
        tg_buffer **first = &(*store)->pool[b / TG_NBINS][b % TG_NBINS];

        while (*first) {
            tg_buffer *buffer = *first;

            *first = buffer->next;
            free(buffer);
        }
    }
    tg_free((*store)->pool);
    pthread_mutex_destroy(&(*store)->lock);
    tg_free(*store);
    *store = NULL;
}

/* The bytes of a buffer's class beyond those asked for: the address sanitiser sees their use. */
static void forbid_rest(tg_buffer *buffer)
{
#ifdef __SANITIZE_ADDRESS__
    ASAN_POISON_MEMORY_REGION((char *)tg_buffer_data(buffer) + buffer->size,
                              buffer->room - buffer->size);
#else
    (void)buffer;
#endif
}

static void spoil(tg_buffer *buffer, int byte)
{
    memset(tg_buffer_data(buffer), byte, buffer->size);
}

/* A buffer put into an empty list of the pool. With the lock held. */
static bool make_buffer(tg_store *store, tg_buffer **pooled, int bin)
{
    const size_t room = tg_bin_size(bin);
    tg_buffer *buffer;

    if (store->limit && store->memory + room > store->limit)
        empty_pool(store, room);
    buffer = tg_alloc_aligned(TG_ALIGNMENT + room);
    if (!buffer)
        return false;
    store->memory += room;
    buffer->room = room;
    buffer->home = pooled;
    buffer->next = NULL;
    *pooled = buffer;
    return true;
}

TG_NOINLINE tg_buffer *tg_store_get_slowly(tg_store *store, size_t size, int place, size_t counted)
{
    tg_buffer *buffer = NULL, **pooled;

    if (size <= tg_largest_bin) {
        lock(store);
        pooled = &store->pool[place][tg_bin_of(size)];
        if (*pooled || make_buffer(store, pooled, tg_bin_of(size)))
            buffer = tg_store_reuse(store, pooled, size, counted);
        unlock(store);
    }
    if (!buffer) {
        (void)tg_fail(TG_ENOMEM, "out of memory: a result of %zu bytes", size);
        return NULL;
    }
    if (store->hostile)
        spoil(buffer, 0xa5);
    forbid_rest(buffer);
    return buffer;
}

tg_buffer *tg_store_get(tg_store *store, size_t size)
{
    return tg_store_get_counted(store, size, 0, size);
}

tg_buffer *tg_store_get_aside(tg_store *store, size_t size)
{
    return tg_store_get_counted(store, size, 0, 0);
}

void tg_store_hold(tg_store *store, tg_buffer *buffer)
{
    if (store->shared)
        __atomic_add_fetch(&buffer->uses, 1, __ATOMIC_RELAXED);
    else
        buffer->uses++;
}

static int32_t let_go(tg_store *store, tg_buffer *buffer)
{
    return store->shared ? __atomic_sub_fetch(&buffer->uses, 1, __ATOMIC_ACQ_REL) : --buffer->uses;
}

TG_NOINLINE void tg_store_release_slowly(tg_store *store, tg_buffer *buffer)
{
    bool pooled;

    if (let_go(store, buffer) > 0)
        return;
    assert(buffer->uses == 0);
    if (store->hostile)
        spoil(buffer, 0x5a);
    lock(store);
    pooled = !store->hostile && tg_store_has_room(store, buffer);
    tg_store_pool(store, buffer);
    if (!pooled) {
        *buffer->home = buffer->next;
        store->memory -= buffer->room;
    }
    unlock(store);
    if (!pooled)
        free(buffer);
}

void *tg_store_take(tg_store *store, tg_buffer *buffer)
{
    assert(buffer->uses == 1);
    lock(store);
    store->held -= buffer->counted;
    store->live--;
    store->memory -= buffer->room;
    unlock(store);
    return tg_buffer_data(buffer);
}

void tg_bytes_free(tg_bytes *bytes)
{
    if (bytes->data)
        free((char *)bytes->data - TG_ALIGNMENT);
    *bytes = (tg_bytes){0};
}

int64_t tg_store_held(tg_store *store)
{
    int64_t held;

    lock(store);
    held = (int64_t)store->held;
    unlock(store);
    return held;
}

int64_t tg_store_peak(tg_store *store)
{
    int64_t peak;

    lock(store);
    peak = (int64_t)store->peak;
    store->peak = store->held;
    unlock(store);
    return peak;
}
