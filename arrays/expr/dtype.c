/* SPDX-License-Identifier: BSD-3-Clause */
/* Element types: their sizes and NumPy's names, one table. */
#include <string.h>
#include <tegula/array.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[TG_NDTYPES] = {
    [TG_BOOL] = {"bool", 1},
    [TG_INT8] = {"int8", 1},
    [TG_INT16] = {"int16", 2},
    [TG_INT32] = {"int32", 4},
    [TG_INT64] = {"int64", 8},
    [TG_UINT8] = {"uint8", 1},
    [TG_UINT16] = {"uint16", 2},
    [TG_UINT32] = {"uint32", 4},
    [TG_UINT64] = {"uint64", 8},
    [TG_FLOAT32] = {"float32", 4},
    [TG_FLOAT64] = {"float64", 8},
    [TG_COMPLEX64] = {"complex64", 8},
    [TG_COMPLEX128] = {"complex128", 16},
};

size_t tg_dtype_size(tg_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *tg_dtype_name(tg_dtype dtype)
{
    return dtypes[dtype].name;
}

tg_status tg_dtype_parse(const char *name, tg_dtype *out)
{
    for (int i = 0; i < TG_NDTYPES; i++) {
        if (name && strcmp(name, dtypes[i].name) == 0) {
            *out = (tg_dtype)i;
            return TG_OK;
        }
    }
    if (name && strcmp(name, "float16") == 0)
        return tg_fail(TG_EARG, "float16 is read from files, as float32; nothing is computed in "
                                "it: use float32");
    return tg_fail(TG_EARG,
                   "no dtype '%s': there are bool, int8, int16, int32, int64, uint8, uint16, "
                   "uint32, uint64, float32, float64, complex64, complex128",
                   name ? name : "(null)");
}
