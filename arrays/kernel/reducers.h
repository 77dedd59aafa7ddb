/* SPDX-License-Identifier: BSD-3-Clause */
/** The table of reducers. */
#ifndef TG_KERNEL_REDUCERS_H
#define TG_KERNEL_REDUCERS_H

#include <tegula/operator.h>

extern const tg_reducer tg_reducer_sum, tg_reducer_prod, tg_reducer_min, tg_reducer_max;
extern const tg_reducer tg_reducer_argmin, tg_reducer_argmax;           /* params: skip NaN */
extern const tg_reducer tg_reducer_complex_min, tg_reducer_complex_max; /* params: skip NaN */
extern const tg_reducer tg_reducer_complex_argmin, tg_reducer_complex_argmax;
extern const tg_reducer tg_reducer_mean; /* wider: tg_reducer_var */
extern const tg_reducer tg_reducer_var;  /* params: ddof */
extern const tg_reducer tg_reducer_std;  /* as var, same partials */
/* Least-squares fit of Legendre polynomials 1..degree along one axis; params: degree[, ddof].
 * Both share the same partials. */
extern const tg_reducer tg_reducer_detrended_mean, tg_reducer_detrended_std;

#endif
