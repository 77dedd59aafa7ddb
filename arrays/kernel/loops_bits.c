/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bits of integers, shifts, common divisors, logic. A shift by the width or more leaves what is
 * left when all bits have gone: 0, or -1 of negative numbers to the right.
 */
#include "kernel/elementwise_rules.h"

#define BITS(name, dtype, type, wide)                                                              \
    TG_LOOP_2(bitwise_and_##name, type, type, type, (type)(a[i] & b[i]))                           \
    TG_LOOP_2(bitwise_or_##name, type, type, type, (type)(a[i] | b[i]))                            \
    TG_LOOP_2(bitwise_xor_##name, type, type, type, (type)(a[i] ^ b[i]))                           \
    TG_LOOP_1(invert_##name, type, type, (type)~a[i])                                              \
    TG_LOOP_2(left_shift_##name, type, type, type, (type)(shifts(b, type) ? (wide)a[i] << b[i] : 0))
#define shifts(b, type) ((uint64_t)b[i] < 8 * sizeof(type))
TG_EACH_INTEGER(BITS)

#define SHIFT_SIGNED(name, dtype, type, wide)                                                      \
    TG_LOOP_2(right_shift_##name, type, type, type,                                                \
              (type)(shifts(b, type) ? a[i] >> b[i] : -(a[i] < 0)))
#define SHIFT_UNSIGNED(name, dtype, type, wide)                                                    \
    TG_LOOP_2(right_shift_##name, type, type, type, (type)(shifts(b, type) ? a[i] >> b[i] : 0))
TG_EACH_SIGNED(SHIFT_SIGNED)
TG_EACH_UNSIGNED(SHIFT_UNSIGNED)

TG_LOOP_2(and_bool8, uint8_t, uint8_t, uint8_t, (a[i] != 0) & (b[i] != 0))
TG_LOOP_2(or_bool8, uint8_t, uint8_t, uint8_t, (a[i] | b[i]) != 0)
TG_LOOP_2(xor_bool8, uint8_t, uint8_t, uint8_t, (a[i] != 0) ^ (b[i] != 0))
TG_LOOP_1(not_bool8, uint8_t, uint8_t, a[i] == 0)

/* The absolute value, in which the smallest integer fits as well. */
#define MAGNITUDE_SIGNED(name, dtype, type, wide)                                                  \
    static inline uint64_t magnitude_##name(type x)                                                \
    {                                                                                              \
        return x < 0 ? 0 - (uint64_t)x : (uint64_t)x;                                              \
    }
#define MAGNITUDE_UNSIGNED(name, dtype, type, wide)                                                \
    static inline uint64_t magnitude_##name(type x)                                                \
    {                                                                                              \
        return x;                                                                                  \
    }
TG_EACH_SIGNED(MAGNITUDE_SIGNED)
TG_EACH_UNSIGNED(MAGNITUDE_UNSIGNED)

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static uint64_t lcm(uint64_t a, uint64_t b)
{
    uint64_t divisor = gcd(a, b);

    return divisor == 0 ? 0 : a / divisor * b;
}

static unsigned ones(uint64_t x)
{
    return (unsigned)__builtin_popcountll(x);
}

#define DIVISORS(name, dtype, type, wide)                                                          \
    TG_LOOP_2(gcd_##name, type, type, type,                                                        \
              (type)gcd(magnitude_##name(a[i]), magnitude_##name(b[i])))                           \
    TG_LOOP_2(lcm_##name, type, type, type,                                                        \
              (type)lcm(magnitude_##name(a[i]), magnitude_##name(b[i])))                           \
    TG_LOOP_1(bitwise_count_##name, type, uint8_t, (uint8_t)ones(magnitude_##name(a[i])))
TG_EACH_INTEGER(DIVISORS)

static const tg_elementwise rows[] = {
    TG_ROW_APART(3, "bitwise_and", 2, tg_rule_same, [TG_BOOL] = and_bool8, TG_INTEGERS(bitwise_and)}
}
, TG_ROW("bitwise_or", 2, tg_rule_same, [TG_BOOL] = or_bool8, TG_INTEGERS(bitwise_or)),
    TG_ROW("bitwise_xor", 2, tg_rule_same, [TG_BOOL] = xor_bool8, TG_INTEGERS(bitwise_xor)),
    TG_ROW("invert", 1, tg_rule_same, [TG_BOOL] = not_bool8, TG_INTEGERS(invert)),
    TG_ROW("left_shift", 2, tg_rule_same, TG_INTEGERS(left_shift)),
    TG_ROW("right_shift", 2, tg_rule_same, TG_INTEGERS(right_shift)),
    TG_ROW("bitwise_count", 1, tg_rule_count, TG_INTEGERS(bitwise_count)),
    TG_ROW("gcd", 2, tg_rule_numbers, TG_INTEGERS(gcd)),
    TG_ROW("lcm", 2, tg_rule_numbers, TG_INTEGERS(lcm)),
{"logical_and", 2, tg_rule_logical, {[TG_BOOL] = and_bool8),
    TG_ROW_APART(3, "logical_or", 2, tg_rule_logical, [TG_BOOL] = or_bool8),
    TG_ROW_APART(3, "logical_xor", 2, tg_rule_logical, [TG_BOOL] = xor_bool8),
    TG_ROW_APART(1, "logical_not", 1, tg_rule_logical, [TG_BOOL] = not_bool8),
};
    const tg_loops tg_loops_bits = TG_LOOPS(rows);
