/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Task Bench's workloads by us and in plain MPI, in turns, in the same processes:
 *
 *     mpirun -n 2 build/bin/bench_graph --pattern stencil_1d --width 2 --metg
 *
 *     case=NAME ours_us= mpi_us= ratio=             METG(50%), or with --iterations the time of a
 *                                                   task: wall clock x ranks / tasks
 *         ratio_low= ratio_high=                    quartiles of the ratio over the pairs
 *         build_ns= plan_ns=                        ours, per task, not counted in ours_us
 *
 * Figures are medians over the pairs, the ratio is the median of the pairs' ratios (ours / MPI:
 * below 1 we are faster). What counts as ours is the computation from when all parts of the plan
 * are handed to MPI until all ranks have reported; of MPI from a barrier to a barrier, its lists of
 * messages made before.
 *
 *     workload.c   patterns, kernels, a task and its checks
 *     ours.c       a workload as a task graph
 *     plain.c      a workload in plain MPI
 *     metg.c       the sweep over task sizes
 */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "bench_graph/metg.h"
#include "bench_graph/system.h"
#include "wanted.h"

enum { MAX_PAIRS = 99, NAME = 64, SELECTION = 512, MAX_WIDTH = 4096 };

struct test_case {
    const char *name;
    pattern pattern;
    int width;
};

static const struct test_case cases[] = {
    {"stencil_1d-w2", STENCIL_1D, 2},
    {"stencil_1d-w8", STENCIL_1D, 8},
    {"nearest-w2", NEAREST, 2},
    {"nearest-w8", NEAREST, 8},
    {"fft-w2", FFT, 2},
    {"fft-w8", FFT, 8},
    {"tree-w2", TREE, 2},
    {"tree-w8", TREE, 8},
};
enum { NCASES = sizeof cases / sizeof *cases };

/* Plain bytes: rank 0 reads the command line and hands it to all. */
struct options {
    workload w;
    char wanted[SELECTION]; /* names of cases with commas; "": those of the patterns and widths */
    bool one;               /* --pattern or --width: not a standard case */
    bool metg, points, ready;
    bool wrong; /* a word of the command line was refused */
    bool ours, mpi;
    int pairs, repeat;
};

/* Filled by the parser on rank 0, the same on all ranks before anything is measured. */
static struct options options = {
    .w = {.steps = 1000,
          .width = 2,
          .output = 16,
          .iterations = 64,
          .pattern = STENCIL_1D,
          .radius = 2},
    .ours = true,
    .mpi = true,
    .pairs = 9,
    .repeat = 7,
};

/* One system's sweep or run, in the hands of tg_run's function while it runs. */
struct turn {
    const workload *w;
    void *scratch; /* of the kernel alone */
    plain *plain;
    tg_ctx *ctx;
    metg sweep;
    timing last;
    double figure; /* seconds of a task; with --metg iterations of one */
};

static struct turn *current; /* what lead() works on: tg_run hands nothing through */

static tg_status measure_ours(void *self, uint32_t iterations, double *seconds, double *rate)
{
    tg_status status = TG_OK;
    struct turn *t = self;
    workload w = *t->w;
    double again;

    w.iterations = iterations;
    TG_TRY(ours_rate(t->ctx, &w, rate));
    TG_TRY(ours_run(t->ctx, &w, &t->last));
    TG_TRY(ours_rate(t->ctx, &w, &again));
    *rate = fmax(*rate, again);
    *seconds = t->last.run;
out:
    return status;
}

static double rate_of_ranks(const struct turn *t)
{
    double rate;

    MPI_Barrier(MPI_COMM_WORLD);
    rate = metg_rate(t->w, t->scratch);
    MPI_Allreduce(MPI_IN_PLACE, &rate, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return rate;
}

static tg_status measure_plain(void *self, uint32_t iterations, double *seconds, double *rate)
{
    struct turn *t = self;
    const double before = rate_of_ranks(t);

    if (!plain_run(t->plain, iterations, &t->last))
        return tg_fail(TG_ETASK, "plain MPI: an input is not what was asked for");
    *rate = fmax(before, rate_of_ranks(t));
    *seconds = t->last.run;
    return TG_OK;
}

static tg_status take_turn(struct turn *t)
{
    tg_status status = TG_OK;
    double best = INFINITY;

    if (options.metg)
        return metg_sweep(&t->sweep, &t->figure);
    for (int i = 0; i < options.repeat; i++) {
        double seconds, rate;

        TG_TRY(t->sweep.measure(t, options.w.iterations, &seconds, &rate));
        best = fmin(best, seconds);
    }
    t->figure = best / t->sweep.ntasks;
out:
    return status;
}

/* Rank 0 inside tg_run. */
static tg_status lead(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    current->ctx = ctx;
    return take_turn(current);
}

static bool turn_of_ours(struct turn *t, int argc, char **argv, const tg_app *app)
{
    current = t;
    return tg_run(argc, argv, lead, app) == EXIT_SUCCESS;
}

static bool turn_of_plain(struct turn *t)
{
    tg_status status = take_turn(t);
    int rank;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (status != TG_OK && rank == 0)
        fprintf(stderr, "bench_graph: %s\n", tg_message());
    return status == TG_OK;
}

enum { OURS, PLAIN, RATIO, BUILD, PLAN, NFIGURES };

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The value below which a part of the values lie. */
static double quantile(double *values, int n, double part)
{
    const double at = part * (n - 1);
    const int i = (int)at, next = i + 1 < n ? i + 1 : i;

    qsort(values, (size_t)n, sizeof *values, ascending);
    return values[i] + (at - i) * (values[next] - values[i]);
}

/* `npairs`: those in which both systems reached the efficiency asked for. */
static void print_case(const char *name, double figures[NFIGURES][MAX_PAIRS], int npairs)
{
    const int n = npairs;

    printf("case=%s", name);
    if (options.ours)
        printf(" ours_us=%.3f", 1e6 * quantile(figures[OURS], n, 0.5));
    if (options.mpi)
        printf(" mpi_us=%.3f", 1e6 * quantile(figures[PLAIN], n, 0.5));
    if (options.ours && options.mpi)
        printf(" ratio=%.3f ratio_low=%.3f ratio_high=%.3f", quantile(figures[RATIO], n, 0.5),
               quantile(figures[RATIO], n, 0.25), quantile(figures[RATIO], n, 0.75));
    if (options.ours)
        printf(" build_ns=%.0f plan_ns=%.0f", 1e9 * quantile(figures[BUILD], n, 0.5),
               1e9 * quantile(figures[PLAN], n, 0.5));
    printf(" metg=%s kernel=%s steps=%d pairs=%d\n", options.metg ? "50%" : "no",
           kernel_names[options.w.kernel], options.w.steps, n);
    fflush(stdout);
}

/* Keep the figures of a pair, unless a system never reached the efficiency. Rank 0. */
static void keep_pair(const struct turn *ours, const struct turn *mpi, int *npairs,
                      double figures[NFIGURES][MAX_PAIRS])
{
    const double ntasks = (double)workload_ntasks(ours->w);
    const double rate = fmax(ours->sweep.rate, mpi->sweep.rate);
    const double unit = options.metg ? 2 / rate : 1; /* half of the time is the kernel's */
    const int n = *npairs;

    if ((options.ours && isinf(ours->figure)) || (options.mpi && isinf(mpi->figure))) {
        fprintf(stderr, "bench_graph: no task was large enough: a pair is left out\n");
        return;
    }
    figures[OURS][n] = unit * ours->figure;
    figures[PLAIN][n] = unit * mpi->figure;
    figures[RATIO][n] = ours->figure / mpi->figure;
    figures[BUILD][n] = ours->last.build / ntasks;
    figures[PLAN][n] = ours->last.plan / ntasks;
    ++*npairs;
}

static bool run_pairs(struct turn *ours, struct turn *mpi, int argc, char **argv, const tg_app *app,
                      int *npairs, double figures[NFIGURES][MAX_PAIRS])
{
    bool fine = true;
    int rank;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int i = 0; i < options.pairs && fine; i++) {
        for (int k = 0; k < 2 && fine; k++) {
            const bool first = k == (i & 1); /* who begins changes from pair to pair */

            if (first && options.ours)
                fine = turn_of_ours(ours, argc, argv, app);
            else if (!first && options.mpi)
                fine = turn_of_plain(mpi);
        }
        if (rank == 0 && fine)
            keep_pair(ours, mpi, npairs, figures);
    }
    return fine;
}

static bool run_case(const char *name, const workload *w, int argc, char **argv, const tg_app *app)
{
    static double figures[NFIGURES][MAX_PAIRS];
    int rank, nranks, npairs = 0;
    void *scratch = calloc(1, SCRATCH);
    struct turn ours = {.w = w, .scratch = scratch}, mpi = {.w = w, .scratch = scratch};
    bool fine;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &nranks);
    ours.sweep = (metg){.measure = measure_ours,
                        .self = &ours,
                        .ntasks = (double)workload_ntasks(w) / nranks,
                        .repeat = options.repeat,
                        .first = 64,
                        .name = options.points && rank == 0 ? "ours" : NULL};
    mpi.sweep = ours.sweep;
    mpi.sweep.measure = measure_plain;
    mpi.sweep.self = &mpi;
    mpi.sweep.name = options.points && rank == 0 ? "mpi" : NULL;
    mpi.plain = plain_create(w);
    fine = mpi.plain && scratch && run_pairs(&ours, &mpi, argc, argv, app, &npairs, figures);
    if (npairs > 0)
        print_case(name, figures, npairs);
    plain_destroy(mpi.plain);
    free(scratch);
    return fine;
}

enum {
    PATTERN = 1,
    WIDTH,
    STEPS,
    RADIUS,
    OUTPUT,
    KERNEL,
    ITERATIONS,
    METG,
    PAIRS,
    REPEAT,
    SYSTEM,
    CASE,
    POINTS
};

static const struct argp_option option_table[] = {
    {"case", CASE, "A,B", 0,
     "Standard cases: stencil_1d, nearest, fft or tree with -w2 or -w8; all without --pattern and "
     "--width",
     0},
    {"pattern", PATTERN, "NAME", 0,
     "trivial, no_comm, stencil_1d (default), nearest, spread, fft, tree, random_nearest", 0},
    {"width", WIDTH, "N", 0, "Columns (2)", 0},
    {"steps", STEPS, "N", 0, "Steps (1000)", 0},
    {"radius", RADIUS, "N", 0, "Of nearest, spread and random_nearest (2: five inputs)", 0},
    {"output", OUTPUT, "BYTES", 0, "Of each task (16)", 0},
    {"kernel", KERNEL, "KIND", 0, "compute (default), memory, empty", 0},
    {"iterations", ITERATIONS, "N", 0, "Of the kernel in each task, without --metg (64)", 0},
    {"metg", METG, NULL, 0, "Sweep over iterations for METG(50%)", 0},
    {"pairs", PAIRS, "N", 0, "Pairs of which the median counts (9)", 0},
    {"repeat", REPEAT, "N", 0, "Runs in a row of which the fastest counts (7)", 0},
    {"system", SYSTEM, "NAME", 0, "both (default), ours, mpi", 0},
    {"points", POINTS, NULL, 0, "Print every size of the sweeps on standard error", 0},
    {0},
};

/* Inside tg_run argp_error returns: the parser says so in turn. */
#define refuse(state, ...) (options.wrong = true, argp_error((state), __VA_ARGS__))

static int number(struct argp_state *state, const char *text, int least, int most)
{
    char *end;
    const long value = strtol(text, &end, 10);

    if (end == text || *end || value < least || value > most)
        refuse(state, "'%s' is not a number from %d to %d", text, least, most);
    return (int)value;
}

static uint8_t word(struct argp_state *state, const char *text, const char *const *names, int n)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], text))
            return (uint8_t)i;
    refuse(state, "'%s' is not known (--help tells the names)", text);
    return 0;
}

static void choose_system(struct argp_state *state, const char *arg)
{
    static const char *const names[] = {"both", "ours", "mpi"};
    const int system = word(state, arg, names, 3);

    options.ours = system != 2;
    options.mpi = system != 1;
}

static error_t set(int key, char *arg, struct argp_state *state)
{
    workload *w = &options.w;

    switch (key) {
    case CASE:
        snprintf(options.wanted, sizeof options.wanted, "%s", arg);
        return 0;
    case PATTERN:
        w->pattern = word(state, arg, pattern_names, NPATTERNS);
        options.one = true;
        return 0;
    case WIDTH:
        w->width = number(state, arg, 1, MAX_WIDTH);
        options.one = true;
        return 0;
    case STEPS:
        w->steps = number(state, arg, 1, 100000000);
        return 0;
    case RADIUS:
        w->radius = (uint8_t)number(state, arg, 0, MAX_RADIUS);
        return 0;
    case OUTPUT:
        w->output = number(state, arg, sizeof(stamp), 1 << 30);
        return 0;
    case KERNEL:
        w->kernel = word(state, arg, kernel_names, NKERNELS);
        return 0;
    case ITERATIONS:
        w->iterations = (uint32_t)number(state, arg, 0, 1 << 30);
        return 0;
    case METG:
        options.metg = true;
        return 0;
    case PAIRS:
        options.pairs = number(state, arg, 1, MAX_PAIRS);
        return 0;
    case REPEAT:
        options.repeat = number(state, arg, 1, 1000);
        return 0;
    case SYSTEM:
        choose_system(state, arg);
        return 0;
    case POINTS:
        options.points = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const error_t error = set(key, arg, state);

    return error == 0 && options.wrong ? EINVAL : error;
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .doc = "Task Bench's workloads by us and in plain MPI, in turns.\vWhat counts as ours is the "
           "computation, from when all parts of the plan are handed to MPI until all ranks have "
           "reported; building and planning are printed beside it. MPI counts from barrier to "
           "barrier, its lists made before. ratio = ours / MPI.",
};

/* The first tg_run only reads the command line. */
static tg_status say_ready(tg_ctx *ctx, int argc, char **argv)
{
    (void)ctx;
    (void)argv;
    if (argc > 1)
        return tg_fail(TG_EUSAGE, "bench_graph takes options only, not '%s'", argv[1]);
    if (options.metg && options.w.kernel == EMPTY)
        return tg_fail(TG_EUSAGE, "--metg wants a kernel that computes, not --kernel empty");
    options.ready = true;
    return TG_OK;
}

static bool run_all(int argc, char **argv, const tg_app *app)
{
    bool fine = true;
    int known = 0;

    if (options.one && !*options.wanted) {
        char name[NAME];

        snprintf(name, sizeof name, "%s-w%d", pattern_names[options.w.pattern], options.w.width);
        return run_case(name, &options.w, argc, argv, app);
    }
    for (int i = 0; i < NCASES && fine; i++) {
        workload w = options.w;

        if (!bench_wants(options.wanted, cases[i].name))
            continue;
        known++;
        w.pattern = (uint8_t)cases[i].pattern;
        w.width = cases[i].width;
        fine = run_case(cases[i].name, &w, argc, argv, app);
    }
    if (!known)
        fprintf(stderr, "bench_graph: --case %s: no such case\n", options.wanted);
    return fine && known;
}

int main(int argc, char **argv)
{
    const tg_app app = {.argp = &parser};
    int provided, code;
    bool fine = true;

    setenv("TEGULA_PROGRESS", "none", 0);
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    code = tg_run(argc, argv, say_ready, &app);
    MPI_Bcast(&options, sizeof options, MPI_BYTE, 0, MPI_COMM_WORLD);
    if (code == EXIT_SUCCESS && options.ready)
        fine = run_all(argc, argv, &app);
    MPI_Finalize();
    return code != EXIT_SUCCESS ? code : fine ? EXIT_SUCCESS : EXIT_FAILURE;
}
