/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace Event Format: an array of objects, one a line.
 *
 *   "M" names processes and threads; "X" is a slice of a thread with a duration, and slices of one
 *   thread nest; messages overlap freely, so they are pairs "b", "e" of an id, on tracks of their
 *   own. Times are microseconds.
 */
#include "observe/trace.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "observe/output.h"
#include "observe/text.h"

typedef struct trace {
    FILE *file;
    const char *const *names;
    int nnames;
    double begin; /* seconds: the first event's start */
} trace;

static double first_start(const tg_event *events, int64_t nevents)
{
    double begin = nevents > 0 ? events[0].start : 0;

    for (int64_t i = 1; i < nevents; i++)
        begin = events[i].start < begin ? events[i].start : begin;
    return begin;
}

/* Threads of each rank that events speak of, at least 1. NULL when memory is out. */
static int32_t *count_threads(const tg_event *events, int64_t nevents, int nranks)
{
    int32_t *threads = tg_alloc_array(nranks, sizeof *threads);

    if (!threads)
        return NULL;
    for (int r = 0; r < nranks; r++)
        threads[r] = 1;
    for (int64_t i = 0; i < nevents; i++)
        if (events[i].rank >= 0 && events[i].rank < nranks &&
            events[i].thread >= threads[events[i].rank])
            threads[events[i].rank] = events[i].thread + 1;
    return threads;
}

static void write_rank(FILE *file, int rank, const char *host, int32_t nthreads)
{
    char name[256];

    if (host)
        snprintf(name, sizeof name, "rank %d on %s", rank, host);
    else
        snprintf(name, sizeof name, "rank %d", rank);
    fprintf(file, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":", rank);
    tg_text_json(file, name);
    fprintf(file,
            "}},\n{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":%d,"
            "\"args\":{\"sort_index\":%d}},\n",
            rank, rank);
    for (int32_t t = 0; t < nthreads; t++)
        fprintf(file,
                "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%" PRId32
                ",\"args\":{\"name\":\"thread %" PRId32 "\"}},\n",
                rank, t, t);
}

static void write_name(const trace *t, const tg_event *e)
{
    tg_text_json(t->file, e->name < (uint32_t)t->nnames ? t->names[e->name] : "?");
}

static void write_time(const trace *t, const char *key, double seconds)
{
    fprintf(t->file, ",\"%s\":", key);
    tg_text_fixed(t->file, 1e6 * seconds);
}

static void write_task(const trace *t, const tg_event *e)
{
    fputs("{\"ph\":\"X\",\"cat\":\"task\",\"name\":", t->file);
    write_name(t, e);
    fprintf(t->file, ",\"pid\":%" PRId32 ",\"tid\":%" PRId32, e->rank, e->thread);
    write_time(t, "ts", e->start - t->begin);
    write_time(t, "dur", e->end - e->start);
    fprintf(t->file, ",\"args\":{\"task\":%" PRId64 ",\"bytes\":%" PRId64 "}},\n", e->task,
            e->bytes);
}

static void write_message(const trace *t, const tg_event *e, int64_t id)
{
    const char *verb = e->kind == TG_EVENT_SEND ? "send" : "receive";

    fprintf(t->file,
            "{\"ph\":\"b\",\"cat\":\"message\",\"name\":\"%s\",\"id\":%" PRId64 ",\"pid\":%" PRId32
            ",\"tid\":%" PRId32,
            verb, id, e->rank, e->thread);
    write_time(t, "ts", e->start - t->begin);
    fputs(",\"args\":{\"result of\":", t->file);
    write_name(t, e);
    fprintf(t->file, ",\"task\":%" PRId64 ",\"bytes\":%" PRId64 ",\"%s\":%" PRId32 "}},\n", e->task,
            e->bytes, e->kind == TG_EVENT_SEND ? "to" : "from", e->peer);
    fprintf(t->file,
            "{\"ph\":\"e\",\"cat\":\"message\",\"name\":\"%s\",\"id\":%" PRId64 ",\"pid\":%" PRId32
            ",\"tid\":%" PRId32,
            verb, id, e->rank, e->thread);
    write_time(t, "ts", e->end - t->begin);
    fputs("},\n", t->file);
}

tg_status tg_trace_write(const char *path, const tg_event *events, int64_t nevents,
                         const char *const *names, int nnames, const char *const *hosts, int nranks)
{
    tg_status status = TG_OK;
    tg_output output = {0};
    int32_t *threads = count_threads(events, nevents, nranks);
    trace t = {.names = names, .nnames = nnames, .begin = first_start(events, nevents)};

    TG_NEED(threads, TG_ENOMEM, "trace of %d ranks", nranks);
    TG_TRY(tg_output_begin(path, &output));
    t.file = output.file;
    fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", t.file);
    for (int r = 0; r < nranks; r++)
        write_rank(t.file, r, hosts ? hosts[r] : NULL, threads[r]);
    for (int64_t i = 0; i < nevents; i++) {
        if (events[i].kind == TG_EVENT_TASK)
            write_task(&t, &events[i]);
        else
            write_message(&t, &events[i], i);
    }
    /* Every line before ends with a comma; this one says what wrote the file. */
    fputs("{\"ph\":\"M\",\"name\":\"process_labels\",\"pid\":0,\"args\":{\"labels\":\"tegula\"}}"
          "\n]}\n",
          t.file);
    TG_TRY(tg_output_end(&output));
out:
    tg_output_discard(&output);
    tg_free(threads);
    return status;
}
