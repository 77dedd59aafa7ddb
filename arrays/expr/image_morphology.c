/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Erosion and dilation of images of bits. A task does several iterations on its block with what is
 * in their reach around it (expr/erosion.c).
 *
 * Iterations until nothing changes only ever add elements, or only take them away, where the
 * structure has its centre. With a structure that says who is a neighbour they add the connected
 * parts of the mask that an element reaches (expr/image_grow.c). With others one task has a queue
 * of elements that changed; of large arrays each block has one, goes on alone until nothing changes
 * in it, then all look at their neighbours' results, until nothing changes anywhere.
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/erosion.h"

#define MOST_GROWTH 1.5

/* Elements up to which one task takes all of an array: its queue then has 512 MiB at most. */
#define MOST_ALONE ((int64_t)1 << 26)

/* How many iterations one task does. */
static int64_t share(const tg_array *a, const tg_reach *step, int64_t iterations)
{
    int64_t n = 1;

    for (; n < iterations; n++) {
        double growth = 1;

        for (int d = 0; d < a->ndim; d++)
            if (a->grid.count[d] > 1) {
                double length = (double)a->shape[d] / (double)a->grid.count[d];

                growth *=
                    (length + (double)((n + 1) * (step->before[d] + step->after[d]))) / length;
            }
        if (growth > MOST_GROWTH)
            break;
    }
    return n;
}

static tg_array *erosion_node(tg_array *a, tg_array *mask, const tg_erosion_task *erosion,
                              size_t size)
{
    tg_block_spec spec = {.name = erosion->any ? "dilate" : "erode",
                          .function = tg_erode_block,
                          .params = erosion,
                          .params_size = size,
                          .dtype = TG_BOOL};
    tg_reach reach = erosion->step;
    int64_t n = erosion->iterations > 0 ? erosion->iterations : 1;
    tg_array *inputs[2];

    for (int d = 0; d < a->ndim; d++) {
        reach.before[d] *= n;
        reach.after[d] *= n;
        spec.lengths[d] = a->grid.length[d];
        spec.nlengths[d] = a->grid.count[d];
    }
    inputs[0] = tg_within_reach(a, &reach);
    if (mask)
        inputs[1] = tg_within_reach(mask, &reach);
    return tg_map_blocks(&spec, inputs, mask ? 2 : 1);
}

/* Rounds until nothing changes; each computes, its result stays with the ranks. */
static tg_status repeat(tg_array *a, tg_array *mask, tg_erosion_task *erosion, size_t size,
                        bool centred, tg_array **out)
{
    tg_status status = TG_OK;
    bool changed = true, held = false;

    erosion->iterations = centred ? 0 : 1;
    while (changed) {
        tg_array *next = erosion_node(a, mask, erosion, size);

        TG_TRY(tg_array_status(next));
        TG_TRY(tg_persist_array(a->ctx, next));
        TG_TRY(tg_gather(tg_any(tg_not_equal(next, a), TG_ALL_AXES), &changed, sizeof changed));
        if (held)
            TG_TRY(tg_release_array(a->ctx, a));
        held = true;
        a = next;
    }
    *out = a;
out:
    return status;
}

static tg_status make_erosion(const tg_array *a, const tg_erosion *given, bool dilate, bool turned,
                              tg_erosion_task **out, size_t *size, bool *centred)
{
    tg_status status = TG_OK;
    tg_erosion_task *erosion;
    int64_t n = 1, centre = 0;

    TG_NEED(given->structure.ndim == a->ndim, TG_EARG,
            "structure and input must have same dimensionality: %d axes, not %d",
            given->structure.ndim, a->ndim);
    for (int d = 0; d < a->ndim; d++)
        n *= given->structure.shape[d];
    TG_NEED(n > 0, TG_EARG, "structure must not be empty");
    *size = sizeof *erosion + (size_t)n;
    erosion = tg_ctx_alloc(a->ctx, *size);
    TG_NEED(erosion, TG_ENOMEM, "a structure of %" PRId64 " elements", n);
    erosion->any = dilate;
    erosion->border = given->border_value != 0;
    for (int64_t i = 0; i < n; i++)
        erosion->structure[i] = given->structure.values[turned ? n - 1 - i : i] != 0;
    for (int d = 0; d < a->ndim; d++) {
        int64_t length = given->structure.shape[d], origin = given->origin[d];

        origin = turned ? -origin - (length % 2 == 0) : origin;
        erosion->shape[d] = length;
        TG_TRY(tg_window_reach(length, origin, &erosion->step.before[d], &erosion->step.after[d]));
        erosion->step.boundary[d] = TG_BOUNDARY_CONSTANT;
        centre = centre * length + erosion->step.before[d];
    }
    *centred = erosion->structure[centre] != 0;
    *out = erosion;
out:
    return status;
}

/* The structure as neighbours are told to tg_label: values are NULL where it is none of those,
 * which have at most 3 elements along each axis, a centre, and are symmetric. */
static tg_status near_of(tg_ctx *ctx, const tg_erosion_task *erosion, int ndim, tg_window *out)
{
    tg_status status = TG_OK;
    int64_t n = 1, size = 1;
    double *near;

    *out = (tg_window){.ndim = ndim};
    for (int d = 0; d < ndim; d++) {
        if (erosion->step.before[d] > 1 || erosion->step.before[d] != erosion->step.after[d] ||
            size > INT16_MAX)
            return TG_OK;
        n *= erosion->shape[d];
        size *= out->shape[d] = 3;
    }
    near = tg_ctx_alloc(ctx, (size_t)size * sizeof *near);
    TG_NEED(near, TG_ENOMEM, "%" PRId64 " neighbours", size);
    memset(near, 0, (size_t)size * sizeof *near);
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, at = 0, stride = 1;

        for (int d = ndim - 1; d >= 0; d--, stride *= 3) {
            at += (rest % erosion->shape[d] + 1 - erosion->step.before[d]) * stride;
            rest /= erosion->shape[d];
        }
        near[at] = erosion->structure[i];
    }
    for (int64_t i = 0; i < size; i++)
        if (near[i] != near[size - 1 - i])
            return TG_OK;
    if (near[size / 2] != 0)
        out->values = near;
out:
    return status;
}

/* All of the array in one task, which has a queue of its own. */
static tg_status alone(tg_array *a, tg_array *mask, tg_erosion_task *erosion, size_t size,
                       tg_array **out)
{
    tg_status status = TG_OK;
    const tg_grid cut = a->grid;
    tg_grid whole = {0};

    erosion->iterations = 0;
    TG_TRY(tg_grid_regular(a->ctx, a->ndim, a->shape, a->shape, &whole));
    a = tg_rechunk_to(a, &whole);
    a = erosion_node(a, mask ? tg_rechunk_to(mask, &whole) : NULL, erosion, size);
    *out = a->status == TG_OK ? tg_rechunk_to(a, &cut) : a;
out:
    return status;
}

/* Iterations until nothing changes. */
static tg_status settled(tg_array *a, tg_array *mask, tg_erosion_task *erosion, size_t size,
                         bool centred, tg_array **out)
{
    tg_status status = TG_OK;
    const bool grows = erosion->any; /* else zeros do */
    tg_array *first;
    tg_window near;

    TG_TRY(near_of(a->ctx, erosion, a->ndim, &near));
    if (near.values) {
        erosion->iterations = 1;
        first = erosion_node(a, mask, erosion, size);
        first = tg_grown(grows ? a : tg_logical_not(a), grows ? first : tg_logical_not(first), mask,
                         &near);
        *out = grows ? first : tg_logical_not(first);
    } else if (centred && a->size <= MOST_ALONE) {
        TG_TRY(alone(a, mask, erosion, size, out));
    } else {
        TG_TRY(repeat(a, mask, erosion, size, centred, out));
    }
out:
    return status;
}

static tg_array *erode(tg_array *a, const tg_erosion *given, bool dilate, bool turned)
{
    tg_status status = TG_OK;
    tg_erosion_task *erosion = NULL;
    tg_array *mask = given->mask;
    size_t size = 0;
    bool centred = false;

    TG_TRY(tg_array_status(a));
    TG_NEED(a->dtype < TG_COMPLEX64, TG_EARG, "Complex type not supported");
    TG_TRY(make_erosion(a, given, dilate, turned, &erosion, &size, &centred));
    a = tg_astype(a, TG_BOOL);
    if (mask) {
        TG_TRY(tg_array_status(mask));
        TG_NEED(mask->ndim == a->ndim && mask->size == a->size &&
                    memcmp(mask->shape, a->shape, (size_t)a->ndim * sizeof *a->shape) == 0,
                TG_EARG, "mask and input must have equal sizes");
        mask = tg_rechunk_to(tg_astype(mask, TG_BOOL), &a->grid);
    }
    if (a->size == 0)
        return a;
    if (given->iterations < 1) {
        TG_TRY(settled(a, mask, erosion, size, centred, &a));
        return a;
    }
    for (int64_t left = given->iterations; left > 0 && a->status == TG_OK;
         left -= erosion->iterations) {
        erosion->iterations = share(a, &erosion->step, left);
        a = erosion_node(a, mask, erosion, size);
    }
    return a;
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_binary_erosion(tg_array *a, const tg_erosion *erosion)
{
    return erode(a, erosion, false, false);
}

tg_array *tg_binary_dilation(tg_array *a, const tg_erosion *erosion)
{
    return erode(a, erosion, true, true);
}

tg_array *tg_binary_opening(tg_array *a, const tg_erosion *erosion)
{
    return tg_binary_dilation(tg_binary_erosion(a, erosion), erosion);
}

tg_array *tg_binary_closing(tg_array *a, const tg_erosion *erosion)
{
    return tg_binary_erosion(tg_binary_dilation(a, erosion), erosion);
}

tg_array *tg_binary_hit_or_miss(tg_array *a, const tg_erosion *hit, const tg_erosion *miss)
{
    return tg_logical_and(erode(a, hit, false, false), tg_logical_not(erode(a, miss, true, false)));
}

tg_array *tg_iterate_structure(tg_array *structure, int64_t iterations)
{
    tg_status status = TG_OK;
    tg_erosion again = {.iterations = iterations - 1};
    tg_padding padding = {.mode = TG_PAD_CONSTANT};
    double *values = NULL;

    TG_TRY(tg_array_status(structure));
    if (iterations < 2)
        return structure;
    again.structure.ndim = structure->ndim;
    for (int d = 0; d < structure->ndim; d++) {
        again.structure.shape[d] = structure->shape[d];
        padding.before[d] = again.iterations * (structure->shape[d] / 2);
        padding.after[d] = again.iterations * (structure->shape[d] - 1) - padding.before[d];
    }
    values = tg_ctx_alloc(structure->ctx, (size_t)structure->size * sizeof *values + 1);
    TG_NEED(values, TG_ENOMEM, "a structure of %" PRId64 " elements", structure->size);
    TG_TRY(tg_gather(tg_astype(tg_astype(structure, TG_BOOL), TG_FLOAT64), values,
                     (size_t)structure->size * sizeof *values));
    again.structure.values = values;
    return tg_binary_dilation(tg_pad(tg_astype(structure, TG_BOOL), &padding), &again);
out:
    return tg_node_poisoned(tg_inputs_ctx(&structure, 1), status);
}
