/* SPDX-License-Identifier: BSD-3-Clause */
/* See need.h. A program has few resources: they are looked through. */
#include "graph/need.h"

#include <string.h>

#include "base/memory.h"

tg_status tg_resources_find(tg_resources *r, const char *name, uint64_t *bit)
{
    tg_status status = TG_OK;
    int i = 0;

    while (i < r->count && strcmp(r->name[i], name) != 0)
        i++;
    TG_NEED(i < TG_MOST_RESOURCES, TG_EARG, "resource %s: a program has at most %d resources", name,
            TG_MOST_RESOURCES);
    if (i == r->count) {
        r->name[i] = tg_copy_of(name, strlen(name) + 1);
        TG_NEED(r->name[i], TG_ENOMEM, "out of memory: resource %s", name);
        r->count++;
    }
    *bit = (uint64_t)1 << (i + 1);
out:
    return status;
}

void tg_resources_clear(tg_resources *resources)
{
    for (int i = 0; i < resources->count; i++)
        tg_free(resources->name[i]);
    resources->count = 0;
}
