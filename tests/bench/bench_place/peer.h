/* SPDX-License-Identifier: BSD-3-Clause */
/** Scotch, mapping the same graph onto the same tree. */
#ifndef BENCH_PLACE_PEER_H
#define BENCH_PLACE_PEER_H

#include "place/place.h"

/** Parts of each level of a machine: hosts, packages of a host, cores of a package. */
typedef struct tree {
    int nlevels;
    int parts[3];
} tree;

/** Was the program built with Scotch? */
bool peer_is_here(void);

/** What Scotch is given as vertices. */
typedef enum peer_vertices {
    PEER_TASKS,  /* tasks: it may cut along time, where halves wait for each other */
    PEER_COLUMNS /* a source and tasks that follow it, all of about equal weight at all times: each
                  * task goes with the input of most bytes that is not ahead; never cut in time */
} peer_vertices;

/**
 * Rank of each task that has one in `placement`, by Scotch: vertices weigh their seconds, edges the
 * bytes that pass; leaves of the tree are ranks. The imbalance allowed is `imbalance` (0.05: 5 %).
 */
TG_MUST_CHECK tg_status peer_map(const tg_graph *graph, tg_placement *placement, const tree *onto,
                                 double imbalance, peer_vertices vertices);

#endif
