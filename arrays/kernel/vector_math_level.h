/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One level of vector functions: the body of vector_math_*.c, which say what its vectors are.
 *
 *     LEVEL                          the name of the level
 *     VECTOR64, WIDTH64, VECTOR32, WIDTH32
 *     LOAD64(p), STORE64(p, v), LOAD32, STORE32
 *     CALL64(f, accuracy), CALL32    SLEEF's function of f
 *
 * What is left behind the last whole vector is computed in a vector as well.
 */
#include <string.h>

#include "kernel/vector_sine.h"

#define DEFINE_ONE(function, type, BITS, CALL)                                                     \
    static void function##_##BITS(int64_t n, const type *x, type *y)                               \
    {                                                                                              \
        int64_t i = 0, rest;                                                                       \
        type last[WIDTH##BITS] = {0};                                                              \
                                                                                                   \
        for (; i + WIDTH##BITS <= n; i += WIDTH##BITS)                                             \
            STORE##BITS(y + i, CALL(LOAD##BITS(x + i)));                                           \
        rest = n - i;                                                                              \
        if (rest <= 0)                                                                             \
            return;                                                                                \
        memcpy(last, x + i, (size_t)rest * sizeof *last);                                          \
        STORE##BITS(last, CALL(LOAD##BITS(last)));                                                 \
        memcpy(y + i, last, (size_t)rest * sizeof *last);                                          \
    }

#define DEFINE_TWO(name, type, BITS, CALL)                                                         \
    static void name##_##BITS(int64_t n, const type *x, const type *y, type *z)                    \
    {                                                                                              \
        int64_t i = 0, rest;                                                                       \
        type last[WIDTH##BITS] = {0}, second[WIDTH##BITS] = {0};                                   \
                                                                                                   \
        for (; i + WIDTH##BITS <= n; i += WIDTH##BITS)                                             \
            STORE##BITS(z + i, CALL(LOAD##BITS(x + i), LOAD##BITS(y + i)));                        \
        rest = n - i;                                                                              \
        if (rest <= 0)                                                                             \
            return;                                                                                \
        memcpy(last, x + i, (size_t)rest * sizeof *last);                                          \
        memcpy(second, y + i, (size_t)rest * sizeof *last);                                        \
        STORE##BITS(last, CALL(LOAD##BITS(last), LOAD##BITS(second)));                             \
        memcpy(z + i, last, (size_t)rest * sizeof *last);                                          \
    }

#define ONE(name)                                                                                  \
    DEFINE_ONE(name, double, 64, CALL64(name, u10))                                                \
    DEFINE_ONE(name, float, 32, CALL32(name, u10))
TG_MATH_OTHERS(ONE)
DEFINE_ONE(sin, float, 32, CALL32(sin, u10))
DEFINE_ONE(cos, float, 32, CALL32(cos, u10))
DEFINE_ONE(far_sin, double, 64, CALL64(sin, u10))
DEFINE_ONE(far_cos, double, 64, CALL64(cos, u10))

enum { PIECE = 256 };

/* Results are put aside first, as y may be x. */
#define NEAR(name, turns)                                                                          \
    static uint64_t near_##name(int n, const double *restrict x, double *restrict y)               \
    {                                                                                              \
        uint64_t far = 0;                                                                          \
                                                                                                   \
        for (int i = 0; i < n; i++) {                                                              \
            far |= tg_sine_is_far(x[i]);                                                           \
            y[i] = tg_sine_turned(x[i], turns);                                                    \
        }                                                                                          \
        return far;                                                                                \
    }                                                                                              \
                                                                                                   \
    static void name##_64(int64_t n, const double *x, double *y)                                   \
    {                                                                                              \
        double results[PIECE], others[PIECE];                                                      \
                                                                                                   \
        for (int64_t start = 0; start < n; start += PIECE) {                                       \
            int count = (int)(n - start < PIECE ? n - start : PIECE);                              \
                                                                                                   \
            if (near_##name(count, x + start, results)) {                                          \
                far_##name##_64(count, x + start, others);                                         \
                for (int i = 0; i < count; i++)                                                    \
                    if (tg_sine_is_far(x[start + i]))                                              \
                        results[i] = others[i];                                                    \
            }                                                                                      \
            memcpy(y + start, results, (size_t)count * sizeof *y);                                 \
        }                                                                                          \
    }
NEAR(sin, 0)
NEAR(cos, 1)

DEFINE_TWO(atan2, double, 64, CALL64(atan2, u10))
DEFINE_TWO(atan2, float, 32, CALL32(atan2, u10))
DEFINE_TWO(pow, double, 64, CALL64(pow, u10))
DEFINE_TWO(pow, float, 32, CALL32(pow, u10))
DEFINE_TWO(hypot, double, 64, CALL64(hypot, u05))
DEFINE_TWO(hypot, float, 32, CALL32(hypot, u05))

#define TEXT_OF(level) #level
#define TEXT(level)    TEXT_OF(level)
#define JOIN_OF(a, b)  a##b
#define JOIN(a, b)     JOIN_OF(a, b)
#define MEMBER(name)   .name##_64 = name##_64, .name##_32 = name##_32,
const tg_vector_math JOIN(tg_vector_math_, LEVEL) = {.name = TEXT(LEVEL),
                                                     TG_MATH_ONE(MEMBER) TG_MATH_TWO(MEMBER)};
