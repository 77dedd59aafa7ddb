/* SPDX-License-Identifier: BSD-3-Clause */
/* C functions on blocks: one task a block. */
#include "expr/blocks.h"

#include <string.h>

#include "lower/block_words.h"
#include "lower/lowering.h"

/* What a function is thought to cost that does not say: bytes of its result a second. */
#define BLOCK_RATE 1e9

void tg_read_block(tg_reader *reader, tg_block *block)
{
    block->dtype = (tg_dtype)tg_read(reader);
    block->ndim = tg_read_int(reader);
    block->size = 1;
    for (int d = 0; d < block->ndim; d++) {
        block->shape[d] = tg_read(reader);
        block->start[d] = tg_read(reader);
        block->total[d] = tg_read(reader);
        block->index[d] = tg_read(reader);
        block->size *= block->shape[d];
    }
}

static tg_status run_block(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_block_function *function = (tg_block_function *)(uintptr_t)tg_read_static(&reader);
    int nin = tg_read_int(&reader);
    tg_block *blocks = tg_task_scratch(task, (size_t)(nin + 1) * sizeof *blocks);
    size_t params_size = 0, bytes;
    const void *params;

    TG_NEED(blocks, TG_ENOMEM, "%d blocks", nin);
    memset(blocks, 0, (size_t)(nin + 1) * sizeof *blocks);
    for (int i = 0; i <= nin; i++)
        tg_read_block(&reader, &blocks[i]);
    if (tg_read(&reader))
        blocks[nin].object = tg_read_static(&reader);
    params = tg_read_bytes(&reader, &params_size);
    for (int i = 0; i < nin; i++)
        blocks[i].data = (void *)(uintptr_t)tg_task_input(task, i, NULL);
    bytes = (size_t)blocks[nin].size * tg_dtype_size(blocks[nin].dtype);
    blocks[nin].data = tg_task_output(task, bytes);
    TG_NEED(blocks[nin].data || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (bytes > 0)
        TG_TRY(function(blocks, nin, &blocks[nin], params, params_size, task));
out:
    return status;
}

void tg_add_block(tg_words *words, const tg_lowered *a, const int64_t *index)
{
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM];

    tg_chunk_box(a, index, start, count);
    tg_words_add(words, a->node->dtype);
    tg_words_add(words, a->node->ndim);
    for (int d = 0; d < a->node->ndim; d++) {
        tg_words_add(words, count[d]);
        tg_words_add(words, start[d]);
        tg_words_add(words, a->node->shape[d]);
        tg_words_add(words, index[d]);
    }
}

/* The block of input i that meets a block of the node. */
static void input_index(const tg_lowered *a, int i, const int64_t *index, int64_t *out)
{
    const tg_blocks_params *params = a->node->params;

    for (int d = 0; d < a->node->inputs[i]->ndim; d++) {
        int axis = params->axis[i][d];

        out[d] = axis < 0 ? 0 : params->chosen ? params->chosen[index[axis]] : index[axis];
    }
}

tg_status tg_lower_blocks(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *task)
{
    tg_status status = TG_OK;
    const tg_blocks_params *params = a->node->params;
    tg_words *words = &lowering->words;
    int64_t inputs[TG_BLOCKS_MAX_INPUTS], in_index[TG_MAX_NDIM], start[TG_MAX_NDIM],
        count[TG_MAX_NDIM];
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * tg_dtype_size(a->node->dtype);
    tg_task_spec spec = {.function = run_block,
                         .name = params->name,
                         .inputs = inputs,
                         .ninputs = a->node->ninputs,
                         .output_bytes = bytes};
    tg_lowered *input = NULL;

    for (int i = 0; i < a->node->ninputs; i++) {
        input_index(a, i, index, in_index);
        TG_TRY(tg_lower_chunk(lowering, a->node->inputs[i], in_index, &inputs[i]));
    }
    tg_words_add_static(words, (const void *)(uintptr_t)params->function);
    tg_words_add(words, a->node->ninputs);
    for (int i = 0; i < a->node->ninputs; i++) {
        TG_TRY(tg_lower_node(lowering, a->node->inputs[i], &input));
        input_index(a, i, index, in_index);
        tg_add_block(words, input, in_index);
    }
    tg_add_block(words, a, index);
    tg_words_add(words, params->object != NULL);
    if (params->object)
        tg_words_add_static(words, params->object);
    tg_words_add_bytes(words, params->params, params->params_size);
    spec.seconds = params->seconds > 0 ? params->seconds : (double)bytes / BLOCK_RATE;
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    return status;
}
