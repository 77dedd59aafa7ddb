/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls, attributes and lambdas. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/eval.h"
#include "call/table.h"

/* Arguments that are being collected; the arrays are the context's. */
struct collected {
    tg_arguments arguments;
    tg_datum *positional, *named;
    const char **names;
    int64_t capacity;
};

static tg_status add_positional(struct collected *to, const tg_datum *value)
{
    if (to->arguments.npositional >= to->capacity)
        return tg_fail(TG_EARG, "more than %" PRId64 " arguments", to->capacity);
    to->positional[to->arguments.npositional++] = *value;
    return TG_OK;
}

static tg_status add_named(struct collected *to, const char *name, const tg_datum *value)
{
    if (to->arguments.nnamed >= to->capacity)
        return tg_fail(TG_EARG, "more than %" PRId64 " arguments", to->capacity);
    for (int i = 0; i < to->arguments.nnamed; i++)
        if (strcmp(to->names[i], name) == 0)
            return tg_fail(TG_EARG, "keyword argument repeated: %s", name);
    to->names[to->arguments.nnamed] = name;
    to->named[to->arguments.nnamed++] = *value;
    return TG_OK;
}

/* "*values" and "**values". */
static tg_status add_many(tg_calc *calc, struct collected *to, bool named, const tg_datum *values)
{
    tg_status status = TG_OK;
    tg_datum items;

    if (!named) {
        TG_TRY(tg_eval_items(calc, values, &items));
        for (int64_t i = 0; i < items.count; i++)
            TG_TRY(add_positional(to, &items.items[i]));
        return TG_OK;
    }
    TG_NEED(values->kind == TG_DATUM_DICT, TG_EARG, "argument after ** must be a mapping, not %s",
            tg_datum_type(values));
    for (int64_t i = 0; i < values->count; i += 2) {
        TG_NEED(values->items[i].kind == TG_DATUM_TEXT, TG_EARG, "keywords must be strings");
        TG_TRY(add_named(to, values->items[i].text, &values->items[i + 1]));
    }
out:
    return status;
}

static tg_status collect(tg_calc *calc, const tg_scope *scope, const tg_tree *tree,
                         struct collected *to)
{
    tg_status status = TG_OK;
    size_t capacity = (size_t)tree->count;
    tg_datum value;

    for (int i = 1; i < tree->count; i++) /* room for what stars bring */
        if (tree->items[i]->kind == TG_TREE_STAR || tree->items[i]->kind == TG_TREE_KEYWORD)
            capacity = (size_t)tree->count + 1000;
    *to = (struct collected){.capacity = (int64_t)capacity};
    to->positional = tg_datum_items(calc->ctx, (int64_t)capacity);
    to->named = tg_datum_items(calc->ctx, (int64_t)capacity);
    to->names = tg_ctx_alloc(calc->ctx, capacity * sizeof *to->names);
    TG_NEED(to->positional && to->named && to->names, TG_ENOMEM, "arguments");
    for (int i = 1; i < tree->count; i++) {
        const tg_tree *item = tree->items[i];
        bool wrapped = item->kind == TG_TREE_STAR || item->kind == TG_TREE_KEYWORD;

        TG_TRY(tg_eval(calc, scope, wrapped ? item->items[0] : item, &value));
        if (!wrapped)
            TG_TRY(add_positional(to, &value));
        else if (item->kind == TG_TREE_KEYWORD && item->text)
            TG_TRY(add_named(to, item->text, &value));
        else
            TG_TRY(add_many(calc, to, item->kind == TG_TREE_KEYWORD, &value));
    }
    to->arguments.positional = to->positional;
    to->arguments.named = to->named;
    to->arguments.names = to->names;
    to->arguments.generator = &calc->generator;
out:
    return status;
}

/* np.float32(x): not a Python number any more. */
static tg_status call_dtype(tg_calc *calc, const tg_datum *dtype, const tg_arguments *arguments,
                            tg_datum *out)
{
    tg_status status = TG_OK;

    TG_NEED(arguments->npositional == 1 && arguments->nnamed == 0, TG_EARG,
            "%s() takes one argument", tg_dtype_name(dtype->dtype));
    TG_TRY(tg_operator_apply(calc->ctx, "array", (tg_datum[]){arguments->positional[0], *dtype}, 2,
                             out));
out:
    return status;
}

/* random((3, 4)): the function of the module's own name. */
static tg_status call_module(tg_calc *calc, const tg_datum *module, const tg_arguments *arguments,
                             tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum function;

    TG_NEED(module->text[0] && !strchr(module->text, '.'), TG_EARG,
            "'module' object is not callable");
    TG_TRY(tg_module_attribute(calc, module->text, module->text, &function));
    TG_TRY(tg_datum_call(calc->ctx, &function, arguments, out));
out:
    return status;
}

tg_status tg_eval_call(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum function;
    struct collected collected;

    TG_TRY(tg_eval(calc, scope, tree->items[0], &function));
    TG_TRY(collect(calc, scope, tree, &collected));
    if (function.kind == TG_DATUM_DTYPE)
        TG_TRY(call_dtype(calc, &function, &collected.arguments, out));
    else if (function.kind == TG_DATUM_MODULE)
        TG_TRY(call_module(calc, &function, &collected.arguments, out));
    else
        TG_TRY(tg_datum_call(calc->ctx, &function, &collected.arguments, out));
out:
    return status;
}

struct closure {
    tg_calc *calc;
    const tg_scope *scope;
    const tg_tree *tree;
    int count;          /* of parameters */
    tg_datum *defaults; /* by parameter, where it has one */
    const char **names;
};

/* The parameter of a keyword argument. */
static tg_status find_parameter(const struct closure *closure, const char *name, int npositional,
                                int *out)
{
    tg_status status = TG_OK;
    int i = 0;

    while (i < closure->count && strcmp(closure->names[i], name) != 0)
        i++;
    TG_NEED(i < closure->count, TG_EARG, "<lambda>() got an unexpected keyword argument '%s'",
            name);
    TG_NEED(i >= npositional, TG_EARG, "<lambda>() got multiple values for argument '%s'", name);
    *out = i;
out:
    return status;
}

/* Values by parameter: given ones, then defaults. */
static tg_status bind_lambda(const struct closure *closure, const tg_arguments *arguments,
                             tg_datum *values)
{
    tg_status status = TG_OK;
    int count = closure->count, given = arguments->npositional;
    bool *known = calloc((size_t)count + 1, sizeof *known);

    TG_NEED(known, TG_ENOMEM, "a lambda");
    TG_NEED(given <= count, TG_EARG, "<lambda>() takes %d positional argument%s but %d %s given",
            count, count == 1 ? "" : "s", given, given == 1 ? "was" : "were");
    for (int i = 0; i < count; i++) {
        known[i] = i < given || closure->tree->items[i]->kind == TG_TREE_KEYWORD;
        values[i] = i < given ? arguments->positional[i] : closure->defaults[i];
    }
    for (int k = 0; k < arguments->nnamed; k++) {
        int i = 0;

        TG_TRY(find_parameter(closure, arguments->names[k], given, &i));
        known[i] = true;
        values[i] = arguments->named[k];
    }
    for (int i = 0; i < count; i++)
        TG_NEED(known[i], TG_EARG, "<lambda>() missing a required argument: '%s'",
                closure->names[i]);
out:
    free(known);
    return status;
}

static tg_status apply_lambda(tg_ctx *ctx, const tg_callable *callable,
                              const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const struct closure *closure = callable->extra;
    tg_calc *calc = closure->calc;
    const tg_tree *tree = closure->tree;
    int count = closure->count;
    tg_scope *scope = tg_ctx_alloc(ctx, sizeof *scope);
    tg_datum *values = tg_datum_items(ctx, count);

    calc->calls++;
    TG_NEED(calc->calls <= TG_MAX_CALLS, TG_EARG, "maximum recursion depth exceeded");
    TG_NEED(scope && values, TG_ENOMEM, "a lambda");
    TG_TRY(bind_lambda(closure, arguments, values));
    scope->parent = closure->scope;
    for (int i = 0; i < count; i++)
        TG_TRY(tg_scope_set(ctx, scope, closure->names[i], &values[i]));
    TG_TRY(tg_eval(calc, scope, tree->items[count], out));
out:
    calc->calls--;
    return status;
}

tg_status tg_eval_lambda(tg_calc *calc, const tg_scope *scope, const tg_tree *tree, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_callable *callable = tg_ctx_alloc(calc->ctx, sizeof *callable);
    struct closure *closure = tg_ctx_alloc(calc->ctx, sizeof *closure);

    TG_NEED(callable && closure, TG_ENOMEM, "a lambda");
    *closure =
        (struct closure){.calc = calc, .scope = scope, .tree = tree, .count = tree->count - 1};
    closure->names = tg_ctx_alloc(calc->ctx, (size_t)tree->count * sizeof *closure->names);
    closure->defaults = tg_datum_items(calc->ctx, tree->count);
    TG_NEED(closure->names && closure->defaults, TG_ENOMEM, "a lambda");
    for (int i = 0; i < closure->count; i++) {
        closure->names[i] = tree->items[i]->text;
        if (tree->items[i]->kind == TG_TREE_KEYWORD)
            TG_TRY(tg_eval(calc, scope, tree->items[i]->items[0], &closure->defaults[i]));
    }
    *callable = (tg_callable){.name = "<lambda>",
                              .apply = apply_lambda,
                              .extra = closure,
                              .parameters = closure->names,
                              .nparameters = closure->count};
    *out = (tg_datum){.kind = TG_DATUM_FUNCTION, .callable = callable};
out:
    return status;
}

/* What else NumPy's arrays have, where they change or are memory. */
static const struct missing {
    const char *names, *reason;
} missing_attributes[] = {
    {"byteswap fill itemset put resize setfield setflags",
     "arrays never change: np.where, np.full_like, x[i] = v and others make new ones"},
    {"base ctypes data dump dumps flags getfield newbyteorder strides tobytes tofile tostring view",
     "arrays have no memory before they are computed: x.astype converts, save(x, \"FILE\") writes"},
};

static tg_status no_attribute(const tg_datum *object, const char *name)
{
    const bool is_array = object->kind == TG_DATUM_ARRAY;
    const char *near = is_array ? tg_operator_near(name) : NULL;

    for (size_t i = 0; is_array && i < sizeof missing_attributes / sizeof *missing_attributes; i++)
        if (tg_is_word_of(name, missing_attributes[i].names))
            return tg_fail(TG_EARG, "'%s' object has no attribute '%s': %s", tg_datum_type(object),
                           name, missing_attributes[i].reason);
    if (is_array && tg_operator_find(name))
        return tg_fail(TG_EARG, "'%s' object has no attribute '%s': it is a function, np.%s(x)",
                       tg_datum_type(object), name, name);
    return tg_fail(TG_EARG, "'%s' object has no attribute '%s'%s%s%s", tg_datum_type(object), name,
                   near ? ". Did you mean: '" : "", near ? near : "", near ? "'?" : "");
}

/* x.blocks: an array of chunks, waiting for its index. */
static tg_status blocks_of(tg_calc *calc, const tg_datum *array, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_callable *callable = tg_ctx_alloc(calc->ctx, sizeof *callable);

    TG_NEED(callable, TG_ENOMEM, "an array's blocks");
    *callable = (tg_callable){.name = "blocks", .self = *array, .is_method = true};
    *out = (tg_datum){.kind = TG_DATUM_METHOD, .callable = callable};
out:
    return status;
}

static tg_status array_attribute(tg_calc *calc, const tg_datum *array, const char *name,
                                 tg_datum *out)
{
    const tg_operator *op = tg_operator_find(name);

    if (strcmp(name, "blocks") == 0 || strcmp(name, "partitions") == 0)
        return blocks_of(calc, array, out);
    if (op && op->attribute)
        return tg_operator_apply(calc->ctx, op->name, array, 1, out);
    if (op && op->method)
        return tg_datum_function(calc->ctx, op, array, out);
    return no_attribute(array, name);
}

static tg_status apply_random(tg_ctx *ctx, const tg_callable *callable,
                              const tg_arguments *arguments, tg_datum *out)
{
    tg_arguments with = *arguments;

    with.generator = callable->self.generator;
    return tg_operator_call(ctx, callable->op, NULL, &with, out);
}

/* rng.normal: np.random.normal that draws from this generator. */
static tg_status generator_attribute(tg_calc *calc, const tg_datum *generator, const char *name,
                                     tg_datum *out)
{
    tg_status status = TG_OK;
    char full[64];
    const tg_operator *op;
    tg_callable *callable = NULL;

    snprintf(full, sizeof full, "random.%s", name);
    op = tg_operator_find(full);
    if (!op)
        return no_attribute(generator, name);
    callable = tg_ctx_alloc(calc->ctx, sizeof *callable);
    TG_NEED(callable, TG_ENOMEM, "a method");
    *callable = (tg_callable){
        .name = op->name, .apply = apply_random, .op = op, .self = *generator, .is_method = true};
    *out = (tg_datum){.kind = TG_DATUM_METHOD, .callable = callable};
out:
    return status;
}

static tg_status dtype_attribute(const tg_datum *dtype, const char *name, tg_datum *out)
{
    static const char kinds[][2] = {"b", "i", "u", "f", "c"};
    const char *own = tg_dtype_name(dtype->dtype);
    int kind = own[0] == 'b' ? 0 : own[0] == 'i' ? 1 : own[0] == 'u' ? 2 : own[0] == 'f' ? 3 : 4;

    if (strcmp(name, "itemsize") == 0)
        *out = tg_datum_int((int64_t)tg_dtype_size(dtype->dtype));
    else if (strcmp(name, "name") == 0)
        *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = own};
    else if (strcmp(name, "kind") == 0)
        *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = kinds[kind]};
    else
        return no_attribute(dtype, name);
    return TG_OK;
}

static tg_status number_attribute(const tg_datum *number, const char *name, tg_datum *out)
{
    bool is_complex = number->kind == TG_DATUM_COMPLEX;

    if (strcmp(name, "real") == 0 || strcmp(name, "imag") == 0) {
        int part = name[0] == 'i';

        if (is_complex)
            *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = number->parts[part]};
        else if (part == 0)
            *out = *number;
        else
            *out = number->kind == TG_DATUM_FLOAT ? (tg_datum){.kind = TG_DATUM_FLOAT}
                                                  : (tg_datum){.kind = TG_DATUM_INT};
        return TG_OK;
    }
    return no_attribute(number, name);
}

tg_status tg_eval_attribute(tg_calc *calc, const tg_datum *object, const char *name, tg_datum *out)
{
    switch (object->kind) {
    case TG_DATUM_ARRAY:
        return array_attribute(calc, object, name, out);
    case TG_DATUM_MODULE:
        return tg_module_attribute(calc, object->text, name, out);
    case TG_DATUM_GENERATOR:
        return generator_attribute(calc, object, name, out);
    case TG_DATUM_DTYPE:
        return dtype_attribute(object, name, out);
    case TG_DATUM_FUNCTION:
        return tg_eval_ufunc_method(calc, object, name, out);
    case TG_DATUM_BOOL:
    case TG_DATUM_INT:
    case TG_DATUM_BIG:
    case TG_DATUM_FLOAT:
    case TG_DATUM_COMPLEX:
        return number_attribute(object, name, out);
    default:
        return no_attribute(object, name);
    }
}
