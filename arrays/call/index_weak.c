/* SPDX-License-Identifier: BSD-3-Clause */
/* Indexing where the builders are not linked: a sentence instead. */
#include <tegula/index.h>

#include "expr/node.h"

__attribute__((weak)) tg_array *tg_getitem(tg_array *a, const tg_index *index, int nindex)
{
    (void)index;
    (void)nindex;
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), tg_fail(TG_EARG, "arrays have no parts yet"));
}

__attribute__((weak)) tg_array *tg_blocks(tg_array *a, const tg_index *index, int nindex)
{
    return tg_getitem(a, index, nindex);
}

__attribute__((weak)) tg_array *tg_set_slice(tg_array *a, const tg_index *index, int nindex,
                                             tg_array *values)
{
    (void)values;
    return tg_getitem(a, index, nindex);
}
