/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of elementwise operators: all families.
 *
 * To add an operator: its loops and its row in the file of its family, loops_*.c; a test. To add a
 * family: its name in elementwise_rules.h and a line here.
 */
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/elementwise_rules.h"

static const tg_loops *const families[] = {
    &tg_loops_arithmetic, &tg_loops_division, &tg_loops_bits, &tg_loops_float, &tg_loops_compare,
    &tg_loops_select,     &tg_loops_complex,  &tg_loops_math, &tg_loops_power,
};
enum { NFAMILIES = sizeof families / sizeof *families };

const tg_elementwise *tg_elementwise_row(int i)
{
    for (int f = 0; f < NFAMILIES; f++) {
        if (i < families[f]->count)
            return &families[f]->rows[i];
        i -= families[f]->count;
    }
    return NULL;
}

const tg_elementwise *tg_elementwise_find(const char *name)
{
    static const char *const aliases[][2] = {
        /* NumPy's other names */
        {"true_divide", "divide"},
        {"mod", "remainder"},
        {"abs", "absolute"},
        {"pow", "power"},
        {"conj", "conjugate"},
        {"bitwise_not", "invert"},
        {"bitwise_invert", "invert"},
        {"deg2rad", "radians"},
        {"rad2deg", "degrees"},
        {"acos", "arccos"},
        {"asin", "arcsin"},
        {"atan", "arctan"},
        {"atan2", "arctan2"},
        {"acosh", "arccosh"},
        {"asinh", "arcsinh"},
        {"atanh", "arctanh"},
        {"bitwise_left_shift", "left_shift"},
        {"bitwise_right_shift", "right_shift"},
    };
    const tg_elementwise *row;

    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i][0]) == 0)
            name = aliases[i][1];
    for (int i = 0; (row = tg_elementwise_row(i)); i++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

tg_loop *tg_elementwise_loop(const tg_elementwise *op, const tg_dtype *operands)
{
    if (op->mixed[0] && operands[0] != operands[1])
        return op->mixed[operands[1] == TG_UINT64 ? 0 : 1];
    return op->loops[operands[op->key]];
}
