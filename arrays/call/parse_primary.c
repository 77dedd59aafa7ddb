/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser's innermost part: names, constants, brackets, calls, indices. */
#include <string.h>

#include "call/parse_tree.h"

static bool is_keyword(const tg_parser *p)
{
    static const char *const words[] = {
        "and",    "as",   "assert", "async",  "await",  "break",   "class",    "continue",
        "def",    "del",  "elif",   "else",   "except", "finally", "for",      "from",
        "global", "if",   "import", "in",     "is",     "lambda",  "nonlocal", "not",
        "or",     "pass", "raise",  "return", "try",    "while",   "with",     "yield",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tg_parser_is(p, words[i]))
            return true;
    return false;
}

tg_status tg_parse_name(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *name = NULL;

    p->where = p->token.start;
    if (p->token.kind == TG_TOKEN_END)
        return tg_fail(TG_EARG, "invalid syntax: the expression ends too early");
    TG_NEED(p->token.kind == TG_TOKEN_NAME && !is_keyword(p), TG_EARG,
            "invalid syntax: '%.*s' cannot stand here",
            (int)(p->token.size < 40 ? p->token.size : 40), p->token.start);
    TG_TRY(tg_parser_word(p, &name));
    TG_TRY(tg_tree_make(p, TG_TREE_NAME, p->token.start, name, NULL, 0, out));
    TG_TRY(tg_parser_next(p));
out:
    return status;
}

static tg_status parse_constant(tg_parser *p, tg_datum value, tg_tree **out)
{
    tg_status status = TG_OK;

    TG_TRY(tg_tree_make(p, TG_TREE_CONSTANT, p->token.start, NULL, NULL, 0, out));
    (*out)->value = value;
    TG_TRY(tg_parser_next(p));
out:
    return status;
}

static tg_status parse_constant_text(tg_parser *p, const char *start, const char *end,
                                     tg_tree_list *list)
{
    tg_status status = TG_OK;
    tg_tree *item = NULL;
    char *text = tg_ctx_alloc(p->ctx, (size_t)(end - start) + 1);
    size_t size = 0;

    TG_NEED(text, TG_ENOMEM, "a string");
    for (const char *at = start; at < end; at++) {
        char c = *at == '\\' && at + 1 < end ? tg_lex_escaped(at[1]) : '\0';

        at += c || ((*at == '{' || *at == '}') && at + 1 < end && at[1] == *at); /* {{ is { */
        text[size++] = c ? c : *at;
    }
    TG_TRY(tg_tree_make(p, TG_TREE_CONSTANT, start, NULL, NULL, 0, &item));
    item->value = (tg_datum){.kind = TG_DATUM_TEXT, .text = text};
    TG_TRY(tg_tree_list_add(p, list, item));
out:
    return status;
}

/* "value!r:spec}" after a brace; *end is set behind it. */
static tg_status parse_field(tg_parser *outer, const char *at, const char **end, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_parser inner = {.ctx = outer->ctx, .text = at, .depth = outer->depth};
    tg_tree *value = NULL;
    const char *start;
    size_t size;

    status = tg_parser_next(&inner);
    if (status == TG_OK)
        status = tg_parse_expressions(&inner, &value);
    outer->where = inner.where;
    TG_TRY(status);
    outer->where = inner.token.start;
    TG_NEED(tg_parser_is(&inner, "}") || tg_parser_is(&inner, ":") || tg_parser_is(&inner, "!"),
            TG_EARG, "f-string: expecting '}'");
    start = inner.token.start;
    size = strcspn(start, "}");
    TG_NEED(start[size] && !memchr(start, '{', size), TG_EARG, "f-string: expecting '}'");
    *end = start + size + 1;
    start = tg_datum_copy_text(outer->ctx, start, size);
    TG_NEED(start, TG_ENOMEM, "a format");
    TG_TRY(tg_tree_make(outer, TG_TREE_FORMAT, at, start, &value, 1, out));
out:
    return status;
}

/* f'...': what stands in braces is parsed where it stands. */
static tg_status parse_format(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    const char *where = p->token.start, *at = where + 2, *end = where + p->token.size - 1;

    while (at < end) {
        const char *next = at;

        while (next < end && (*next != '{' || next[1] == '{'))
            next += *next == '{' ? 2 : 1;
        next = next < end ? next : end;
        TG_TRY(parse_constant_text(p, at, next, &list));
        at = next;
        if (at < end) {
            TG_TRY(parse_field(p, at + 1, &at, &item));
            TG_TRY(tg_tree_list_add(p, &list, item));
        }
        p->where = where;
        TG_NEED(at <= end, TG_EARG, "f-string: expecting '}'");
    }
    TG_TRY(tg_tree_make(p, TG_TREE_FORMAT, where, NULL, list.items, list.count, out));
    TG_TRY(tg_parser_next(p));
out:
    tg_tree_list_clear(&list);
    return status;
}

/* 'one' 'two' is one string. */
static tg_status parse_texts(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    const char *where = p->token.start;
    tg_tree *item = NULL;

    while (p->token.kind == TG_TOKEN_TEXT) {
        TG_TRY(p->token.format ? parse_format(p, &item) : parse_constant(p, p->token.value, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
    }
    *out = list.items[0];
    if (list.count > 1)
        TG_TRY(tg_tree_make(p, TG_TREE_FORMAT, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

/* "x" or "x, y" after "for". */
static tg_status parse_targets(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list names = {0};
    const char *where = p->token.start;
    tg_tree *name = NULL;
    bool bracket = tg_parser_is(p, "("), comma = bracket;

    if (bracket)
        TG_TRY(tg_parser_next(p));
    TG_TRY(tg_parse_name(p, &name));
    TG_TRY(tg_tree_list_add(p, &names, name));
    while (tg_parser_is(p, ",")) {
        comma = true;
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_name(p, &name));
        TG_TRY(tg_tree_list_add(p, &names, name));
    }
    if (bracket)
        TG_TRY(tg_parser_expect(p, ")"));
    *out = name;
    if (comma)
        TG_TRY(tg_tree_make(p, TG_TREE_TUPLE, where, NULL, names.items, names.count, out));
out:
    tg_tree_list_clear(&names);
    return status;
}

/* "for x in y if z" */
static tg_status parse_for(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    const char *where = p->token.start;

    TG_TRY(tg_parser_next(p));
    TG_TRY(parse_targets(p, &item));
    TG_TRY(tg_tree_list_add(p, &list, item));
    TG_TRY(tg_parser_expect(p, "in"));
    TG_TRY(tg_parse_or(p, &item));
    TG_TRY(tg_tree_list_add(p, &list, item));
    while (tg_parser_is(p, "if")) {
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_or(p, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
    }
    TG_TRY(tg_tree_make(p, TG_TREE_FOR, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

/* One "for" or several after an element. */
static tg_status parse_comprehension(tg_parser *p, tg_tree *element, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    const char *where = p->token.start;

    TG_TRY(tg_tree_list_add(p, &list, element));
    while (tg_parser_is(p, "for")) {
        TG_TRY(parse_for(p, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
    }
    TG_TRY(tg_tree_make(p, TG_TREE_COMPREHEND, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

/* "(...)": a tuple, or what stands in it. */
static tg_status parse_parentheses(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start;

    TG_TRY(tg_parser_next(p));
    if (tg_parser_is(p, ")")) {
        TG_TRY(tg_tree_make(p, TG_TREE_TUPLE, where, NULL, NULL, 0, out));
    } else {
        TG_TRY(tg_parse_expressions(p, out));
        if (tg_parser_is(p, "for"))
            TG_TRY(parse_comprehension(p, *out, out));
    }
    TG_TRY(tg_parser_expect(p, ")"));
out:
    return status;
}

static tg_status parse_list(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    const char *where = p->token.start;
    bool comma = false;

    TG_TRY(tg_parser_next(p));
    if (!tg_parser_is(p, "]"))
        TG_TRY(tg_parse_items(p, &list, &comma));
    if (list.count == 1 && !comma && tg_parser_is(p, "for"))
        TG_TRY(parse_comprehension(p, list.items[0], out));
    else
        TG_TRY(tg_tree_make(p, TG_TREE_LIST, where, NULL, list.items, list.count, out));
    TG_TRY(tg_parser_expect(p, "]"));
out:
    tg_tree_list_clear(&list);
    return status;
}

static tg_status parse_dict(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    const char *where = p->token.start;

    TG_TRY(tg_parser_next(p));
    while (!tg_parser_is(p, "}")) {
        TG_TRY(tg_parse_expression(p, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
        TG_TRY(tg_parser_expect(p, ":"));
        TG_TRY(tg_parse_expression(p, &item));
        TG_TRY(tg_tree_list_add(p, &list, item));
        if (!tg_parser_is(p, ","))
            break;
        TG_TRY(tg_parser_next(p));
    }
    TG_TRY(tg_parser_expect(p, "}"));
    TG_TRY(tg_tree_make(p, TG_TREE_DICT, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

static tg_status parse_atom(tg_parser *p, tg_tree **out)
{
    if (p->token.kind == TG_TOKEN_NUMBER)
        return parse_constant(p, p->token.value, out);
    if (p->token.kind == TG_TOKEN_TEXT)
        return parse_texts(p, out);
    if (tg_parser_is(p, "("))
        return parse_parentheses(p, out);
    if (tg_parser_is(p, "["))
        return parse_list(p, out);
    if (tg_parser_is(p, "{"))
        return parse_dict(p, out);
    if (tg_parser_is(p, "..."))
        return parse_constant(p, (tg_datum){.kind = TG_DATUM_ELLIPSIS}, out);
    if (tg_parser_is(p, "None"))
        return parse_constant(p, (tg_datum){0}, out);
    if (tg_parser_is(p, "True") || tg_parser_is(p, "False"))
        return parse_constant(
            p, (tg_datum){.kind = TG_DATUM_BOOL, .truth = tg_parser_is(p, "True")}, out);
    return tg_parse_name(p, out);
}

/* "x", "name=x", "*x", "**x", "x for x in y" */
static tg_status parse_argument(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start;
    tg_tree *value = NULL;

    if (tg_parser_is(p, "*") || tg_parser_is(p, "**")) {
        tg_tree_kind kind = tg_parser_is(p, "*") ? TG_TREE_STAR : TG_TREE_KEYWORD;

        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_expression(p, &value));
        TG_TRY(tg_tree_make(p, kind, where, NULL, &value, 1, out));
        return TG_OK;
    }
    TG_TRY(tg_parse_expression(p, out));
    if (tg_parser_is(p, "for")) {
        TG_TRY(parse_comprehension(p, *out, out));
    } else if (tg_parser_is(p, "=")) {
        p->where = where;
        TG_NEED((*out)->kind == TG_TREE_NAME, TG_EARG,
                "expression cannot contain assignment, perhaps you meant \"==\"?");
        const char *name = (*out)->text;
        TG_TRY(tg_parser_next(p));
        TG_TRY(tg_parse_expression(p, &value));
        TG_TRY(tg_tree_make(p, TG_TREE_KEYWORD, where, name, &value, 1, out));
    }
out:
    return status;
}

static tg_status parse_call(tg_parser *p, tg_tree *function, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    bool named = false;

    TG_TRY(tg_tree_list_add(p, &list, function));
    TG_TRY(tg_parser_next(p));
    while (!tg_parser_is(p, ")")) {
        const char *where = p->token.start;

        TG_TRY(parse_argument(p, &item));
        if (named && item->kind != TG_TREE_KEYWORD && item->kind != TG_TREE_STAR)
            p->where = where;
        TG_NEED(!named || item->kind == TG_TREE_KEYWORD || item->kind == TG_TREE_STAR, TG_EARG,
                "positional argument follows keyword argument");
        named = named || item->kind == TG_TREE_KEYWORD;
        TG_TRY(tg_tree_list_add(p, &list, item));
        if (!tg_parser_is(p, ","))
            break;
        TG_TRY(tg_parser_next(p));
    }
    TG_TRY(tg_parser_expect(p, ")"));
    TG_TRY(tg_tree_make(p, TG_TREE_CALL, function->where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

static bool at_slice_end(const tg_parser *p)
{
    return tg_parser_is(p, ":") || tg_parser_is(p, ",") || tg_parser_is(p, "]");
}

/* "x" or "start:stop:step" with any of them left out. */
static tg_status parse_slice(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *parts[3] = {0};
    const char *where = p->token.start;

    if (!tg_parser_is(p, ":"))
        TG_TRY(tg_parse_expression(p, &parts[0]));
    if (!tg_parser_is(p, ":")) {
        *out = parts[0];
        return TG_OK;
    }
    for (int i = 1; i < 3 && tg_parser_is(p, ":"); i++) {
        TG_TRY(tg_parser_next(p));
        if (!at_slice_end(p))
            TG_TRY(tg_parse_expression(p, &parts[i]));
    }
    TG_TRY(tg_tree_make(p, TG_TREE_SLICE, where, NULL, parts, 3, out));
out:
    return status;
}

static tg_status parse_subscript(tg_parser *p, tg_tree *object, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *index = NULL;
    const char *where = p->token.start;
    bool comma = false;

    TG_TRY(tg_parser_next(p));
    do {
        TG_TRY(parse_slice(p, &index));
        TG_TRY(tg_tree_list_add(p, &list, index));
        comma = tg_parser_is(p, ",");
        if (comma)
            TG_TRY(tg_parser_next(p));
    } while (comma && !tg_parser_is(p, "]"));
    TG_TRY(tg_parser_expect(p, "]"));
    if (list.count > 1 || comma)
        TG_TRY(tg_tree_make(p, TG_TREE_TUPLE, where, NULL, list.items, list.count, &index));
    TG_TRY(tg_tree_make(p, TG_TREE_SUBSCRIPT, where, NULL, (tg_tree *[]){object, index}, 2, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

static tg_status parse_attribute(tg_parser *p, tg_tree *object, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where, *name = NULL;

    TG_TRY(tg_parser_next(p));
    where = p->where = p->token.start;
    TG_NEED(p->token.kind == TG_TOKEN_NAME, TG_EARG, "invalid syntax: a name must follow the dot");
    TG_TRY(tg_parser_word(p, &name));
    TG_TRY(tg_parser_next(p));
    TG_TRY(tg_tree_make(p, TG_TREE_ATTRIBUTE, where, name, &object, 1, out));
out:
    return status;
}

tg_status tg_parse_primary(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;

    TG_TRY(parse_atom(p, out));
    for (;;) {
        if (tg_parser_is(p, "("))
            TG_TRY(parse_call(p, *out, out));
        else if (tg_parser_is(p, "["))
            TG_TRY(parse_subscript(p, *out, out));
        else if (tg_parser_is(p, "."))
            TG_TRY(parse_attribute(p, *out, out));
        else
            break;
    }
out:
    return status;
}
