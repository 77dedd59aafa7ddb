/* SPDX-License-Identifier: BSD-3-Clause */
/** What is sent less, or more, where a placed task runs on another rank. */
#ifndef TG_PLACE_PLACE_GAINS_H
#define TG_PLACE_PLACE_GAINS_H

#include "place/placer.h"

/** Bytes in messages, one a (result, rank that needs it). */
typedef struct tg_sent {
    double top;    /* between hosts */
    double inside; /* between ranks of a host */
    double inputs; /* of those between hosts: inputs of the task looked at */
} tg_sent;

/** Of a rank or of a host, for the task looked at. */
typedef struct tg_saving {
    tg_sent sent; /* less than on a rank of a host that has nothing to do with it */
    int64_t look; /* number of the look at a task that it holds for */
    int64_t seen; /* number of the result that was last seen here */
} tg_saving;

typedef struct tg_gains {
    const tg_placer *p;
    uint32_t *user_begin; /* [ntasks + 1] into user */
    int32_t *user;        /* tasks that use a result, an entry for each use */
    const int32_t *as;    /* by rank: the rank that it counts as, borrowed: itself, or, where only
                           * bytes between hosts count, the same for all of a host */
    tg_saving *by_rank, *by_host;
    int32_t *rank; /* that have to do with the task looked at; nranks of them */
    int32_t nranks;
    int64_t nlooks, nresults;
} tg_gains;

TG_MUST_CHECK tg_status tg_gains_create(const tg_placer *placer, tg_gains *out);
void tg_gains_clear(tg_gains *gains);

/** Users, and users of inputs, that are passed in looking at each task once. */
double tg_gains_effort(const tg_gains *gains);

/** Bytes between hosts, of all results that other tasks use. Cost: one pass over the users. */
double tg_gains_top_bytes(tg_gains *gains);

/** Look at a task. What is told of it holds until a task changes its rank. */
void tg_gains_look_at(tg_gains *gains, int32_t task);

/** What is sent less where the task looked at runs on `to` instead of `from`. */
tg_sent tg_gains_of(const tg_gains *gains, int32_t from, int32_t to);

#endif
