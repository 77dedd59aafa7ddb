/* SPDX-License-Identifier: BSD-3-Clause */
/* See placed.h. */
#include "placed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static tg_status work(tg_task *task)
{
    (void)task;
    return TG_OK;
}

bool placed_create(placed *p)
{
    return tg_objects_find(&p->objects) == TG_OK && tg_graph_new(&p->objects, &p->graph) == TG_OK;
}

void placed_clear(placed *p)
{
    tg_placement_clear(&p->placement);
    tg_machine_destroy(&p->machine);
    tg_graph_destroy(&p->graph);
    tg_objects_clear(&p->objects);
}

int64_t placed_add(tg_graph *graph, const tg_task_spec *like, const int64_t *inputs, int ninputs)
{
    tg_task_spec spec = *like;
    int64_t id = -1;

    spec.function = work;
    spec.name = "work";
    spec.inputs = inputs;
    spec.ninputs = ninputs;
    spec.flags |= TG_TASK_IMPURE;
    assert_int_equal(tg_graph_add(graph, &spec, &id), TG_OK);
    return id;
}

void placed_begin(placed *p)
{
    tg_graph_destroy(&p->graph);
    assert_int_equal(tg_graph_new(&p->objects, &p->graph), TG_OK);
}

void placed_place(placed *p, const char *machine, int nranks, const int64_t *targets,
                  int64_t ntargets, bool dedicated)
{
    tg_machine_destroy(&p->machine);
    tg_placement_clear(&p->placement);
    assert_int_equal(tg_machine_from_spec(machine, nranks, &p->machine), TG_OK);
    assert_int_equal(tg_place(p->graph, targets, ntargets, p->machine, dedicated, &p->placement),
                     TG_OK);
}
