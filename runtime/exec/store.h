/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A rank's results in memory: aligned buffers that are counted by their users and pooled when the
 * last one lets go, so that a steady run allocates nothing.
 */
#ifndef TG_EXEC_STORE_H
#define TG_EXEC_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

#include "base/memory.h"
#include "exec/bin.h"

typedef struct tg_store tg_store;

/** A buffer: this header, then the bytes, both at multiples of TG_ALIGNMENT. */
typedef struct tg_buffer {
    size_t size;             /* bytes asked for */
    size_t counted;          /* those that count as held: results */
    size_t room;             /* bytes of its size class */
    struct tg_buffer *next;  /* in the pool's list */
    struct tg_buffer **home; /* the list of the pool that it goes back to */
    int32_t uses;            /* holds; changed by tg_store_hold and tg_store_release only */
} tg_buffer;

static inline void *tg_buffer_data(tg_buffer *buffer)
{
    return (char *)buffer + TG_ALIGNMENT;
}

/** `shared`: several threads use the store. */
TG_MUST_CHECK tg_status tg_store_create(bool shared, tg_store **out);
/** Before use: pool buffers for each of so many places (NUMA nodes), so that memory is used again
 * where it was first written to. */
TG_MUST_CHECK tg_status tg_store_split(tg_store *store, int nplaces);
/** What the pool keeps and what is in use are to have so many bytes together: rather than take more
 * memory the store frees what it keeps. */
void tg_store_limit(tg_store *store, size_t bytes);
/** For tests: new buffers are full of garbage, old ones too, and none is used again. Tasks see
 * copies of their inputs. */
void tg_store_be_hostile(tg_store *store);
static inline bool tg_store_is_hostile(const tg_store *store);
/** Free the store and what is pooled; *live (may be NULL): buffers that are still held. */
void tg_store_destroy(tg_store **store, int64_t *live);

/** A buffer of `size` bytes, content undefined, held once; NULL when memory is out. */
tg_buffer *tg_store_get(tg_store *store, size_t size);
/** The same, to be written to by a thread at `place`. */
static inline tg_buffer *tg_store_get_at(tg_store *store, size_t size, int place);
/** The same for what is no result: plans, reports. It does not count as held. */
tg_buffer *tg_store_get_aside(tg_store *store, size_t size);
/** One more hold. */
void tg_store_hold(tg_store *store, tg_buffer *buffer);
/** Give up a hold; the last one returns the buffer to the pool. Takes NULL. */
static inline void tg_store_release(tg_store *store, tg_buffer *buffer);
/** Take the bytes out of the store; the caller, who must be the only holder, frees the data with
 * tg_bytes_free. */
void *tg_store_take(tg_store *store, tg_buffer *buffer);

/** Bytes of results held now. */
int64_t tg_store_held(tg_store *store);
/** Most bytes held at one time since the last call. */
int64_t tg_store_peak(tg_store *store);

/** The inside, for the functions of every task below. */
struct tg_store {
    bool hostile;                 /* set before use */
    bool shared;                  /* the lock is used */
    bool guarded;                 /* one of both, or the address sanitiser watches */
    pthread_mutex_t lock;         /* guards all below */
    tg_buffer *(*pool)[TG_NBINS]; /* [nplaces], owned */
    int nplaces;
    size_t pool_limit;         /* bytes that the pool keeps at most beside what is in use */
    size_t limit;              /* bytes of all buffers beyond which the pool is emptied; 0: none */
    size_t memory, held, peak; /* bytes: of all buffers, of results, the most of them */
    int64_t live;              /* buffers held */
};

static inline bool tg_store_is_hostile(const tg_store *store)
{
    return store->hostile;
}

/** Where tg_store_get_at has more to do than to take the first of a list. */
tg_buffer *tg_store_get_slowly(tg_store *store, size_t size, int place, size_t counted);
/** Where the last release has more to do than to put the buffer into the pool, and where the store
 * is guarded. */
void tg_store_release_slowly(tg_store *store, tg_buffer *buffer);

/** The first buffer of a list of the pool taken into use. */
static inline tg_buffer *tg_store_reuse(tg_store *store, tg_buffer **pooled, size_t size,
                                        size_t counted)
{
    tg_buffer *buffer = *pooled;

    *pooled = buffer->next;
    store->held += counted;
    store->live++;
    if (store->held > store->peak)
        store->peak = store->held;
    buffer->size = size;
    buffer->counted = counted;
    buffer->uses = 1;
    return buffer;
}

/** `counted`: bytes of it that count as held. */
static inline tg_buffer *tg_store_get_counted(tg_store *store, size_t size, int place,
                                              size_t counted)
{
    tg_buffer **pooled;

    if (store->guarded || size > tg_largest_bin)
        return tg_store_get_slowly(store, size, place, counted);
    pooled = &store->pool[place][tg_bin_of(size)];
    return *pooled ? tg_store_reuse(store, pooled, size, counted)
                   : tg_store_get_slowly(store, size, place, counted);
}

static inline tg_buffer *tg_store_get_at(tg_store *store, size_t size, int place)
{
    return tg_store_get_counted(store, size, place, size);
}

/** May the pool have a buffer that is still held? */
static inline bool tg_store_has_room(const tg_store *store, const tg_buffer *buffer)
{
    return store->memory - store->held + buffer->counted <= store->pool_limit;
}

static inline void tg_store_pool(tg_store *store, tg_buffer *buffer)
{
    store->held -= buffer->counted;
    store->live--;
    buffer->next = *buffer->home;
    *buffer->home = buffer;
}

static inline void tg_store_release(tg_store *store, tg_buffer *buffer)
{
    if (!buffer)
        return;
    if (store->guarded || (buffer->uses == 1 && !tg_store_has_room(store, buffer)))
        tg_store_release_slowly(store, buffer);
    else if (--buffer->uses == 0)
        tg_store_pool(store, buffer);
}

#endif
