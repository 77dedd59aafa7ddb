/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays kept in the ranks' memory: chunks are computed as for an output (eval.c) and stay where
 * they are made. From then on the node has them, and the first of the laws (opt/kept.c) puts them
 * in its place wherever it is used.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "expr/kept.h"
#include "lower/lowering.h"
#include "opt/pass.h"

/* All chunks of a root as tasks of a graph. */
static tg_status lower_chunks(tg_ctx *ctx, const tg_array *root, tg_graph *graph, int64_t count,
                              int64_t *tasks)
{
    tg_status status = TG_OK;
    tg_lowering lowering = {0};
    int64_t index[TG_MAX_NDIM];

    tg_lowering_begin(&lowering, ctx, graph);
    for (int64_t c = 0; c < count; c++) {
        tg_chunk_index(root, c, index);
        TG_TRY(tg_lower_chunk(&lowering, root, index, &tasks[c]));
    }
out:
    tg_lowering_end(&lowering);
    return status;
}

tg_status tg_persist_array(tg_ctx *ctx, tg_array *a)
{
    tg_status status = TG_OK;
    tg_array *root = a;
    tg_graph *graph = NULL;
    tg_kept_chunks *kept = NULL;
    int64_t *tasks = NULL, count;

    TG_TRY(tg_array_status(a));
    if (a->kept || a->size == 0)
        return TG_OK;
    TG_TRY(tg_optimise(&root, 1));
    count = tg_grid_chunks(a->ndim, &a->grid);
    tasks = calloc((size_t)count, sizeof *tasks);
    kept = tg_ctx_alloc(ctx, sizeof *kept + (size_t)count * sizeof *kept->chunk);
    TG_NEED(tasks && kept, TG_ENOMEM, "an array of %" PRId64 " chunks is to be kept", count);
    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(lower_chunks(ctx, root, graph, count, tasks));
    kept->count = count;
    TG_TRY(tg_graph_persist(ctx, graph, tasks, count, kept->chunk));
    a->kept = kept;
out:
    tg_graph_destroy(&graph);
    free(tasks);
    return status;
}

static tg_status need_kept(const tg_array *a)
{
    const tg_status status = tg_array_status(a);

    if (status != TG_OK || a->kept || a->size == 0)
        return status;
    return tg_fail(TG_EARG, "an array that was not persisted, or was released");
}

tg_status tg_wait_array(tg_ctx *ctx, tg_array *a)
{
    tg_status status = TG_OK;

    TG_TRY(need_kept(a));
    for (int64_t c = 0; a->kept && c < a->kept->count; c++)
        TG_TRY(tg_kept_wait(ctx, a->kept->chunk[c]));
out:
    return status;
}

tg_status tg_release_array(tg_ctx *ctx, tg_array *a)
{
    tg_status status = TG_OK;
    const tg_kept_chunks *kept = a->kept;

    TG_TRY(need_kept(a));
    a->kept = NULL;
    for (int64_t c = 0; kept && c < kept->count; c++)
        TG_TRY(tg_kept_release(ctx, kept->chunk[c]));
out:
    return status;
}
