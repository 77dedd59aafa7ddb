/* SPDX-License-Identifier: BSD-3-Clause */
/* A start without a launcher, as the environment shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "exec/alone.h"

static int without_launcher(void **state)
{
    (void)state;
    for (const char *const *name =
             (const char *const[]){"OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE", "PMIX_RANK",
                                   "PMI_SIZE", "PMI_RANK", "PMI_FD", "OMPI_MCA_pml",
                                   "OMPI_MCA_ess_singleton_isolated",
                                   "OMPI_MCA_orte_create_session_dirs", NULL};
         *name; name++)
        unsetenv(*name);
    return 0;
}

static void no_network_and_no_daemon_until_mpi_has_started(void **state)
{
    (void)state;
    const unsigned set = tg_alone_begin();

    assert_string_equal(getenv("OMPI_MCA_pml"), "ob1");
    assert_string_equal(getenv("OMPI_MCA_ess_singleton_isolated"), "1");
    assert_string_equal(getenv("OMPI_MCA_orte_create_session_dirs"), "0");
    tg_alone_end(set);
    assert_null(getenv("OMPI_MCA_pml"));
    assert_null(getenv("OMPI_MCA_ess_singleton_isolated"));
}

static void what_the_user_has_set_stands(void **state)
{
    (void)state;
    setenv("OMPI_MCA_pml", "ucx", 1);
    const unsigned set = tg_alone_begin();

    assert_string_equal(getenv("OMPI_MCA_pml"), "ucx");
    tg_alone_end(set);
    assert_string_equal(getenv("OMPI_MCA_pml"), "ucx");
    assert_null(getenv("OMPI_MCA_ess_singleton_isolated"));
}

static void ranks_of_a_launcher_are_left_as_they_are(void **state)
{
    (void)state;
    setenv("PMI_RANK", "3", 1);
    const unsigned set = tg_alone_begin();

    assert_int_equal(set, 0);
    assert_null(getenv("OMPI_MCA_pml"));
    tg_alone_end(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_network_and_no_daemon_until_mpi_has_started, without_launcher),
        cmocka_unit_test_setup(what_the_user_has_set_stands, without_launcher),
        cmocka_unit_test_setup(ranks_of_a_launcher_are_left_as_they_are, without_launcher),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
