/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Elements whose bytes lie in planes: the first byte of all elements, then the second of all, ...
 * So the filter shuffle leaves them, because they compress better.
 */
#ifndef TG_KERNEL_PLANES_H
#define TG_KERNEL_PLANES_H

#include <stddef.h>

/** Put elements [first, first + count) of planes of `n` bytes together. Call: local. */
void tg_planes_join(size_t itemsize, size_t n, size_t first, size_t count, const void *planes,
                    void *out);

#endif
