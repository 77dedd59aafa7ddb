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
 *
 * A chunk of the middle needs a slab of the input's chunks, and a chunk of the result a slab of the
 * middle's. With --memory both slabs are to fit, as in rechunker (Augspurger, Abernathey 2020):
 * what is read is used up before more is read, and what comes back from disk comes back once. Then
 * the middle merges less.
 */
#include <inttypes.h>
#include <math.h>

#include <tegula/runtime.h>

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

/* Which of both is the finer one along an axis. */
static const tg_grid *finer(const tg_grid *from, const tg_grid *to, int d)
{
    return from->count[d] >= to->count[d] ? from : to;
}

/* How many chunks of the finer grid are merged along an axis. */
static int64_t mean_group(const tg_grid *from, const tg_grid *to, int d)
{
    const double fine = (double)finer(from, to, d)->count[d];
    const double mean = sqrt((double)from->count[d] * (double)to->count[d]);

    return (int64_t)(fine / mean + 0.5) < 1 ? 1 : (int64_t)(fine / mean + 0.5);
}

/* Bytes of the slab of `coarse` chunks that a middle chunk meets: along axes where these are the
 * finer ones as many as are merged, else one. About, by chunks of mean length. */
static double slab(const tg_array *a, const tg_grid *from, const tg_grid *to, const tg_grid *of,
                   const int64_t *group)
{
    double bytes = (double)tg_dtype_size(a->dtype);

    for (int d = 0; d < a->ndim; d++) {
        const double chunk = (double)a->shape[d] / (double)of->count[d];

        bytes *= finer(from, to, d) == of ? chunk * (double)group[d] : chunk;
    }
    return bytes < (double)a->size * (double)tg_dtype_size(a->dtype)
               ? bytes
               : (double)a->size * (double)tg_dtype_size(a->dtype);
}

/* Merge less along the axes where `of` is finer, until a slab of it has at most so many bytes. */
static void fit_slab(const tg_array *a, const tg_grid *from, const tg_grid *to, const tg_grid *of,
                     double most, int64_t *group)
{
    while (slab(a, from, to, of, group) > most) {
        int largest = -1;

        for (int d = 0; d < a->ndim; d++)
            if (finer(from, to, d) == of && group[d] > 1 &&
                (largest < 0 || group[d] > group[largest]))
                largest = d;
        if (largest < 0)
            return;
        group[largest] = (group[largest] + 1) / 2;
    }
}

/* Of a rank's memory a slab takes this share at most: another one is on its way, and results. */
#define SLAB_SHARE 0.25

static void find_groups(const tg_array *a, const tg_grid *from, const tg_grid *to, int64_t *group)
{
    const double memory = (double)tg_memory(a->ctx);

    for (int d = 0; d < a->ndim; d++)
        group[d] = mean_group(from, to, d);
    if (memory > 0) {
        fit_slab(a, from, to, from, SLAB_SHARE * memory, group);
        fit_slab(a, from, to, to, SLAB_SHARE * memory, group);
    }
}

/* One axis of the middle stage: chunks of the finer grid, merged. */
static tg_status middle_axis(tg_ctx *ctx, const tg_grid *fine, int d, int64_t group, tg_grid *out)
{
    tg_status status = TG_OK;
    int64_t n = 0, *length;

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
    int64_t group[TG_MAX_NDIM];
    tg_grid middle = {0};

    *out = a;
    if (direct < MANY_PIECES || direct < PIECES_OF_CHUNK * chunks)
        goto out;
    find_groups(a, from, to, group);
    for (int d = 0; d < a->ndim; d++)
        TG_TRY(middle_axis(a->ctx, finer(from, to, d), d, group[d], &middle));
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
