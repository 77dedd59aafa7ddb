/* SPDX-License-Identifier: BSD-3-Clause */
/** Text for the files that observe writes: escaping, quantities with units, numbers. */
#ifndef TG_OBSERVE_TEXT_H
#define TG_OBSERVE_TEXT_H

#include <stdint.h>
#include <stdio.h>

/** Bytes of a quantity in words with the final NUL. */
#define TG_QUANTITY_SIZE 32

/** A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. Call: local. */
void tg_text_json(FILE *file, const char *text);

/** Text or the value of an attribute in HTML or SVG; as above. Call: local. */
void tg_text_html(FILE *file, const char *text);

/** A quoted string of Graphviz; a newline stays one. As above. Call: local. */
void tg_text_dot(FILE *file, const char *text);

/** "512 B", "1.2 GiB". Returns `out`. Call: local. */
const char *tg_text_bytes(char out[TG_QUANTITY_SIZE], int64_t bytes);

/** "35 us", "3.4 s", "2 min 5 s", "3 h 20 min". Returns `out`. Call: local. */
const char *tg_text_seconds(char out[TG_QUANTITY_SIZE], double seconds);

/** A number with three decimals and a point, whatever the locale. Call: local. */
void tg_text_fixed(FILE *file, double number);

#endif
