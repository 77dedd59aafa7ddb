/* SPDX-License-Identifier: BSD-3-Clause */
/** What the parser's files share: the state, trees being made, who parses what. */
#ifndef TG_CALL_PARSE_TREE_H
#define TG_CALL_PARSE_TREE_H

#include "call/lex.h"
#include "call/parse.h"

/** Brackets, unary operators and lambdas within each other. */
#define TG_MAX_DEPTH 100
/** Levels of a tree. */
#define TG_MAX_HEIGHT 1000

typedef struct tg_parser {
    tg_ctx *ctx;
    const char *text;
    tg_token token;
    const char *where;    /* of the error */
    const char *last_end; /* where the word before this one ended */
    int depth;
} tg_parser;

/** Trees of a list whose length is not known; the array is malloced. */
typedef struct tg_tree_list {
    tg_tree **items;
    int count, capacity;
} tg_tree_list;

/* Words (parse.c). */
TG_MUST_CHECK tg_status tg_parser_next(tg_parser *p);
bool tg_parser_is(const tg_parser *p, const char *word);
TG_MUST_CHECK tg_status tg_parser_expect(tg_parser *p, const char *word);
TG_MUST_CHECK tg_status tg_parser_unexpected(tg_parser *p, const char *wanted);
bool tg_parser_at_end_of_list(const tg_parser *p);

/* Trees (parse_tree.c). */
TG_MUST_CHECK tg_status tg_tree_make(tg_parser *p, tg_tree_kind kind, const char *where,
                                     const char *text, tg_tree *const *items, int count,
                                     tg_tree **out);
TG_MUST_CHECK tg_status tg_tree_list_add(tg_parser *p, tg_tree_list *list, tg_tree *item);
void tg_tree_list_clear(tg_tree_list *list);
/** Go one level down; TG_EARG past TG_MAX_DEPTH. */
TG_MUST_CHECK tg_status tg_parser_deeper(tg_parser *p);
/** The current word's text in the context. */
TG_MUST_CHECK tg_status tg_parser_word(tg_parser *p, const char **out);

/* Expressions (parse.c), what stands in brackets (parse_primary.c). */
TG_MUST_CHECK tg_status tg_parse_or(tg_parser *p, tg_tree **out);
TG_MUST_CHECK tg_status tg_parse_expression(tg_parser *p, tg_tree **out);
/** Expressions separated by commas, and whether there was a comma. */
TG_MUST_CHECK tg_status tg_parse_items(tg_parser *p, tg_tree_list *list, bool *comma);
/** One expression, or a tuple of several without brackets. */
TG_MUST_CHECK tg_status tg_parse_expressions(tg_parser *p, tg_tree **out);
TG_MUST_CHECK tg_status tg_parse_primary(tg_parser *p, tg_tree **out);
/** A name that is no keyword. */
TG_MUST_CHECK tg_status tg_parse_name(tg_parser *p, tg_tree **out);

#endif
