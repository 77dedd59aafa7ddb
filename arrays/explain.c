/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How an array would be computed: the expression as it was written and after the laws, what is read
 * and how many tasks there are. Nothing is computed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include <tegula/calc.h>

#include "lower/reading.h"
#include "opt/pass.h"

/* What a run would do. */
struct costs {
    int64_t chunks, tasks;
    double wanted;       /* bytes of elements that are asked for */
    double read, stored; /* bytes of files that are read for them; bytes of all of the arrays */
    bool exact;          /* not: as many at most are read */
};

static const tg_file *file_of(const tg_lowered *entry)
{
    if (entry->node->class != &tg_class_source && entry->node->class != &tg_class_read_inside)
        return NULL;
    return ((const tg_source_params *)entry->node->params)->file;
}

/* All of a file's array, counted at the first node that reads it. A stream is read once. */
static tg_status add_stored(const tg_lowering *lowering, int64_t i, struct costs *costs)
{
    tg_status status = TG_OK;
    static const int64_t start[TG_MAX_NDIM];
    const tg_source *source = &file_of(lowering->nodes[i])->source;
    void *params = NULL;
    size_t size = 0;
    double bytes;

    for (int64_t k = 0; k < i; k++)
        if (file_of(lowering->nodes[k]) == file_of(lowering->nodes[i]))
            goto out;
    if (source->format->slice)
        TG_TRY(source->format->slice(source, start, source->shape, &params, &size));
    bytes = (double)source->format->bytes(params ? params : source->params,
                                          params ? size : source->params_size, start, source->shape,
                                          &(bool){false});
    costs->stored += bytes;
    if (source->sequential) {
        costs->read += bytes;
        costs->exact = false;
    }
out:
    free(params);
    return status;
}

/* Chunks of a file's array, or of a part of it, that some task asks for. */
static tg_status add_reads(const tg_lowered *entry, struct costs *costs)
{
    tg_status status = TG_OK;
    const tg_array *a = entry->node;
    const bool stream = file_of(entry)->source.sequential;
    double itemsize = (double)tg_dtype_size(a->dtype);
    int64_t index[TG_MAX_NDIM], start[TG_MAX_NDIM], count[TG_MAX_NDIM];

    for (int64_t c = 0; c < tg_grid_chunks(a->ndim, &a->grid); c++) {
        if (entry->task[c] < 0)
            continue;
        tg_chunk_index(a, c, index);
        costs->wanted += (double)tg_chunk_box(entry, index, start, count) * itemsize;
        if (!stream)
            TG_TRY(tg_reading_bytes(entry, index, &costs->read, &costs->exact));
    }
out:
    return status;
}

static tg_status count_costs(tg_ctx *ctx, tg_array *const *roots, int nroots, struct costs *costs)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    tg_lowering lowering = {0};
    int64_t index[TG_MAX_NDIM], task = -1;

    TG_TRY(tg_graph_create(ctx, &graph));
    tg_lowering_begin(&lowering, ctx, graph);
    for (int i = 0; i < nroots; i++) {
        int64_t chunks = tg_grid_chunks(roots[i]->ndim, &roots[i]->grid);

        costs->chunks += chunks;
        for (int64_t c = 0; c < chunks && roots[i]->size > 0; c++) {
            tg_chunk_index(roots[i], c, index);
            TG_TRY(tg_lower_chunk(&lowering, roots[i], index, &task));
        }
    }
    for (int64_t i = 0; i < lowering.count; i++)
        if (file_of(lowering.nodes[i])) {
            TG_TRY(add_stored(&lowering, i, costs));
            TG_TRY(add_reads(lowering.nodes[i], costs));
        }
    costs->tasks = lowering.ntasks;
out:
    tg_lowering_end(&lowering);
    tg_graph_destroy(&graph);
    return status;
}

/* Optimise, and print the laws that changed something. */
static tg_status apply_laws(tg_array **roots, int nroots, FILE *out)
{
    tg_status status = TG_OK;
    int count = 0;
    const tg_pass *const *passes = tg_passes(&count);
    bool *applied = calloc((size_t)count + 1, sizeof *applied);

    TG_NEED(applied, TG_ENOMEM, "%d laws", count);
    TG_TRY(tg_optimise_told(roots, nroots, applied));
    fputs("laws:\n", out);
    for (int i = 0; i < count; i++)
        if (applied[i])
            fprintf(out, "  %s: %s\n", passes[i]->name, passes[i]->law);
out:
    free(applied);
    return status;
}

tg_status tg_explain(tg_ctx *ctx, tg_array *const *arrays, int narrays, FILE *out)
{
    tg_status status = TG_OK;
    tg_array **roots = calloc((size_t)narrays + 1, sizeof *roots);
    struct costs costs = {.exact = true};

    TG_NEED(roots, TG_ENOMEM, "%d arrays", narrays);
    for (int i = 0; i < narrays; i++)
        roots[i] = arrays[i];
    fputs("as written:\n", out);
    TG_TRY(tg_array_dump(roots, narrays, out));
    TG_TRY(apply_laws(roots, narrays, out));
    fputs("after the laws:\n", out);
    TG_TRY(tg_array_dump(roots, narrays, out));
    TG_TRY(count_costs(ctx, roots, narrays, &costs));
    fprintf(out, "chunks: %" PRId64 "\n", costs.chunks);
    fprintf(out, "tasks: %" PRId64 "\n", costs.tasks);
    fprintf(out, "bytes to read: %s%.0f of %.0f, for %.0f of elements\n",
            costs.exact ? "" : "at most ", costs.read, costs.stored, costs.wanted);
    TG_NEED(!ferror(out), TG_EIO, "the explanation cannot be written");
out:
    free(roots);
    return status;
}
