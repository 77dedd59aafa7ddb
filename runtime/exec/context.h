/* SPDX-License-Identifier: BSD-3-Clause */
/** The context: what a rank holds from the start of tg_run to its end. */
#ifndef TG_EXEC_CONTEXT_H
#define TG_EXEC_CONTEXT_H

#include "base/memory.h"
#include "base/options.h"
#include "exec/worker.h"
#include "graph/graph.h"
#include "place/predict.h"

typedef struct tg_futures tg_futures;

struct tg_ctx {
    int rank, nranks;
    tg_options options;
    tg_objects objects; /* rank 0's list, with the addresses here */
    tg_store *store;
    tg_spill *spill; /* of --spill; NULL: none */
    tg_net *net;
    tg_locals *locals;
    tg_worker *worker;
    int32_t nthreads;    /* here */
    tg_binding *binding; /* of the threads here; NULL: they are not bound */
    int32_t apart;       /* no other rank is bound to a core of this one */
    int32_t crowded;     /* more ranks than cores on this host */
    double begin;        /* tg_now() when all ranks began */

    /* rank 0 only */
    tg_arena *arena; /* nodes */
    tg_machine *machine;
    tg_machine *planned; /* of --machine; NULL: the one above */
    int32_t *lacking;    /* [objects.count] a rank that has not loaded the object, or INT_MAX */
    char *command_line;
    int64_t epoch;          /* plans so far */
    int64_t ngraphs;        /* so far */
    tg_resources resources; /* that tasks have named */
    tg_futures *futures;    /* results kept on ranks; NULL: none yet */
    int64_t nnodes;         /* delayed nodes so far, and walks over them */
    int64_t nwalks;
    tg_report total;              /* of all parts so far */
    int64_t nrunning;             /* runs begun and not waited for */
    int64_t predicted;            /* bytes of results on a rank, at most, of the runs under way */
    int64_t most_predicted;       /* of all runs so far; 0: nobody asked */
    int64_t process;              /* bytes resident on the rank with most when all began */
    int64_t resident;             /* bytes that a process has then, as predicted, and */
    int64_t most_resident;        /* of all runs so far */
    int64_t nunsized;             /* tasks that did not say how large their results are */
    double shipped;               /* when the parts of the newest run had left */
    double last_run;              /* seconds from then until its end */
    struct tg_observer *observer; /* names, events, progress of the runs so far */
};

/** What all ranks do once MPI runs and the options are known; the same status everywhere.
 * `provided` is MPI's level of threads. Call: collective. */
TG_MUST_CHECK tg_status tg_ctx_start(tg_ctx *ctx, int provided);
/** Free everything; false: TEGULA_CHECK_LEAKS found that something is still held. */
bool tg_ctx_end(tg_ctx *ctx);

/** Tell the observer of a run: its tasks and where they run, then its events. names[f] (may be
 * NULL) gets what events of the graph's function f are to be named by. */
TG_MUST_CHECK tg_status tg_ctx_run_begins(tg_ctx *ctx, const tg_graph *graph, const int32_t *rank,
                                          int64_t ntasks, int64_t *names);
TG_MUST_CHECK tg_status tg_ctx_run_ends(tg_ctx *ctx, const tg_event *events, int64_t nevents);
/** With --verbose: predicted and measured bytes of results on the rank with most. */
void tg_ctx_say_memory(const tg_ctx *ctx, const tg_report *report);
/** Show the prediction of a plan that is not run. */
void tg_ctx_preview(const tg_ctx *ctx, const tg_prediction *prediction);
/** Draw a graph. */
TG_MUST_CHECK tg_status tg_ctx_draw(const tg_graph *graph, const char *path);

#endif
