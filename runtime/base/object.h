/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Loaded ELF objects (the program and its shared libraries) by build-id, so that a function or a
 * table's row can be named as (object, offset) and found on every rank, wherever it is loaded.
 */
#ifndef TG_BASE_OBJECT_H
#define TG_BASE_OBJECT_H

#include <stdint.h>

#include <tegula/task.h>

#include "base/key.h"

/** One loaded file as this process sees it. */
typedef struct tg_object {
    tg_key build; /* of the build-id note, else of the loaded read-only code */
    char path[256];
    uint64_t begin, end; /* addresses; 0, 0: not loaded here */
} tg_object;

typedef struct tg_objects {
    tg_object *object; /* owned */
    int64_t count, capacity;
} tg_objects;

/** The objects that this process has loaded, the program first. */
TG_MUST_CHECK tg_status tg_objects_find(tg_objects *out);
void tg_objects_clear(tg_objects *objects);

/**
 * The local addresses for rank 0's list: object i of the answer is object i of `theirs` as it is
 * loaded here, with addresses 0 where no object of that build is.
 */
TG_MUST_CHECK tg_status tg_objects_match(const tg_objects *here, const tg_objects *theirs,
                                         tg_objects *out);

/** See tg_reference_make. */
TG_MUST_CHECK tg_status tg_objects_refer(const tg_objects *objects, const void *address,
                                         tg_reference *out);
/** The address of a reference, NULL when its object is not loaded here. */
const void *tg_objects_resolve(const tg_objects *objects, tg_reference reference);

#endif
