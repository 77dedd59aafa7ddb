/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * read-rechunk: rechunk(source) = the source read in those chunks, also through operators that only
 * map chunk to chunk. What was to be copied between chunks is then never apart.
 */
#include "opt/pass.h"

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    tg_array *direct = NULL;

    (void)old;
    (void)state;
    if (a->class == &tg_class_rechunk)
        direct = tg_regrid(a->inputs[0], &a->grid);
    return direct ? direct : a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, rule, NULL, changed);
}

const tg_pass tg_pass_read_rechunk = {
    .name = "read-rechunk",
    .law = "rechunk(source) = source in those chunks",
    .run = run,
};
