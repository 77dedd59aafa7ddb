/* SPDX-License-Identifier: BSD-3-Clause */
/** Scratch that is used again for chunk after chunk of a box: a task's scratch only grows. */
#ifndef TG_IO_WORKSPACE_H
#define TG_IO_WORKSPACE_H

#include <stddef.h>

#include <tegula/task.h>

/** Zeroed at first. */
typedef struct tg_workspace {
    void *memory; /* the task's scratch */
    size_t room;
} tg_workspace;

/** At least `size` bytes, content undefined; what was there is lost. NULL: memory is out. Call:
 * local, inside a task. */
static inline void *tg_workspace_get(tg_workspace *w, tg_task *task, size_t size)
{
    if (!w->memory || size > w->room) {
        w->room = size > 2 * w->room ? size : 2 * w->room;
        w->memory = tg_task_scratch(task, w->room + 1);
    }
    return w->memory;
}

#endif
