/* SPDX-License-Identifier: BSD-3-Clause */
/** Arguments that many of NumPy's functions have in common, for their builders. */
#ifndef TG_CALL_ARGUMENTS_H
#define TG_CALL_ARGUMENTS_H

#include <tegula/operator.h>

/** Refuse out= other than None: arrays never change. */
void tg_call_no_out(tg_call *call);

/** The argument, NULL for None and for what the signature lacks. */
tg_array *tg_call_array_or_null(tg_call *call, const char *name);

/** where= as an array of bool; NULL where it was not given or is True. */
tg_array *tg_call_where(tg_call *call);

/** NumPy's casting rule 'same_kind'. */
bool tg_is_same_kind(tg_dtype from, tg_dtype to);

/** Whether the array that was given can be cast as `casting` says: NumPy's can_cast. Errors:
 * TG_EARG for a word that NumPy has not. */
bool tg_call_can_cast(tg_call *call, tg_dtype from, tg_dtype to, const char *casting);

/** Integers of a list, an array (which is computed), a slice of an axis of length n or a mask of
 * it, in memory of the context; NULL after an error. `plain`, if not NULL, says whether it was one
 * number. */
int64_t *tg_call_places(tg_call *call, const char *name, int64_t n, int64_t *count, bool *plain);

/** Numbers of any count, in memory of the context; NULL after an error. */
double *tg_call_numbers(tg_call *call, const char *name, int64_t *count);

/** a and the axis in it; raveled and 0 where the axis is None. */
tg_array *tg_call_along(tg_call *call, const char *name, int *axis);

#endif
