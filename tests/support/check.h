/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks for a function that tg_run runs on rank 0: rank 0 alone decides, and the status that it
 * returns makes every rank exit non-zero, so nobody hangs.
 *
 *     static tg_status sums_are_exact(tg_ctx *ctx, int argc, char **argv)
 *     {
 *         TEST_CHECK(argc == 1);
 *         TEST_OK(tg_compute(ctx, sum, &z, sizeof z));
 *         TEST_EQUAL(z, 5);
 *         return TG_OK;
 *     }
 */
#ifndef TEGULA_TESTS_CHECK_H
#define TEGULA_TESTS_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tegula/runtime.h>

/** Say where and return TG_EARG from the calling function unless `condition` holds. */
#define TEST_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            return TG_EARG;                                                                        \
        }                                                                                          \
    } while (0)

/** Two integers are equal; prints both if not. */
#define TEST_EQUAL(got, want)                                                                      \
    do {                                                                                           \
        intmax_t got_ = (intmax_t)(got);                                                           \
        intmax_t want_ = (intmax_t)(want);                                                         \
        if (got_ != want_) {                                                                       \
            fprintf(stderr, "%s:%d: %s is %" PRIdMAX ", not %" PRIdMAX "\n", __FILE__, __LINE__,   \
                    #got, got_, want_);                                                            \
            return TG_EARG;                                                                        \
        }                                                                                          \
    } while (0)

/** An effect succeeds; otherwise its status is passed on. */
#define TEST_OK(call)                                                                              \
    do {                                                                                           \
        tg_status status_ = (call);                                                                \
        if (status_ != TG_OK) {                                                                    \
            fprintf(stderr, "%s:%d: %s failed with status %d: %s\n", __FILE__, __LINE__, #call,    \
                    (int)status_, tg_message());                                                   \
            return status_;                                                                        \
        }                                                                                          \
    } while (0)

/** An effect fails with `want`, and its message contains `text`. */
#define TEST_FAILS(call, want, text)                                                               \
    do {                                                                                           \
        tg_status status_ = (call);                                                                \
        if (status_ != (want) || !strstr(tg_message(), (text))) {                                  \
            fprintf(stderr, "%s:%d: %s gave status %d, not %d with '%s': %s\n", __FILE__,          \
                    __LINE__, #call, (int)status_, (int)(want), (text), tg_message());             \
            return TG_EARG;                                                                        \
        }                                                                                          \
    } while (0)

#endif
