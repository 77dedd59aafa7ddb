/* SPDX-License-Identifier: BSD-3-Clause */
/* Hand-written loops, each in processes of its own that are started, awaited and timed. */
#include "bench_storage/limit.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libdeflate.h>

enum { BLOCK = 4 << 20 };

int run_read(const char *table, struct run *out)
{
    FILE *file = fopen(table, "r");
    int good = file && fscanf(file, "%1023s %ld %ld %ld %ld", out->path, &out->voxels,
                              &out->volumes, &out->chunk_bytes, &out->npieces) == 5;

    out->piece = good ? calloc((size_t)out->npieces + 1, sizeof *out->piece) : NULL;
    for (int64_t i = 0; good && i < out->npieces; i++)
        good = fscanf(file, "%ld %ld", &out->piece[i].address, &out->piece[i].size) == 2;
    if (file)
        fclose(file);
    if (!good)
        fprintf(stderr, "bench_storage: %s is no table of chunks\n", table);
    return good;
}

int runs_evict(const struct run *runs, int nruns)
{
    int good = 1;

    for (int r = 0; r < nruns; r++) {
        int fd = open(runs[r].path, O_RDONLY);

        good = good && fd >= 0 && fdatasync(fd) == 0 &&
               posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;
        if (fd >= 0)
            close(fd);
    }
    return good;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/** What a process does: part p of n; not 0 where it fails. */
typedef int work(const void *input, int p, int n);

static double in_processes(work *function, const void *input, int n)
{
    double start = now();
    int failed = 0, state = 0;

    for (int p = 0; p < n; p++) {
        pid_t child = fork();

        if (child == 0)
            _exit(function(input, p, n));
        failed |= child < 0;
    }
    for (int p = 0; p < n; p++)
        failed |= wait(&state) < 0 || state != 0;
    return failed ? -1 : now() - start;
}

struct runs {
    const struct run *run;
    int count;
};

static void add_voxel(const int16_t *series, int64_t n, int64_t *sum, int64_t *square)
{
    int64_t s = 0, q = 0;

    for (int64_t t = 0; t < n; t++) {
        s += series[t];
        q += (int32_t)series[t] * series[t];
    }
    *sum += s;
    *square += q;
}

static int sum_run(const struct run *run, int64_t first, int64_t count, int16_t *block,
                   int64_t *sum, int64_t *square)
{
    int fd = open(run->path, O_RDONLY);
    size_t row = (size_t)run->volumes * sizeof *block;
    int64_t step = BLOCK / (int64_t)row;

    for (int64_t v = 0; v < count; v += step) {
        int64_t n = step < count - v ? step : count - v;
        ssize_t size = (ssize_t)((size_t)n * row);

        if (pread(fd, block, (size_t)size, run->piece[0].address + (first + v) * (int64_t)row) !=
            size)
            return 1;
        for (int64_t i = 0; i < n; i++)
            add_voxel(block + i * run->volumes, run->volumes, &sum[v + i], &square[v + i]);
    }
    close(fd);
    return 0;
}

static int sum_part(const void *input, int p, int n)
{
    const struct runs *runs = input;
    int64_t voxels = runs->run[0].voxels, volumes = 0;
    int64_t first = voxels * p / n, count = voxels * (p + 1) / n - first;
    int64_t *sum = calloc((size_t)count, sizeof *sum), *square = calloc((size_t)count, sizeof *sum);
    double *tsnr = calloc((size_t)count, sizeof *tsnr);
    int16_t *block = malloc(BLOCK);

    for (int r = 0; r < runs->count; r++) {
        if (sum_run(&runs->run[r], first, count, block, sum, square))
            return 1;
        volumes += runs->run[r].volumes;
    }
    for (int64_t v = 0; v < count; v++) {
        double mean = (double)sum[v] / (double)volumes;

        tsnr[v] = mean / sqrt((double)square[v] / (double)volumes - mean * mean);
    }
    return tsnr[0] == -1;
}

double limit_two_sums(const struct run *runs, int nruns, int nprocesses)
{
    return in_processes(sum_part, &(struct runs){runs, nruns}, nprocesses);
}

static int inflate_part(const void *input, int p, int n)
{
    const struct runs *runs = input;
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    int64_t at = 0;

    for (int r = 0; r < runs->count; r++) {
        const struct run *run = &runs->run[r];
        int fd = open(run->path, O_RDONLY);
        void *out = malloc((size_t)run->chunk_bytes);

        for (int64_t i = 0; i < run->npieces; i++) {
            size_t size = (size_t)run->piece[i].size;
            void *in;

            if (at++ % n != p)
                continue;
            in = malloc(size);
            if (pread(fd, in, size, run->piece[i].address) != (ssize_t)size ||
                libdeflate_zlib_decompress(inflater, in, size, out, (size_t)run->chunk_bytes,
                                           NULL) != LIBDEFLATE_SUCCESS)
                return 1;
            free(in);
        }
        free(out);
        close(fd);
    }
    return 0;
}

double limit_inflate(const struct run *runs, int nruns, int nprocesses)
{
    return in_processes(inflate_part, &(struct runs){runs, nruns}, nprocesses);
}

void pattern(int64_t chunk, size_t bytes, int16_t *out)
{
    uint64_t state = (uint64_t)chunk * 0x9e3779b97f4a7c15u + 1;

    for (size_t i = 0; i < bytes / sizeof *out; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (int16_t)(1000 + (int)(i & 4095) / 8 + (int)(state >> 59));
    }
}

struct deflating {
    int64_t chunks;
    size_t bytes;
    int level;
};

static int deflate_part(const void *input, int p, int n)
{
    const struct deflating *d = input;
    struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(d->level);
    int16_t *values = malloc(d->bytes);
    char *shuffled = malloc(d->bytes), *out = malloc(d->bytes);

    for (int64_t c = p; c < d->chunks; c += n) {
        pattern(c, d->bytes, values);
        for (size_t i = 0; i < d->bytes / 2; i++) {
            shuffled[i] = (char)values[i];
            shuffled[d->bytes / 2 + i] = (char)(values[i] >> 8);
        }
        if (!libdeflate_zlib_compress(deflater, shuffled, d->bytes, out, d->bytes))
            return 1;
    }
    return 0;
}

double limit_deflate(int64_t chunks, size_t bytes, int level, int nprocesses)
{
    return in_processes(deflate_part, &(struct deflating){chunks, bytes, level}, nprocesses);
}
