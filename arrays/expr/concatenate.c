/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Concatenation: the chunks of the pieces, one after the other. On the other axes the pieces must
 * be cut alike. When the library chose all their cuts it chooses once more, for the joined array
 * (every cut of every piece would make slivers); otherwise the pieces are cut where one of them is.
 */
#include <inttypes.h>
#include <string.h>

#include "expr/node.h"

static void dump_concatenate(const tg_array *a, FILE *out)
{
    fprintf(out, "axis %d", ((const tg_concatenate_params *)a->params)->axis);
}

/* Each piece gets its part of the grid, if the joints are among the cuts. */
static tg_array *regrid_concatenate(tg_array *a, const tg_grid *grid)
{
    int axis = ((const tg_concatenate_params *)a->params)->axis;
    int64_t c = 0, chunks = grid->count[axis];
    tg_array **pieces = tg_ctx_alloc(a->ctx, (size_t)a->ninputs * sizeof(tg_array *));

    for (int i = 0; pieces && i < a->ninputs; i++) {
        tg_grid own = *grid;
        int64_t left = a->inputs[i]->shape[axis];

        own.length[axis] = grid->length[axis] + c;
        for (own.count[axis] = 0; c < chunks && left > 0; own.count[axis]++)
            left -= grid->length[axis][c++];
        if (left != 0 || own.count[axis] == 0)
            return NULL;
        pieces[i] = tg_regrid(a->inputs[i], &own);
        if (!pieces[i])
            pieces[i] = tg_rechunk_to(a->inputs[i], &own);
    }
    return pieces ? tg_concatenate_node(a->ctx, pieces, a->ninputs, axis) : NULL;
}

const tg_class tg_class_concatenate = {
    .name = "concatenate",
    .dump = dump_concatenate,
    .regrid = regrid_concatenate,
};

static tg_status join_grids(tg_array *a, int axis)
{
    tg_status status = TG_OK;
    int64_t chunks = 0;
    int64_t *lengths;

    a->grid = a->inputs[0]->grid;
    for (int i = 0; i < a->ninputs; i++)
        chunks += a->inputs[i]->grid.count[axis];
    lengths = tg_ctx_alloc(a->ctx, (size_t)chunks * sizeof *lengths);
    TG_NEED(lengths, TG_ENOMEM, "a grid of %" PRId64 " chunks", chunks);
    a->grid.count[axis] = chunks;
    a->grid.length[axis] = lengths;
    for (int i = 0; i < a->ninputs; i++) {
        const tg_grid *grid = &a->inputs[i]->grid;

        memcpy(lengths, grid->length[axis], (size_t)grid->count[axis] * sizeof *lengths);
        lengths += grid->count[axis];
    }
out:
    return status;
}

tg_array *tg_concatenate_node(tg_ctx *ctx, tg_array *const *pieces, int count, int axis)
{
    tg_status status = TG_OK;
    tg_array *node =
        tg_node_create(ctx, &tg_class_concatenate, count, pieces, sizeof(tg_concatenate_params));
    int64_t shape[TG_MAX_NDIM];

    TG_TRY(tg_array_status(node));
    ((tg_concatenate_params *)node->params)->axis = axis;
    memcpy(shape, pieces[0]->shape, sizeof shape);
    for (int i = 1; i < count; i++)
        TG_NEED(!__builtin_add_overflow(shape[axis], pieces[i]->shape[axis], &shape[axis]), TG_EARG,
                "concatenate: the joined axis has more than 2^63 - 1 elements");
    node->dtype = pieces[0]->dtype;
    TG_TRY(tg_node_shape(node, pieces[0]->ndim, shape));
    node->layout = pieces[0]->layout;
    TG_TRY(join_grids(node, axis));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

/* "run-3.h5:/bold", or "argument 2" for what has no name. */
static const char *name_of(tg_array *const *arrays, int i, char *text, size_t size)
{
    if (arrays[i]->name)
        return arrays[i]->name;
    snprintf(text, size, "argument %d", i + 1);
    return text;
}

static tg_status check_piece(tg_array *const *arrays, int i, int axis, int asked)
{
    tg_status status = TG_OK;
    const tg_array *first = arrays[0], *a = arrays[i];
    char first_shape[TG_SHAPE_TEXT], shape[TG_SHAPE_TEXT], first_name[32], name[32];
    bool same = a->ndim == first->ndim;

    for (int d = 0; same && d < a->ndim; d++)
        same = d == axis || a->shape[d] == first->shape[d];
    TG_NEED(same, TG_EARG,
            "%s has shape %s, %s %s: concatenate along axis %d needs all other axes equal",
            name_of(arrays, i, name, sizeof name), tg_shape_text(a->ndim, a->shape, shape),
            name_of(arrays, 0, first_name, sizeof first_name),
            tg_shape_text(first->ndim, first->shape, first_shape), asked);
out:
    return status;
}

static tg_status check(tg_array *const *arrays, int count, int asked, int *axis)
{
    tg_status status = TG_OK;
    char name[32];

    TG_TRY(tg_inputs_status(arrays, count));
    TG_NEED(arrays[0]->ndim > 0, TG_EARG, "%s has no axes: it cannot be joined along axis %d",
            name_of(arrays, 0, name, sizeof name), asked);
    TG_TRY(tg_normalize_axis(arrays[0], asked, axis));
    for (int i = 1; i < count; i++)
        TG_TRY(check_piece(arrays, i, *axis, asked));
out:
    return status;
}

static int64_t joined_length(tg_array *const *pieces, int count, int axis)
{
    int64_t sum = 0;

    for (int i = 0; i < count; i++)
        if (__builtin_add_overflow(sum, pieces[i]->shape[axis], &sum))
            return INT64_MAX;
    return sum;
}

/* `length` moved to a multiple of the piece's own natural chunk, which else is read twice. */
static int64_t by_whole_chunks(int64_t length, int64_t natural)
{
    if (natural < 2)
        return length;
    return length > natural ? length / natural * natural : natural;
}

/* The library chose all cuts: choose for the joined array, each piece cut from its own start. */
static tg_status choose_cuts(tg_ctx *ctx, tg_array **pieces, int count, int axis)
{
    tg_status status = TG_OK;
    const tg_array *model = pieces[0];
    int64_t shape[TG_MAX_NDIM], length[TG_MAX_NDIM] = {0};

    for (int i = count - 1; i > 0; i--)
        if (pieces[i]->layout.sequential)
            model = pieces[i];
    memcpy(shape, model->shape, sizeof shape);
    shape[axis] = joined_length(pieces, count, axis);
    tg_grid_choose(&model->layout, model->ndim, shape, length);
    for (int i = 0; i < count; i++) {
        tg_grid grid = {0};
        int64_t own[TG_MAX_NDIM];

        memcpy(own, length, sizeof own);
        own[axis] = by_whole_chunks(length[axis], pieces[i]->layout.natural[axis]);
        TG_TRY(tg_grid_regular(ctx, model->ndim, pieces[i]->shape, own, &grid));
        pieces[i] = tg_rechunk_to(pieces[i], &grid);
        TG_TRY(tg_array_status(pieces[i]));
    }
out:
    return status;
}

/* Cuts along the other axes that hold all cuts of the pieces whose cuts are fixed. */
static tg_status unite_cuts(tg_ctx *ctx, tg_array **pieces, int count, int axis)
{
    tg_status status = TG_OK;
    tg_grid grid = {0};
    int ndim = pieces[0]->ndim;

    for (int i = 0; i < count; i++) {
        for (int d = 0; d < ndim && !pieces[i]->automatic; d++) {
            const tg_grid *own = &pieces[i]->grid;

            if (!grid.length[d]) {
                grid.count[d] = own->count[d];
                grid.length[d] = own->length[d];
            } else if (d != axis) {
                TG_TRY(tg_grid_union(ctx, grid.count[d], grid.length[d], own->count[d],
                                     own->length[d], &grid.count[d], &grid.length[d]));
            }
        }
    }
    for (int i = 0; i < count; i++) {
        grid.count[axis] = pieces[i]->grid.count[axis];
        grid.length[axis] = pieces[i]->grid.length[axis];
        pieces[i] = tg_rechunk_to(pieces[i], &grid);
        TG_TRY(tg_array_status(pieces[i]));
    }
out:
    return status;
}

/* The pieces that have elements, or the first if none has, converted to one dtype. */
static int gather_pieces(tg_array *const *arrays, int count, int axis, tg_array **pieces)
{
    tg_dtype dtype = tg_result_type(arrays, count);
    int n = 0;

    for (int i = 0; i < count; i++)
        if (arrays[i]->shape[axis] > 0)
            pieces[n++] = tg_astype(arrays[i], dtype);
    if (n == 0)
        pieces[n++] = tg_astype(arrays[0], dtype);
    return n;
}

tg_array *tg_concatenate(tg_array *const *arrays, int count, int asked)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = NULL;
    tg_array **pieces = NULL;
    bool automatic = true;
    int axis;

    if (count < 1 || !arrays)
        return tg_node_nothing_joined();
    ctx = tg_inputs_ctx(arrays, count);
    TG_TRY(check(arrays, count, asked, &axis));
    pieces = tg_ctx_alloc(ctx, (size_t)count * sizeof *pieces);
    TG_NEED(pieces, TG_ENOMEM, "concatenate of %d arrays", count);
    count = gather_pieces(arrays, count, axis, pieces);
    TG_TRY(tg_inputs_status(pieces, count));
    if (count == 1)
        return pieces[0];
    for (int i = 0; i < count; i++)
        automatic = automatic && pieces[i]->automatic;
    if (automatic)
        TG_TRY(choose_cuts(ctx, pieces, count, axis));
    else
        TG_TRY(unite_cuts(ctx, pieces, count, axis));
    return tg_concatenate_node(ctx, pieces, count, axis);
out:
    return tg_node_poisoned(ctx, status);
}
