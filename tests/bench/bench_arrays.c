/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Array expressions by us, by a loop written by hand for the case, by NumPy, numexpr and Dask, side
 * by side. Operands lie in memory before; each figure is the fastest of several turns.
 *
 *     case=NAME ours_s= loop_s= numpy_s= numexpr_s= dask_s= ratio= peer_ratio=
 *
 * `ratio` is the loop's time over ours, `peer_ratio` that of the fastest of the others over ours:
 * above 1 we are faster. The loop runs on as many threads as we do, Dask and
 * numexpr on all cores. Results are compared first.
 *
 *     bench_arrays [--case A,B] [--n ELEMENTS] [--repeat R] [--no-peers]
 *
 * and what all programs share, such as --threads. The peers' program lies beside this source.
 */
#include <argp.h>
#include <libgen.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tegula/tegula.h>

enum { MAX_THREADS = 64, PEERS = 3 };

static const char *const peer_names[PEERS] = {"numpy", "numexpr", "dask"};

struct bench {
    tg_ctx *ctx;
    int64_t n;
    int repeat, threads;
    double *a, *b, *c; /* the loop's operands */
    tg_array *x, *y, *z;
};

/* One case: ours and what one thread does with its part. */
struct test_case {
    const char *name;
    tg_array *(*ours)(const struct bench *bench);
    double (*loop)(const struct bench *bench, int64_t from, int64_t to);
    bool is_mean;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- cases ---- */

static tg_array *fused_mean(const struct bench *bench)
{
    return tg_mean(tg_add(tg_multiply(bench->x, bench->y), bench->z), TG_ALL_AXES);
}

static double fused_mean_loop(const struct bench *bench, int64_t from, int64_t to)
{
    double sum[8] = {0};

    for (int64_t i = from; i + 8 <= to; i += 8)
        for (int l = 0; l < 8; l++)
            sum[l] += bench->a[i + l] * bench->b[i + l] + bench->c[i + l];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static tg_array *sine_sum(const struct bench *bench)
{
    tg_array *two = tg_int(bench->ctx, 2);

    return tg_sum(tg_add(tg_power(tg_sin(bench->x), two), tg_power(tg_cos(bench->x), two)),
                  TG_ALL_AXES);
}

static double sine_sum_loop(const struct bench *bench, int64_t from, int64_t to)
{
    double sum = 0;

    for (int64_t i = from; i < to; i++) {
        double s = sin(bench->a[i]), c = cos(bench->a[i]);

        sum += s * s + c * c;
    }
    return sum;
}

static const struct test_case cases[] = {
    {"muladd_mean", fused_mean, fused_mean_loop, true},
    {"sincos_sum", sine_sum, sine_sum_loop, false},
};

/* ---- the loop on threads ---- */

struct part {
    const struct bench *bench;
    const struct test_case *which;
    int64_t from, to;
    double result;
};

static void *run_part(void *arg)
{
    struct part *part = arg;

    part->result = part->which->loop(part->bench, part->from, part->to);
    return NULL;
}

static double run_loop(const struct bench *bench, const struct test_case *which)
{
    struct part parts[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    int64_t step = bench->n / bench->threads / 8 * 8;
    double sum = 0;

    for (int t = 0; t < bench->threads; t++) {
        parts[t] = (struct part){bench, which, t * step, (t + 1) * step, 0};
        if (t == bench->threads - 1)
            parts[t].to = bench->n;
        else
            pthread_create(&threads[t], NULL, run_part, &parts[t]);
    }
    run_part(&parts[bench->threads - 1]);
    for (int t = 0; t < bench->threads; t++) {
        if (t < bench->threads - 1)
            pthread_join(threads[t], NULL);
        sum += parts[t].result;
    }
    return which->is_mean ? sum / (double)bench->n : sum;
}

/* ---- running ---- */

static tg_status time_ours(const struct bench *bench, const struct test_case *which,
                           double *seconds, double *result)
{
    tg_status status = TG_OK;

    *seconds = INFINITY;
    for (int r = 0; r < bench->repeat; r++) {
        double start = now();

        TG_TRY(tg_gather(which->ours(bench), result, sizeof *result));
        *seconds = fmin(*seconds, now() - start);
    }
out:
    return status;
}

static double time_loop(const struct bench *bench, const struct test_case *which, double *result)
{
    double seconds = INFINITY;

    for (int r = 0; r < bench->repeat; r++) {
        double start = now();

        *result = run_loop(bench, which);
        seconds = fmin(seconds, now() - start);
    }
    return seconds;
}

/* Lines "NAME SECONDS RESULT" of the peers' program; NaN for who is not there. */
static void time_peers(const struct bench *bench, const struct test_case *which, double *seconds)
{
    char source[] = __FILE__, command[1200], line[256], name[64];
    double took, result;
    FILE *out;

    for (int i = 0; i < PEERS; i++)
        seconds[i] = NAN;
    snprintf(command, sizeof command, "/usr/bin/python3 %s/peers/arrays.py %s %lld %d",
             dirname(source), which->name, (long long)bench->n, bench->repeat);
    out = popen(command, "r");
    while (out && fgets(line, sizeof line, out))
        if (sscanf(line, "%63s %lf %lf", name, &took, &result) == 3)
            for (int i = 0; i < PEERS; i++)
                if (strcmp(name, peer_names[i]) == 0)
                    seconds[i] = took;
    if (out)
        pclose(out);
}

static tg_status run_case(const struct bench *bench, const struct test_case *which, bool peers)
{
    tg_status status = TG_OK;
    double ours = 0, loop = 0, result = 0, expected = 0, seconds[PEERS] = {NAN, NAN, NAN};
    double best = INFINITY;

    TG_TRY(time_ours(bench, which, &ours, &result));
    loop = time_loop(bench, which, &expected);
    TG_NEED(fabs(result - expected) <= 1e-9 * fabs(expected), TG_EINTERNAL, "%s: %.17g, not %.17g",
            which->name, result, expected);
    if (peers)
        time_peers(bench, which, seconds);
    printf("case=%s ours_s=%.4f loop_s=%.4f", which->name, ours, loop);
    for (int i = 0; i < PEERS; i++) {
        printf(" %s_s=%.4f", peer_names[i], seconds[i]);
        best = fmin(best, seconds[i]);
    }
    printf(" ratio=%.2f peer_ratio=%.2f\n", loop / ours, best / ours);
    fflush(stdout);
out:
    return status;
}

static tg_status prepare(struct bench *bench)
{
    tg_status status = TG_OK;
    const size_t bytes = (size_t)bench->n * sizeof(double);
    tg_array *made[3];

    for (int i = 0; i < 3; i++)
        made[i] = tg_linspace(bench->ctx, i, 1000 + i, bench->n, true, TG_FLOAT64, "auto", NULL);
    bench->x = made[0];
    bench->y = made[1];
    bench->z = made[2];
    bench->a = malloc(bytes);
    bench->b = malloc(bytes);
    bench->c = malloc(bytes);
    TG_NEED(bench->a && bench->b && bench->c, TG_ENOMEM, "3 arrays of %zu bytes", bytes);
    TG_TRY(tg_gather(bench->x, bench->a, bytes));
    TG_TRY(tg_gather(bench->y, bench->b, bytes));
    TG_TRY(tg_gather(bench->z, bench->c, bytes));
    for (int i = 0; i < 3; i++) {
        TG_TRY(tg_persist(bench->ctx, made[i]));
        TG_TRY(tg_wait_array(bench->ctx, made[i]));
    }
out:
    return status;
}

/* ---- options ---- */

static struct options {
    const char *wanted;
    int64_t n;
    int repeat;
    bool no_peers;
} options = {.n = 1 << 25, .repeat = 5};

static const struct argp_option option_table[] = {
    {"case", 'c', "A,B", 0, "these cases only", 0},
    {"n", 'n', "N", 0, "elements of an operand (default 2^25)", 0},
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
    case 'n':
        options.n = atoll(arg);
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
    struct bench bench = {.ctx = ctx,
                          .n = options.n,
                          .repeat = options.repeat,
                          .threads = tg_nthreads(ctx) * tg_nranks(ctx)};

    TG_NEED(argc == 1 && bench.n > 0 && bench.repeat > 0 && bench.threads <= MAX_THREADS, TG_EUSAGE,
            "%s takes options only, and at most %d threads", argv[0], MAX_THREADS);
    TG_TRY(prepare(&bench));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!options.wanted || strstr(options.wanted, cases[i].name))
            TG_TRY(run_case(&bench, &cases[i], !options.no_peers));
out:
    free(bench.a);
    free(bench.b);
    free(bench.c);
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, run, &(tg_app){.argp = &parser});
}
