/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tasks of reductions. They name the reducer's functions one by one, so that a deviation and a
 * variance, or a mean that is read off their partials, have the same tasks but for the last. An
 * inlined program runs inside the tasks that make partials, whose inputs are its operands; a file
 * that nothing else wants is read there.
 */
#include "lower/reduce_tasks.h"

#include <string.h>

#include "kernel/reduce_program.h"
#include "kernel/reduce_walk.h"
#include "kernel/types.h"
#include "lower/program.h"
#include "lower/reading.h"

/* Where parts of a partial begin: on cache lines. */
#define LINE 64

typedef __typeof__(((tg_reducer *)0)->chunk) chunk_function;
typedef __typeof__(((tg_reducer *)0)->combine) combine_function;
typedef __typeof__(((tg_reducer *)0)->finalize) finalize_function;

/* One slab: results [first, first + n), and where its part of a partial begins. */
struct slab {
    int64_t outer, row, rows; /* which it is, and which rows of the axis it has */
    int64_t first, n;
    size_t offset, size;
};

static void size_slab(const tg_slabs *slabs, tg_partial_size *size, const tg_reduce_spec *spec,
                      struct slab *slab)
{
    const int64_t left = slabs->length - slab->row;

    slab->rows = left < slabs->step ? left : slabs->step;
    slab->n = slab->rows * slabs->inner;
    slab->size = size(spec, slab->n);
}

static struct slab first_slab(const tg_slabs *slabs, tg_partial_size *size,
                              const tg_reduce_spec *spec)
{
    struct slab slab = {0};

    size_slab(slabs, size, spec, &slab);
    return slab;
}

/* False after the last one. */
static bool next_slab(const tg_slabs *slabs, tg_partial_size *size, const tg_reduce_spec *spec,
                      struct slab *slab)
{
    slab->first += slab->n;
    slab->offset += (slab->size + LINE - 1) / LINE * LINE;
    slab->row += slab->rows;
    if (slab->row >= slabs->length) {
        slab->row = 0;
        slab->outer++;
    }
    size_slab(slabs, size, spec, slab);
    return slab->outer < slabs->outer;
}

size_t tg_slabs_size(const tg_slabs *slabs, tg_partial_size *size, const tg_reduce_spec *spec)
{
    struct slab slab = first_slab(slabs, size, spec);
    size_t end;

    do
        end = slab.offset + slab.size;
    while (next_slab(slabs, size, spec, &slab));
    return end;
}

struct head {
    tg_partial_size *size;
    combine_function combine;
    tg_slabs slabs;
    tg_reduce_spec spec;    /* parameters stay where they were read */
    tg_reduce_spec partial; /* as partials are made and merged */
};

static struct head read_head(tg_reader *reader)
{
    struct head head = {0};
    int nchunk_params;

    head.size = (tg_partial_size *)(uintptr_t)tg_read_static(reader);
    head.combine = (combine_function)(uintptr_t)tg_read_static(reader);
    nchunk_params = tg_read_int(reader);
    memcpy(&head.slabs, tg_read_list(reader, TG_SLAB_WORDS), sizeof head.slabs);
    head.spec.dtype = (tg_dtype)tg_read(reader);
    head.spec.total = tg_read(reader);
    head.spec.nparams = tg_read_int(reader);
    head.spec.params = (const double *)(const void *)tg_read_list(reader, head.spec.nparams);
    head.partial = head.spec;
    head.partial.nparams = nchunk_params;
    return head;
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

/* Read the chunk that is reduced, the only one of its task. */
static tg_status read_view_chunk(tg_reader *reader, tg_task *task, tg_dtype dtype,
                                 tg_reduce_view *view)
{
    tg_status status = TG_OK;
    const bool by_tiles = tg_read(reader);
    const tg_reading r = tg_reading_of(reader, task);
    const bool takes = by_tiles && !tg_is_complex(dtype) && r.itemsize > 1 &&
                       tg_walk_takes_planes(view, r.itemsize);
    void *chunk = tg_task_scratch(task, r.bytes);
    bool apart = false;

    TG_NEED(chunk, TG_ENOMEM, "a chunk of %zu bytes", r.bytes);
    TG_TRY(tg_reading_run(&r, chunk, takes ? &apart : NULL));
    view->data = chunk;
    view->planes = apart ? (int64_t)(r.bytes / r.itemsize) : 0;
out:
    return status;
}

static tg_status read_view(tg_reader *reader, tg_task *task, tg_dtype dtype, tg_reduce_view *view)
{
    tg_status status = TG_OK;
    const int first_input = tg_read_int(reader);
    tg_elements elements;

    memset(view, 0, sizeof *view);
    view->nkept = tg_read_int(reader);
    view->nreduced = tg_read_int(reader);
    read_axes(reader, view->nkept, view->kept_shape);
    read_axes(reader, view->nkept, view->kept_stride);
    read_axes(reader, view->nreduced, view->reduced_shape);
    read_axes(reader, view->nreduced, view->reduced_stride);
    read_axes(reader, view->nreduced, view->reduced_start);
    read_axes(reader, view->nreduced, view->reduced_total);
    elements = (tg_elements)tg_read(reader);
    if (elements == TG_ELEMENTS_MADE)
        TG_TRY(read_view_program(reader, task, view));
    else if (elements == TG_ELEMENTS_READ)
        TG_TRY(read_view_chunk(reader, task, dtype, view));
    else
        view->data = tg_task_input(task, first_input, NULL);
out:
    return status;
}

/* Where a box of kept elements begins: operands are moved there. */
static tg_status move_program(tg_reduce_view *view, const int64_t *start, tg_task *task)
{
    tg_status status = TG_OK;
    const int ninputs = view->program->program->ninputs;
    tg_view_program *made = tg_task_scratch(task, sizeof *made);
    tg_operand *operands = tg_task_scratch(task, (size_t)ninputs * sizeof *operands);

    TG_NEED(made && operands, TG_ENOMEM, "a program that is reduced");
    for (int i = 0; i < ninputs; i++) {
        int64_t offset = 0;

        operands[i] = view->program->operands[i];
        for (int d = 0; d < view->nkept; d++)
            offset += start[d] * operands[i].stride[d];
        operands[i].data = (const char *)operands[i].data + offset;
    }
    *made = (tg_view_program){view->program->program, operands};
    view->program = made;
out:
    return status;
}

/* The part of a view that a slab has. */
static tg_status cut_view(const tg_slabs *slabs, const struct slab *slab, tg_reduce_view *view,
                          tg_task *task)
{
    int64_t start[TG_MAX_NDIM] = {0}, inner = 1, outer = slab->outer, offset = 0;
    int d = view->nkept;

    while (d > 0 && (inner < slabs->inner || view->kept_shape[d - 1] == 1))
        inner *= view->kept_shape[--d];
    if (d > 0) {
        start[--d] = slab->row;
        view->kept_shape[d] = slab->rows;
    }
    while (d-- > 0) {
        start[d] = outer % view->kept_shape[d];
        outer /= view->kept_shape[d];
        view->kept_shape[d] = 1;
    }
    if (view->program)
        return move_program(view, start, task);
    for (d = 0; d < view->nkept; d++)
        offset += start[d] * view->kept_stride[d];
    view->data = (const char *)view->data + offset;
    return TG_OK;
}

/* The merged partials of a slab of all views; `other` has room for one of them. */
static tg_status reduce_slab(const struct head *head, chunk_function chunk, const struct slab *slab,
                             const tg_reduce_view *views, int nviews, char *partial, void *other,
                             tg_task *task)
{
    tg_status status = TG_OK;

    for (int i = 0; i < nviews; i++) {
        const tg_scratch_mark mark = tg_task_scratch_mark(task);
        tg_reduce_view view = views[i];

        if (nviews > 1)
            TG_TRY(cut_view(&head->slabs, slab, &view, task));
        TG_TRY(chunk(&head->spec, &view, i == 0 ? partial : other, task));
        if (i > 0)
            TG_TRY(head->combine(&head->spec, slab->n, partial, other));
        tg_task_scratch_rewind(task, mark);
    }
out:
    return status;
}

tg_status tg_reduce_chunks(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    const struct head head = read_head(&reader);
    chunk_function chunk = (chunk_function)(uintptr_t)tg_read_static(&reader);
    const int nviews = tg_read_int(&reader);
    tg_reduce_view *views = tg_task_scratch(task, (size_t)nviews * sizeof *views);
    const size_t size = tg_slabs_size(&head.slabs, head.size, &head.spec);
    struct slab slab = first_slab(&head.slabs, head.size, &head.spec);
    void *other = nviews > 1 ? tg_task_scratch(task, slab.size) : NULL;
    char *partial = tg_task_output(task, size);

    TG_NEED(views && (partial || size == 0) && (other || nviews == 1), TG_ENOMEM,
            "a partial result of %zu bytes", size);
    for (int i = 0; i < nviews; i++)
        TG_TRY(read_view(&reader, task, head.spec.dtype, &views[i]));
    do
        TG_TRY(reduce_slab(&head, chunk, &slab, views, nviews, partial + slab.offset, other, task));
    while (next_slab(&head.slabs, head.size, &head.spec, &slab));
out:
    return status;
}

/* Merge all inputs, left to right, into memory that holds a copy of the first. */
static tg_status merge_inputs(tg_task *task, const struct head *head, char *left)
{
    tg_status status = TG_OK;
    size_t size = 0, other = 0;
    const void *first = tg_task_input(task, 0, &size);

    memcpy(left, first, size);
    for (int i = 1; i < tg_task_ninputs(task); i++) {
        const char *right = tg_task_input(task, i, &other);
        struct slab slab = first_slab(&head->slabs, head->size, &head->partial);

        TG_NEED(other == size, TG_EINTERNAL, "partial results of %zu and %zu bytes", size, other);
        do
            TG_TRY(head->combine(&head->partial, slab.n, left + slab.offset, right + slab.offset));
        while (next_slab(&head->slabs, head->size, &head->partial, &slab));
    }
out:
    return status;
}

tg_status tg_combine_partials(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    const struct head head = read_head(&reader);
    size_t size = 0;
    void *left;

    tg_task_input(task, 0, &size);
    left = tg_task_output(task, size);
    TG_NEED(left || size == 0, TG_ENOMEM, "a partial result of %zu bytes", size);
    TG_TRY(merge_inputs(task, &head, left));
out:
    return status;
}

tg_status tg_finalize_partials(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    const struct head head = read_head(&reader);
    finalize_function finalize = (finalize_function)(uintptr_t)tg_read_static(&reader);
    int64_t results = tg_read(&reader);
    tg_dtype dtype = (tg_dtype)tg_read(&reader);
    size_t bytes = (size_t)results * tg_dtype_size(dtype), size = 0;
    const char *partial = tg_task_input(task, 0, &size);
    char *out = tg_task_output(task, bytes);
    struct slab slab = first_slab(&head.slabs, head.size, &head.partial);

    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    if (tg_task_ninputs(task) > 1) {
        char *left = tg_task_scratch(task, size);

        TG_NEED(left, TG_ENOMEM, "a partial result of %zu bytes", size);
        TG_TRY(merge_inputs(task, &head, left));
        partial = left;
    }
    do
        TG_TRY(finalize(&head.spec, slab.n, partial + slab.offset, dtype,
                        out + (size_t)slab.first * tg_dtype_size(dtype)));
    while (next_slab(&head.slabs, head.size, &head.partial, &slab));
out:
    return status;
}
