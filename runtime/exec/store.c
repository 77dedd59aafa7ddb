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
#include "exec/bin.h"

/* What the pool keeps at most beside what is in use: nothing where the address sanitiser is to see
 * that a buffer is used after its last release. */
#ifdef __SANITIZE_ADDRESS__
static const size_t pool_limit = 0;
#else
static const size_t pool_limit = 256u << 20;
#endif

struct tg_store {
    bool hostile;                 /* set before use */
    bool shared;                  /* the lock is used */
    bool guarded;                 /* one of both, or the address sanitiser watches */
    pthread_mutex_t lock;         /* guards all below */
    tg_buffer *(*pool)[TG_NBINS]; /* [nplaces], owned */
    int nplaces;
    size_t limit;              /* bytes of all buffers beyond which the pool is emptied; 0: none */
    size_t memory, held, peak; /* bytes: of all buffers, of results, the most of them */
    int64_t live;              /* buffers held */
};

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

bool tg_store_is_hostile(const tg_store *store)
{
    return store->hostile;
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

static inline void count_held(tg_store *store, size_t size)
{
    store->held += size;
    store->live++;
    if (store->held > store->peak)
        store->peak = store->held;
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

/* A buffer that the pool did not have. With the lock held. */
static tg_buffer *make_buffer(tg_store *store, int bin)
{
    const size_t room = tg_bin_size(bin);
    tg_buffer *buffer;

    if (store->limit && store->memory + room > store->limit)
        empty_pool(store, room);
    buffer = tg_alloc_aligned(TG_ALIGNMENT + room);

    if (!buffer)
        return NULL;
    store->memory += room;
    buffer->room = room;
    buffer->bin = bin;
    return buffer;
}

/* The first buffer of a list of the pool, or a new one, taken into use. */
static inline tg_buffer *take_into_use(tg_store *store, tg_buffer *buffer, tg_buffer **pooled,
                                       size_t size, size_t counted)
{
    if (*pooled)
        *pooled = buffer->next;
    count_held(store, counted);
    buffer->size = size;
    buffer->counted = counted;
    buffer->uses = 1;
    return buffer;
}

/* Where get() has more to do than to take the first of a list. */
static TG_NOINLINE tg_buffer *get_slowly(tg_store *store, size_t size, int place, size_t counted)
{
    tg_buffer *buffer = NULL, **pooled;

    if (size <= tg_largest_bin) {
        lock(store);
        pooled = &store->pool[place][tg_bin_of(size)];
        buffer = *pooled ? *pooled : make_buffer(store, tg_bin_of(size));
        if (buffer)
            buffer = take_into_use(store, buffer, pooled, size, counted);
        unlock(store);
    }
    if (!buffer) {
        (void)tg_fail(TG_ENOMEM, "out of memory: a result of %zu bytes", size);
        return NULL;
    }
    buffer->place = place;
    if (store->hostile)
        spoil(buffer, 0xa5);
    forbid_rest(buffer);
    return buffer;
}

static inline tg_buffer *get(tg_store *store, size_t size, int place, size_t counted)
{
    tg_buffer **pooled;

    if (store->guarded || size > tg_largest_bin)
        return get_slowly(store, size, place, counted);
    pooled = &store->pool[place][tg_bin_of(size)];
    if (!*pooled)
        return get_slowly(store, size, place, counted);
    return take_into_use(store, *pooled, pooled, size, counted);
}

tg_buffer *tg_store_get(tg_store *store, size_t size)
{
    return get(store, size, 0, size);
}

tg_buffer *tg_store_get_at(tg_store *store, size_t size, int place)
{
    return get(store, size, place, size);
}

tg_buffer *tg_store_get_aside(tg_store *store, size_t size)
{
    return get(store, size, 0, 0);
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

static inline void count_released(tg_store *store, const tg_buffer *buffer)
{
    store->held -= buffer->counted;
    store->live--;
}

static inline void put_into_pool(tg_store *store, tg_buffer *buffer)
{
    tg_buffer **pooled = &store->pool[buffer->place][buffer->bin];

    buffer->next = *pooled;
    *pooled = buffer;
}

/* May the pool have a buffer that is still held? */
static inline bool pool_has_room(const tg_store *store, const tg_buffer *buffer)
{
    return store->memory - store->held + buffer->counted <= pool_limit;
}

/* Where the last release has more to do than to put the buffer into the pool. */
static TG_NOINLINE void release_slowly(tg_store *store, tg_buffer *buffer)
{
    bool pooled;

    if (store->hostile)
        spoil(buffer, 0x5a);
    lock(store);
    pooled = !store->hostile && pool_has_room(store, buffer);
    count_released(store, buffer);
    if (pooled)
        put_into_pool(store, buffer);
    else
        store->memory -= buffer->room;
    unlock(store);
    if (!pooled)
        free(buffer);
}

void tg_store_release(tg_store *store, tg_buffer *buffer)
{
    if (!buffer || let_go(store, buffer) > 0)
        return;
    assert(buffer->uses == 0);
    if (store->guarded || !pool_has_room(store, buffer)) {
        release_slowly(store, buffer);
        return;
    }
    count_released(store, buffer);
    put_into_pool(store, buffer);
}

void *tg_store_take(tg_store *store, tg_buffer *buffer)
{
    assert(buffer->uses == 1);
    lock(store);
    count_released(store, buffer);
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
