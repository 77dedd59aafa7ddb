/* SPDX-License-Identifier: BSD-3-Clause */
/* Results of tens of KiB to MiB, tasks about a millisecond long: some ten to sixty a core. */
#include "bench_place/shapes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

typedef struct load {
    double seconds;
    size_t bytes;
} load;

/* Takes as long as it says by sleeping, which simulators and crowded machines do at no cost. */
static tg_status doze(tg_task *task)
{
    const load *its = tg_task_params(task, NULL);
    const struct timespec time = {.tv_sec = (time_t)its->seconds,
                                  .tv_nsec =
                                      (long)(1e9 * (its->seconds - (double)(time_t)its->seconds))};
    void *out = tg_task_output(task, its->bytes);

    if (!out)
        return TG_ENOMEM;
    memset(out, 1, its->bytes < 8 ? its->bytes : 8);
    nanosleep(&time, NULL);
    return TG_OK;
}

static const double ms = 1e-3;
enum { KIB = 1024 };

/* A task of its own, however equal others are. */
static tg_status add(tg_graph *g, double seconds, size_t bytes, const int64_t *inputs, int ninputs,
                     int64_t *id)
{
    return tg_graph_add(g,
                        &(tg_task_spec){.function = doze,
                                        .name = "task",
                                        .params = &(load){seconds, bytes},
                                        .params_size = sizeof(load),
                                        .inputs = inputs,
                                        .ninputs = ninputs,
                                        .output_bytes = bytes,
                                        .seconds = seconds,
                                        .flags = TG_TASK_IMPURE},
                        id);
}

/* Pairwise to one; `ids` is used up. */
static tg_status reduce(tg_graph *g, int64_t *ids, int64_t n, double seconds, size_t bytes,
                        int64_t *top)
{
    tg_status status = TG_OK;

    for (; n > 1; n = (n + 1) / 2)
        for (int64_t i = 0; i < n / 2 + n % 2; i++) {
            if (2 * i + 1 == n)
                ids[i] = ids[2 * i];
            else
                TG_TRY(add(g, seconds, bytes, &ids[2 * i], 2, &ids[i]));
        }
    *top = ids[0];
out:
    return status;
}

/* Five runs of different length, each in 8 pieces along time; a piece is read and reduced to
 * partial sums, these are combined for each block of voxels, tSNR is taken. */
static tg_status make_tsnr(tg_graph *g, int cores, int64_t *targets, int64_t *ntargets)
{
    static const int volumes[] = {184, 238, 76, 173, 88};
    enum { PIECES = 8, RUNS = 5, MOMENTS = 96 * KIB };
    tg_status status = TG_OK;
    int64_t ids[RUNS * PIECES], id;

    for (int block = 0; block < cores / 4; block++) {
        for (int i = 0; i < RUNS * PIECES; i++) {
            const double share = volumes[i / PIECES] / 152.0;

            TG_TRY(add(g, 3 * ms * share, (size_t)(768 * KIB * share), NULL, 0, &id));
            TG_TRY(add(g, 1 * ms * share, MOMENTS, &id, 1, &ids[i]));
        }
        TG_TRY(reduce(g, ids, RUNS * PIECES, 0.05 * ms, MOMENTS, &id));
        TG_TRY(add(g, 0.1 * ms, 32 * KIB, &id, 1, &targets[(*ntargets)++]));
    }
out:
    return status;
}

/* Five points, 2 x 2 blocks a core. */
static tg_status make_stencil(tg_graph *g, int cores, int64_t *targets, int64_t *ntargets)
{
    tg_status status = TG_OK;
    const int w = (int)lround(2 * sqrt(cores)), steps = cores <= 64 ? 32 : cores <= 1024 ? 16 : 4;
    int64_t *old = malloc(sizeof *old * (size_t)(w * w)), *new = targets, inputs[5];

    TG_NEED(old, TG_ENOMEM, "a grid of %d x %d", w, w);
    for (int s = 0; s < steps; s++) {
        for (int i = 0; i < w * w; i++)
            old[i] = new[i];
        for (int i = 0; i < w * w; i++) {
            int n = 0;

            inputs[n++] = old[i];
            if (i >= w)
                inputs[n++] = old[i - w];
            if (i % w > 0)
                inputs[n++] = old[i - 1];
            if (i % w < w - 1)
                inputs[n++] = old[i + 1];
            if (i + w < w * w)
                inputs[n++] = old[i + w];
            TG_TRY(add(g, ms, 64 * KIB, inputs, s ? n : 0, &new[i]));
        }
    }
    *ntargets = w * w;
out:
    free(old);
    return status;
}

static tg_status make_fft(tg_graph *g, int cores, int64_t *targets, int64_t *ntargets)
{
    tg_status status = TG_OK;
    const int n = cores > 1024 ? cores : 4 * cores;
    int64_t *old = malloc(sizeof *old * (size_t)n);

    TG_NEED(old, TG_ENOMEM, "%d points", n);
    for (int i = 0; i < n; i++)
        TG_TRY(add(g, ms, 64 * KIB, NULL, 0, &targets[i]));
    for (int apart = 1; apart < n; apart *= 2) {
        for (int i = 0; i < n; i++)
            old[i] = targets[i];
        for (int i = 0; i < n; i++)
            TG_TRY(add(g, ms, 64 * KIB, (int64_t[]){old[i], old[i ^ apart]}, 2, &targets[i]));
    }
    *ntargets = n;
out:
    free(old);
    return status;
}

/* Tiles of A and B, all products, each row of products added pairwise. */
static tg_status make_matmul(tg_graph *g, int cores, int64_t *targets, int64_t *ntargets)
{
    tg_status status = TG_OK;
    const int n = cores <= 64 ? 16 : cores <= 1024 ? 32 : 100;
    const size_t tile = 128 * KIB;
    int64_t *a = malloc(sizeof *a * (size_t)(2 * n * n + n)), *b = a + n * n, *row = b + n * n;

    TG_NEED(a, TG_ENOMEM, "%d x %d tiles", n, n);
    for (int i = 0; i < 2 * n * n; i++)
        TG_TRY(add(g, 0.2 * ms, tile, NULL, 0, &a[i]));
    for (int i = 0; i < n * n; i++) {
        for (int k = 0; k < n; k++)
            TG_TRY(add(g, ms, tile, (int64_t[]){a[i / n * n + k], b[k * n + i % n]}, 2, &row[k]));
        TG_TRY(reduce(g, row, n, 0.02 * ms, tile, &targets[i]));
    }
    *ntargets = n * n;
out:
    free(a);
    return status;
}

/* Each task takes three of the layer before, within a sixteenth of its width. */
static tg_status make_random(tg_graph *g, int cores, int64_t *targets, int64_t *ntargets)
{
    tg_status status = TG_OK;
    const int width = 4 * cores, layers = cores > 1024 ? 4 : 16, reach = width / 16;
    uint64_t seed = 1;
    int64_t *old = malloc(sizeof *old * (size_t)width);

    TG_NEED(old, TG_ENOMEM, "a layer of %d", width);
    for (int layer = 0; layer < layers; layer++) {
        for (int i = 0; i < width; i++)
            old[i] = targets[i];
        for (int i = 0; i < width; i++) {
            int64_t inputs[3];
            double seconds;

            for (int k = 0; k < 3; k++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                inputs[k] =
                    old[(i + width + (int)((seed >> 33) % (unsigned)(2 * reach)) - reach) % width];
            }
            seconds = (0.5 + (double)(seed >> 40) / 16777216.0) * ms;
            TG_TRY(add(g, seconds, (size_t)(16 + (seed >> 33) % 112) * KIB, inputs, layer ? 3 : 0,
                       &targets[i]));
        }
    }
    *ntargets = width;
out:
    free(old);
    return status;
}

const shape shapes[] = {
    {"tsnr", make_tsnr},     {"stencil", make_stencil}, {"fft", make_fft},
    {"matmul", make_matmul}, {"random", make_random},   {NULL, NULL},
};

/* Each result is written where it is; a token of that climbs to one, so that rank 0 is no hub. */
static tg_status write_all(shaped *made)
{
    enum { WAYS = 16 };
    tg_status status = TG_OK;
    int64_t *ids = made->targets, n = made->ntargets;

    for (int64_t i = 0; i < n; i++)
        TG_TRY(add(made->graph, 0.05 * ms, 8, &ids[i], 1, &ids[i]));
    for (; n > 1; n = (n + WAYS - 1) / WAYS)
        for (int64_t i = 0; i * WAYS < n; i++)
            TG_TRY(add(made->graph, 0.001 * ms, 8, &ids[i * WAYS],
                       (int)(n - i * WAYS < WAYS ? n - i * WAYS : WAYS), &ids[i]));
    made->ntargets = 1;
out:
    return status;
}

tg_status shaped_create(const shape *kind, int cores, const tg_objects *objects, shaped *out)
{
    enum { MOST_TILES = 10000 };
    tg_status status = TG_OK;

    *out = (shaped){.targets = tg_alloc_array(8 * (int64_t)cores + MOST_TILES, sizeof(int64_t))};
    TG_NEED(out->targets, TG_ENOMEM, "targets for %d cores", cores);
    TG_TRY(tg_graph_new(objects, &out->graph));
    TG_TRY(kind->make(out->graph, cores, out->targets, &out->ntargets));
    TG_TRY(write_all(out));
out:
    return status;
}

void shaped_clear(shaped *made)
{
    tg_graph_destroy(&made->graph);
    tg_free(made->targets);
    *made = (shaped){0};
}
