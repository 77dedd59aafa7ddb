/* SPDX-License-Identifier: BSD-3-Clause */
/* The named elementwise operators: each is the row of that name in the kernels' table. */
#include "expr/node.h"

#define UNARY(name)                                                                                \
    tg_array *tg_##name(tg_array *a)                                                               \
    {                                                                                              \
        return tg_elementwise_node(#name, &a, 1);                                                  \
    }
#define BINARY(name)                                                                               \
    tg_array *tg_##name(tg_array *a, tg_array *b)                                                  \
    {                                                                                              \
        return tg_elementwise_node(#name, (tg_array *[]){a, b}, 2);                                \
    }

UNARY(sqrt)
UNARY(negative)
UNARY(absolute)
BINARY(add)
BINARY(subtract)
BINARY(multiply)
BINARY(divide)
BINARY(equal)
BINARY(not_equal)
BINARY(less)
BINARY(less_equal)
BINARY(greater)
BINARY(greater_equal)

tg_array *tg_where(tg_array *condition, tg_array *a, tg_array *b)
{
    return tg_elementwise_node("where", (tg_array *[]){condition, a, b}, 3);
}
