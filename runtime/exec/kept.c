/* SPDX-License-Identifier: BSD-3-Clause */
/* See kept.h. A sorted array: new handles are the greatest, so a put is nearly always an append. */
#include "exec/kept.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

/* Where a handle is or would be. */
static int64_t place_of(const tg_kept *kept, int64_t handle)
{
    int64_t low = 0, high = kept->count;

    while (low < high) {
        const int64_t middle = (low + high) / 2;

        if (kept->results[middle].handle < handle)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const tg_kept *kept, int64_t at, int64_t handle)
{
    return at < kept->count && kept->results[at].handle == handle;
}

tg_status tg_kept_put(tg_kept *kept, const tg_kept_result *result)
{
    tg_status status = TG_OK;
    const int64_t at = place_of(kept, result->handle);

    if (is_at(kept, at, result->handle)) {
        assert(kept->results[at].refused);
        kept->nrefused--;
        kept->results[at] = *result;
        return TG_OK;
    }
    TG_TRY(tg_grow(&kept->results, &kept->capacity, kept->count + 1, sizeof *kept->results));
    memmove(&kept->results[at + 1], &kept->results[at],
            (size_t)(kept->count - at) * sizeof *kept->results);
    kept->results[at] = *result;
    kept->count++;
out:
    return status;
}

const tg_kept_result *tg_kept_find(const tg_kept *kept, int64_t handle)
{
    const int64_t at = place_of(kept, handle);

    return is_at(kept, at, handle) && !kept->results[at].refused ? &kept->results[at] : NULL;
}

tg_status tg_kept_refuse(tg_kept *kept, int64_t handle)
{
    tg_status status = TG_OK;

    if (is_at(kept, place_of(kept, handle), handle))
        return TG_OK;
    TG_TRY(tg_kept_put(kept, &(tg_kept_result){.handle = handle, .refused = true}));
    kept->nrefused++;
out:
    return status;
}

bool tg_kept_is_refused(const tg_kept *kept, int64_t handle)
{
    const int64_t at = place_of(kept, handle);

    return is_at(kept, at, handle) && kept->results[at].refused;
}

void tg_kept_drop(tg_kept *kept, int64_t handle, tg_store *store)
{
    const int64_t at = place_of(kept, handle);

    if (!is_at(kept, at, handle))
        return;
    kept->nrefused -= kept->results[at].refused;
    tg_store_release(store, kept->results[at].buffer);
    kept->count--;
    memmove(&kept->results[at], &kept->results[at + 1],
            (size_t)(kept->count - at) * sizeof *kept->results);
}

void tg_kept_clear(tg_kept *kept, tg_store *store)
{
    for (int64_t i = 0; i < kept->count; i++)
        tg_store_release(store, kept->results[i].buffer);
    tg_free(kept->results);
    *kept = (tg_kept){0};
}
