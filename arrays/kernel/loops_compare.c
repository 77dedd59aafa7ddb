/* SPDX-License-Identifier: BSD-3-Clause */
/* Loops of comparisons; int64 against uint64 is compared exactly, not by way of float64. */
#include "kernel/loops.h"

#define COMPARE(operator, name, left, right, expression)                                           \
    void tg_loop_##operator##_##name(int64_t n, const void *const *in, void *out)                  \
    {                                                                                              \
        const left *restrict a = in[0];                                                            \
        const right *restrict b = in[1];                                                           \
        uint8_t *restrict y = out;                                                                 \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = expression;                                                                     \
    }

#define COMPARISONS(name, dtype, type, wide)                                                       \
    COMPARE(equal, name, type, type, a[i] == b[i])                                                 \
    COMPARE(not_equal, name, type, type, a[i] != b[i])                                             \
    COMPARE(less, name, type, type, a[i] < b[i])                                                   \
    COMPARE(less_equal, name, type, type, a[i] <= b[i])                                            \
    COMPARE(greater, name, type, type, a[i] > b[i])                                                \
    COMPARE(greater_equal, name, type, type, a[i] >= b[i])
TG_EACH_NUMBER(COMPARISONS)

/* A bool read from a file may be any byte: not zero is true. */
#define TRUTH(operator, expression) COMPARE(operator, bool8, uint8_t, uint8_t, expression)
TRUTH(equal, !a[i] == !b[i])
TRUTH(not_equal, !a[i] != !b[i])
TRUTH(less, !a[i] & (b[i] != 0))
TRUTH(less_equal, !a[i] | (b[i] != 0))
TRUTH(greater, (a[i] != 0) & !b[i])
TRUTH(greater_equal, (a[i] != 0) | !b[i])

#define SIGNED_UNSIGNED(operator, expression)                                                      \
    COMPARE(operator, signed_unsigned, int64_t, uint64_t, expression)
SIGNED_UNSIGNED(equal, (a[i] >= 0) & ((uint64_t)a[i] == b[i]))
SIGNED_UNSIGNED(not_equal, (a[i] < 0) | ((uint64_t)a[i] != b[i]))
SIGNED_UNSIGNED(less, (a[i] < 0) | ((uint64_t)a[i] < b[i]))
SIGNED_UNSIGNED(less_equal, (a[i] < 0) | ((uint64_t)a[i] <= b[i]))
SIGNED_UNSIGNED(greater, (a[i] >= 0) & ((uint64_t)a[i] > b[i]))
SIGNED_UNSIGNED(greater_equal, (a[i] >= 0) & ((uint64_t)a[i] >= b[i]))

#define UNSIGNED_SIGNED(operator, expression)                                                      \
    COMPARE(operator, unsigned_signed, uint64_t, int64_t, expression)
UNSIGNED_SIGNED(equal, (b[i] >= 0) & (a[i] == (uint64_t)b[i]))
UNSIGNED_SIGNED(not_equal, (b[i] < 0) | (a[i] != (uint64_t)b[i]))
UNSIGNED_SIGNED(less, (b[i] >= 0) & (a[i] < (uint64_t)b[i]))
UNSIGNED_SIGNED(less_equal, (b[i] >= 0) & (a[i] <= (uint64_t)b[i]))
UNSIGNED_SIGNED(greater, (b[i] < 0) | (a[i] > (uint64_t)b[i]))
UNSIGNED_SIGNED(greater_equal, (b[i] < 0) | (a[i] >= (uint64_t)b[i]))
