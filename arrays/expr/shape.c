/* SPDX-License-Identifier: BSD-3-Clause */
/* Shapes: as text, axes counted from either end, NumPy's broadcasting. */
#include <inttypes.h>
#include <stdio.h>

#include "expr/node.h"

const char *tg_shape_text(int ndim, const int64_t *shape, char *text)
{
    int used = snprintf(text, TG_SHAPE_TEXT, "(");

    for (int d = 0; d < ndim; d++)
        used += snprintf(text + used, TG_SHAPE_TEXT - (size_t)used, "%s%" PRId64, d ? ", " : "",
                         shape[d]);
    snprintf(text + used, TG_SHAPE_TEXT - (size_t)used, ndim == 1 ? ",)" : ")");
    return text;
}

tg_status tg_normalize_axis(const tg_array *a, int axis, int *out)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];

    TG_NEED(axis >= -a->ndim && axis < a->ndim, TG_EARG,
            "axis %d is out of range for an array of %d %s, shape %s", axis, a->ndim,
            a->ndim == 1 ? "axis" : "axes", tg_shape_text(a->ndim, a->shape, text));
    *out = axis < 0 ? axis + a->ndim : axis;
out:
    return status;
}

/* "(3, 4) and (5,)", "(3,), (4,) and (5,)": the shapes in a message. */
static const char *shapes_text(tg_array *const *inputs, int ninputs, char *text, size_t size)
{
    size_t used = 0;

    for (int i = 0; i < ninputs && used < size; i++) {
        char one[TG_SHAPE_TEXT];
        const char *before = i == 0 ? "" : i == ninputs - 1 ? " and " : ", ";

        used += (size_t)snprintf(text + used, size - used, "%s%s", before,
                                 tg_shape_text(inputs[i]->ndim, inputs[i]->shape, one));
    }
    return text;
}

tg_status tg_broadcast(tg_array *const *inputs, int ninputs, int *ndim, int64_t *shape)
{
    tg_status status = TG_OK;
    char text[TG_MAX_OPERANDS * (TG_SHAPE_TEXT + 8)];
    int most = 0;

    for (int i = 0; i < ninputs; i++)
        most = inputs[i]->ndim > most ? inputs[i]->ndim : most;
    for (int d = 0; d < most; d++) {
        shape[d] = 1;
        for (int i = 0; i < ninputs; i++) {
            int axis = d - (most - inputs[i]->ndim);
            int64_t n = axis < 0 ? 1 : inputs[i]->shape[axis];

            TG_NEED(n == shape[d] || n == 1 || shape[d] == 1, TG_EARG,
                    "shapes %s cannot be broadcast together: axis %d has %" PRId64 " and %" PRId64,
                    shapes_text(inputs, ninputs, text, sizeof text), d - most, shape[d], n);
            shape[d] = n == 1 ? shape[d] : n;
        }
    }
    *ndim = most;
out:
    return status;
}

int tg_operand_axis(const tg_array *input, int ndim, const int64_t *shape, int d)
{
    int axis = d - (ndim - input->ndim);

    return axis < 0 || input->shape[axis] != shape[d] ? -1 : axis;
}
