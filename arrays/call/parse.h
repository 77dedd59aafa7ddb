/* SPDX-License-Identifier: BSD-3-Clause */
/** Python's expressions and simple statements as trees. */
#ifndef TG_CALL_PARSE_H
#define TG_CALL_PARSE_H

#include "call/datum.h"

typedef enum tg_tree_kind {
    TG_TREE_CONSTANT,   /* value */
    TG_TREE_NAME,       /* text */
    TG_TREE_TUPLE,      /* items */
    TG_TREE_LIST,       /* items */
    TG_TREE_DICT,       /* items: key, value, ... */
    TG_TREE_UNARY,      /* text: + - ~; items: operand */
    TG_TREE_BINARY,     /* text: the operator; items: left, right */
    TG_TREE_COMPARE,    /* items: first; then COMPARE_STEPs */
    TG_TREE_STEP,       /* text: the operator; items: right operand */
    TG_TREE_NOT,        /* items: operand */
    TG_TREE_AND,        /* items: left, right */
    TG_TREE_OR,         /* items: left, right */
    TG_TREE_IF,         /* items: value, condition, otherwise */
    TG_TREE_LAMBDA,     /* items: NAMEs, KEYWORDs with defaults, then the body */
    TG_TREE_COMPREHEND, /* items: element, then FORs */
    TG_TREE_FOR,        /* items: target, sequence, conditions... */
    TG_TREE_FORMAT,     /* f'...'; items: values, FORMATs of one with text: what follows : or ! */
    TG_TREE_ATTRIBUTE,  /* text; items: object */
    TG_TREE_CALL,       /* items: function, then arguments, KEYWORDs, STARs */
    TG_TREE_KEYWORD,    /* text: name, NULL for **dict; items: value */
    TG_TREE_STAR,       /* items: value */
    TG_TREE_SUBSCRIPT,  /* items: object, index */
    TG_TREE_SLICE,      /* items: start, stop, step; NULL where left out */
    TG_TREE_EXPRESSION, /* a statement; items: value */
    TG_TREE_ASSIGN,     /* items: value, then targets from left to right */
    TG_TREE_AUGMENT,    /* text: the operator without =; items: target, value */
    TG_TREE_IMPORT,     /* text: name to bind; value: module's path as text */
    TG_TREE_STATEMENTS, /* items */
} tg_tree_kind;

/** A node of a tree; lives as long as the context. */
typedef struct tg_tree tg_tree;
struct tg_tree {
    tg_tree_kind kind;
    const char *where; /* in the text that was parsed: what an error points at */
    const char *text;
    tg_datum value;
    int count, height; /* of items; levels below */
    tg_tree **items;
};

/**
 * Parse statements separated by semicolons.
 *
 * Errors: TG_EARG in Python's words; *where points at the place in the text.
 */
TG_MUST_CHECK tg_status tg_parse(tg_ctx *ctx, const char *text, tg_tree **out, const char **where);

#endif
