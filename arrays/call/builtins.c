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

tg_status tg_builtin_need(const tg_arguments *arguments, const char *name, int least, int most)
{
    tg_status status = TG_OK;

    TG_NEED(arguments->nnamed == 0, TG_EARG, "%s() got an unexpected keyword argument '%s'", name,
            arguments->names[0]);
    TG_NEED(arguments->npositional >= least && arguments->npositional <= most, TG_EARG,
            "%s() takes %s%d argument%s (%d given)", name, least < most ? "at most " : "exactly ",
            most, most == 1 ? "" : "s", arguments->npositional);
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

static tg_status print(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const char *sep = " ", *end = "\n";
    char *text = NULL;

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
static tg_status save(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    const tg_datum *value = arguments->positional, *name = value + 1;

    TG_TRY(tg_builtin_need(arguments, "save", 2, 2));
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

static tg_status make_generator(tg_calc *calc, const tg_arguments *arguments, bool legacy,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t seed = (int64_t)calc->generator.seed;
    tg_generator *generator = tg_ctx_alloc(calc->ctx, sizeof *generator);

    TG_NEED(generator, TG_ENOMEM, "a generator of random numbers");
    TG_TRY(tg_builtin_need(arguments, legacy ? "RandomState" : "default_rng", 0, 1));
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &seed));
    *generator = (tg_generator){.seed = (uint64_t)seed, .legacy = legacy};
    *out = (tg_datum){.kind = TG_DATUM_GENERATOR, .generator = generator};
out:
    return status;
}

static tg_status default_rng(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return make_generator(calc, arguments, false, out);
}

static tg_status random_state(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return make_generator(calc, arguments, true, out);
}

static tg_status seed(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t value = 0;

    TG_TRY(tg_builtin_need(arguments, "seed", 0, 1));
    if (arguments->npositional && arguments->positional[0].kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(&arguments->positional[0], &value));
    calc->generator = (tg_generator){.seed = (uint64_t)value, .legacy = true};
    *out = (tg_datum){0};
out:
    return status;
}

/* da.compute(x, y) and dask.persist: a tuple; what is printed or stored is computed then. Dask's
 * keywords say how its schedulers do it. */
static tg_status all_of_them(tg_calc *calc, const tg_arguments *arguments, const char *name,
                             tg_datum *out)
{
    tg_status status = TG_OK;

    for (int i = 0; i < arguments->nnamed; i++)
        TG_NEED(tg_is_word_of(arguments->names[i],
                              "scheduler num_workers pool traverse optimize_graph resources"),
                TG_EARG, "%s() got an unexpected keyword argument '%s'", name, arguments->names[i]);
    *out = tg_datum_tuple(calc->ctx, arguments->positional, arguments->npositional);
out:
    return status;
}

static tg_status compute(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return all_of_them(calc, arguments, "compute", out);
}

static tg_status persist(tg_calc *calc, const tg_arguments *arguments, tg_datum *out)
{
    return all_of_them(calc, arguments, "persist", out);
}

static const tg_builtin_row effects[] = {
    {"print", print},
    {"save", save},
    {"compute", compute},
    {"dask.compute", compute},
    {"dask.persist", persist},
    {"random.RandomState", random_state},
    {"random.default_rng", default_rng},
    {"random.seed", seed},
    {NULL, NULL},
};

struct bound {
    tg_calc *calc;
    tg_builtin *function;
};

static tg_status apply_builtin(tg_ctx *ctx, const tg_callable *callable,
                               const tg_arguments *arguments, tg_datum *out)
{
    const struct bound *bound = callable->extra;

    (void)ctx;
    return bound->function(bound->calc, arguments, out);
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
    *bound = (struct bound){.calc = calc, .function = row->function};
    *callable = (tg_callable){.name = row->name, .apply = apply_builtin, .extra = bound};
    *out = (tg_datum){.kind = TG_DATUM_FUNCTION, .callable = callable};
    return true;
}
