/* SPDX-License-Identifier: BSD-3-Clause */
/** Results that stay on a rank after their graph, under handles that rank 0 gives. */
#ifndef TG_EXEC_KEPT_H
#define TG_EXEC_KEPT_H

#include "exec/store.h"

typedef struct tg_kept_result {
    int64_t handle;
    tg_status status;  /* of the task that made it */
    tg_buffer *buffer; /* held; its message where it failed; NULL: empty */
    bool refused;      /* there is none yet, and the task is to fail if it has not started */
} tg_kept_result;

/** The zero is empty. */
typedef struct tg_kept {
    tg_kept_result *results; /* owned, sorted by handle: handles grow */
    int64_t count, capacity;
    int64_t nrefused;
} tg_kept;

/** Keep a result; takes over the hold on the buffer. */
TG_MUST_CHECK tg_status tg_kept_put(tg_kept *kept, const tg_kept_result *result);
/** The result of a handle, NULL when there is none; valid until the next put or drop. */
const tg_kept_result *tg_kept_find(const tg_kept *kept, int64_t handle);
/** The task of a result is not to start; nothing where the result is here. */
TG_MUST_CHECK tg_status tg_kept_refuse(tg_kept *kept, int64_t handle);
bool tg_kept_is_refused(const tg_kept *kept, int64_t handle);
/** Let go of a result, if there is one. */
void tg_kept_drop(tg_kept *kept, int64_t handle, tg_store *store);
void tg_kept_clear(tg_kept *kept, tg_store *store);

#endif
