/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Parcels: what tasks find out about blocks and hand on, as many bytes as it takes. Where a block's
 * result has a shape that is known before, use expr/blocks.h.
 *
 *     chunks     # # # # # #
 *     each       p p p p p p     a parcel a chunk
 *     join       p   p   p       of so many, in C order, one; in the end one of all
 *
 * To the expression an array of parcels is one of uint8 with an element for each; only functions
 * that know what is in them take it: those of other parcels, and blocks (as a tg_block whose data
 * are the parcel's; tg_task_input says how many bytes).
 */
#ifndef TG_EXPR_PARCELS_H
#define TG_EXPR_PARCELS_H

#include "expr/blocks.h"

extern const tg_class tg_class_parcels;

/** Make the task's output, by tg_task_output. `in` are the blocks of tg_parcels_each, NULL for
 * tg_parcels_join, whose inputs are the task's. */
typedef tg_status tg_parcel_function(const tg_block *in, int nin, const void *params,
                                     size_t params_size, tg_task *task);

typedef struct tg_parcel_spec {
    const char *name;
    tg_parcel_function *function;
    const void *params; /* copied */
    size_t params_size;
    size_t bytes; /* expected of a parcel */
    double seconds;
} tg_parcel_spec;

typedef struct tg_parcels_params {
    tg_parcel_spec spec;
    int64_t fan; /* how many are joined; 0: a parcel for each chunk */
} tg_parcels_params;

/** A parcel for each chunk of the first input; others are cut alike or are one chunk. */
tg_array *tg_parcels_each(const tg_parcel_spec *spec, tg_array *const *inputs, int ninputs);

/** Of `fan` parcels one. */
tg_array *tg_parcels_join(const tg_parcel_spec *spec, tg_array *parcels, int64_t fan);

/** Of `fan` parcels one until there is one of all; a single one is joined once as well. */
tg_array *tg_parcels_join_all(const tg_parcel_spec *spec, tg_array *parcels, int64_t fan);

/**
 * A function on blocks some of whose inputs are parcels: input i is cut as the result is, or it is
 * one block. `like` gives shape and grid; NULL: no axes.
 */
tg_array *tg_blocks_of_parcels(const tg_block_spec *spec, tg_array *const *inputs, int ninputs,
                               const tg_array *like);

#endif
