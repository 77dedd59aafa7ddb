/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of all sizes: zeroed, kept while they grow, told from other memory when they are freed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/large.h"
#include "base/memory.h"

enum { MILLION = 1 << 20 };

static bool is_filled(const unsigned char *bytes, size_t begin, size_t end, unsigned char with)
{
    for (size_t i = begin; i < end; i++)
        if (bytes[i] != with)
            return false;
    return true;
}

static void arrays_are_zeroed_and_aligned(void **state)
{
    const size_t sizes[] = {0, 1, 4096, 2 * MILLION - 64, 2 * MILLION, 3 * MILLION + 1};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *array = tg_alloc_array((int64_t)sizes[i], 1);

        assert_non_null(array);
        assert_int_equal((uintptr_t)array % 16, 0);
        assert_true(is_filled(array, 0, sizes[i], 0));
        assert_true(tg_large_is(array) == (sizes[i] >= TG_LARGE));
        memset(array, 1, sizes[i]);
        tg_free(array);
    }
}

static void what_no_machine_has_is_refused(void **state)
{
    (void)state;
    assert_null(tg_alloc_array(-1, 1));
    assert_null(tg_alloc_array(INT64_MAX, 16));
    assert_null(tg_large_alloc(SIZE_MAX));
    assert_null(tg_large_alloc((size_t)1 << 62));
}

static void growing_keeps_what_is_there(void **state)
{
    int64_t capacity = 0, filled = 0, *numbers = NULL;

    (void)state;
    for (int64_t n = 1000; n < 5 * MILLION; n += n / 3) {
        assert_int_equal(tg_grow(&numbers, &capacity, n, sizeof *numbers), TG_OK);
        assert_true(capacity >= n);
        for (; filled < n; filled++)
            numbers[filled] = filled;
        for (int64_t i = 0; i < n; i += 1 + n / 5000)
            assert_int_equal(numbers[i], i);
    }
    tg_free(numbers);
}

/* Behind the end of what was written a large array is zeroed still. */
static void growing_adds_zeros(void **state)
{
    unsigned char *array = tg_large_grow(NULL, 5 * MILLION);

    (void)state;
    assert_non_null(array);
    memset(array, 7, 3 * MILLION);
    array = tg_large_grow(array, 9 * MILLION);
    assert_non_null(array);
    assert_true(is_filled(array, 0, 3 * MILLION, 7));
    assert_true(is_filled(array, 3 * MILLION, 9 * MILLION, 0));
    assert_null(tg_large_grow(array, SIZE_MAX)); /* it is as it was */
    assert_true(is_filled(array, 0, 3 * MILLION, 7));
    tg_large_free(array);
}

/* What is around a part that is given back stays as it was. */
static void parts_are_given_back(void **state)
{
    const size_t begin = 3 * MILLION + 5, end = 5 * MILLION + 11, page = 4096;
    unsigned char *array = tg_alloc_array(9 * MILLION, 1);

    (void)state;
    assert_non_null(array);
    memset(array, 7, 9 * MILLION);
    tg_give_back(array, begin, end);
    assert_true(is_filled(array, 0, begin, 7));
    assert_true(is_filled(array, end, 9 * MILLION, 7));
    if (tg_large_is(array))
        assert_true(is_filled(array, begin + page, end - page, 0));
    tg_give_back(array, 10, 10 + page); /* too little to be worth it */
    assert_true(is_filled(array, 0, begin, 7));
    tg_free(array);
    array = tg_alloc_array(1000, 1);
    tg_give_back(array, 0, 1000); /* not large */
    tg_free(array);
}

/* Memory of others may lie where a large array could begin. */
static void other_memory_is_freed_as_such(void **state)
{
    const size_t huge = (size_t)2 << 20;
    char *block = aligned_alloc(huge, huge);

    (void)state;
    assert_non_null(block);
    memset(block, 0, huge);
    assert_false(tg_large_is(block + 64));
    assert_false(tg_large_is(NULL));
    tg_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_zeroed_and_aligned),
        cmocka_unit_test(what_no_machine_has_is_refused),
        cmocka_unit_test(growing_keeps_what_is_there),
        cmocka_unit_test(growing_adds_zeros),
        cmocka_unit_test(parts_are_given_back),
        cmocka_unit_test(other_memory_is_freed_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
