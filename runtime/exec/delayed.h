/* SPDX-License-Identifier: BSD-3-Clause */
/** Delayed nodes as tasks of a graph. */
#ifndef TG_EXEC_DELAYED_H
#define TG_EXEC_DELAYED_H

#include <tegula/runtime.h>

/** Add what the nodes need to a graph; tasks[i] is nodes[i]. Errors: a poisoned node's. */
TG_MUST_CHECK tg_status tg_delayed_add(tg_graph *graph, tg_delayed *const *nodes, int nnodes,
                                       int64_t *tasks);

#endif
