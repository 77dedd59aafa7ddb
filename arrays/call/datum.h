/* SPDX-License-Identifier: BSD-3-Clause */
/** Python's values: what they are called, how they become numbers and arrays. */
#ifndef TG_CALL_DATUM_H
#define TG_CALL_DATUM_H

#include <tegula/operator.h>

/** Python's name of the value's type: "int", "ndarray", ... */
const char *tg_datum_type(const tg_datum *datum);

bool tg_datum_is_number(const tg_datum *datum);   /* bool, int, float, complex */
bool tg_datum_is_sequence(const tg_datum *datum); /* tuple, list */

/**
 * The value as an integer: of bools and ints, and of integer arrays without axes, which are
 * computed.
 * Errors: TG_EARG in Python's words.
 */
TG_MUST_CHECK tg_status tg_datum_to_int(const tg_datum *datum, int64_t *out);

/** The value as a float, of everything that is real; arrays of one element are computed. */
TG_MUST_CHECK tg_status tg_datum_to_float(const tg_datum *datum, double *out);

/** Python's truth of a value; arrays of one element are computed. */
TG_MUST_CHECK tg_status tg_datum_truth(const tg_datum *datum, bool *out);

/** An element of some dtype, as Python's number of the same kind. */
tg_datum tg_datum_of_element(tg_dtype dtype, const void *bytes);

/** The value of an array of one element, as Python's number. Computes. */
TG_MUST_CHECK tg_status tg_datum_item(tg_array *array, tg_datum *out);

/** A dtype from np.int16, "int16", "f4", int, float, bool. Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_datum_to_dtype(const tg_datum *datum, tg_dtype *out);

/** Whether all numbers in nested lists can be elements of a dtype: its integers hold the ints,
 * as NumPy 2 wants it, and it has an imaginary part where they have one. Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_datum_check_dtype(const tg_datum *datum, tg_dtype dtype);

/** Whether a word is among words separated by blanks. */
bool tg_is_word_of(const char *word, const char *words);

/** `count` items in memory of the context, NULL when it is out (the message is set). */
tg_datum *tg_datum_items(tg_ctx *ctx, int64_t count);

/** Text of `size` bytes copied to the context; NULL when memory is out (the message is set). */
const char *tg_datum_copy_text(tg_ctx *ctx, const char *text, size_t size);

#endif
