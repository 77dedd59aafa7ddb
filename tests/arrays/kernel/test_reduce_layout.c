/* SPDX-License-Identifier: BSD-3-Clause */
/* What all reducers have in common: bits that depend on the logical order only. */
#include "kernel_box.h"
#include "task_mock.h"

static const tg_reducer *const reducers[] = {
    &tg_reducer_sum,
    &tg_reducer_min,
    &tg_reducer_max,
    &tg_reducer_mean,
    &tg_reducer_var,
    &tg_reducer_std,
    &tg_reducer_detrended_mean,
    &tg_reducer_detrended_std,
};
#define NREDUCERS (int)(sizeof reducers / sizeof *reducers)

/* Shapes for rows, columns, runs that end within a block, many blocks, nothing. */
static const struct {
    int ndim;
    int64_t shape[3];
} shapes[] = {
    {1, {1}},         {1, {2000}},     {2, {270, 20}},  {2, {20, 270}},   {2, {600, 3}},
    {2, {2, 1300}},   {2, {1030, 17}}, {3, {7, 5, 37}}, {3, {3, 40, 70}}, {3, {40, 1, 33}},
    {3, {33, 40, 2}}, {2, {0, 4}},     {2, {4, 0}},
};
#define NSHAPES (int)(sizeof shapes / sizeof *shapes)

static const double params[] = {2, 1}; /* degree or ddof, ddof of trends */

static bool applies(const tg_reducer *reducer, unsigned axes)
{
    return reducer->nchunk_params == 0 || __builtin_popcount(axes) == 1;
}

/* Complex ones come last. */
static int dtypes_of(const tg_reducer *reducer)
{
    return reducer->complex_ok ? TG_NDTYPES : TG_COMPLEX64;
}

static void expect_same_bits(const tg_reducer *reducer, int s, unsigned axes, tg_dtype dtype)
{
    int64_t n = count_elements(shapes[s].ndim, shapes[s].shape);
    void *values = random_values(dtype, n);
    reduction first = {0};

    for (int layout = 0; layout < NLAYOUTS; layout++) {
        box b = box_create(dtype, shapes[s].ndim, shapes[s].shape, values, (enum layout)layout);
        reduction r = reduce_whole(reducer, &b, axes, params, 2);

        box_destroy(&b);
        if (layout == 0) {
            first = r;
            continue;
        }
        if (memcmp(r.partial, first.partial, r.size) != 0)
            fail_msg("%s of %s, shape %d, axes %x, layout %d", reducer->name, tg_dtype_name(dtype),
                     s, axes, layout);
        free(r.partial);
    }
    free(first.partial);
    free(values);
}

static void partials_do_not_depend_on_the_memory_order(void **state)
{
    (void)state;
    for (int r = 0; r < NREDUCERS; r++) {
        for (int s = 0; s < NSHAPES; s++) {
            for (unsigned axes = 0; axes < 1u << shapes[s].ndim; axes++) {
                for (int t = 0; t < dtypes_of(reducers[r]) && applies(reducers[r], axes); t++)
                    expect_same_bits(reducers[r], s, axes, (tg_dtype)t);
            }
        }
    }
}

static void a_mean_begins_the_moments_bit_for_bit(void **state)
{
    const int64_t shape[] = {700, 21}, pieces[] = {100, 0, 599, 1};

    (void)state;
    assert_ptr_equal(tg_reducer_mean.wider, &tg_reducer_var);
    for (int t = 0; t < TG_NDTYPES; t++) {
        void *values = random_values((tg_dtype)t, 700 * 21);
        box b = box_create((tg_dtype)t, 2, shape, values, C_ORDER);
        reduction mean = reduce(&tg_reducer_mean, &b, 1, NULL, 0, pieces, 4);
        reduction var = reduce(&tg_reducer_var, &b, 1, NULL, 0, pieces, 4);

        assert_true(mean.size < var.size);
        assert_memory_equal(mean.partial, var.partial, mean.size);
        free(mean.partial);
        free(var.partial);
        box_destroy(&b);
        free(values);
    }
}

static void a_constant_has_its_mean_and_no_deviation(void **state)
{
    const int64_t shape[] = {1000, 40}, pieces[] = {1, 299, 700};

    (void)state;
    for (int t = TG_INT8; t < TG_COMPLEX64; t++) {
        double value = t < TG_FLOAT32 ? 103 : 103.1;
        char *values = malloc(sizeof(double) * 40000);

        assert_non_null(values);
        for (size_t i = 0; i < 40000; i++)
            tg_convert(1, TG_FLOAT64, &value, (tg_dtype)t, values + i * tg_dtype_size((tg_dtype)t));
        tg_convert(1, (tg_dtype)t, values, TG_FLOAT64, &value);
        for (int layout = 0; layout < NLAYOUTS; layout++) {
            box b = box_create((tg_dtype)t, 2, shape, values, (enum layout)layout);

            for (int r = 0; r < NREDUCERS; r++) {
                reduction done = reduce(reducers[r], &b, 1, params, 2, pieces, 3);
                double *x = double_results(&done);
                const char *name = reducers[r]->name;
                double want = strstr(name, "std") || strstr(name, "var") ? 0 : value;

                for (int k = 0; k < 40 && strcmp(name, "sum") != 0; k++)
                    assert_true(x[k] == want);
                free(x);
            }
            box_destroy(&b);
        }
        free(values);
    }
}

static void pieces_without_elements_change_nothing(void **state)
{
    const int64_t shape[] = {500, 7}, whole[] = {500}, pieces[] = {0, 0, 500, 0};

    (void)state;
    for (int r = 0; r < NREDUCERS; r++) {
        for (int t = 0; t < dtypes_of(reducers[r]); t++) {
            void *values = random_values((tg_dtype)t, 3500);
            box b = box_create((tg_dtype)t, 2, shape, values, C_ORDER);
            reduction one = reduce(reducers[r], &b, 1, params, 2, whole, 1);
            reduction all = reduce(reducers[r], &b, 1, params, 2, pieces, 4);

            assert_memory_equal(one.partial, all.partial, one.size);
            free(one.partial);
            free(all.partial);
            box_destroy(&b);
            free(values);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partials_do_not_depend_on_the_memory_order),
        cmocka_unit_test(a_mean_begins_the_moments_bit_for_bit),
        cmocka_unit_test(a_constant_has_its_mean_and_no_deviation),
        cmocka_unit_test(pieces_without_elements_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
