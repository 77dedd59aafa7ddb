/* SPDX-License-Identifier: BSD-3-Clause */
/* Comparisons; int64 against uint64 is compared exactly, not by way of float64. */
#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

#define COMPARE(loop, left, right, expression) TG_LOOP_2(loop, left, right, uint8_t, expression)

#define COMPARISONS(name, dtype, type, wide)                                                       \
    COMPARE(equal_##name, type, type, a[i] == b[i])                                                \
    COMPARE(not_equal_##name, type, type, a[i] != b[i])                                            \
    COMPARE(less_##name, type, type, a[i] < b[i])                                                  \
    COMPARE(less_equal_##name, type, type, a[i] <= b[i])                                           \
    COMPARE(greater_##name, type, type, a[i] > b[i])                                               \
    COMPARE(greater_equal_##name, type, type, a[i] >= b[i])
TG_EACH_NUMBER(COMPARISONS)

/* A bool read from a file may be any byte: not zero is true. */
#define TRUTH(operator, expression) COMPARE(operator##_bool8, uint8_t, uint8_t, expression)
TRUTH(equal, !a[i] == !b[i])
TRUTH(not_equal, !a[i] != !b[i])
TRUTH(less, !a[i] & (b[i] != 0))
TRUTH(less_equal, !a[i] | (b[i] != 0))
TRUTH(greater, (a[i] != 0) & !b[i])
TRUTH(greater_equal, (a[i] != 0) | !b[i])

#define SIGNED_UNSIGNED(operator, expression)                                                      \
    COMPARE(operator##_signed_unsigned, int64_t, uint64_t, expression)
SIGNED_UNSIGNED(equal, (a[i] >= 0) & ((uint64_t)a[i] == b[i]))
SIGNED_UNSIGNED(not_equal, (a[i] < 0) | ((uint64_t)a[i] != b[i]))
SIGNED_UNSIGNED(less, (a[i] < 0) | ((uint64_t)a[i] < b[i]))
SIGNED_UNSIGNED(less_equal, (a[i] < 0) | ((uint64_t)a[i] <= b[i]))
SIGNED_UNSIGNED(greater, (a[i] >= 0) & ((uint64_t)a[i] > b[i]))
SIGNED_UNSIGNED(greater_equal, (a[i] >= 0) & ((uint64_t)a[i] >= b[i]))

#define UNSIGNED_SIGNED(operator, expression)                                                      \
    COMPARE(operator##_unsigned_signed, uint64_t, int64_t, expression)
UNSIGNED_SIGNED(equal, (b[i] >= 0) & (a[i] == (uint64_t)b[i]))
UNSIGNED_SIGNED(not_equal, (b[i] < 0) | (a[i] != (uint64_t)b[i]))
UNSIGNED_SIGNED(less, (b[i] >= 0) & (a[i] < (uint64_t)b[i]))
UNSIGNED_SIGNED(less_equal, (b[i] >= 0) & (a[i] <= (uint64_t)b[i]))
UNSIGNED_SIGNED(greater, (b[i] < 0) | (a[i] > (uint64_t)b[i]))
UNSIGNED_SIGNED(greater_equal, (b[i] < 0) | (a[i] >= (uint64_t)b[i]))

#define ROW(operator)                                                                              \
    {                                                                                              \
        .name = #operator, .arity = 2, .resolve = tg_rule_compare,                                 \
        .loops = {TG_REALS(operator), TG_COMPLEXES(tg_loop_##operator)},                           \
        .mixed =                                                                                   \
        { operator##_signed_unsigned, operator##_unsigned_signed }                                 \
    }
static const tg_elementwise rows[] = {
    ROW(equal), ROW(not_equal), ROW(less), ROW(less_equal), ROW(greater), ROW(greater_equal),
};
const tg_loops tg_loops_compare = TG_LOOPS(rows);
