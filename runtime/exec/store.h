/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A rank's results in memory: aligned buffers that are counted by their users and pooled when the
 * last one lets go, so that a steady run allocates nothing.
 */
#ifndef TG_EXEC_STORE_H
#define TG_EXEC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

#include "base/memory.h"

typedef struct tg_store tg_store;

/** A buffer: this header, then the bytes, both at multiples of TG_ALIGNMENT. */
typedef struct tg_buffer {
    size_t size;            /* bytes asked for */
    size_t counted;         /* those that count as held: results */
    size_t room;            /* bytes of its size class */
    struct tg_buffer *next; /* in the pool's list */
    int32_t uses;           /* holds; changed by tg_store_hold and tg_store_release only */
    int32_t bin;            /* size class */
    int32_t place;          /* whose pool it goes back to */
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
bool tg_store_is_hostile(const tg_store *store);
/** Free the store and what is pooled; *live (may be NULL): buffers that are still held. */
void tg_store_destroy(tg_store **store, int64_t *live);

/** A buffer of `size` bytes, content undefined, held once; NULL when memory is out. */
tg_buffer *tg_store_get(tg_store *store, size_t size);
/** The same, to be written to by a thread at `place`. */
tg_buffer *tg_store_get_at(tg_store *store, size_t size, int place);
/** The same for what is no result: plans, reports. It does not count as held. */
tg_buffer *tg_store_get_aside(tg_store *store, size_t size);
/** One more hold. */
void tg_store_hold(tg_store *store, tg_buffer *buffer);
/** Give up a hold; the last one returns the buffer to the pool. Takes NULL. */
void tg_store_release(tg_store *store, tg_buffer *buffer);
/** Take the bytes out of the store; the caller, who must be the only holder, frees the data with
 * tg_bytes_free. */
void *tg_store_take(tg_store *store, tg_buffer *buffer);

/** Bytes of results held now. */
int64_t tg_store_held(tg_store *store);
/** Most bytes held at one time since the last call. */
int64_t tg_store_peak(tg_store *store);

#endif
