/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The optimiser: passes over expressions, each a law with a name.
 *
 * A pass gives back nodes that have the values, shape, dtype and grid of those it replaces. To add
 * one: a file that defines it, a line in opt/optimise.c, a golden test in tests/arrays/opt.
 */
#ifndef TG_OPT_PASS_H
#define TG_OPT_PASS_H

#include "expr/node.h"

typedef struct tg_pass {
    const char *name;
    const char *law; /* in one line, shown by the documentation and by tests */
    /** Rewrite the roots in place; set *changed where anything was (never cleared). */
    tg_status (*run)(tg_array **roots, int nroots, bool *changed);
} tg_pass;

extern const tg_pass tg_pass_kept, tg_pass_read_rechunk, tg_pass_transpose_up,
    tg_pass_affine_moments, tg_pass_common_subexpression, tg_pass_moments_sharing, tg_pass_one_read,
    tg_pass_affine_expand, tg_pass_fusion, tg_pass_slice_down, tg_pass_broadcast_up,
    tg_pass_reshape_merge, tg_pass_rechunk_stages, tg_pass_reduce_fusion;

/** All passes in their order. */
const tg_pass *const *tg_passes(int *count);

/**
 * Rewrite some roots together: the algebraic laws until none applies, then the others once.
 *
 * Call:    local (rank 0).
 * Errors:  what a root is poisoned with, TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_optimise(tg_array **roots, int nroots);

/** tg_optimise that tells which laws applied: applied[i] (may be NULL) is set where tg_passes()[i]
 * changed something. */
TG_MUST_CHECK tg_status tg_optimise_told(tg_array **roots, int nroots, bool *applied);

/**
 * One rule of a pass. `old` is a node of the expression as it was, `a` the same node over its
 * inputs' replacements. Gives back what shall stand in its place, or `a`.
 */
typedef tg_array *tg_rule(const tg_array *old, tg_array *a, void *state);

/** Apply a rule to all nodes, inputs first. */
TG_MUST_CHECK tg_status tg_rewrite(tg_array **roots, int nroots, tg_rule *rule, void *state,
                                   bool *changed);

#endif
