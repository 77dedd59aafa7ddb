/* SPDX-License-Identifier: BSD-3-Clause */
/** Words of Python's expressions. */
#ifndef TG_CALL_LEX_H
#define TG_CALL_LEX_H

#include "call/datum.h"

typedef enum tg_token_kind {
    TG_TOKEN_END,
    TG_TOKEN_NAME,   /* also keywords */
    TG_TOKEN_NUMBER, /* value */
    TG_TOKEN_TEXT,   /* value */
    TG_TOKEN_OPERATOR,
} tg_token_kind;

/** One word. */
typedef struct tg_token {
    tg_token_kind kind;
    const char *start; /* in the text */
    size_t size;       /* bytes */
    tg_datum value;    /* NUMBER, TEXT */
    bool format;       /* TEXT: f'...' */
} tg_token;

/** The character that an escape, a backslash and `c`, stands for; 0 where the backslash stays. */
char tg_lex_escaped(char c);

/**
 * The next word at or after `at`; blanks and a comment are passed over.
 *
 * Errors: TG_EARG for what is no word of Python; *where then points at it.
 */
TG_MUST_CHECK tg_status tg_lex(tg_ctx *ctx, const char *at, tg_token *out, const char **where);

#endif
