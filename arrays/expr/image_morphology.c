/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Erosion and dilation of images of bits. A task does several iterations on its block with what is
 * in their reach around it, of which each iteration needs less:
 *
 *     reach 2   . . . . . .  ->  . . . .  ->  . .      (one axis, two iterations)
 *
 * Iterations until nothing changes only ever add elements, or only take them away, where the
 * structure has its centre. So each block goes on alone until nothing changes in it, then all look
 * at their neighbours' results, until nothing changes anywhere.
 */
#include <inttypes.h>
#include <string.h>
#include <tegula/reduce.h>
#include <tegula/shape.h>

#include "expr/image.h"
#include "kernel/window.h"

#define MOST_GROWTH 1.5

/* Parameters of the task. */
struct erosion {
    int64_t iterations; /* 0: until nothing changes */
    int64_t any;        /* dilation */
    int64_t border;
    int64_t shape[TG_MAX_NDIM];
    tg_reach step; /* of one iteration */
    uint8_t structure[];
};

/* ---- on a block ---- */

/* A part of the image: bytes 0 and 1. */
struct part {
    int64_t low[TG_MAX_NDIM], count[TG_MAX_NDIM];
    int64_t size;
    uint8_t *bits;
};

/* What is there before the last `left` iterations. */
static void bounds(const struct erosion *erosion, const tg_block *out, int64_t left,
                   struct part *part)
{
    part->size = 1;
    for (int d = 0; d < out->ndim; d++) {
        int64_t low = out->start[d] - left * erosion->step.before[d];
        int64_t high = out->start[d] + out->shape[d] + left * erosion->step.after[d];

        part->low[d] = low > 0 ? low : 0;
        part->count[d] = (high < out->total[d] ? high : out->total[d]) - part->low[d];
        part->size *= part->count[d];
    }
}

/* Memory of a task. */
struct work {
    uint8_t *wide, *old, *mask; /* parts with one iteration's reach around them */
    uint8_t *part[2];
    int64_t *place[TG_MAX_NDIM], *offset;
};

static tg_status work_create(const struct erosion *erosion, const tg_block *out,
                             const struct part *part, bool masked, tg_task *task, struct work *work)
{
    tg_status status = TG_OK;
    size_t size = 1, structure = 1;

    for (int d = 0; d < out->ndim; d++) {
        int64_t n = part->count[d] + erosion->step.before[d] + erosion->step.after[d];

        size *= (size_t)n;
        structure *= (size_t)erosion->shape[d];
        work->place[d] = tg_task_scratch(task, (size_t)n * sizeof *work->place[d]);
        TG_NEED(work->place[d], TG_ENOMEM, "an axis of %" PRId64 " elements", n);
    }
    work->wide = tg_task_scratch(task, size);
    work->old = masked ? tg_task_scratch(task, size) : work->wide;
    work->mask = masked ? tg_task_scratch(task, size) : work->wide;
    work->part[0] = tg_task_scratch(task, (size_t)part->size);
    work->part[1] = tg_task_scratch(task, (size_t)part->size);
    work->offset = tg_task_scratch(task, structure * sizeof *work->offset);
    TG_NEED(work->wide && work->old && work->mask && work->part[0] && work->part[1] && work->offset,
            TG_ENOMEM, "an extended block of %zu bytes", size);
out:
    return status;
}

/* The elements of one part that another is made of, with `more` around them. */
static void take(const tg_block *out, const struct part *from, const struct part *to,
                 const tg_reach *more, int64_t border, const struct work *work, int64_t *wide,
                 uint8_t *bits)
{
    tg_extension extension = {.ndim = out->ndim};

    for (int d = 0; d < out->ndim; d++) {
        tg_extend_axis axis = {TG_BOUNDARY_CONSTANT, out->total[d], from->low[d], from->count[d]};

        wide[d] = to->count[d] + more->before[d] + more->after[d];
        tg_extend_places(&axis, to->low[d] - more->before[d], wide[d], work->place[d]);
        extension.from[d] = from->count[d];
        extension.to[d] = wide[d];
        extension.place[d] = work->place[d];
    }
    tg_extend(&extension, TG_UINT8, from->bits, TG_UINT8, (double)border, bits);
}

static int64_t list_offsets(const struct erosion *erosion, int ndim, const int64_t *wide,
                            int64_t *offset)
{
    int64_t n = 1, count = 0;

    for (int d = 0; d < ndim; d++)
        n *= erosion->shape[d];
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, at = 0, stride = 1;

        for (int d = ndim - 1; d >= 0; d--) {
            at += rest % erosion->shape[d] * stride;
            rest /= erosion->shape[d];
            stride *= wide[d];
        }
        if (erosion->structure[i])
            offset[count++] = at;
    }
    return count;
}

/* One iteration, from one part to a smaller one; where the mask is 0 elements stay. */
static void iterate(const struct erosion *erosion, const tg_block *out, const struct part *from,
                    const struct part *mask, const struct work *work, struct part *to)
{
    static const tg_reach nothing;
    tg_window_block block = {.ndim = out->ndim, .data = work->wide, .offset = work->offset};
    int64_t shape[TG_MAX_NDIM];

    memcpy(block.shape, to->count, sizeof block.shape);
    take(out, from, to, &erosion->step, erosion->border, work, block.wide, work->wide);
    block.count = list_offsets(erosion, out->ndim, block.wide, work->offset);
    tg_window_bits(&block, erosion->any, to->bits);
    if (!mask->bits)
        return;
    take(out, from, to, &nothing, 0, work, shape, work->old);
    take(out, mask, to, &nothing, 0, work, shape, work->mask);
    for (int64_t i = 0; i < to->size; i++)
        to->bits[i] = work->mask[i] ? to->bits[i] : work->old[i];
}

/* Put a part in its place in a larger one; whether that changed it. */
static bool put(int ndim, const struct part *inner, struct part *part)
{
    int64_t n = ndim > 0 ? inner->count[ndim - 1] : 1;
    bool changed = false;

    for (int64_t i = 0; i < inner->size; i += n) {
        int64_t line = i / n, at = ndim > 0 ? inner->low[ndim - 1] - part->low[ndim - 1] : 0;
        int64_t stride = ndim > 0 ? part->count[ndim - 1] : 1;

        for (int d = ndim - 2; d >= 0; d--) {
            at += (line % inner->count[d] + inner->low[d] - part->low[d]) * stride;
            line /= inner->count[d];
            stride *= part->count[d];
        }
        changed = changed || memcmp(part->bits + at, inner->bits + i, (size_t)n) != 0;
        memcpy(part->bits + at, inner->bits + i, (size_t)n);
    }
    return changed;
}

static tg_status erode_block(const tg_block *in, int nin, tg_block *out, const void *params,
                             size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct erosion *erosion = params;
    int64_t n = erosion->iterations > 0 ? erosion->iterations : 1;
    struct part part = {.bits = in[0].data}, next, mask;
    struct work work = {0};

    (void)params_size;
    bounds(erosion, out, n, &part);
    mask = part;
    mask.bits = nin > 1 ? in[1].data : NULL;
    TG_TRY(work_create(erosion, out, &part, nin > 1, task, &work));
    for (int64_t i = n - 1; i >= 0 && erosion->iterations > 0; i--, part = next) {
        bounds(erosion, out, i, &next);
        next.bits = i > 0 ? work.part[i % 2] : out->data;
        iterate(erosion, out, &part, &mask, &work, &next);
    }
    if (erosion->iterations > 0)
        goto out;
    part.bits = work.part[0]; /* until nothing changes; what is around the block stays */
    memcpy(part.bits, in[0].data, (size_t)part.size);
    bounds(erosion, out, 0, &next);
    next.bits = out->data;
    do
        iterate(erosion, out, &part, &mask, &work, &next);
    while (put(out->ndim, &next, &part));
out:
    return status;
}

/* ---- nodes ---- */

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

static tg_array *erosion_node(tg_array *a, tg_array *mask, const struct erosion *erosion,
                              size_t size)
{
    tg_block_spec spec = {.name = erosion->any ? "dilate" : "erode",
                          .function = erode_block,
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
static tg_status repeat(tg_array *a, tg_array *mask, struct erosion *erosion, size_t size,
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
                              struct erosion **out, size_t *size, bool *centred)
{
    tg_status status = TG_OK;
    struct erosion *erosion;
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

static tg_array *erode(tg_array *a, const tg_erosion *given, bool dilate, bool turned)
{
    tg_status status = TG_OK;
    struct erosion *erosion = NULL;
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
        TG_TRY(repeat(a, mask, erosion, size, centred, &a));
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
