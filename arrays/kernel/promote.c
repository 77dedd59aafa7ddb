/* SPDX-License-Identifier: BSD-3-Clause */
/* NumPy's promotion of dtypes: the smallest one that holds the values of both. */
#include <assert.h>

#include "kernel/elementwise.h"
#include "kernel/types.h"

/* The smallest signed integer that holds all of an unsigned one; for uint64 there is none, and
 * float64 takes its place. */
static tg_dtype signed_above(tg_dtype dtype)
{
    static const tg_dtype above[TG_NDTYPES] = {
        [TG_UINT8] = TG_INT16,
        [TG_UINT16] = TG_INT32,
        [TG_UINT32] = TG_INT64,
        [TG_UINT64] = TG_FLOAT64,
    };

    assert(tg_is_unsigned(dtype));
    return above[dtype];
}

/* float32 holds integers of up to 16 bits. */
static tg_dtype float_above(tg_dtype dtype)
{
    static const bool small[TG_NDTYPES] = {
        [TG_BOOL] = true,   [TG_INT8] = true,    [TG_INT16] = true,     [TG_UINT8] = true,
        [TG_UINT16] = true, [TG_FLOAT32] = true, [TG_COMPLEX64] = true,
    };

    return small[dtype] ? TG_FLOAT32 : TG_FLOAT64;
}

static tg_dtype larger(tg_dtype a, tg_dtype b)
{
    return a > b ? a : b;
}

static tg_dtype complex_of(tg_dtype part)
{
    return part == TG_FLOAT32 ? TG_COMPLEX64 : TG_COMPLEX128;
}

tg_dtype tg_promote(tg_dtype a, tg_dtype b)
{
    if (a == TG_BOOL || b == TG_BOOL)
        return a == TG_BOOL ? b : a;
    if (tg_is_complex(a) || tg_is_complex(b))
        return complex_of(larger(float_above(a), float_above(b)));
    if (tg_is_float(a) || tg_is_float(b))
        return larger(float_above(a), float_above(b));
    if (tg_is_signed(a) == tg_is_signed(b))
        return larger(a, b);
    return tg_is_signed(a) ? larger(a, signed_above(b)) : larger(b, signed_above(a));
}

/* Floats and complex numbers come first: then each integer meets one of those. */
tg_dtype tg_promote_all(uint32_t dtypes)
{
    tg_dtype all = TG_BOOL;

    for (int dtype = TG_NDTYPES - 1; dtype > TG_BOOL; dtype--)
        if (dtypes >> dtype & 1)
            all = tg_promote(all, (tg_dtype)dtype);
    return all;
}

tg_dtype tg_promote_weak(tg_dtype strong, tg_dtype weak)
{
    if (tg_is_complex(weak))
        return tg_is_complex(strong) ? strong : complex_of(strong);
    if (tg_is_float(weak))
        return tg_is_float(strong) || tg_is_complex(strong) ? strong : TG_FLOAT64;
    return strong == TG_BOOL ? TG_INT64 : strong;
}
