/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Events: what a rank did and when. The one header by which those who run tasks speak to observe.
 *
 * Each thread appends to a log of its own, without locks; when the run is over the logs' events,
 * plain bytes, are gathered and handed to trace and report as one array.
 */
#ifndef TG_OBSERVE_EVENT_H
#define TG_OBSERVE_EVENT_H

#include <stdint.h>

#include <tegula/status.h>

typedef enum tg_event_kind {
    TG_EVENT_TASK = 0,
    TG_EVENT_SEND, /* a result on its way to `peer` */
    TG_EVENT_RECEIVE,
    TG_NEVENTKINDS
} tg_event_kind;

/** One thing that a rank did. No pointers: it travels as it is. */
typedef struct tg_event {
    int64_t task;
    double start;  /* seconds, on one clock for all ranks */
    double end;    /* seconds */
    int64_t bytes; /* of the task's output, or of the message */
    uint32_t name; /* of the task's function: index into the run's table of names */
    uint32_t kind; /* tg_event_kind */
    int32_t rank;
    int32_t thread; /* of the rank, from 0 */
    int32_t peer;   /* the message's other rank */
    int32_t zero;
} tg_event;

/** Events of one thread. Its zero is an empty log. */
typedef struct tg_event_log {
    tg_event *events; /* [count], contiguous: send or copy them from here */
    int64_t count;
    int64_t capacity;
    int64_t dropped; /* for want of memory */
} tg_event_log;

/** Make room for one more event. Used by tg_event_log_add only. Call: local. */
int tg_event_log_grow(tg_event_log *log);

/**
 * Append an event. A log that finds no memory counts what it drops and never fails the run.
 *
 * Call:    local, by the thread that the log belongs to.
 * Cost:    a copy of the event; amortised constant.
 */
static inline void tg_event_log_add(tg_event_log *log, const tg_event *event)
{
    if (__builtin_expect(log->count == log->capacity, 0) && !tg_event_log_grow(log)) {
        log->dropped++;
        return;
    }
    log->events[log->count++] = *event;
}

/** Free the events; the log is empty afterwards and may be used again. Call: local. */
void tg_event_log_clear(tg_event_log *log);

#endif
