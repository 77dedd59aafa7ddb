/* SPDX-License-Identifier: BSD-3-Clause */
/** Functions of core axes and of lines, which are called with whole arrays where they can be. */
#ifndef TG_CALL_GUFUNC_H
#define TG_CALL_GUFUNC_H

#include "call/call.h"

/** Most places that a function is called for one by one. */
#define TG_MOST_LINES 20000

/** dask.array.apply_gufunc, from the call's arguments. */
tg_datum tg_apply_gufunc(tg_call *call);

/**
 * numpy.apply_along_axis: an operator that takes an axis is called once, others for each line.
 *
 * Errors:  the function's; TG_EARG for more than TG_MOST_LINES lines.
 */
TG_MUST_CHECK tg_status tg_apply_to_lines(tg_ctx *ctx, const tg_datum *function, int axis,
                                          tg_array *a, const tg_datum *args, const tg_datum *others,
                                          tg_array **out);

#endif
