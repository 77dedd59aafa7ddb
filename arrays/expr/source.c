/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays in files. The node reads stored elements in storage order; what the user sees is that node
 * transposed (formats whose users count axes the other way), scaled (slope and intercept) and cut
 * (chunks), each by a node of its own that the optimiser knows how to move.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/node.h"

/* "run.h5:/bold", or what is read of it, "run.h5:/bold[5:10, 0:30:3]". */
static void dump_source(const tg_array *a, FILE *out)
{
    const tg_source_params *params = a->params;
    bool part =
        memcmp(a->shape, params->file->source.shape, (size_t)a->ndim * sizeof *a->shape) != 0;

    fprintf(out, "%s", a->name);
    for (int d = 0; d < a->ndim && part; d++) {
        int64_t start = params->start[d], step = params->step[d];

        fprintf(out, "%s%" PRId64 ":%" PRId64, d ? ", " : "[", start,
                start + (a->shape[d] - 1) * step + 1);
        if (step > 1)
            fprintf(out, ":%" PRId64, step);
    }
    if (part && a->ndim > 0)
        fputc(']', out);
}

/* How often a chunk of the file is read, on average, where the grid's are read one by one. */
static double reads_of_chunk(const tg_array *a, const tg_grid *grid)
{
    const tg_source_params *params = a->params;
    double reads = 1;

    for (int d = 0; d < a->ndim; d++) {
        const int64_t chunk = params->file->source.chunk[d], step = params->step[d];
        int64_t at = params->start[d], met = 0, different = 0, before = -1;

        for (int64_t c = 0; c < grid->count[d] && grid->length[d][c] > 0 && chunk > 0; c++) {
            const int64_t first = at / chunk;
            const int64_t last = (at + (grid->length[d][c] - 1) * step) / chunk;

            met += last - first + 1;
            different += last - first + (first > before);
            before = last;
            at += grid->length[d][c] * step;
        }
        reads *= different > 0 ? (double)met / (double)different : 1;
    }
    return reads;
}

/* Bytes that lie together in a plain file of a chunk of the grid, its first. */
static double stretch_of_chunk(const tg_array *a, const tg_grid *grid)
{
    const tg_source_params *params = a->params;
    const tg_source *source = &params->file->source;
    double bytes = (double)tg_dtype_size(a->dtype);

    for (int d = a->ndim - 1; d >= 0; d--) {
        bytes *= params->step[d] == 1 ? (double)grid->length[d][0] : 1;
        if (grid->length[d][0] * params->step[d] != source->shape[d])
            break;
    }
    return bytes;
}

/* Chunks of a file that are read again and again, and plain files read in so short stretches, take
 * longer than taking apart what was read once. */
#define MOST_READS    1.5
#define SHORT_STRETCH 1024.

/* A stream can be cut along its slowest axis only. All else can be cut anywhere, but it is not
 * always the best way to other chunks. */
static bool reads_well(const tg_array *a, const tg_grid *grid)
{
    const tg_source *source = &((const tg_source_params *)a->params)->file->source;
    double stretch;

    for (int d = 1; d < a->ndim && source->sequential; d++)
        if (grid->count[d] > 1)
            return false;
    if (source->sequential || a->size == 0)
        return true;
    if (!source->contiguous)
        return reads_of_chunk(a, grid) <= MOST_READS * reads_of_chunk(a, &a->grid);
    stretch = stretch_of_chunk(a, grid);
    return stretch >= SHORT_STRETCH || stretch_of_chunk(a, &a->grid) < 4 * SHORT_STRETCH;
}

static tg_array *regrid_source(tg_array *a, const tg_grid *grid)
{
    const tg_source_params *params = a->params;
    tg_array *node = NULL;

    if (!reads_well(a, grid))
        return NULL;
    node = tg_node_create(a->ctx, a->class, 0, NULL, sizeof *params);
    if (node->status != TG_OK)
        return node;
    memcpy(node->params, params, sizeof *params);
    tg_node_like(node, a);
    node->dtype = a->dtype;
    node->grid = *grid;
    return node;
}

const tg_class tg_class_source = {
    .name = "source",
    .dump = dump_source,
    .regrid = regrid_source,
};

const tg_class tg_class_read_inside = {.name = "read inside", .dump = dump_source};

tg_array *tg_source_part(const tg_array *source, const int64_t (*box)[3])
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(source->ctx, source->class, 0, NULL, sizeof(tg_source_params));
    tg_source_params *params;
    int64_t shape[TG_MAX_NDIM];
    bool automatic;

    TG_TRY(tg_array_status(node));
    params = node->params;
    memcpy(params, source->params, sizeof *params);
    node->name = source->name;
    node->dtype = source->dtype;
    node->layout = source->layout;
    for (int d = 0; d < source->ndim; d++) {
        params->start[d] += box[d][0] * params->step[d];
        params->step[d] *= box[d][1];
        shape[d] = box[d][2];
        if (box[d][1] > 1)
            node->layout.natural[d] = 1;
    }
    TG_TRY(tg_node_shape(node, source->ndim, shape));
    TG_TRY(tg_chunks_grid(node->ctx, "auto", &node->layout, node->ndim, node->shape, &node->grid,
                          &automatic));
    node->automatic = true;
out:
    return status == TG_OK ? node : tg_node_poisoned(source->ctx, status);
}

static void *arena_copy(tg_ctx *ctx, const void *data, size_t size)
{
    void *copy = tg_ctx_alloc(ctx, size ? size : 1);

    return copy && size ? memcpy(copy, data, size) : copy;
}

/* What all nodes that read the file share; copied to the arena. */
static tg_status file_create(tg_ctx *ctx, const char *path, const tg_source *source,
                             const tg_file **out)
{
    tg_status status = TG_OK;
    tg_file *file = tg_ctx_alloc(ctx, sizeof *file);

    TG_NEED(file, TG_ENOMEM, "%s", path);
    file->path = arena_copy(ctx, path, strlen(path) + 1);
    file->source = *source;
    file->source.params = arena_copy(ctx, source->params, source->params_size);
    TG_NEED(file->path && file->source.params, TG_ENOMEM, "%s", path);
    *out = file;
out:
    return status;
}

static tg_status source_create(tg_ctx *ctx, const char *name, const char *path,
                               const tg_source *source, tg_array **out)
{
    tg_status status = TG_OK;
    tg_array *node = tg_node_create(ctx, &tg_class_source, 0, NULL, sizeof(tg_source_params));
    bool automatic;

    TG_TRY(tg_array_status(node));
    node->name = arena_copy(ctx, name, strlen(name) + 1);
    TG_NEED(node->name, TG_ENOMEM, "%s", name);
    TG_TRY(file_create(ctx, path, source, &((tg_source_params *)node->params)->file));
    for (int d = 0; d < source->ndim; d++)
        ((tg_source_params *)node->params)->step[d] = 1;
    node->dtype = source->dtype;
    TG_TRY(tg_node_shape(node, source->ndim, source->shape));
    tg_layout_plain(&node->layout, node->ndim, tg_dtype_size(node->dtype));
    node->layout.sequential = source->sequential;
    for (int d = 0; d < node->ndim && !source->contiguous; d++)
        node->layout.natural[d] = source->chunk[d] > 0 ? source->chunk[d] : 1;
    TG_TRY(tg_chunks_grid(ctx, "auto", &node->layout, node->ndim, node->shape, &node->grid,
                          &automatic));
    node->automatic = true;
    *out = node;
out:
    return status;
}

/* Read the header. `source` is cleared by the caller. */
static tg_status read_header(tg_ctx *ctx, const char *name, tg_source *source, tg_array **out)
{
    tg_status status = TG_OK;
    const tg_format *format = NULL;
    char *path = NULL, *dataset = NULL;

    TG_NEED(name, TG_EARG, "tg_open was called without a name");
    TG_TRY(tg_format_of_file(name, &format, &path, &dataset));
    TG_TRY(format->open(path, dataset, source));
    source->format = format;
    TG_TRY(source_create(ctx, name, path, source, out));
out:
    free(path);
    free(dataset);
    return status;
}

tg_array *tg_open(tg_ctx *ctx, const char *name, const tg_open_options *options)
{
    static const tg_open_options defaults = {0};
    tg_status status = TG_OK;
    tg_source source = {0};
    tg_array *node = NULL;

    options = options ? options : &defaults;
    TG_NEED(name && name[0], TG_EARG, "a file with an empty name cannot be opened");
    TG_TRY(read_header(ctx, name, &source, &node));
    if (source.reversed)
        node = tg_transpose(node, NULL);
    if (!options->raw && (source.header.slope != 1 || source.header.inter != 0))
        node = tg_affine(node, source.header.slope, source.header.inter);
    if (options->chunks)
        node = tg_rechunk(node, options->chunks);
    if (node->status != TG_OK)
        TG_NEED(false, node->status, "%s: %s", name, node->message);
out:
    tg_source_clear(&source);
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}
