/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread's last message: the only mutable state outside a context. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char last_message[TG_MESSAGE_SIZE];

tg_status tg_fail(tg_status status, const char *format, ...)
{
    char text[TG_MESSAGE_SIZE]; /* an argument may be the last message itself */
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(last_message, sizeof last_message, "%s", text);
    return status;
}

void tg_message_clear(void)
{
    last_message[0] = 0;
}

char *tg_message_place(void)
{
    return last_message;
}

const char *tg_message(void)
{
    return last_message;
}

const char *tg_status_name(tg_status status)
{
    static const char *const names[TG_NSTATUS] = {
        [TG_OK] = "done",
        [TG_EARG] = "bad argument",
        [TG_ENOMEM] = "out of memory",
        [TG_EIO] = "input or output failed",
        [TG_EFORMAT] = "bad file content",
        [TG_ETASK] = "a task failed",
        [TG_EMPI] = "MPI failed",
        [TG_EUSAGE] = "bad usage",
        [TG_EINTERRUPTED] = "interrupted",
        [TG_EINTERNAL] = "internal error",
        [TG_PREVIEWED] = "previewed",
    };

    return (unsigned)status < TG_NSTATUS ? names[status] : "unknown status";
}
