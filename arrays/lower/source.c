/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks from outside: boxes of files, pieces of rank 0's memory, delayed results. */
#include <inttypes.h>
#include <stdlib.h>
#include <tegula/runtime.h>

#include "kernel/copy.h"
#include "lower/reading.h"

/* What a task on a file is thought to cost: bytes a second, of the box and of what is decoded. */
#define READ_RATE   1e9
#define DECODE_RATE 1.5e8

/* Bytes between wanted rows of a plain file from which on rows are read one by one. */
#define READ_APART (32 * 1024)

/* The smallest box that holds what is read at one position of the axes that are read alone. */
static int64_t cover(const tg_reading *r, const int64_t *at, int64_t *start, int64_t *count)
{
    int64_t elements = 1;

    for (int d = 0; d < r->ndim; d++) {
        start[d] = r->start[d] + at[d] * r->step[d];
        count[d] = r->alone[d] ? 1 : (r->count[d] - 1) * r->step[d] + 1;
        elements *= count[d];
    }
    return elements;
}

/* Step to the next position of the axes that are read alone; false after the last. */
static bool next_alone(const tg_reading *r, int64_t *at)
{
    for (int d = r->ndim - 1; d >= 0; d--) {
        if (r->alone[d] && ++at[d] < r->count[d])
            return true;
        at[d] = 0;
    }
    return false;
}

/* Read box after box and pick the elements out. */
static tg_status read_steps(const tg_reading *r, char *out)
{
    tg_status status = TG_OK;
    int64_t at[TG_MAX_NDIM] = {0}, start[TG_MAX_NDIM], count[TG_MAX_NDIM], taken[TG_MAX_NDIM];
    int64_t from[TG_MAX_NDIM], to[TG_MAX_NDIM];
    size_t size = (size_t)cover(r, at, start, count) * r->itemsize;
    void *box = tg_task_scratch(r->task, size);

    TG_NEED(box, TG_ENOMEM, "%zu bytes to read through", size);
    tg_strides(r->ndim, count, r->itemsize, from);
    tg_strides(r->ndim, r->count, r->itemsize, to);
    for (int d = 0; d < r->ndim; d++) {
        taken[d] = r->alone[d] ? 1 : r->count[d];
        from[d] *= r->alone[d] ? 1 : r->step[d];
    }
    do {
        char *first = out;

        cover(r, at, start, count);
        TG_TRY(r->format->read(r->task, r->params, r->params_size, start, count, box));
        for (int d = 0; d < r->ndim; d++)
            first += at[d] * to[d];
        tg_copy_box(r->ndim, taken, r->itemsize, box, from, first, to);
    } while (next_alone(r, at));
out:
    return status;
}

tg_reading tg_reading_of(tg_reader *reader, tg_task *task)
{
    tg_reading r = {.task = task, .format = tg_read_static(reader)};

    r.bytes = (size_t)tg_read(reader);
    r.itemsize = (size_t)tg_read(reader);
    r.ndim = tg_read_int(reader);
    r.start = tg_read_list(reader, r.ndim);
    r.count = tg_read_list(reader, r.ndim);
    r.step = tg_read_list(reader, r.ndim);
    r.alone = tg_read_list(reader, r.ndim);
    r.params = tg_read_bytes(reader, &r.params_size);
    return r;
}

tg_status tg_reading_run(const tg_reading *r, void *out, bool *apart)
{
    bool whole = true;

    for (int d = 0; d < r->ndim; d++)
        whole = whole && (r->step[d] == 1 || r->count[d] == 1);
    if (r->bytes == 0)
        return TG_OK;
    if (!whole)
        return read_steps(r, out);
    if (apart && r->format->read_apart)
        return r->format->read_apart(r->task, r->params, r->params_size, r->start, r->count, out,
                                     apart);
    return r->format->read(r->task, r->params, r->params_size, r->start, r->count, out);
}

static tg_status read_chunk(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    tg_reading r = tg_reading_of(&reader, task);
    void *out = tg_task_output(task, r.bytes);

    TG_NEED(out || r.bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", r.bytes);
    TG_TRY(tg_reading_run(&r, out, NULL));
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

/* Whether positions of a stepped axis are read one by one: where chunks lie between them that
 * nobody wants, or that many bytes of a plain file. */
static bool is_read_alone(const tg_array *a, const int64_t *box, int d)
{
    const tg_source_params *part = a->params;
    const tg_source *source = &part->file->source;
    int64_t bytes = part->step[d] * (int64_t)tg_dtype_size(a->dtype);

    for (int k = d + 1; k < a->ndim; k++)
        bytes *= source->contiguous ? source->shape[k] : box[k];
    if (part->step[d] == 1 || source->sequential)
        return false;
    return source->contiguous ? bytes >= READ_APART : part->step[d] >= source->chunk[d];
}

/* A chunk of a source in its file; `box` is as many positions as it spans. Its bytes. */
static size_t place_chunk(const tg_lowered *a, const int64_t *index, int64_t *start, int64_t *count,
                          int64_t *box)
{
    const tg_source_params *part = a->node->params;
    const int64_t elements = tg_chunk_box(a, index, start, count);

    for (int d = 0; d < a->node->ndim; d++) {
        start[d] = part->start[d] + start[d] * part->step[d];
        box[d] = count[d] > 0 ? (count[d] - 1) * part->step[d] + 1 : 0;
    }
    return (size_t)elements * tg_dtype_size(a->node->dtype);
}

tg_status tg_reading_bytes(const tg_lowered *a, const int64_t *index, double *bytes, bool *exact)
{
    tg_status status = TG_OK;
    const tg_source_params *part = a->node->params;
    const tg_source *source = &part->file->source;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], box[TG_MAX_NDIM], alone[TG_MAX_NDIM];
    int64_t at[TG_MAX_NDIM] = {0}, own_start[TG_MAX_NDIM], own_count[TG_MAX_NDIM];
    tg_reading r = {
        .ndim = a->node->ndim, .start = start, .count = count, .step = part->step, .alone = alone};
    void *params = NULL;
    size_t size = 0;

    if (place_chunk(a, index, start, count, box) == 0)
        goto out;
    for (int d = 0; d < r.ndim; d++)
        alone[d] = is_read_alone(a->node, box, d);
    if (source->format->slice)
        TG_TRY(source->format->slice(source, start, box, &params, &size));
    do {
        cover(&r, at, own_start, own_count);
        *bytes += (double)source->format->bytes(params ? params : source->params,
                                                params ? size : source->params_size, own_start,
                                                own_count, exact);
    } while (next_alone(&r, at));
out:
    free(params);
    return status;
}

tg_status tg_words_add_reading(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                               size_t *chunk_bytes, double *seconds)
{
    tg_status status = TG_OK;
    const tg_source_params *part = a->node->params;
    const tg_source *source = &part->file->source;
    tg_words *words = &lowering->words;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], box[TG_MAX_NDIM];
    size_t itemsize = tg_dtype_size(a->node->dtype), size = 0;
    size_t bytes = place_chunk(a, index, start, count, box);
    void *params = NULL;

    tg_words_add_static(words, source->format);
    tg_words_add(words, (int64_t)bytes);
    tg_words_add(words, (int64_t)itemsize);
    tg_words_add(words, a->node->ndim);
    tg_words_add_list(words, a->node->ndim, start);
    tg_words_add_list(words, a->node->ndim, count);
    tg_words_add_list(words, a->node->ndim, part->step);
    for (int d = 0; d < a->node->ndim; d++)
        tg_words_add(words, is_read_alone(a->node, box, d));
    if (source->format->slice && bytes > 0)
        TG_TRY(source->format->slice(source, start, box, &params, &size));
    if (params)
        tg_words_add_bytes(words, params, size);
    else
        tg_words_add_bytes(words, source->params, source->params_size);
    *chunk_bytes = bytes;
    *seconds = (double)bytes / READ_RATE;
    if (params && source->format->encoded)
        *seconds += (double)source->format->encoded(params, size) / DECODE_RATE;
out:
    free(params);
    return status;
}

tg_status tg_lower_source(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *task)
{
    tg_status status = TG_OK;
    const tg_file *file = ((const tg_source_params *)a->node->params)->file;
    tg_task_spec spec = {.function = read_chunk, .name = "read"};

    TG_TRY(tg_words_add_reading(lowering, a, index, &spec.output_bytes, &spec.seconds));
    spec.affinity = affinity_of(lowering, file);
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    return status;
}

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
