/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * slice-down: slices move from the outputs towards the sources, so that only what is wanted is
 * computed, and of files only what is wanted is read.
 *
 *     slice(slice(x, i), j)          = slice(x, i j)
 *     slice(op(x, ...), i)           = op(slice(x, i), ...)
 *     slice(transpose(x, p), i)      = transpose(slice(x, p i), p)
 *     slice(broadcast(x), i)         = broadcast(slice(x, i))
 *     slice(reduce(x, axes), i)      = reduce(slice(x, i), axes)      on the axes that are kept
 *     slice(concatenate(xi), j)      = concatenate(slice(xi, ji))     of the pieces that are met
 *     slice(rechunk(x), i)           = slice(x, i) in those chunks
 *     slice(source, i)               = source of the box that holds i
 *
 * A slice moves below a node only where all that use the node are slices and want no more elements
 * together than the node has: nothing is computed twice for it.
 */
#include <stdlib.h>
#include <string.h>

#include "expr/views.h"
#include "opt/pass.h"

/* Of each node of the expression as it was: what slices want of it, and whether others do. */
struct wants {
    tg_order order;
    double *elements; /* by node, malloc */
    bool *others;     /* by node, malloc */
};

/* What a slice costs: its elements; of a file the box that holds them along the fastest axis, in
 * whole chunks of the file. */
static double cost_of(const tg_array *a)
{
    const tg_slice_params *params = a->params;
    const tg_array *input = a->inputs[0];
    double cost = 1;

    for (int d = 0; d < a->ndim; d++) {
        double n = (double)a->shape[d];
        int64_t natural = input->layout.natural[d];

        if (input->class == &tg_class_source && params->n[d] > 0) {
            const tg_stretch *s = params->stretch[d];
            int64_t by = s->step < 0 ? -s->step : s->step;

            if (params->n[d] == 1 && (d == a->ndim - 1 || by < natural))
                n = (double)by * (n - 1) + 1;
            n += n < (double)natural ? (double)natural - n : 0;
            n = n < (double)input->shape[d] ? n : (double)input->shape[d];
        }
        cost *= n;
    }
    return cost;
}

static tg_status count_wants(tg_array *const *roots, int nroots, struct wants *out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_order_create(roots, nroots, &out->order));
    out->elements = calloc((size_t)out->order.count + 1, sizeof *out->elements);
    out->others = calloc((size_t)out->order.count + 1, sizeof *out->others);
    TG_NEED(out->elements && out->others, TG_ENOMEM, "an expression of %lld nodes",
            (long long)out->order.count);
    for (int64_t i = 0; i < out->order.count; i++) {
        const tg_array *a = out->order.nodes[i];

        for (int k = 0; k < a->ninputs; k++) {
            int64_t place = tg_node_map_get(&out->order.place, a->inputs[k]);

            if (a->class == &tg_class_slice)
                out->elements[place] += cost_of(a);
            else
                out->others[place] = true;
        }
    }
    for (int i = 0; i < nroots; i++)
        out->others[tg_node_map_get(&out->order.place, roots[i])] = true;
out:
    return status;
}

/* Whether slices are all that use the old node, and want no more than it has. */
static bool is_free(const struct wants *wants, const tg_array *old)
{
    int64_t place = tg_node_map_get(&wants->order.place, old);

    return !wants->others[place] && wants->elements[place] <= (double)old->size;
}

static tg_array *through_slice(tg_array *a)
{
    tg_status status = TG_OK;
    tg_array *inner = a->inputs[0];
    tg_slice_params params = {0};

    for (int d = 0; d < a->ndim; d++)
        TG_TRY(tg_slice_compose(a->ctx, inner->params, a->params, d, &params, d));
    return tg_slice_node(inner->inputs[0], &params, &a->grid);
out:
    return tg_node_poisoned(a->ctx, status);
}

/* The part of an operand of a node of this shape; params are those of the node's slice. */
static tg_array *slice_operand(tg_array *input, const tg_array *node, const tg_array *a)
{
    const tg_slice_params *params = a->params;
    tg_status status = TG_OK;
    tg_slice_params own;
    tg_grid grid;

    TG_TRY(tg_slice_begin(input, &own));
    grid = input->grid;
    for (int d = 0; d < node->ndim; d++) {
        int axis = tg_operand_axis(input, node->ndim, node->shape, d);

        if (axis < 0)
            continue;
        own.n[axis] = params->n[d];
        own.stretch[axis] = params->stretch[d];
        grid.count[axis] = a->grid.count[d];
        grid.length[axis] = a->grid.length[d];
    }
    return tg_slice_node(input, &own, &grid);
out:
    return tg_node_poisoned(a->ctx, status);
}

static tg_array *through_program(tg_array *a)
{
    tg_array *node = a->inputs[0], *inputs[TG_PROGRAM_MAX_INPUTS];

    if (a->size == 0)
        return a;
    for (int i = 0; i < node->ninputs; i++) {
        inputs[i] = slice_operand(node->inputs[i], node, a);
        if (inputs[i]->status != TG_OK)
            return inputs[i];
    }
    return tg_rechunk_to(tg_program_node(a->ctx, node->params, inputs, a->ndim, a->shape),
                         &a->grid);
}

static tg_array *through_affine(tg_array *a)
{
    const tg_affine_params *affine = a->inputs[0]->params;

    return tg_affine(tg_slice_node(a->inputs[0]->inputs[0], a->params, &a->grid), affine->slope,
                     affine->inter);
}

static tg_array *through_broadcast(tg_array *a)
{
    tg_array *node = a->inputs[0];

    return tg_broadcast_node(slice_operand(node->inputs[0], node, a), a->ndim, a->shape, &a->grid);
}

static tg_array *through_transpose(tg_array *a)
{
    const tg_slice_params *params = a->params;
    const int *p = ((const tg_transpose_params *)a->inputs[0]->params)->axis;
    tg_slice_params below = {0};
    tg_grid grid = {0};

    for (int d = 0; d < a->ndim; d++) {
        below.n[p[d]] = params->n[d];
        below.stretch[p[d]] = params->stretch[d];
        grid.count[p[d]] = a->grid.count[d];
        grid.length[p[d]] = a->grid.length[d];
    }
    return tg_transpose(tg_slice_node(a->inputs[0]->inputs[0], &below, &grid), p);
}

static tg_array *through_rechunk(tg_array *a)
{
    return tg_slice_node(a->inputs[0]->inputs[0], a->params, &a->grid);
}

/* Axes of length 1 that come and go. */
static tg_array *through_reshape(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->params;
    tg_array *node = a->inputs[0], *input = node->inputs[0];
    tg_slice_params below;
    tg_grid grid = input->grid;
    int from[TG_MAX_NDIM];

    if (!tg_reshape_is_ones(node, from))
        return a;
    TG_TRY(tg_slice_begin(input, &below));
    for (int d = 0; d < a->ndim; d++) {
        if (from[d] < 0 && a->shape[d] != 1)
            return a;
        if (from[d] < 0)
            continue;
        below.n[from[d]] = params->n[d];
        below.stretch[from[d]] = params->stretch[d];
        grid.count[from[d]] = a->grid.count[d];
        grid.length[from[d]] = a->grid.length[d];
    }
    return tg_reshape_node(tg_slice_node(input, &below, &grid), a->ndim, a->shape, &a->grid);
out:
    return tg_node_poisoned(a->ctx, status);
}

static bool is_reduced(const tg_reduce_params *params, int d)
{
    for (int i = 0; i < params->naxes; i++)
        if (params->axis[i] == d)
            return true;
    return false;
}

/* Cuts along the reduced axes stay, and with them the bits. */
static tg_array *through_reduce(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->params;
    tg_array *node = a->inputs[0], *input = node->inputs[0];
    const tg_reduce_params *reduce = node->params;
    tg_slice_params below;
    tg_grid grid = input->grid;
    int kept = 0;

    TG_TRY(tg_slice_begin(input, &below));
    for (int d = 0; d < input->ndim; d++) {
        bool reduced = is_reduced(reduce, d);

        if (reduced && reduce->keepdims && a->shape[kept] != 1)
            return a;
        if (!reduced) {
            below.n[d] = params->n[kept];
            below.stretch[d] = params->stretch[kept];
            grid.count[d] = a->grid.count[kept];
            grid.length[d] = a->grid.length[kept];
        }
        kept += !reduced || reduce->keepdims;
    }
    return tg_reduce_node(tg_slice_node(input, &below, &grid), reduce);
out:
    return tg_node_poisoned(a->ctx, status);
}

/* Pieces of the result while stretches are dealt to the inputs that hold them. */
struct deal {
    tg_array *a; /* the slice */
    int axis;
    tg_array **piece; /* arena */
    int count, most;
    int input; /* of the stretches in hand */
    tg_stretches hand;
};

static tg_status put_piece(struct deal *deal)
{
    tg_status status = TG_OK;
    tg_slice_params own = *(const tg_slice_params *)deal->a->params;

    if (deal->hand.n == 0)
        return TG_OK;
    TG_TRY(tg_stretches_give(&deal->hand, deal->a->ctx, &own, deal->axis));
    deal->piece[deal->count] = tg_slice_node(deal->a->inputs[0]->inputs[deal->input], &own, NULL);
    TG_TRY(tg_array_status(deal->piece[deal->count++]));
out:
    return status;
}

/* Positions p, p + step, ... of the joined axis. More pieces than `most` are not worth it. */
static tg_status deal_stretch(struct deal *deal, const tg_stretch *s)
{
    tg_status status = TG_OK;
    const tg_array *node = deal->a->inputs[0];
    int64_t p = s->start, left = s->count;

    while (left > 0 && deal->count < deal->most) {
        int64_t low = 0, n = left;
        int input = 0;

        while (p >= low + node->inputs[input]->shape[deal->axis])
            low += node->inputs[input++]->shape[deal->axis];
        if (s->step > 0)
            n = (low + node->inputs[input]->shape[deal->axis] - 1 - p) / s->step + 1;
        else if (s->step < 0)
            n = (p - low) / -s->step + 1;
        n = n < left ? n : left;
        if (input != deal->input)
            TG_TRY(put_piece(deal));
        deal->input = input;
        tg_stretches_add(&deal->hand, p - low, s->step, n);
        p += n * s->step;
        left -= n;
    }
out:
    return status;
}

/* Pieces are cut alike along the other axes, as the slice is. */
static tg_array *join_pieces(const struct deal *deal)
{
    for (int i = 0; i < deal->count; i++) {
        tg_grid grid = deal->a->grid;

        grid.count[deal->axis] = deal->piece[i]->grid.count[deal->axis];
        grid.length[deal->axis] = deal->piece[i]->grid.length[deal->axis];
        deal->piece[i] = tg_rechunk_to(deal->piece[i], &grid);
    }
    if (deal->count == 1)
        return tg_rechunk_to(deal->piece[0], &deal->a->grid);
    return tg_rechunk_to(tg_concatenate_node(deal->a->ctx, deal->piece, deal->count, deal->axis),
                         &deal->a->grid);
}

static tg_array *through_concatenate(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->params;
    const tg_array *node = a->inputs[0];
    struct deal deal = {.a = a,
                        .axis = ((const tg_concatenate_params *)node->params)->axis,
                        .most = 2 * node->ninputs,
                        .input = -1};

    if (a->size == 0)
        return a;
    deal.piece = tg_ctx_alloc(a->ctx, (size_t)(deal.most + 1) * sizeof *deal.piece);
    TG_NEED(deal.piece, TG_ENOMEM, "%d pieces of a slice", deal.most);
    for (int64_t i = 0; i < params->n[deal.axis] && deal.count < deal.most; i++)
        TG_TRY(deal_stretch(&deal, &params->stretch[deal.axis][i]));
    TG_TRY(put_piece(&deal));
    return deal.count < deal.most ? join_pieces(&deal) : a;
out:
    tg_stretches_clear(&deal.hand);
    return tg_node_poisoned(a->ctx, status);
}

/* The box that holds the wanted elements of an axis: start, step > 0 and count. */
static void box_of(const tg_slice_params *params, int d, int64_t *box)
{
    const tg_stretch *s = params->stretch[d];
    int64_t low = INT64_MAX, high = 0;

    for (int64_t i = 0; i < params->n[d]; i++) {
        int64_t last = s[i].start + (s[i].count - 1) * s[i].step;

        low = s[i].start < low ? s[i].start : low;
        low = last < low ? last : low;
        high = s[i].start > high ? s[i].start : high;
        high = last > high ? last : high;
    }
    box[0] = low;
    box[1] = 1;
    if (params->n[d] == 1 && s->step != 0)
        box[1] = s->step < 0 ? -s->step : s->step;
    box[2] = (high - low) / box[1] + 1;
}

/* A stream is read from its beginning: only rows of its slowest axis can be left out. */
static tg_array *through_source(tg_array *a)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->params;
    tg_array *source = a->inputs[0], *part = NULL;
    const tg_source_params *file = source->params;
    tg_slice_params rest = {0};
    int64_t box[TG_MAX_NDIM][3];
    bool smaller = false;

    if (a->size == 0)
        return a;
    for (int d = 0; d < a->ndim; d++) {
        box_of(params, d, box[d]);
        if (file->file->source.sequential && d > 0) {
            box[d][0] = 0;
            box[d][1] = 1;
            box[d][2] = source->shape[d];
        } else if (file->file->source.sequential) {
            box[d][2] = (box[d][2] - 1) * box[d][1] + 1;
            box[d][1] = 1;
        }
        smaller = smaller || box[d][2] < source->shape[d];
    }
    if (!smaller)
        return a;
    part = tg_source_part(source, (const int64_t(*)[3])box);
    TG_TRY(tg_array_status(part));
    for (int d = 0; d < a->ndim; d++) {
        tg_stretches list = {0};

        for (int64_t i = 0; i < params->n[d]; i++)
            tg_stretches_add(&list, (params->stretch[d][i].start - box[d][0]) / box[d][1],
                             params->stretch[d][i].step / box[d][1], params->stretch[d][i].count);
        TG_TRY(tg_stretches_give(&list, a->ctx, &rest, d));
    }
    part = tg_slice_node(part, &rest, &a->grid);
    TG_TRY(tg_array_status(part));
    if (part->class == &tg_class_rechunk) { /* the slice is all of the part: read it so */
        tg_array *direct = tg_regrid(part->inputs[0], &a->grid);

        part = direct ? direct : part;
    }
    return part;
out:
    return tg_node_poisoned(a->ctx, status);
}

static const struct {
    const tg_class *class;
    tg_array *(*through)(tg_array *a);
    bool always; /* nothing is computed, so nothing can be computed twice */
} laws[] = {
    {&tg_class_slice, through_slice, true},
    {&tg_class_broadcast, through_broadcast, true},
    {&tg_class_rechunk, through_rechunk, true},
    {&tg_class_program, through_program, false},
    {&tg_class_affine, through_affine, false},
    {&tg_class_transpose, through_transpose, false},
    {&tg_class_reshape, through_reshape, false},
    {&tg_class_reduce, through_reduce, false},
    {&tg_class_concatenate, through_concatenate, false},
    {&tg_class_source, through_source, false},
};

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    if (old->class != &tg_class_slice || a->class != &tg_class_slice)
        return a;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        if (a->inputs[0]->class == laws[i].class)
            return laws[i].always || is_free(state, old->inputs[0]) ? laws[i].through(a) : a;
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    struct wants wants = {0};

    TG_TRY(count_wants(roots, nroots, &wants));
    TG_TRY(tg_rewrite(roots, nroots, rule, &wants, changed));
out:
    free(wants.elements);
    free(wants.others);
    tg_order_clear(&wants.order);
    return status;
}

const tg_pass tg_pass_slice_down = {
    .name = "slice-down",
    .law = "slice(op(x)) = op(slice(x)), down to the box of the file that is read",
    .run = run,
};
