/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One answer: a random graph of sums that round, whose tasks take times that nobody can foresee,
 * gives the same bytes on one rank and thread, on several of either, and on many. All tests of this
 * file expect the same checksum of all results.
 */
#include <stdlib.h>
#include <time.h>

#include "check.h"

enum { NTASKS = 3000, NTARGETS = 100, MOST_INPUTS = 6, REACH = 150, LENGTH = 40 };

typedef struct mix_params {
    uint64_t seed;
} mix_params;

/* xorshift64 (Marsaglia 2003). */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Between -1 and 1. */
static double next_number(uint64_t *state)
{
    return (double)(int64_t)next_random(state) * 0x1p-63;
}

/* Some tasks dawdle, and not the same ones from run to run. */
static void dawdle(const void *where)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((now.tv_nsec / 64 + (intptr_t)where / 64) % 50 == 0)
        nanosleep(&(struct timespec){.tv_nsec = now.tv_nsec % 1000000}, NULL);
}

/* A sum of the inputs with random weights: any other order would round otherwise. */
static tg_status mix(tg_task *task)
{
    const mix_params *p = tg_task_params(task, NULL);
    double *out = tg_task_output(task, LENGTH * sizeof *out);
    uint64_t state = p->seed;

    if (!out)
        return TG_ENOMEM;
    dawdle(out);
    for (int i = 0; i < LENGTH; i++)
        out[i] = next_number(&state);
    for (int k = 0; k < tg_task_ninputs(task); k++) {
        const double *in = tg_task_input(task, k, NULL);

        for (int i = 0; i < LENGTH; i++)
            out[i] += next_number(&state) * in[(i * 7 + k) % LENGTH];
    }
    return TG_OK;
}

static tg_status add_mix(tg_graph *graph, int64_t number, uint64_t *state)
{
    const mix_params p = {next_random(state)};
    int64_t inputs[MOST_INPUTS], task;
    int n = number > 0 ? 1 + (int)(next_random(state) % MOST_INPUTS) : 0;

    for (int i = 0; i < n; i++)
        inputs[i] = number - 1 -
                    (int64_t)(next_random(state) % (uint64_t)(number < REACH ? number : REACH));
    return tg_graph_add(graph,
                        &(tg_task_spec){.function = mix,
                                        .name = "mix",
                                        .params = &p,
                                        .params_size = sizeof p,
                                        .inputs = inputs,
                                        .ninputs = n,
                                        .output_bytes = LENGTH * sizeof(double)},
                        &task);
}

/* FNV-1a of all bytes of the results. */
static uint64_t checksum(const tg_bytes *results)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (int r = 0; r < NTARGETS; r++)
        for (size_t i = 0; i < results[r].size; i++)
            sum = (sum ^ ((const unsigned char *)results[r].data)[i]) * 0x100000001b3u;
    return sum;
}

static tg_status compute_bits(tg_ctx *ctx, uint64_t *sum)
{
    tg_status status = TG_OK;
    uint64_t state = 20;
    tg_graph *graph = NULL;
    int64_t targets[NTARGETS];
    tg_bytes results[NTARGETS] = {0};

    TG_TRY(tg_graph_create(ctx, &graph));
    for (int64_t t = 0; t < NTASKS; t++)
        TG_TRY(add_mix(graph, t, &state));
    for (int i = 0; i < NTARGETS; i++)
        targets[i] = NTASKS - 1 - i * (NTASKS / NTARGETS);
    TG_TRY(tg_graph_compute(ctx, graph, targets, NTARGETS, results));
    *sum = checksum(results);
out:
    for (int i = 0; i < NTARGETS; i++)
        tg_bytes_free(&results[i]);
    tg_graph_destroy(&graph);
    return status;
}

static tg_status bits(tg_ctx *ctx, int argc, char **argv)
{
    uint64_t sum = 0, again = 0;

    (void)argc;
    (void)argv;
    TEST_OK(compute_bits(ctx, &sum));
    TEST_OK(compute_bits(ctx, &again));
    TEST_CHECK(sum == again);
    printf("checksum %016" PRIx64 "\n", sum);
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, bits, NULL);
}

//TEST np=1,4,64 args="--threads 1" expect="checksum bec6df8760c1bc3f"
//TEST np=1 name=threads4 args="--threads 4" expect="checksum bec6df8760c1bc3f"
//TEST np=2 name=threads2 args="--threads 2" expect="checksum bec6df8760c1bc3f"
