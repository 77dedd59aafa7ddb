/* SPDX-License-Identifier: BSD-3-Clause */
/** Events as a trace for Perfetto (ui.perfetto.dev) or chrome://tracing. */
#ifndef TG_OBSERVE_TRACE_H
#define TG_OBSERVE_TRACE_H

#include "observe/event.h"

/**
 * Write a trace: a process for each rank, a thread for each of its threads, a slice for each task,
 * an asynchronous slice for each message. Time begins with the first event.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EIO when the file cannot be written; none is left then. Names out of range are "?".
 * Cost:    about 150 bytes an event.
 * Source:  Trace Event Format, the JSON object form.
 * Tests:   tests/runtime/observe/test_trace.c
 */
TG_MUST_CHECK tg_status tg_trace_write(const char *path, const tg_event *events, int64_t nevents,
                                       const char *const *names, int nnames,
                                       const char *const *hosts /* [nranks], or NULL */,
                                       int nranks);

#endif
