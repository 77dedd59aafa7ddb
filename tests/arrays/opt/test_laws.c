/* SPDX-License-Identifier: BSD-3-Clause */
/* Each law of the optimiser on expressions that a person can read: dumps before and after. */
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"
#include "opt/pass.h"

/* The dump of some roots; the caller frees it. */
static char *dump(tg_array **roots, int nroots)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    if (tg_array_dump(roots, nroots, stream) != TG_OK)
        fprintf(stream, "error: %s\n", tg_message());
    fclose(stream);
    return text;
}

static tg_status same_text(const char *got, const char *want, const char *what)
{
    if (strcmp(got, want) == 0)
        return TG_OK;
    fprintf(stderr, "%s: got\n%swant\n%s", what, got, want);
    return TG_EARG;
}

/* The roots are `before`; the pass (NULL: all of them) makes them `after`. */
static tg_status becomes(tg_array **roots, int nroots, const char *before, const tg_pass *pass,
                         const char *after)
{
    char *text = dump(roots, nroots);
    bool changed = false;

    TEST_OK(same_text(text, before, "before"));
    free(text);
    TEST_OK(pass ? pass->run(roots, nroots, &changed) : tg_optimise(roots, nroots));
    text = dump(roots, nroots);
    TEST_OK(same_text(text, after, "after"));
    free(text);
    return TG_OK;
}

/* An array of shape [4, 6] in memory that stands for any source. */
static tg_array *numbers(tg_ctx *ctx, tg_dtype dtype, int rows)
{
    static const double zeros[64];

    return tg_from_memory(ctx, zeros, dtype, 2, (int64_t[]){rows, 6});
}

static tg_status rechunking_a_source_is_reading_it_so(tg_ctx *ctx)
{
    tg_array *root = tg_rechunk(tg_add(numbers(ctx, TG_INT16, 4), tg_int(ctx, 1)), "2,-1");

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = memory(number, 1) int64 ()\n"
                   "%2 = program(%0, %1; r2 = add r0 r1:int16) int16 (4, 6) chunks 4, 6\n"
                   "%3 = rechunk(%2) int16 (4, 6) chunks 2x2, 6\n"
                   "return %3\n",
                   &tg_pass_read_rechunk,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 2x2, 6\n"
                   "%1 = memory(number, 1) int64 ()\n"
                   "%2 = program(%0, %1; r2 = add r0 r1:int16) int16 (4, 6) chunks 2x2, 6\n"
                   "return %2\n");
}

static tg_status a_transposition_moves_to_what_a_reduction_leaves(tg_ctx *ctx)
{
    tg_array *root = tg_mean(tg_transpose(numbers(ctx, TG_INT16, 4), NULL), TG_AXES(0));

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = transpose(%0; axes 1 0) int16 (6, 4) chunks 6, 4\n"
                   "%2 = reduce(%1; mean, axes 0) float64 (4,) chunks 4\n"
                   "return %2\n",
                   NULL,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reduce(%0; mean, axes 1) float64 (4,) chunks 4\n"
                   "return %1\n");
}

static tg_status transpositions_cancel_through_operators(tg_ctx *ctx)
{
    tg_array *left = tg_transpose(numbers(ctx, TG_FLOAT64, 4), NULL);
    tg_array *right = tg_transpose(numbers(ctx, TG_FLOAT32, 4), NULL);
    tg_array *root = tg_transpose(tg_multiply(left, right), NULL);

    return becomes(&root, 1,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = transpose(%0; axes 1 0) float64 (6, 4) chunks 6, 4\n"
                   "%2 = memory(96 bytes) float32 (4, 6) chunks 4, 6\n"
                   "%3 = transpose(%2; axes 1 0) float32 (6, 4) chunks 6, 4\n"
                   "%4 = program(%1, %3; r2 = multiply r0 r1:float64) float64 (6, 4) chunks 6, 4\n"
                   "%5 = transpose(%4; axes 1 0) float64 (4, 6) chunks 4, 6\n"
                   "return %5\n",
                   NULL,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = memory(96 bytes) float32 (4, 6) chunks 4, 6\n"
                   "%2 = program(%0, %1; r2 = multiply r0 r1:float64) float64 (4, 6) chunks 4, 6\n"
                   "return %2\n");
}

static tg_status transposed_pieces_are_joined_before(tg_ctx *ctx)
{
    tg_array *pieces[] = {tg_transpose(numbers(ctx, TG_INT16, 4), NULL),
                          tg_transpose(numbers(ctx, TG_INT16, 2), NULL)};
    tg_array *root = tg_concatenate(pieces, 2, -1);

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = transpose(%0; axes 1 0) int16 (6, 4) chunks 6, 4\n"
                   "%2 = memory(24 bytes) int16 (2, 6) chunks 2, 6\n"
                   "%3 = transpose(%2; axes 1 0) int16 (6, 2) chunks 6, 2\n"
                   "%4 = concatenate(%1, %3; axis 1) int16 (6, 6) chunks 6, 4+2\n"
                   "return %4\n",
                   &tg_pass_transpose_up,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = memory(24 bytes) int16 (2, 6) chunks 2, 6\n"
                   "%2 = concatenate(%0, %1; axis 0) int16 (6, 6) chunks 4+2, 6\n"
                   "%3 = transpose(%2; axes 1 0) int16 (6, 6) chunks 6, 4+2\n"
                   "return %3\n");
}

static tg_status the_scaling_of_integers_moves_behind_their_moments(tg_ctx *ctx)
{
    tg_array *scaled = tg_affine(numbers(ctx, TG_INT16, 4), -2, 3);
    tg_array *roots[] = {tg_mean(scaled, TG_AXES(1)), tg_std(scaled, TG_AXES(1)),
                         tg_max(scaled, TG_AXES(1))};

    return becomes(roots, 3,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = affine(%0; slope -2, inter 3) float64 (4, 6) chunks 4, 6\n"
                   "%2 = reduce(%1; mean, axes 1) float64 (4,) chunks 4\n"
                   "%3 = reduce(%1; std, axes 1, 0) float64 (4,) chunks 4\n"
                   "%4 = reduce(%1; max, axes 1) float64 (4,) chunks 4\n"
                   "return %2, %3, %4\n",
                   &tg_pass_affine_moments,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reduce(%0; mean, axes 1) float64 (4,) chunks 4\n"
                   "%2 = affine(%1; slope -2, inter 3) float64 (4,) chunks 4\n"
                   "%3 = reduce(%0; std, axes 1, 0) float64 (4,) chunks 4\n"
                   "%4 = affine(%3; slope 2, inter 0) float64 (4,) chunks 4\n"
                   "%5 = affine(%0; slope -2, inter 3) float64 (4, 6) chunks 4, 6\n"
                   "%6 = reduce(%5; max, axes 1) float64 (4,) chunks 4\n"
                   "return %2, %4, %6\n");
}

static tg_status runs_scaled_alike_are_joined_unscaled(tg_ctx *ctx)
{
    tg_array *pieces[] = {tg_affine(numbers(ctx, TG_INT16, 4), 2, 0),
                          tg_affine(numbers(ctx, TG_INT16, 2), 2, 0)};
    tg_array *root = tg_concatenate(pieces, 2, 0);

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = affine(%0; slope 2, inter 0) float64 (4, 6) chunks 4, 6\n"
                   "%2 = memory(24 bytes) int16 (2, 6) chunks 2, 6\n"
                   "%3 = affine(%2; slope 2, inter 0) float64 (2, 6) chunks 2, 6\n"
                   "%4 = concatenate(%1, %3; axis 0) float64 (6, 6) chunks 4+2, 6\n"
                   "return %4\n",
                   &tg_pass_affine_moments,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = memory(24 bytes) int16 (2, 6) chunks 2, 6\n"
                   "%2 = concatenate(%0, %1; axis 0) int16 (6, 6) chunks 4+2, 6\n"
                   "%3 = affine(%2; slope 2, inter 0) float64 (6, 6) chunks 4+2, 6\n"
                   "return %3\n");
}

static tg_status equal_expressions_are_one(tg_ctx *ctx)
{
    tg_array *a = numbers(ctx, TG_INT16, 4);
    tg_array *root = tg_add(tg_negative(a), tg_negative(a));

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = program(%0; r1 = negative r0:int16) int16 (4, 6) chunks 4, 6\n"
                   "%2 = program(%0; r1 = negative r0:int16) int16 (4, 6) chunks 4, 6\n"
                   "%3 = program(%1, %2; r2 = add r0 r1:int16) int16 (4, 6) chunks 4, 6\n"
                   "return %3\n",
                   &tg_pass_common_subexpression,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = program(%0; r1 = negative r0:int16) int16 (4, 6) chunks 4, 6\n"
                   "%2 = program(%1, %1; r2 = add r0 r1:int16) int16 (4, 6) chunks 4, 6\n"
                   "return %2\n");
}

static tg_status a_mean_is_read_off_the_partials_of_a_deviation(tg_ctx *ctx)
{
    tg_array *a = numbers(ctx, TG_INT16, 4);
    tg_array *roots[] = {tg_mean(a, TG_AXES(1)), tg_std(a, TG_AXES(1)), tg_mean(a, TG_AXES(0))};

    return becomes(roots, 3,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reduce(%0; mean, axes 1) float64 (4,) chunks 4\n"
                   "%2 = reduce(%0; std, axes 1, 0) float64 (4,) chunks 4\n"
                   "%3 = reduce(%0; mean, axes 0) float64 (6,) chunks 6\n"
                   "return %1, %2, %3\n",
                   &tg_pass_moments_sharing,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reduce(%0; mean, partials of std, axes 1) float64 (4,) chunks 4\n"
                   "%2 = reduce(%0; std, axes 1, 0) float64 (4,) chunks 4\n"
                   "%3 = reduce(%0; mean, axes 0) float64 (6,) chunks 6\n"
                   "return %1, %2, %3\n");
}

static tg_status scaling_ends_as_a_product_and_a_sum(tg_ctx *ctx)
{
    tg_array *root = tg_affine(numbers(ctx, TG_INT16, 4), 2, 3);

    return becomes(&root, 1,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = affine(%0; slope 2, inter 3) float64 (4, 6) chunks 4, 6\n"
                   "return %1\n",
                   &tg_pass_affine_expand,
                   "%0 = memory(48 bytes) int16 (4, 6) chunks 4, 6\n"
                   "%1 = memory(2) float64 ()\n"
                   "%2 = memory(3) float64 ()\n"
                   "%3 = program(%0, %1, %2; r3 = multiply r0 r1:float64; r4 = add r3 r2:float64) "
                   "float64 (4, 6) chunks 4, 6\n"
                   "return %3\n");
}

static tg_status chains_of_operators_are_one_program(tg_ctx *ctx)
{
    tg_array *a = numbers(ctx, TG_FLOAT64, 4), *root_of = tg_sqrt(a);
    tg_array *root = tg_divide(root_of, tg_add(root_of, tg_float(ctx, 1)));

    return becomes(&root, 1,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = program(%0; r1 = sqrt r0:float64) float64 (4, 6) chunks 4, 6\n"
                   "%2 = memory(number, 1) float64 ()\n"
                   "%3 = program(%1, %2; r2 = add r0 r1:float64) float64 (4, 6) chunks 4, 6\n"
                   "%4 = program(%1, %3; r2 = divide r0 r1:float64) float64 (4, 6) chunks 4, 6\n"
                   "return %4\n",
                   &tg_pass_fusion,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = program(%0; r1 = sqrt r0:float64) float64 (4, 6) chunks 4, 6\n"
                   "%2 = memory(number, 1) float64 ()\n"
                   "%3 = program(%1, %2; r2 = add r0 r1:float64; r3 = divide r0 r2:float64) "
                   "float64 (4, 6) chunks 4, 6\n"
                   "return %3\n");
}

static tg_status a_file_in_chunks_and_in_parts_is_read_once(tg_ctx *ctx)
{
    tg_array *run, *roots[2];

    TEST_OK(tg_store(numbers(ctx, TG_INT16, 4), "numbers.h5", "/a", NULL));
    run = tg_open(ctx, "numbers.h5:/a", NULL);
    roots[0] = tg_sum(run, TG_AXES(1));
    roots[1] = tg_rechunk(run, "1,-1");
    TEST_OK(tg_optimise(&roots[1], 1));
    return becomes(roots, 2,
                   "%0 = source(numbers.h5:/a) int16 (4, 6) chunks 4, 6\n"
                   "%1 = reduce(%0; sum, axes 1) int64 (4,) chunks 4\n"
                   "%2 = source(numbers.h5:/a) int16 (4, 6) chunks 4x1, 6\n"
                   "return %1, %2\n",
                   &tg_pass_one_read,
                   "%0 = source(numbers.h5:/a) int16 (4, 6) chunks 4x1, 6\n"
                   "%1 = rechunk(%0) int16 (4, 6) chunks 4, 6\n"
                   "%2 = reduce(%1; sum, axes 1) int64 (4,) chunks 4\n"
                   "return %2, %0\n");
}

static tg_status a_reduction_makes_what_it_reduces(tg_ctx *ctx)
{
    tg_array *sum = tg_add(numbers(ctx, TG_FLOAT64, 4), tg_int(ctx, 1)), *root;

    root = tg_mean(sum, TG_AXES(0));
    return becomes(&root, 1,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = memory(number, 1) int64 ()\n"
                   "%2 = program(%0, %1; r2 = add r0 r1:float64) float64 (4, 6) chunks 4, 6\n"
                   "%3 = reduce(%2; mean, axes 0) float64 (6,) chunks 6\n"
                   "return %3\n",
                   &tg_pass_reduce_fusion,
                   "%0 = memory(192 bytes) float64 (4, 6) chunks 4, 6\n"
                   "%1 = memory(number, 1) int64 ()\n"
                   "%2 = inlined(%0, %1; r2 = add r0 r1:float64) float64 (4, 6) chunks 4, 6\n"
                   "%3 = reduce(%2; mean, axes 0) float64 (6,) chunks 6\n"
                   "return %3\n");
}

/* A file that nothing else wants is read where it is reduced, its parts as well; not one that is
 * wanted twice. */
static tg_status a_reduction_reads_what_it_reduces(tg_ctx *ctx)
{
    tg_array *run, *roots[2], *pieces[2];
    bool changed = false;

    TEST_OK(tg_store(numbers(ctx, TG_INT16, 4), "read.h5", "/a", NULL));
    TEST_OK(tg_store(numbers(ctx, TG_INT16, 4), "read-2.h5", "/a", NULL));
    pieces[0] = run = tg_open(ctx, "read.h5:/a", NULL);
    pieces[1] = tg_open(ctx, "read-2.h5:/a", NULL);
    roots[0] = tg_std(tg_concatenate(pieces, 2, 1), TG_AXES(1));
    TEST_OK(becomes(roots, 1,
                    "%0 = source(read.h5:/a) int16 (4, 6) chunks 4, 6\n"
                    "%1 = source(read-2.h5:/a) int16 (4, 6) chunks 4, 6\n"
                    "%2 = concatenate(%0, %1; axis 1) int16 (4, 12) chunks 4, 2x6\n"
                    "%3 = reduce(%2; std, axes 1, 0) float64 (4,) chunks 4\n"
                    "return %3\n",
                    &tg_pass_reduce_fusion,
                    "%0 = read inside(read.h5:/a) int16 (4, 6) chunks 4, 6\n"
                    "%1 = read inside(read-2.h5:/a) int16 (4, 6) chunks 4, 6\n"
                    "%2 = concatenate(%0, %1; axis 1) int16 (4, 12) chunks 4, 2x6\n"
                    "%3 = reduce(%2; std, axes 1, 0) float64 (4,) chunks 4\n"
                    "return %3\n"));
    pieces[1] = run;
    roots[0] = tg_std(tg_concatenate(pieces, 2, 1), TG_AXES(1));
    TEST_OK(tg_pass_reduce_fusion.run(roots, 1, &changed));
    roots[0] = tg_min(run, TG_AXES(1));
    roots[1] = tg_max(run, TG_AXES(1));
    TEST_OK(tg_pass_reduce_fusion.run(roots, 2, &changed));
    TEST_CHECK(!changed);
    return TG_OK;
}

/* Nothing is made twice: a maximum and a minimum pass over a program's chunks. */
static tg_status what_two_reductions_want_is_made_once(tg_ctx *ctx)
{
    tg_array *sum = tg_add(numbers(ctx, TG_FLOAT64, 4), tg_int(ctx, 1)), *roots[2];
    bool changed = false;

    roots[0] = tg_min(sum, TG_AXES(0));
    roots[1] = tg_max(sum, TG_AXES(0));
    TEST_OK(tg_pass_reduce_fusion.run(roots, 2, &changed));
    TEST_CHECK(!changed);
    return TG_OK;
}

static tg_status laws(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(rechunking_a_source_is_reading_it_so(ctx));
    TEST_OK(a_transposition_moves_to_what_a_reduction_leaves(ctx));
    TEST_OK(transpositions_cancel_through_operators(ctx));
    TEST_OK(transposed_pieces_are_joined_before(ctx));
    TEST_OK(the_scaling_of_integers_moves_behind_their_moments(ctx));
    TEST_OK(runs_scaled_alike_are_joined_unscaled(ctx));
    TEST_OK(equal_expressions_are_one(ctx));
    TEST_OK(a_mean_is_read_off_the_partials_of_a_deviation(ctx));
    TEST_OK(scaling_ends_as_a_product_and_a_sum(ctx));
    TEST_OK(chains_of_operators_are_one_program(ctx));
    TEST_OK(a_file_in_chunks_and_in_parts_is_read_once(ctx));
    TEST_OK(a_reduction_makes_what_it_reduces(ctx));
    TEST_OK(a_reduction_reads_what_it_reduces(ctx));
    TEST_OK(what_two_reductions_want_is_made_once(ctx));
    printf("all laws hold\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, laws, NULL);
}

//TEST np=1 expect="all laws hold"
