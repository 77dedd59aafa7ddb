/* SPDX-License-Identifier: BSD-3-Clause */
/* The store of results: classes of sizes, what is counted, what is used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "exec/store.h"

/* Has a size the least class with room for it? */
static void check_bin(size_t size)
{
    const int bin = tg_bin_of(size);

    assert_true(bin >= 0 && bin < TG_NBINS);
    assert_true(tg_bin_size(bin) >= size);
    assert_true(bin == 0 || tg_bin_size(bin - 1) < size);
}

static void sizes_have_the_least_class_with_room(void **state)
{
    (void)state;
    for (size_t size = 0; size < 100000; size++)
        check_bin(size);
    for (int bin = 0; bin < TG_NBINS && tg_bin_size(bin) < tg_largest_bin; bin++) {
        check_bin(tg_bin_size(bin) - 1);
        check_bin(tg_bin_size(bin));
        check_bin(tg_bin_size(bin) + 1);
    }
    check_bin(tg_largest_bin);
}

static void make(bool shared, bool hostile, tg_store **store)
{
    assert_int_equal(tg_store_create(shared, store), TG_OK);
    if (hostile)
        tg_store_be_hostile(*store);
}

/* With several holds, of results and of what is none, by each kind of store. */
static void what_is_held_is_counted(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        tg_store *store;
        tg_buffer *a, *b, *aside;
        int64_t live;

        make(kind & 1, kind & 2, &store);
        a = tg_store_get(store, 1000);
        b = tg_store_get_at(store, 7, 0);
        aside = tg_store_get_aside(store, 500);
        assert_true(a && b && aside);
        assert_int_equal(a->size, 1000);
        assert_int_equal((uintptr_t)tg_buffer_data(a) % TG_ALIGNMENT, 0);
        assert_int_equal(tg_store_held(store), 1007);
        tg_store_hold(store, a);
        tg_store_release(store, a);
        assert_int_equal(tg_store_held(store), 1007);
        tg_store_release(store, a);
        tg_store_release(store, NULL);
        assert_int_equal(tg_store_held(store), 7);
        assert_int_equal(tg_store_peak(store), 1007);
        assert_int_equal(tg_store_peak(store), 7);
        tg_store_release(store, aside);
        tg_store_destroy(&store, &live);
        assert_int_equal(live, 1);
        free((void *)b);
    }
}

/* By a size of the same class, the last one given up first; a hostile store gives them back. */
static void buffers_are_used_again(void **state)
{
    (void)state;
    for (int hostile = 0; hostile < 2; hostile++) {
        tg_store *store;
        tg_buffer *a, *b, *c;
        size_t memory;
        bool pools;

        make(false, hostile, &store);
        pools = !hostile && store->pool_limit > 0;
        a = tg_store_get(store, 100);
        b = tg_store_get(store, 100);
        memory = store->memory;
        tg_store_release(store, a);
        assert_int_equal(store->memory, pools ? memory : memory / 2);
        c = tg_store_get(store, 112);
        assert_true(c == a || !pools);
        assert_int_equal(store->memory, memory);
        assert_int_equal(c->size, 112);
        tg_store_release(store, b);
        tg_store_release(store, c);
        tg_store_destroy(&store, NULL);
    }
}

/* Where there is to be little memory, what the pool keeps is freed for what is asked for. */
static void a_limit_empties_the_pool(void **state)
{
    tg_store *store;
    tg_buffer *a;

    (void)state;
    make(false, false, &store);
    a = tg_store_get(store, 1 << 20);
    tg_store_release(store, a);
    tg_store_limit(store, 2 << 20);
    assert_int_equal(store->memory, store->pool_limit > 0 ? 1 << 20 : 0);
    a = tg_store_get(store, 3 << 19);
    assert_int_equal(store->memory, 3 << 19);
    tg_store_release(store, a);
    tg_store_destroy(&store, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_the_least_class_with_room),
        cmocka_unit_test(what_is_held_is_counted),
        cmocka_unit_test(buffers_are_used_again),
        cmocka_unit_test(a_limit_empties_the_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
