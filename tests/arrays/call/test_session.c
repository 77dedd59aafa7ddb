/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions from C: names, lines, values, messages; the table of operators. */
#include <stdlib.h>
#include <string.h>
#include <tegula/calc.h>
#include <tegula/tegula.h>

#include "check.h"

static tg_status lines_are_run_and_names_stay(tg_ctx *ctx)
{
    tg_calc *calc = NULL;
    tg_datum value = {0};
    double numbers[3] = {1, 2, 6}, mean = 0;

    TEST_OK(tg_calc_create(ctx, NULL, &calc));
    value = tg_datum_array(tg_from_memory(ctx, numbers, TG_FLOAT64, 1, (int64_t[]){3}));
    TEST_OK(tg_calc_set(calc, "x", &value));
    TEST_OK(tg_calc_run(calc, "y = x - 1; n = x.shape[0]", &value));
    TEST_EQUAL(value.kind, TG_DATUM_NONE);
    TEST_OK(tg_calc_run(calc, "y.mean()", &value));
    TEST_EQUAL(value.kind, TG_DATUM_ARRAY);
    TEST_OK(tg_gather(value.array, &mean, sizeof mean));
    TEST_CHECK(mean == 2);
    TEST_OK(tg_calc_run(calc, "n ** 2", &value));
    TEST_EQUAL(value.kind, TG_DATUM_INT);
    TEST_EQUAL(value.integer, 9);
    tg_calc_destroy(&calc);
    return TG_OK;
}

static tg_status errors_point_at_their_place(tg_ctx *ctx)
{
    tg_calc *calc = NULL;
    tg_datum value = {0};

    TEST_OK(tg_calc_create(ctx, NULL, &calc));
    TEST_FAILS(tg_calc_run(calc, "1 + nothing", &value), TG_EARG,
               "name 'nothing' is not defined (column 5)\n    1 + nothing\n        ^");
    TEST_FAILS(tg_calc_run(calc, "a = 1; (2", &value), TG_EARG, "')' is missing");
    TEST_FAILS(tg_calc_run(calc, "a", &value), TG_EARG, "name 'a' is not defined");
    TEST_FAILS(tg_calc_run(calc, "b = 3; 1/0; c = 4", &value), TG_EARG, "division by zero");
    TEST_OK(tg_calc_run(calc, "b", &value));
    TEST_EQUAL(value.integer, 3);
    TEST_FAILS(tg_calc_set(calc, "not a name", &value), TG_EARG, "letters, digits");
    tg_calc_destroy(&calc);
    return TG_OK;
}

static tg_status count_value(void *state, const tg_datum *value)
{
    *(int64_t *)state = 10 * *(int64_t *)state + value->integer;
    return TG_OK;
}

static tg_status values_are_given_to_hooks(tg_ctx *ctx)
{
    tg_calc *calc = NULL;
    tg_datum value = {0};
    int64_t seen = 0;
    tg_calc_hooks hooks = {.value = count_value, .state = &seen};

    TEST_OK(tg_calc_create(ctx, &hooks, &calc));
    TEST_OK(tg_calc_run(calc, "1; a = 5; 2; None; 3", &value));
    TEST_EQUAL(seen, 123);
    tg_calc_destroy(&calc);
    return TG_OK;
}

static tg_status rows_are_found_by_name_and_alias(tg_ctx *ctx)
{
    const tg_operator *mean = tg_operator_find("mean");
    int count = 0;

    (void)ctx;
    TEST_CHECK(mean && strcmp(mean->name, "mean") == 0);
    TEST_CHECK(tg_operator_find("amax") == tg_operator_find("max"));
    TEST_CHECK(!tg_operator_find("no such operator"));
    for (; tg_operator_at(count); count++)
        TEST_CHECK(tg_operator_find(tg_operator_at(count)->name) == tg_operator_at(count));
    TEST_CHECK(count > 20);
    return TG_OK;
}

static tg_status sessions(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(lines_are_run_and_names_stay(ctx));
    TEST_OK(errors_point_at_their_place(ctx));
    TEST_OK(values_are_given_to_hooks(ctx));
    TEST_OK(rows_are_found_by_name_and_alias(ctx));
    printf("sessions are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, sessions, NULL);
}

//TEST np=1,3 expect="sessions are right"
