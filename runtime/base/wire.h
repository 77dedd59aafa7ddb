/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Plain bytes that travel: a writer that appends arrays, a reader that hands out pointers into what
 * arrived. Everything starts at multiples of 16 bytes; both sides have one byte order.
 */
#ifndef TG_BASE_WIRE_H
#define TG_BASE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

/** Arrays start at multiples of so many bytes. */
#define TG_WIRE_STEP 16

typedef struct tg_writer {
    unsigned char *data; /* owned */
    int64_t size, capacity;
} tg_writer;

/** Append `count` elements of `size` bytes; `data` NULL appends zeros. */
TG_MUST_CHECK tg_status tg_write_array(tg_writer *writer, const void *data, int64_t count,
                                       size_t size);
void tg_writer_clear(tg_writer *writer);

typedef struct tg_reader {
    const unsigned char *data;
    int64_t size, at;
} tg_reader;

/** The next `count` elements of `size` bytes, in place; NULL when fewer are left. */
const void *tg_read_array(tg_reader *reader, int64_t count, size_t size);

#endif
