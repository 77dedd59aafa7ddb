/* SPDX-License-Identifier: BSD-3-Clause */
/* Pairs of ranks that exchange results are found in a map: there are far fewer than messages. */
#include "place/ahead.h"

#include "base/key.h"
#include "base/memory.h"

/* What goes from one rank to another. */
typedef struct way {
    int32_t from, to;
    int64_t largest; /* bytes */
} way;

typedef struct ways {
    way *way; /* owned */
    tg_key *key;
    tg_key_map map; /* (from, to) -> number */
    int64_t count, way_capacity, key_capacity;
} ways;

static tg_status add_message(ways *w, int32_t from, int32_t to, int64_t bytes)
{
    tg_status status = TG_OK;
    const tg_key key = tg_key_of((int32_t[]){from, to}, 2 * sizeof(int32_t));
    int64_t number = tg_key_map_find(&w->map, w->key, key);

    if (number < 0) {
        number = w->count;
        TG_TRY(tg_grow(&w->way, &w->way_capacity, number + 1, sizeof *w->way));
        TG_TRY(tg_grow(&w->key, &w->key_capacity, number + 1, sizeof *w->key));
        w->way[number] = (way){from, to, 0};
        w->key[number] = key;
        TG_TRY(tg_key_map_add(&w->map, w->key, (int32_t)number));
        w->count++;
    }
    if (bytes > w->way[number].largest)
        w->way[number].largest = bytes;
out:
    return status;
}

static tg_status add_task(ways *w, const tg_flow *f, int32_t task)
{
    tg_status status = TG_OK;
    const int32_t from = f->placement->rank[task];
    const int64_t end = f->user_begin[task + 1];

    for (int64_t u = f->user_begin[task]; u < end; u += f->size[u])
        if (tg_flow_rank(f, f->user[u]) != from)
            TG_TRY(add_message(w, from, tg_flow_rank(f, f->user[u]),
                               (int64_t)f->graph->task[task].output_bytes));
out:
    return status;
}

tg_status tg_bytes_ahead(const tg_flow *f, int64_t *bytes)
{
    tg_status status = TG_OK;
    ways w = {0};

    for (int64_t i = 0; i < f->placement->count; i++)
        if (f->graph->task[f->placement->order[i]].function != TG_GRAPH_VALUE)
            TG_TRY(add_task(&w, f, f->placement->order[i]));
    for (int64_t i = 0; i < w.count; i++)
        bytes[w.way[i].to] += w.way[i].largest;
out:
    tg_free(w.way);
    tg_free(w.key);
    tg_key_map_clear(&w.map);
    return status;
}
