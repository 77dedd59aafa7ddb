/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loops of arithmetic and selection: plain enough for the compiler to vectorise. Integers are
 * computed unsigned, so that what does not fit wraps as in NumPy.
 */
#include <math.h>

#include "kernel/loops.h"

#define BINARY(operator, name, type, expression)                                                   \
    void tg_loop_##operator##_##name(int64_t n, const void *const *in, void *out)                  \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        const type *restrict b = in[1];                                                            \
        type *restrict y = out;                                                                    \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (type)(expression);                                                             \
    }

#define UNARY(operator, name, type, expression)                                                    \
    void tg_loop_##operator##_##name(int64_t n, const void *const *in, void *out)                  \
    {                                                                                              \
        const type *restrict a = in[0];                                                            \
        type *restrict y = out;                                                                    \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = (type)(expression);                                                             \
    }

#define RING(name, dtype, type, wide)                                                              \
    BINARY(add, name, type, (wide)a[i] + (wide)b[i])                                               \
    BINARY(subtract, name, type, (wide)a[i] - (wide)b[i])                                          \
    BINARY(multiply, name, type, (wide)a[i] * (wide)b[i])
TG_EACH_NUMBER(RING)

BINARY(add, bool8, uint8_t, (a[i] | b[i]) != 0)
BINARY(multiply, bool8, uint8_t, (a[i] != 0) & (b[i] != 0))

BINARY(divide, float32, float, a[i] / b[i])
BINARY(divide, float64, double, a[i] / b[i])

UNARY(sqrt, float32, float, sqrtf(a[i]))
UNARY(sqrt, float64, double, sqrt(a[i]))

#define NEGATIVE_INTEGER(name, dtype, type, wide) UNARY(negative, name, type, 0 - (wide)a[i])
#define NEGATIVE_FLOAT(name, dtype, type, wide)   UNARY(negative, name, type, -a[i])
TG_EACH_INTEGER(NEGATIVE_INTEGER)
TG_EACH_FLOAT(NEGATIVE_FLOAT)

#define ABSOLUTE_SIGNED(name, dtype, type, wide)                                                   \
    UNARY(absolute, name, type, a[i] < 0 ? 0 - (wide)a[i] : (wide)a[i])
#define ABSOLUTE_UNSIGNED(name, dtype, type, wide) UNARY(absolute, name, type, a[i])
TG_EACH_SIGNED(ABSOLUTE_SIGNED)
TG_EACH_UNSIGNED(ABSOLUTE_UNSIGNED)
UNARY(absolute, bool8, uint8_t, a[i] != 0)
UNARY(absolute, float32, float, fabsf(a[i]))
UNARY(absolute, float64, double, fabs(a[i]))

#define WHERE(name, dtype, type, wide)                                                             \
    void tg_loop_where_##name(int64_t n, const void *const *in, void *out)                         \
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
