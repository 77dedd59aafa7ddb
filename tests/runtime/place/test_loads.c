/* SPDX-License-Identifier: BSD-3-Clause */
/* Who has room on a host, whether its ranks lie in one word of rooms, end one, or lie in several:
 * as found by looking at each rank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "place/machine.h"
#include "place/place_loads.h"

enum { MOST = 400 };

typedef struct ranks {
    tg_machine *machine;
    tg_placement placement;
    tg_placer placer;
    tg_loads loads;
} ranks;

/* All ranks compute, or all but the first. */
static void ranks_create(ranks *all, const char *machine, bool dedicated)
{
    tg_placer *p = &all->placer;

    *all = (ranks){0};
    assert_int_equal(tg_machine_from_spec(machine, 0, &all->machine), TG_OK);
    assert_in_range(all->machine->nranks, 1, MOST);
    all->placement.load = tg_alloc_array(MOST, sizeof *all->placement.load);
    *p = (tg_placer){.machine = all->machine,
                     .out = &all->placement,
                     .worker = tg_alloc_array(MOST, sizeof *p->worker),
                     .position = tg_alloc_array(MOST, sizeof *p->position)};
    assert_true(all->placement.load && p->worker && p->position);
    for (int i = 0; i < all->machine->nranks; i++) {
        const int32_t r = all->machine->order[i];

        p->position[r] = dedicated && r == 0 ? -1 : p->nworkers;
        if (p->position[r] >= 0)
            p->worker[p->nworkers++] = r;
    }
    assert_int_equal(tg_loads_create(p, &all->loads), TG_OK);
}

static void ranks_clear(ranks *all)
{
    tg_loads_clear(&all->loads);
    tg_free(all->placer.worker);
    tg_free(all->placer.position);
    tg_placement_clear(&all->placement);
    tg_machine_destroy(&all->machine);
}

/* The first with room on the host, from `home` on, then from the host's beginning; -1: none. */
static int32_t look_for_room(const ranks *all, int32_t home)
{
    const tg_placer *p = &all->placer;
    const int n = p->nworkers, at = p->position[home] < 0 ? 0 : p->position[home];

    for (int i = 0; i < n; i++) {
        const int32_t r = p->worker[(at + i) % n];

        if (all->machine->host[r] == all->machine->host[home] &&
            tg_loads_carried(&all->loads, &all->loads.of[r]) < all->loads.ideal)
            return r;
    }
    return -1;
}

/* Ranks fill up in any order until nobody has room, level after level. */
static void rooms_are_found(const char *machine, bool dedicated)
{
    ranks all;
    unsigned draw = 1;

    ranks_create(&all, machine, dedicated);
    for (int level = 1; level <= 3; level++) {
        tg_loads_turn_to(&all.loads, level, 1, 0.25);
        for (int i = 0; i < 3 * all.placer.nworkers; i++) {
            const int32_t home = (int32_t)(draw >> 8) % all.machine->nranks;

            assert_int_equal(tg_loads_room_on_host(&all.loads, home), look_for_room(&all, home));
            draw = draw * 1664525u + 1013904223u;
            tg_loads_add(&all.loads, all.placer.worker[(draw >> 8) % (unsigned)all.placer.nworkers],
                         0.6);
            draw = draw * 1664525u + 1013904223u;
        }
    }
    ranks_clear(&all);
}

static void on_hosts_of_any_size(void **state)
{
    static const char *const machines[] = {"core:1",         "host:3 core:5",  "host:2 core:64",
                                           "host:4 core:32", "host:3 core:40", "host:3 core:100"};

    (void)state;
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        rooms_are_found(machines[i], false);
}

static void beside_a_rank_that_only_plans(void **state)
{
    (void)state;
    rooms_are_found("host:3 core:5", true);
    rooms_are_found("host:2 core:64", true);
    rooms_are_found("host:3 core:40", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_hosts_of_any_size),
        cmocka_unit_test(beside_a_rank_that_only_plans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
