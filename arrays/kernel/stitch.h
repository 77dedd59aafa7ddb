/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Connected parts of an image whose blocks were labelled one by one (kernel/components.h): which
 * parts are one over the edges of blocks, and their numbers in C order of their first elements.
 *
 *     block -> labels 1, 2, ...  -> summary: the labels on its faces, as runs; how many parts begin
 *                                            in each of its lines
 *     all summaries              -> stitches: for each block how its labels are renumbered
 *     labels, summary, stitches  -> numbers
 *
 * Interior parts are but counted: what travels is as large as the faces are.
 */
#ifndef TG_KERNEL_STITCH_H
#define TG_KERNEL_STITCH_H

#include <tegula/blocks.h>

#include "kernel/components.h"

/** Bytes that tg_stitch_summary writes at most. */
size_t tg_stitch_summary_bound(const tg_block *labels);
/** Scratch bytes that it needs. */
size_t tg_stitch_summary_scratch(const tg_block *labels);
/** Sum up a block of int32 labels, 8-byte aligned; gives back how many bytes it wrote. */
size_t tg_stitch_summary(const tg_block *labels, void *scratch, void *out);

/** How the image is cut, and what is a neighbour. */
typedef struct tg_stitch_image {
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    int64_t count[TG_MAX_NDIM]; /* of blocks along each axis */
} tg_stitch_image;

/** Bytes of the stitches of all summaries, in C order of the blocks. */
size_t tg_stitches_size(int64_t nblocks, const void *const *summaries);
/** Make them. Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_stitches(const tg_stitch_image *image, const uint8_t *near,
                                    const void *const *summaries, void *out);
/** How many parts there are. */
int64_t tg_stitches_parts(const void *stitches);

/** Entries of the table of a block: its parts and 0. */
int64_t tg_stitch_table_size(const void *summary);
/** number[label], of block `block` in C order. */
void tg_stitch_table(const void *summary, const void *stitches, int64_t block, int64_t *number);

#endif
