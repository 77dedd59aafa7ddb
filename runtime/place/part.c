/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a part where it lies, and showing it. */
#include <inttypes.h>

#include "base/memory.h"
#include "place/plan.h"

/* Bytes of an array as tg_read_array finds it. */
static int64_t padded(int64_t count, size_t size)
{
    return (int64_t)tg_round_up((size_t)count * size, TG_WIRE_STEP);
}

int64_t tg_part_size(const tg_part_head *h)
{
    const tg_part *p = NULL;
    const int64_t n = h->ntasks, all = n + h->nvalues;

    return padded(1, sizeof *h) + padded(h->nfunctions, sizeof *p->function) +
           padded(n, sizeof *p->task) + padded(n, sizeof *p->call) +
           padded(h->has_affinities ? n : 0, sizeof *p->affinity) + padded(n, sizeof *p->flags) +
           padded(h->has_handles ? n : 0, sizeof *p->handle) +
           padded(h->has_needs ? n : 0, sizeof *p->need) + padded(n, sizeof *p->output_bytes) +
           padded(n + 1, sizeof *p->input_begin) + padded(h->nedges, sizeof *p->input) +
           padded(n + 1, sizeof *p->push_begin) + padded(h->nsends, sizeof *p->push) +
           padded(h->npins, sizeof *p->pin) + padded(all + 1, sizeof *p->params_begin) +
           padded(all, sizeof *p->params_pad) + padded(h->params_bytes, 1);
}

tg_status tg_part_read(const void *data, int64_t size, tg_part *out)
{
    tg_status status = TG_OK;
    tg_reader reader = {.data = data, .size = size};
    const tg_part_head *h = tg_read_array(&reader, 1, sizeof *h);
    tg_part part = {.head = h};

    TG_NEED(h, TG_EINTERNAL, "a plan's part of %" PRId64 " bytes is too short", size);
    part.function = tg_read_array(&reader, h->nfunctions, sizeof *part.function);
    part.task = tg_read_array(&reader, h->ntasks, sizeof *part.task);
    part.call = tg_read_array(&reader, h->ntasks, sizeof *part.call);
    part.affinity =
        tg_read_array(&reader, h->has_affinities ? h->ntasks : 0, sizeof *part.affinity);
    part.flags = tg_read_array(&reader, h->ntasks, sizeof *part.flags);
    part.handle = tg_read_array(&reader, h->has_handles ? h->ntasks : 0, sizeof *part.handle);
    part.need = tg_read_array(&reader, h->has_needs ? h->ntasks : 0, sizeof *part.need);
    part.output_bytes = tg_read_array(&reader, h->ntasks, sizeof *part.output_bytes);
    part.input_begin = tg_read_array(&reader, h->ntasks + 1, sizeof *part.input_begin);
    part.input = tg_read_array(&reader, h->nedges, sizeof *part.input);
    part.push_begin = tg_read_array(&reader, h->ntasks + 1, sizeof *part.push_begin);
    part.push = tg_read_array(&reader, h->nsends, sizeof *part.push);
    part.pin = tg_read_array(&reader, h->npins, sizeof *part.pin);
    part.params_begin = tg_read_array(&reader, h->ntasks + h->nvalues + 1, sizeof(uint32_t));
    part.params_pad = tg_read_array(&reader, h->ntasks + h->nvalues, 1);
    part.params = tg_read_array(&reader, h->params_bytes, 1);
    TG_NEED(part.function && part.task && part.call && part.affinity && part.flags && part.handle &&
                part.need && part.output_bytes && part.input_begin && part.input &&
                part.push_begin && part.push && part.params_begin && part.params_pad && part.pin &&
                part.params,
            TG_EINTERNAL, "a plan's part of %" PRId64 " bytes is too short", size);
    if (!h->has_handles)
        part.handle = NULL;
    if (!h->has_affinities)
        part.affinity = NULL;
    if (!h->has_needs)
        part.need = NULL;
    *out = part;
out:
    return status;
}

void tg_part_dump(const tg_part *part, int rank, FILE *out)
{
    const tg_part_head *h = part->head;

    fprintf(out, "rank %d: %" PRId64 " tasks, %" PRId64 " constants, %" PRId64 " from others\n",
            rank, h->ntasks, h->nvalues, h->nremote);
    for (int64_t i = 0; i < h->ntasks; i++) {
        fprintf(out, "  slot %" PRId64 " = task %" PRId32 "(", i, part->task[i]);
        for (int64_t e = part->input_begin[i]; e < part->input_begin[i + 1]; e++)
            fprintf(out, "%s%" PRId32, e > part->input_begin[i] ? ", " : "", part->input[e]);
        fprintf(out, ")");
        for (int64_t e = part->push_begin[i]; e < part->push_begin[i + 1]; e++)
            fprintf(out, " -> rank %" PRId32 " slot %" PRId32, part->push[e].rank,
                    part->push[e].slot);
        fprintf(out, "\n");
    }
    for (int64_t i = 0; i < h->npins; i++)
        fprintf(out, "  target %" PRId64 " = slot %" PRId32 "\n", i, part->pin[i]);
}
