/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Erosions and dilations of a block. Each iteration needs less around it:
 *
 *     reach 2   . . . . . .  ->  . . . .  ->  . .      (one axis, two iterations)
 *
 * Until nothing changes: the first iteration sees what lies beyond the array's edges, from then on
 * a queue has the elements that changed.
 */
#include "expr/erosion.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/flood.h"
#include "kernel/window.h"

/* A part of the image: bytes 0 and 1. */
struct part {
    int64_t low[TG_MAX_NDIM], count[TG_MAX_NDIM];
    int64_t size;
    uint8_t *bits;
};

/* What is there before the last `left` iterations. */
static void bounds(const tg_erosion_task *erosion, const tg_block *out, int64_t left,
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

static tg_status work_create(const tg_erosion_task *erosion, const tg_block *out,
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

static int64_t list_offsets(const tg_erosion_task *erosion, int ndim, const int64_t *wide,
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
static void iterate(const tg_erosion_task *erosion, const tg_block *out, const struct part *from,
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

/* How far an element's value goes: opposite to where the structure looks for it. */
static int64_t list_steps(const tg_erosion_task *erosion, int ndim, int64_t *step)
{
    int64_t n = 1, count = 0;

    for (int d = 0; d < ndim; d++)
        n *= erosion->shape[d];
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i;

        if (!erosion->structure[i])
            continue;
        for (int d = ndim - 1; d >= 0; d--) {
            step[count * ndim + d] = erosion->step.before[d] - rest % erosion->shape[d];
            rest /= erosion->shape[d];
        }
        count++;
    }
    return count;
}

/* Put a block in its place in its part; *queue gets the places that this changed. */
static int64_t put(const tg_block *out, const tg_flood *flood, int64_t *queue)
{
    const uint8_t *bits = out->data;
    int64_t count = 0;

    for (int64_t i = 0; i < out->size; i++) {
        int64_t rest = i, at = 0, stride = 1;

        for (int d = out->ndim - 1; d >= 0; d--) {
            at += (rest % out->shape[d] + flood->low[d]) * stride;
            rest /= out->shape[d];
            stride *= flood->shape[d];
        }
        if (flood->bits[at] != bits[i])
            queue[count++] = at;
        flood->bits[at] = bits[i];
    }
    return count;
}

/* Iterations on a block until nothing changes in it; what is around it stays. The first one sees
 * what lies beyond the array's edges; from then on only what has changed is looked at. */
static tg_status settle(const tg_erosion_task *erosion, tg_block *out, const struct part *given,
                        const struct part *mask, const struct work *work, tg_task *task)
{
    tg_status status = TG_OK;
    static const tg_reach nothing;
    struct part part = *given, block;
    int64_t low[TG_MAX_NDIM], high[TG_MAX_NDIM], shape[TG_MAX_NDIM], n = out->ndim;
    int64_t *queue = tg_task_scratch(task, (size_t)out->size * sizeof *queue), *step;
    tg_flood flood = {out->ndim, part.count,         low,
                      high,      .mask = mask->bits, .value = erosion->any != 0};

    bounds(erosion, out, 0, &block);
    block.bits = out->data;
    for (int d = 0; d < out->ndim; d++) {
        low[d] = block.low[d] - part.low[d];
        high[d] = low[d] + block.count[d];
        n *= erosion->shape[d];
    }
    step = tg_task_scratch(task, (size_t)(n + 1) * sizeof *step);
    TG_NEED(queue && step, TG_ENOMEM, "a queue of %" PRId64 " elements", out->size);
    iterate(erosion, out, &part, mask, work, &block);
    part.bits = flood.bits = work->part[0];
    memcpy(part.bits, given->bits, (size_t)part.size);
    flood.step = step;
    flood.nsteps = list_steps(erosion, out->ndim, step);
    tg_flood_run(&flood, queue, put(out, &flood, queue));
    take(out, &part, &block, &nothing, 0, work, shape, block.bits);
out:
    return status;
}

tg_status tg_erode_block(const tg_block *in, int nin, tg_block *out, const void *params,
                         size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const tg_erosion_task *erosion = params;
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
    if (erosion->iterations == 0)
        TG_TRY(settle(erosion, out, &part, &mask, &work, task));
out:
    return status;
}
