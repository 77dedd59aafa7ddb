/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Methods of numpy's functions of two operands: np.add.reduce(x), np.maximum.accumulate(x),
 * np.subtract.outer(a, b). Those that reduce are the reduction of another name.
 */
#include <string.h>

#include <tegula/index.h>

#include "call/eval.h"

static const struct {
    const char *function, *reduce, *accumulate;
} others[] = {
    {"add", "sum", "cumsum"}, {"multiply", "prod", "cumprod"}, {"maximum", "max", NULL},
    {"minimum", "min", NULL}, {"logical_and", "all", NULL},    {"logical_or", "any", NULL},
};

/* The reduction or the cumulation that a function stands for; NULL. */
static const tg_operator *other(const char *function, const char *method)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *name = strcmp(method, "reduce") == 0 ? others[i].reduce : others[i].accumulate;

        if (strcmp(others[i].function, function) == 0)
            return name ? tg_operator_find(name) : NULL;
    }
    return NULL;
}

/* Without an axis these go along the first one, where sum and its kin go over all. */
static tg_status apply_along(tg_ctx *ctx, const tg_callable *callable,
                             const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    bool has_axis = arguments->npositional > 1;
    int n = arguments->nnamed;
    tg_datum *named = tg_datum_items(ctx, n + 1);
    const char **names = tg_ctx_alloc(ctx, (size_t)(n + 1) * sizeof *names);
    tg_arguments with = *arguments;

    TG_NEED(named && names, TG_ENOMEM, "arguments");
    for (int i = 0; i < n; i++) {
        named[i] = arguments->named[i];
        names[i] = arguments->names[i];
        has_axis = has_axis || strcmp(names[i], "axis") == 0;
    }
    names[n] = "axis";
    named[n] = tg_datum_int(0);
    with.named = named;
    with.names = names;
    with.nnamed = has_axis ? n : n + 1;
    TG_TRY(tg_operator_call(ctx, callable->op, NULL, &with, out));
out:
    return status;
}

/* f(a[..., None, None], b): all pairs. */
static tg_status apply_outer(tg_ctx *ctx, const tg_callable *callable,
                             const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_index index[TG_MAX_NDIM + 1] = {TG_ELLIPSIS};
    tg_datum values[2];
    tg_array *a, *b;

    TG_NEED(arguments->npositional == 2 && arguments->nnamed == 0, TG_EARG,
            "%s.outer() takes two arrays", callable->op->name);
    a = tg_datum_to_array(ctx, &arguments->positional[0]);
    b = tg_datum_to_array(ctx, &arguments->positional[1]);
    TG_TRY(tg_array_status(a));
    TG_TRY(tg_array_status(b));
    for (int i = 0; i < tg_ndim(b); i++)
        index[i + 1] = TG_NEWAXIS;
    values[0] = tg_datum_array(tg_ndim(b) ? tg_getitem(a, index, tg_ndim(b) + 1) : a);
    values[1] = tg_datum_array(b);
    TG_TRY(tg_operator_apply(ctx, callable->op->name, values, 2, out));
out:
    return status;
}

tg_status tg_eval_ufunc_method(tg_calc *calc, const tg_datum *function, const char *name,
                               tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_operator *op = function->callable->op;
    bool outer = strcmp(name, "outer") == 0;
    bool along = strcmp(name, "reduce") == 0 || strcmp(name, "accumulate") == 0;
    tg_callable *callable = NULL;

    if (op && along)
        op = other(op->name, name);
    TG_NEED(op && (along || (outer && op->kind == TG_CLASS_ELEMENTWISE)), TG_EARG,
            "'%s' has no method '%s' here", function->callable->name, name);
    callable = tg_ctx_alloc(calc->ctx, sizeof *callable);
    TG_NEED(callable, TG_ENOMEM, "a method");
    *callable =
        (tg_callable){.name = op->name, .apply = outer ? apply_outer : apply_along, .op = op};
    *out = (tg_datum){.kind = TG_DATUM_FUNCTION, .callable = callable};
out:
    return status;
}
