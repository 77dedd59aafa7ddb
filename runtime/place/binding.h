/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Where the threads of a rank stay: each at its share of the rank's cores, taken in tree order
 * (package, NUMA node, L3 cache, core), so that threads of near numbers are near each other and
 * what a thread writes first lies in memory of its own node.
 */
#ifndef TG_PLACE_BINDING_H
#define TG_PLACE_BINDING_H

#include <pthread.h>
#include <stddef.h>

#include <tegula/status.h>

typedef struct tg_binding tg_binding;

/** Bytes of a binding in words with the final NUL; a longer one ends in "...". */
#define TG_BINDING_TEXT 256

/**
 * Deal the cores that the calling rank is bound to in blocks to `nthreads` threads. More threads
 * than cores get none: *out is NULL then.
 *
 * Call:    local, on any rank.
 * Owner:   the caller, who gives *out to tg_binding_destroy.
 * Errors:  TG_EMPI when hwloc fails, TG_ENOMEM.
 * Cost:    one load of the topology without devices: a few milliseconds.
 * Source:  hwloc_distrib; OMP_PROC_BIND=close.
 * Tests:   tests/runtime/place/test_binding.c
 */
TG_MUST_CHECK tg_status tg_binding_create(int nthreads, tg_binding **out);

/** Free a binding; takes NULL; threads stay where they are. Call: local. */
void tg_binding_destroy(tg_binding **binding);

/**
 * Places to pool memory for: 1 where the threads share a NUMA node or there is no binding; else 0
 * is of who is not bound and the nodes that the threads are on follow. Call: local.
 */
int tg_binding_nplaces(const tg_binding *binding);

/** Which of these a thread writes to. Call: local. */
int tg_binding_place(const tg_binding *binding, int thread);

/** Bind a thread to its cores; where the system does not let it, it stays free. Call: local. */
void tg_binding_apply(const tg_binding *binding, int number, pthread_t thread);

/** "cores 0, 1 (NUMA node 0), 2, 3 (NUMA node 1)"; "no cores" for NULL. Returns `out`. */
const char *tg_binding_say(const tg_binding *binding, char out[TG_BINDING_TEXT]);

#endif
