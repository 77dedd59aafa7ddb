/* SPDX-License-Identifier: BSD-3-Clause */
/** Placement: which rank runs which task. A pure function of graph, order and machine. */
#ifndef TG_PLACE_PLACE_H
#define TG_PLACE_PLACE_H

#include "graph/graph.h"
#include "place/machine.h"

/** Seconds that a task of unknown cost is taken to need. */
#define TG_DEFAULT_SECONDS 1e-3

typedef struct tg_placement {
    int32_t *rank;  /* by task; -1: not needed, or a constant. Owned */
    int32_t *order; /* needed tasks, inputs before users, in order of priority. Owned */
    int64_t count;  /* of order */
    double *load;   /* expected seconds of work by rank. Owned */
    bool in_phases; /* the order is by phases, sources among them */
} tg_placement;

/**
 * Place what the targets need.
 *
 * Sources are dealt along the order in contiguous blocks of equal cost over the ranks in the
 * machine's tree order, or, where fewer bytes pass between hosts, by what becomes of them; tasks of
 * one affinity run on one rank. Every other task goes to the host and there to the rank where most
 * of its input bytes are, so reductions climb the tree, unless these are ahead of the others. The
 * order is depth first; where ranks wait for each other and memory allows, phase by phase.
 *
 * On several hosts, where tasks say how long they take, ranks that got ahead of others give tasks
 * away, then tasks of a level change places while this saves bytes between hosts, or, at no cost
 * there, inside them: never more bytes pass between hosts than before, and what a rank has to do
 * changes by at most a hundredth of the mean. This is done where it takes, by counts, at most a
 * hundredth of the seconds of all tasks, and the second at most half a second. Larger graphs, and
 * tasks shorter than about 100 us, stay as they were placed first.
 *
 * `dedicated`: rank 0 gets only tasks that ask for it.
 */
TG_MUST_CHECK tg_status tg_place(const tg_graph *graph, const int64_t *targets, int64_t ntargets,
                                 const tg_machine *machine, bool dedicated, tg_placement *out);

void tg_placement_clear(tg_placement *placement);

#endif
