/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How an array would be computed: the expression as it was written and after the laws, what is read
 * and how many tasks there are. Nothing is computed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include <tegula/calc.h>

#include "lower/lowering.h"
#include "opt/pass.h"

/* What a run would do. */
struct costs {
    int64_t chunks, tasks;
    double read, stored; /* bytes that are read; bytes of all elements of the files' arrays */
};

static const tg_file *file_of(const tg_lowered *entry)
{
    if (entry->node->class != &tg_class_source && entry->node->class != &tg_class_read_inside)
        return NULL;
    return ((const tg_source_params *)entry->node->params)->file;
}

/* All elements of a file's array, counted at the first node that reads it. */
static void add_stored(const tg_lowering *lowering, int64_t i, struct costs *costs)
{
    const tg_file *file = file_of(lowering->nodes[i]);
    double bytes = (double)tg_dtype_size(file->source.dtype);

    for (int64_t k = 0; k < i; k++)
        if (file_of(lowering->nodes[k]) == file)
            return;
    for (int d = 0; d < file->source.ndim; d++)
        bytes *= (double)file->source.shape[d];
    costs->stored += bytes;
}

/* Chunks of a file's array, or of a part of it, that some task asks for. */
static void add_reads(const tg_lowered *entry, struct costs *costs)
{
    const tg_array *a = entry->node;
    double itemsize = (double)tg_dtype_size(a->dtype);
    int64_t index[TG_MAX_NDIM], start[TG_MAX_NDIM], count[TG_MAX_NDIM];

    for (int64_t c = 0; c < tg_grid_chunks(a->ndim, &a->grid); c++) {
        tg_chunk_index(a, c, index);
        if (entry->task[c] >= 0)
            costs->read += (double)tg_chunk_box(entry, index, start, count) * itemsize;
    }
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
            add_stored(&lowering, i, costs);
            add_reads(lowering.nodes[i], costs);
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
    struct costs costs = {0};

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
    fprintf(out, "bytes to read: %.0f of %.0f\n", costs.read, costs.stored);
    TG_NEED(!ferror(out), TG_EIO, "the explanation cannot be written");
out:
    free(roots);
    return status;
}
