/* SPDX-License-Identifier: BSD-3-Clause */
/** Graphs of known shape, as large as a number of cores asks for. */
#ifndef BENCH_PLACE_SHAPES_H
#define BENCH_PLACE_SHAPES_H

#include "graph/graph.h"

/** A graph and what is wanted of it. */
typedef struct shaped {
    tg_graph *graph;
    int64_t *targets; /* malloc */
    int64_t ntargets;
} shaped;

typedef struct shape {
    const char *name;
    tg_status (*make)(tg_graph *graph, int cores, int64_t *targets, int64_t *ntargets);
} shape;

/** All of them; a NULL name ends the list. */
extern const shape shapes[];

TG_MUST_CHECK tg_status shaped_create(const shape *kind, int cores, const tg_objects *objects,
                                      shaped *out);
void shaped_clear(shaped *made);

#endif
