/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of passes and the order in which they run. */
#include "opt/pass.h"

/* Laws that make room for each other, run until none applies; then those that give up structure the
 * former look for, once each. */
static const tg_pass *const passes[] = {
    &tg_pass_kept,           &tg_pass_read_rechunk,         &tg_pass_transpose_up,
    &tg_pass_affine_moments, &tg_pass_common_subexpression, &tg_pass_slice_down,
    &tg_pass_broadcast_up,   &tg_pass_reshape_merge,        &tg_pass_moments_sharing,
    &tg_pass_one_read,       &tg_pass_rechunk_stages,       &tg_pass_affine_expand,
    &tg_pass_fusion,         &tg_pass_reduce_fusion,
};

enum { ALGEBRAIC = 8, PASSES = sizeof passes / sizeof *passes };

const tg_pass *const *tg_passes(int *count)
{
    *count = PASSES;
    return passes;
}

/* Run one pass; *changed stays set when it is. */
static tg_status run_pass(int i, tg_array **roots, int nroots, bool *changed, bool *applied)
{
    tg_status status = TG_OK;
    bool here = false;

    TG_TRY(passes[i]->run(roots, nroots, &here));
    *changed = *changed || here;
    if (applied && here)
        applied[i] = true;
out:
    return status;
}

tg_status tg_optimise_told(tg_array **roots, int nroots, bool *applied)
{
    tg_status status = TG_OK;
    bool changed = true;

    TG_TRY(tg_inputs_status(roots, nroots));
    while (changed) {
        changed = false;
        for (int i = 0; i < ALGEBRAIC; i++)
            TG_TRY(run_pass(i, roots, nroots, &changed, applied));
    }
    for (int i = ALGEBRAIC; i < PASSES; i++)
        TG_TRY(run_pass(i, roots, nroots, &changed, applied));
out:
    return status;
}

tg_status tg_optimise(tg_array **roots, int nroots)
{
    return tg_optimise_told(roots, nroots, NULL);
}
