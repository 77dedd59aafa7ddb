/* SPDX-License-Identifier: BSD-3-Clause */
/** The task of erosions and dilations: what expr/image_morphology.c makes nodes of. */
#ifndef TG_EXPR_EROSION_H
#define TG_EXPR_EROSION_H

#include "expr/image.h"

/** Parameters of the task. */
typedef struct tg_erosion_task {
    int64_t iterations; /* 0: until nothing changes in the block */
    int64_t any;        /* dilation */
    int64_t border;
    int64_t shape[TG_MAX_NDIM];
    tg_reach step; /* of one iteration */
    uint8_t structure[];
} tg_erosion_task;

/** Blocks with what is in reach of all iterations around them: the image, a mask or none. */
tg_block_function tg_erode_block;

#endif
