/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Array expressions by us, by a loop written by hand for the case, by NumPy, numexpr and Dask, side
 * by side. Operands lie in memory before, as chunks for us and Dask; results stay where the system
 * keeps them: the ranks' memory, the loop's and NumPy's array.
 *
 *     case=NAME ours_s= loop_s= numpy_s= numexpr_s= dask_s= ratio= peer_ratio=
 *
 * In each turn all take their turn; figures are medians. `ratio` is the loop's time over ours,
 * `peer_ratio` that of the fastest of the others over ours: above 1 we are faster. The loop runs on
 * as many threads as we do, Dask and numexpr on all cores. Our result is compared with the loop's.
 * The loop of a product is OpenBLAS on one thread for each of ours.
 *
 *     bench_arrays [--case A,B] [--repeat R] [--no-peers]
 *
 * and what all programs share, such as --threads.
 */
#include "bench_arrays/case.h"

#include <argp.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_arrays/peer.h"
#include "wanted.h"

enum { MAX_THREADS = 64, MAX_TURNS = 101 };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* One case while it is measured. */
struct bench {
    tg_ctx *ctx;
    const bench_case *which;
    int turns, threads;
    peer *peer;                  /* NULL: none */
    tg_array *x[MAX_OPERANDS];   /* kept by the ranks */
    void *operand[MAX_OPERANDS]; /* the loop's; malloc */
    void *result;                /* the loop's; malloc */
    size_t result_bytes;
    double ours[MAX_TURNS], loop[MAX_TURNS], peers[PEERS][MAX_TURNS];
};

struct part {
    const struct bench *bench;
    int64_t from, to;
    double sum;
};

static void *run_part(void *arg)
{
    struct part *part = arg;
    const struct bench *bench = part->bench;

    part->sum = bench->which->loop(bench->which, (const void *const *)bench->operand, bench->result,
                                   part->from, part->to);
    return NULL;
}

static void run_loop(const struct bench *bench)
{
    struct part parts[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    const int last = bench->threads - 1;
    int64_t units = bench->which->units(bench->which), step = units / bench->threads / 8 * 8;
    double sum = 0;

    for (int t = 0; t <= last; t++) {
        parts[t] = (struct part){bench, t * step, t == last ? units : (t + 1) * step, 0};
        if (t < last)
            pthread_create(&threads[t], NULL, run_part, &parts[t]);
    }
    run_part(&parts[last]);
    for (int t = 0; t <= last; t++) {
        if (t < last)
            pthread_join(threads[t], NULL);
        sum += parts[t].sum;
    }
    if (bench->which->is_scalar)
        *(double *)bench->result = sum * bench->which->scale;
}

/* The result stays with the ranks until `out` is released. */
static tg_status run_ours(const struct bench *bench, tg_array **out)
{
    tg_status status = TG_OK;
    tg_array *result = bench->which->ours(bench->which, bench->x);

    TG_TRY(tg_persist(bench->ctx, result));
    TG_TRY(tg_wait_array(bench->ctx, result));
    *out = result;
out:
    return status;
}

static tg_status take_turn(struct bench *bench, int turn)
{
    tg_status status = TG_OK;
    tg_array *result = NULL;
    double start = now();

    TG_TRY(run_ours(bench, &result));
    bench->ours[turn] = now() - start;
    TG_TRY(tg_release_array(bench->ctx, result));
    start = now();
    run_loop(bench);
    bench->loop[turn] = now() - start;
    for (int i = 0; i < PEERS; i++)
        bench->peers[i][turn] = bench->peer ? peer_turn(bench->peer, i) : NAN;
out:
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

static double element(const void *data, tg_dtype dtype, int64_t i)
{
    if (dtype == TG_FLOAT32)
        return (double)((const float *)data)[i];
    return ((const double *)data)[i];
}

/* Also a first turn, which warms up. */
static tg_status compare(struct bench *bench)
{
    tg_status status = TG_OK;
    tg_array *result = NULL;
    void *ours = malloc(bench->result_bytes);
    double largest = 0, apart = 0;
    int64_t n;

    TG_NEED(ours, TG_ENOMEM, "a result of %zu bytes", bench->result_bytes);
    TG_TRY(run_ours(bench, &result));
    TG_TRY(tg_gather(result, ours, bench->result_bytes));
    n = tg_size(result);
    run_loop(bench);
    for (int64_t i = 0; i < n; i++) {
        double x = element(ours, tg_dtype_of(result), i);
        double y = element(bench->result, tg_dtype_of(result), i);

        largest = fmax(largest, fabs(y));
        apart = isnan(x) ? INFINITY : fmax(apart, fabs(x - y));
    }
    TG_NEED(apart <= bench->which->tolerance * largest, TG_EINTERNAL,
            "%s: our result differs from the loop's by %g", bench->which->name, apart);
    TG_TRY(tg_release_array(bench->ctx, result));
out:
    free(ours);
    return status;
}

static tg_status make_operands(struct bench *bench)
{
    tg_status status = TG_OK;
    const bench_case *which = bench->which;
    tg_array *result;

    for (int k = 0; k < which->noperands; k++) {
        size_t bytes = (size_t)bench_case_size(which) * tg_dtype_size(which->dtype);

        bench->x[k] = bench_operand(bench->ctx, which, k);
        bench->operand[k] = malloc(bytes);
        TG_NEED(bench->operand[k], TG_ENOMEM, "an operand of %zu bytes", bytes);
        TG_TRY(tg_persist(bench->ctx, bench->x[k]));
        TG_TRY(tg_gather(bench->x[k], bench->operand[k], bytes));
    }
    result = which->ours(which, bench->x);
    TG_TRY(tg_array_status(result));
    bench->result_bytes = (size_t)tg_size(result) * tg_dtype_size(tg_dtype_of(result));
    bench->result = calloc(1, bench->result_bytes);
    TG_NEED(bench->result, TG_ENOMEM, "a result of %zu bytes", bench->result_bytes);
    if (bench->peer)
        TG_TRY(peer_prepare(bench->peer, which));
out:
    return status;
}

static tg_status release_operands(struct bench *bench)
{
    tg_status status = TG_OK;

    for (int k = 0; k < MAX_OPERANDS; k++) {
        free(bench->operand[k]);
        bench->operand[k] = NULL;
        if (bench->x[k])
            TG_TRY(tg_release_array(bench->ctx, bench->x[k]));
        bench->x[k] = NULL;
    }
out:
    free(bench->result);
    bench->result = NULL;
    return status;
}

static void report(struct bench *bench)
{
    double ours = median(bench->ours, bench->turns), loop = median(bench->loop, bench->turns);
    double best = INFINITY;

    printf("case=%s ours_s=%.4f loop_s=%.4f", bench->which->name, ours, loop);
    for (int i = 0; i < PEERS; i++) {
        double seconds = median(bench->peers[i], bench->turns);

        if (!isnan(seconds))
            printf(" %s_s=%.4f", peer_names[i], seconds);
        best = fmin(best, seconds);
    }
    printf(" ratio=%.2f", loop / ours);
    if (isfinite(best))
        printf(" peer_ratio=%.2f", best / ours);
    printf("\n");
    fflush(stdout);
}

static tg_status run_case(struct bench *bench)
{
    tg_status status = TG_OK;

    TG_TRY(make_operands(bench));
    TG_TRY(compare(bench));
    for (int turn = 0; turn < bench->turns; turn++)
        TG_TRY(take_turn(bench, turn));
    report(bench);
out:
    if (status == TG_OK)
        return release_operands(bench);
    return status;
}

enum { SIZES = 3 };

/*
 * The same sum of random numbers in chunks of three sizes; `ratio` is the fastest over the smallest
 * chunks: what many tasks cost.
 */
static tg_status run_sizes(struct bench *bench)
{
    static const int sizes[SIZES] = {500, 200, 50};
    tg_status status = TG_OK;
    const int64_t shape[3] = {500, 500, 500};
    double seconds[SIZES][MAX_TURNS], best = INFINITY;
    int64_t sum[SIZES];
    char chunks[64];

    for (int turn = 0; turn < bench->turns; turn++)
        for (int i = 0; i < SIZES; i++) {
            double start = now();

            snprintf(chunks, sizeof chunks, "%d,%d,%d", sizes[i], sizes[i], sizes[i]);
            TG_TRY(tg_gather(tg_sum(tg_random_integers(bench->ctx, (uint64_t)turn, 0, 0, 100,
                                                       TG_INT64, 3, shape, chunks),
                                    TG_ALL_AXES),
                             &sum[i], sizeof sum[i]));
            seconds[i][turn] = now() - start;
            TG_NEED(sum[i] == sum[0], TG_EINTERNAL, "chunks of %d have another sum", sizes[i]);
        }
    printf("case=random_chunks");
    for (int i = 0; i < SIZES; i++) {
        double took = median(seconds[i], bench->turns);

        printf(" chunks%d_s=%.4f", sizes[i], took);
        best = fmin(best, took);
    }
    printf(" ratio=%.2f\n", best / median(seconds[SIZES - 1], bench->turns));
    fflush(stdout);
out:
    return status;
}

static struct options {
    const char *wanted;
    int repeat;
    bool no_peers;
} options = {.repeat = 5};

static const struct argp_option option_table[] = {
    {"case", 'c', "A,B", 0, "these cases only", 0},
    {"repeat", 'r', "N", 0, "turns (default 5)", 0},
    {"no-peers", 'p', NULL, 0, "only the loop beside us", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)state;
    switch (key) {
    case 'c':
        options.wanted = arg;
        return 0;
    case 'r':
        options.repeat = atoi(arg);
        return 0;
    case 'p':
        options.no_peers = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .doc = "Time array expressions against a loop by hand, NumPy, numexpr and Dask.",
};

static tg_status run(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    peer python = {0};
    static struct bench bench;

    bench.ctx = ctx;
    bench.turns = options.repeat;
    bench.threads = tg_nthreads(ctx) * tg_nranks(ctx);
    TG_NEED(argc == 1 && bench.turns > 0 && bench.turns <= MAX_TURNS &&
                bench.threads <= MAX_THREADS,
            TG_EUSAGE, "%s takes options only, at most %d turns and %d threads", argv[0], MAX_TURNS,
            MAX_THREADS);
    if (!options.no_peers) {
        TG_TRY(peer_start(&python));
        bench.peer = &python;
    }
    for (int i = 0; i < bench_ncases; i++) {
        bench.which = &bench_cases[i];
        if (bench_wants(options.wanted, bench.which->name))
            TG_TRY(run_case(&bench));
    }
    if (bench_wants(options.wanted, "random_chunks"))
        TG_TRY(run_sizes(&bench));
out:
    peer_stop(&python);
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, run, &(tg_app){.argp = &parser});
}
