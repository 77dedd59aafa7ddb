/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What grows from seeds within a mask until nothing changes: all of each connected part of the mask
 * that a seed is in or beside. The parts are those of tg_label, so no rounds over the image are
 * needed, however long the way from a seed is:
 *
 *     mask -> parts -+-> parts where a seed has come after one step -> their numbers, each once
 *                    `--------------------------------------------------------> seeds and parts
 */
#include <inttypes.h>
#include <tegula/create.h>

#include "expr/image.h"
#include "expr/parcels.h"
#include "kernel/elementwise.h"

/* Blocks: parts, seeds, the numbers of the parts that grow. */
static tg_status grow_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t *part = tg_task_scratch(task, (size_t)(out->size + 1) * sizeof *part), last = 0;
    const uint8_t *seed = in[1].data;
    uint8_t *to = out->data, grows = 0;
    size_t size;
    const void *records = tg_task_input(task, 2, &size);

    (void)nin, (void)params_size;
    TG_NEED(part, TG_ENOMEM, "parts of %" PRId64 " elements", out->size);
    tg_convert(out->size, in[0].dtype, in[0].data, TG_INT64, part);
    for (int64_t i = 0; i < out->size; i++) {
        if (part[i] != last)
            grows = part[i] != 0 && tg_group_find(params, records, size, part[i]);
        last = part[i];
        to[i] = seed[i] | grows;
    }
out:
    return status;
}

tg_array *tg_grown(tg_array *seeds, tg_array *first, tg_array *mask, const tg_window *near)
{
    tg_ctx *ctx = seeds->ctx;
    const tg_group_spec spec = {.kind = TG_GROUP_COUNT, .ndim = seeds->ndim, .dtype = TG_BOOL};
    tg_block_spec block = {.name = "grow",
                           .function = grow_block,
                           .params = &spec,
                           .params_size = sizeof spec,
                           .dtype = TG_BOOL};
    tg_array *parts, *reached;

    if (!mask)
        mask = tg_rechunk_to(tg_ones(ctx, TG_BOOL, seeds->ndim, seeds->shape, NULL), &seeds->grid);
    parts = tg_label(mask, near, NULL, NULL);
    if (tg_array_status(parts) != TG_OK)
        return parts;
    parts = tg_rechunk_to(parts, &seeds->grid);
    reached = tg_where(first, parts, tg_zeros(ctx, parts->dtype, 0, NULL, NULL));
    return tg_blocks_of_parcels(
        &block, (tg_array *[]){parts, seeds, tg_group_records(seeds, reached, &spec)}, 3, seeds);
}
