/* SPDX-License-Identifier: BSD-3-Clause */
/** Who holds the inputs of a task, and which rank should run it. */
#ifndef TG_PLACE_PLACE_CHOICE_H
#define TG_PLACE_PLACE_CHOICE_H

#include "place/place_loads.h"

/** A rank that holds inputs of the task looked at; one of few inputs may have several of a rank. */
typedef struct tg_holder {
    int32_t rank, host;
    int32_t phase; /* the latest of these inputs */
    int64_t mine;  /* that the rank holds */
    int64_t here;  /* that its host holds */
} tg_holder;

typedef struct tg_choice {
    tg_placer *p;
    tg_loads *loads;
    bool all_work;        /* no rank is kept free of tasks */
    double way, per_byte; /* seconds of the longest way between ranks, twice */
    tg_holder *holder;    /* of the task looked at; owned */
    int64_t nholders, capacity;
    int32_t home;        /* the rank that holds most where most is held; -1: none that computes */
    int64_t bytes;       /* of its inputs */
    double bytes_phases; /* sum of bytes times phase */
    int64_t *on_host;    /* scratch by host, 0 between uses; owned */
    int32_t *entry;      /* scratch by rank: its holder + 1, 0 between uses; owned */
} tg_choice;

TG_MUST_CHECK tg_status tg_choice_create(tg_placer *placer, tg_loads *loads, tg_choice *out);
void tg_choice_clear(tg_choice *choice);

/** Look at a task, whose inputs are placed: find their holders. */
TG_MUST_CHECK tg_status tg_choice_look_at(tg_choice *choice, int32_t task);

/** The rank for the task looked at, which `loads` looks at as well. */
int32_t tg_choice_make(tg_choice *choice, int32_t task);

/** The phase of the task looked at where it runs on `rank` (place_phases.c). */
static inline int32_t tg_choice_phase(const tg_choice *choice, int32_t rank)
{
    int32_t phase = 0;

    for (int64_t k = 0; k < choice->nholders; k++) {
        const int32_t its = choice->holder[k].phase + (choice->holder[k].rank != rank);

        phase = its > phase ? its : phase;
    }
    return phase;
}

#endif
