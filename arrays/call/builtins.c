/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Python's built-in functions: those with effects (print and save act at once, random generators
 * are made), and the search through all of them.
 */
#include "call/builtins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/print.h"

tg_status tg_builtin_need(const tg_builtin_row *row, const tg_arguments *arguments)
{
    tg_status status = TG_OK;

    TG_NEED(arguments->nnamed == 0, TG_EARG, "%s() got an unexpected keyword argument '%s'",
            row->name, arguments->names[0]);
    TG_NEED(arguments->npositional >= row->least && arguments->npositional <= row->most, TG_EARG,
            "%s() takes %s%d argument%s (%d given)", row->name,
            row->least < row->most ? "at most " : "exactly ", row->most, row->most == 1 ? "" : "s",
            arguments->npositional);
out:
    return status;
}

tg_status tg_builtin_numpy(tg_calc *calc, const char *name, const tg_arguments *arguments,
                           tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_operator *op = tg_operator_find(name);

    TG_NEED(op, TG_EARG, "there is no operator '%s' yet", name);
    TG_TRY(tg_operator_call(calc->ctx, op, NULL, arguments, out));
out:
    return status;
}

/* The values as one text, with `between` between them; malloc. */
static tg_status text_of(tg_calc *calc, const tg_arguments *arguments, const char *between,
                         char **text)
{
    tg_status status = TG_OK;
    size_t size = 0;
    FILE *to = open_memstream(text, &size);

    TG_NEED(to, TG_ENOMEM, "a text to print");
    for (int i = 0; i < arguments->npositional; i++) {
        if (i)
            fputs(between, to);
        TG_TRY(tg_print_value(calc->ctx, &arguments->positional[i], false, to));
    }
out:
    if (to && fclose(to) != 0 && status == TG_OK)
        status = tg_fail(TG_ENOMEM, "a text to print");
    return status;
}

static tg_status print(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                       tg_datum *out)
{
    tg_status status = TG_OK;
    const char *sep = " ", *end = "\n";
    char *text = NULL;

    (void)row;
    for (int i = 0; i < arguments->nnamed; i++) {
        const tg_datum *value = &arguments->named[i];
        bool is_sep = strcmp(arguments->names[i], "sep") == 0;

        TG_NEED(is_sep || strcmp(arguments->names[i], "end") == 0, TG_EARG,
                "'%s' is an invalid keyword argument for print()", arguments->names[i]);
        TG_NEED(value->kind == TG_DATUM_TEXT || value->kind == TG_DATUM_NONE, TG_EARG,
                "%s must be None or a string, not %s", arguments->names[i], tg_datum_type(value));
        if (value->kind == TG_DATUM_TEXT)
            *(is_sep ? &sep : &end) = value->text;
    }
    TG_TRY(text_of(calc, arguments, sep, &text));
    TG_NEED(fputs(text, stdout) >= 0 && fputs(end, stdout) >= 0, TG_EIO,
            "standard output cannot be written");
    *out = (tg_datum){0};
out:
    free(text);
    return status;
}

/* save(value, "FILE"), and numpy's save("FILE", value). */
static tg_status save(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                      tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *value = arguments->positional, *name = value + 1;

    (void)row;
    if (value->kind == TG_DATUM_TEXT && name->kind != TG_DATUM_TEXT) {
        value = name;
        name = arguments->positional;
    }
    TG_NEED(name->kind == TG_DATUM_TEXT, TG_EARG, "save(value, \"FILE\") needs the name of a file");
    if (calc->hooks.save)
        TG_TRY(calc->hooks.save(calc->hooks.state, value, name->text));
    else
        TG_TRY(tg_calc_save(calc->ctx, value, name->text));
    *out = (tg_datum){0};
out:
    return status;
}

/* random.RandomState and random.default_rng */
static tg_status make_generator(tg_calc *calc, const tg_builtin_row *row,
                                const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const bool legacy = strcmp(row->name, "random.RandomState") == 0;
    int64_t seed = (int64_t)calc->generator.seed;
    tg_generator *generator = tg_ctx_alloc(calc->ctx, sizeof *generator);

    TG_NEED(generator, TG_ENOMEM, "a generator of random numbers");
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &seed));
    *generator = (tg_generator){.seed = (uint64_t)seed, .legacy = legacy};
    *out = (tg_datum){.kind = TG_DATUM_GENERATOR, .generator = generator};
out:
    return status;
}

static tg_status seed(tg_calc *calc, const tg_builtin_row *row, const tg_arguments *arguments,
                      tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t value = 0;

    (void)row;
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &value));
    calc->generator = (tg_generator){.seed = (uint64_t)value, .legacy = true};
    *out = (tg_datum){0};
out:
    return status;
}

/* da.compute(x, y) and dask.persist: a tuple; what is printed or stored is computed then. Dask's
 * keywords say how its schedulers do it. */
static tg_status all_of_them(tg_calc *calc, const tg_builtin_row *row,
                             const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;

    for (int i = 0; i < arguments->nnamed; i++)
        TG_NEED(tg_is_word_of(arguments->names[i],
                              "scheduler num_workers pool traverse optimize_graph resources"),
                TG_EARG, "%s() got an unexpected keyword argument '%s'", row->name,
                arguments->names[i]);
    *out = tg_datum_tuple(calc->ctx, arguments->positional, arguments->npositional);
out:
    return status;
}

static const tg_builtin_row effects[] = {
    {"compute", all_of_them, 0, 0, true},
    {"print", print, 0, 0, true},
    {"save", save, 2, 2, false},
    {"dask.compute", all_of_them, 0, 0, true},
    {"dask.persist", all_of_them, 0, 0, true},
    {"random.RandomState", make_generator, 0, 1, false},
    {"random.default_rng", make_generator, 0, 1, false},
    {"random.seed", seed, 0, 1, false},
    {NULL, NULL, 0, 0, false},
};

struct bound {
    tg_calc *calc;
    const tg_builtin_row *row;
};

static tg_status apply_builtin(tg_ctx *ctx, const tg_callable *callable,
                               const tg_arguments *arguments, tg_datum *out)
{
    const struct bound *bound = callable->extra;

    tg_status status = TG_OK;

    (void)ctx;
    if (!bound->row->free)
        TG_TRY(tg_builtin_need(bound->row, arguments));
    TG_TRY(bound->row->function(bound->calc, bound->row, arguments, out));
out:
    return status;
}

static const tg_builtin_row *find(const char *name)
{
    static const tg_builtin_row *const tables[] = {effects, tg_builtin_values, tg_builtin_numbers};

    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const tg_builtin_row *row = tables[t]; row->name; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    return NULL;
}

bool tg_builtin_function(tg_calc *calc, const char *name, tg_status *status, tg_datum *out)
{
    const tg_builtin_row *row = find(name);
    tg_callable *callable;
    struct bound *bound;

    if (!row)
        return false;
    callable = tg_ctx_alloc(calc->ctx, sizeof *callable);
    bound = tg_ctx_alloc(calc->ctx, sizeof *bound);
    *status = callable && bound ? TG_OK : tg_fail(TG_ENOMEM, "a function");
    if (*status != TG_OK)
        return true;
    *bound = (struct bound){.calc = calc, .row = row};
    *callable = (tg_callable){.name = row->name, .apply = apply_builtin, .extra = bound};
    *out = (tg_datum){.kind = TG_DATUM_FUNCTION, .callable = callable};
    return true;
}
