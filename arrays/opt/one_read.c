/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * one-read: a file that is read in large chunks for one result and in parts of those for another (a
 * run on its own, and joined with others) is read once, in parts, from which the large chunks are
 * put together. Results keep their grids and so their bits.
 */
#include <string.h>

#include "opt/pass.h"

/* Whether all cuts of `a` along an axis are cuts of `b`. */
static bool axis_is_finer(int64_t acount, const int64_t *a, int64_t bcount, const int64_t *b)
{
    int64_t at = 0, end = 0;

    for (int64_t i = 0, j = 0; i < acount; i++) {
        at += a[i];
        while (end < at && j < bcount)
            end += b[j++];
        if (end != at)
            return false;
    }
    return true;
}

/* Whether `b` reads the file of `a` in proper parts of its chunks. */
static bool is_finer(const tg_array *a, const tg_array *b)
{
    if (a->class != &tg_class_source || b->class != &tg_class_source || a->ndim != b->ndim ||
        memcmp(a->params, b->params, sizeof(tg_source_params)) != 0 ||
        memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof *a->shape) != 0 ||
        tg_grid_equal(a->ndim, &a->grid, &b->grid))
        return false;
    for (int d = 0; d < a->ndim; d++)
        if (!axis_is_finer(a->grid.count[d], a->grid.length[d], b->grid.count[d],
                           b->grid.length[d]))
            return false;
    return true;
}

/* `state` is the order of the expression as it was. */
static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    const tg_order *order = state;
    tg_array *finest = a;

    (void)old;
    if (a->class != &tg_class_source)
        return a;
    for (int64_t i = 0; i < order->count; i++) {
        if (is_finer(finest, order->nodes[i])) {
            finest = order->nodes[i];
            i = -1;
        }
    }
    return tg_rechunk_to(finest, &a->grid);
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    tg_order order = {0};

    TG_TRY(tg_order_create(roots, nroots, &order));
    TG_TRY(tg_rewrite(roots, nroots, rule, &order, changed));
out:
    tg_order_clear(&order);
    return status;
}

const tg_pass tg_pass_one_read = {
    .name = "one-read",
    .law = "source in chunks beside source in parts of them = rechunk(source in parts)",
    .run = run,
};
