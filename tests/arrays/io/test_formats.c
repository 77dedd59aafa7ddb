/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Formats from the command line, for the tests written in Python beside this file, which make
 * files in many layouts and compare what is read and written with h5py and nibabel:
 *
 *     describe NAME                    what the file says, as lines KEY VALUE
 *     read NAME OUT BOX...             boxes START:COUNT ("0,0:3,4", storage axes; none:
 *     everything) by
 *                                      one task each; bytes one after the other to OUT; @NAME
 *                                      goes on with another file, + makes the first a byte longer
 *     whole NAME OUT BOX...            the same with the parameters of the whole array
 *     store NAME OUT DATASET [OPTION VALUE]...
 *                                      raw values of NAME to OUT: chunks, deflate, shuffle, append,
 *                                      zarr, codec, cut
 *
 * Without arguments it tests what needs no file.
 */
#include <errno.h>
#include <stdlib.h>

#include <tegula/tegula.h>

#include "check.h"
#include "io/file.h"
#include "io/format.h"
#include "io/hdf5_filter.h"

enum { MOST_BOXES = 2048 };

/** What a task that reads a box finds in its parameters. */
struct box_params {
    tg_reference format;
    int64_t start[TG_MAX_NDIM], count[TG_MAX_NDIM];
    size_t bytes, size;
    char params[];
};

static tg_status read_box(tg_task *task)
{
    const struct box_params *p = tg_task_params(task, NULL);
    const tg_format *format = tg_task_resolve(task, p->format);
    void *out = tg_task_output(task, p->bytes);
    void *aligned = tg_task_scratch(task, p->size);

    memcpy(aligned, p->params, p->size);
    return format->read(task, aligned, p->size, p->start, p->count, out);
}

static tg_status open_named(const char *name, tg_source *out)
{
    tg_status status = TG_OK;
    const tg_format *format;
    char *path = NULL, *dataset = NULL;

    TG_TRY(tg_format_of_file(name, &format, &path, &dataset));
    TG_TRY(format->open(path, dataset, out));
out:
    free(path);
    free(dataset);
    return status;
}

static void print_list(const char *key, int n, const int64_t *list)
{
    printf("%s", key);
    for (int i = 0; i < n; i++)
        printf(" %" PRId64, list[i]);
    printf("\n");
}

static tg_status describe(const char *name)
{
    tg_status status = TG_OK;
    tg_source source = {0};
    const tg_header *h = &source.header;

    TG_TRY(open_named(name, &source));
    printf("format %s\ndtype %s\n", source.format->name, tg_dtype_name(source.dtype));
    print_list("shape", source.ndim, source.shape);
    print_list("chunk", source.ndim, source.chunk);
    printf("contiguous %d\nsequential %d\nreversed %d\n", source.contiguous, source.sequential,
           source.reversed);
    printf("stored %" PRId64 "\nslope %.17g\ninter %.17g\n", source.stored_bytes, h->slope,
           h->inter);
    printf("codes %d %d\nunits %s,%s\ndescription %s\n", h->qform_code, h->sform_code,
           h->space_units, h->time_units, h->description);
    printf("spacing");
    for (int d = 0; d < source.ndim; d++)
        printf(" %.17g", h->spacing[d]);
    printf("\naffine");
    for (int i = 0; h->has_affine && i < 16; i++)
        printf(" %.17g", h->affine[i / 4][i % 4]);
    printf("\nparams %zu\n", source.params_size);
out:
    tg_source_clear(&source);
    return status;
}

static void parse_list(const char **text, int64_t *list)
{
    for (int d = 0; **text && **text != ':'; d++) {
        list[d] = strtoll(*text, (char **)text, 10);
        *text += **text == ',';
    }
    *text += **text == ':';
}

static tg_status add_box(tg_ctx *ctx, tg_graph *graph, const tg_source *source, const char *text,
                         bool whole, int64_t *task)
{
    tg_status status = TG_OK;
    struct box_params *p = NULL, head = {.bytes = tg_dtype_size(source->dtype)};
    void *params = NULL;
    size_t size = source->params_size;

    memcpy(head.count, source->shape, sizeof head.count);
    if (*text) {
        parse_list(&text, head.start);
        parse_list(&text, head.count);
    }
    for (int d = 0; d < source->ndim; d++)
        head.bytes *= (size_t)head.count[d];
    if (!whole && source->format->slice)
        TG_TRY(source->format->slice(source, head.start, head.count, &params, &size));
    TG_TRY(tg_reference_make(ctx, source->format, &head.format));
    p = malloc(sizeof *p + size);
    TG_NEED(p, TG_ENOMEM, "a box");
    *p = head;
    p->size = size;
    memcpy(p->params, params ? params : source->params, size);
    TG_TRY(tg_graph_add(graph,
                        &(tg_task_spec){.function = read_box,
                                        .name = "read_box",
                                        .params = p,
                                        .params_size = sizeof *p + size,
                                        .output_bytes = head.bytes,
                                        .affinity = source->sequential,
                                        .flags = TG_TASK_IMPURE},
                        task));
out:
    free(params);
    free(p);
    return status;
}

/** Add a task for each box named from argv[2] on. */
static tg_status add_boxes(tg_ctx *ctx, tg_graph *graph, int argc, char **argv, bool whole,
                           int64_t *tasks, int *ntasks)
{
    tg_status status = TG_OK;
    tg_source source = {0};

    TG_TRY(open_named(argv[0], &source));
    if (argc == 2)
        TG_TRY(add_box(ctx, graph, &source, "", whole, &tasks[(*ntasks)++]));
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] == '@') {
            tg_source_clear(&source);
            TG_TRY(open_named(argv[i] + 1, &source));
            continue;
        }
        if (strcmp(argv[i], "+") == 0) {
            FILE *file = fopen(argv[0], "ab");

            TG_NEED(file && fputc('x', file) == 'x' && fclose(file) == 0, TG_EIO, "%s", argv[0]);
            continue;
        }
        TG_NEED(*ntasks < MOST_BOXES, TG_EARG, "more than %d boxes", MOST_BOXES);
        TG_TRY(add_box(ctx, graph, &source, argv[i], whole, &tasks[(*ntasks)++]));
    }
out:
    tg_source_clear(&source);
    return status;
}

static tg_status read_boxes(tg_ctx *ctx, int argc, char **argv, bool whole)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    int64_t tasks[MOST_BOXES];
    tg_bytes results[MOST_BOXES] = {0};
    int n = 0;
    FILE *out = NULL;

    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(add_boxes(ctx, graph, argc, argv, whole, tasks, &n));
    TG_TRY(tg_graph_compute(ctx, graph, tasks, n, results));
    out = fopen(argv[1], "wb");
    TG_NEED(out, TG_EIO, "%s: %s", argv[1], strerror(errno));
    for (int i = 0; i < n; i++)
        fwrite(results[i].data, 1, results[i].size, out);
    printf("read %" PRId64 "\n", tg_counted(ctx, TG_BYTES_READ));
out:
    if (out)
        fclose(out);
    for (int i = 0; i < n; i++)
        tg_bytes_free(&results[i]);
    tg_graph_destroy(&graph);
    return status;
}

static tg_status store(tg_ctx *ctx, int argc, char **argv)
{
    static const double numbers[] = {1, 2.5, 3};
    static const tg_attribute attributes[] = {
        {.name = "note", .text = "made by a test"},
        {.name = "numbers", .numbers = numbers, .count = 3},
        {.name = "descrip", .text = "the caller's"},
    };
    tg_store_options options = {.attributes = attributes, .nattributes = 3};
    tg_array *a = tg_open(ctx, argv[0], &(tg_open_options){.raw = true});

    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "chunks") == 0)
            options.chunks = argv[i + 1];
        else if (strcmp(argv[i], "deflate") == 0)
            options.deflate = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "shuffle") == 0)
            options.shuffle = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "append") == 0)
            options.append = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "zarr") == 0)
            options.zarr = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "codec") == 0)
            options.codec = argv[i + 1];
        else if (strcmp(argv[i], "cut") == 0)
            a = tg_rechunk(a, argv[i + 1]);
    }
    return tg_store(a, argv[1], argv[2], &options);
}

/** Fletcher's checksum against sums worked out by hand, and shuffling there and back. */
static tg_status filters_are_inverse(void)
{
    char in[1000], there[1000], back[1000];

    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (char)(i * i * 7 + i / 3);
    for (size_t item = 1; item <= 16; item++)
        for (size_t size = item; size <= sizeof in; size += 83) {
            tg_shuffle(item, size, in, there);
            TEST_EQUAL(there[size / item > 1], in[size / item > 1 ? item : 0]);
            tg_unshuffle(item, size, there, back);
            TEST_CHECK(memcmp(in, back, size) == 0);
        }
    TEST_EQUAL(tg_fletcher32("", 0), 0);
    TEST_EQUAL(tg_fletcher32("\x01\x02", 2), 0x01020102);
    TEST_EQUAL(tg_fletcher32("\x01\x02\x03", 3), 0x05040402);
    return TG_OK;
}

static tg_status names_and_endings(void)
{
    const tg_format *format = NULL;
    char *path = NULL, *dataset = NULL;

    TEST_OK(tg_format_of_ending("a.nii.gz", &format));
    TEST_CHECK(strcmp(format->name, "NIfTI, gzipped") == 0);
    TEST_OK(tg_format_of_ending("a.hdf5", &format));
    TEST_CHECK(strcmp(format->name, "HDF5") == 0);
    TEST_FAILS(tg_format_of_ending("a.txt", &format), TG_EARG, "there are .h5, ");
    TEST_FAILS(tg_format_of_ending(".nii", &format), TG_EARG, "the ending says no format");
    TEST_FAILS(tg_format_of_file("run-9.h5", &format, &path, &dataset), TG_EIO,
               "run-9.h5: no such file or directory");
    TEST_FAILS(tg_format_of_file("run-9.h5:/a:/b", &format, &path, &dataset), TG_EIO,
               "run-9.h5:/a: no such file or directory");
    TEST_FAILS(tg_format_of_file(".", &format, &path, &dataset), TG_EIO, ".: is a directory");
    TEST_FAILS(tg_format_of_file("/dev/null", &format, &path, &dataset), TG_EIO,
               "/dev/null: is not a regular file");
    return TG_OK;
}

static tg_status run_command(tg_ctx *ctx, int argc, char **argv)
{
    if (argc == 1) {
        TEST_OK(filters_are_inverse());
        TEST_OK(names_and_endings());
        return TG_OK;
    }
    if (argc >= 3 && strcmp(argv[1], "describe") == 0)
        return describe(argv[2]);
    if (argc >= 4 && strcmp(argv[1], "read") == 0)
        return read_boxes(ctx, argc - 2, argv + 2, false);
    if (argc >= 4 && strcmp(argv[1], "whole") == 0)
        return read_boxes(ctx, argc - 2, argv + 2, true);
    if (argc >= 5 && strcmp(argv[1], "store") == 0)
        return store(ctx, argc - 2, argv + 2);
    return tg_fail(TG_EUSAGE, "no such command");
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, run_command, NULL);
}

//TEST np=1,2
