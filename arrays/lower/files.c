/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that a computation writes.
 *
 *     begin: sort by path, refuse -> create: temporary files, roots as stored -> write tasks
 *       -> take (sizes of what was encoded) -> commit: place, move, finish, sync, rename -> end
 */
#include "lower/files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tegula/runtime.h>
#include <unistd.h>

#include "lower/align.h"
#include "lower/history.h"
#include "lower/temporary.h"

/* What writing is thought to cost: bytes a second. */
#define WRITE_RATE  5e8
#define ENCODE_RATE 1e8

/* No output takes the place of a file that is read. */
static tg_status check_inputs(const char *path, const tg_order *order)
{
    tg_status status = TG_OK;
    struct stat output, input;

    if (stat(path, &output) != 0)
        return TG_OK;
    for (int64_t i = 0; i < order->count; i++) {
        const tg_array *a = order->nodes[i];
        const tg_file *file;

        if (a->class != &tg_class_source)
            continue;
        file = ((const tg_source_params *)a->params)->file;
        TG_NEED(stat(file->path, &input) != 0 || input.st_dev != output.st_dev ||
                    input.st_ino != output.st_ino,
                TG_EARG, "%s is an input: choose another name for the output", path);
    }
out:
    return status;
}

/* The file of that path, made when it is new. */
static tg_status file_of(tg_out_files *files, const char *path, int *out)
{
    tg_status status = TG_OK;
    tg_out_file *file = &files->files[files->count];
    char *target = NULL;

    TG_TRY(tg_temporary_target(path, &target));
    for (int f = 0; f < files->count; f++) {
        if (strcmp(files->files[f].path, target) == 0) {
            *out = f;
            goto out;
        }
    }
    TG_TRY(tg_format_of_ending(path, &file->format));
    TG_TRY(tg_temporary_check(target, file->format->is_folder && file->format->is_folder(target)));
    TG_TRY(tg_temporary_name(target, &file->temporary));
    file->lock = -1;
    file->path = target;
    target = NULL;
    *out = files->count++;
out:
    free(target);
    return status;
}

/* One more dataset in the output's file. */
static tg_status add_sink(tg_out_files *files, const tg_output *outputs, int i)
{
    tg_status status = TG_OK;
    const tg_output *output = &outputs[i];
    tg_out_file *file = NULL;
    int f = -1;

    TG_TRY(file_of(files, output->path, &f));
    file = &files->files[f];
    TG_NEED(!file->format->has_datasets || (output->dataset && output->dataset[0]), TG_EARG,
            "%s: an output in %s needs the name of a dataset", output->path, file->format->name);
    TG_NEED(file->format->has_datasets || file->nsinks == 0, TG_EARG,
            "%s: %s file holds one array, two are to be stored", output->path,
            file->format->article_name);
    for (int k = 0; k < i; k++)
        TG_NEED(files->file[k] != f || strcmp(outputs[k].dataset, output->dataset) != 0, TG_EARG,
                "%s:%s is to be stored twice", output->path, output->dataset);
    file->append |= output->options && output->options->append;
    TG_NEED(!file->append || file->format->has_datasets, TG_EARG,
            "%s: %s file holds one array, nothing can be added to it", output->path,
            file->format->article_name);
    files->file[i] = f;
    files->sink[i] = file->nsinks++;
out:
    return status;
}

static tg_status allocate(tg_out_files *files, int noutputs)
{
    tg_status status = TG_OK;
    size_t n = (size_t)noutputs + 1;

    files->files = calloc(n, sizeof *files->files);
    files->file = calloc(n, sizeof *files->file);
    files->sink = calloc(n, sizeof *files->sink);
    TG_NEED(files->files && files->file && files->sink, TG_ENOMEM, "%d outputs", noutputs);
    for (int i = 0; i < noutputs; i++)
        files->file[i] = files->sink[i] = -1;
out:
    return status;
}

tg_status tg_out_files_begin(const tg_output *outputs, int noutputs, tg_out_files *out)
{
    tg_status status = TG_OK;
    tg_order order = {0};
    tg_array **roots = calloc((size_t)noutputs + 1, sizeof *roots);

    *out = (tg_out_files){0};
    TG_NEED(roots, TG_ENOMEM, "%d outputs", noutputs);
    TG_TRY(allocate(out, noutputs));
    for (int i = 0; i < noutputs; i++)
        roots[i] = outputs[i].array;
    TG_TRY(tg_order_create(roots, noutputs, &order));
    for (int i = 0; i < noutputs; i++)
        if (outputs[i].path)
            TG_TRY(add_sink(out, outputs, i));
    for (int f = 0; f < out->count; f++) {
        tg_out_file *file = &out->files[f];

        if (!file->append) /* what is added to stays whole until all is read */
            TG_TRY(check_inputs(file->path, &order));
        file->sinks = calloc((size_t)file->nsinks, sizeof *file->sinks);
        file->headers = calloc((size_t)file->nsinks, sizeof *file->headers);
        file->packs = calloc((size_t)file->nsinks, sizeof *file->packs);
        TG_NEED(file->sinks && file->headers && file->packs, TG_ENOMEM, "%s", file->path);
    }
out:
    free(roots);
    tg_order_clear(&order);
    return status;
}

tg_status tg_out_files_say(const tg_out_files *files, tg_status status)
{
    char message[TG_MESSAGE_SIZE];

    for (int f = 0; f < files->count; f++) {
        const char *temporary = files->files[f].temporary;
        const char *text = tg_message(), *at = temporary ? strstr(text, temporary) : NULL;

        if (!at)
            continue;
        snprintf(message, sizeof message, "%.*s%s%s", (int)(at - text), text, files->files[f].path,
                 at + strlen(temporary));
        status = tg_fail(status, "%s", message);
    }
    return status;
}

/* Whether the values are those stored in a file, unscaled. */
static bool is_raw(const tg_array *a)
{
    while (a->class == &tg_class_transpose || a->class == &tg_class_rechunk)
        a = a->inputs[0];
    return a->class == &tg_class_source;
}

/* Header facts by the options or by what the array was made of; slope and intercept stay with raw
 * values only. */
static void take_header(const tg_output *output, tg_sink *sink, tg_header *header)
{
    const tg_array *like = output->options ? output->options->like : NULL;

    if (tg_header_of(like ? like : output->array, header) != TG_OK)
        return;
    if (!is_raw(output->array) || (like && !is_raw(like))) {
        header->slope = 1;
        header->inter = 0;
        header->nifti_size = 0; /* intent, range and timing are those of the data read */
    }
    sink->header = header;
}

/* The array as its file stores it, but for the cuts. */
static tg_array *as_stored(const tg_format *format, const tg_output *output)
{
    tg_array *a = output->array;

    if (a->status == TG_OK && format->stored(a->dtype) == TG_NDTYPES)
        return tg_node_poisoned(
            a->ctx, tg_fail(TG_EARG, "%s files hold no %s here: store real and imaginary part",
                            format->name, tg_dtype_name(a->dtype)));
    if (format->has_datasets && output->options && output->options->chunks)
        a = tg_rechunk(a, output->options->chunks);
    if (format->reversed)
        a = tg_transpose(a, NULL);
    return a->status == TG_OK ? tg_astype(a, format->stored(a->dtype)) : a;
}

static tg_status fill_sink(const tg_out_file *file, const tg_output *output, int s,
                           const char *history, tg_array **root)
{
    tg_status status = TG_OK;
    tg_sink *sink = &file->sinks[s];
    tg_array *a = as_stored(file->format, output);

    if (a->status != TG_OK)
        TG_NEED(false, a->status, "%s: %s", output->path, a->message);
    sink->dataset = output->dataset;
    sink->dtype = a->dtype;
    sink->ndim = a->ndim;
    memcpy(sink->shape, a->shape, sizeof sink->shape);
    for (int d = 0; d < a->ndim; d++) {
        sink->chunks[d] = a->grid.length[d];
        sink->nchunks[d] = a->grid.count[d];
    }
    sink->options = output->options;
    take_header(output, sink, &file->headers[s]);
    sink->history = history;
    *root = a;
out:
    return status;
}

/* A file to be added to is copied, and the copy takes its place when it is whole. */
static tg_status begin_append(tg_out_file *file)
{
    tg_status status = TG_OK;
    const tg_format *format = NULL;
    char *path = NULL, *dataset = NULL;

    file->append &= access(file->path, F_OK) == 0;
    if (!file->append)
        goto out;
    TG_TRY(tg_format_of_file(file->path, &format, &path, &dataset));
    TG_NEED(format == file->format, TG_EARG, "%s is %s file, nothing can be added to it as %s one",
            file->path, format->article_name, file->format->article_name);
    if (!format->is_folder)
        TG_TRY(tg_temporary_copy(file->path, file->temporary, &file->stamp, &file->lock));
    for (int s = 0; s < file->nsinks; s++)
        file->sinks[s].append = file->path;
out:
    free(path);
    free(dataset);
    return status;
}

tg_status tg_out_files_create(tg_out_files *files, tg_ctx *ctx, const tg_output *outputs,
                              int noutputs, tg_array **roots)
{
    tg_status status = TG_OK;

    TG_TRY(tg_history(tg_command_line(ctx), outputs, noutputs, &files->history));
    for (int i = 0; i < noutputs; i++)
        if (files->file[i] >= 0)
            TG_TRY(fill_sink(&files->files[files->file[i]], &outputs[i], files->sink[i],
                             files->history, &roots[i]));
    for (int f = 0; f < files->count; f++) {
        tg_out_file *file = &files->files[f];

        file->created = true;
        TG_TRY(begin_append(file));
        TG_TRY(file->format->create(file->temporary, file->sinks, file->nsinks));
    }
    for (int i = 0; i < noutputs; i++)
        if (files->file[i] >= 0)
            TG_TRY(tg_out_align(ctx, files->files[files->file[i]].format,
                                &files->files[files->file[i]].sinks[files->sink[i]], &roots[i]));
out:
    return status;
}

static tg_status write_chunk(tg_task *task)
{
    tg_reader reader = tg_reader_begin(task);
    const tg_format *format = tg_read_static(&reader);
    int ndim = tg_read_int(&reader);
    const int64_t *start = tg_read_list(&reader, ndim);
    const int64_t *count = tg_read_list(&reader, ndim);
    size_t size = 0;
    const void *params = tg_read_bytes(&reader, &size);

    return format->write(task, params, size, start, count, tg_task_input(task, 0, NULL));
}

tg_status tg_out_files_write(const tg_out_files *files, tg_lowering *lowering, int output,
                             const tg_array *root, const int64_t *index, int64_t *task)
{
    tg_status status = TG_OK;
    tg_out_file *file = &files->files[files->file[output]];
    const tg_sink *sink = &file->sinks[files->sink[output]];
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM], chunk = -1;
    tg_lowered *lowered = NULL;
    void *params = NULL;
    size_t size = 0;
    tg_task_spec spec = {
        .function = sink->packed ? tg_pack_box : write_chunk,
        .name = sink->packed ? "encode" : "write",
        .inputs = &chunk,
        .ninputs = 1,
        .flags = TG_TASK_IMPURE,
    };

    TG_TRY(tg_lower_chunk(lowering, root, index, &chunk));
    TG_TRY(tg_lower_node(lowering, root, &lowered));
    spec.seconds = (double)tg_chunk_box(lowered, index, start, count) *
                   (double)tg_dtype_size(root->dtype) / (sink->packed ? ENCODE_RATE : WRITE_RATE);
    if (sink->packed) {
        TG_TRY(tg_pack_add(&file->packs[files->sink[output]], lowering, file->format, sink,
                           file->temporary, &file->slots, start, count));
    } else {
        tg_words_add_static(&lowering->words, file->format);
        tg_words_add(&lowering->words, root->ndim);
        tg_words_add_list(&lowering->words, root->ndim, start);
        tg_words_add_list(&lowering->words, root->ndim, count);
        if (file->format->write_slice)
            TG_TRY(file->format->write_slice(sink, start, count, &params, &size));
        tg_words_add_bytes(&lowering->words, params ? params : sink->params,
                           params ? size : sink->params_size);
    }
    TG_TRY(tg_lower_add(lowering, &spec, task));
out:
    free(params);
    return status;
}

bool tg_out_files_want(const tg_out_files *files, int output)
{
    const int f = files->file[output];

    return f < 0 || files->files[f].sinks[files->sink[output]].packed;
}

tg_status tg_out_files_take(const tg_out_files *files, int output, int64_t chunk,
                            const tg_bytes *bytes)
{
    const tg_out_file *file = &files->files[files->file[output]];
    int s = files->sink[output];

    return file->sinks[s].packed ? tg_pack_take(&file->packs[s], chunk, bytes) : TG_OK;
}

/* Encoded boxes get their places and go there. */
static tg_status unpack(tg_out_file *file, tg_ctx *ctx)
{
    tg_status status = TG_OK;

    for (int s = 0; s < file->nsinks; s++)
        if (file->sinks[s].packed && file->packs[s].nboxes > 0)
            TG_TRY(file->format->place(file->temporary, &file->sinks[s], file->packs[s].boxes,
                                       file->packs[s].nboxes));
    TG_TRY(tg_pack_move(ctx, file->packs, file->nsinks, file->temporary));
    tg_pack_remove(file->temporary);
out:
    return status;
}

static tg_status give_name(tg_out_file *file)
{
    tg_status status = TG_OK;
    tg_stamp now;

    if (file->append && file->format->add) {
        TG_TRY(file->format->add(file->temporary, file->path, file->sinks, file->nsinks));
    } else {
        if (file->append) {
            TG_TRY(tg_file_stamp(file->path, &now));
            TG_NEED(tg_stamps_equal(&now, &file->stamp), TG_EIO,
                    "%s has changed since it was copied to be added to: nothing is added",
                    file->path);
        }
        TG_TRY(tg_temporary_rename(file->temporary, file->path));
        file->created = false;
    }
out:
    return status;
}

tg_status tg_out_files_write_back(const tg_out_files *files)
{
    tg_status status = TG_OK;

    for (int f = 0; f < files->count; f++)
        TG_TRY(tg_temporary_write_back(files->files[f].temporary));
out:
    return status;
}

tg_status tg_out_files_commit(tg_out_files *files, tg_ctx *ctx)
{
    tg_status status = TG_OK;

    for (int f = 0; f < files->count; f++) {
        tg_out_file *file = &files->files[f];

        TG_TRY(unpack(file, ctx));
        if (file->format->finish)
            TG_TRY(file->format->finish(file->temporary, file->sinks, file->nsinks));
        TG_TRY(tg_temporary_sync(file->temporary));
    }
    for (int f = 0; f < files->count; f++)
        TG_TRY(give_name(&files->files[f]));
out:
    return status;
}

void tg_out_files_end(tg_out_files *files)
{
    for (int f = 0; f < files->count; f++) {
        tg_out_file *file = &files->files[f];

        for (int s = 0; s < file->nsinks && file->packs; s++) {
            tg_sink_clear(&file->sinks[s]);
            tg_pack_clear(&file->packs[s]);
        }
        if (file->created) {
            tg_temporary_remove(file->temporary);
            tg_pack_remove(file->temporary);
        }
        free(file->packs);
        free(file->sinks);
        free(file->headers);
    }
    for (int f = 0; f < files->count; f++) {
        if (files->files[f].lock >= 0)
            close(files->files[f].lock);
        free(files->files[f].path);
        free(files->files[f].temporary);
    }
    free(files->history);
    free(files->files);
    free(files->file);
    free(files->sink);
    *files = (tg_out_files){0};
}
