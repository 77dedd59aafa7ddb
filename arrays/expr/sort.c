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

/* Some elements of a line and where in it they were. */
struct some {
    int64_t n;
    char *values, *spare_values;
    int64_t *place, *spare_place;
    int64_t *index; /* 4 times as many: for sorting */
};

/* Keep the k that come first, or last, of those there are; in order, the smallest first. */
static void keep(const struct wanted *wanted, tg_dtype dtype, int64_t k, struct some *s)
{
    const size_t size = tg_dtype_size(dtype);
    const int64_t kept = s->n < k ? s->n : k, first = wanted->from_end ? s->n - kept : 0;
    char *values = s->values;
    int64_t *place = s->place;

    tg_argsort_elements(dtype, s->n, values, s->index, s->index + s->n);
    for (int64_t i = 0; i < kept; i++) {
        const int64_t from = s->index[first + i];

        memcpy(s->spare_values + (size_t)i * size, values + (size_t)from * size, size);
        s->spare_place[i] = place[from];
    }
    s->values = s->spare_values;
    s->place = s->spare_place;
    s->spare_values = values;
    s->spare_place = place;
    s->n = kept;
}

/* The k that come first, or last, of n elements: those that the worst of the best so far does not
 * beat are gathered, and sorted whenever there are `most`. */
static void choose(const struct wanted *wanted, tg_dtype dtype, int64_t n, const char *x, int64_t k,
                   int64_t most, struct some *s)
{
    const size_t size = tg_dtype_size(dtype);
    tg_compare *compare = tg_compares[dtype];
    const char *worst = NULL;

    s->n = 0;
    for (int64_t i = 0; i < n; i++, x += size) {
        if (worst && (wanted->from_end ? compare(x, worst) < 0 : compare(x, worst) >= 0))
            continue;
        memcpy(s->values + (size_t)s->n * size, x, size);
        s->place[s->n++] = i;
        if (s->n < most)
            continue;
        keep(wanted, dtype, k, s);
        worst = s->values + (size_t)(wanted->from_end ? 0 : k - 1) * size;
    }
    keep(wanted, dtype, k, s);
}

/* Of k from a line of n so many are gathered: all, or a few times k. */
static int64_t most_of(int64_t n, int64_t k)
{
    const int64_t few = 4 * k + 1000;

    return few < n ? few : n + 1;
}

static tg_status sort_block(const tg_block *in, int nin, tg_block *out, const void *params,
                            size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct wanted *wanted = params;
    const int64_t n = in[0].shape[in[0].ndim - 1], k = out->shape[out->ndim - 1];
    const int64_t most = most_of(n, k);
    const size_t size = tg_dtype_size(in[0].dtype), room = (size_t)most * size;
    struct some s = {.values = tg_task_scratch(task, room),
                     .spare_values = tg_task_scratch(task, room),
                     .index = tg_task_scratch(task, (size_t)(6 * most) * sizeof *s.index)};

    (void)nin, (void)params_size;
    TG_NEED(s.values && s.spare_values && s.index, TG_ENOMEM,
            "a line of %" PRId64 " elements to be sorted", n);
    s.place = s.index + 4 * most;
    s.spare_place = s.place + most;
    for (int64_t l = 0; l * k < out->size; l++) {
        choose(wanted, in[0].dtype, n, (const char *)in[0].data + (size_t)(l * n) * size, k, most,
               &s);
        for (int64_t i = 0; i < k; i++) {
            const int64_t from = wanted->from_end ? k - 1 - i : i, to = l * k + i;

            if (wanted->indices)
                ((int64_t *)out->data)[to] = s.place[from];
            else
                memcpy((char *)out->data + (size_t)to * size, s.values + (size_t)from * size, size);
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
