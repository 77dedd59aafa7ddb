/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The map: from an array that a user wrote to bytes in a file.
 *
 *     step                                            function              file
 *     the user's calls become nodes                   tg_mean, ...          expr/reduce.c, ...
 *     outputs are sorted by file, bad ones refused    tg_out_files_begin    lower/files.c
 *     temporary files; roots as they are stored       tg_out_files_create   lower/files.c
 *     laws are applied to all outputs together        tg_optimise           opt/optimise.c
 *     chunks become tasks, depth first                tg_lower_chunk        lower/lowering.c
 *     tasks run on all ranks                          tg_graph_run          (the runtime)
 *     a task reads, computes, reduces, writes         read_chunk, ...       lower/source.c, ...
 *     ... with plain C on one chunk                   tg_program_run, ...   kernel/
 *     encoded chunks get their place and go there     tg_pack_move          lower/pack.c
 *     results are copied to memory                    deliver               here
 *     files become whole and get their names          tg_out_files_commit   lower/files.c
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/copy.h"
#include "lower/files.h"
#include "lower/visit.h"
#include "opt/pass.h"

/* One computation. */
struct job {
    tg_ctx *ctx;
    const tg_output *outputs;
    int noutputs;
    tg_array **roots; /* [noutputs] malloc */
    tg_out_files files;
    tg_graph *graph;
    tg_lowering lowering;
    int64_t ntargets;
    int64_t *targets;  /* tasks [ntargets] malloc */
    int *output;       /* of each target [ntargets] malloc */
    int64_t *chunk;    /* of each target [ntargets] malloc */
    bool *wanted;      /* has the target a result for rank 0? [ntargets] malloc */
    tg_bytes *results; /* [ntargets] malloc */
};

static tg_status check_output(const tg_output *output)
{
    tg_status status = TG_OK;
    const tg_array *a = output->array;
    size_t needed;

    TG_TRY(tg_array_status(a));
    TG_NEED(!output->path || !output->memory, TG_EARG,
            "an output goes to a file (%s) or to memory, not to both", output->path);
    if (!output->path) {
        needed = (size_t)a->size * tg_dtype_size(a->dtype);
        TG_NEED(output->memory_size == needed, TG_EARG,
                "memory of %zu bytes for a result of %zu bytes", output->memory_size, needed);
        TG_NEED(output->memory || needed == 0, TG_EARG, "an output without path and memory");
    }
out:
    return status;
}

static tg_status job_begin(struct job *job, tg_ctx *ctx, const tg_output *outputs, int noutputs)
{
    tg_status status = TG_OK;

    *job = (struct job){.ctx = ctx, .outputs = outputs, .noutputs = noutputs};
    job->roots = calloc((size_t)noutputs + 1, sizeof(tg_array *));
    TG_NEED(job->roots, TG_ENOMEM, "%d outputs", noutputs);
    for (int i = 0; i < noutputs; i++) {
        TG_TRY(check_output(&outputs[i]));
        job->roots[i] = outputs[i].array;
    }
out:
    return status;
}

static void job_end(struct job *job)
{
    for (int64_t t = 0; t < job->ntargets && job->results; t++)
        tg_bytes_free(&job->results[t]);
    free(job->results);
    free(job->wanted);
    free(job->targets);
    free(job->output);
    free(job->chunk);
    tg_lowering_end(&job->lowering);
    tg_graph_destroy(&job->graph);
    tg_out_files_end(&job->files);
    free(job->roots);
}

static tg_status add_target(struct job *job, int i, int64_t c)
{
    tg_status status = TG_OK;
    const tg_array *root = job->roots[i];
    int64_t index[TG_MAX_NDIM], task = -1;

    tg_chunk_index(root, c, index);
    if (job->files.file[i] >= 0)
        TG_TRY(tg_out_files_write(&job->files, &job->lowering, i, root, index, &task));
    else
        TG_TRY(tg_lower_chunk(&job->lowering, root, index, &task));
    job->wanted[job->ntargets] = tg_out_files_want(&job->files, i);
    job->targets[job->ntargets] = task;
    job->output[job->ntargets] = i;
    job->chunk[job->ntargets++] = c;
out:
    return status;
}

/* A chunk of each output, then the next of each: what they share is used while it is there. */
static tg_status add_targets(struct job *job)
{
    tg_status status = TG_OK;
    int64_t most = 0, sum = 1;
    int64_t **order = calloc((size_t)job->noutputs + 1, sizeof *order);
    size_t n;

    TG_NEED(order, TG_ENOMEM, "%d outputs", job->noutputs);
    for (int i = 0; i < job->noutputs; i++) {
        TG_TRY(tg_visit_order(job->roots[i], &order[i]));
        int64_t chunks = tg_grid_chunks(job->roots[i]->ndim, &job->roots[i]->grid);

        most = chunks > most ? chunks : most;
        sum += chunks;
    }
    n = (size_t)sum;
    job->targets = calloc(n, sizeof *job->targets);
    job->output = calloc(n, sizeof *job->output);
    job->chunk = calloc(n, sizeof *job->chunk);
    job->wanted = calloc(n, sizeof *job->wanted);
    job->results = calloc(n, sizeof *job->results);
    TG_NEED(job->targets && job->output && job->chunk && job->wanted && job->results, TG_ENOMEM,
            "outputs of %" PRId64 " chunks", sum);
    for (int64_t c = 0; c < most; c++)
        for (int i = 0; i < job->noutputs; i++)
            if (job->roots[i]->size > 0 &&
                c < tg_grid_chunks(job->roots[i]->ndim, &job->roots[i]->grid))
                TG_TRY(add_target(job, i, order[i] ? order[i][c] : c));
out:
    for (int i = 0; order && i < job->noutputs; i++)
        free(order[i]);
    free(order);
    return status;
}

static tg_status copy_to_memory(const tg_array *root, const int64_t *index, const tg_bytes *bytes,
                                void *memory)
{
    tg_status status = TG_OK;
    size_t itemsize = tg_dtype_size(root->dtype), size = itemsize;
    int64_t count[TG_MAX_NDIM], from[TG_MAX_NDIM], to[TG_MAX_NDIM];
    char *first = memory;

    tg_strides(root->ndim, root->shape, itemsize, to);
    for (int d = 0; d < root->ndim; d++) {
        count[d] = root->grid.length[d][index[d]];
        size *= (size_t)count[d];
        for (int64_t c = 0; c < index[d]; c++)
            first += root->grid.length[d][c] * to[d];
    }
    TG_NEED(bytes->size == size, TG_EINTERNAL, "a chunk of %zu bytes, not %zu", bytes->size, size);
    tg_strides(root->ndim, count, itemsize, from);
    if (size > 0)
        tg_copy_box(root->ndim, count, itemsize, bytes->data, from, first, to);
out:
    return status;
}

/* What is for memory is copied while the disk takes what is for files. */
static tg_status deliver(struct job *job)
{
    tg_status status = TG_OK;

    for (int64_t t = 0; t < job->ntargets; t++)
        if (job->files.file[job->output[t]] >= 0)
            TG_TRY(tg_out_files_take(&job->files, job->output[t], job->chunk[t], &job->results[t]));
    TG_TRY(tg_out_files_write_back(&job->files));
    for (int64_t t = 0; t < job->ntargets; t++) {
        int i = job->output[t];
        int64_t index[TG_MAX_NDIM];

        tg_chunk_index(job->roots[i], job->chunk[t], index);
        if (job->files.file[i] < 0)
            TG_TRY(copy_to_memory(job->roots[i], index, &job->results[t], job->outputs[i].memory));
    }
    TG_TRY(tg_out_files_commit(&job->files, job->ctx));
out:
    return status;
}

tg_status tg_store_all(tg_ctx *ctx, const tg_output *outputs, int noutputs)
{
    tg_status status = TG_OK;
    struct job job;

    TG_TRY(job_begin(&job, ctx, outputs, noutputs));
    TG_TRY(tg_out_files_begin(outputs, noutputs, &job.files));
    TG_TRY(tg_out_files_create(&job.files, ctx, outputs, noutputs, job.roots));
    TG_TRY(tg_optimise(job.roots, noutputs));
    TG_TRY(tg_graph_create(ctx, &job.graph));
    tg_lowering_begin(&job.lowering, ctx, job.graph);
    TG_TRY(add_targets(&job));
    if (job.ntargets > 0)
        TG_TRY(tg_graph_run(ctx, job.graph, job.targets, job.ntargets, job.wanted, job.results));
    TG_TRY(deliver(&job));
out:
    if (status != TG_OK)
        status = tg_out_files_say(&job.files, status);
    job_end(&job);
    return status;
}

tg_status tg_store(tg_array *a, const char *path, const char *dataset,
                   const tg_store_options *options)
{
    tg_status status = TG_OK;
    tg_output output = {.array = a, .path = path, .dataset = dataset, .options = options};

    TG_TRY(tg_array_status(a));
    TG_NEED(path, TG_EARG, "tg_store was called without a path");
    TG_TRY(tg_store_all(a->ctx, &output, 1));
out:
    return status;
}

tg_status tg_gather(tg_array *a, void *memory, size_t size)
{
    tg_status status = TG_OK;
    tg_output output = {.array = a, .memory = memory, .memory_size = size};

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_store_all(a->ctx, &output, 1));
out:
    return status;
}
