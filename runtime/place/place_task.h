/* SPDX-License-Identifier: BSD-3-Clause */
/** Placing the tasks of a level, one by one. */
#ifndef TG_PLACE_PLACE_TASK_H
#define TG_PLACE_PLACE_TASK_H

#include "place/place_choice.h"

typedef struct tg_tasks {
    tg_placer *p;
    tg_loads *loads;
    tg_choice choice;
    bool all_work;     /* no rank is kept free of tasks */
    bool any_home;     /* the best holder will do where it has room */
    tg_holder *holder; /* of a task of any inputs; owned */
    int64_t capacity;
    int64_t *on_host; /* scratch by host, 0 between uses; owned */
    int32_t *entry;   /* scratch by rank: its holder + 1, 0 between uses; owned */
} tg_tasks;

TG_MUST_CHECK tg_status tg_tasks_create(tg_placer *placer, tg_loads *loads, tg_tasks *out);
void tg_tasks_clear(tg_tasks *tasks);

/** Place those from `begin` to before `end` by level, whose inputs are placed: each gets a rank,
 * and its phase (place_phases.c) takes the place of its level. */
TG_MUST_CHECK tg_status tg_tasks_place(tg_tasks *tasks, int64_t begin, int64_t end);

#endif
