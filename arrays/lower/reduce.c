/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reductions: a partial a chunk, merged in a tree, the last merge together with the result.
 *
 *     chunks along the reduced axes, in C order   0 1 2 ... 7 | 8 9 ... 15 | 16 ...
 *     partials, merged left to right by FAN_IN    [0 .. 7]     [8 .. 15]    ...
 *     the last FAN_IN or fewer, and finalize      result
 *
 * Which partial meets which is a function of the number of chunks alone. Where partials are not
 * much smaller than chunks, FAN_IN chunks are one task, which makes and merges their partials slab
 * by slab in the cache; its result is what the first merge would give.
 */
#include "lower/reduce_tasks.h"

#include <inttypes.h>
#include <string.h>
#include <tegula/runtime.h>

#include "kernel/copy.h"
#include "lower/program.h"
#include "lower/reading.h"

#define FAN_IN 8

/* What reducing is thought to cost: bytes a second. */
#define REDUCE_RATE 2e9

/* A partial that is larger than this part of its chunk is one too many to send through memory. */
#define LARGE 0.25

/* Results of a slab: its partials, and the elements of a few rows, stay in the second cache. */
#define SLAB 2048

/* One chunk of the result while its tasks are added. */
struct reduction {
    tg_lowering *lowering;
    const tg_array *node; /* the reduction */
    const tg_reduce_params *params;
    tg_lowered *input;
    int64_t base[TG_MAX_NDIM]; /* input chunk's index along the kept axes */
    int64_t results;           /* elements of the result's chunk */
    int64_t total;             /* elements behind each */
    int64_t partials;          /* input chunks along the reduced axes */
    int64_t leaf;              /* so many of them are one task: 1 or FAN_IN */
    tg_slabs slabs;
    size_t partial_bytes;
};

static void add_function(tg_words *words, const void *function)
{
    tg_words_add_static(words, function);
}

static tg_reduce_spec spec_of(const struct reduction *r, int nparams)
{
    return (tg_reduce_spec){.dtype = r->input->node->dtype,
                            .total = r->total,
                            .params = r->params->params,
                            .nparams = nparams};
}

/* What all tasks begin with. */
static void add_head(const struct reduction *r, int nparams)
{
    tg_words *words = &r->lowering->words;

    add_function(words, (const void *)(uintptr_t)r->params->partials->partial_size);
    add_function(words, (const void *)(uintptr_t)r->params->partials->combine);
    tg_words_add(words, r->params->partials->nchunk_params);
    tg_words_add_list(words, TG_SLAB_WORDS, (const int64_t *)&r->slabs);
    tg_words_add(words, r->input->node->dtype);
    tg_words_add(words, r->total);
    tg_words_add(words, nparams);
    for (int i = 0; i < nparams; i++)
        tg_words_add_double(words, r->params->params[i]);
}

static bool is_reduced(const tg_reduce_params *params, int d)
{
    for (int i = 0; i < params->naxes; i++)
        if (params->axis[i] == d)
            return true;
    return false;
}

/* Kept axes in the input's order, reduced ones in the logical order. */
static void add_view(const struct reduction *r, const int64_t *index, int first_input)
{
    tg_words *words = &r->lowering->words;
    const tg_reduce_params *params = r->params;
    const tg_array *input = r->input->node;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], stride[TG_MAX_NDIM];
    int kept[TG_MAX_NDIM], nkept = 0;

    tg_chunk_box(r->input, index, start, count);
    tg_strides(input->ndim, count, tg_dtype_size(input->dtype), stride);
    for (int d = 0; d < input->ndim; d++)
        if (!is_reduced(params, d))
            kept[nkept++] = d;
    tg_words_add(words, first_input);
    tg_words_add(words, nkept);
    tg_words_add(words, params->naxes);
    for (int i = 0; i < nkept; i++)
        tg_words_add(words, count[kept[i]]);
    for (int i = 0; i < nkept; i++)
        tg_words_add(words, stride[kept[i]]);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, count[params->axis[i]]);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, stride[params->axis[i]]);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, start[params->axis[i]]);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, input->shape[params->axis[i]]);
}

/* The program that makes the elements. */
static void add_program(const struct reduction *r, const int64_t *index, int first_input)
{
    tg_words *words = &r->lowering->words;
    const tg_reduce_params *params = r->params;
    const tg_array *input = r->input->node;

    tg_words_add(words, TG_ELEMENTS_MADE);
    for (int d = 0; d < input->ndim; d++)
        if (!is_reduced(params, d))
            tg_words_add(words, d);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, params->axis[i]);
    tg_words_add_program(words, input, index, first_input);
}

/* The source that has a chunk, if it is read by the task that reduces it alone; `index` becomes the
 * chunk's there. NULL: it is not. */
static const tg_array *read_piece(const struct reduction *r, int64_t *index)
{
    const tg_array *piece = r->input->node;

    while (piece->class == &tg_class_concatenate)
        piece = tg_chunk_piece(piece, index);
    return r->leaf == 1 && piece->class == &tg_class_read_inside ? piece : NULL;
}

/* Where the elements come from. *read becomes the task's entry in the source that is read, if one
 * is. */
static tg_status add_elements(const struct reduction *r, const int64_t *index, int first_input,
                              tg_task_spec *spec, int64_t **read)
{
    tg_status status = TG_OK;
    tg_words *words = &r->lowering->words;
    int64_t own[TG_MAX_NDIM];
    const tg_array *piece;
    tg_lowered *source = NULL;
    double seconds = 0;

    memcpy(own, index, sizeof own);
    piece = read_piece(r, own);
    if (piece) {
        tg_words_add(words, TG_ELEMENTS_READ);
        tg_words_add(words, r->params->partials->by_tiles);
        TG_TRY(tg_lower_node(r->lowering, piece, &source));
        TG_TRY(tg_words_add_reading(r->lowering, source, own, &spec->memory, &seconds));
        spec->seconds += seconds;
        spec->name = "read, reduce";
        *read = &source->task[tg_chunk_number(piece, own)];
    } else if (r->input->node->class == &tg_class_inlined) {
        add_program(r, index, first_input);
    } else {
        tg_words_add(words, TG_ELEMENTS_INPUT);
    }
out:
    return status;
}

/* The i-th input chunk in the logical order of chunks. */
static void chunk_index(const struct reduction *r, int64_t i, int64_t *index)
{
    memcpy(index, r->base, sizeof r->base);
    for (int k = r->params->naxes - 1; k >= 0; k--) {
        int d = r->params->axis[k];

        index[d] = i % r->input->node->grid.count[d];
        i /= r->input->node->grid.count[d];
    }
}

/* What the partial of a chunk is made of becomes inputs from `first` on. */
static tg_status add_inputs(const struct reduction *r, const int64_t *index, int64_t *inputs,
                            int *ninputs, double *seconds)
{
    tg_status status = TG_OK;
    const tg_array *input = r->input->node;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], own[TG_MAX_NDIM];
    const int64_t elements = tg_chunk_box(r->input, index, start, count);

    memcpy(own, index, sizeof own);
    *seconds += (double)elements * (double)tg_dtype_size(input->dtype) / REDUCE_RATE;
    *ninputs = 1;
    if (read_piece(r, own)) {
        *ninputs = 0;
    } else if (input->class == &tg_class_inlined) {
        *seconds += tg_program_seconds(input, elements);
        TG_TRY(tg_lower_operands(r->lowering, input, index, inputs, ninputs));
    } else {
        TG_TRY(tg_lower_chunk(r->lowering, input, index, inputs));
    }
out:
    return status;
}

/* The merged partials of a leaf: of the chunks [first, first + leaf). */
static tg_status add_leaf(const struct reduction *r, int64_t first, int64_t *task)
{
    tg_status status = TG_OK;
    const tg_reducer *reducer = r->params->partials;
    const int n = (int)(r->partials - first < r->leaf ? r->partials - first : r->leaf);
    int64_t index[FAN_IN][TG_MAX_NDIM], inputs[FAN_IN * TG_PROGRAM_MAX_INPUTS];
    int64_t *read = NULL;
    int first_input[FAN_IN];
    tg_task_spec spec = {.function = tg_reduce_chunks,
                         .name = reducer->name,
                         .inputs = inputs,
                         .output_bytes = r->partial_bytes};

    for (int i = 0, own; i < n; i++, spec.ninputs += own) {
        chunk_index(r, first + i, index[i]);
        first_input[i] = spec.ninputs;
        TG_TRY(add_inputs(r, index[i], inputs + spec.ninputs, &own, &spec.seconds));
    }
    add_head(r, reducer->nchunk_params);
    add_function(&r->lowering->words, (const void *)(uintptr_t)reducer->chunk);
    tg_words_add(&r->lowering->words, n);
    for (int i = 0; i < n; i++) {
        add_view(r, index[i], first_input[i]);
        TG_TRY(add_elements(r, index[i], first_input[i], &spec, &read));
    }
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
    if (read)
        *read = *task;
out:
    return status;
}

static tg_status add_tree(const struct reduction *r, int64_t first, int64_t span, int64_t *task);

/* The children of a node of the tree: FAN_IN or fewer of `span` chunks each. */
static tg_status add_children(const struct reduction *r, int64_t first, int64_t span,
                              int64_t *children, int *n)
{
    tg_status status = TG_OK;

    *n = 0;
    for (int64_t at = first; *n < FAN_IN && at < r->partials; at += span)
        TG_TRY(add_tree(r, at, span, &children[(*n)++]));
out:
    return status;
}

/* The merged partials [first, first + span), span a leaf's times a power of FAN_IN. */
static tg_status add_tree(const struct reduction *r, int64_t first, int64_t span, int64_t *task)
{
    tg_status status = TG_OK;
    int64_t children[FAN_IN];
    int n;
    tg_task_spec spec = {
        .function = tg_combine_partials,
        .name = "combine",
        .inputs = children,
        .output_bytes = r->partial_bytes,
    };

    if (span == r->leaf)
        return add_leaf(r, first, task);
    TG_TRY(add_children(r, first, span / FAN_IN, children, &n));
    if (n == 1) {
        *task = children[0];
        goto out;
    }
    add_head(r, r->params->partials->nchunk_params);
    spec.ninputs = n;
    spec.seconds = (double)r->partial_bytes * n / REDUCE_RATE;
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
out:
    return status;
}

static tg_status add_result(const struct reduction *r, int64_t *task)
{
    tg_status status = TG_OK;
    int64_t children[FAN_IN], span = r->leaf;
    int n;
    tg_task_spec spec = {
        .function = tg_finalize_partials,
        .name = "finalize",
        .inputs = children,
        .output_bytes = (size_t)r->results * tg_dtype_size(r->node->dtype),
    };

    while (span * FAN_IN < r->partials)
        span *= FAN_IN;
    TG_TRY(add_children(r, 0, span, children, &n));
    add_head(r, r->params->nparams);
    add_function(&r->lowering->words, (const void *)(uintptr_t)r->params->reducer->finalize);
    tg_words_add(&r->lowering->words, r->results);
    tg_words_add(&r->lowering->words, r->node->dtype);
    spec.ninputs = n;
    spec.seconds = (double)r->partial_bytes * n / REDUCE_RATE;
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
out:
    return status;
}

/* Whether the first merge is done where partials are made: where these are large against the
 * chunks, the tasks are still enough for all threads, no more bytes travel between ranks than
 * partials would be, and a limit on memory leaves room for the chunks. */
static bool merges_chunks(const struct reduction *r, double chunk_bytes)
{
    tg_ctx *ctx = r->lowering->ctx;
    int64_t tasks = (r->partials + FAN_IN - 1) / FAN_IN;
    const double memory = (double)tg_memory(ctx), partial_bytes = (double)r->partial_bytes;

    if (r->partials == 1 || partial_bytes < LARGE * chunk_bytes)
        return false;
    if (tg_nranks(ctx) > 1 && partial_bytes < chunk_bytes)
        return false;
    if (memory > 0 && FAN_IN * chunk_bytes > memory / 4)
        return false;
    for (int d = 0; d < r->node->ndim; d++)
        tasks *= r->node->grid.count[d];
    return tasks >= (int64_t)tg_nranks(ctx) * tg_nthreads(ctx);
}

/* Some results of one of the chunk's axes, with all of those after it; the others one by one. */
static tg_slabs find_slabs(int ndim, const int64_t *count)
{
    tg_slabs slabs = {.outer = 1, .length = 1, .step = 1, .inner = 1};
    int d = ndim;

    while (d > 0 && slabs.inner * count[d - 1] <= SLAB)
        slabs.inner *= count[--d];
    if (d > 0) {
        slabs.length = count[--d];
        slabs.step = SLAB / slabs.inner;
    }
    while (d > 0)
        slabs.outer *= count[--d];
    return slabs;
}

tg_status tg_lower_reduce(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          int64_t *task)
{
    tg_status status = TG_OK;
    const tg_array *input = a->node->inputs[0];
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM];
    struct reduction r = {
        .lowering = lowering,
        .node = a->node,
        .params = a->node->params,
        .total = 1,
        .partials = 1,
        .leaf = 1,
    };
    tg_reduce_spec spec;
    double chunk_bytes = (double)tg_dtype_size(input->dtype);

    TG_TRY(tg_lower_node(lowering, input, &r.input));
    r.results = tg_chunk_box(a, index, start, count);
    for (int d = 0, kept = 0; d < input->ndim; d++) {
        bool reduced = is_reduced(r.params, d);

        r.base[d] = reduced ? 0 : index[kept];
        kept += !reduced || r.params->keepdims;
        r.total *= reduced ? input->shape[d] : 1;
        r.partials *= reduced ? input->grid.count[d] : 1;
        chunk_bytes *= (double)input->grid.length[d][r.base[d]];
    }
    spec = spec_of(&r, r.params->partials->nchunk_params);
    r.slabs = (tg_slabs){1, r.results, r.results, 1};
    r.partial_bytes = tg_slabs_size(&r.slabs, r.params->partials->partial_size, &spec);
    if (r.results > 0 && merges_chunks(&r, chunk_bytes)) {
        r.leaf = FAN_IN;
        r.slabs = find_slabs(a->node->ndim, count);
        r.partial_bytes = tg_slabs_size(&r.slabs, r.params->partials->partial_size, &spec);
    }
    TG_TRY(add_result(&r, task));
out:
    return status;
}
