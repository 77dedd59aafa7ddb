/* SPDX-License-Identifier: BSD-3-Clause */
/** Objects of which each rank keeps one: open files, caches (tg_task_local). */
#ifndef TG_EXEC_LOCAL_H
#define TG_EXEC_LOCAL_H

#include <tegula/task.h>

typedef struct tg_locals tg_locals;

/** `shared`: several threads ask for objects. */
TG_MUST_CHECK tg_status tg_locals_create(bool shared, tg_locals **out);
/** Destroy all objects, the newest first; takes NULL. */
void tg_locals_destroy(tg_locals **locals);

/** The object of a kind, made at first use. Any thread. */
TG_MUST_CHECK tg_status tg_locals_get(tg_locals *locals, const tg_local *kind, void **out);

#endif
