/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What numpy makes of brackets after a name of its own: np.s_[1:3] is the index itself, np.mgrid
 * and np.ogrid are grids, np.r_ joins ranges and values. Slices are arange, or linspace where the
 * step is imaginary: 0:1:5j.
 */
#include <math.h>
#include <string.h>

#include "call/eval.h"

static const char *const names[] = {"s_", "index_exp", "mgrid", "ogrid", "r_"};

bool tg_eval_is_grid(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The numbers of a slice, as an array. */
static tg_status range_of(tg_calc *calc, const tg_datum *slice, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum zero = tg_datum_int(0), one = tg_datum_int(1);
    const tg_datum *start = &slice->items[0], *stop = &slice->items[1], *step = &slice->items[2];

    start = start->kind == TG_DATUM_NONE ? &zero : start;
    step = step->kind == TG_DATUM_NONE ? &one : step;
    TG_NEED(stop->kind != TG_DATUM_NONE, TG_EARG, "a range needs its end: start:stop:step");
    if (step->kind == TG_DATUM_COMPLEX) {
        tg_datum count = tg_datum_int((int64_t)fmin(hypot(step->parts[0], step->parts[1]), 1e15));

        TG_TRY(
            tg_operator_apply(calc->ctx, "linspace", (tg_datum[]){*start, *stop, count}, 3, out));
    } else {
        TG_TRY(tg_operator_apply(calc->ctx, "arange", (tg_datum[]){*start, *stop, *step}, 3, out));
    }
out:
    return status;
}

/* The items of an index, ranges in the place of slices. */
static tg_status ranges_of(tg_calc *calc, const tg_datum *index, tg_datum *out)
{
    tg_status status = TG_OK;
    bool several = index->kind == TG_DATUM_TUPLE;

    *out = tg_datum_tuple(calc->ctx, several ? index->items : index, several ? index->count : 1);
    for (int64_t i = 0; i < out->count; i++) {
        tg_datum *item = &out->items[i];

        if (item->kind == TG_DATUM_SLICE)
            TG_TRY(range_of(calc, item, item));
    }
out:
    return status;
}

/* np.mgrid[...] and, sparse, np.ogrid[...]. */
static tg_status grid(tg_calc *calc, const tg_datum *index, bool sparse, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum ranges;
    const tg_operator *meshgrid = tg_operator_find("meshgrid");
    tg_datum named[2] = {{.kind = TG_DATUM_TEXT, .text = "ij"},
                         {.kind = TG_DATUM_BOOL, .truth = sparse}};
    tg_arguments arguments = {
        .names = (const char *[]){"indexing", "sparse"}, .named = named, .nnamed = 2};

    TG_NEED(meshgrid, TG_EARG, "there is no operator 'meshgrid' yet");
    TG_TRY(ranges_of(calc, index, &ranges));
    TG_NEED(ranges.count <= TG_MAX_NDIM, TG_EARG, "a grid of more than %d axes", TG_MAX_NDIM);
    if (index->kind != TG_DATUM_TUPLE) { /* one axis: the range itself */
        *out = ranges.items[0];
        return TG_OK;
    }
    arguments.positional = ranges.items;
    arguments.npositional = (int)ranges.count;
    TG_TRY(tg_operator_call(calc->ctx, meshgrid, NULL, &arguments, out));
    if (!sparse)
        TG_TRY(tg_operator_apply(calc->ctx, "stack", out, 1, out));
out:
    return status;
}

/* np.r_[1:4, 0, 4] */
static tg_status join(tg_calc *calc, const tg_datum *index, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum ranges;

    TG_TRY(ranges_of(calc, index, &ranges));
    for (int64_t i = 0; i < ranges.count; i++) {
        tg_datum *item = &ranges.items[i];

        if (tg_datum_is_number(item) ||
            (item->kind == TG_DATUM_ARRAY && tg_ndim(item->array) == 0)) {
            tg_datum list = tg_datum_tuple(calc->ctx, item, 1);

            list.kind = TG_DATUM_LIST;
            *item = list;
        }
    }
    TG_TRY(tg_operator_apply(calc->ctx, "concatenate", &ranges, 1, out));
out:
    return status;
}

tg_status tg_eval_grid(tg_calc *calc, const char *name, const tg_datum *index, tg_datum *out)
{
    if (strcmp(name, "r_") == 0)
        return join(calc, index, out);
    if (strcmp(name, "mgrid") == 0 || strcmp(name, "ogrid") == 0)
        return grid(calc, index, name[0] == 'o', out);
    *out = *index;
    if (strcmp(name, "index_exp") == 0 && index->kind != TG_DATUM_TUPLE)
        *out = tg_datum_tuple(calc->ctx, index, 1);
    return TG_OK;
}
