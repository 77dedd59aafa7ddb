/* SPDX-License-Identifier: BSD-3-Clause */
/* See wire.h. */
#include "base/wire.h"

#include <string.h>

#include "base/memory.h"

tg_status tg_write_array(tg_writer *writer, const void *data, int64_t count, size_t size)
{
    tg_status status = TG_OK;
    const int64_t bytes = count * (int64_t)size;
    const int64_t padded = (int64_t)tg_round_up((size_t)bytes, TG_WIRE_STEP);

    TG_TRY(tg_grow(&writer->data, &writer->capacity, writer->size + padded, 1));
    if (data && bytes)
        memcpy(writer->data + writer->size, data, (size_t)bytes);
    else if (bytes)
        memset(writer->data + writer->size, 0, (size_t)bytes);
    memset(writer->data + writer->size + bytes, 0, (size_t)(padded - bytes));
    writer->size += padded;
out:
    return status;
}

void tg_writer_clear(tg_writer *writer)
{
    tg_free(writer->data);
    *writer = (tg_writer){0};
}

const void *tg_read_array(tg_reader *reader, int64_t count, size_t size)
{
    const int64_t padded = (int64_t)tg_round_up((size_t)count * size, TG_WIRE_STEP);
    const void *here = reader->data + reader->at;

    if (count < 0 || padded > reader->size - reader->at)
        return NULL;
    reader->at += padded;
    return here;
}
