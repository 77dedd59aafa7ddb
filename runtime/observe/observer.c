/* SPDX-License-Identifier: BSD-3-Clause */
/* See observer.h. Function names are collected over all graphs, since graphs go and names are the
 * program's: an event's name is an index into that table. */
#include "observe/observer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "observe/page.h"
#include "observe/picture.h"
#include "observe/progress.h"
#include "observe/text.h"
#include "observe/trace.h"

struct tg_observer {
    const tg_options *options; /* borrowed */
    const tg_machine *machine; /* borrowed */
    tg_progress progress;
    tg_event_log events;
    char **names; /* owned, each owned */
    int64_t nnames, name_capacity;
    int64_t npictures;
    double begin; /* seconds */
};

tg_status tg_observer_create(const tg_options *options, const tg_machine *machine,
                             tg_observer **out)
{
    tg_status status = TG_OK;
    tg_observer *o = tg_zalloc(sizeof *o);

    TG_NEED(o, TG_ENOMEM, "out of memory for the observer");
    o->options = options;
    o->machine = machine;
    o->begin = tg_now();
    TG_TRY(tg_progress_parse(options->progress, &o->progress.mode));
    *out = o;
    o = NULL;
out:
    tg_observer_destroy(&o);
    return status;
}

void tg_observer_destroy(tg_observer **observer)
{
    tg_observer *o = *observer;

    if (!o)
        return;
    for (int64_t i = 0; i < o->nnames; i++)
        tg_free(o->names[i]);
    tg_free(o->names);
    tg_event_log_clear(&o->events);
    tg_free(o);
    *observer = NULL;
}

/* FILE.svg for the first picture, FILE-2.svg for the second, ... */
static void picture_path(const tg_observer *o, char *path, size_t size)
{
    const char *given = o->options->graph;
    const char *dot = strrchr(given, '.');

    if (o->npictures == 1 || !dot)
        snprintf(path, size, "%s", given);
    else
        snprintf(path, size, "%.*s-%" PRId64 "%s", (int)(dot - given), given, o->npictures, dot);
}

void tg_observer_watch(void *observer, int64_t done, bool finished)
{
    tg_observer *o = observer;

    tg_progress_update(&o->progress, done, 0, tg_now());
    if (finished)
        tg_progress_end(&o->progress);
}

/* The index of a name in the table of all graphs. */
static tg_status intern_name(tg_observer *o, const char *name, int64_t *out)
{
    tg_status status = TG_OK;
    char *copy;

    for (int64_t i = 0; i < o->nnames; i++)
        if (strcmp(o->names[i], name) == 0) {
            *out = i;
            return TG_OK;
        }
    TG_TRY(tg_grow(&o->names, &o->name_capacity, o->nnames + 1, sizeof *o->names));
    copy = tg_copy_of(name, strlen(name) + 1);
    TG_NEED(copy, TG_ENOMEM, "out of memory for the name %s", name);
    o->names[o->nnames] = copy;
    *out = o->nnames++;
out:
    return status;
}

tg_status tg_observer_begin(tg_observer *o, const tg_graph *graph, const int32_t *rank,
                            int64_t ntasks, int64_t *names)
{
    tg_status status = TG_OK;
    char path[TG_OPTION_SIZE + 32];

    if (*o->options->graph) {
        o->npictures++;
        picture_path(o, path, sizeof path);
        TG_TRY(tg_observer_draw(graph, rank, path));
    }
    for (int64_t f = 0; names && f < graph->nfunctions; f++)
        TG_TRY(intern_name(o, graph->functions[f].name, &names[f]));
    tg_progress_begin(&o->progress, ntasks, tg_now());
out:
    return status;
}

tg_status tg_observer_end(tg_observer *o, const tg_event *events, int64_t nevents)
{
    for (int64_t e = 0; e < nevents; e++)
        tg_event_log_add(&o->events, &events[e]);
    return TG_OK;
}

tg_status tg_observer_draw(const tg_graph *graph, const int32_t *rank, const char *path)
{
    tg_status status = TG_OK;
    const int64_t nedges = tg_graph_nedges(graph);
    tg_picture_node *nodes = tg_alloc_array(graph->ntasks, sizeof *nodes);
    int64_t(*edges)[2] = tg_alloc_array(nedges, sizeof *edges), e = 0;

    TG_NEED(nodes && edges, TG_ENOMEM, "out of memory: a picture of %" PRId64 " tasks",
            graph->ntasks);
    for (int64_t t = 0; t < graph->ntasks; t++) {
        const bool value = graph->task[t].function == TG_GRAPH_VALUE;

        nodes[t] = (tg_picture_node){.label = tg_graph_name(graph, t),
                                     .shape = value ? TG_PICTURE_DATA : TG_PICTURE_FUNCTION,
                                     .group = rank && rank[t] >= 0 ? rank[t] + 1 : 0};
        for (int i = 0; i < tg_graph_ninputs(graph, t); i++) {
            edges[e][0] = tg_graph_inputs(graph, t)[i];
            edges[e++][1] = t;
        }
    }
    TG_TRY(tg_picture_write(path, graph->ntasks, nodes, nedges, edges));
out:
    tg_free(nodes);
    tg_free(edges);
    return status;
}

const char *tg_observer_memory(const tg_memory_facts *facts, char out[TG_MEMORY_TEXT])
{
    char before[TG_QUANTITY_SIZE], after[TG_QUANTITY_SIZE], unsaid[64] = "", taken[64] = "";

    if (facts->nunsized > 0)
        snprintf(unsaid, sizeof unsaid, " and what %" PRId64 " tasks did not say", facts->nunsized);
    if (facts->ntaken > 0)
        snprintf(taken, sizeof taken, ", %" PRId64 " tasks on other ranks than planned",
                 facts->ntaken);
    snprintf(out, TG_MEMORY_TEXT, "predicted %s%s, measured %s%s",
             tg_text_bytes(before, facts->predicted), unsaid, tg_text_bytes(after, facts->measured),
             taken);
    return out;
}

const char *tg_observer_resident(const tg_memory_facts *facts, char out[TG_MEMORY_TEXT])
{
    char before[TG_QUANTITY_SIZE], start[TG_QUANTITY_SIZE], after[TG_QUANTITY_SIZE];

    snprintf(out, TG_MEMORY_TEXT, "predicted %s, of which %s at the start, measured %s",
             tg_text_bytes(before, facts->resident_predicted), tg_text_bytes(start, facts->process),
             tg_text_bytes(after, facts->resident));
    return out;
}

static tg_status write_files(const tg_observer *o, const tg_observed *facts,
                             const char *const *hosts)
{
    tg_status status = TG_OK;
    const char *const *names = (const char *const *)o->names;
    char memory[TG_MEMORY_TEXT], resident[TG_MEMORY_TEXT];

    if (*o->options->trace)
        TG_TRY(tg_trace_write(o->options->trace, o->events.events, o->events.count, names,
                              (int)o->nnames, hosts, o->machine->nranks));
    if (*o->options->report)
        TG_TRY(tg_page_write(o->options->report,
                             &(tg_page){.command = facts->command_line,
                                        .events = o->events.events,
                                        .nevents = o->events.count,
                                        .names = names,
                                        .nnames = (int)o->nnames,
                                        .hosts = hosts,
                                        .nranks = o->machine->nranks,
                                        .memory = tg_observer_memory(&facts->memory, memory),
                                        .resident = tg_observer_resident(&facts->memory, resident),
                                        .bytes_read = facts->bytes_read,
                                        .bytes_written = facts->bytes_written,
                                        .seconds = tg_now() - o->begin}));
out:
    return status;
}

tg_status tg_observer_write(tg_observer *o, const tg_observed *facts)
{
    tg_status status = TG_OK;
    const char **hosts = tg_alloc_array(o->machine->nranks, sizeof *hosts);

    TG_NEED(hosts, TG_ENOMEM, "out of memory: %d ranks", (int)o->machine->nranks);
    for (int r = 0; r < o->machine->nranks; r++)
        hosts[r] = o->machine->name[o->machine->host[r]];
    TG_TRY(write_files(o, facts, hosts));
out:
    tg_free(hosts);
    return status;
}
