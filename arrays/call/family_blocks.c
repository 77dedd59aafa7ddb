/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions of blocks. What a line can give is an operator or a lambda of operators, which is lazy:
 * called with the whole arrays it does to each block what it does to all. C functions on blocks
 * are in <tegula/blocks.h>.
 */
#include "call/table.h"

static tg_datum build_map_blocks(tg_call *call)
{
    const tg_datum *args = tg_call_datum(call, "args");
    tg_datum out = tg_call_apply(call, tg_call_datum(call, "func"), args->items, (int)args->count);

    if (out.kind == TG_DATUM_ARRAY && tg_call_given(call, "dtype"))
        out.array = tg_astype(out.array, tg_call_dtype(call, "dtype", tg_dtype_of(out.array)));
    return out;
}

static tg_datum build_apply_along_axis(tg_call *call)
{
    tg_datum arguments[2] = {tg_datum_array(tg_call_array(call, "arr")),
                             tg_datum_int(tg_call_axis(call, "axis"))};

    return tg_call_apply(call, tg_call_datum(call, "func1d"), arguments, 2);
}

static const tg_operator rows[] = {
    {.name = "map_blocks",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func, *args, dtype=None",
     .method = NULL,
     .dask = "map_blocks",
     .shape = "the function's",
     .dtype = "the function's, or dtype",
     .notes = "func is an operator or a lambda of elementwise operators; in C: tg_map_blocks",
     .build = build_map_blocks},
    {.name = "apply_along_axis",
     .kind = TG_CLASS_BLOCKS,
     .signature = "func1d, axis, arr",
     .dask = "apply_along_axis",
     .shape = "the axis replaced by the function's result",
     .dtype = "the function's",
     .notes = "func1d is an operator that takes an axis; in C: tg_apply_along_axis",
     .build = build_apply_along_axis},
};

const tg_family tg_family_blocks = TG_FAMILY(rows);
