/* SPDX-License-Identifier: BSD-3-Clause */
/** Runs of graphs on rank 0: started, waited for; and results that stay on their ranks between. */
#ifndef TG_EXEC_SESSION_H
#define TG_EXEC_SESSION_H

#include "exec/context.h"

/** What a run is for: what is needed, and of which of it the results come to rank 0. */
typedef struct tg_wants {
    const int64_t *target;
    int64_t ntargets;
    const int64_t *brought;
    int64_t nbrought;
} tg_wants;

/** With --preview: show what a run of the graph would cost, return TG_PREVIEWED; else TG_OK. Every
 * run asks this first. */
TG_MUST_CHECK tg_status tg_session_preview(tg_ctx *ctx, const tg_graph *graph,
                                           const tg_wants *wants);

/** Plan a graph, ship the parts, begin; *epoch names the run. *rank, where each task runs, malloc,
 * is for runs that go on beside others, whose tasks are dealt round; NULL: it is waited for. */
TG_MUST_CHECK tg_status tg_session_start(tg_ctx *ctx, tg_graph *graph, const tg_wants *wants,
                                         int32_t **rank, int64_t *epoch);

/** Work until a run is finished. pinned[i], of each result brought: see tg_worker_collect. Errors:
 * TG_ETASK, TG_EINTERRUPTED: of the first failed task. */
TG_MUST_CHECK tg_status tg_session_wait(tg_ctx *ctx, int64_t epoch, tg_buffer **pinned);

/** Results kept from earlier graphs stand for the tasks of the same keys. */
TG_MUST_CHECK tg_status tg_futures_use(tg_ctx *ctx, tg_graph *graph);

/** The result of a task of the graph is that of a kept entry, whatever its key. */
TG_MUST_CHECK tg_status tg_futures_mark(tg_ctx *ctx, tg_graph *graph, int64_t task, int64_t entry);

/** Start a graph and keep the results of some of its tasks; numbers[i], from 1, names that of
 * tasks[i] in the registry. Each call is a hold on them, to be released by tg_kept_release. */
TG_MUST_CHECK tg_status tg_futures_start(tg_ctx *ctx, tg_graph *graph, const int64_t *tasks,
                                         int64_t ntasks, int64_t *numbers);

/** Which of the results done so far a kept result is, from 1; 0: its task is not done. */
int64_t tg_futures_order(tg_ctx *ctx, int64_t kept);

/** A turn of rank 0's work, and the end of runs that are finished then. */
TG_MUST_CHECK tg_status tg_futures_turn(tg_ctx *ctx);

/** Bytes that ranks keep, as far as tasks said so: of the rank with most, and of all. */
void tg_futures_held(const tg_ctx *ctx, int64_t *most, int64_t *sum);

/** Wait for all runs that were started. */
TG_MUST_CHECK tg_status tg_futures_finish(tg_ctx *ctx);

/** Free the registry of kept results. */
void tg_futures_destroy(tg_ctx *ctx);

#endif
