/* SPDX-License-Identifier: BSD-3-Clause */
/** Blocks in the parameters of tasks (blocks.c). */
#ifndef TG_LOWER_BLOCK_WORDS_H
#define TG_LOWER_BLOCK_WORDS_H

#include <tegula/blocks.h>

#include "lower/lowering.h"

/** What block `index` of a node is. */
void tg_add_block(tg_words *words, const tg_lowered *a, const int64_t *index);

/** The same in a task; without its data. */
void tg_read_block(tg_reader *reader, tg_block *block);

#endif
