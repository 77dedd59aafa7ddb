/* SPDX-License-Identifier: BSD-3-Clause */
/* Two expressions side by side. */
#include "expr/alike.h"

#include <string.h>

#include "expr/node.h"

/* Pairs that were looked at, so that shared nodes are walked once. */
enum { MOST_NODES = 256 };

struct walk {
    tg_array *const *parts, *const *wholes;
    int count, seen;
    const tg_array *part[MOST_NODES], *whole[MOST_NODES];
};

static const tg_array *below_rechunk(const tg_array *a)
{
    while (a->class == &tg_class_rechunk)
        a = a->inputs[0];
    return a;
}

static bool equal_constants(const tg_array *a, const tg_array *b)
{
    const tg_memory_params *x = a->params, *y = b->params;

    return tg_is_constant(a) && tg_is_constant(b) && a->dtype == b->dtype && a->ndim == b->ndim &&
           x->size == y->size && memcmp(x->data, y->data, x->size) == 0;
}

static bool alike(struct walk *walk, const tg_array *part, const tg_array *whole)
{
    for (int i = 0; i < walk->count; i++)
        if (part == walk->parts[i] || whole == walk->wholes[i])
            return part == walk->parts[i] && whole == walk->wholes[i];
    part = below_rechunk(part);
    whole = below_rechunk(whole);
    for (int i = 0; i < walk->count; i++)
        if (part == walk->parts[i] || whole == walk->wholes[i])
            return part == walk->parts[i] && whole == walk->wholes[i];
    for (int i = 0; i < walk->seen; i++)
        if (walk->part[i] == part && walk->whole[i] == whole)
            return true;
    if (equal_constants(part, whole))
        return true;
    if (part->class != &tg_class_program || whole->class != &tg_class_program ||
        part->ninputs != whole->ninputs || part->ndim != whole->ndim ||
        memcmp(part->params, whole->params, sizeof(tg_program)) != 0 || walk->seen == MOST_NODES)
        return false;
    walk->part[walk->seen] = part;
    walk->whole[walk->seen++] = whole;
    for (int i = 0; i < part->ninputs; i++)
        if (!alike(walk, part->inputs[i], whole->inputs[i]))
            return false;
    return true;
}

bool tg_elementwise_alike(const tg_array *part, tg_array *const *parts, const tg_array *whole,
                          tg_array *const *wholes, int count)
{
    struct walk walk = {.parts = parts, .wholes = wholes, .count = count};

    if (tg_array_status(part) != TG_OK || tg_array_status(whole) != TG_OK)
        return false;
    return alike(&walk, part, whole);
}
