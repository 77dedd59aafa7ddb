/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks that the ranks keep are tasks that have run. */
#include "expr/kept.h"

#include "lower/lowering.h"

tg_status tg_lower_kept(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                        int64_t *task)
{
    const tg_kept_chunks *chunks = ((const tg_kept_params *)a->node->params)->chunks;
    const int64_t number = chunks->chunk[tg_chunk_number(a->node, index)];
    const tg_status status = tg_graph_kept(lowering->ctx, lowering->graph, number, task);

    if (status == TG_OK && *task >= lowering->ntasks)
        lowering->ntasks = *task + 1;
    return status;
}
