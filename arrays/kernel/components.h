/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Connected parts of one block, numbered in C order of their first elements; and sets that are
 * united, for parts that go on in other blocks.
 */
#ifndef TG_KERNEL_COMPONENTS_H
#define TG_KERNEL_COMPONENTS_H

#include <stdbool.h>
#include <stddef.h>

#include <tegula/array.h>

/** What is a neighbour: 3^ndim bytes in C order, not 0 where it is; the same from both sides. */
typedef struct tg_neighbours {
    int ndim;
    const uint8_t *near;
} tg_neighbours;

/** 3^ndim. */
int64_t tg_neighbours_size(int ndim);

/** Bytes of scratch memory for a block of these bytes 0 and 1. */
size_t tg_components_scratch(const tg_neighbours *neighbours, const int64_t *shape,
                             const uint8_t *image);

/** label[i] = number of the part that element i of the block is in, 0 where the image is 0; gives
 * back how many parts there are. */
int64_t tg_components(const tg_neighbours *neighbours, const int64_t *shape, const uint8_t *image,
                      int32_t *label, void *scratch);

/** The root of a set: parent[i] <= i. Halves paths (van Leeuwen, van der Weide 1977). */
static inline int64_t tg_set_root(int32_t *parent, int64_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/** Two sets become one, whose root is the smaller root. */
static inline void tg_set_unite(int32_t *parent, int64_t i, int64_t j)
{
    i = tg_set_root(parent, i);
    j = tg_set_root(parent, j);
    if (i < j)
        parent[j] = (int32_t)i;
    else
        parent[i] = (int32_t)j;
}

#endif
