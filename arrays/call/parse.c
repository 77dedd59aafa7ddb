/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parser: recursive descent for what stands in brackets, precedence climbing for operators.
 *
 *     statements  statement (";" statement)*
 *     statement   import | targets "=" ... value | target "+=" value | expressions
 *     expression  lambda | or ["if" or "else" expression]
 *     or, and, not, comparison, | ^ & << + * unary ** in Python's order
 *     primary     atom ("." name | "(" arguments ")" | "[" index "]")*
 *
 * Depth is bounded, so that no text makes the program run out of stack: that of the parser by
 * TG_MAX_DEPTH, that of the tree, which also grows along "a + a + a", by TG_MAX_HEIGHT.
 */
#include "call/parse.h"

#include <string.h>

#include "call/lex.h"
#include "call/parse_tree.h"

tg_status tg_parser_next(tg_parser *p)
{
    p->last_end = p->token.start ? p->token.start + p->token.size : p->text;
    return tg_lex(p->ctx, p->last_end, &p->token, &p->where);
}

bool tg_parser_is(const tg_parser *p, const char *word)
{
    size_t size = strlen(word);

    return (p->token.kind == TG_TOKEN_OPERATOR || p->token.kind == TG_TOKEN_NAME) &&
           p->token.size == size && strncmp(p->token.start, word, size) == 0;
}

tg_status tg_parser_expect(tg_parser *p, const char *word)
{
    tg_status status = TG_OK;

    if (!tg_parser_is(p, word))
        return tg_parser_unexpected(p, word);
    TG_TRY(tg_parser_next(p));
out:
    return status;
}

tg_status tg_parser_unexpected(tg_parser *p, const char *wanted)
{
    p->where = p->token.start;
    if (p->token.kind == TG_TOKEN_END)
        return tg_fail(TG_EARG, "invalid syntax: '%s' is missing at the end", wanted);
    return tg_fail(TG_EARG, "invalid syntax: '%.*s' where '%s' was expected",
                   (int)(p->token.size < 40 ? p->token.size : 40), p->token.start, wanted);
}

/* Binary operators from the loosest to the tightest; ** is apart. */
static const char *const levels[][6] = {
    {"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "//", "%", "@"},
};

enum { LEVELS = sizeof levels / sizeof *levels };

static const char *operator_at(const tg_parser *p, int level)
{
    for (int i = 0; i < 6 && levels[level][i]; i++)
        if (p->token.kind == TG_TOKEN_OPERATOR && tg_parser_is(p, levels[level][i]))
            return levels[level][i];
    return NULL;
}

static tg_status parse_unary(tg_parser *p, tg_tree **out);

/* primary ["**" unary] */
static tg_status parse_power(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *right = NULL;

    TG_TRY(tg_parse_primary(p, out));
    if (tg_parser_is(p, "**")) {
        const char *where = p->token.start;

        TG_TRY(tg_parser_deeper(p));
        TG_TRY(tg_parser_next(p));
        TG_TRY(parse_unary(p, &right));
        p->depth--;
        TG_TRY(tg_tree_make(p, TG_TREE_BINARY, where, "**", (tg_tree *[]){*out, right}, 2, out));
    }
out:
    return status;
}

static tg_status parse_unary(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *op = tg_parser_is(p, "-") ? "-" : tg_parser_is(p, "+") ? "+" : "~";
    const char *where = p->token.start;
    tg_tree *operand = NULL;

    if (!tg_parser_is(p, op))
        return parse_power(p, out);
    TG_TRY(tg_parser_deeper(p));
    TG_TRY(tg_parser_next(p));
    TG_TRY(parse_unary(p, &operand));
    TG_TRY(tg_tree_make(p, TG_TREE_UNARY, where, op, &operand, 1, out));
    p->depth--;
out:
    return status;
}

static tg_status parse_binary(tg_parser *p, int level, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *op;

    if (level == LEVELS)
        return parse_unary(p, out);
    TG_TRY(parse_binary(p, level + 1, out));
    while ((op = operator_at(p, level))) {
        const char *where = p->token.start;
        tg_tree *right = NULL;

        TG_TRY(tg_parser_next(p));
        TG_TRY(parse_binary(p, level + 1, &right));
        TG_TRY(tg_tree_make(p, TG_TREE_BINARY, where, op, (tg_tree *[]){*out, right}, 2, out));
    }
out:
    return status;
}

/* The comparison at the current word, which is passed over; NULL: none. */
static tg_status take_comparison(tg_parser *p, const char **out)
{
    static const char *const words[] = {"<", ">", "==", ">=", "<=", "!=", "in", "is", "not"};
    tg_status status = TG_OK;

    *out = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words && !*out; i++)
        if (tg_parser_is(p, words[i]))
            *out = words[i];
    if (!*out)
        return TG_OK;
    TG_TRY(tg_parser_next(p));
    if (strcmp(*out, "not") == 0) {
        TG_TRY(tg_parser_expect(p, "in"));
        *out = "not in";
    } else if (strcmp(*out, "is") == 0 && tg_parser_is(p, "not")) {
        TG_TRY(tg_parser_next(p));
        *out = "is not";
    }
out:
    return status;
}

static tg_status parse_comparison(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    tg_tree *first = NULL, *right = NULL, *step = NULL;
    const char *where, *op;

    TG_TRY(parse_binary(p, 0, &first));
    TG_TRY(tg_tree_list_add(p, &list, first));
    for (;;) {
        where = p->token.start;
        TG_TRY(take_comparison(p, &op));
        if (!op)
            break;
        TG_TRY(parse_binary(p, 0, &right));
        TG_TRY(tg_tree_make(p, TG_TREE_STEP, where, op, &right, 1, &step));
        TG_TRY(tg_tree_list_add(p, &list, step));
    }
    if (list.count == 1)
        *out = first;
    else
        TG_TRY(tg_tree_make(p, TG_TREE_COMPARE, list.items[1]->where, NULL, list.items, list.count,
                            out));
out:
    tg_tree_list_clear(&list);
    return status;
}

static tg_status parse_not(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start;
    tg_tree *operand = NULL;

    if (!tg_parser_is(p, "not"))
        return parse_comparison(p, out);
    TG_TRY(tg_parser_deeper(p));
    TG_TRY(tg_parser_next(p));
    TG_TRY(parse_not(p, &operand));
    TG_TRY(tg_tree_make(p, TG_TREE_NOT, where, NULL, &operand, 1, out));
    p->depth--;
out:
    return status;
}

static tg_status parse_and(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *right = NULL;

    TG_TRY(parse_not(p, out));
    while (tg_parser_is(p, "and")) {
        const char *where = p->token.start;

        TG_TRY(tg_parser_next(p));
        TG_TRY(parse_not(p, &right));
        TG_TRY(tg_tree_make(p, TG_TREE_AND, where, NULL, (tg_tree *[]){*out, right}, 2, out));
    }
out:
    return status;
}

tg_status tg_parse_or(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *right = NULL;

    TG_TRY(parse_and(p, out));
    while (tg_parser_is(p, "or")) {
        const char *where = p->token.start;

        TG_TRY(tg_parser_next(p));
        TG_TRY(parse_and(p, &right));
        TG_TRY(tg_tree_make(p, TG_TREE_OR, where, NULL, (tg_tree *[]){*out, right}, 2, out));
    }
out:
    return status;
}

/* "name" or "name=default" */
static tg_status parse_parameter(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *value = NULL;

    TG_TRY(tg_parse_name(p, out));
    if (!tg_parser_is(p, "="))
        return TG_OK;
    TG_TRY(tg_parser_next(p));
    TG_TRY(tg_parse_expression(p, &value));
    TG_TRY(tg_tree_make(p, TG_TREE_KEYWORD, (*out)->where, (*out)->text, &value, 1, out));
out:
    return status;
}

static tg_status parse_lambda(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    bool defaults = false;
    tg_tree_list list = {0};
    tg_tree *item = NULL;
    const char *where = p->token.start;

    TG_TRY(tg_parser_next(p));
    while (!tg_parser_is(p, ":")) {
        TG_TRY(parse_parameter(p, &item));
        p->where = item->where;
        TG_NEED(!defaults || item->kind == TG_TREE_KEYWORD, TG_EARG,
                "non-default argument follows default argument");
        defaults = item->kind == TG_TREE_KEYWORD;
        TG_TRY(tg_tree_list_add(p, &list, item));
        if (!tg_parser_is(p, ","))
            break;
        TG_TRY(tg_parser_next(p));
    }
    TG_TRY(tg_parser_expect(p, ":"));
    TG_TRY(tg_parse_expression(p, &item));
    TG_TRY(tg_tree_list_add(p, &list, item));
    TG_TRY(tg_tree_make(p, TG_TREE_LAMBDA, where, NULL, list.items, list.count, out));
out:
    tg_tree_list_clear(&list);
    return status;
}

tg_status tg_parse_expression(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *condition = NULL, *otherwise = NULL;

    TG_TRY(tg_parser_deeper(p));
    if (tg_parser_is(p, "lambda")) {
        TG_TRY(parse_lambda(p, out));
    } else {
        TG_TRY(tg_parse_or(p, out));
        if (tg_parser_is(p, "if")) {
            const char *where = p->token.start;

            TG_TRY(tg_parser_next(p));
            TG_TRY(tg_parse_or(p, &condition));
            TG_TRY(tg_parser_expect(p, "else"));
            TG_TRY(tg_parse_expression(p, &otherwise));
            TG_TRY(tg_tree_make(p, TG_TREE_IF, where, NULL,
                                (tg_tree *[]){*out, condition, otherwise}, 3, out));
        }
    }
    p->depth--;
out:
    return status;
}

/* "*x" or an expression. */
static tg_status parse_starred(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    const char *where = p->token.start;
    tg_tree *value = NULL;

    if (!tg_parser_is(p, "*"))
        return tg_parse_expression(p, out);
    TG_TRY(tg_parser_next(p));
    TG_TRY(tg_parse_or(p, &value));
    TG_TRY(tg_tree_make(p, TG_TREE_STAR, where, NULL, &value, 1, out));
out:
    return status;
}

bool tg_parser_at_end_of_list(const tg_parser *p)
{
    return p->token.kind == TG_TOKEN_END || tg_parser_is(p, ")") || tg_parser_is(p, "]") ||
           tg_parser_is(p, "=") || tg_parser_is(p, ";");
}

tg_status tg_parse_items(tg_parser *p, tg_tree_list *list, bool *comma)
{
    tg_status status = TG_OK;
    tg_tree *item = NULL;

    *comma = false;
    do {
        TG_TRY(parse_starred(p, &item));
        TG_TRY(tg_tree_list_add(p, list, item));
        if (!tg_parser_is(p, ","))
            break;
        *comma = true;
        TG_TRY(tg_parser_next(p));
    } while (!tg_parser_at_end_of_list(p));
out:
    return status;
}

tg_status tg_parse_expressions(tg_parser *p, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree_list list = {0};
    const char *where = p->token.start;
    bool comma = false;

    TG_TRY(tg_parse_items(p, &list, &comma));
    if (comma)
        TG_TRY(tg_tree_make(p, TG_TREE_TUPLE, where, NULL, list.items, list.count, out));
    else
        *out = list.items[0];
out:
    tg_tree_list_clear(&list);
    return status;
}
