/* SPDX-License-Identifier: BSD-3-Clause */
/* Outputs: several to one file, beside memory, whole or not there at all; what describe says. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tegula/tegula.h>
#include <unistd.h>

#include "check.h"

/* The array [[0, 1, ...], ...] of rows x columns. */
static tg_array *counting(tg_ctx *ctx, int64_t rows, int64_t columns)
{
    int32_t *values = malloc((size_t)(rows * columns) * sizeof *values);
    tg_array *a;

    for (int64_t i = 0; i < rows * columns; i++)
        values[i] = (int32_t)i;
    a = tg_from_memory(ctx, values, TG_INT32, 2, (int64_t[]){rows, columns});
    free(values);
    return a;
}

/* Names in the working folder that begin with a dot beside "." and "..". */
static int temporary_files(void)
{
    DIR *folder = opendir(".");
    int count = 0;

    for (struct dirent *entry; (entry = readdir(folder));)
        count += strncmp(entry->d_name, ".tmp-", 5) == 0;
    closedir(folder);
    return count;
}

static tg_status outputs_share_a_file_and_a_run(tg_ctx *ctx)
{
    tg_array *a = tg_rechunk(counting(ctx, 6, 4), "4,3");
    int64_t sums[4] = {0};
    int32_t back[24] = {0};
    tg_output outputs[] = {
        {.array = a, .path = "out.h5", .dataset = "/a"},
        {.array = tg_mean(a, TG_AXES(1)), .path = "out.h5", .dataset = "/maps/mean"},
        {.array = tg_sum(a, TG_AXES(0)), .memory = sums, .memory_size = sizeof sums},
    };

    TEST_OK(tg_store_all(ctx, outputs, 3));
    TEST_EQUAL(sums[0], 60);
    TEST_EQUAL(sums[3], 78);
    TEST_OK(tg_gather(tg_open(ctx, "out.h5:/a", NULL), back, sizeof back));
    TEST_EQUAL(back[23], 23);
    TEST_EQUAL(tg_shape(tg_open(ctx, "out.h5:/maps/mean", NULL))[0], 6);
    TEST_EQUAL(temporary_files(), 0);
    return TG_OK;
}

static tg_status compressed_chunks_are_written_whole(tg_ctx *ctx)
{
    tg_array *a = tg_rechunk(counting(ctx, 100, 70), "33,32");
    tg_store_options options = {.deflate = 4, .shuffle = true, .chunks = "20,70"};
    int32_t *back = calloc(7000, sizeof *back);

    TEST_OK(tg_store(a, "deflated.h5", "/a", &options));
    TEST_OK(tg_gather(tg_open(ctx, "deflated.h5:/a", NULL), back, 7000 * sizeof *back));
    for (int i = 0; i < 7000; i++)
        TEST_EQUAL(back[i], i);
    free(back);
    return TG_OK;
}

static tg_status images_come_back_as_they_were(tg_ctx *ctx)
{
    static const char *const paths[] = {"image.nii", "image.nii.gz"};
    int32_t back[24];

    for (int i = 0; i < 2; i++) {
        TEST_OK(tg_store(counting(ctx, 6, 4), paths[i], NULL, NULL));
        memset(back, 0, sizeof back);
        TEST_OK(tg_gather(tg_open(ctx, paths[i], NULL), back, sizeof back));
        for (int k = 0; k < 24; k++)
            TEST_EQUAL(back[k], k);
    }
    return TG_OK;
}

static tg_status bad_outputs_are_refused_before_any_work(tg_ctx *ctx)
{
    tg_array *a = counting(ctx, 3, 3);
    tg_array *stored = tg_open(ctx, "out.h5:/a", NULL);
    tg_output twice[] = {{.array = a, .path = "two.h5", .dataset = "/a"},
                         {.array = a, .path = "two.h5", .dataset = "/a"}};
    struct stat before, after;

    TEST_CHECK(stat("out.h5", &before) == 0);
    TEST_FAILS(tg_store(tg_sqrt(stored), "out.h5", "/a", NULL), TG_EARG, "out.h5 is an input");
    TEST_FAILS(tg_store(a, "nowhere/x.h5", "/a", NULL), TG_EIO, "directory nowhere: No such file");
    TEST_FAILS(tg_store(a, ".", "/a", NULL), TG_EARG, ".");
    TEST_FAILS(tg_store(a, "x.h5", NULL, NULL), TG_EARG, "needs the name of a dataset");
    TEST_FAILS(tg_store_all(ctx, twice, 2), TG_EARG, "two.h5:/a is to be stored twice");
    TEST_FAILS(tg_store(tg_sum(a, TG_AXES(5)), "out.h5", "/a", NULL), TG_EARG, "axis 5");
    TEST_CHECK(stat("out.h5", &after) == 0 && before.st_ino == after.st_ino);
    TEST_CHECK(access("two.h5", F_OK) != 0 && access("x.h5", F_OK) != 0);
    TEST_EQUAL(temporary_files(), 0);
    return TG_OK;
}

static tg_status refuse(tg_task *task)
{
    (void)task;
    return tg_fail(TG_EARG, "refused as asked");
}

static tg_status a_failed_run_leaves_no_file(tg_ctx *ctx)
{
    tg_delayed *bad = tg_delay(ctx, refuse, tg_value(ctx, int, 1));
    tg_array *a = tg_array_from_delayed(ctx, bad, TG_FLOAT64, 1, (int64_t[]){4});

    TEST_FAILS(tg_store(a, "failed.h5", "/a", NULL), TG_ETASK, "refused as asked");
    TEST_CHECK(access("failed.h5", F_OK) != 0);
    TEST_EQUAL(temporary_files(), 0);
    return TG_OK;
}

static tg_status a_description_is_a_table(tg_ctx *ctx)
{
    tg_array *a = tg_rechunk(counting(ctx, 1000, 6), "600,-1");
    tg_array *joined = tg_concatenate((tg_array *[]){a, counting(ctx, 1000, 3)}, 2, 1);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    TEST_OK(tg_describe(joined, stream));
    fclose(stream);
    TEST_CHECK(strcmp(text, "         Array                Chunk\n"
                            "Bytes    35.16 kiB            14.06 kiB\n"
                            "Shape    (1000, 9)            (600, 6)\n"
                            "Count    4 tasks              4 chunks\n"
                            "Type     int32\n") == 0);
    free(text);
    return TG_OK;
}

static tg_status files(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(outputs_share_a_file_and_a_run(ctx));
    TEST_OK(compressed_chunks_are_written_whole(ctx));
    TEST_OK(images_come_back_as_they_were(ctx));
    TEST_OK(bad_outputs_are_refused_before_any_work(ctx));
    TEST_OK(a_failed_run_leaves_no_file(ctx));
    TEST_OK(a_description_is_a_table(ctx));
    printf("all outputs are right\n");
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, files, NULL);
}

//TEST np=1,2,3,4,8 expect="all outputs are right"
