/* SPDX-License-Identifier: BSD-3-Clause */
/* What is kept in the ranks' memory stands for itself: nothing below it is looked at. */
#include "expr/kept.h"
#include "opt/pass.h"

static tg_array *use_kept(const tg_array *old, tg_array *a, void *state)
{
    (void)state;
    return old->kept ? tg_kept_node(old) : a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    return tg_rewrite(roots, nroots, use_kept, NULL, changed);
}

const tg_pass tg_pass_kept = {
    .name = "kept",
    .law = "an array that the ranks keep = its chunks where they are",
    .run = run,
};
