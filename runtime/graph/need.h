/* SPDX-License-Identifier: BSD-3-Clause */
/** What a task needs of its rank while it runs, beside its inputs and its output. */
#ifndef TG_GRAPH_NEED_H
#define TG_GRAPH_NEED_H

#include <stdint.h>

#include <tegula/status.h>

/** Needs of a task; plain bytes, as parts have them. */
typedef struct tg_need {
    int64_t memory;     /* bytes */
    uint64_t resources; /* a bit each; bit 0: TG_TASK_ALONE */
} tg_need;

/** Names of resources that a program has, with their bits; bit 63 is free for others. */
enum { TG_MOST_RESOURCES = 62 };

typedef struct tg_resources {
    char *name[TG_MOST_RESOURCES]; /* owned; the i-th has bit i + 1 */
    int count;
} tg_resources;

/** The bit of a resource. Errors: TG_EARG for too many names, TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_resources_find(tg_resources *resources, const char *name, uint64_t *bit);
void tg_resources_clear(tg_resources *resources);

#endif
