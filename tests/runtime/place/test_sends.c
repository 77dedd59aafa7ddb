/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of what ranks send: what was added is read again, large steps and full blocks included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "place/sends.h"

enum { NENTRIES = 1000 };

/* The i-th entry, of a rank with `most` tasks. */
static int32_t arrival_at(int i)
{
    return 1 + i + (i / 7) * 1000003;
}

static int32_t task_at(int i, int64_t most)
{
    return (int32_t)((int64_t)i * 7919 % most);
}

static void check_list(int64_t most)
{
    tg_sends sends = {0};
    tg_send_reader reader;

    assert_int_equal(tg_sends_begin(&sends, 3, most), TG_OK);
    for (int i = 0; i < NENTRIES; i++)
        for (int r = 0; r < 2; r++) {
            assert_int_equal(tg_sends_reserve(&sends, 1), TG_OK);
            tg_sends_add(&sends, r, arrival_at(i), task_at(i + r, most));
        }
    for (int r = 0; r < 2; r++) {
        reader = tg_sends_read(&sends, r);
        for (int i = 0; i < NENTRIES; i++) {
            assert_true(tg_sends_next(&reader));
            assert_int_equal(reader.arrival, arrival_at(i));
            assert_int_equal(reader.task, task_at(i + r, most));
        }
        assert_false(tg_sends_next(&reader));
        assert_int_equal(sends.list[r].count, NENTRIES);
    }
    reader = tg_sends_read(&sends, 2);
    assert_false(tg_sends_next(&reader));
    tg_sends_clear(&sends);
}

static void what_is_added_is_read(void **state)
{
    (void)state;
    check_list(1);
    check_list(1000);
    check_list(INT64_C(1) << 24);
    check_list(INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
