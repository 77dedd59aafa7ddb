/* SPDX-License-Identifier: BSD-3-Clause */
/** A graph, a machine that need not be here and a placement: what tests of placing begin with. */
#ifndef TG_TESTS_PLACED_H
#define TG_TESTS_PLACED_H

#include "place/place.h"

typedef struct placed {
    tg_objects objects;
    tg_graph *graph; /* empty at first */
    tg_machine *machine;
    tg_placement placement;
} placed;

/** For cmocka: *p is empty but for its graph; what it holds in the end goes with it. */
bool placed_create(placed *p);
void placed_clear(placed *p);

/** Add a task as `like`, equal to no other; its function only returns. */
int64_t placed_add(tg_graph *graph, const tg_task_spec *like, const int64_t *inputs, int ninputs);

/** Begin with an empty graph again. */
void placed_begin(placed *p);

/** Place what the targets need; ranks 0: as many as the machine has cores. */
void placed_place(placed *p, const char *machine, int nranks, const int64_t *targets,
                  int64_t ntargets, bool dedicated);

#endif
