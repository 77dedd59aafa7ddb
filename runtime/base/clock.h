/* SPDX-License-Identifier: BSD-3-Clause */
/** The one thin layer for time: nothing else reads clocks or sleeps. */
#ifndef TG_BASE_CLOCK_H
#define TG_BASE_CLOCK_H

#include <stdbool.h>

/** Seconds since some moment of the past; monotonic. */
double tg_now(void);

/** Waiting for something without taking the core from those who work: spin, yield, sleep. */
typedef struct tg_backoff {
    bool crowded; /* more ranks than cores here: do not spin */
    int tries;    /* since the last time something happened */
} tg_backoff;

/** Something happened: the next wait is short again. */
static inline void tg_backoff_reset(tg_backoff *backoff) { backoff->tries = 0; }

/** How long the next wait may sleep, in nanoseconds; 0: only spin or yield. Counts one try. */
long tg_backoff_next(tg_backoff *backoff);

/** Wait a little, longer from try to try. */
void tg_backoff_wait(tg_backoff *backoff);

#endif
