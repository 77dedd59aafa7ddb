/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chunks put together from pieces of other chunks: transposition, other cuts, concatenation. Where
 * a chunk's bytes are those of one input chunk there is no task at all.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/copy.h"
#include "lower/lowering.h"

/* What copying is thought to cost: bytes a second. */
#define COPY_RATE 2e9

/* ---- the task: each input is a piece of the output ---- */

static tg_status assemble(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    size_t itemsize = (size_t)tg_read(&reader), bytes = itemsize;
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    int64_t stride[TG_MAX_NDIM];
    char *out;

    for (int d = 0; d < ndim; d++)
        bytes *= (size_t)shape[d];
    out = tg_task_output(task, bytes);
    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    tg_strides(ndim, shape, itemsize, stride);
    for (int i = 0; i < tg_task_ninputs(task) && bytes > 0; i++) {
        const char *in = tg_task_input(task, i, NULL);
        int64_t from = tg_read(&reader), to = tg_read(&reader);
        const int64_t *count = tg_read_list(&reader, ndim);
        const int64_t *in_stride = tg_read_list(&reader, ndim);

        tg_copy_box(ndim, count, itemsize, in + from, in_stride, out + to, stride);
    }
out:
    return status;
}

static void begin_assembly(tg_words *words, size_t itemsize, int ndim, const int64_t *shape)
{
    tg_words_add(words, (int64_t)itemsize);
    tg_words_add(words, ndim);
    tg_words_add_list(words, ndim, shape);
}

static tg_status add_assembly(tg_lowering *lowering, const char *name, size_t bytes,
                              const int64_t *inputs, int ninputs, int64_t *task)
{
    tg_task_spec spec = {
        .function = assemble,
        .name = name,
        .inputs = inputs,
        .ninputs = ninputs,
        .output_bytes = bytes,
        .seconds = (double)bytes / COPY_RATE,
    };

    return tg_lower_add(lowering, &spec, task);
}

/* ---- transposition ---- */

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
    int64_t in_stride[TG_MAX_NDIM], from = -1;
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
    begin_assembly(&lowering->words, itemsize, ndim, count);
    tg_words_add(&lowering->words, 0);
    tg_words_add(&lowering->words, 0);
    tg_words_add_list(&lowering->words, ndim, count);
    for (int d = 0; d < ndim; d++)
        tg_words_add(&lowering->words, in_stride[axis[d]]);
    TG_TRY(add_assembly(lowering, "transpose", bytes, &from, 1, task));
out:
    return status;
}

/* ---- other cuts ---- */

/* The input chunks that a box meets: a box of chunk indices. */
struct cover {
    int64_t first[TG_MAX_NDIM], count[TG_MAX_NDIM];
    int64_t chunks;
};

static void find_cover(const tg_lowered *input, const int64_t *start, const int64_t *count,
                       struct cover *out)
{
    out->chunks = 1;
    for (int d = 0; d < input->node->ndim; d++) {
        int64_t end = start[d] + (count[d] > 0 ? count[d] - 1 : 0);

        out->first[d] = tg_chunk_at(input, d, start[d]);
        out->count[d] = tg_chunk_at(input, d, end) - out->first[d] + 1;
        out->chunks *= out->count[d];
    }
}

static void cover_index(const struct cover *cover, int ndim, int64_t i, int64_t *index)
{
    for (int d = ndim - 1; d >= 0; d--) {
        index[d] = cover->first[d] + i % cover->count[d];
        i /= cover->count[d];
    }
}

/* The part of an input chunk that lies in the box [start, start + count). */
static void add_piece(tg_words *words, const tg_lowered *input, const int64_t *index,
                      const int64_t *start, const int64_t *count, size_t itemsize)
{
    int ndim = input->node->ndim;
    int64_t in_start[TG_MAX_NDIM], in_count[TG_MAX_NDIM], part[TG_MAX_NDIM];
    int64_t in_stride[TG_MAX_NDIM], stride[TG_MAX_NDIM], from = 0, to = 0;

    tg_chunk_box(input, index, in_start, in_count);
    tg_strides(ndim, in_count, itemsize, in_stride);
    tg_strides(ndim, count, itemsize, stride);
    for (int d = 0; d < ndim; d++) {
        int64_t first = in_start[d] > start[d] ? in_start[d] : start[d];
        int64_t in_end = in_start[d] + in_count[d], end = start[d] + count[d];

        part[d] = (in_end < end ? in_end : end) - first;
        from += (first - in_start[d]) * in_stride[d];
        to += (first - start[d]) * stride[d];
    }
    tg_words_add(words, from);
    tg_words_add(words, to);
    tg_words_add_list(words, ndim, part);
    tg_words_add_list(words, ndim, in_stride);
}

static bool is_same_box(const tg_lowered *input, const int64_t *index, const int64_t *start,
                        const int64_t *count)
{
    for (int d = 0; d < input->node->ndim; d++)
        if (input->start[d][index[d]] != start[d] ||
            input->node->grid.length[d][index[d]] != count[d])
            return false;
    return true;
}

tg_status tg_lower_rechunk(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    tg_lowered *input = NULL;
    int ndim = a->node->ndim;
    size_t itemsize = tg_dtype_size(a->node->dtype);
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], in_index[TG_MAX_NDIM];
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * itemsize;
    int64_t *inputs = NULL;
    struct cover cover;

    TG_TRY(tg_lower_node(lowering, a->node->inputs[0], &input));
    find_cover(input, start, count, &cover);
    cover_index(&cover, ndim, 0, in_index);
    if (cover.chunks == 1 && is_same_box(input, in_index, start, count)) {
        status = tg_lower_chunk(lowering, input->node, in_index, task);
        goto out;
    }
    TG_NEED(cover.chunks <= INT32_MAX, TG_EARG, "a chunk made of %" PRId64 " chunks", cover.chunks);
    inputs = calloc((size_t)cover.chunks, sizeof *inputs);
    TG_NEED(inputs, TG_ENOMEM, "a chunk made of %" PRId64 " chunks", cover.chunks);
    for (int64_t i = 0; i < cover.chunks; i++) {
        cover_index(&cover, ndim, i, in_index);
        TG_TRY(tg_lower_chunk(lowering, input->node, in_index, &inputs[i]));
    }
    begin_assembly(&lowering->words, itemsize, ndim, count);
    for (int64_t i = 0; i < cover.chunks; i++) {
        cover_index(&cover, ndim, i, in_index);
        add_piece(&lowering->words, input, in_index, start, count, itemsize);
    }
    TG_TRY(add_assembly(lowering, "rechunk", bytes, inputs, (int)cover.chunks, task));
out:
    free(inputs);
    return status;
}

/* ---- concatenation ---- */

tg_status tg_lower_concatenate(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                               int64_t *task)
{
    int axis = ((const tg_concatenate_params *)a->node->params)->axis;
    int64_t own[TG_MAX_NDIM];
    int piece = 0;

    memcpy(own, index, (size_t)a->node->ndim * sizeof *own);
    while (own[axis] >= a->node->inputs[piece]->grid.count[axis])
        own[axis] -= a->node->inputs[piece++]->grid.count[axis];
    return tg_lower_chunk(lowering, a->node->inputs[piece], own, task);
}
