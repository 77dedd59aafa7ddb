/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine: written ones, ones put together from what ranks say of themselves on imaginary
 * hosts, and the sentences about those that cannot be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "place/machine.h"

/* What gathering would leave on rank 0. */
typedef struct gathered {
    char bytes[1 << 16];
    size_t size;
    int nranks;
} gathered;

static int make_gathered(void **state)
{
    *state = tg_zalloc(sizeof(gathered));
    return *state ? 0 : -1;
}

static int drop_gathered(void **state)
{
    unsetenv("HWLOC_SYNTHETIC");
    unsetenv("HWLOC_XMLFILE");
    tg_free(*state);
    return 0;
}

/* Add a rank on `host` that is bound to all of an imaginary host of hwloc's. */
static void add_rank(gathered *g, const char *host, const char *synthetic)
{
    void *bytes = NULL;
    size_t size = 0;
    tg_rank_description *description;

    setenv("HWLOC_SYNTHETIC", synthetic, 1);
    assert_int_equal(tg_machine_describe_local(&bytes, &size), TG_OK);
    assert_true(g->size + size <= sizeof g->bytes);
    description = bytes;
    memset(description->host, 0, sizeof description->host);
    strcpy(description->host, host);
    memcpy(g->bytes + g->size, bytes, size);
    g->size += size;
    g->nranks++;
    tg_free(bytes);
}

/* Add a rank on `host` that is bound to the cores of the given runs. */
static void add_bound(gathered *g, const char *host, const tg_core_run *runs, uint32_t nruns)
{
    tg_rank_description *d = (void *)(g->bytes + g->size);

    assert_true(sizeof *d + nruns * sizeof *runs <= sizeof g->bytes - g->size);
    d->nruns = nruns;
    d->npus = 1;
    strcpy(d->host, host);
    memcpy(d->runs, runs, nruns * sizeof *runs);
    d->size = (uint32_t)(sizeof *d + nruns * sizeof *runs);
    g->size += d->size;
    g->nranks++;
}

static tg_machine *machine_of(const gathered *g)
{
    tg_machine *machine = NULL;

    assert_int_equal(tg_machine_from_ranks(g->bytes, g->size, g->nranks, &machine), TG_OK);
    assert_true(tg_machine_is_valid(machine));
    return machine;
}

static tg_machine *written(const char *spec, int nranks)
{
    tg_machine *machine = NULL;
    tg_status status = tg_machine_from_spec(spec, nranks, &machine);

    if (status != TG_OK)
        print_error("%s\n", tg_message());
    assert_int_equal(status, TG_OK);
    assert_true(tg_machine_is_valid(machine));
    return machine;
}

static void assert_prints(const tg_machine *machine, const char *want)
{
    char text[256] = "";
    FILE *file = fmemopen(text, sizeof text, "w");

    tg_machine_print(machine, file);
    fclose(file);
    assert_string_equal(text, want);
}

static void a_written_machine_has_one_rank_a_core(void **state)
{
    tg_machine *m = written("host:4 pack:2 core:16", 0);

    (void)state;
    assert_int_equal(m->nranks, 128);
    assert_int_equal(m->npackages, 8);
    assert_int_equal(m->ncores, 128);
    assert_int_equal(m->host[127], 3);
    assert_int_equal(m->package[33], 2);
    assert_int_equal(m->threads[5], 1);
    assert_false(m->oversubscribed[3]);
    assert_string_equal(m->name[2], "host2");
    assert_prints(m, "4 hosts x 2 packages x 16 cores, 128 ranks, 1 thread each\n");
    tg_machine_destroy(&m);
    assert_null(m);
}

static void levels_of_a_written_machine_follow_its_parts(void **state)
{
    tg_machine *m = written("  node:2\tsocket:2 NUMA:2 l3:2 core:2 pu:2", 0);

    (void)state;
    assert_int_equal(m->nranks, 32);
    assert_int_equal(tg_machine_level(m, 3, 3), TG_LEVEL_CORE);
    assert_int_equal(tg_machine_level(m, 0, 1), TG_LEVEL_L3);
    assert_int_equal(tg_machine_level(m, 1, 2), TG_LEVEL_NUMA);
    assert_int_equal(tg_machine_level(m, 3, 4), TG_LEVEL_PACKAGE);
    assert_int_equal(tg_machine_level(m, 7, 8), TG_LEVEL_HOST);
    assert_int_equal(tg_machine_level(m, 16, 15), TG_LEVEL_CLUSTER);
    assert_string_equal(tg_level_name(TG_LEVEL_CLUSTER), "cluster");
    assert_prints(m, "2 hosts x 2 packages x 2 NUMA nodes x 2 L3 caches x 2 cores, 32 ranks, "
                     "1 thread each\n");
    tg_machine_destroy(&m);
}

static void given_ranks_are_dealt_in_blocks_over_hosts_and_cores(void **state)
{
    tg_machine *m = written("host:4 core:16", 3);

    (void)state;
    assert_int_equal(m->host[2], 2);
    assert_int_equal(m->core[1], 16);
    assert_int_equal(m->threads[1], 16);
    tg_machine_destroy(&m);
    m = written("host:2 core:4", 5);
    assert_int_equal(m->host[2], 0);
    assert_int_equal(m->host[3], 1);
    assert_int_equal(m->core[4], 6);
    assert_int_equal(m->threads[0], 1);
    assert_int_equal(m->threads[4], 2);
    assert_prints(m, "2 hosts x 4 cores, 5 ranks, 1 to 2 threads each\n");
    tg_machine_destroy(&m);
    m = written("host:1", 3);
    assert_true(m->oversubscribed[0]);
    assert_prints(m, "1 host x 1 core, 3 ranks, 1 thread each, more ranks than cores\n");
    tg_machine_destroy(&m);
}

static void a_bad_written_machine_gets_a_sentence_with_the_column(void **state)
{
    static const char *const cases[][2] = {
        {"", "is empty"},
        {"   ", "is empty"},
        {"host:4 rack:2", "column 8: 'rack' is no level"},
        {"host", "column 5: 'host' lacks a count, as in host:2"},
        {"host 4", "column 5: 'host' lacks a count"},
        {"host:0", "column 6: the count of 'host'"},
        {"host:-1", "column 6: the count of 'host'"},
        {"host:2x", "column 6: the count of 'host'"},
        {"host:", "column 6: the count of 'host'"},
        {"host:99999999999999999999", "column 6: the count of 'host'"},
        {"core:2 host:2", "column 8: 'host' is too late"},
        {"pack:2 socket:2", "column 8: 'socket' names a level twice"},
        {":4", "column 1: '' is no level"},
        {"host:65536 core:65536", "has more than 2147483647 cores"},
        {"nowhere.xml", "nowhere.xml"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tg_machine *machine = NULL;

        assert_int_equal(tg_machine_from_spec(cases[i][0], 0, &machine), TG_EUSAGE);
        assert_null(machine);
        if (!strstr(tg_message(), cases[i][1]))
            fail_msg("\"%s\" gave: %s", cases[i][0], tg_message());
    }
}

static void a_file_of_hwloc_is_one_host_of_its_shape(void **state)
{
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\">\n"
        "<object type=\"Machine\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\""
        " allowed_cpuset=\"0x3\" nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\""
        " gp_index=\"1\">\n"
        "<object type=\"NUMANode\" os_index=\"0\" cpuset=\"0x3\" complete_cpuset=\"0x3\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"2\" local_memory=\"1024\"/>\n"
        "<object type=\"Core\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"3\">\n"
        "<object type=\"PU\" os_index=\"0\" cpuset=\"0x1\" complete_cpuset=\"0x1\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"4\"/></object>\n"
        "<object type=\"Core\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"5\">\n"
        "<object type=\"PU\" os_index=\"1\" cpuset=\"0x2\" complete_cpuset=\"0x2\""
        " nodeset=\"0x1\" complete_nodeset=\"0x1\" gp_index=\"6\"/></object>\n"
        "</object>\n</topology>\n";
    char path[] = "machine-XXXXXX.xml";
    int fd = mkstemps(path, 4);
    tg_machine *m = NULL;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    setenv("HWLOC_SYNTHETIC", "pack:2 core:8 pu:1", 1);
    m = written(path, 0);
    assert_prints(m, "1 host x 2 cores, 2 ranks, 1 thread each\n");
    tg_machine_destroy(&m);
    m = written(path, 1);
    assert_int_equal(m->threads[0], 2);
    tg_machine_destroy(&m);
    unlink(path);
}

static void this_host_can_be_described(void **state)
{
    void *bytes = NULL;
    size_t size = 0;
    char host[TG_HOST_NAME_SIZE] = "";
    tg_machine *m = NULL;

    (void)state;
    gethostname(host, sizeof host - 1);
    assert_int_equal(tg_machine_describe_local(&bytes, &size), TG_OK);
    assert_int_equal(tg_machine_from_ranks(bytes, size, 1, &m), TG_OK);
    assert_int_equal(m->nranks, 1);
    assert_int_equal(m->threads[0], m->ncores);
    assert_string_equal(m->name[0], host);
    tg_machine_destroy(&m);
    tg_free(bytes);
}

static void ranks_of_one_binding_share_its_cores(void **state)
{
    gathered *g = *state;
    tg_machine *m = NULL;

    for (int r = 0; r < 3; r++)
        add_rank(g, "a", "pack:2 numa:2 core:4 pu:2");
    m = machine_of(g);
    assert_int_equal(m->ncores, 16);
    assert_int_equal(m->nnumas, 4);
    assert_int_equal(m->core[1], 5);
    assert_int_equal(m->core[2], 10);
    assert_int_equal(m->threads[0], 5);
    assert_false(m->apart[0]);
    assert_int_equal(tg_machine_level(m, 0, 1), TG_LEVEL_PACKAGE);
    assert_int_equal(tg_machine_level(m, 1, 2), TG_LEVEL_HOST);
    assert_prints(m, "1 host x 2 packages x 2 NUMA nodes x 4 cores, 3 ranks, 5 threads each\n");
    tg_machine_destroy(&m);
}

static void threads_are_the_share_of_each_core(void **state)
{
    gathered *g = *state;
    tg_machine *m = NULL;

    add_bound(g, "a", &(tg_core_run){.first = 0, .count = 8}, 1);
    add_bound(g, "a", &(tg_core_run){.first = 0, .count = 4}, 1);
    for (int r = 0; r < 3; r++)
        add_bound(g, "b", &(tg_core_run){.first = 5, .count = 3}, 1);
    add_bound(g, "b", &(tg_core_run){.first = 9, .count = 1}, 1);
    m = machine_of(g);
    assert_false(m->apart[0] || m->apart[1] || m->apart[2]);
    assert_true(m->apart[5]);
    assert_int_equal(m->threads[0], 6);
    assert_int_equal(m->threads[1], 2);
    assert_int_equal(m->threads[2], 1);
    assert_false(m->oversubscribed[1]);
    assert_prints(m, "2 hosts, 12 cores, 6 ranks, 1 to 6 threads each\n");
    tg_machine_destroy(&m);
}

static void more_ranks_than_cores_are_told_by_host(void **state)
{
    gathered *g = *state;
    tg_machine *m = NULL;

    for (int r = 0; r < 5; r++)
        add_rank(g, r < 2 ? "a" : "b", "core:2 pu:2");
    m = machine_of(g);
    assert_false(m->oversubscribed[0]);
    assert_true(m->oversubscribed[1]);
    assert_int_equal(m->threads[4], 1);
    assert_int_equal(m->core[2], m->core[3]);
    assert_prints(m, "2 hosts x 2 cores, 5 ranks, 1 thread each, "
                     "more ranks than cores on 1 host\n");
    tg_machine_destroy(&m);
}

static void order_goes_by_host_package_and_core_whatever_the_ranks(void **state)
{
    static const tg_core_run core[] = {
        {.first = 0, .count = 1, .package = 1},
        {.first = 1, .count = 1, .package = 0},
        {.first = 2, .count = 1, .package = 1},
    };
    static const int32_t want[] = {2, 0, 4, 1, 3};
    gathered *g = *state;
    tg_machine *m = NULL;

    add_bound(g, "a", &core[0], 1);
    add_bound(g, "b", &core[1], 1);
    add_bound(g, "a", &core[1], 1);
    add_bound(g, "b", &core[0], 1);
    add_bound(g, "a", &core[2], 1);
    m = machine_of(g);
    assert_memory_equal(m->order, want, sizeof want);
    assert_int_equal(tg_machine_level(m, 0, 4), TG_LEVEL_L3);
    assert_int_equal(tg_machine_level(m, 0, 2), TG_LEVEL_HOST);
    assert_int_equal(m->npackages, 4);
    tg_machine_destroy(&m);
}

static void equal_cache_numbers_in_two_packages_are_two_caches(void **state)
{
    static const tg_core_run runs[] = {
        {.first = 0, .count = 2, .package = 0, .numa = 0, .l3 = 0},
        {.first = 2, .count = 2, .package = 1, .numa = 0, .l3 = 0},
    };
    gathered *g = *state;
    tg_machine *m = NULL;

    for (int r = 0; r < 4; r++)
        add_bound(g, "a", runs, 2);
    m = machine_of(g);
    assert_int_equal(m->nl3s, 2);
    assert_int_equal(tg_machine_level(m, 0, 1), TG_LEVEL_L3);
    assert_int_equal(tg_machine_level(m, 1, 2), TG_LEVEL_HOST);
    tg_machine_destroy(&m);
}

static void farther_messages_never_cost_less(void **state)
{
    tg_machine *m = written("host:2 pack:2 numa:2 l3:2 core:2", 0);
    static const int to[TG_NLEVELS] = {0, 1, 2, 4, 8, 16};

    (void)state;
    assert_true(tg_machine_transfer_seconds(m, 7, 7, 1 << 20) == 0);
    for (int64_t bytes = 0; bytes < INT64_C(1) << 30; bytes = bytes * 16 + 1)
        for (int i = 1; i < TG_NLEVELS; i++)
            assert_true(tg_machine_transfer_seconds(m, 0, to[i], bytes) >=
                        tg_machine_transfer_seconds(m, 0, to[i - 1], bytes));
    assert_float_equal(tg_machine_transfer_seconds(m, 0, 16, 12500), 5e-6, 1e-12);
    tg_machine_destroy(&m);
}

static void bytes_that_are_no_description_are_refused(void **state)
{
    gathered *g = *state;
    tg_machine *m = NULL;

    add_rank(g, "a", "core:4 pu:1");
    add_rank(g, "a", "core:4 pu:1");
    assert_int_equal(tg_machine_from_ranks(g->bytes, g->size - 4, 2, &m), TG_EMPI);
    assert_non_null(strstr(tg_message(), "rank 1 sent no sound description"));
    assert_int_equal(tg_machine_from_ranks(g->bytes, g->size, 1, &m), TG_EMPI);
    ((tg_rank_description *)(void *)g->bytes)->runs[0].count = 0;
    assert_int_equal(tg_machine_from_ranks(g->bytes, g->size, 2, &m), TG_EMPI);
    assert_non_null(strstr(tg_message(), "rank 0"));
    assert_null(m);
}

/* 512 hosts of 128 cores, dealt to hosts in turn. */
static void many_ranks_are_placed_in_no_time(void **state)
{
    enum { NRANKS = 65536, NHOSTS = 512 };
    const size_t size = sizeof(tg_rank_description) + sizeof(tg_core_run);
    char *bytes = tg_alloc_array(NRANKS, size);
    tg_machine *m = NULL;
    struct timespec begin;
    struct timespec end;
    double seconds;

    (void)state;
    assert_non_null(bytes);
    for (int r = 0; r < NRANKS; r++) {
        tg_rank_description *d = (void *)(bytes + (size_t)r * size);
        int core = r / NHOSTS;

        d->size = (uint32_t)size;
        d->nruns = 1;
        d->npus = 1;
        snprintf(d->host, sizeof d->host, "node-%04d", r % NHOSTS);
        d->runs[0] =
            (tg_core_run){(uint16_t)core,       1, (uint16_t)(core / 64), (uint16_t)(core / 64),
                          (uint16_t)(core / 8), 0};
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_int_equal(tg_machine_from_ranks(bytes, NRANKS * size, NRANKS, &m), TG_OK);
    clock_gettime(CLOCK_MONOTONIC, &end);
    seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    print_message("%d ranks: %.1f ms\n", NRANKS, 1e3 * seconds);
    assert_int_equal(m->order[1], NHOSTS);
    assert_prints(m, "512 hosts x 2 packages x 8 L3 caches x 8 cores, 65536 ranks, "
                     "1 thread each\n");
    tg_machine_destroy(&m);
    tg_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_machine_has_one_rank_a_core),
        cmocka_unit_test(levels_of_a_written_machine_follow_its_parts),
        cmocka_unit_test(given_ranks_are_dealt_in_blocks_over_hosts_and_cores),
        cmocka_unit_test(a_bad_written_machine_gets_a_sentence_with_the_column),
        cmocka_unit_test_setup_teardown(a_file_of_hwloc_is_one_host_of_its_shape, make_gathered,
                                        drop_gathered),
        cmocka_unit_test(this_host_can_be_described),
        cmocka_unit_test_setup_teardown(ranks_of_one_binding_share_its_cores, make_gathered,
                                        drop_gathered),
        cmocka_unit_test_setup_teardown(threads_are_the_share_of_each_core, make_gathered,
                                        drop_gathered),
        cmocka_unit_test_setup_teardown(more_ranks_than_cores_are_told_by_host, make_gathered,
                                        drop_gathered),
        cmocka_unit_test_setup_teardown(order_goes_by_host_package_and_core_whatever_the_ranks,
                                        make_gathered, drop_gathered),
        cmocka_unit_test_setup_teardown(equal_cache_numbers_in_two_packages_are_two_caches,
                                        make_gathered, drop_gathered),
        cmocka_unit_test(farther_messages_never_cost_less),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_description_are_refused, make_gathered,
                                        drop_gathered),
        cmocka_unit_test(many_ranks_are_placed_in_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
