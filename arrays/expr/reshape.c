/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reshaping: the same elements in C order, seen with other axes.
 *
 * The node copies nothing: its chunk i has the bytes of its input's chunk i. So the input is first
 * cut such that a chunk is a contiguous range of elements in both shapes. The shapes are split into
 * groups of axes with equal products, the smallest there are; within a group
 *
 *     (6, 4) -> (3, 8)     a range of L elements is a box of (6, 4) if L = c * 4, or L divides 4,
 *                          and of (3, 8) if L = c * 8, or L divides 8:     L = 2, 4, 8, 16, 24
 *
 * and the longest such range that is no larger than the chunks are already (or, where they are
 * small, than the library's target) is taken.
 */
#include <inttypes.h>
#include <string.h>

#include "expr/views.h"

/* The input can be cut anew where only axes of length 1 come and go. */
static tg_array *regrid_reshape(tg_array *a, const tg_grid *grid)
{
    int from[TG_MAX_NDIM];
    tg_array *input = a->inputs[0];
    tg_grid below = input->grid;

    if (!tg_reshape_is_ones(a, from))
        return NULL;
    for (int d = 0; d < a->ndim; d++) {
        if (from[d] >= 0) {
            below.count[from[d]] = grid->count[d];
            below.length[from[d]] = grid->length[d];
        }
    }
    input = tg_regrid(input, &below);
    return input ? tg_reshape_node(input, a->ndim, a->shape, grid) : NULL;
}

const tg_class tg_class_reshape = {.name = "reshape", .regrid = regrid_reshape};

tg_array *tg_reshape_node(tg_array *a, int ndim, const int64_t *shape, const tg_grid *grid)
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(a->ctx, &tg_class_reshape, 1, &a, 0);

    TG_TRY(tg_array_status(node));
    node->name = a->name;
    node->dtype = a->dtype;
    node->automatic = a->automatic;
    TG_TRY(tg_node_shape(node, ndim, shape));
    tg_layout_plain(&node->layout, ndim, tg_dtype_size(a->dtype));
    node->grid = *grid;
out:
    return status == TG_OK ? node : tg_node_poisoned(a->ctx, status);
}

tg_array *tg_reshape_ones(tg_array *a, int ndim, const int *from)
{
    tg_status status = TG_OK;
    tg_array *node = NULL;
    int64_t shape[TG_MAX_NDIM];
    tg_grid grid = {0};
    bool same = true;
    int order = 0;

    TG_TRY(tg_array_status(a));
    TG_NEED(ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim, TG_MAX_NDIM);
    same = ndim == a->ndim;
    for (int d = 0; d < ndim; d++) {
        same = same && from[d] == d;
        shape[d] = from[d] < 0 ? 1 : a->shape[from[d]];
        if (from[d] < 0) {
            TG_TRY(tg_grid_axis(a->ctx, 1, 1, &grid.count[d], &grid.length[d]));
        } else {
            grid.count[d] = a->grid.count[from[d]];
            grid.length[d] = a->grid.length[from[d]];
        }
    }
    if (same)
        return a;
    node = tg_reshape_node(a, ndim, shape, &grid);
    TG_TRY(tg_array_status(node));
    node->layout.sequential = a->layout.sequential;
    for (int i = 0; i < a->ndim; i++)
        for (int d = 0; d < ndim; d++)
            if (from[d] == a->layout.order[i]) {
                node->layout.order[order++] = d;
                node->layout.natural[d] = a->layout.natural[from[d]];
            }
    for (int d = 0; d < ndim; d++)
        if (from[d] < 0)
            node->layout.order[order++] = d;
    if (a->layout.sequential && ndim > 0 && from[node->layout.order[0]] != a->layout.order[0])
        node->layout.sequential = false;
out:
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

bool tg_reshape_is_ones(const tg_array *a, int *from)
{
    const tg_array *input = a->inputs[0];
    int k = 0;

    if (a->size == 0)
        return false;
    for (int d = 0; d < a->ndim; d++) {
        while (k < input->ndim && input->shape[k] == 1 && a->shape[d] != 1)
            k++;
        from[d] = -1;
        if (k < input->ndim && input->shape[k] == a->shape[d])
            from[d] = k++;
        else if (a->shape[d] != 1)
            return false;
    }
    while (k < input->ndim && input->shape[k] == 1)
        k++;
    return k == input->ndim;
}

/* Axes [a, a_end) of the old shape and [b, b_end) of the new one, with equal products. */
struct group {
    int a, a_end, b, b_end;
};

static int64_t product(const int64_t *shape, int from, int to)
{
    int64_t n = 1;

    for (int d = from; d < to; d++)
        n *= shape[d];
    return n;
}

/* The next group after `g`; false when both shapes are used up. All lengths are 2 or more. */
static bool next_group(const tg_array *a, int ndim, const int64_t *shape, struct group *g)
{
    int64_t left, right;

    g->a = g->a_end;
    g->b = g->b_end;
    if (g->a == a->ndim || g->b == ndim)
        return false;
    left = a->shape[g->a_end++];
    right = shape[g->b_end++];
    while (left != right) {
        if (left < right)
            left *= a->shape[g->a_end++];
        else
            right *= shape[g->b_end++];
    }
    return true;
}

/* Whether a range of L elements that starts at a multiple of L is a box of shape[from, to). */
static bool is_box(const int64_t *shape, int from, int to, int64_t length)
{
    int64_t inner = 1;

    for (int d = to - 1; d >= from; d--) {
        if (length <= inner * shape[d])
            return length % inner == 0 && (d == from || shape[d] % (length / inner) == 0);
        inner *= shape[d];
        if (length % inner != 0)
            return false;
    }
    return length == inner;
}

/* The longest L up to `most` that is a box of both shapes, or the shortest above. */
static int64_t choose_range(const tg_array *a, const int64_t *shape, struct group g, int64_t most)
{
    int64_t total = product(a->shape, g.a, g.a_end), best = total;

    for (int side = 0; side < 2; side++) {
        const int64_t *s = side ? shape : a->shape;
        int from = side ? g.b : g.a, to = side ? g.b_end : g.a_end;
        int64_t inner = 1;

        for (int d = to - 1; d >= from; inner *= s[d--])
            for (int64_t c = 1; c <= s[d] && c <= 1 << 20; c++) {
                int64_t length = inner * c;
                bool better =
                    length <= most ? best > most || length > best : best > most && length < best;

                if (better && is_box(a->shape, g.a, g.a_end, length) &&
                    is_box(shape, g.b, g.b_end, length))
                    best = length;
            }
    }
    return best;
}

/* Cut shape[from, to) in ranges of L elements. */
static tg_status cut(tg_ctx *ctx, const int64_t *shape, int from, int to, int64_t length,
                     tg_grid *grid)
{
    tg_status status = TG_OK;
    int64_t inner = 1;

    for (int d = to - 1; d >= from; d--) {
        int64_t chunk = length / inner;

        chunk = chunk < 1 ? 1 : chunk > shape[d] ? shape[d] : chunk;
        TG_TRY(tg_grid_axis(ctx, shape[d], chunk, &grid->count[d], &grid->length[d]));
        inner *= shape[d];
    }
out:
    return status;
}

/* Elements of the range to aim at: what chunks have along the group's axes now, at least what the
 * library's target leaves. */
static int64_t aim(const tg_array *a, struct group g)
{
    int64_t here = 1, others = 1, room;

    for (int d = 0; d < a->ndim; d++) {
        int64_t most = 1;

        for (int64_t c = 0; c < a->grid.count[d]; c++)
            most = a->grid.length[d][c] > most ? a->grid.length[d][c] : most;
        if (d >= g.a && d < g.a_end)
            here *= most;
        else
            others *= most;
    }
    room = TG_CHUNK_TARGET / (int64_t)tg_dtype_size(a->dtype) / (others > 0 ? others : 1);
    return here > room ? here : a->automatic ? room : here;
}

static tg_status plan(const tg_array *a, int ndim, const int64_t *shape, tg_grid *below,
                      tg_grid *grid)
{
    tg_status status = TG_OK;
    struct group g = {0};

    *below = a->grid;
    while (next_group(a, ndim, shape, &g)) {
        int64_t length;

        if (g.a_end - g.a == 1 && g.b_end - g.b == 1) {
            grid->count[g.b] = a->grid.count[g.a];
            grid->length[g.b] = a->grid.length[g.a];
            continue;
        }
        length = choose_range(a, shape, g, aim(a, g));
        TG_TRY(cut(a->ctx, a->shape, g.a, g.a_end, length, below));
        TG_TRY(cut(a->ctx, shape, g.b, g.b_end, length, grid));
    }
out:
    return status;
}

/* At most one -1, which stands for what is left. */
static tg_status resolve_shape(const tg_array *a, int ndim, const int64_t *asked, int64_t *shape)
{
    tg_status status = TG_OK;
    char from[TG_SHAPE_TEXT], to[TG_SHAPE_TEXT];
    int64_t known = 1;
    int open = -1;

    TG_NEED(ndim >= 0 && ndim <= TG_MAX_NDIM, TG_EARG, "an array of %d axes: 0 to %d can be", ndim,
            TG_MAX_NDIM);
    for (int d = 0; d < ndim; d++) {
        shape[d] = asked[d];
        TG_NEED(asked[d] >= -1, TG_EARG, "reshape to %s: a length is negative",
                tg_shape_text(ndim, asked, to));
        TG_NEED(asked[d] >= 0 || open < 0, TG_EARG, "reshape to %s: only one length can be -1",
                tg_shape_text(ndim, asked, to));
        if (asked[d] < 0)
            open = d;
        else
            TG_NEED(!__builtin_mul_overflow(known, asked[d], &known), TG_EARG,
                    "reshape to %s: too many elements", tg_shape_text(ndim, asked, to));
    }
    if (open >= 0 && known > 0)
        shape[open] = a->size / known;
    TG_NEED(open < 0 ? known == a->size : known > 0 && known * shape[open] == a->size, TG_EARG,
            "cannot reshape an array of %" PRId64 " elements, shape %s, into shape %s", a->size,
            tg_shape_text(a->ndim, a->shape, from), tg_shape_text(ndim, asked, to));
out:
    return status;
}

/* Without axes of length 1. */
static tg_array *without_ones(tg_array *a)
{
    int from[TG_MAX_NDIM], n = 0;

    for (int d = 0; d < a->ndim; d++)
        if (a->shape[d] != 1)
            from[n++] = d;
    return tg_reshape_ones(a, n, from);
}

/* Shapes without axes of length 1. */
static tg_array *reshape_plain(tg_array *a, int ndim, const int64_t *shape)
{
    tg_status status = TG_OK;
    tg_grid below = {0}, grid = {0};
    tg_array *node = NULL;

    TG_TRY(tg_array_status(a));
    if (ndim == a->ndim && memcmp(shape, a->shape, (size_t)ndim * sizeof *shape) == 0)
        return a;
    TG_TRY(plan(a, ndim, shape, &below, &grid));
    node = tg_rechunk_to(a, &below);
    TG_TRY(tg_array_status(node));
    return tg_reshape_node(node, ndim, shape, &grid);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_reshape(tg_array *a, int ndim, const int64_t *asked)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM], plain[TG_MAX_NDIM];
    int from[TG_MAX_NDIM], n = 0;

    TG_TRY(tg_array_status(a));
    TG_TRY(resolve_shape(a, ndim, asked, shape));
    if (ndim == a->ndim && memcmp(shape, a->shape, (size_t)ndim * sizeof *shape) == 0)
        return a;
    if (a->size == 0)
        return tg_zeros_node(a->ctx, a->dtype, ndim, shape, NULL);
    for (int d = 0; d < ndim; d++) {
        from[d] = shape[d] == 1 ? -1 : n;
        if (shape[d] != 1)
            plain[n++] = shape[d];
    }
    return tg_reshape_ones(reshape_plain(without_ones(a), n, plain), ndim, from);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}

tg_array *tg_ravel(tg_array *a)
{
    return tg_reshape(a, 1, (int64_t[]){-1});
}
