/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A chunk of a result that is cut anew in two stages is made of a row of chunks of the middle
 * stage, and so are its neighbours. Where memory does not hold all rows, each row is to be used up
 * before the next is begun:
 *
 *     middle   |   a   |   b   |   c   |   (each a row, here from above)
 *     result   | 1 | 2 | 3 | 4 | 5 | 6 |   first all of a, in all axes, then all of b
 */
#include "lower/visit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "expr/views.h"
#include "lower/lowering.h"

/* The input that a node takes its chunks from one by one, NULL: none. axis[d], of the node's that
 * is the root's axis d, becomes that of the input. */
static const tg_array *same_chunks(const tg_array *a, int *axis)
{
    if (a->class == &tg_class_transpose) {
        const tg_transpose_params *params = a->params;

        for (int d = 0; d < a->ndim; d++)
            axis[d] = params->axis[axis[d]];
        return a->inputs[0];
    }
    for (int i = 0; i < a->ninputs; i++)
        if (a->inputs[i]->ndim == a->ndim && tg_grid_equal(a->ndim, &a->grid, &a->inputs[i]->grid))
            return a->inputs[i];
    return NULL;
}

static const tg_array *find_middle(const tg_array *a, int *axis)
{
    while (a && !(a->class == &tg_class_rechunk && a->inputs[0]->class == &tg_class_rechunk))
        a = same_chunks(a, axis);
    return a ? a->inputs[0] : NULL;
}

/* Which chunk of the middle stage each chunk along an axis of the root begins in; malloc. */
static int64_t *find_groups(const tg_array *root, int d, const tg_array *middle, int axis)
{
    int64_t *group = calloc((size_t)root->grid.count[d], sizeof *group);
    int64_t at = 0, m = 0, end = middle->grid.length[axis][0];

    for (int64_t c = 0; group && c < root->grid.count[d]; c++) {
        while (at >= end && m + 1 < middle->grid.count[axis])
            end += middle->grid.length[axis][++m];
        group[c] = m;
        at += root->grid.length[d][c];
    }
    return group;
}

/* The row that a chunk belongs to, numbered by the root's axes. */
static int64_t row_of(const tg_array *root, int64_t chunk, int64_t *const *group,
                      const int64_t *count)
{
    int64_t index[TG_MAX_NDIM], row = 0;

    tg_chunk_index(root, chunk, index);
    for (int d = 0; d < root->ndim; d++)
        row = row * count[d] + group[d][index[d]];
    return row;
}

/* Sort by row: a counting sort, so that chunks of a row stay as they were. */
static tg_status sort_by_row(const tg_array *root, int64_t *const *group, const int64_t *count,
                             int64_t *order)
{
    tg_status status = TG_OK;
    const int64_t n = tg_grid_chunks(root->ndim, &root->grid);
    int64_t rows = 1, *begin = NULL;

    for (int d = 0; d < root->ndim; d++)
        rows *= count[d];
    begin = calloc((size_t)rows + 2, sizeof *begin);
    TG_NEED(begin, TG_ENOMEM, "%" PRId64 " chunks", rows);
    for (int64_t c = 0; c < n; c++)
        begin[row_of(root, c, group, count) + 1]++;
    for (int64_t r = 0; r < rows; r++)
        begin[r + 1] += begin[r];
    for (int64_t c = 0; c < n; c++)
        order[begin[row_of(root, c, group, count)]++] = c;
out:
    free(begin);
    return status;
}

tg_status tg_visit_order(const tg_array *root, int64_t **order)
{
    tg_status status = TG_OK;
    int64_t *group[TG_MAX_NDIM] = {NULL}, count[TG_MAX_NDIM], *made = NULL;
    int axis[TG_MAX_NDIM];
    const tg_array *middle;

    for (int d = 0; d < root->ndim; d++)
        axis[d] = d;
    middle = root->size > 0 ? find_middle(root, axis) : NULL;
    *order = NULL;
    if (!middle)
        return TG_OK;
    made = calloc((size_t)tg_grid_chunks(root->ndim, &root->grid), sizeof *made);
    TG_NEED(made, TG_ENOMEM, "the chunks of a result");
    for (int d = 0; d < root->ndim; d++) {
        group[d] = find_groups(root, d, middle, axis[d]);
        TG_NEED(group[d], TG_ENOMEM, "%" PRId64 " chunks", root->grid.count[d]);
        count[d] = middle->grid.count[axis[d]];
    }
    TG_TRY(sort_by_row(root, group, count, made));
    *order = made;
    made = NULL;
out:
    for (int d = 0; d < root->ndim; d++)
        free(group[d]);
    free(made);
    return status;
}
