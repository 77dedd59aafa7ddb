/* SPDX-License-Identifier: BSD-3-Clause */
/** Python's built-in functions: tables by what they are about, and what they have in common. */
#ifndef TG_CALL_BUILTINS_H
#define TG_CALL_BUILTINS_H

#include "call/eval.h"

typedef struct tg_builtin_row tg_builtin_row;

typedef tg_status tg_builtin(tg_calc *calc, const tg_builtin_row *row,
                             const tg_arguments *arguments, tg_datum *out);

/** Some functions by name; the last has none. One function can serve some rows. */
struct tg_builtin_row {
    const char *name;
    tg_builtin *function;
    int least, most; /* arguments, none by name */
    bool free;       /* the function looks at how many there are by itself */
};

extern const tg_builtin_row tg_builtin_values[], tg_builtin_numbers[];

/** Whether arguments are as many as the row says. Errors: TG_EARG for keywords, and for fewer or
 * more. */
TG_MUST_CHECK tg_status tg_builtin_need(const tg_builtin_row *row, const tg_arguments *arguments);

/** numpy's function of that name, for arrays. */
TG_MUST_CHECK tg_status tg_builtin_numpy(tg_calc *calc, const char *name,
                                         const tg_arguments *arguments, tg_datum *out);

/** Python's int(). */
tg_builtin tg_builtin_int;

#endif
