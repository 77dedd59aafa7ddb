/* SPDX-License-Identifier: BSD-3-Clause */
/* Elementwise operators: each row is the kernel of its name (kernel/elementwise.c). */
#include "call/table.h"
#include "expr/node.h"

static tg_datum build_unary(tg_call *call)
{
    tg_array *x = tg_call_array(call, "x");

    return tg_datum_array(tg_elementwise_node(tg_call_operator(call)->name, &x, 1));
}

static tg_datum build_binary(tg_call *call)
{
    tg_array *x[2] = {tg_call_array(call, "x1"), tg_call_array(call, "x2")};

    return tg_datum_array(tg_elementwise_node(tg_call_operator(call)->name, x, 2));
}

static tg_datum build_where(tg_call *call)
{
    return tg_datum_array(tg_where(tg_call_array(call, "condition"), tg_call_array(call, "x"),
                                   tg_call_array(call, "y")));
}

#define UNARY(name_, aliases_, dtype_)                                                             \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_ELEMENTWISE, .signature = "x, /", \
        .dask = (name_), .shape = "as x", .dtype = (dtype_), .build = build_unary                  \
    }
#define BINARY(name_, aliases_, dtype_)                                                            \
    {                                                                                              \
        .name = (name_), .aliases = (aliases_), .kind = TG_CLASS_ELEMENTWISE,                      \
        .signature = "x1, x2, /", .dask = (name_), .shape = "broadcast", .dtype = (dtype_),        \
        .build = build_binary                                                                      \
    }

static const tg_operator rows[] = {
    BINARY("add", NULL, "promoted"),
    BINARY("subtract", NULL, "promoted; not for bool"),
    BINARY("multiply", NULL, "promoted"),
    BINARY("divide", "true_divide", "promoted, at least float64 for integers"),
    BINARY("equal", NULL, "bool"),
    BINARY("not_equal", NULL, "bool"),
    BINARY("less", NULL, "bool"),
    BINARY("less_equal", NULL, "bool"),
    BINARY("greater", NULL, "bool"),
    BINARY("greater_equal", NULL, "bool"),
    UNARY("sqrt", NULL, "float"),
    UNARY("negative", NULL, "as x; not for bool"),
    UNARY("absolute", "abs", "as x"),
    {.name = "where",
     .kind = TG_CLASS_INDEX,
     .signature = "condition, x, y, /",
     .dask = "where",
     .shape = "broadcast",
     .dtype = "promoted from x and y",
     .build = build_where},
};

const tg_family tg_family_elementwise = TG_FAMILY(rows);
