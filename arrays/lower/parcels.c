/* SPDX-License-Identifier: BSD-3-Clause */
/* Parcels: one task each, whose function makes the output. */
#include "expr/parcels.h"

#include <stdlib.h>

#include "lower/block_words.h"
#include "lower/lowering.h"

/* What a function is thought to cost that does not say: bytes of its inputs a second. */
#define PARCEL_RATE 5e8

static tg_status run_parcel(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_parcel_function *function = (tg_parcel_function *)(uintptr_t)tg_read_static(&reader);
    int nblocks = tg_read_int(&reader);
    tg_block *blocks = tg_task_scratch(task, (size_t)(nblocks + 1) * sizeof *blocks);
    size_t size = 0;
    const void *params;

    TG_NEED(blocks, TG_ENOMEM, "%d blocks", nblocks);
    for (int i = 0; i < nblocks; i++) {
        tg_read_block(&reader, &blocks[i]);
        blocks[i].data = (void *)(uintptr_t)tg_task_input(task, i, NULL);
    }
    params = tg_read_bytes(&reader, &size);
    TG_TRY(function(nblocks > 0 ? blocks : NULL, tg_task_ninputs(task), params, size, task));
out:
    return status;
}

/* The inputs' chunks that meet one chunk. */
static tg_status add_each(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *inputs, size_t *bytes)
{
    tg_status status = TG_OK;
    tg_words *words = &lowering->words;
    int64_t none[TG_MAX_NDIM] = {0}, start[TG_MAX_NDIM], count[TG_MAX_NDIM];
    const tg_parcels_params *params = a->node->params;
    tg_lowered *input = NULL;

    for (int i = 0; i < a->node->ninputs; i++) {
        const tg_array *node = a->node->inputs[i];
        bool one = tg_grid_chunks(node->ndim, &node->grid) == 1;

        TG_TRY(tg_lower_chunk(lowering, node, one ? none : index, &inputs[i]));
    }
    tg_words_add_static(words, (const void *)(uintptr_t)params->spec.function);
    tg_words_add(words, a->node->ninputs);
    for (int i = 0; i < a->node->ninputs; i++) {
        const tg_array *node = a->node->inputs[i];
        bool one = tg_grid_chunks(node->ndim, &node->grid) == 1;

        TG_TRY(tg_lower_node(lowering, node, &input));
        tg_add_block(words, input, one ? none : index);
        *bytes += (size_t)tg_chunk_box(input, one ? none : index, start, count) *
                  tg_dtype_size(node->dtype);
    }
out:
    return status;
}

/* Parcels index * fan, ... in C order. */
static tg_status add_joined(tg_lowering *lowering, const tg_lowered *a, int64_t first, int64_t n,
                            int64_t *inputs)
{
    tg_status status = TG_OK;
    const tg_parcels_params *params = a->node->params;
    int64_t index[TG_MAX_NDIM];

    for (int64_t i = 0; i < n; i++) {
        tg_chunk_index(a->node->inputs[0], first + i, index);
        TG_TRY(tg_lower_chunk(lowering, a->node->inputs[0], index, &inputs[i]));
    }
    tg_words_add_static(&lowering->words, (const void *)(uintptr_t)params->spec.function);
    tg_words_add(&lowering->words, 0);
out:
    return status;
}

tg_status tg_lower_parcels(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    const tg_parcels_params *params = a->node->params;
    int64_t n = a->node->ninputs, first = 0, *inputs = NULL;
    size_t bytes = 0;
    tg_task_spec spec = {.function = run_parcel,
                         .name = params->spec.name,
                         .output_bytes = params->spec.bytes,
                         .seconds = params->spec.seconds};

    if (params->fan > 0) {
        first = index[0] * params->fan;
        n = a->node->inputs[0]->size - first;
        n = n < params->fan ? n : params->fan;
    }
    inputs = malloc((size_t)n * sizeof *inputs);
    TG_NEED(inputs, TG_ENOMEM, "a task of %lld inputs", (long long)n);
    if (params->fan > 0)
        TG_TRY(add_joined(lowering, a, first, n, inputs));
    else
        TG_TRY(add_each(lowering, a, index, inputs, &bytes));
    tg_words_add_bytes(&lowering->words, params->spec.params, params->spec.params_size);
    spec.inputs = inputs;
    spec.ninputs = (int)n;
    if (spec.seconds <= 0)
        spec.seconds = (double)(bytes + (size_t)n * spec.output_bytes) / PARCEL_RATE;
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    free(inputs);
    return status;
}
