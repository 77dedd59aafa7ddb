/* SPDX-License-Identifier: BSD-3-Clause */
/** In which order the chunks of a result are asked for. No bit of a result hangs on it. */
#ifndef TG_LOWER_VISIT_H
#define TG_LOWER_VISIT_H

#include "expr/node.h"

/**
 * The numbers of the chunks of a root in the order in which to ask for them: those made of the same
 * chunks of a middle stage (opt/rechunk_stages.c) follow each other. *order is malloc; NULL: as
 * they are numbered. Call: local (rank 0).
 */
TG_MUST_CHECK tg_status tg_visit_order(const tg_array *root, int64_t **order);

#endif
