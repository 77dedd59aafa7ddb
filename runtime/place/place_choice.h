/* SPDX-License-Identifier: BSD-3-Clause */
/** Who holds the inputs of a task, and which rank should run it. */
#ifndef TG_PLACE_PLACE_CHOICE_H
#define TG_PLACE_PLACE_CHOICE_H

#include "place/place_loads.h"

/** Bits of a score for what the rank holds. */
enum { TG_SCORE_BITS = 31 };

/** A rank that holds inputs of a task; a task of few inputs may have several of a rank. */
typedef struct tg_holder {
    int32_t rank, host;
    uint64_t score; /* bytes that its host holds, above those that the rank holds */
    int32_t phase;  /* the latest of these inputs */
} tg_holder;

typedef struct tg_choice {
    tg_placer *p;
    tg_loads *loads;
    double way, per_byte; /* seconds of the longest way between ranks, twice */
    tg_holder *holder;    /* of the task looked at; owned */
    int64_t nholders, capacity;
    int64_t bytes; /* of its inputs */
} tg_choice;

TG_MUST_CHECK tg_status tg_choice_create(tg_placer *placer, tg_loads *loads, tg_choice *out);
void tg_choice_clear(tg_choice *choice);

/** The rank that holds most where most is held, of equals the first; -1: none that computes. */
int32_t tg_choice_home(const tg_choice *choice);

/** The rank for a task of the holders that are listed, which `loads` looks at; `home` is what
 * tg_choice_home says. */
int32_t tg_choice_make(tg_choice *choice, int32_t task, int32_t home);

/** The same where `home` has no room and no other rank is to be preferred. */
int32_t tg_choice_leave(tg_choice *choice, int32_t home);

#endif
