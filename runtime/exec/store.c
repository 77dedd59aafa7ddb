/* SPDX-License-Identifier: BSD-3-Clause */
/* Size classes are a quarter of a power of two apart; each has a list of free buffers. */
#include "exec/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include <tegula/task.h>

#include "base/memory.h"

enum { NBINS = 4 * 50, SMALLEST = 6 /* log2 of the least class */ };

/* What the pool keeps at most beside what is in use: nothing where the address sanitiser is to see
 * that a buffer is used after its last release. */
#ifdef __SANITIZE_ADDRESS__
static const size_t pool_limit = 0;
#else
static const size_t pool_limit = 256u << 20;
#endif

struct tg_store {
    bool hostile;              /* set before use */
    bool shared;               /* the lock is used */
    pthread_mutex_t lock;      /* guards all below */
    tg_buffer *(*pool)[NBINS]; /* [nplaces], owned */
    int nplaces;
    size_t pooled, held, peak; /* bytes */
    int64_t live;              /* buffers held */
};

static inline int bin_of(size_t size)
{
    const size_t least = size < (1u << SMALLEST) ? 1u << SMALLEST : size;
    const int log = 63 - __builtin_clzll(least);
    const size_t above = least - ((size_t)1 << log);

    return 4 * (log - SMALLEST) + (int)((above + ((size_t)1 << (log - 2)) - 1) >> (log - 2));
}

static size_t bin_size(int bin)
{
    const size_t base = (size_t)1 << (SMALLEST + bin / 4);

    return base + (size_t)(bin % 4) * (base / 4);
}

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

void tg_store_be_hostile(tg_store *store)
{
    store->hostile = true;
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
    for (int b = 0; b < NBINS * (*store)->nplaces; b++) {
        tg_buffer **first = &(*store)->pool[b / NBINS][b % NBINS];

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

/* A buffer that the pool did not have. */
static tg_buffer *make_buffer(tg_store *store, int bin, size_t counted)
{
    const size_t room = bin_size(bin);
    tg_buffer *buffer = tg_alloc_aligned(TG_ALIGNMENT + room);

    if (!buffer)
        return NULL;
    buffer->room = room;
    buffer->bin = bin;
    lock(store);
    count_held(store, counted);
    unlock(store);
    return buffer;
}

static void spoil(tg_buffer *buffer, int byte)
{
    memset(tg_buffer_data(buffer), byte, buffer->size);
}

static tg_buffer *get(tg_store *store, size_t size, int place, size_t counted)
{
    const int bin = size <= SIZE_MAX / 4 ? bin_of(size) : NBINS;
    tg_buffer *buffer = NULL;

    if (bin >= NBINS)
        goto out;
    lock(store);
    buffer = store->pool[place][bin];
    if (buffer) {
        store->pool[place][bin] = buffer->next;
        store->pooled -= buffer->room;
        count_held(store, counted);
    }
    unlock(store);
    if (!buffer)
        buffer = make_buffer(store, bin, counted);
    if (!buffer)
        goto out;
    buffer->size = size;
    buffer->counted = counted;
    buffer->uses = 1;
    buffer->place = place;
    if (store->hostile)
        spoil(buffer, 0xa5);
    forbid_rest(buffer);
out:
    if (!buffer)
        (void)tg_fail(TG_ENOMEM, "out of memory: a result of %zu bytes", size);
    return buffer;
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

void tg_store_release(tg_store *store, tg_buffer *buffer)
{
    if (!buffer || let_go(store, buffer) > 0)
        return;
    assert(buffer->uses == 0);
    if (store->hostile)
        spoil(buffer, 0x5a);
    lock(store);
    store->held -= buffer->counted;
    store->live--;
    if (!store->hostile && store->pooled + buffer->room <= pool_limit) {
        tg_buffer **pool = &store->pool[buffer->place][buffer->bin];

        buffer->next = *pool;
        *pool = buffer;
        store->pooled += buffer->room;
        buffer = NULL;
    }
    unlock(store);
    free(buffer);
}

void *tg_store_take(tg_store *store, tg_buffer *buffer)
{
    assert(buffer->uses == 1);
    lock(store);
    store->held -= buffer->counted;
    store->live--;
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
