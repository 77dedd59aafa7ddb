/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One of several values. A NaN wins in maximum, minimum and clip, loses in fmax and fmin; of equal
 * values, and so of zeros, the first is taken.
 */
#include <inttypes.h>

#include "kernel/elementwise_rules.h"
#include "kernel/loops.h"

#define LARGER(x, y)  ((x) >= (y) ? (x) : (y))
#define SMALLER(x, y) ((x) <= (y) ? (x) : (y))

#define OF_INTEGER(name, dtype, type, wide)                                                        \
    TG_LOOP_2(maximum_##name, type, type, type, LARGER(a[i], b[i]))                                \
    TG_LOOP_2(minimum_##name, type, type, type, SMALLER(a[i], b[i]))                               \
    TG_LOOP_3(clip_##name, type, type, SMALLER(LARGER(a[i], b[i]), c[i]))

#define OF_FLOAT(name, dtype, type, wide)                                                          \
    TG_LOOP_2(maximum_##name, type, type, type, a[i] != a[i] ? a[i] : LARGER(a[i], b[i]))          \
    TG_LOOP_2(minimum_##name, type, type, type, a[i] != a[i] ? a[i] : SMALLER(a[i], b[i]))         \
    TG_LOOP_2(fmax_##name, type, type, type, b[i] != b[i] ? a[i] : LARGER(a[i], b[i]))             \
    TG_LOOP_2(fmin_##name, type, type, type, b[i] != b[i] ? a[i] : SMALLER(a[i], b[i]))            \
    TG_LOOP_3(clip_##name, type, type, clipped_##name(a[i], b[i], c[i]))                           \
    TG_LOOP_2(heaviside_##name, type, type, type, heaviside_at_##name(a[i], b[i]))

#define TG_LOOP_3(loop, type, result, expression)                                                  \
    TG_CLONES static void loop(int64_t n, const void *const *in, void *out)                        \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        const type *restrict b = in[1];                                                            \
        const type *restrict c = in[2];                                                            \
        result *restrict y = out;                                                                  \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (expression);                                                                   \
    }

#define FLOAT_HELPERS(name, dtype, type, wide)                                                     \
    static inline type clipped_##name(type x, type low, type high)                                 \
    {                                                                                              \
        type above = x != x ? x : LARGER(x, low);                                                  \
                                                                                                   \
        return above != above ? above : SMALLER(above, high);                                      \
    }                                                                                              \
                                                                                                   \
    static inline type heaviside_at_##name(type x, type at_zero)                                   \
    {                                                                                              \
        type step = x > 0 ? 1 : 0;                                                                 \
                                                                                                   \
        step = x == 0 ? at_zero : step;                                                            \
        return x != x ? x : step;                                                                  \
    }
TG_EACH_FLOAT(FLOAT_HELPERS)
TG_EACH_INTEGER(OF_INTEGER)
TG_EACH_FLOAT(OF_FLOAT)

TG_LOOP_2(maximum_bool8, uint8_t, uint8_t, uint8_t, (a[i] | b[i]) != 0)
TG_LOOP_2(minimum_bool8, uint8_t, uint8_t, uint8_t, (a[i] != 0) & (b[i] != 0))

#define WHERE(name, dtype, type, wide)                                                             \
    TG_CLONES static void where_##name(int64_t n, const void *const *in, void *out)                \
    {                                                                                              \
        const uint8_t *restrict condition = in[0];                                                 \
        const type *restrict a = in[1];                                                            \
        const type *restrict b = in[2];                                                            \
        type *restrict y = out;                                                                    \
                                                                                                   \
        for (int64_t i = 0; i < n; i++) {                                                          \
            type yes = a[i], no = b[i];                                                            \
            y[i] = condition[i] ? yes : no;                                                        \
        }                                                                                          \
    }
TG_EACH_DTYPE(WHERE)
TG_EACH_COMPLEX(WHERE)

TG_LOOP_2(choose_index, int64_t, int64_t, int64_t, b[i] > 0 ? a[i] : 0)

static tg_status check_index(int64_t n, const void *const *in, tg_dtype dtype)
{
    const int64_t *index = in[0], *count = in[1];

    (void)dtype;
    for (int64_t i = 0; i < n; i++)
        if (index[i] < 0 || index[i] >= count[i])
            return tg_fail(TG_EARG,
                           "choose: index %" PRId64 " is out of range for %" PRId64 " choices",
                           index[i], count[i]);
    return TG_OK;
}

#define COMPLEXES(operator) TG_COMPLEXES(tg_loop_##operator)
static const tg_elementwise rows[] = {
    TG_ROW("maximum", 2, tg_rule_same, TG_REALS(maximum), COMPLEXES(maximum)),
    TG_ROW("minimum", 2, tg_rule_same, TG_REALS(minimum), COMPLEXES(minimum)),
    TG_ROW("fmax", 2, tg_rule_same, TG_BOOLS(maximum), TG_INTEGERS(maximum), TG_FLOATS(fmax),
           COMPLEXES(fmax)),
    TG_ROW("fmin", 2, tg_rule_same, TG_BOOLS(minimum), TG_INTEGERS(minimum), TG_FLOATS(fmin),
           COMPLEXES(fmin)),
    TG_ROW("clip", 3, tg_rule_same, TG_NUMBERS(clip), COMPLEXES(clip)),
    {.name = "choose_index",
     .arity = 2,
     .resolve = tg_rule_same,
     .loops = {[TG_INT64] = choose_index},
     .check = check_index},
    TG_ROW("heaviside", 2, tg_rule_same, TG_FLOATS(heaviside)),
    {.name = "where",
     .arity = 3,
     .resolve = tg_rule_where,
     .loops = {TG_REALS(where), TG_COMPLEXES(where)},
     .key = 1,
     .apart = 1},
};
const tg_loops tg_loops_select = TG_LOOPS(rows);
