/* SPDX-License-Identifier: BSD-3-Clause */
/* Trees being made. */
#include "call/parse_tree.h"

#include <stdlib.h>
#include <string.h>

tg_status tg_tree_make(tg_parser *p, tg_tree_kind kind, const char *where, const char *text,
                       tg_tree *const *items, int count, tg_tree **out)
{
    tg_status status = TG_OK;
    tg_tree *tree = tg_ctx_alloc(p->ctx, sizeof *tree);

    TG_NEED(tree, TG_ENOMEM, "an expression");
    *tree = (tg_tree){.kind = kind, .where = where, .text = text, .count = count, .height = 1};
    tree->items = tg_ctx_alloc(p->ctx, (size_t)(count + 1) * sizeof *tree->items);
    TG_NEED(tree->items, TG_ENOMEM, "an expression");
    for (int i = 0; i < count; i++) {
        tree->items[i] = items[i];
        if (items[i] && items[i]->height >= tree->height)
            tree->height = items[i]->height + 1;
    }
    if (tree->height > TG_MAX_HEIGHT)
        p->where = where;
    TG_NEED(tree->height <= TG_MAX_HEIGHT, TG_EARG, "the expression is more than %d levels deep",
            TG_MAX_HEIGHT);
    *out = tree;
out:
    return status;
}

tg_status tg_tree_list_add(tg_parser *p, tg_tree_list *list, tg_tree *item)
{
    tg_status status = TG_OK;
    tg_tree **grown;

    (void)p;
    if (list->count == list->capacity) {
        int capacity = list->capacity ? 2 * list->capacity : 8;

        grown = realloc(list->items, (size_t)capacity * sizeof *grown);
        TG_NEED(grown, TG_ENOMEM, "a list of %d expressions", capacity);
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
out:
    return status;
}

void tg_tree_list_clear(tg_tree_list *list)
{
    free(list->items);
    *list = (tg_tree_list){0};
}

tg_status tg_parser_deeper(tg_parser *p)
{
    tg_status status = TG_OK;

    if (++p->depth > TG_MAX_DEPTH)
        p->where = p->token.start;
    TG_NEED(p->depth <= TG_MAX_DEPTH, TG_EARG, "too many nested parentheses: more than %d levels",
            TG_MAX_DEPTH);
out:
    return status;
}

tg_status tg_parser_word(tg_parser *p, const char **out)
{
    *out = tg_datum_copy_text(p->ctx, p->token.start, p->token.size);
    return *out ? TG_OK : TG_ENOMEM;
}
