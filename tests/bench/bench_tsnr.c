/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The lesson's tSNR by us, by NumPy and by Dask, side by side: five runs read, joined, three maps
 * written. All take turns, each figure is the median over the turns, files are in the page cache.
 *
 *     case=NAME ours_s= numpy_s= dask_s= ratio=     whole programs, from start to end
 *         ours_work_s= numpy_work_s= dask_work_s= work_ratio=
 *                                                   as they say themselves, without starting
 *                                                   MPI or Python and imports
 *
 * A ratio is the faster peer's time over ours: above 1 we are faster. Before any timing the maps of
 * all three are compared. Dask runs with whichever of its schedulers, threads or processes, was
 * faster in that first run.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wanted.h"

extern char **environ;

enum { NRUNS = 5, MAX_WORDS = 24, MAX_REPEAT = 99, PATH_SIZE = 1024 };

/* How the sample runs are stored. */
struct test_case {
    const char *name, *ending;
    const char *options[8]; /* of sample_app, NULL at the end */
};

static const struct test_case cases[] = {
    {"contiguous", "h5", {NULL}},
    {"deflate", "h5", {"--deflate", "4", "--shuffle", "--chunks", "16,16,30,-1", NULL}},
    {"niigz", "nii.gz", {"--format", "nii.gz", NULL}},
};
enum { NCASES = sizeof cases / sizeof *cases };

enum { OURS, NUMPY, DASK, NPROGRAMS };

struct bench {
    const char *wanted; /* names of cases with commas; NULL: all */
    const char *ranks;
    const char *folder; /* of the runs; NULL: beside the programs */
    int repeat;
    char bin[PATH_SIZE], peers[PATH_SIZE], data[PATH_SIZE];
};

struct timing {
    double whole, work; /* seconds */
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The number after "seconds" at the start of a line; 0 when there is none. */
static double said_seconds(FILE *out)
{
    char line[512];
    double seconds = 0;

    while (fgets(line, sizeof line, out))
        sscanf(line, "seconds %lf", &seconds);
    return seconds;
}

/* Run a program to its end, its stdout read by us. False, said on stderr, when it fails. */
static bool run(char *const *words, struct timing *timing)
{
    posix_spawn_file_actions_t actions;
    int ends[2], wait_status = -1;
    double start = now();
    pid_t child;

    if (pipe2(ends, O_CLOEXEC))
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int error = posix_spawnp(&child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    timing->work = out ? said_seconds(out) : 0;
    if (out)
        fclose(out);
    if (!error)
        waitpid(child, &wait_status, 0);
    timing->whole = now() - start;
    if (error || wait_status != 0)
        fprintf(stderr, "bench_tsnr: %s %s failed\n", words[0], words[1]);
    return !error && wait_status == 0;
}

/* Words of a command, and room for the texts made for it. */
struct command {
    char *words[MAX_WORDS];
    char texts[12][2 * PATH_SIZE];
    int nwords, ntexts;
};

static void add_word(struct command *command, const char *word)
{
    command->words[command->nwords++] = (char *)word;
    command->words[command->nwords] = NULL;
}

__attribute__((format(printf, 2, 3))) static void add_text(struct command *command,
                                                           const char *format, ...)
{
    char *text = command->texts[command->ntexts++];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof command->texts[0], format, arguments);
    va_end(arguments);
    add_word(command, text);
}

static void add_runs(struct command *command, const struct bench *bench,
                     const struct test_case *its)
{
    for (int i = 1; i <= NRUNS; i++)
        add_text(command, "%s/%s/run-%d.%s", bench->data, its->name, i, its->ending);
}

static bool run_program(const struct bench *bench, const struct test_case *its, int program,
                        const char *scheduler, struct timing *timing)
{
    struct command command = {.nwords = 0};

    if (program == OURS) {
        add_word(&command, "mpirun");
        add_word(&command, "--oversubscribe");
        add_word(&command, "-n");
        add_word(&command, bench->ranks);
        add_text(&command, "%s/tsnr_app", bench->bin);
        add_runs(&command, bench, its);
        add_word(&command, "-o");
        add_text(&command, "%s/ours.h5", bench->data);
    } else {
        const char *name = program == NUMPY ? "numpy" : "dask";

        add_word(&command, "/usr/bin/python3");
        add_text(&command, "%s/tsnr_%s.py", bench->peers, name);
        if (program == DASK)
            add_word(&command, scheduler);
        add_text(&command, "%s/%s.h5", bench->data, name);
        add_runs(&command, bench, its);
    }
    return run(command.words, timing);
}

static bool same_maps(const struct bench *bench, const char *peer)
{
    struct command command = {.nwords = 0};

    add_word(&command, "/usr/bin/python3");
    add_text(&command, "%s/compare_maps.py", bench->peers);
    add_text(&command, "%s/ours.h5", bench->data);
    add_text(&command, "%s/%s.h5", bench->data, peer);
    return run(command.words, &(struct timing){0});
}

/* The runs, unless an earlier bench has left them. */
static bool make_runs(const struct bench *bench, const struct test_case *its)
{
    char folder[2 * PATH_SIZE], last[3 * PATH_SIZE];
    struct command command = {.nwords = 0};

    snprintf(folder, sizeof folder, "%s/%s", bench->data, its->name);
    snprintf(last, sizeof last, "%s/truth.h5", folder);
    if (!access(last, R_OK))
        return true;
    add_word(&command, "mpirun");
    add_word(&command, "--oversubscribe");
    add_word(&command, "-n");
    add_word(&command, bench->ranks);
    add_text(&command, "%s/sample_app", bench->bin);
    for (int i = 0; its->options[i]; i++)
        add_word(&command, its->options[i]);
    add_word(&command, folder);
    return run(command.words, &(struct timing){0});
}

/* Run everything once: files get into the page cache, maps are compared, a scheduler is chosen. */
static bool warm_up(const struct bench *bench, const struct test_case *its, const char **scheduler)
{
    struct timing threads, processes, other;

    if (!make_runs(bench, its) || !run_program(bench, its, OURS, NULL, &other) ||
        !run_program(bench, its, NUMPY, NULL, &other) ||
        !run_program(bench, its, DASK, "processes", &processes) ||
        !run_program(bench, its, DASK, "threads", &threads))
        return false;
    *scheduler = threads.whole <= processes.whole ? "threads" : "processes";
    return same_maps(bench, "numpy") && same_maps(bench, "dask");
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static bool run_case(const struct bench *bench, const struct test_case *its)
{
    double whole[NPROGRAMS][MAX_REPEAT], work[NPROGRAMS][MAX_REPEAT];
    double w[NPROGRAMS], k[NPROGRAMS];
    const char *scheduler = NULL;

    if (!warm_up(bench, its, &scheduler))
        return false;
    for (int i = 0; i < bench->repeat; i++) {
        for (int program = 0; program < NPROGRAMS; program++) {
            struct timing timing;

            if (!run_program(bench, its, program, scheduler, &timing))
                return false;
            whole[program][i] = timing.whole;
            work[program][i] = timing.work;
        }
    }
    for (int program = 0; program < NPROGRAMS; program++) {
        w[program] = median(whole[program], bench->repeat);
        k[program] = median(work[program], bench->repeat);
    }
    printf("case=%s ours_s=%.3f numpy_s=%.3f dask_s=%.3f ratio=%.2f ours_work_s=%.3f "
           "numpy_work_s=%.3f dask_work_s=%.3f work_ratio=%.2f ranks=%s dask=%s repeat=%d\n",
           its->name, w[OURS], w[NUMPY], w[DASK], smaller(w[NUMPY], w[DASK]) / w[OURS], k[OURS],
           k[NUMPY], k[DASK], smaller(k[NUMPY], k[DASK]) / k[OURS], bench->ranks, scheduler,
           bench->repeat);
    fflush(stdout);
    return true;
}

static const struct argp_option option_table[] = {
    {"case", 'c', "A,B", 0, "Only these of contiguous, deflate, niigz", 0},
    {"repeat", 'r', "N", 0, "Turns, of which the median counts (5)", 0},
    {"ranks", 'n', "N", 0, "MPI ranks of ours (2)", 0},
    {"dir", 'd', "DIR", 0, "Folder for the runs, kept for the next time (build/bench)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench *bench = state->input;

    switch (key) {
    case 'c':
        bench->wanted = arg;
        return 0;
    case 'r':
        bench->repeat = atoi(arg);
        if (bench->repeat < 1 || bench->repeat > MAX_REPEAT)
            argp_error(state, "--repeat: '%s' is not a number from 1 to %d", arg, MAX_REPEAT);
        return 0;
    case 'n':
        bench->ranks = arg;
        return 0;
    case 'd':
        bench->folder = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Every name in --case is one of ours. */
static bool cases_exist(const struct bench *bench)
{
    for (const char *at = bench->wanted; at; at = strchr(at, ',')) {
        bool known = false;

        at += *at == ',';
        for (int i = 0; i < NCASES; i++) {
            size_t length = strlen(cases[i].name);
            known |= !strncmp(at, cases[i].name, length) && (at[length] == ',' || !at[length]);
        }
        if (!known) {
            fprintf(stderr, "bench_tsnr: --case: '%s': there are contiguous, deflate, niigz\n", at);
            return false;
        }
    }
    return true;
}

/* Programs lie beside this one, the peers beside its source. */
static bool find_folders(struct bench *bench)
{
    char source[] = __FILE__;
    ssize_t length = readlink("/proc/self/exe", bench->bin, sizeof bench->bin - 1);

    if (length < 0)
        return false;
    bench->bin[length] = 0;
    *strrchr(bench->bin, '/') = 0;
    snprintf(bench->peers, sizeof bench->peers, "%s/peers", dirname(source));
    if (bench->folder)
        snprintf(bench->data, sizeof bench->data, "%s", bench->folder);
    else
        snprintf(bench->data, sizeof bench->data, "%.900s/../bench", bench->bin);
    if (mkdir(bench->data, 0777) && errno != EEXIST) {
        perror(bench->data);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {.options = option_table,
                                       .parser = parse,
                                       .doc = "Time the lesson's tSNR against its peers."};
    struct bench bench = {.ranks = "2", .repeat = 5};
    bool all = true;

    argp_parse(&parser, argc, argv, 0, NULL, &bench);
    if (geteuid() == 0) { /* Open MPI's mpirun wants this said twice; nothing to others */
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    }
    if (!cases_exist(&bench) || !find_folders(&bench))
        return EXIT_FAILURE;
    for (int i = 0; i < NCASES && all; i++)
        if (bench_wants(bench.wanted, cases[i].name))
            all = run_case(&bench, &cases[i]);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
