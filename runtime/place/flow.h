/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Who uses which result on which rank: a placed graph turned round. The users of a result lie in
 * groups of one rank, so a group that is not on the result's own rank is one message.
 */
#ifndef TG_PLACE_FLOW_H
#define TG_PLACE_FLOW_H

#include "place/place.h"

/** In tg_flow.user: the caller, who wants the result on rank 0. */
#define TG_FLOW_CALLER (-1)

typedef struct tg_flow {
    const tg_graph *graph; /* borrowed, as is the placement */
    const tg_placement *placement;
    int64_t *begin;      /* [nranks + 1] a rank's tasks in `mine` */
    int32_t *mine;       /* tasks by rank, in the order of their priority */
    int32_t *position;   /* [ntasks] in `mine` */
    int64_t *user_begin; /* [ntasks + 1] into user */
    int32_t *user;       /* of each result, by rank and priority; TG_FLOW_CALLER */
    int32_t *group;      /* by edge of the graph: the first in `user` of the edge's group */
    int32_t *size;       /* by first of a group in `user`: how many it has */
} tg_flow;

/** The rank of a user. */
static inline int32_t tg_flow_rank(const tg_flow *flow, int32_t user)
{
    return user == TG_FLOW_CALLER ? 0 : flow->placement->rank[user];
}

/** Cost: linear in tasks, inputs and ranks. Errors: TG_EARG from 2^31 inputs on, TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_flow_create(const tg_graph *graph, const int64_t *targets,
                                       int64_t ntargets, const tg_placement *placement, int nranks,
                                       tg_flow *out);
void tg_flow_clear(tg_flow *flow);

#endif
