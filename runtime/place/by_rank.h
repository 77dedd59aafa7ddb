/* SPDX-License-Identifier: BSD-3-Clause */
/** The tasks of a placement by rank, in the order in which each rank prefers to run them. */
#ifndef TG_PLACE_BY_RANK_H
#define TG_PLACE_BY_RANK_H

#include "place/place.h"

/**
 * The tasks that have a rank, sorted by it; within a rank higher priorities come first, else the
 * order of the placement stays. Tasks of one affinity change places among themselves, so that they
 * stand in the order added.
 *
 * (*begin)[r] is where those of rank r begin in *mine, (*begin)[nranks] how many there are;
 * (*position)[task] is where a task is in *mine, 0 of those that have no rank.
 * Owner:   the caller, who frees all three.
 * Cost:    linear in tasks and ranks; where priorities differ or there are affinities, a sort.
 */
TG_MUST_CHECK tg_status tg_sort_by_rank(const tg_graph *graph, const tg_placement *placement,
                                        int nranks, int64_t **begin, int32_t **mine,
                                        int32_t **position);

#endif
