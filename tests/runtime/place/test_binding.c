/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads dealt over cores of imaginary hosts and of this one; memory pooled by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exec/store.h"
#include "place/binding.h"

static int forget_host(void **state)
{
    (void)state;
    unsetenv("HWLOC_SYNTHETIC");
    return 0;
}

static void assert_said(const char *host, int nthreads, const char *expected)
{
    char text[TG_BINDING_TEXT];
    tg_binding *binding = NULL;

    setenv("HWLOC_SYNTHETIC", host, 1);
    assert_int_equal(tg_binding_create(nthreads, &binding), TG_OK);
    assert_string_equal(tg_binding_say(binding, text), expected);
    tg_binding_destroy(&binding);
}

static void threads_get_their_share_of_the_cores_in_tree_order(void **state)
{
    (void)state;
    assert_said("pack:1 l3:1 core:4 pu:2", 4, "cores 0, 1, 2, 3");
    assert_said("pack:1 l3:1 core:4 pu:2", 2, "cores 0-1, 2-3");
    assert_said("pack:1 l3:1 core:5 pu:1", 3, "cores 0, 1-2, 3-4");
    assert_said("pack:2 numa:1 core:4 pu:2", 4,
                "cores 0-1, 2-3 (NUMA node 0), 4-5, 6-7 (NUMA node 1)");
}

static void more_threads_than_cores_are_not_bound(void **state)
{
    (void)state;
    assert_said("pack:1 core:2 pu:2", 3, "no cores");
}

static void a_long_list_of_cores_ends_in_dots(void **state)
{
    char text[TG_BINDING_TEXT];
    tg_binding *binding = NULL;

    (void)state;
    setenv("HWLOC_SYNTHETIC", "pack:2 core:64 pu:1", 1);
    assert_int_equal(tg_binding_create(128, &binding), TG_OK);
    assert_non_null(strstr(tg_binding_say(binding, text), ", 62, 63, ..."));
    assert_true(strlen(text) < TG_BINDING_TEXT);
    tg_binding_destroy(&binding);
}

static void places_are_the_nodes_that_threads_are_on(void **state)
{
    tg_binding *binding = NULL;

    (void)state;
    assert_int_equal(tg_binding_nplaces(NULL), 1);
    assert_int_equal(tg_binding_place(NULL, 3), 0);
    setenv("HWLOC_SYNTHETIC", "pack:1 core:4 pu:1", 1);
    assert_int_equal(tg_binding_create(4, &binding), TG_OK);
    assert_int_equal(tg_binding_nplaces(binding), 1);
    assert_int_equal(tg_binding_place(binding, 3), 0);
    tg_binding_destroy(&binding);
    setenv("HWLOC_SYNTHETIC", "pack:2 numa:1 core:2 pu:1", 1);
    assert_int_equal(tg_binding_create(4, &binding), TG_OK);
    assert_int_equal(tg_binding_nplaces(binding), 3);
    assert_int_equal(tg_binding_place(binding, 0), 1);
    assert_int_equal(tg_binding_place(binding, 1), 1);
    assert_int_equal(tg_binding_place(binding, 2), 2);
    tg_binding_destroy(&binding);
}

/* The calling thread, bound as the last of as many threads as there are processors, and freed. */
static void a_thread_is_bound_to_its_cores_here(void **state)
{
    cpu_set_t before, bound;
    tg_binding *binding = NULL;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    if (CPU_COUNT(&before) < 2)
        skip();
    assert_int_equal(tg_binding_create(2, &binding), TG_OK);
    if (!binding) /* hardware threads of one core */
        skip();
    tg_binding_apply(binding, 1, pthread_self());
    assert_int_equal(sched_getaffinity(0, sizeof bound, &bound), 0);
    assert_true(CPU_COUNT(&bound) < CPU_COUNT(&before));
    CPU_OR(&bound, &bound, &before);
    assert_true(CPU_EQUAL(&bound, &before));
    tg_binding_destroy(&binding);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void a_buffer_goes_back_to_the_place_that_it_is_from(void **state)
{
    tg_store *store = NULL;
    tg_buffer *near, *far;
    int64_t live = -1;

    (void)state;
    assert_int_equal(tg_store_create(true, &store), TG_OK);
    assert_int_equal(tg_store_split(store, 3), TG_OK);
    near = tg_store_get_at(store, 5000, 1);
    far = tg_store_get_at(store, 5000, 2);
    tg_store_release(store, near);
    tg_store_release(store, far);
#ifndef __SANITIZE_ADDRESS__ /* nothing is pooled there */
    assert_ptr_equal(tg_store_get_at(store, 5000, 2), far);
    assert_ptr_equal(tg_store_get_at(store, 5000, 1), near);
    tg_store_release(store, near);
    tg_store_release(store, far);
#endif
    tg_store_destroy(&store, &live);
    assert_int_equal(live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(threads_get_their_share_of_the_cores_in_tree_order, forget_host),
        cmocka_unit_test_teardown(more_threads_than_cores_are_not_bound, forget_host),
        cmocka_unit_test_teardown(a_long_list_of_cores_ends_in_dots, forget_host),
        cmocka_unit_test_teardown(places_are_the_nodes_that_threads_are_on, forget_host),
        cmocka_unit_test(a_thread_is_bound_to_its_cores_here),
        cmocka_unit_test(a_buffer_goes_back_to_the_place_that_it_is_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
