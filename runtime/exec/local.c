/* SPDX-License-Identifier: BSD-3-Clause */
/* See local.h. A list: programs have a handful of kinds. */
#include "exec/local.h"

#include <pthread.h>

#include "base/memory.h"

typedef struct entry {
    const tg_local *kind;
    void *object;
    struct entry *next;
} entry;

struct tg_locals {
    bool shared;          /* the lock is used */
    pthread_mutex_t lock; /* guards the list; held while an object is made */
    entry *first;
};

tg_status tg_locals_create(bool shared, tg_locals **out)
{
    tg_locals *locals = tg_zalloc(sizeof *locals);

    if (!locals)
        return tg_fail(TG_ENOMEM, "out of memory for a rank's own objects");
    locals->shared = shared;
    pthread_mutex_init(&locals->lock, NULL);
    *out = locals;
    return TG_OK;
}

void tg_locals_destroy(tg_locals **locals)
{
    if (!*locals)
        return;
    while ((*locals)->first) {
        entry *e = (*locals)->first;

        (*locals)->first = e->next;
        if (e->kind->destroy)
            e->kind->destroy(e->object);
        tg_free(e);
    }
    pthread_mutex_destroy(&(*locals)->lock);
    tg_free(*locals);
    *locals = NULL;
}

static tg_status make(tg_locals *locals, const tg_local *kind, entry **out)
{
    tg_status status = TG_OK;
    entry *e = tg_zalloc(sizeof *e);

    TG_NEED(e, TG_ENOMEM, "out of memory for the rank's %s", kind->name);
    e->kind = kind;
    TG_TRY(kind->create(&e->object));
    e->next = locals->first;
    locals->first = e;
    *out = e;
    e = NULL;
out:
    tg_free(e);
    return status;
}

tg_status tg_locals_get(tg_locals *locals, const tg_local *kind, void **out)
{
    tg_status status = TG_OK;
    entry *e;

    if (locals->shared)
        pthread_mutex_lock(&locals->lock);
    for (e = locals->first; e && e->kind != kind; e = e->next)
        ;
    if (!e)
        status = make(locals, kind, &e);
    if (status == TG_OK)
        *out = e->object;
    if (locals->shared)
        pthread_mutex_unlock(&locals->lock);
    return status;
}
