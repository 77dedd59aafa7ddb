/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Assertions for tests in which every rank runs the test function itself.
 *
 * A rank that fails alone leaves the test and hangs the others in their next collective call, so
 * these agree first: if the condition is false on one rank, the test fails on all, and each message
 * says on how many and on which first.
 *
 * Tests whose code runs in tg_run's function on rank 0 want check.h instead.
 */
#ifndef TEGULA_TESTS_ASSERT_ALL_H
#define TEGULA_TESTS_ASSERT_ALL_H

#include <stdbool.h>

/** Fail the cmocka test on all ranks unless `condition` is true on each. Collective. */
#define assert_all(condition) assert_all_at((condition), #condition, __FILE__, __LINE__)

void assert_all_at(bool holds, const char *condition, const char *file, int line);

#endif
