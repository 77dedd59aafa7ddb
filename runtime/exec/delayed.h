/* SPDX-License-Identifier: BSD-3-Clause */
/** Delayed nodes as tasks of a graph. */
#ifndef TG_EXEC_DELAYED_H
#define TG_EXEC_DELAYED_H

#include <tegula/runtime.h>

/** Add what the nodes need to a graph; tasks[i] is nodes[i]. Errors: a poisoned node's. */
TG_MUST_CHECK tg_status tg_delayed_add(tg_graph *graph, tg_delayed *const *nodes, int nnodes,
                                       int64_t *tasks);

/** The entry of the registry of kept results (from 1) that the node's result is; 0: none. */
int64_t tg_delayed_kept(const tg_delayed *node);
void tg_delayed_set_kept(tg_delayed *node, int64_t entry);

/** TG_OK, or why the node is poisoned, with its message as the thread's last. */
tg_status tg_delayed_status(const tg_delayed *node);
/** Poison a node; returns it. */
tg_delayed *tg_delayed_poison(tg_delayed *node, tg_status status, const char *message);

#endif
