/* SPDX-License-Identifier: BSD-3-Clause */
/* A function called for each block. */
#include "call/block_calls.h"

#include <inttypes.h>
#include <string.h>

#include <tegula/index.h>

#include "expr/alike.h"
#include "expr/node.h"

/* Cuts by label: all of those of the arrays that have it. */
struct cuts {
    int64_t length[TG_MOST_LABELS];
    int64_t count[TG_MOST_LABELS];
    const int64_t *cut[TG_MOST_LABELS];
};

static tg_status join_cuts(tg_ctx *ctx, const tg_block_calls *calls, const tg_array *a,
                           const int *label, struct cuts *cuts)
{
    tg_status status = TG_OK;

    for (int d = 0; d < a->ndim; d++) {
        int l = label[d];
        int64_t n = a->shape[d];

        TG_NEED(cuts->length[l] < 0 || cuts->length[l] == n || n == 1 || cuts->length[l] == 1,
                TG_EARG, "%s: axes of %" PRId64 " and %" PRId64 " elements meet", calls->name,
                cuts->length[l], n);
        if (cuts->length[l] < 0 || (cuts->length[l] == 1 && n != 1)) {
            cuts->length[l] = n;
            cuts->count[l] = a->grid.count[d];
            cuts->cut[l] = a->grid.length[d];
        } else if (cuts->length[l] == n) {
            TG_TRY(tg_grid_union(ctx, cuts->count[l], cuts->cut[l], a->grid.count[d],
                                 a->grid.length[d], &cuts->count[l], &cuts->cut[l]));
        }
    }
out:
    return status;
}

tg_status tg_block_calls_align(tg_ctx *ctx, tg_block_calls *calls)
{
    tg_status status = TG_OK;
    struct cuts cuts;

    memset(cuts.length, -1, sizeof cuts.length);
    for (int i = 0; i < calls->count; i++)
        if (calls->argument[i].array)
            TG_TRY(
                join_cuts(ctx, calls, calls->argument[i].array, calls->argument[i].label, &cuts));
    for (int l = calls->nout; l < calls->nlabels && calls->concatenate; l++)
        if (cuts.length[l] > 0)
            TG_TRY(tg_grid_axis(ctx, cuts.length[l], cuts.length[l], &cuts.count[l], &cuts.cut[l]));
    for (int i = 0; i < calls->count; i++) {
        tg_block_argument *argument = &calls->argument[i];
        tg_grid grid;

        if (!argument->array)
            continue;
        grid = argument->array->grid;
        for (int d = 0; d < argument->array->ndim; d++)
            if (argument->array->shape[d] == cuts.length[argument->label[d]]) {
                grid.count[d] = cuts.count[argument->label[d]];
                grid.length[d] = cuts.cut[argument->label[d]];
            }
        argument->array = tg_rechunk_to(argument->array, &grid);
        TG_TRY(tg_array_status(argument->array));
    }
    TG_TRY(tg_block_calls_count(calls));
out:
    return status;
}

tg_status tg_block_calls_count(tg_block_calls *calls)
{
    tg_status status = TG_OK;

    for (int i = 0; i < calls->count; i++) {
        const tg_array *a = calls->argument[i].array;

        for (int d = 0; a && d < a->ndim; d++) {
            int64_t *blocks = &calls->blocks[calls->argument[i].label[d]], n = a->grid.count[d];

            TG_NEED(*blocks <= 1 || n == 1 || n == *blocks, TG_EARG,
                    "%s: axes of %" PRId64 " and %" PRId64 " blocks meet", calls->name, *blocks, n);
            *blocks = n > *blocks ? n : *blocks;
        }
    }
    for (int l = 0; l < calls->nlabels; l++)
        calls->blocks[l] = calls->blocks[l] > 0 ? calls->blocks[l] : 1;
out:
    return status;
}

/* The block of an array at a place by label. */
static tg_status block_at(const tg_block_argument *argument, const int64_t *at, tg_datum *out)
{
    tg_array *a = argument->array;
    tg_index items[TG_MAX_NDIM];
    bool whole = true;

    for (int d = 0; d < a->ndim; d++) {
        items[d] = TG_AT(a->grid.count[d] > 1 ? at[argument->label[d]] : 0);
        whole = whole && a->grid.count[d] == 1;
    }
    *out = tg_datum_array(whole ? a : tg_blocks(a, items, a->ndim));
    return tg_array_status(out->array);
}

/* Blocks along the axes from `d` on that the result lacks, as lists in lists. */
static tg_status lists_at(tg_ctx *ctx, const tg_block_calls *calls,
                          const tg_block_argument *argument, int d, int64_t *at, tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t n;

    while (d < argument->array->ndim && argument->label[d] < calls->nout)
        d++;
    if (d == argument->array->ndim)
        return block_at(argument, at, out);
    n = argument->array->grid.count[d];
    *out = (tg_datum){.kind = TG_DATUM_LIST, .items = tg_datum_items(ctx, n), .count = n};
    TG_NEED(out->items, TG_ENOMEM, "%" PRId64 " blocks", n);
    for (int64_t i = 0; i < n; i++) {
        at[argument->label[d]] = i;
        TG_TRY(lists_at(ctx, calls, argument, d + 1, at, &out->items[i]));
    }
    at[argument->label[d]] = 0;
out:
    return status;
}

static bool takes(const tg_datum *function, const char *name)
{
    for (int i = 0; i < function->callable->nparameters; i++)
        if (strcmp(function->callable->parameters[i], name) == 0)
            return true;
    return false;
}

/* The others with block_id. */
static tg_datum with_id(tg_ctx *ctx, const tg_block_calls *calls, const int64_t *at)
{
    int64_t n = calls->others ? calls->others->count : 0;
    tg_datum dict = {.kind = TG_DATUM_DICT, .items = tg_datum_items(ctx, n + 2), .count = n + 2};

    if (!dict.items)
        return (tg_datum){.kind = TG_DATUM_DICT};
    if (n > 0)
        memcpy(dict.items, calls->others->items, (size_t)n * sizeof *dict.items);
    dict.items[n] = (tg_datum){.kind = TG_DATUM_TEXT, .text = "block_id"};
    dict.items[n + 1] = tg_datum_ints(ctx, at, calls->nout);
    return dict;
}

static tg_status call_with(tg_ctx *ctx, const tg_block_calls *calls, const tg_datum *values,
                           const tg_datum *others, tg_array **out)
{
    tg_status status = TG_OK;
    tg_datum result;

    TG_TRY(tg_call_function(ctx, calls->function, values, calls->count, others, &result));
    TG_NEED(result.kind == TG_DATUM_ARRAY || tg_datum_is_number(&result), TG_EARG,
            "%s: the function gave a %s, not an array", calls->name, tg_datum_type(&result));
    *out = tg_datum_to_array(ctx, &result);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

static tg_status call_at(tg_ctx *ctx, const tg_block_calls *calls, int64_t *at, tg_array **out)
{
    tg_status status = TG_OK;
    tg_datum values[TG_MOST_BLOCK_ARGUMENTS], named;
    bool id = takes(calls->function, "block_id");

    for (int i = 0; i < calls->count; i++) {
        const tg_block_argument *argument = &calls->argument[i];

        if (!argument->array)
            values[i] = argument->value;
        else if (calls->concatenate)
            TG_TRY(block_at(argument, at, &values[i]));
        else
            TG_TRY(lists_at(ctx, calls, argument, 0, at, &values[i]));
    }
    if (id)
        named = with_id(ctx, calls, at);
    TG_TRY(call_with(ctx, calls, values, id ? &named : calls->others, out));
out:
    return status;
}

/* Whether axes are those of the result, aligned from the last: then a function may be called with
 * the whole arrays. */
static bool is_aligned(const tg_block_calls *calls)
{
    for (int i = 0; i < calls->count; i++) {
        const tg_array *a = calls->argument[i].array;

        for (int d = 0; a && d < a->ndim; d++)
            if (calls->argument[i].label[d] != calls->nout - a->ndim + d)
                return false;
    }
    return calls->nlabels == calls->nout && !calls->finish && !takes(calls->function, "block_id");
}

/* Of a function that is elementwise the one call for all; NULL: it is not. */
static tg_status call_whole(tg_ctx *ctx, const tg_block_calls *calls, tg_array **out)
{
    tg_status status = TG_OK;
    tg_datum values[2][TG_MOST_BLOCK_ARGUMENTS];
    tg_array *arrays[2][TG_MOST_BLOCK_ARGUMENTS], *part = NULL, *whole = NULL;
    int64_t at[TG_MOST_LABELS] = {0};
    int n = 0;

    *out = NULL;
    for (int i = 0; i < calls->count; i++) {
        const tg_block_argument *argument = &calls->argument[i];

        values[0][i] = values[1][i] = argument->value;
        if (!argument->array)
            continue;
        TG_TRY(block_at(argument, at, &values[0][i]));
        values[1][i] = tg_datum_array(argument->array);
        arrays[0][n] = values[0][i].array;
        arrays[1][n++] = argument->array;
    }
    TG_TRY(call_with(ctx, calls, values[0], calls->others, &part));
    if (tg_elementwise_alike(part, arrays[0], part, arrays[0], n) &&
        call_with(ctx, calls, values[1], calls->others, &whole) == TG_OK &&
        tg_elementwise_alike(part, arrays[0], whole, arrays[1], n))
        *out = whole;
out:
    return status;
}

static tg_status run_axis(tg_ctx *ctx, const tg_block_calls *calls, int d, int64_t *at,
                          tg_array **out)
{
    tg_status status = TG_OK;
    tg_array **parts = NULL;
    char text[TG_SHAPE_TEXT];

    if (d == calls->nout) {
        TG_TRY(call_at(ctx, calls, at, out));
        TG_NEED((*out)->ndim == calls->nout, TG_EARG,
                "%s: the function gave a block of shape %s where the result has %d axes",
                calls->name, tg_shape_text((*out)->ndim, (*out)->shape, text), calls->nout);
        if (calls->finish)
            *out = calls->finish(calls, *out, at);
        return tg_array_status(*out);
    }
    parts = tg_ctx_alloc(ctx, (size_t)calls->blocks[d] * sizeof *parts);
    TG_NEED(parts, TG_ENOMEM, "%" PRId64 " blocks", calls->blocks[d]);
    for (int64_t i = 0; i < calls->blocks[d]; i++) {
        at[d] = i;
        TG_TRY(run_axis(ctx, calls, d + 1, at, &parts[i]));
    }
    *out = calls->blocks[d] == 1 ? parts[0] : tg_concatenate(parts, (int)calls->blocks[d], d);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

tg_status tg_block_calls_run(tg_ctx *ctx, const tg_block_calls *calls, tg_array **out)
{
    tg_status status = TG_OK;
    int64_t at[TG_MOST_LABELS] = {0}, all = 1;

    TG_NEED(calls->function->kind == TG_DATUM_FUNCTION || calls->function->kind == TG_DATUM_METHOD,
            TG_EARG, "%s: the function is a %s, which cannot be called", calls->name,
            tg_datum_type(calls->function));
    for (int d = 0; d < calls->nout && all <= TG_MOST_BLOCK_CALLS; d++)
        all *= calls->blocks[d];
    *out = NULL;
    if (all > 1 && is_aligned(calls))
        TG_TRY(call_whole(ctx, calls, out));
    if (*out)
        return TG_OK;
    TG_NEED(all <= TG_MOST_BLOCK_CALLS, TG_EARG,
            "%s: more than %d blocks for a function that is not elementwise; make them larger with "
            "rechunk",
            calls->name, TG_MOST_BLOCK_CALLS);
    TG_TRY(run_axis(ctx, calls, 0, at, out));
out:
    return status;
}
