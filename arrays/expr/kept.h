/* SPDX-License-Identifier: BSD-3-Clause */
/** Arrays whose chunks are kept in the ranks' memory (tg_persist). */
#ifndef TG_EXPR_KEPT_H
#define TG_EXPR_KEPT_H

#include "expr/node.h"

/** What is kept of an array; in the context's arena. */
struct tg_kept_chunks {
    int64_t count;
    int64_t chunk[]; /* [count] the runtime's numbers, by chunk in C order over the grid */
};

typedef struct tg_kept_params {
    const tg_kept_chunks *chunks;
} tg_kept_params;

/** A leaf: the chunks that are kept of another node, in its grid. */
extern const tg_class tg_class_kept;

/** The leaf that stands for a node of which chunks are kept. */
tg_array *tg_kept_node(const tg_array *a);

#endif
