/* SPDX-License-Identifier: BSD-3-Clause */
/* See text.h. */
#include "io/text.h"

#include <stdarg.h>
#include <stdio.h>

void tg_text_add(tg_text *text, const char *format, ...)
{
    size_t room = sizeof text->buffer - text->length;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text->buffer + text->length, room, format, args);
    va_end(args);
    text->length += n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}
