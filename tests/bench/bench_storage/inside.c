/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cases as programs of the library. System calls that read are counted by functions of their
 * names in this program, which the dynamic linker finds before the C library's: so all reads of the
 * HDF5 library and of ours are seen, with the time of the first one of a rank.
 */
#include "bench_storage/inside.h"

#include <dlfcn.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/tegula.h>
#include <time.h>
#include <unistd.h>

#include "bench_storage/limit.h"

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time); /* compared between ranks of one host */
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* What this rank has read; written by its one thread only. */
static struct {
    int64_t reads;
    double first; /* when */
} counted;

typedef ssize_t pread_function(int, void *, size_t, off_t);

static ssize_t count_pread(int fd, void *buffer, size_t size, off_t offset)
{
    pread_function *real = (pread_function *)dlsym(RTLD_NEXT, "pread");

    if (counted.reads++ == 0)
        counted.first = now();
    return real(fd, buffer, size, offset);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    return count_pread(fd, buffer, size, offset);
}

ssize_t pread64(int fd, void *buffer, size_t size, off_t offset)
{
    return count_pread(fd, buffer, size, offset);
}

static tg_status fill(tg_task *task)
{
    tg_status status = TG_OK;
    const int64_t *what = tg_task_input(task, 0, NULL); /* chunk, bytes, pattern or not */
    void *out = tg_task_output(task, (size_t)what[1]);

    TG_NEED(out, TG_ENOMEM, "a chunk");
    if (what[2])
        pattern(what[0], (size_t)what[1], out);
    else
        memset(out, (int)what[0], (size_t)what[1]);
out:
    return status;
}

static tg_array *filled(tg_ctx *ctx, int64_t chunks, int64_t bytes, bool patterned)
{
    tg_array **part = tg_ctx_alloc(ctx, (size_t)chunks * sizeof(tg_array *));

    for (int64_t c = 0; c < chunks; c++) {
        int64_t what[] = {c, bytes, patterned};
        tg_delayed *made = tg_delay(ctx, fill, tg_value_bytes(ctx, what, sizeof what));

        part[c] = tg_array_from_delayed(ctx, made, TG_INT16, 2, (int64_t[]){1, bytes / 2});
    }
    return tg_concatenate(part, (int)chunks, 0);
}

static tg_status write_case(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    double start = now();

    (void)argc;
    TG_TRY(tg_store(filled(ctx, WRITE_CHUNKS, WRITE_CHUNK, false), argv[0], "/d", NULL));
    printf("seconds %.6f\n", now() - start);
out:
    return status;
}

static tg_status deflate_case(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    char chunks[32];
    tg_store_options how = {.deflate = DEFLATE_LEVEL, .shuffle = true, .chunks = chunks};
    double start = now();

    (void)argc;
    snprintf(chunks, sizeof chunks, "1,%d", DEFLATE_CHUNK / 2);
    TG_TRY(tg_store(filled(ctx, DEFLATE_CHUNKS, DEFLATE_CHUNK, true), argv[0], "/d", &how));
    printf("seconds %.6f\n", now() - start);
out:
    return status;
}

static tg_status open_case(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    double start = now(), opened;
    int64_t reads, sum = 0;
    tg_array *a;

    (void)argc;
    counted.reads = 0;
    a = tg_open(ctx, argv[0], NULL);
    TG_TRY(tg_array_status(a));
    opened = now() - start;
    reads = counted.reads;
    counted.reads = 0;
    TG_TRY(tg_gather(tg_sum(a, TG_ALL_AXES), &sum, sizeof sum));
    printf("start %.6f\nopen %.6f\nmetadata_reads %ld\nsum %ld\n", start, opened, (long)reads,
           (long)sum);
out:
    return status;
}

/* The earliest read of data on any rank, and how many reads of data there were. */
static void tell_reads(void)
{
    double mine = counted.reads ? counted.first : 1e300, first = 0;
    long reads = (long)counted.reads, all = 0;
    int rank = 0;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Reduce(&mine, &first, 1, MPI_DOUBLE, MPI_MIN, 0, MPI_COMM_WORLD);
    MPI_Reduce(&reads, &all, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("first %.6f\ndata_reads %ld\n", first, all);
}

int inside(const char *name, const char *path, int argc, char **argv)
{
    tg_main *function = strcmp(name, "write") == 0           ? write_case
                        : strcmp(name, "write-deflate") == 0 ? deflate_case
                                                             : open_case;
    char *words[] = {argv[0], NULL};
    int status, provided;

    (void)argc;
    (void)path;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    counted.reads = 0;
    words[0] = (char *)path; /* argv[0] of the program is its file */
    status = tg_run(1, words, function, NULL);
    if (function == open_case)
        tell_reads();
    MPI_Finalize();
    return status;
}
