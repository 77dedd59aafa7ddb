/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Conversion between dtypes with C's rules, all pairs.
 *
 * What C leaves undefined, a float out of an integer's range, is as NumPy on x86-64 gives it: the
 * conversion instruction to int32 (for 8 and 16 bits, then cut), to int64 (for uint32, then cut) or
 * to int64 in two halves (for uint64) yields the smallest integer for NaN and out of range. Values
 * are brought into range before the cast, so that the loops have neither branches nor undefined
 * behaviour. Of a complex number that becomes real the real part is taken.
 */
#include "kernel/elementwise.h"
#include "kernel/types.h"

static inline int32_t int32_of(double x)
{
    return (int32_t)(x > -2147483649.0 && x < 2147483648.0 ? x : -2147483648.0);
}

static inline int64_t int64_of(double x)
{
    return (int64_t)(x >= -0x1p63 && x < 0x1p63 ? x : -0x1p63);
}

static inline uint64_t uint64_of(double x)
{
    return x >= 0x1p63 ? (uint64_t)int64_of(x - 0x1p63) ^ 0x8000000000000000u
                       : (uint64_t)int64_of(x);
}

#define FLOAT_TO_int8(x)    ((int8_t)int32_of(x))
#define FLOAT_TO_int16(x)   ((int16_t)int32_of(x))
#define FLOAT_TO_int32(x)   int32_of(x)
#define FLOAT_TO_int64(x)   int64_of(x)
#define FLOAT_TO_uint8(x)   ((uint8_t)int32_of(x))
#define FLOAT_TO_uint16(x)  ((uint16_t)int32_of(x))
#define FLOAT_TO_uint32(x)  ((uint32_t)int64_of(x))
#define FLOAT_TO_uint64(x)  uint64_of(x)
#define FLOAT_TO_float32(x) ((float)(x))
#define FLOAT_TO_float64(x) ((double)(x))

#define CONVERT(from, from_type, to, to_type, expression)                                          \
    TG_CLONES static void from##_to_##to(int64_t n, const void *const *in, void *out)              \
    {                                                                                              \
        const from_type *restrict x = in[0];                                                       \
        to_type *restrict y = out;                                                                 \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            y[i] = expression;                                                                     \
    }

/* From one dtype (first four arguments) to each other. */
#define CAST(name, type, to, t)  CONVERT(name, type, to, t, (t)x[i])
#define FLOAT(name, type, to, t) CONVERT(name, type, to, t, FLOAT_TO_##to(x[i]))
#define TRUTH(name, type, to, t) CONVERT(name, type, to, t, (t)(x[i] != 0))
#define PART(name, type, to, t)  CONVERT(name, type, to, t, FLOAT_TO_##to(x[i].re))
#define TO_ALL(HOW, name, type)                                                                    \
    HOW(name, type, int8, int8_t)                                                                  \
    HOW(name, type, int16, int16_t)                                                                \
    HOW(name, type, int32, int32_t)                                                                \
    HOW(name, type, int64, int64_t)                                                                \
    HOW(name, type, uint8, uint8_t)                                                                \
    HOW(name, type, uint16, uint16_t)                                                              \
    HOW(name, type, uint32, uint32_t)                                                              \
    HOW(name, type, uint64, uint64_t)                                                              \
    HOW(name, type, float32, float)                                                                \
    HOW(name, type, float64, double)
#define TO_BOOL_AND_COMPLEX(name, type, truth, real, imaginary)                                    \
    CONVERT(name, type, bool8, uint8_t, truth)                                                     \
    CONVERT(name, type, complex64, tg_complex64,                                                   \
            ((tg_complex64){(float)(real), (float)(imaginary)}))                                   \
    CONVERT(name, type, complex128, tg_complex128,                                                 \
            ((tg_complex128){(double)(real), (double)(imaginary)}))
#define FROM_INTEGER(name, dtype, type, wide)                                                      \
    TO_ALL(CAST, name, type) TO_BOOL_AND_COMPLEX(name, type, x[i] != 0, x[i], 0)
#define FROM_FLOAT(name, dtype, type, wide)                                                        \
    TO_ALL(FLOAT, name, type) TO_BOOL_AND_COMPLEX(name, type, x[i] != 0, x[i], 0)
#define FROM_COMPLEX(name, dtype, type, part)                                                      \
    TO_ALL(PART, name, type)                                                                       \
    TO_BOOL_AND_COMPLEX(name, type, (x[i].re != 0) | (x[i].im != 0), x[i].re, x[i].im)
TO_ALL(TRUTH, bool8, uint8_t)
TO_BOOL_AND_COMPLEX(bool8, uint8_t, x[i] != 0, x[i] != 0, 0)
TG_EACH_INTEGER(FROM_INTEGER)
TG_EACH_FLOAT(FROM_FLOAT)
TG_EACH_COMPLEX(FROM_COMPLEX)

#define ROW(name, dtype, type, wide)                                                               \
    [dtype] = {                                                                                    \
        [TG_BOOL] = name##_to_bool8,                                                               \
        [TG_INT8] = name##_to_int8,                                                                \
        [TG_INT16] = name##_to_int16,                                                              \
        [TG_INT32] = name##_to_int32,                                                              \
        [TG_INT64] = name##_to_int64,                                                              \
        [TG_UINT8] = name##_to_uint8,                                                              \
        [TG_UINT16] = name##_to_uint16,                                                            \
        [TG_UINT32] = name##_to_uint32,                                                            \
        [TG_UINT64] = name##_to_uint64,                                                            \
        [TG_FLOAT32] = name##_to_float32,                                                          \
        [TG_FLOAT64] = name##_to_float64,                                                          \
        [TG_COMPLEX64] = name##_to_complex64,                                                      \
        [TG_COMPLEX128] = name##_to_complex128,                                                    \
    },
static tg_loop *const converters[TG_NDTYPES][TG_NDTYPES] = {TG_EACH_DTYPE(ROW)
                                                                TG_EACH_COMPLEX(ROW)};

void tg_convert(int64_t n, tg_dtype from, const void *in, tg_dtype to, void *out)
{
    converters[from][to](n, &in, out);
}

#define TO_NAME(name, dtype, type, wide)                                                           \
    static tg_status resolve_##name(const tg_elementwise *op, const tg_dtype *in,                  \
                                    tg_dtype *operands, tg_dtype *result)                          \
    {                                                                                              \
        (void)op;                                                                                  \
        operands[0] = in[0];                                                                       \
        *result = dtype;                                                                           \
        return TG_OK;                                                                              \
    }
TG_EACH_DTYPE(TO_NAME)
TG_EACH_COMPLEX(TO_NAME)

#define OPERATOR(to, dtype, type, wide)                                                            \
    [dtype] = {.name = "astype_" #to,                                                              \
               .arity = 1,                                                                         \
               .resolve = resolve_##to,                                                            \
               .loops = {bool8_to_##to, int8_to_##to, int16_to_##to, int32_to_##to, int64_to_##to, \
                         uint8_to_##to, uint16_to_##to, uint32_to_##to, uint64_to_##to,            \
                         float32_to_##to, float64_to_##to, complex64_to_##to,                      \
                         complex128_to_##to}},
static const tg_elementwise operators[TG_NDTYPES] = {TG_EACH_DTYPE(OPERATOR)
                                                         TG_EACH_COMPLEX(OPERATOR)};

const tg_elementwise *tg_convert_op(tg_dtype to)
{
    return &operators[to];
}
