/* SPDX-License-Identifier: BSD-3-Clause */
/* Sessions: statements, and errors that point at their place in the line. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/runtime.h>

#include "call/eval.h"

static tg_status unpack(tg_calc *calc, tg_scope *scope, const tg_tree *target,
                        const tg_datum *value)
{
    tg_status status = TG_OK;
    tg_datum items;

    if (!tg_datum_is_sequence(value) && value->kind != TG_DATUM_ARRAY)
        return tg_fail(TG_EARG, "cannot unpack non-iterable %s object", tg_datum_type(value));
    TG_TRY(tg_eval_items(calc, value, &items));
    TG_NEED(items.count >= target->count, TG_EARG,
            "not enough values to unpack (expected %d, got %" PRId64 ")", target->count,
            items.count);
    TG_NEED(items.count <= target->count, TG_EARG, "too many values to unpack (expected %d)",
            target->count);
    for (int i = 0; i < target->count; i++)
        TG_TRY(tg_eval_assign(calc, scope, target->items[i], &items.items[i]));
out:
    return status;
}

tg_status tg_eval_assign(tg_calc *calc, tg_scope *scope, const tg_tree *target,
                         const tg_datum *value)
{
    tg_status status = TG_OK;
    tg_datum object, index, changed;

    if (target->kind == TG_TREE_NAME)
        return tg_scope_set(calc->ctx, scope, target->text, value);
    if (target->kind == TG_TREE_TUPLE || target->kind == TG_TREE_LIST)
        return unpack(calc, scope, target, value);
    if (target->items[0]->kind != TG_TREE_NAME)
        return tg_fail(TG_EARG, "only elements of a name can be assigned: x[...] = value");
    TG_TRY(tg_eval(calc, scope, target->items[0], &object));
    TG_TRY(tg_eval(calc, scope, target->items[1], &index));
    TG_TRY(tg_eval_set_item(calc, &object, &index, value, &changed));
    TG_TRY(tg_eval_assign(calc, scope, target->items[0], &changed));
out:
    if (status != TG_OK && !calc->where)
        calc->where = target->where;
    return status;
}

static tg_status run_assignment(tg_calc *calc, const tg_tree *tree)
{
    tg_status status = TG_OK;
    tg_datum value;

    TG_TRY(tg_eval(calc, calc->globals, tree->items[0], &value));
    for (int i = 1; i < tree->count; i++)
        TG_TRY(tg_eval_assign(calc, calc->globals, tree->items[i], &value));
out:
    return status;
}

static tg_status run_augmented(tg_calc *calc, const tg_tree *tree)
{
    tg_status status = TG_OK;
    tg_datum left, right;

    TG_TRY(tg_eval(calc, calc->globals, tree->items[0], &left));
    TG_TRY(tg_eval(calc, calc->globals, tree->items[1], &right));
    TG_TRY(tg_eval_in_place(calc, tree->text, &left, &right, &left));
    TG_TRY(tg_eval_assign(calc, calc->globals, tree->items[0], &left));
out:
    return status;
}

static tg_status run_expression(tg_calc *calc, const tg_tree *tree, tg_datum *result)
{
    tg_status status = TG_OK;

    TG_TRY(tg_eval(calc, calc->globals, tree->items[0], result));
    if (result->kind != TG_DATUM_NONE && calc->hooks.value)
        TG_TRY(calc->hooks.value(calc->hooks.state, result));
out:
    return status;
}

static tg_status run_statement(tg_calc *calc, const tg_tree *tree, tg_datum *result)
{
    tg_status status = TG_OK;
    tg_datum module;

    *result = (tg_datum){0};
    switch (tree->kind) {
    case TG_TREE_ASSIGN:
        TG_TRY(run_assignment(calc, tree));
        break;
    case TG_TREE_AUGMENT:
        TG_TRY(run_augmented(calc, tree));
        break;
    case TG_TREE_IMPORT:
        TG_TRY(tg_module_import(calc, tree->value.text, &module));
        TG_TRY(tg_scope_set(calc->ctx, calc->globals, tree->text, &module));
        break;
    default:
        TG_TRY(run_expression(calc, tree, result));
    }
out:
    if (status != TG_OK && !calc->where)
        calc->where = tree->where;
    return status;
}

enum { SHOWN = 72 }; /* characters of the line around the place */

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* Say the message again with the column, the line and a caret. Columns count characters, from 1. */
static tg_status point_at(const tg_calc *calc, tg_status status)
{
    const char *where = calc->where, *at;
    char message[1024], shown[4 * SHOWN + 1];
    size_t size = 0;
    int column = 1, caret = 0, count = 0;

    if (!where || where < calc->text || where > calc->text + calc->text_size ||
        status == TG_EINTERRUPTED || status == TG_PREVIEWED)
        return status;
    for (at = calc->text; at < where; at++)
        column += begins_character(*at);
    for (at = where; at > calc->text && caret < SHOWN / 2; caret += begins_character(*at))
        at--;
    for (; *at && size < sizeof shown - 1 && count < SHOWN; at++) {
        shown[size++] = isprint((unsigned char)*at) || (unsigned char)*at >= 0x80 ? *at : ' ';
        count += begins_character(*at);
    }
    snprintf(message, sizeof message, "%s", tg_message());
    return tg_fail(status, "%s (column %d)\n    %.*s\n    %*s^", message, column, (int)size, shown,
                   caret, "");
}

tg_status tg_calc_create(tg_ctx *ctx, const tg_calc_hooks *hooks, tg_calc **out)
{
    tg_status status = TG_OK;
    tg_calc *calc = calloc(1, sizeof *calc);

    TG_NEED(calc, TG_ENOMEM, "a session");
    calc->ctx = ctx;
    calc->generator.seed = tg_seed(ctx);
    if (hooks)
        calc->hooks = *hooks;
    calc->globals = tg_ctx_alloc(ctx, sizeof *calc->globals);
    TG_NEED(calc->globals, TG_ENOMEM, "a session");
    *out = calc;
    calc = NULL;
out:
    tg_calc_destroy(&calc);
    return status;
}

void tg_calc_destroy(tg_calc **calc)
{
    free(*calc);
    *calc = NULL;
}

tg_status tg_calc_set(tg_calc *calc, const char *name, const tg_datum *value)
{
    tg_status status = TG_OK;
    size_t size = 0;

    while (isalnum((unsigned char)name[size]) || name[size] == '_')
        size++;
    TG_NEED(size > 0 && !name[size] && !isdigit((unsigned char)name[0]), TG_EARG,
            "'%s' is not a name of letters, digits and underscores", name);
    name = tg_datum_copy_text(calc->ctx, name, size);
    TG_NEED(name, TG_ENOMEM, "a name");
    TG_TRY(tg_scope_set(calc->ctx, calc->globals, name, value));
out:
    return status;
}

tg_status tg_calc_run(tg_calc *calc, const char *line, tg_datum *result)
{
    tg_status status = TG_OK;
    tg_tree *tree = NULL;
    const char *where = NULL;

    *result = (tg_datum){0};
    calc->where = NULL;
    calc->levels = calc->calls = 0;
    calc->steps = 0;
    calc->text_size = strlen(line);
    calc->text = tg_datum_copy_text(calc->ctx, line, calc->text_size);
    TG_NEED(calc->text, TG_ENOMEM, "a line of %zu bytes", calc->text_size);
    status = tg_parse(calc->ctx, calc->text, &tree, &where);
    if (status != TG_OK)
        calc->where = where;
    TG_TRY(status);
    for (int i = 0; i < tree->count; i++)
        TG_TRY(run_statement(calc, tree->items[i], result));
out:
    return status == TG_OK ? status : point_at(calc, status);
}
