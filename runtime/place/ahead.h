/* SPDX-License-Identifier: BSD-3-Clause */
/** How much more than a simulation shows may come to a rank: who sends to it may be ahead of it. */
#ifndef TG_PLACE_AHEAD_H
#define TG_PLACE_AHEAD_H

#include "place/flow.h"

/** bytes[r], added to: the largest result of each rank that sends any to rank r. Cost: linear in
 * tasks and messages. */
TG_MUST_CHECK tg_status tg_bytes_ahead(const tg_flow *flow, int64_t *bytes);

#endif
