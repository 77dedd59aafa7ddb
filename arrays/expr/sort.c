/* SPDX-License-Identifier: BSD-3-Clause */
/* Sorting along an axis, which is one chunk: each line of it is sorted by the task of its block. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/blocks.h"
#include "kernel/order.h"

/* What of a sorted line is wanted. */
struct wanted {
    int64_t from_end; /* 0: the smallest first; else the largest */
    int64_t indices;  /* where the elements were, not what they are */
};

static tg_status sort_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct wanted *wanted = params;
    int64_t n = in[0].shape[in[0].ndim - 1], k = out->shape[out->ndim - 1];
    size_t size = tg_dtype_size(in[0].dtype);
    int64_t *index = tg_task_scratch(task, (size_t)(2 * n + 1) * sizeof *index);

    (void)nin, (void)params_size;
    TG_NEED(index, TG_ENOMEM, "a line of %" PRId64 " elements to be sorted", n);
    for (int64_t l = 0; l * k < out->size; l++) {
        const char *x = (const char *)in[0].data + (size_t)(l * n) * size;

        tg_argsort_elements(in[0].dtype, n, x, index, index + n);
        for (int64_t i = 0; i < k; i++) {
            int64_t from = index[wanted->from_end ? n - 1 - i : i], to = l * k + i;

            if (wanted->indices)
                ((int64_t *)out->data)[to] = from;
            else
                memcpy((char *)out->data + (size_t)to * size, x + (size_t)from * size, size);
        }
    }
out:
    return status;
}

/* All elements, the smallest first: without indices. */
static tg_status sort_all_block(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t n = in[0].shape[in[0].ndim - 1];
    size_t bytes = (size_t)n * tg_dtype_size(in[0].dtype);
    char *spare = tg_task_scratch(task, bytes + 1);

    (void)nin, (void)params, (void)params_size;
    TG_NEED(spare, TG_ENOMEM, "a line of %" PRId64 " elements to be sorted", n);
    for (int64_t l = 0; l * n < out->size; l++) {
        char *line = (char *)out->data + (size_t)l * bytes;

        memcpy(line, (const char *)in[0].data + (size_t)l * bytes, bytes);
        tg_sort_elements(in[0].dtype, n, line, spare);
    }
out:
    return status;
}

/* The first k of the sorted axis. */
static tg_array *sorted(tg_array *a, int axis, int64_t k, const struct wanted *wanted,
                        const char *name)
{
    tg_status status = TG_OK;
    char labels[3 * TG_MAX_NDIM], letters[TG_MAX_NDIM + 1] = {0};
    int last;
    tg_block_spec spec = {.name = name,
                          .function = sort_block,
                          .params = wanted,
                          .params_size = sizeof *wanted,
                          .labels = labels};

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_normalize_axis(a, axis, &axis));
    last = a->ndim - 1;
    k = k < a->shape[axis] ? k : a->shape[axis];
    spec.dtype = wanted->indices ? TG_INT64 : a->dtype;
    if (!wanted->indices && !wanted->from_end && k == a->shape[axis])
        spec.function = sort_all_block;
    spec.lengths[last] = &k;
    spec.nlengths[last] = 1;
    for (int d = 0; d < last; d++)
        letters[d] = (char)('a' + d);
    snprintf(labels, sizeof labels, "%sz->%sy", letters, letters);
    a = tg_moveaxis(a, 1, &axis, &last);
    a = tg_map_blocks(&spec, &a, 1);
    return tg_moveaxis(a, 1, &last, &axis);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_sort(tg_array *a, int axis)
{
    return sorted(a, axis, INT64_MAX, &(struct wanted){0, false}, "sort");
}

tg_array *tg_argsort(tg_array *a, int axis)
{
    return sorted(a, axis, INT64_MAX, &(struct wanted){0, true}, "argsort");
}

tg_array *tg_topk(tg_array *a, int64_t k, int axis)
{
    return sorted(a, axis, llabs(k), &(struct wanted){k >= 0, false}, "topk");
}

tg_array *tg_argtopk(tg_array *a, int64_t k, int axis)
{
    return sorted(a, axis, llabs(k), &(struct wanted){k >= 0, true}, "argtopk");
}
