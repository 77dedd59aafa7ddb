/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks from outside: boxes of files, pieces of rank 0's memory, delayed results. */
#include <inttypes.h>
#include <stdlib.h>
#include <tegula/runtime.h>

#include "kernel/copy.h"
#include "lower/lowering.h"

/* What a task on a file is thought to cost: bytes a second. */
#define READ_RATE 1e9

/* ---- files ---- */

static tg_status read_chunk(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    const tg_format *format = tg_read_static(&reader);
    size_t bytes = (size_t)tg_read(&reader), size;
    int ndim = tg_read_int(&reader);
    const int64_t *start = tg_read_list(&reader, ndim);
    const int64_t *count = tg_read_list(&reader, ndim);
    const void *params = tg_read_bytes(&reader, &size);
    void *out = tg_task_output(task, bytes);

    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (bytes > 0)
        TG_TRY(format->read(task, params, size, start, count, out));
out:
    return status;
}

/* Chunks of one stream are read one after the other by one rank. */
static int64_t affinity_of(const tg_lowering *lowering, const tg_file *file)
{
    if (!file->source.sequential)
        return 0;
    for (int64_t i = 0; i < lowering->count; i++) {
        const tg_array *a = lowering->nodes[i]->node;

        if (a->class == &tg_class_source && ((const tg_source_params *)a->params)->file == file)
            return i + 1;
    }
    return 0;
}

tg_status tg_lower_source(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *task)
{
    tg_status status = TG_OK;
    const tg_file *file = ((const tg_source_params *)a->node->params)->file;
    const tg_source *source = &file->source;
    tg_words *words = &lowering->words;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM];
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * tg_dtype_size(a->node->dtype);
    void *params = NULL;
    size_t size = 0;
    tg_task_spec spec = {.function = read_chunk, .name = "read", .output_bytes = bytes};

    tg_words_add_static(words, source->format);
    tg_words_add(words, (int64_t)bytes);
    tg_words_add(words, a->node->ndim);
    tg_words_add_list(words, a->node->ndim, start);
    tg_words_add_list(words, a->node->ndim, count);
    if (source->format->slice && bytes > 0)
        TG_TRY(source->format->slice(source, start, count, &params, &size));
    if (params)
        tg_words_add_bytes(words, params, size);
    else
        tg_words_add_bytes(words, source->params, source->params_size);
    spec.seconds = (double)bytes / READ_RATE;
    spec.affinity = affinity_of(lowering, file);
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    free(params);
    return status;
}

/* ---- memory ---- */

tg_status tg_lower_memory(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *task)
{
    tg_status status = TG_OK;
    const tg_memory_params *params = a->node->params;
    size_t itemsize = tg_dtype_size(a->node->dtype);
    int ndim = a->node->ndim;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], from[TG_MAX_NDIM], to[TG_MAX_NDIM];
    size_t bytes = (size_t)tg_chunk_box(a, index, start, count) * itemsize;
    const char *first = params->data;
    void *box = malloc(bytes + 1);

    TG_NEED(box, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    tg_strides(ndim, a->node->shape, itemsize, from);
    tg_strides(ndim, count, itemsize, to);
    for (int d = 0; d < ndim; d++)
        first += start[d] * from[d];
    if (bytes > 0)
        tg_copy_box(ndim, count, itemsize, first, from, box, to);
    TG_TRY(tg_graph_value(lowering->graph, box, bytes, task));
    if (*task >= lowering->ntasks)
        lowering->ntasks = *task + 1;
out:
    free(box);
    return status;
}

/* ---- delayed ---- */

/* The result as it is, if it has the size that the array says. */
static tg_status check_size(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    size_t wanted = (size_t)tg_read(&reader), size = 0;

    tg_task_input(task, 0, &size);
    TG_NEED(size == wanted, TG_EARG,
            "a delayed result has %zu bytes, the array made of it needs %zu", size, wanted);
    TG_TRY(tg_task_forward(task, 0));
out:
    return status;
}

tg_status tg_lower_delayed(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    tg_status status = TG_OK;
    const tg_delayed_params *params = a->node->params;
    size_t bytes = (size_t)a->node->size * tg_dtype_size(a->node->dtype);
    int64_t result = -1;
    tg_task_spec spec = {.function = check_size, .name = "delayed", .output_bytes = bytes};

    (void)index;
    TG_TRY(tg_graph_delayed(lowering->graph, params->delayed, &result));
    tg_words_add(&lowering->words, (int64_t)bytes);
    spec.inputs = &result;
    spec.ninputs = 1;
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    return status;
}
