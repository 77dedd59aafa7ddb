/* SPDX-License-Identifier: BSD-3-Clause */
/* C functions on blocks, with and without halo, on lines, and random arrays. */
#include <math.h>
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"
#include "kernel/philox.h"

enum { ROWS = 7, COLUMNS = 11 };

static tg_array *grid_of_numbers(tg_ctx *ctx, const char *chunks, double *values)
{
    for (int i = 0; i < ROWS * COLUMNS; i++)
        values[i] = (i * 37) % 53;
    return tg_rechunk(tg_from_memory(ctx, values, TG_FLOAT64, 2, (int64_t[]){ROWS, COLUMNS}),
                      chunks);
}

static tg_status add_start(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t size, tg_task *task)
{
    double by;

    (void)nin, (void)task;
    memcpy(&by, params, size);
    for (int64_t i = 0; i < out->size; i++)
        ((double *)out->data)[i] =
            ((const double *)in->data)[i] + by * (double)(out->start[0] + i / out->shape[1]);
    return TG_OK;
}

static tg_status blocks_know_their_place(tg_ctx *ctx)
{
    double values[ROWS * COLUMNS], got[ROWS * COLUMNS], by = 100;
    tg_array *a = grid_of_numbers(ctx, "3,4", values);
    tg_block_spec spec = {.name = "add_start",
                          .function = add_start,
                          .params = &by,
                          .params_size = sizeof by,
                          .dtype = TG_FLOAT64};

    TEST_OK(tg_gather(tg_map_blocks(&spec, &a, 1), got, sizeof got));
    for (int i = 0; i < ROWS * COLUMNS; i++)
        TEST_CHECK(got[i] == values[i] + 100. * (i / COLUMNS));
    return TG_OK;
}

/* The sum of an element, the two before it and the one after it along the second axis. */
static tg_status sum_neighbours(const tg_block *in, int nin, tg_block *out, const void *params,
                                size_t size, tg_task *task)
{
    const double *x = in->data;
    double *y = out->data;

    (void)nin, (void)params, (void)size, (void)task;
    for (int64_t i = 0; i < in->shape[0]; i++, x += in->shape[1])
        for (int64_t j = 2; j < in->shape[1] - 1; j++)
            *y++ = x[j - 2] + x[j - 1] + x[j] + x[j + 1];
    return TG_OK;
}

/* The element at a place beyond the edges, told from the picture in blocks.h. */
static double beyond(const double *row, int at, tg_boundary boundary)
{
    static const int reflect[] = {1, 0}, mirror[] = {2, 1};

    if (at >= 0 && at < COLUMNS)
        return row[at];
    switch (boundary) {
    case TG_BOUNDARY_PERIODIC:
        return row[(at + COLUMNS) % COLUMNS];
    case TG_BOUNDARY_REFLECT:
        return at < 0 ? row[reflect[at + 2]] : row[COLUMNS - 1];
    case TG_BOUNDARY_MIRROR:
        return at < 0 ? row[mirror[at + 2]] : row[COLUMNS - 2];
    case TG_BOUNDARY_NEAREST:
        return at < 0 ? row[0] : row[COLUMNS - 1];
    default:
        return -1;
    }
}

static tg_status neighbours_are_seen_over_chunks_and_edges(tg_ctx *ctx, const char *chunks,
                                                           tg_boundary boundary)
{
    double values[ROWS * COLUMNS], got[ROWS * COLUMNS];
    tg_array *a = grid_of_numbers(ctx, chunks, values);
    tg_block_spec spec = {.name = "sum", .function = sum_neighbours, .dtype = TG_FLOAT64};
    tg_halo halo = {
        .before = {0, 2}, .after = {0, 1}, .boundary = {boundary, boundary}, .value = {-1, -1}};

    TEST_OK(tg_gather(tg_map_overlap(a, &spec, &halo, true), got, sizeof got));
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            double want = 0;

            for (int k = -2; k <= 1; k++)
                want += beyond(values + i * COLUMNS, j + k, boundary);
            TEST_CHECK(got[i * COLUMNS + j] == want);
        }
    return TG_OK;
}

static tg_status a_halo_can_be_cut_off_again(tg_ctx *ctx, tg_boundary boundary)
{
    double values[ROWS * COLUMNS], got[ROWS * COLUMNS];
    tg_array *a = grid_of_numbers(ctx, "2,5", values);
    tg_halo halo = {.before = {1, 2}, .after = {2, 0}, .boundary = {boundary, boundary}};
    tg_array *wide;

    a = tg_rechunk(a, "4,6");
    wide = tg_overlap(a, &halo);
    TEST_OK(tg_array_status(wide));
    TEST_EQUAL(tg_shape(wide)[0], boundary == TG_BOUNDARY_NONE ? ROWS + 3 : ROWS + 2 * 3);
    TEST_OK(tg_gather(tg_trim(wide, a, &halo), got, sizeof got));
    TEST_CHECK(memcmp(got, values, sizeof got) == 0);
    return TG_OK;
}

static tg_status running_sum(int64_t n, const void *in, int64_t nout, void *out, const void *params,
                             size_t size)
{
    double sum = 0;

    (void)params, (void)size;
    for (int64_t i = 0; i < n; i++) {
        sum += ((const double *)in)[i];
        if (nout == n)
            ((double *)out)[i] = sum;
    }
    if (nout == 1)
        *(double *)out = sum;
    return TG_OK;
}

static tg_status lines_are_whole_along_their_axis(tg_ctx *ctx)
{
    double values[ROWS * COLUMNS], got[ROWS * COLUMNS], sums[COLUMNS];
    tg_array *a = grid_of_numbers(ctx, "2,3", values);

    TEST_OK(tg_gather(tg_apply_along_axis(a, 0, running_sum, ROWS, TG_FLOAT64, NULL, 0), got,
                      sizeof got));
    TEST_OK(tg_gather(tg_apply_along_axis(a, 0, running_sum, -1, TG_FLOAT64, NULL, 0), sums,
                      sizeof sums));
    for (int j = 0; j < COLUMNS; j++) {
        double sum = 0;

        for (int i = 0; i < ROWS; i++) {
            sum += values[i * COLUMNS + j];
            TEST_CHECK(got[i * COLUMNS + j] == sum);
        }
        TEST_CHECK(sums[j] == sum);
    }
    return TG_OK;
}

/* The first lines of the known answers that come with Random123. */
static tg_status philox_gives_its_known_answers(void)
{
    uint64_t counter[4] = {0}, key[2] = {0}, out[4];

    tg_philox(counter, key, out);
    TEST_CHECK(out[0] == UINT64_C(0x16554d9eca36314c) && out[1] == UINT64_C(0xdb20fe9d672d0fdc) &&
               out[2] == UINT64_C(0xd7e772cee186176b) && out[3] == UINT64_C(0x7e68b68aec7ba23b));
    memset(counter, 0xff, sizeof counter);
    memset(key, 0xff, sizeof key);
    tg_philox(counter, key, out);
    TEST_CHECK(out[0] == UINT64_C(0x87b092c3013fe90b) && out[1] == UINT64_C(0x438c3c67be8d0224) &&
               out[2] == UINT64_C(0x9cc7d7c69cd777b6) && out[3] == UINT64_C(0xa09caebf594f0ba0));
    return TG_OK;
}

static tg_status random_bits_hang_on_the_place_alone(tg_ctx *ctx)
{
    static const char *const chunks[] = {NULL, "3,4", "1,-1", "7,5"};
    int64_t shape[] = {7, 11};
    double first[77], other[77];

    for (int kind = 0; kind < TG_NDISTRIBUTIONS; kind++) {
        double a = kind == TG_BINOMIAL ? 100 : 12, b = kind == TG_BINOMIAL ? 0.25 : 20;

        for (int i = 0; i < 4; i++) {
            tg_array *x = tg_random(ctx, 7, 3, (tg_distribution)kind, a, b, 2, shape, chunks[i]);

            TEST_OK(tg_gather(x, i ? other : first, sizeof first));
            TEST_CHECK(i == 0 || memcmp(first, other, sizeof first) == 0);
        }
    }
    return TG_OK;
}

/* Mean and variance of 200,000 draws, within 6 standard errors (of the variance: 2 %). */
static tg_status draws_have_their_moments(tg_ctx *ctx)
{
    static const struct {
        tg_distribution kind;
        double a, b, mean, variance;
    } cases[] = {
        {TG_UNIFORM, -1, 3, 1, 16. / 12},    {TG_NORMAL, 2, 3, 2, 9},
        {TG_EXPONENTIAL, 2, 0, 2, 4},        {TG_POISSON, 3, 0, 3, 3},
        {TG_POISSON, 75, 0, 75, 75},         {TG_GAMMA, 0.5, 2, 1, 2},
        {TG_GAMMA, 9, 0.5, 4.5, 2.25},       {TG_BINOMIAL, 10, 0.3, 3, 2.1},
        {TG_BINOMIAL, 1000, 0.9, 900, 90.0},
    };
    int64_t n = 200000;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tg_array *x = tg_random(ctx, 1, i, cases[i].kind, cases[i].a, cases[i].b, 1, &n, "50000");
        double mean, variance;

        TEST_OK(tg_gather(tg_mean(x, TG_ALL_AXES), &mean, sizeof mean));
        TEST_OK(tg_gather(tg_var(x, TG_ALL_AXES), &variance, sizeof variance));
        TEST_CHECK(fabs(mean - cases[i].mean) < 6 * sqrt(cases[i].variance / (double)n));
        TEST_CHECK(fabs(variance / cases[i].variance - 1) < 0.03);
    }
    return TG_OK;
}

static tg_status a_permutation_has_each_number_once(tg_ctx *ctx)
{
    int64_t order[1000];
    bool seen[1000] = {false};

    TEST_OK(tg_gather(tg_random_permutation(ctx, 5, 0, 1000), order, sizeof order));
    for (int i = 0; i < 1000; i++) {
        TEST_CHECK(order[i] >= 0 && order[i] < 1000 && !seen[order[i]]);
        seen[order[i]] = true;
    }
    return TG_OK;
}

static tg_status run(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(blocks_know_their_place(ctx));
    for (int boundary = TG_BOUNDARY_CONSTANT; boundary <= TG_BOUNDARY_PERIODIC; boundary++) {
        TEST_OK(neighbours_are_seen_over_chunks_and_edges(ctx, "3,4", (tg_boundary)boundary));
        TEST_OK(neighbours_are_seen_over_chunks_and_edges(ctx, "-1,-1", (tg_boundary)boundary));
        TEST_OK(neighbours_are_seen_over_chunks_and_edges(ctx, "1,1", (tg_boundary)boundary));
    }
    TEST_OK(a_halo_can_be_cut_off_again(ctx, TG_BOUNDARY_NONE));
    TEST_OK(a_halo_can_be_cut_off_again(ctx, TG_BOUNDARY_PERIODIC));
    TEST_OK(lines_are_whole_along_their_axis(ctx));
    TEST_OK(philox_gives_its_known_answers());
    TEST_OK(random_bits_hang_on_the_place_alone(ctx));
    TEST_OK(draws_have_their_moments(ctx));
    TEST_OK(a_permutation_has_each_number_once(ctx));
    printf("blocks are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, run, NULL);
}

//TEST np=1,2,4 expect="blocks are right"
