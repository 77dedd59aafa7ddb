/* SPDX-License-Identifier: BSD-3-Clause */
/* Statements: expressions, assignments, imports of modules that are known here. */
#include <string.h>

#include "call/parse_tree.h"

static tg_status check_target(tg_parser *p, const tg_tree *target)
{
    tg_status status = TG_OK;

    if (target->kind == TG_TREE_TUPLE || target->kind == TG_TREE_LIST) {
        for (int i = 0; i < target->count; i++)
            TG_TRY(check_target(p, target->items[i]));
        return TG_OK;
    }
    p->where = target->where;
    TG_NEED(target->kind == TG_TREE_NAME || target->kind == TG_TREE_SUBSCRIPT, TG_EARG,
            "cannot assign to %s here",
            target->kind == TG_TREE_CALL        ? "function call"
            : target->kind == TG_TREE_CONSTANT  ? "literal"
            : target->kind == TG_TREE_ATTRIBUTE ? "attribute"
            : target->kind == TG_TREE_STAR      ? "starred name"
                                                : "expression");
out:
    return status;
}

/* "a = b = value": items are the value, then the targets. */
static tg_status parse_assignment(tg_parser *p, tg_tree *first, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = first;
    const char *where = p->token.start;

    TG_TRY(tg_tree_list_add(p, &list, NULL)); /* the value's place */
    while (tg_parser_is(p, "=")) {
        const char *equal = p->token.start;

        TG_TRY(check_target(p, item));
        TG_TRY(tg_tree_list_add(p, &list, item));
        p->where = equal;
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_expressions(p, &item));
    }
    list.items[0] = item;
    TG_TRY(tg_tree_make(p, TG_TREE_ASSIGN, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

static tg_status parse_augmented(tg_parser *p, tg_tree *target, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *value = NULL;
    const char *where = p->token.start;
    const char *op = tg_datum_copy_text(p->ctx, where, p->token.size - 1);

    TG_NEED(op, TG_ENOMEM, "an assignment");
    TG_TRY(check_target(p, target));
    p->where = where;
    TG_NEED(target->kind != TG_TREE_TUPLE && target->kind != TG_TREE_LIST, TG_EARG,
            "a tuple is an illegal target for augmented assignment");
    TG_TRY(tg_parser_next(p));
    TG_TRY(tg_parse_expressions(p, &value));
    TG_TRY(tg_tree_make(p, TG_TREE_AUGMENT, where, op, (tg_tree *[]){target, value}, 2, out));
out:
    return status;
}

/* "a.b.c" as one text. */
static tg_status parse_path(tg_parser *p, const char **out)
{
    tg_status status = TG_OK;
    const char *start = p->token.start;
    tg_tree *name = NULL;

    TG_TRY(tg_parse_name(p, &name));
    while (tg_parser_is(p, ".")) {
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_name(p, &name));
    }
    *out = tg_datum_copy_text(p->ctx, start, (size_t)(p->last_end - start));
    TG_NEED(*out, TG_ENOMEM, "the name of a module");
out:
    return status;
}

/* "import numpy as np" binds np; without "as" the path's first name. */
static tg_status parse_import(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start, *path = NULL, *name = NULL;
    tg_tree *as = NULL;

    TG_TRY(tg_parser_next(p));
    TG_TRY(parse_path(p, &path));
    name = tg_datum_copy_text(p->ctx, path, strcspn(path, "."));
    TG_NEED(name, TG_ENOMEM, "the name of a module");
    if (tg_parser_is(p, "as")) {
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_name(p, &as));
        name = as->text;
    } else {
        path = name;
    }
    TG_TRY(tg_tree_make(p, TG_TREE_IMPORT, where, name, NULL, 0, out));
    (*out)->value = (tg_datum){.kind = TG_DATUM_TEXT, .text = path};
out:
    return status;
}

/* "from scipy import ndimage as nd": one name. */
static tg_status parse_from(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start, *path = NULL;
    tg_tree *name = NULL, *as = NULL;

    TG_TRY(tg_parser_next(p));
    TG_TRY(parse_path(p, &path));
    TG_TRY(tg_parser_expect(p, "import"));
    TG_TRY(tg_parse_name(p, &name));
    as = name;
    if (tg_parser_is(p, "as")) {
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_name(p, &as));
    }
    char *full = tg_ctx_alloc(p->ctx, strlen(path) + strlen(name->text) + 2);
    TG_NEED(full, TG_ENOMEM, "the name of a module");
    strcat(strcat(strcpy(full, path), "."), name->text);
    TG_TRY(tg_tree_make(p, TG_TREE_IMPORT, where, as->text, NULL, 0, out));
    (*out)->value = (tg_datum){.kind = TG_DATUM_TEXT, .text = full};
out:
    return status;
}

static bool is_augmented(const tg_token *token)
{
    return token->kind == TG_TOKEN_OPERATOR && token->size > 1 &&
           token->start[token->size - 1] == '=' && !strchr("=!<>:", token->start[token->size - 2]);
}

static bool is_shift_assignment(const tg_token *token)
{
    return token->kind == TG_TOKEN_OPERATOR && token->size == 3 && token->start[2] == '=';
}

static tg_status parse_statement(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *first = NULL;
    const char *where = p->token.start;

    if (tg_parser_is(p, "import"))
        return parse_import(p, out);
    if (tg_parser_is(p, "from"))
        return parse_from(p, out);
    TG_TRY(tg_parse_expressions(p, &first));
    if (tg_parser_is(p, "="))
        TG_TRY(parse_assignment(p, first, out));
    else if (is_augmented(&p->token) || is_shift_assignment(&p->token))
        TG_TRY(parse_augmented(p, first, out));
    else
        TG_TRY(tg_tree_make(p, TG_TREE_EXPRESSION, where, NULL, &first, 1, out));
out:
    return status;
}

tg_status tg_parse(tg_ctx *ctx, const char *text, tg_tree **out, const char **where)
{
    tg_status status = TG_OK;
    tg_parser parser = {.ctx = ctx, .text = text, .where = text};
    tg_parser *p = &parser;
    tg_tree_list list = {0};
    tg_tree *item = NULL;

    TG_TRY(tg_parser_next(p));
    while (p->token.kind != TG_TOKEN_END) {
        TG_TRY(parse_statement(p, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
        p->where = p->token.start;
        TG_NEED(p->token.kind == TG_TOKEN_END || tg_parser_is(p, ";"), TG_EARG,
                "invalid syntax: '%.*s' cannot stand here",
                (int)(p->token.size < 40 ? p->token.size : 40), p->token.start);
        if (tg_parser_is(p, ";"))
            TG_TRY(tg_parser_next(p));
    }
    TG_TRY(tg_tree_make(p, TG_TREE_STATEMENTS, text, NULL, list.items, list.count, out));
out:
    *where = p->where;
    tg_tree_list_clear(&list);
    return status;
}
