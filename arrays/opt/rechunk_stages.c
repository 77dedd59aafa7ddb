/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rechunk-stages: where most chunks meet most others (rows become columns), cutting anew in two
 * stages needs far fewer pieces:
 *
 *     N rows -> N columns                        N * N pieces
 *     N rows -> sqrt(N) x sqrt(N) -> N columns   2 * N * sqrt(N) pieces
 *
 * Along each axis the middle stage has about the geometric mean of both numbers of chunks, and
 * merges chunks of the finer one. Its chunks are no larger than the larger ones of both, so no task
 * needs more memory, and each chunk of the input is still used once. After dask.array.rechunk.
 */
#include <inttypes.h>
#include <math.h>

#include "opt/pass.h"

/* Pieces from which on stages are worth their copy, and for each chunk. */
#define MANY_PIECES     20000.
#define PIECES_OF_CHUNK 8.

/* Pieces that one step makes. */
static double count_pieces(int ndim, const tg_grid *from, const tg_grid *to)
{
    double pieces = 1;

    for (int d = 0; d < ndim; d++) {
        int64_t i = 0, j = 0, n = 0, a = from->length[d][0], b = to->length[d][0];

        while (i < from->count[d] && j < to->count[d]) {
            int64_t step = a < b ? a : b;

            n++;
            a -= step;
            b -= step;
            if (a == 0 && ++i < from->count[d])
                a = from->length[d][i];
            if (b == 0 && ++j < to->count[d])
                b = to->length[d][j];
        }
        pieces *= (double)n;
    }
    return pieces;
}

/* One axis of the middle stage: chunks of the finer grid, merged. */
static tg_status middle_axis(tg_ctx *ctx, const tg_grid *from, const tg_grid *to, int d,
                             tg_grid *out)
{
    tg_status status = TG_OK;
    const tg_grid *fine = from->count[d] >= to->count[d] ? from : to;
    double mean = sqrt((double)from->count[d] * (double)to->count[d]);
    int64_t group = (int64_t)((double)fine->count[d] / mean + 0.5), n = 0, *length;

    group = group < 1 ? 1 : group;
    length = tg_ctx_alloc(ctx, (size_t)fine->count[d] * sizeof *length);
    TG_NEED(length, TG_ENOMEM, "a grid of %" PRId64 " chunks", fine->count[d]);
    for (int64_t c = 0; c < fine->count[d]; c++) {
        if (c % group == 0)
            length[n++] = 0;
        length[n - 1] += fine->length[d][c];
    }
    out->count[d] = n;
    out->length[d] = length;
out:
    return status;
}

static tg_status in_stages(tg_array *a, tg_array **out)
{
    tg_status status = TG_OK;
    const tg_grid *from = &a->inputs[0]->grid, *to = &a->grid;
    double chunks = (double)tg_grid_chunks(a->ndim, from) + (double)tg_grid_chunks(a->ndim, to);
    double direct = count_pieces(a->ndim, from, to);
    tg_grid middle = {0};

    *out = a;
    if (direct < MANY_PIECES || direct < PIECES_OF_CHUNK * chunks)
        goto out;
    for (int d = 0; d < a->ndim; d++)
        TG_TRY(middle_axis(a->ctx, from, to, d, &middle));
    if (count_pieces(a->ndim, from, &middle) + count_pieces(a->ndim, &middle, to) < direct / 2)
        *out = tg_rechunk_to(tg_rechunk_to(a->inputs[0], &middle), to);
out:
    return status;
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    tg_array *staged = a;
    tg_status status = TG_OK;

    (void)old;
    (void)state;
    if (a->class != &tg_class_rechunk || a->size == 0)
        return a;
    status = in_stages(a, &staged);
    return status == TG_OK ? staged : tg_node_poisoned(a->ctx, status);
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_rechunk_stages = {
    .name = "rechunk-stages",
    .law = "rechunk(x) of very many pieces = rechunk(rechunk(x)) by way of square chunks",
    .run = run,
};
