/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copying boxes between memory orders.
 *
 * The box is first put in a normal form: axes of length 1 dropped, axes ordered by the step that
 * the destination makes (largest first, all positive), neighbours merged where both sides allow.
 * Then either the innermost axis is contiguous on both sides (runs of memcpy), or the axis on which
 * the source moves least is paired with the innermost and the plane of the two is moved in tiles,
 * so that each cache line of either side is used up while it is near; words of eight bytes by
 * squares that are transposed in registers.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/types.h"

#include <tegula/array.h>

#include "kernel/copy.h"

/* Elements on a side of a tile: a cache line of the smallest type that is moved a lot (int16). */
#define TILE 32

typedef struct axis {
    int64_t length, src, dst; /* elements; bytes from one to the next */
} axis;

typedef struct box {
    int naxes;
    axis axes[TG_MAX_NDIM]; /* outermost first */
    size_t itemsize;
    const char *src;
    char *dst;
} box;

void tg_strides(int ndim, const int64_t *shape, size_t itemsize, int64_t *stride)
{
    int64_t step = (int64_t)itemsize;

    for (int d = ndim - 1; d >= 0; d--) {
        stride[d] = step;
        step *= shape[d];
    }
}

#define COPY_RUN(type)                                                                             \
    static void copy_run_##type(int64_t n, const char *src, int64_t step, type *restrict dst)      \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            memcpy(&dst[i], src + i * step, sizeof *dst);                                          \
    }
COPY_RUN(uint8_t)
COPY_RUN(uint16_t)
COPY_RUN(uint32_t)
COPY_RUN(uint64_t)

void tg_copy_run(int64_t n, size_t itemsize, const void *src, int64_t step, void *dst)
{
    if (step == (int64_t)itemsize) {
        memcpy(dst, src, (size_t)n * itemsize);
        return;
    }
    switch (itemsize) {
    case 1:
        copy_run_uint8_t(n, src, step, dst);
        break;
    case 2:
        copy_run_uint16_t(n, src, step, dst);
        break;
    case 4:
        copy_run_uint32_t(n, src, step, dst);
        break;
    case 8:
        copy_run_uint64_t(n, src, step, dst);
        break;
    default:
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)dst + (size_t)i * itemsize, (const char *)src + i * step, itemsize);
    }
}

#define COPY_LIST(type)                                                                            \
    static void copy_list_##type(int64_t n, const char *src, const int64_t *offsets,               \
                                 type *restrict dst)                                               \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++)                                                            \
            memcpy(&dst[i], src + offsets[i], sizeof *dst);                                        \
    }
COPY_LIST(uint8_t)
COPY_LIST(uint16_t)
COPY_LIST(uint32_t)
COPY_LIST(uint64_t)

void tg_copy_list(int64_t n, size_t itemsize, const void *src, const int64_t *offsets, void *dst)
{
    switch (itemsize) {
    case 1:
        copy_list_uint8_t(n, src, offsets, dst);
        break;
    case 2:
        copy_list_uint16_t(n, src, offsets, dst);
        break;
    case 4:
        copy_list_uint32_t(n, src, offsets, dst);
        break;
    case 8:
        copy_list_uint64_t(n, src, offsets, dst);
        break;
    default:
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)dst + (size_t)i * itemsize, (const char *)src + offsets[i], itemsize);
    }
}

/* Insert an axis so that the destination's steps fall from first to last. */
static void insert_axis(box *b, axis a)
{
    int at = b->naxes++;

    for (; at > 0 && b->axes[at - 1].dst < a.dst; at--)
        b->axes[at] = b->axes[at - 1];
    b->axes[at] = a;
}

static void merge_axes(box *b)
{
    int kept = 0;

    for (int d = 1; d < b->naxes; d++) {
        axis *outer = &b->axes[kept];
        axis inner = b->axes[d];

        if (outer->src == inner.src * inner.length && outer->dst == inner.dst * inner.length) {
            inner.length *= outer->length;
            *outer = inner;
        } else {
            b->axes[++kept] = inner;
        }
    }
    b->naxes = kept + 1;
}

/* False when the box is empty. */
static bool normalise(box *b, int ndim, const int64_t *shape, const int64_t *src_stride,
                      const int64_t *dst_stride)
{
    for (int d = 0; d < ndim; d++) {
        axis a = {shape[d], src_stride[d], dst_stride[d]};

        if (a.length == 0)
            return false;
        if (a.length == 1)
            continue;
        if (a.dst < 0) { /* walk it backwards */
            b->src += (a.length - 1) * a.src;
            b->dst += (a.length - 1) * a.dst;
            a.src = -a.src;
            a.dst = -a.dst;
        }
        insert_axis(b, a);
    }
    if (b->naxes == 0)
        b->axes[b->naxes++] = (axis){1, (int64_t)b->itemsize, (int64_t)b->itemsize};
    merge_axes(b);
    return true;
}

#define MOVE_PLANE(type)                                                                           \
    static void move_plane_##type(axis outer, axis inner, const char *src, char *dst)              \
    {                                                                                              \
        for (int64_t i = 0; i < outer.length; i++) {                                               \
            const char *from = src + i * outer.src;                                                \
            char *to = dst + i * outer.dst;                                                        \
                                                                                                   \
            for (int64_t j = 0; j < inner.length; j++)                                             \
                memcpy(to + j * inner.dst, from + j * inner.src, sizeof(type));                    \
        }                                                                                          \
    }
MOVE_PLANE(uint8_t)
MOVE_PLANE(uint16_t)
MOVE_PLANE(uint32_t)
MOVE_PLANE(uint64_t)

static void move_plane(size_t itemsize, axis outer, axis inner, const char *src, char *dst)
{
    switch (itemsize) {
    case 1:
        move_plane_uint8_t(outer, inner, src, dst);
        break;
    case 2:
        move_plane_uint16_t(outer, inner, src, dst);
        break;
    case 4:
        move_plane_uint32_t(outer, inner, src, dst);
        break;
    case 8:
        move_plane_uint64_t(outer, inner, src, dst);
        break;
    default:
        for (int64_t i = 0; i < outer.length; i++) {
            for (int64_t j = 0; j < inner.length; j++)
                memcpy(dst + i * outer.dst + j * inner.dst, src + i * outer.src + j * inner.src,
                       itemsize);
        }
    }
}

#define FOUR 4 /* words on a side of a square */

typedef uint64_t four_words __attribute__((vector_size(32), aligned(8)));
typedef uint64_t places __attribute__((vector_size(32)));

/* A square of four by four words, transposed in registers. */
static inline __attribute__((always_inline)) void turn_square(const char *src, int64_t from_row,
                                                              char *dst, int64_t to_row)
{
    const four_words a = *(const four_words *)(const void *)src;
    const four_words b = *(const four_words *)(const void *)(src + from_row);
    const four_words c = *(const four_words *)(const void *)(src + 2 * from_row);
    const four_words d = *(const four_words *)(const void *)(src + 3 * from_row);
    const four_words ab_even = __builtin_shuffle(a, b, (places){0, 4, 2, 6});
    const four_words ab_odd = __builtin_shuffle(a, b, (places){1, 5, 3, 7});
    const four_words cd_even = __builtin_shuffle(c, d, (places){0, 4, 2, 6});
    const four_words cd_odd = __builtin_shuffle(c, d, (places){1, 5, 3, 7});
    const places low = {0, 1, 4, 5}, high = {2, 3, 6, 7};

    *(four_words *)(void *)dst = __builtin_shuffle(ab_even, cd_even, low);
    *(four_words *)(void *)(dst + to_row) = __builtin_shuffle(ab_odd, cd_odd, low);
    *(four_words *)(void *)(dst + 2 * to_row) = __builtin_shuffle(ab_even, cd_even, high);
    *(four_words *)(void *)(dst + 3 * to_row) = __builtin_shuffle(ab_odd, cd_odd, high);
}

/* Words that follow each other in the source along `outer` and in the destination along `inner`:
 * squares, in the source's order; the rest as planes. */
TG_CLONES static void turn_words(axis outer, axis inner, const char *src, char *dst)
{
    const int64_t rows = outer.length / FOUR * FOUR, columns = inner.length / FOUR * FOUR;
    axis right = {inner.length - columns, inner.src, inner.dst};
    axis below = {outer.length - rows, outer.src, outer.dst};

    for (int64_t j = 0; j < columns; j += FOUR)
        for (int64_t i = 0; i < rows; i += FOUR)
            turn_square(src + i * outer.src + j * inner.src, inner.src,
                        dst + i * outer.dst + j * inner.dst, outer.dst);
    move_plane(sizeof(uint64_t), outer, right, src + columns * inner.src,
               dst + columns * inner.dst);
    inner.length = columns;
    move_plane(sizeof(uint64_t), below, inner, src + rows * outer.src, dst + rows * outer.dst);
}

/* The plane of two axes, tile by tile. */
static void move_tiles(size_t itemsize, axis outer, axis inner, const char *src, char *dst)
{
    const int64_t word = sizeof(uint64_t);
    const bool turns = (int64_t)itemsize == word && outer.src == word && inner.dst == word;

    for (int64_t i = 0; i < outer.length; i += TILE) {
        const char *from = src + i * outer.src;
        char *to = dst + i * outer.dst;
        axis rows = outer;

        rows.length = outer.length - i < TILE ? outer.length - i : TILE;
        for (int64_t j = 0; !turns && j < inner.length; j += TILE) {
            axis columns = inner;

            columns.length = inner.length - j < TILE ? inner.length - j : TILE;
            move_plane(itemsize, rows, columns, from + j * inner.src, to + j * inner.dst);
        }
        if (turns)
            turn_words(rows, inner, from, to);
    }
}

/* The axis, but the innermost, on which the source moves less than on the innermost; or -1. */
static int source_inner_axis(const box *b)
{
    int64_t least = llabs(b->axes[b->naxes - 1].src);
    int found = -1;

    for (int d = 0; d < b->naxes - 1; d++) {
        if (llabs(b->axes[d].src) < least) {
            least = llabs(b->axes[d].src);
            found = d;
        }
    }
    return found;
}

/* To the next of the first `naxes` axes, last fastest; false when back at the first. */
static bool advance(box *b, int naxes, int64_t *index)
{
    for (int d = naxes - 1; d >= 0; d--) {
        b->src += b->axes[d].src;
        b->dst += b->axes[d].dst;
        if (++index[d] < b->axes[d].length)
            return true;
        b->src -= b->axes[d].length * b->axes[d].src;
        b->dst -= b->axes[d].length * b->axes[d].dst;
        index[d] = 0;
    }
    return false;
}

void tg_copy_box(int ndim, const int64_t *shape, size_t itemsize, const void *src,
                 const int64_t *src_stride, void *dst, const int64_t *dst_stride)
{
    box b = {.itemsize = itemsize, .src = src, .dst = dst};
    int64_t index[TG_MAX_NDIM] = {0};
    axis inner, second = {1, 0, 0};
    int at;

    if (!normalise(&b, ndim, shape, src_stride, dst_stride))
        return;
    at = source_inner_axis(&b);
    inner = b.axes[--b.naxes];
    if (inner.src == (int64_t)itemsize && inner.dst == (int64_t)itemsize) {
        do {
            memcpy(b.dst, b.src, (size_t)inner.length * itemsize);
        } while (advance(&b, b.naxes, index));
        return;
    }
    if (at >= 0) {
        second = b.axes[at];
        b.naxes--;
        memmove(&b.axes[at], &b.axes[at + 1], (size_t)(b.naxes - at) * sizeof b.axes[0]);
        do {
            move_tiles(itemsize, second, inner, b.src, b.dst);
        } while (advance(&b, b.naxes, index));
        return;
    }
    if (b.naxes > 0)
        second = b.axes[--b.naxes];
    do {
        move_plane(itemsize, second, inner, b.src, b.dst);
    } while (advance(&b, b.naxes, index));
}
