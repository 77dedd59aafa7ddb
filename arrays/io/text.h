/* SPDX-License-Identifier: BSD-3-Clause */
/** Text put together piece by piece, cut where it is full. */
#ifndef TG_IO_TEXT_H
#define TG_IO_TEXT_H

#include <stddef.h>

/** Begins as {0}. */
typedef struct tg_text {
    char buffer[1024];
    size_t length;
} tg_text;

/** Add to it as printf does. */
void tg_text_add(tg_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
