/* SPDX-License-Identifier: BSD-3-Clause */
/* Open addressing with linear probing, at most two thirds full: the map holds numbers only, the
 * keys stay where the caller has them. */
#include "base/key.h"

#include <assert.h>
#include <inttypes.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/memory.h"

tg_key tg_key_of(const void *data, size_t size)
{
    const XXH128_hash_t hash = XXH3_128bits(data, size);

    return (tg_key){.low = hash.low64, .high = hash.high64};
}

static int64_t probe(const tg_key_map *map, const tg_key *keys, tg_key key)
{
    const int64_t mask = map->capacity - 1;
    int64_t at = (int64_t)key.low & mask;

    while (map->slots[at] >= 0 && !tg_key_equal(keys[map->slots[at]], key))
        at = (at + 1) & mask;
    return at;
}

int64_t tg_key_map_find(const tg_key_map *map, const tg_key *keys, tg_key key)
{
    return map->capacity ? map->slots[probe(map, keys, key)] : -1;
}

/* How far ahead keys are fetched while all of them are looked at. */
enum { AHEAD = 16 };

static tg_status rehash(tg_key_map *map, const tg_key *keys)
{
    tg_status status = TG_OK;
    tg_key_map bigger = {.capacity = map->capacity ? 2 * map->capacity : 64, .count = map->count};

    bigger.slots = tg_alloc_array(bigger.capacity, sizeof *bigger.slots);
    TG_NEED(bigger.slots, TG_ENOMEM, "out of memory: a map of %" PRId64 " keys", bigger.capacity);
    for (int64_t i = 0; i < bigger.capacity; i++)
        bigger.slots[i] = -1;
    for (int64_t i = 0; i < map->capacity; i++) {
        const int64_t soon = (i + AHEAD) & (map->capacity - 1);

        if (map->slots[soon] >= 0)
            __builtin_prefetch(&keys[map->slots[soon]]);
        if (map->slots[i] >= 0)
            bigger.slots[probe(&bigger, keys, keys[map->slots[i]])] = map->slots[i];
    }
    tg_free(map->slots);
    *map = bigger;
out:
    return status;
}

tg_status tg_key_map_add(tg_key_map *map, const tg_key *keys, int32_t number)
{
    tg_status status = TG_OK;
    int64_t at;

    if (3 * (map->count + 1) > 2 * map->capacity)
        TG_TRY(rehash(map, keys));
    at = probe(map, keys, keys[number]);
    assert(map->slots[at] < 0);
    map->slots[at] = number;
    map->count++;
out:
    return status;
}

void tg_key_map_clear(tg_key_map *map)
{
    tg_free(map->slots);
    *map = (tg_key_map){0};
}
