/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What names stand for. A name alone is what was set, else Python's function, else what numpy has
 * of that name, else a module: "from numpy import *" is understood, so that a line pasted from a
 * lesson works with and without its imports.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "call/eval.h"
#include "call/table.h"

tg_status tg_scope_set(tg_ctx *ctx, tg_scope *scope, const char *name, const tg_datum *value)
{
    tg_status status = TG_OK;

    for (int i = 0; i < scope->count; i++)
        if (strcmp(scope->names[i], name) == 0) {
            scope->values[i] = *value;
            return TG_OK;
        }
    if (scope->count == scope->capacity) {
        int capacity = scope->capacity ? 2 * scope->capacity : 4;
        const char **names = tg_ctx_alloc(ctx, (size_t)capacity * sizeof *names);
        tg_datum *values = tg_datum_items(ctx, capacity);

        TG_NEED(names && values, TG_ENOMEM, "%d names", capacity);
        if (scope->count > 0) {
            memcpy(names, scope->names, (size_t)scope->count * sizeof *names);
            memcpy(values, scope->values, (size_t)scope->count * sizeof *values);
        }
        scope->names = names;
        scope->values = values;
        scope->capacity = capacity;
    }
    scope->names[scope->count] = name;
    scope->values[scope->count++] = *value;
out:
    return status;
}

const tg_datum *tg_scope_get(const tg_scope *scope, const char *name)
{
    for (; scope; scope = scope->parent)
        for (int i = 0; i < scope->count; i++)
            if (strcmp(scope->names[i], name) == 0)
                return &scope->values[i];
    return NULL;
}

/* Modules of Python and where their functions are in the table: "" is numpy itself. */
static const struct module {
    const char *path, *ours;
} modules[] = {
    {"np", ""},
    {"numpy", ""},
    {"da", ""},
    {"math", ""},
    {"dask", "dask"},
    {"dask.array", ""},
    {"scipy", "scipy"},
    {"scipy.ndimage", "ndimage"},
    {"scipy.linalg", "linalg"},
    {"ndi", "ndimage"},
    {"ndimage", "ndimage"},
    {"random", "random"},
    {"linalg", "linalg"},
    {"skimage", "skimage"},
    {"filters", ""},
    {"skimage.filters", ""},
    {"skimage.measure", "ndimage"},
    {"dask_image", "dask_image"},
    {"dask_image.ndfilters", "ndimage"},
    {"dask_image.ndmeasure", "ndimage"},
    {"dask_image.ndmorph", "ndimage"},
};

static bool find_module(const char *path, tg_datum *out)
{
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (strcmp(modules[i].path, path) == 0) {
            *out = (tg_datum){.kind = TG_DATUM_MODULE, .text = modules[i].ours};
            return true;
        }
    return false;
}

/* numpy's own names that are values. */
static bool find_constant(const char *name, tg_datum *out)
{
    static const struct {
        const char *name;
        double value;
    } constants[] = {
        {"pi", M_PI},        {"e", M_E},
        {"inf", INFINITY},   {"nan", NAN},
        {"Inf", INFINITY},   {"Infinity", INFINITY},
        {"infty", INFINITY}, {"NaN", NAN},
        {"NAN", NAN},        {"PINF", INFINITY},
        {"NINF", -INFINITY}, {"euler_gamma", 0.57721566490153286060651209008240243},
    };
    tg_datum text = {.kind = TG_DATUM_TEXT, .text = name};
    tg_dtype dtype;

    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (strcmp(constants[i].name, name) == 0) {
            *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = constants[i].value};
            return true;
        }
    if (strcmp(name, "True_") == 0 || strcmp(name, "False_") == 0) {
        *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = name[0] == 'T'};
        return true;
    }
    if (strcmp(name, "newaxis") == 0) {
        *out = (tg_datum){0};
        return true;
    }
    if (strlen(name) > 3 && strcmp(name, "float") && tg_datum_to_dtype(&text, &dtype) == TG_OK) {
        *out = (tg_datum){.kind = TG_DATUM_DTYPE, .dtype = dtype};
        return true;
    }
    return false;
}

/* A name with its module's before it; false: too long for any that there is. */
static bool write_full(const char *module, const char *name, char *full, size_t size)
{
    const int length = snprintf(full, size, "%s%s%s", module, *module ? "." : "", name);

    return length >= 0 && (size_t)length < size;
}

/* What Python calls the package that a module of ours belongs to. */
static const char *package_of(const char *module)
{
    static const char *const of_numpy[] = {"", "linalg", "random"};

    for (size_t i = 0; i < sizeof of_numpy / sizeof *of_numpy; i++)
        if (strcmp(module, of_numpy[i]) == 0)
            return *module ? "numpy." : "numpy";
    return strcmp(module, "ndimage") == 0 ? "scipy." : "";
}

static tg_status no_name(const char *module, const char *name)
{
    char full[128];
    const char *near = write_full(module, name, full, sizeof full) ? tg_operator_near(full) : NULL;

    if (!*module && (strcmp(name, "float16") == 0 || strcmp(name, "half") == 0))
        return tg_fail(TG_EARG,
                       "numpy.%s is read from files and computed as float32: ask for "
                       "that, np.float32",
                       name);
    return tg_fail(TG_EARG, "module '%s%s' has no attribute '%s'%s%s%s", package_of(module), module,
                   name, near ? ". Did you mean: '" : "", near ? near : "", near ? "'?" : "");
}

/* np.mgrid, np.s_: to be followed by brackets. */
static tg_status waiting_for_index(tg_calc *calc, const char *name, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_callable *callable = tg_ctx_alloc(calc->ctx, sizeof *callable);

    TG_NEED(callable, TG_ENOMEM, "a name");
    callable->name = name;
    *out = (tg_datum){.kind = TG_DATUM_METHOD, .callable = callable};
out:
    return status;
}

tg_status tg_module_attribute(tg_calc *calc, const char *module, const char *name, tg_datum *out)
{
    tg_status status = TG_OK;
    char full[128];
    const tg_operator *op;

    TG_NEED(write_full(module, name, full, sizeof full), TG_EARG,
            "no module has a name of %zu letters", strlen(name));
    if (find_module(full, out) || (!*module && find_constant(name, out)))
        return TG_OK;
    if ((*module || tg_is_word_of(name, "save dtype compute")) &&
        tg_builtin_function(calc, full, &status, out)) /* np.sum is not Python's sum */
        return status;
    op = tg_operator_find(full);
    if (op)
        return tg_datum_function(calc->ctx, op, NULL, out);
    if (!*module && tg_eval_is_grid(name))
        return waiting_for_index(calc, name, out);
    if (tg_operator_is_namespace(full)) {
        *out = (tg_datum){.kind = TG_DATUM_MODULE};
        out->text = tg_datum_copy_text(calc->ctx, full, strlen(full));
        return out->text ? TG_OK : TG_ENOMEM;
    }
    status = no_name(module, name);
out:
    return status;
}

tg_status tg_module_import(tg_calc *calc, const char *path, tg_datum *out)
{
    tg_status status = TG_OK;
    const char *dot = strrchr(path, '.');
    char first[128] = "";

    if (find_module(path, out))
        return TG_OK;
    if (dot && (size_t)(dot - path) < sizeof first)
        memcpy(first, path, (size_t)(dot - path));
    if (*first && find_module(first, out))
        return tg_module_attribute(calc, out->text, dot + 1, out);
    status = tg_fail(TG_EARG, "No module named '%s'", path);
    return status;
}

tg_status tg_builtin_name(tg_calc *calc, const char *name, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_operator *op = tg_operator_find(name);
    const char *near = NULL;

    if (tg_builtin_function(calc, name, &status, out))
        return status;
    if (find_module(name, out))
        return TG_OK;
    if (strcmp(name, "e") != 0 && find_constant(name, out))
        return TG_OK;
    if (op && !op->attribute)
        return tg_datum_function(calc->ctx, op, NULL, out);
    near = strlen(name) > 3 ? tg_operator_near(name) : NULL;
    return tg_fail(TG_EARG, "name '%s' is not defined%s%s%s", name, near ? ". Did you mean: '" : "",
                   near ? near : "", near ? "'?" : "");
}
