/* SPDX-License-Identifier: BSD-3-Clause */
/** 128-bit content keys (XXH3) and a map from keys to task numbers. */
#ifndef TG_BASE_KEY_H
#define TG_BASE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

typedef struct tg_key {
    uint64_t low, high;
} tg_key;

/** The key of some bytes. */
tg_key tg_key_of(const void *data, size_t size);

static inline bool tg_key_equal(tg_key a, tg_key b)
{
    return a.low == b.low && a.high == b.high;
}

/** A hash map: key -> number >= 0. Numbers index an array of keys that the caller keeps. */
typedef struct tg_key_map {
    int32_t *slots;   /* owned; -1: empty */
    int64_t capacity; /* a power of two, 0 before the first */
    int64_t count;
} tg_key_map;

/** The number of `key`, or -1. */
int64_t tg_key_map_find(const tg_key_map *map, const tg_key *keys, tg_key key);
/** Add keys[number], which is not in the map yet. */
TG_MUST_CHECK tg_status tg_key_map_add(tg_key_map *map, const tg_key *keys, int32_t number);
void tg_key_map_clear(tg_key_map *map);

#endif
