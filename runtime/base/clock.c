/* SPDX-License-Identifier: BSD-3-Clause */
/* See clock.h. */
#include "base/clock.h"

#include <sched.h>
#include <time.h>

/* Tries before yielding and before sleeping. A try with its looks for messages is about 2 us, so an
 * uncrowded rank answers at once for the first half millisecond. */
enum { SPINS = 250, YIELDS = 400, CROWDED_YIELDS = 20 };

/* Sleeps begin short and grow by an eighth: idle for a second, a rank wakes 200 times a second. */
static const double first_sleep = 20e3, longest_sleep = 5e6; /* ns */

double tg_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* How long the next wait may sleep, in nanoseconds; 0: only spin or yield. Counts one try. */
static long next_wait(tg_backoff *backoff)
{
    const int spins = backoff->crowded ? 0 : SPINS;
    const int yields = backoff->crowded ? CROWDED_YIELDS : YIELDS;
    int sleeps = backoff->tries - spins - yields;
    double ns = first_sleep;

    if (sleeps >= 0 && sleeps > 64)
        sleeps = 64;
    else
        backoff->tries++;
    if (sleeps < 0)
        return 0;
    for (int i = 0; i < sleeps && ns < longest_sleep; i++)
        ns *= 1.125;
    return (long)(ns < longest_sleep ? ns : longest_sleep);
}

bool tg_backoff_spins(const tg_backoff *backoff)
{
    return !backoff->crowded && backoff->tries < SPINS;
}

void tg_backoff_wait(tg_backoff *backoff)
{
    const bool spinning = tg_backoff_spins(backoff);
    const long ns = next_wait(backoff);

    if (ns > 0)
        nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
    else if (!spinning)
        sched_yield();
}

void tg_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void tg_backoff_wait_for(tg_backoff *backoff, pthread_cond_t *condition, pthread_mutex_t *lock)
{
    const long ns = next_wait(backoff);
    struct timespec until;

    if (ns == 0) {
        pthread_mutex_unlock(lock);
        sched_yield();
        pthread_mutex_lock(lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ns;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(condition, lock, &until);
}
