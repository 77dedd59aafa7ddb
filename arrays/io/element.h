/* SPDX-License-Identifier: BSD-3-Clause */
/** How one element lies in a file: its size, its byte order, and what it is in memory. */
#ifndef TG_IO_ELEMENT_H
#define TG_IO_ELEMENT_H

#include <stdbool.h>

#include <tegula/array.h>

/** Plain bytes, for parameters of tasks. */
typedef struct tg_element {
    int32_t dtype;   /* tg_dtype in memory */
    int32_t size;    /* bytes in the file */
    int32_t swapped; /* of the other byte order */
    int32_t half;    /* float16 in the file, float32 in memory */
} tg_element;

/** The element that a dtype is stored as, in this machine's order. Call: local. */
tg_element tg_element_of(tg_dtype dtype);

/**
 * The element of a name: NumPy's ("<f8", "|b1", ">i2") or, without byte order, the long one
 * ("float64", "bool").
 *
 * Call:    local.
 * Errors:  false for what has no dtype here.
 */
bool tg_element_parse(const char *name, tg_element *out);

/** NumPy's name: "<f8". Call: local. Owner: the buffer. */
const char *tg_element_name(tg_dtype dtype, char buffer[8]);

/** Whether elements in memory are the bytes of the file. Call: local. */
bool tg_element_is_plain(const tg_element *element);

/** Bytes of a file to elements in memory; in place where the sizes are equal. Call: local. */
void tg_element_decode(const tg_element *element, int64_t n, const void *in, void *out);

/** Swap the bytes of n words of `size` bytes, in place. Call: local. */
void tg_swap_bytes(void *data, size_t size, int64_t n);

#endif
