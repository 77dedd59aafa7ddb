/* SPDX-License-Identifier: BSD-3-Clause */
/** What the evaluator's files share: the session, scopes, who evaluates what. */
#ifndef TG_CALL_EVAL_H
#define TG_CALL_EVAL_H

#include <tegula/calc.h>

#include "call/call.h"
#include "call/parse.h"

/** Names of one level: the session's, or a lambda's parameters. */
typedef struct tg_scope tg_scope;
struct tg_scope {
    const tg_scope *parent;
    int count, capacity;
    const char **names;
    tg_datum *values;
};

/** Levels of evaluation within each other; steps of one line. */
#define TG_MAX_LEVELS 2500
#define TG_MAX_CALLS  100
#define TG_MAX_STEPS  5000000
/** Most items that a list made here has. */
#define TG_MAX_ITEMS 1000000

struct tg_calc {
    tg_ctx *ctx;
    tg_calc_hooks hooks;
    tg_scope *globals;
    tg_generator generator; /* of numpy.random's functions */
    const char *text;       /* the line that runs, copied */
    size_t text_size;
    const char *where; /* what an error points at; NULL: nothing yet */
    int levels, calls; /* of evaluation, of lambdas */
    int64_t steps;
};

/* Names (names.c). */
TG_MUST_CHECK tg_status tg_scope_set(tg_ctx *ctx, tg_scope *scope, const char *name,
                                     const tg_datum *value);
const tg_datum *tg_scope_get(const tg_scope *scope, const char *name);
/** What a name stands for that no one has set: built-in functions, np, operators, ... */
TG_MUST_CHECK tg_status tg_builtin_name(tg_calc *calc, const char *name, tg_datum *out);
/** np.name, np.random.name; `module` is the path below numpy. */
TG_MUST_CHECK tg_status tg_module_attribute(tg_calc *calc, const char *module, const char *name,
                                            tg_datum *out);
/** The module of a path ("dask.array"), or an operator in it ("numpy.mean"). */
TG_MUST_CHECK tg_status tg_module_import(tg_calc *calc, const char *path, tg_datum *out);

/** Python's function of that name (builtins.c); false: there is none. */
bool tg_builtin_function(tg_calc *calc, const char *name, tg_status *status, tg_datum *out);

/* Expressions. Errors leave calc->where at the place. */
TG_MUST_CHECK tg_status tg_eval(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                tg_datum *out); /* eval.c */
/** left op= right: arrays with axes keep their shape and dtype, as in NumPy. */
TG_MUST_CHECK tg_status tg_eval_in_place(tg_calc *calc, const char *op, const tg_datum *left,
                                         const tg_datum *right, tg_datum *out);
TG_MUST_CHECK tg_status tg_eval_binary(tg_calc *calc, const char *op, const tg_datum *left,
                                       const tg_datum *right, tg_datum *out); /* eval_operator.c */
TG_MUST_CHECK tg_status tg_eval_compare(tg_calc *calc, const char *op, const tg_datum *left,
                                        const tg_datum *right, tg_datum *out);
TG_MUST_CHECK tg_status tg_eval_unary(tg_calc *calc, const char *op, const tg_datum *operand,
                                      tg_datum *out);
TG_MUST_CHECK tg_status tg_eval_call(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                     tg_datum *out); /* eval_call.c */
TG_MUST_CHECK tg_status tg_eval_attribute(tg_calc *calc, const tg_datum *object, const char *name,
                                          tg_datum *out);
/** The value as text: str of it, or repr (eval_format.c). */
TG_MUST_CHECK tg_status tg_eval_text(tg_ctx *ctx, const tg_datum *value, bool repr, tg_datum *out);
/** f'...'. */
TG_MUST_CHECK tg_status tg_eval_format(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                       tg_datum *out);
/** np.add.reduce and its kin (eval_ufunc.c). */
TG_MUST_CHECK tg_status tg_eval_ufunc_method(tg_calc *calc, const tg_datum *function,
                                             const char *name, tg_datum *out);
/** np.mgrid[...] and its kin (eval_grid.c). */
bool tg_eval_is_grid(const char *name);
TG_MUST_CHECK tg_status tg_eval_grid(tg_calc *calc, const char *name, const tg_datum *index,
                                     tg_datum *out);
TG_MUST_CHECK tg_status tg_eval_lambda(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                                       tg_datum *out);
TG_MUST_CHECK tg_status tg_eval_subscript(tg_calc *calc, const tg_datum *object,
                                          const tg_datum *index, tg_datum *out); /* eval_index.c */
TG_MUST_CHECK tg_status tg_eval_set_item(tg_calc *calc, const tg_datum *object,
                                         const tg_datum *index, const tg_datum *value,
                                         tg_datum *out);
/** The items that iteration goes over: of tuples, lists, arrays along their first axis. */
TG_MUST_CHECK tg_status tg_eval_items(tg_calc *calc, const tg_datum *sequence, tg_datum *out);
/** Give a target of an assignment its value (eval_statement.c). */
TG_MUST_CHECK tg_status tg_eval_assign(tg_calc *calc, tg_scope *scope, const tg_tree *target,
                                       const tg_datum *value);

#endif
