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
    double way, per_byte;    /* seconds of the longest way between ranks, twice */
    const tg_holder *holder; /* of the task looked at; borrowed */
    int64_t nholders;
    int64_t bytes; /* of its inputs */
} tg_choice;

/** The caller lists the holders of each task that is looked at. */
tg_choice tg_choice_begin(tg_placer *placer, tg_loads *loads);

/** The rank that holds most where most is held, of equals the first; -1: none that computes. */
int32_t tg_choice_home(const tg_choice *choice);

/** The rank for a task of the holders that are listed, which `loads` looks at; `home` is what
 * tg_choice_home says. */
int32_t tg_choice_make(tg_choice *choice, int32_t task, int32_t home);

/** The same where `home` has no room and no other rank is to be preferred. */
int32_t tg_choice_leave(tg_choice *choice, int32_t home);

#endif
