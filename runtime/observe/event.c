/* SPDX-License-Identifier: BSD-3-Clause */
/* Growing and freeing logs of events; the rest is in the header. */
#include "observe/event.h"

#include "base/memory.h"

int tg_event_log_grow(tg_event_log *log)
{
    return tg_grow(&log->events, &log->capacity, log->count + 1, sizeof *log->events) == TG_OK;
}

void tg_event_log_clear(tg_event_log *log)
{
    tg_free(log->events);
    *log = (tg_event_log){0};
}
