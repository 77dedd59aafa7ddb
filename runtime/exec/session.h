/* SPDX-License-Identifier: BSD-3-Clause */
/** Runs of graphs on rank 0: started, waited for; and results that stay on their ranks between. */
#ifndef TG_EXEC_SESSION_H
#define TG_EXEC_SESSION_H

#include "exec/context.h"

/** With --preview: show what a run of the graph would cost, return TG_PREVIEWED; else TG_OK. Every
 * run asks this first. `bring`: the targets' results come to rank 0. */
TG_MUST_CHECK tg_status tg_session_preview(tg_ctx *ctx, const tg_graph *graph,
                                           const int64_t *targets, int64_t ntargets, bool bring);

/** Plan a graph, ship the parts, begin; *epoch names the run. The targets are what is needed;
 * `bring`: their results come to rank 0. *rank (may be NULL): where each task runs, malloc. */
TG_MUST_CHECK tg_status tg_session_start(tg_ctx *ctx, tg_graph *graph, const int64_t *targets,
                                         int64_t ntargets, bool bring, int32_t **rank,
                                         int64_t *epoch);

/** Work until a run is finished. pinned[i], of each target brought: see tg_worker_collect. Errors:
 * of the first failed task. */
TG_MUST_CHECK tg_status tg_session_wait(tg_ctx *ctx, int64_t epoch, tg_buffer **pinned);

/** Results kept from earlier graphs stand for the tasks of the same keys. */
TG_MUST_CHECK tg_status tg_futures_use(tg_ctx *ctx, tg_graph *graph);

/** The result of a task of the graph is that of a kept entry, whatever its key. */
TG_MUST_CHECK tg_status tg_futures_mark(tg_ctx *ctx, tg_graph *graph, int64_t task, int64_t entry);

/** Wait for all runs that were started. */
TG_MUST_CHECK tg_status tg_futures_finish(tg_ctx *ctx);

/** Free the registry of kept results. */
void tg_futures_destroy(tg_ctx *ctx);

#endif
