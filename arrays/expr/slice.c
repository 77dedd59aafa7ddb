/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slices: of each axis the positions that are wanted, as stretches of equal steps.
 *
 *     x[5:10]          one stretch          (start 5, step 1, count 5)
 *     x[::-1]          one                  (start n-1, step -1, count n)
 *     roll(x, 2)       two                  (n-2, 1, 2), (0, 1, n-2)
 *     repeat(x, 3)     one an element       (0, 0, 3), (1, 0, 3), ...
 *     pad(x, 1, edge)  three                (0, 0, 1), (0, 1, n), (n-1, 0, 1), merged to two
 *
 * A slice may be cut anywhere: its chunks are put together from as many chunks of the input as hold
 * their elements. Where nothing else is asked for, a single stretch is cut where its input is, so
 * that whole chunks are taken over without a copy, and several are cut evenly.
 */
#include "expr/views.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void dump_slice(const tg_array *a, FILE *out)
{
    const tg_slice_params *params = a->params;

    for (int d = 0; d < a->ndim; d++) {
        fprintf(out, "%s", d ? ", " : "");
        if (tg_slice_is_whole(params, d, a->inputs[0]->shape[d]))
            fputc(':', out);
        for (int64_t i = 0;
             i < params->n[d] && !tg_slice_is_whole(params, d, a->inputs[0]->shape[d]); i++) {
            const tg_stretch *s = &params->stretch[d][i];

            if (i == 4 && params->n[d] > 5) {
                fprintf(out, " and %" PRId64 " more", params->n[d] - i);
                break;
            }
            fprintf(out, "%s%" PRId64, i ? " " : "", s->start);
            if (s->count > 1)
                fprintf(out, "%+" PRId64 "x%" PRId64, s->step, s->count);
        }
    }
}

static void key_slice(const tg_array *a, FILE *out)
{
    const tg_slice_params *params = a->params;

    fwrite(params->n, sizeof params->n[0], (size_t)a->ndim, out);
    for (int d = 0; d < a->ndim; d++)
        fwrite(params->stretch[d], sizeof *params->stretch[d], (size_t)params->n[d], out);
}

static tg_array *regrid_slice(tg_array *a, const tg_grid *grid)
{
    return tg_slice_node(a->inputs[0], a->params, grid);
}

const tg_class tg_class_slice = {
    .name = "slice",
    .dump = dump_slice,
    .key = key_slice,
    .regrid = regrid_slice,
};

/* Whether the last stretch can go on with one more; a single element takes any step. */
static bool goes_on(tg_stretch *last, int64_t start, int64_t step, int64_t count)
{
    if (last->count == 1 && count == 1)
        last->step = start - last->start;
    else if (last->count == 1)
        last->step = step;
    return last->start + last->step * last->count == start && (count == 1 || step == last->step);
}

void tg_stretches_add(tg_stretches *list, int64_t start, int64_t step, int64_t count)
{
    if (count <= 0 || list->no_memory)
        return;
    if (list->n > 0 && goes_on(&list->stretch[list->n - 1], start, step, count)) {
        list->stretch[list->n - 1].count += count;
        list->length += count;
        return;
    }
    if (list->n == list->capacity) {
        int64_t capacity = list->capacity ? 2 * list->capacity : 8;
        tg_stretch *larger = realloc(list->stretch, (size_t)capacity * sizeof *larger);

        if (!larger) {
            list->no_memory = true;
            return;
        }
        list->stretch = larger;
        list->capacity = capacity;
    }
    list->stretch[list->n++] = (tg_stretch){list->length, start, step, count};
    list->length += count;
}

void tg_stretches_clear(tg_stretches *list)
{
    free(list->stretch);
    *list = (tg_stretches){0};
}

tg_status tg_stretches_give(tg_stretches *list, tg_ctx *ctx, tg_slice_params *params, int axis)
{
    tg_status status = TG_OK;
    size_t size = (size_t)list->n * sizeof *list->stretch;
    tg_stretch *copy = tg_ctx_alloc(ctx, size + 1);

    TG_NEED(copy && !list->no_memory, TG_ENOMEM, "a list of %" PRId64 " positions", list->n);
    if (size > 0)
        memcpy(copy, list->stretch, size);
    for (int64_t i = 0; i < list->n; i++)
        copy[i].step = copy[i].count == 1 ? 1 : copy[i].step;
    params->n[axis] = list->n;
    params->stretch[axis] = copy;
out:
    tg_stretches_clear(list);
    return status;
}

tg_status tg_slice_axis(tg_ctx *ctx, tg_slice_params *params, int axis, int64_t start, int64_t step,
                        int64_t count)
{
    tg_stretches list = {0};

    tg_stretches_add(&list, start, step, count);
    return tg_stretches_give(&list, ctx, params, axis);
}

tg_status tg_slice_begin(const tg_array *a, tg_slice_params *out)
{
    tg_status status = TG_OK;

    memset(out, 0, sizeof *out);
    for (int d = 0; d < a->ndim; d++)
        TG_TRY(tg_slice_axis(a->ctx, out, d, 0, 1, a->shape[d]));
out:
    return status;
}

int64_t tg_slice_length(const tg_slice_params *params, int axis)
{
    int64_t n = params->n[axis];

    return n == 0 ? 0 : params->stretch[axis][n - 1].at + params->stretch[axis][n - 1].count;
}

bool tg_slice_is_whole(const tg_slice_params *params, int axis, int64_t n)
{
    const tg_stretch *s = params->stretch[axis];

    if (n == 0)
        return params->n[axis] == 0;
    return params->n[axis] == 1 && s->start == 0 && s->count == n && (n == 1 || s->step == 1);
}

/* The stretch that holds a position of the result. */
static const tg_stretch *stretch_at(const tg_slice_params *params, int axis, int64_t at)
{
    int64_t low = 0, high = params->n[axis] - 1;

    while (low < high) {
        int64_t middle = (low + high + 1) / 2;

        if (params->stretch[axis][middle].at <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return &params->stretch[axis][low];
}

/* How many of `count` positions p, p + step, ... lie in [low, high). */
static int64_t stay(int64_t p, int64_t step, int64_t count, int64_t low, int64_t high)
{
    int64_t most = count;

    if (step > 0)
        most = (high - 1 - p) / step + 1;
    else if (step < 0)
        most = (p - low) / -step + 1;
    return most < count ? most : count;
}

tg_status tg_slice_compose(tg_ctx *ctx, const tg_slice_params *inner, const tg_slice_params *outer,
                           int axis, tg_slice_params *out, int to)
{
    tg_stretches list = {0};

    for (int64_t i = 0; i < outer->n[axis]; i++) {
        tg_stretch s = outer->stretch[axis][i];

        while (s.count > 0) {
            const tg_stretch *in = stretch_at(inner, axis, s.start);
            int64_t n = stay(s.start, s.step, s.count, in->at, in->at + in->count);

            tg_stretches_add(&list, in->start + (s.start - in->at) * in->step, s.step * in->step,
                             n);
            s.start += n * s.step;
            s.count -= n;
        }
    }
    return tg_stretches_give(&list, ctx, out, to);
}

/* One stretch: at the input's cuts. */
static tg_status cut_with_input(const tg_array *a, int d, const tg_stretch *s, int64_t *count,
                                const int64_t **lengths)
{
    tg_status status = TG_OK;
    int64_t chunks = a->grid.count[d], n = 0, low = 0, p = s->start, left = s->count;
    int64_t *list = tg_ctx_alloc(a->ctx, (size_t)chunks * sizeof *list);

    TG_NEED(list, TG_ENOMEM, "a grid of %" PRId64 " chunks", chunks);
    for (int64_t i = 0; i < chunks && s->step < 0; i++)
        low += a->grid.length[d][i];
    for (int64_t i = 0; i < chunks && left > 0; i++) {
        int64_t length = a->grid.length[d][s->step < 0 ? chunks - 1 - i : i], here = 0;

        low -= s->step < 0 ? length : 0;
        if (p >= low && p < low + length)
            here = stay(p, s->step, left, low, low + length);
        low += s->step < 0 ? 0 : length;
        p += here * s->step;
        left -= here;
        if (here > 0)
            list[n++] = here;
    }
    *count = n;
    *lengths = list;
out:
    return status;
}

static int64_t largest_chunk(const tg_array *a, int d)
{
    int64_t most = 1;

    for (int64_t c = 0; c < a->grid.count[d]; c++)
        most = a->grid.length[d][c] > most ? a->grid.length[d][c] : most;
    return most;
}

/* Chunks that the library chose and that a slice makes small are chosen once more. */
static tg_status choose_anew(tg_array *a)
{
    tg_status status = TG_OK;
    double bytes = (double)a->size * (double)a->layout.itemsize;
    int64_t chunks = tg_grid_chunks(a->ndim, &a->grid);
    bool automatic;

    if (!a->automatic || chunks == 1 || bytes / (double)chunks > (double)TG_CHUNK_TARGET / 4)
        return TG_OK;
    TG_TRY(tg_chunks_grid(a->ctx, "auto", &a->layout, a->ndim, a->shape, &a->grid, &automatic));
out:
    return status;
}

static tg_status derive_grid(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->params;
    const tg_array *input = a->inputs[0];

    for (int d = 0; d < a->ndim; d++) {
        if (tg_slice_is_whole(params, d, input->shape[d])) {
            a->grid.count[d] = input->grid.count[d];
            a->grid.length[d] = input->grid.length[d];
        } else if (params->n[d] == 1 && params->stretch[d]->step != 0) {
            TG_TRY(cut_with_input(input, d, params->stretch[d], &a->grid.count[d],
                                  &a->grid.length[d]));
        } else {
            TG_TRY(tg_grid_axis(a->ctx, a->shape[d], largest_chunk(input, d), &a->grid.count[d],
                                &a->grid.length[d]));
        }
    }
    TG_TRY(choose_anew(a));
out:
    return status;
}

/* The data lie as the input's do; streams are cut along their slowest axis only. */
static void take_layout(tg_array *a)
{
    const tg_slice_params *params = a->params;

    a->layout = a->inputs[0]->layout;
    for (int i = 0; i < a->ndim; i++) {
        int d = a->layout.order[i];
        bool whole = tg_slice_is_whole(params, d, a->inputs[0]->shape[d]);

        if (!whole && (params->n[d] != 1 || params->stretch[d]->step != 1))
            a->layout.natural[d] = 1;
        if (!whole && i > 0)
            a->layout.sequential = false;
    }
}

tg_array *tg_slice_node(tg_array *a, const tg_slice_params *params, const tg_grid *grid)
{
    tg_status status = TG_OK;
    tg_array *node = NULL;
    int64_t shape[TG_MAX_NDIM];
    bool whole = true;

    TG_TRY(tg_array_status(a));
    for (int d = 0; d < a->ndim; d++) {
        shape[d] = tg_slice_length(params, d);
        whole = whole && tg_slice_is_whole(params, d, a->shape[d]);
    }
    if (whole)
        return grid ? tg_rechunk_to(a, grid) : a;
    node = tg_node_create(a->ctx, &tg_class_slice, 1, &a, sizeof *params);
    TG_TRY(tg_array_status(node));
    memcpy(node->params, params, sizeof *params);
    node->name = a->name;
    node->dtype = a->dtype;
    node->automatic = a->automatic;
    TG_TRY(tg_node_shape(node, a->ndim, shape));
    take_layout(node);
    if (grid)
        node->grid = *grid;
    else
        TG_TRY(derive_grid(node));
out:
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_slice_one(tg_array *a, int axis, int64_t start, int64_t step, int64_t count)
{
    tg_status status = TG_OK;
    tg_slice_params params;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_slice_begin(a, &params));
    TG_TRY(tg_slice_axis(a->ctx, &params, axis, start, step, count));
    return tg_slice_node(a, &params, NULL);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
