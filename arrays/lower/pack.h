/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Encoded boxes on their way to a file that has no place for them yet: compressed chunks, members
 * of a stream. No byte of them passes through rank 0.
 *
 *     ranks    encode a box, put it into its slot of a file beside the output; its parts' sizes
 *              are the task's result
 *     rank 0   when all sizes are known the format gives each part its place (tg_format.place)
 *     ranks    move the parts there
 *
 * Slots have room for the worst case; the file beside is sparse and is removed.
 */
#ifndef TG_LOWER_PACK_H
#define TG_LOWER_PACK_H

#include "lower/lowering.h"

/** What the name of the file beside ends with. */
#define TG_PACK_BESIDE ".parts"

/** The boxes of one sink. */
typedef struct tg_pack {
    tg_packed *boxes; /* [nboxes] malloc, C order */
    int64_t *slot;    /* bytes from the beginning of the file beside; [nboxes] malloc */
    int64_t nboxes, capacity;
} tg_pack;

/** Add a box and the words of the task that encodes it from input 0. `slots` is where the file
 * beside has room, moved on. */
TG_MUST_CHECK tg_status tg_pack_add(tg_pack *pack, tg_lowering *lowering, const tg_format *format,
                                    const tg_sink *sink, const char *path, int64_t *slots,
                                    const int64_t *start, const int64_t *count);

/** The task's function. */
tg_status tg_pack_box(tg_task *task);

/** Take what the task of box i gave back. */
TG_MUST_CHECK tg_status tg_pack_take(tg_pack *pack, int64_t i, const tg_bytes *bytes);

/**
 * Move all parts, whose addresses are known, from the file beside to `path`.
 *
 * Call:    blocking (rank 0).
 * Errors:  TG_EIO: "out.h5: no space left on device"; what tg_graph_compute says.
 */
TG_MUST_CHECK tg_status tg_pack_move(tg_ctx *ctx, const tg_pack *packs, int npacks,
                                     const char *path);

/** Remove the file beside `path` if it is there. Call: local (rank 0). */
void tg_pack_remove(const char *path);

void tg_pack_clear(tg_pack *pack);

#endif
