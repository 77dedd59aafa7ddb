/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Expressions as text, a line a node, inputs first:
 *
 *     %0 = source(run-1.h5) int16 (64, 64, 30, 184) chunks 64x1, 64, 30, 184
 *     %1 = reduce(%0; mean, axes 3) float64 (64, 64, 30) chunks 64x1, 64, 30
 *     return %1
 *
 * Chunks "64x1" are 64 of length 1; "2x600+400" has a shorter last one.
 */
#include <inttypes.h>

#include "expr/node.h"

static void dump_chunks(const tg_array *a, int d, FILE *out)
{
    const int64_t *length = a->grid.length[d];
    int64_t n = a->grid.count[d];

    for (int64_t c = 0, run; c < n; c += run) {
        for (run = 1; c + run < n && length[c + run] == length[c]; run++)
            continue;
        fprintf(out, "%s", c ? "+" : "");
        if (run > 1)
            fprintf(out, "%" PRId64 "x", run);
        fprintf(out, "%" PRId64, length[c]);
    }
}

static void dump_node(const tg_order *order, int64_t i, FILE *out)
{
    const tg_array *a = order->nodes[i];
    char text[TG_SHAPE_TEXT];

    fprintf(out, "%%%" PRId64 " = %s(", i, a->class->name);
    for (int k = 0; k < a->ninputs; k++)
        fprintf(out, "%s%%%" PRId64, k ? ", " : "", tg_node_map_get(&order->place, a->inputs[k]));
    if (a->class->dump) {
        fprintf(out, "%s", a->ninputs ? "; " : "");
        a->class->dump(a, out);
    }
    fprintf(out, ") %s %s", tg_dtype_name(a->dtype), tg_shape_text(a->ndim, a->shape, text));
    for (int d = 0; d < a->ndim; d++) {
        fprintf(out, "%s", d ? ", " : " chunks ");
        dump_chunks(a, d, out);
    }
    fputc('\n', out);
}

tg_status tg_array_dump(tg_array *const *roots, int nroots, FILE *out)
{
    tg_status status = TG_OK;
    tg_order order = {0};

    TG_TRY(tg_inputs_status(roots, nroots));
    TG_TRY(tg_order_create(roots, nroots, &order));
    for (int64_t i = 0; i < order.count; i++)
        dump_node(&order, i, out);
    fprintf(out, "return");
    for (int i = 0; i < nroots; i++)
        fprintf(out, "%s %%%" PRId64, i ? "," : "", tg_node_map_get(&order.place, roots[i]));
    fputc('\n', out);
    TG_NEED(!ferror(out), TG_EIO, "the dump of an expression cannot be written");
out:
    tg_order_clear(&order);
    return status;
}
