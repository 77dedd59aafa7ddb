/* SPDX-License-Identifier: BSD-3-Clause */
/** Python's operators on Python's own values: numbers, strings, tuples, lists. */
#ifndef TG_CALL_NUMBER_H
#define TG_CALL_NUMBER_H

#include "call/datum.h"

/**
 * left op right; op is + - * / // % ** << >> & | ^ as text.
 *
 * Errors: TG_EARG in Python's words: a zero division, "unsupported operand type(s) for +: 'int' and
 *         'str'", an integer that does not fit in 128 bits.
 */
TG_MUST_CHECK tg_status tg_number_binary(tg_ctx *ctx, const char *op, const tg_datum *left,
                                         const tg_datum *right, tg_datum *out);

/** + - ~ of a number. */
TG_MUST_CHECK tg_status tg_number_unary(const char *op, const tg_datum *operand, tg_datum *out);

/** left op right; op is < > == >= <= !=. Tuples, lists and strings in the order of dictionaries. */
TG_MUST_CHECK tg_status tg_number_compare(const char *op, const tg_datum *left,
                                          const tg_datum *right, bool *out);

#endif
