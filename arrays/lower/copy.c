/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chunks that are other chunks' bytes, in another order or repeated: transposition, broadcasting,
 * reshaping, concatenation. Where a chunk's bytes are those of one input chunk there is no task.
 */
#include <string.h>

#include "kernel/copy.h"
#include "lower/lowering.h"

/* What copying is thought to cost: bytes a second. */
#define COPY_RATE 2e9

static tg_status copy_chunk(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    size_t itemsize = (size_t)tg_read(&reader), bytes = itemsize;
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    const int64_t *in_stride = tg_read_list(&reader, ndim);
    int64_t stride[TG_MAX_NDIM];
    char *out;

    for (int d = 0; d < ndim; d++)
        bytes *= (size_t)shape[d];
    out = tg_task_output(task, bytes);
    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    tg_strides(ndim, shape, itemsize, stride);
    if (bytes > 0)
        tg_copy_box(ndim, shape, itemsize, tg_task_input(task, 0, NULL), in_stride, out, stride);
out:
    return status;
}

/* The chunk of `shape` whose elements lie `in_stride` bytes apart in the task `from`. */
static tg_status add_copy(tg_lowering *lowering, const tg_array *a, const int64_t *shape,
                          const int64_t *in_stride, int64_t from, int64_t *task)
{
    size_t bytes = tg_dtype_size(a->dtype);
    tg_words *words = &lowering->words;
    tg_task_spec spec = {
        .function = copy_chunk, .name = a->class->name, .inputs = &from, .ninputs = 1};

    for (int d = 0; d < a->ndim; d++)
        bytes *= (size_t)shape[d];
    tg_words_add(words, (int64_t)tg_dtype_size(a->dtype));
    tg_words_add(words, a->ndim);
    tg_words_add_list(words, a->ndim, shape);
    tg_words_add_list(words, a->ndim, in_stride);
    spec.output_bytes = bytes;
    spec.seconds = (double)bytes / COPY_RATE;
    return tg_lower_add(lowering, &spec, task);
}

/* Whether the axes that are longer than 1 keep their order: then the bytes do, too. */
static bool keeps_bytes(int ndim, const int *axis, const int64_t *count)
{
    int last = -1;

    for (int d = 0; d < ndim; d++) {
        if (count[d] == 1)
            continue;
        if (axis[d] < last)
            return false;
        last = axis[d];
    }
    return true;
}

tg_status tg_lower_transpose(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                             int64_t *task)
{
    tg_status status = TG_OK;
    const tg_array *input = a->node->inputs[0];
    const int *axis = ((const tg_transpose_params *)a->node->params)->axis;
    int ndim = a->node->ndim;
    size_t itemsize = tg_dtype_size(a->node->dtype);
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], in_count[TG_MAX_NDIM], in_index[TG_MAX_NDIM];
    int64_t in_stride[TG_MAX_NDIM], out_stride[TG_MAX_NDIM], from = -1;
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * itemsize;

    for (int d = 0; d < ndim; d++) {
        in_index[axis[d]] = index[d];
        in_count[axis[d]] = count[d];
    }
    TG_TRY(tg_lower_chunk(lowering, input, in_index, &from));
    if (bytes == 0 || keeps_bytes(ndim, axis, count)) {
        *task = from;
        goto out;
    }
    tg_strides(ndim, in_count, itemsize, in_stride);
    for (int d = 0; d < ndim; d++)
        out_stride[d] = in_stride[axis[d]];
    TG_TRY(add_copy(lowering, a->node, count, out_stride, from, task));
out:
    return status;
}

tg_status tg_lower_broadcast(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                             int64_t *task)
{
    tg_status status = TG_OK;
    const tg_array *node = a->node, *input = node->inputs[0];
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], in_index[TG_MAX_NDIM] = {0};
    int64_t in_count[TG_MAX_NDIM], in_stride[TG_MAX_NDIM], stride[TG_MAX_NDIM] = {0}, from = -1;
    int64_t in_size = 1, size = tg_chunk_box(a, index, start, count);

    for (int d = 0; d < node->ndim; d++) {
        int axis = tg_operand_axis(input, node->ndim, node->shape, d);

        if (axis >= 0)
            in_index[axis] = index[d];
    }
    for (int k = 0; k < input->ndim; k++) {
        in_count[k] = input->grid.length[k][in_index[k]];
        in_size *= in_count[k];
    }
    TG_TRY(tg_lower_chunk(lowering, input, in_index, &from));
    *task = from;
    if (size == in_size)
        goto out;
    tg_strides(input->ndim, in_count, tg_dtype_size(node->dtype), in_stride);
    for (int d = 0; d < node->ndim; d++) {
        int axis = tg_operand_axis(input, node->ndim, node->shape, d);

        if (axis >= 0)
            stride[d] = in_stride[axis];
    }
    TG_TRY(add_copy(lowering, node, count, stride, from, task));
out:
    return status;
}

tg_status tg_lower_reshape(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    int64_t in_index[TG_MAX_NDIM];

    tg_chunk_index(a->node->inputs[0], tg_chunk_number(a->node, index), in_index);
    return tg_lower_chunk(lowering, a->node->inputs[0], in_index, task);
}

const tg_array *tg_chunk_piece(const tg_array *a, int64_t *index)
{
    int axis = ((const tg_concatenate_params *)a->params)->axis;
    int piece = 0;

    while (index[axis] >= a->inputs[piece]->grid.count[axis])
        index[axis] -= a->inputs[piece++]->grid.count[axis];
    return a->inputs[piece];
}

tg_status tg_lower_concatenate(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                               int64_t *task)
{
    int64_t own[TG_MAX_NDIM];
    const tg_array *piece;

    memcpy(own, index, (size_t)a->node->ndim * sizeof *own);
    piece = tg_chunk_piece(a->node, own);
    return tg_lower_chunk(lowering, piece, own, task);
}
