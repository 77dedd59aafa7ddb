/* SPDX-License-Identifier: BSD-3-Clause */
/* What is known of the files behind an array. */
#include "expr/node.h"

tg_status tg_header_of(const tg_array *a, tg_header *out)
{
    tg_status status = TG_OK;
    tg_order order = {0};
    const tg_file *file = NULL;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_order_create((tg_array *const *)&a, 1, &order));
    for (int64_t i = 0; i < order.count && !file; i++)
        if (order.nodes[i]->class == &tg_class_source)
            file = ((const tg_source_params *)order.nodes[i]->params)->file;
    TG_NEED(file, TG_EARG, "no file is behind this array");
    *out = file->source.header;
out:
    tg_order_clear(&order);
    return status;
}

/* Whether an earlier source reads the same file: nodes of one tg_open share the file. */
static bool counted_before(const tg_order *order, int64_t i, const tg_file *file)
{
    for (int64_t k = 0; k < i; k++)
        if (order->nodes[k]->class == &tg_class_source &&
            ((const tg_source_params *)order->nodes[k]->params)->file == file)
            return true;
    return false;
}

int64_t tg_stored_bytes(const tg_array *a)
{
    tg_order order = {0};
    int64_t bytes = 0;

    if (!a || tg_order_create((tg_array *const *)&a, 1, &order) != TG_OK)
        return 0;
    for (int64_t i = 0; i < order.count; i++) {
        if (order.nodes[i]->class == &tg_class_source) {
            const tg_file *file = ((const tg_source_params *)order.nodes[i]->params)->file;

            bytes += counted_before(&order, i, file) ? 0 : file->source.stored_bytes;
        }
    }
    tg_order_clear(&order);
    return bytes;
}
