/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reductions: a partial a chunk, merged in a tree, the last merge together with the result.
 *
 *     chunks along the reduced axes, in C order   0 1 2 ... 7 | 8 9 ... 15 | 16 ...
 *     partials, merged left to right by FAN_IN    [0 .. 7]     [8 .. 15]    ...
 *     the last FAN_IN or fewer, and finalize      result
 *
 * Which partial meets which is a function of the number of chunks alone. Tasks name the reducer's
 * functions one by one, so that a deviation and a variance, or a mean that is read off their
 * partials, have the same tasks but for the last. An inlined program runs inside the tasks that
 * make partials, whose inputs are its operands.
 */
#include <inttypes.h>
#include <string.h>

#include "kernel/copy.h"
#include "kernel/reduce_program.h"
#include "lower/program.h"

#define FAN_IN 8

/* What reducing is thought to cost: bytes a second. */
#define REDUCE_RATE 2e9

typedef __typeof__(((tg_reducer *)0)->partial_size) size_function;
typedef __typeof__(((tg_reducer *)0)->chunk) chunk_function;
typedef __typeof__(((tg_reducer *)0)->combine) combine_function;
typedef __typeof__(((tg_reducer *)0)->finalize) finalize_function;

/* ---- tasks ---- */

/* A reduction's specification; its parameters stay where they were read. */
static tg_reduce_spec read_spec(tg_reader *reader)
{
    tg_reduce_spec spec = {0};

    spec.dtype = (tg_dtype)tg_read(reader);
    spec.total = tg_read(reader);
    spec.nparams = tg_read_int(reader);
    spec.params = (const double *)(const void *)tg_read_list(reader, spec.nparams);
    return spec;
}

static void read_axes(tg_reader *reader, int n, int64_t *out)
{
    memcpy(out, tg_read_list(reader, n), (size_t)n * sizeof *out);
}

/* The program behind a view: its operands' strides over the axes as the view has them. */
static tg_status read_view_program(tg_reader *reader, tg_task *task, tg_reduce_view *view)
{
    tg_status status = TG_OK;
    const int ndim = view->nkept + view->nreduced;
    tg_view_program *made = tg_task_scratch(task, sizeof *made);
    const int64_t *axis = tg_read_list(reader, ndim);
    tg_program *program = NULL;
    tg_operand *operands = NULL;

    TG_NEED(made, TG_ENOMEM, "a program that is reduced");
    TG_TRY(tg_read_program(reader, task, ndim, &program, &operands));
    for (int i = 0; i < program->ninputs; i++) {
        tg_operand own = operands[i];

        for (int d = 0; d < ndim; d++)
            operands[i].stride[d] = own.stride[axis[d]];
    }
    *made = (tg_view_program){program, operands};
    view->program = made;
    view->data = NULL;
out:
    return status;
}

static tg_status reduce_chunk(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    chunk_function chunk = (chunk_function)(uintptr_t)tg_read_static(&reader);
    size_function partial_size = (size_function)(uintptr_t)tg_read_static(&reader);
    tg_reduce_spec spec = read_spec(&reader);
    int64_t results = tg_read(&reader);
    tg_reduce_view *view = tg_task_scratch(task, sizeof *view);
    size_t size = partial_size(&spec, results);
    void *partial = tg_task_output(task, size);

    TG_NEED(view && (partial || size == 0), TG_ENOMEM, "a partial result of %zu bytes", size);
    view->data = tg_task_input(task, 0, NULL);
    view->program = NULL;
    view->nkept = tg_read_int(&reader);
    view->nreduced = tg_read_int(&reader);
    read_axes(&reader, view->nkept, view->kept_shape);
    read_axes(&reader, view->nkept, view->kept_stride);
    read_axes(&reader, view->nreduced, view->reduced_shape);
    read_axes(&reader, view->nreduced, view->reduced_stride);
    read_axes(&reader, view->nreduced, view->reduced_start);
    read_axes(&reader, view->nreduced, view->reduced_total);
    if (tg_read(&reader))
        TG_TRY(read_view_program(&reader, task, view));
    TG_TRY(chunk(&spec, view, partial, task));
out:
    return status;
}

/* Merge all inputs, left to right, into memory that holds a copy of the first. */
static tg_status merge_inputs(tg_task *task, const tg_reduce_spec *spec, int64_t results,
                              combine_function combine, void *left)
{
    tg_status status = TG_OK;
    size_t size = 0, other = 0;
    const void *first = tg_task_input(task, 0, &size);

    memcpy(left, first, size);
    for (int i = 1; i < tg_task_ninputs(task); i++) {
        const void *right = tg_task_input(task, i, &other);

        TG_NEED(other == size, TG_EINTERNAL, "partial results of %zu and %zu bytes", size, other);
        TG_TRY(combine(spec, results, left, right));
    }
out:
    return status;
}

static tg_status combine_partials(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    combine_function combine = (combine_function)(uintptr_t)tg_read_static(&reader);
    tg_reduce_spec spec = read_spec(&reader);
    int64_t results = tg_read(&reader);
    size_t size = 0;
    void *left;

    tg_task_input(task, 0, &size);
    left = tg_task_output(task, size);
    TG_NEED(left || size == 0, TG_ENOMEM, "a partial result of %zu bytes", size);
    TG_TRY(merge_inputs(task, &spec, results, combine, left));
out:
    return status;
}

static tg_status finalize_partials(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    combine_function combine = (combine_function)(uintptr_t)tg_read_static(&reader);
    finalize_function finalize = (finalize_function)(uintptr_t)tg_read_static(&reader);
    int nchunk_params = tg_read_int(&reader);
    tg_reduce_spec spec = read_spec(&reader), chunk_spec = spec;
    int64_t results = tg_read(&reader);
    tg_dtype dtype = (tg_dtype)tg_read(&reader);
    size_t bytes = (size_t)results * tg_dtype_size(dtype), size = 0;
    const void *partial = tg_task_input(task, 0, &size);
    void *left = NULL, *out = tg_task_output(task, bytes);

    chunk_spec.nparams = nchunk_params;
    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (tg_task_ninputs(task) > 1) {
        left = tg_task_scratch(task, size);
        TG_NEED(left, TG_ENOMEM, "a partial result of %zu bytes", size);
        TG_TRY(merge_inputs(task, &chunk_spec, results, combine, left));
        partial = left;
    }
    TG_TRY(finalize(&spec, results, partial, dtype, out));
out:
    return status;
}

/* ---- adding them ---- */

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
    size_t partial_bytes;
};

static void add_function(tg_words *words, const void *function)
{
    tg_words_add_static(words, function);
}

static void add_spec(const struct reduction *r, int nparams)
{
    tg_words *words = &r->lowering->words;

    tg_words_add(words, r->input->node->dtype);
    tg_words_add(words, r->total);
    tg_words_add(words, nparams);
    for (int i = 0; i < nparams; i++)
        tg_words_add_double(words, r->params->params[i]);
    tg_words_add(words, r->results);
}

static bool is_reduced(const tg_reduce_params *params, int d)
{
    for (int i = 0; i < params->naxes; i++)
        if (params->axis[i] == d)
            return true;
    return false;
}

/* Kept axes in the input's order, reduced ones in the logical order. */
static void add_view(const struct reduction *r, const int64_t *index)
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
    tg_words_add(words, input->class == &tg_class_inlined);
    if (input->class != &tg_class_inlined)
        return;
    for (int i = 0; i < nkept; i++)
        tg_words_add(words, kept[i]);
    for (int i = 0; i < params->naxes; i++)
        tg_words_add(words, params->axis[i]);
    tg_words_add_program(words, input, index);
}

/* The partial of the i-th input chunk in the logical order of chunks. */
static tg_status add_partial(const struct reduction *r, int64_t i, int64_t *task)
{
    tg_status status = TG_OK;
    const tg_reducer *reducer = r->params->partials;
    const tg_array *input = r->input->node;
    int64_t index[TG_MAX_NDIM], start[TG_MAX_NDIM], count[TG_MAX_NDIM], elements;
    int64_t inputs[TG_PROGRAM_MAX_INPUTS];
    tg_task_spec spec = {
        .function = reduce_chunk, .name = reducer->name, .inputs = inputs, .ninputs = 1};

    memcpy(index, r->base, sizeof index);
    for (int k = r->params->naxes - 1; k >= 0; k--) {
        int d = r->params->axis[k];

        index[d] = i % input->grid.count[d];
        i /= input->grid.count[d];
    }
    elements = tg_chunk_box(r->input, index, start, count);
    spec.seconds = (double)elements * (double)tg_dtype_size(input->dtype) / REDUCE_RATE;
    if (input->class == &tg_class_inlined) {
        spec.seconds += tg_program_seconds(input, elements);
        TG_TRY(tg_lower_operands(r->lowering, input, index, inputs, &spec.ninputs));
    } else {
        TG_TRY(tg_lower_chunk(r->lowering, input, index, &inputs[0]));
    }
    add_function(&r->lowering->words, (const void *)(uintptr_t)reducer->chunk);
    add_function(&r->lowering->words, (const void *)(uintptr_t)reducer->partial_size);
    add_spec(r, reducer->nchunk_params);
    add_view(r, index);
    spec.output_bytes = r->partial_bytes;
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
out:
    return status;
}

static tg_status add_tree(const struct reduction *r, int64_t first, int64_t span, int64_t *task);

/* The children of a node of the tree: FAN_IN or fewer of `span` partials each. */
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

/* The merged partials [first, first + span), span a power of FAN_IN. */
static tg_status add_tree(const struct reduction *r, int64_t first, int64_t span, int64_t *task)
{
    tg_status status = TG_OK;
    int64_t children[FAN_IN];
    int n;
    tg_task_spec spec = {
        .function = combine_partials,
        .name = "combine",
        .inputs = children,
        .output_bytes = r->partial_bytes,
    };

    if (span == 1)
        return add_partial(r, first, task);
    TG_TRY(add_children(r, first, span / FAN_IN, children, &n));
    if (n == 1) {
        *task = children[0];
        goto out;
    }
    add_function(&r->lowering->words, (const void *)(uintptr_t)r->params->partials->combine);
    add_spec(r, r->params->partials->nchunk_params);
    spec.ninputs = n;
    spec.seconds = (double)r->partial_bytes * n / REDUCE_RATE;
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
out:
    return status;
}

static tg_status add_result(const struct reduction *r, int64_t *task)
{
    tg_status status = TG_OK;
    int64_t children[FAN_IN], span = 1;
    int n;
    tg_task_spec spec = {
        .function = finalize_partials,
        .name = "finalize",
        .inputs = children,
        .output_bytes = (size_t)r->results * tg_dtype_size(r->node->dtype),
    };

    while (span * FAN_IN < r->partials)
        span *= FAN_IN;
    TG_TRY(add_children(r, 0, span, children, &n));
    add_function(&r->lowering->words, (const void *)(uintptr_t)r->params->partials->combine);
    add_function(&r->lowering->words, (const void *)(uintptr_t)r->params->reducer->finalize);
    tg_words_add(&r->lowering->words, r->params->partials->nchunk_params);
    add_spec(r, r->params->nparams);
    tg_words_add(&r->lowering->words, r->node->dtype);
    spec.ninputs = n;
    spec.seconds = (double)r->partial_bytes * n / REDUCE_RATE;
    TG_TRY(tg_lower_add(r->lowering, &spec, task));
out:
    return status;
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
    };
    tg_reduce_spec spec = {.dtype = input->dtype, .params = r.params->params};

    TG_TRY(tg_lower_node(lowering, input, &r.input));
    r.results = tg_chunk_box(a, index, start, count);
    for (int d = 0, kept = 0; d < input->ndim; d++) {
        bool reduced = is_reduced(r.params, d);

        r.base[d] = reduced ? 0 : index[kept];
        kept += !reduced || r.params->keepdims;
        r.total *= reduced ? input->shape[d] : 1;
        r.partials *= reduced ? input->grid.count[d] : 1;
    }
    spec.total = r.total;
    spec.nparams = r.params->partials->nchunk_params;
    r.partial_bytes = r.params->partials->partial_size(&spec, r.results);
    TG_TRY(add_result(&r, task));
out:
    return status;
}
