/* SPDX-License-Identifier: BSD-3-Clause */
/* Reductions. */
#include "call/table.h"

static tg_datum build_simple(tg_call *call, tg_array *(*build)(tg_array *, tg_axes))
{
    return tg_datum_array(build(tg_call_array(call, "a"), tg_call_axes(call, "axis")));
}

static tg_datum build_sum(tg_call *call)
{
    return build_simple(call, tg_sum);
}

static tg_datum build_min(tg_call *call)
{
    return build_simple(call, tg_min);
}

static tg_datum build_max(tg_call *call)
{
    return build_simple(call, tg_max);
}

static tg_datum build_mean(tg_call *call)
{
    return build_simple(call, tg_mean);
}

static tg_datum build_var(tg_call *call)
{
    return tg_datum_array(tg_var_ddof(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                      tg_call_float(call, "ddof")));
}

static tg_datum build_std(tg_call *call)
{
    return tg_datum_array(tg_std_ddof(tg_call_array(call, "a"), tg_call_axes(call, "axis"),
                                      tg_call_float(call, "ddof")));
}

#define ROW(name_, aliases_, tail, dtype_, build_)                                                 \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_REDUCE, .signature = "a, " tail,  \
        .method = tail, .dask = (name_), .shape = "axes removed, or 1 with keepdims",              \
        .dtype = (dtype_), .cost = "one pass", .build = (build_)                                   \
    }

static const tg_operator rows[] = {
    ROW("sum", NULL, "axis=None, keepdims=False", "int64, uint64 for integers; floats as a",
        build_sum),
    ROW("min", "amin", "axis=None, keepdims=False", "as a", build_min),
    ROW("max", "amax", "axis=None, keepdims=False", "as a", build_max),
    ROW("mean", NULL, "axis=None, keepdims=False", "float64 for integers; floats as a", build_mean),
    ROW("var", NULL, "axis=None, ddof=0, keepdims=False", "float64 for integers; floats as a",
        build_var),
    ROW("std", NULL, "axis=None, ddof=0, keepdims=False", "float64 for integers; floats as a",
        build_std),
};

const tg_family tg_family_reduce = TG_FAMILY(rows);
