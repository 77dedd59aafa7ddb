/* SPDX-License-Identifier: BSD-3-Clause */
/* See kept.h. */
#include "expr/kept.h"

const tg_class tg_class_kept = {.name = "kept"};

tg_array *tg_kept_node(const tg_array *a)
{
    tg_array *node = tg_node_create(a->ctx, &tg_class_kept, 0, NULL, sizeof(tg_kept_params));

    if (node->status != TG_OK)
        return node;
    ((tg_kept_params *)node->params)->chunks = a->kept;
    tg_node_like(node, a);
    node->dtype = a->dtype;
    return node;
}
