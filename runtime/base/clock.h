/* SPDX-License-Identifier: BSD-3-Clause */
/** The one thin layer for time: nothing else reads clocks or sleeps. */
#ifndef TG_BASE_CLOCK_H
#define TG_BASE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>

/** Seconds since some moment of the past; monotonic. */
double tg_now(void);

/** Waiting for something without taking the core from those who work: spin, yield, sleep. */
typedef struct tg_backoff {
    bool crowded; /* more ranks than cores here: do not spin */
    int tries;    /* since the last time something happened */
} tg_backoff;

/** Something happened: the next wait is short again. */
static inline void tg_backoff_reset(tg_backoff *backoff)
{
    backoff->tries = 0;
}

/** Will the next wait neither yield nor sleep? */
bool tg_backoff_spins(const tg_backoff *backoff);

/** Wait a little, longer from try to try. */
void tg_backoff_wait(tg_backoff *backoff);

/** The same, until `condition` is signalled at the longest; called with the lock held. */
void tg_backoff_wait_for(tg_backoff *backoff, pthread_cond_t *condition, pthread_mutex_t *lock);

/** Make a condition that tg_backoff_wait_for can wait for. */
void tg_condition_init(pthread_cond_t *condition);

#endif
