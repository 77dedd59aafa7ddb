/* SPDX-License-Identifier: BSD-3-Clause */
/** Python's integers beyond 64 bits: as many as 128 bits hold, and that is said where it is not
 * enough. Whoever needs 64 bits takes them by tg_datum_to_int, which refuses others. */
#ifndef TG_CALL_WIDE_INT_H
#define TG_CALL_WIDE_INT_H

#include <tegula/operator.h>

__extension__ typedef __int128 tg_wide;

/** Room for the digits of one, its sign and the end. */
#define TG_WIDE_TEXT 48

/** Whether it is a bool or an int. */
bool tg_datum_is_integer(const tg_datum *datum);

/** The value of a bool or an int. */
tg_wide tg_datum_wide(const tg_datum *datum);

/** The int: TG_DATUM_INT where 64 bits hold it, else TG_DATUM_BIG. */
tg_datum tg_datum_of_wide(tg_wide value);

/** Its digits; gives back `text`. */
const char *tg_wide_text(tg_wide value, char *text);

/** Whether an integer dtype holds it. */
bool tg_wide_fits(tg_wide value, tg_dtype dtype);

/** left op right; op is + - * // % / ** << >> & | ^. Errors: TG_EARG as in tg_number_binary. */
TG_MUST_CHECK tg_status tg_wide_binary(const char *op, tg_wide left, tg_wide right, tg_datum *out);

#endif
