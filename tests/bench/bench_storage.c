/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Storage against what the machine can do and against the peers. The page cache is warm unless the
 * case says cold; figures are medians of turns in which all run one after the other.
 *
 *     tsnr-contiguous     five runs to maps; loop_s: pread and two sums by hand, as many processes
 *     tsnr-deflate        gzip and shuffle; inflate_s: pread and libdeflate alone, as many
 *     tsnr-contiguous-cold, tsnr-deflate-cold   the same, with the files out of the page cache
 *     open-100000-chunks  64 ranks; open_s: metadata, read by rank 0 alone; first_s: until data are
 *                         first read on any rank, MPI's own start not counted; limit 1 s
 *     write               2 GiB, uncompressed; dd_s: as many dd with conv=fsync
 *     write-deflate       256 MiB, gzip and shuffle; deflate_s: libdeflate alone
 *     memory-tsnr, memory-rechunk   bytes in memory, not seconds (bench_storage/memory.h)
 *
 *     case=NAME ours_s= LIMIT_s= ratio= ...    ratio: limit over ours, median of turns
 *
 * ours_s is what the program says of itself, without starting MPI (whole_s has that, too); so are
 * the peers' figures, without starting Python and importing.
 */
#include <argp.h>
#include <errno.h>
#include <libgen.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_storage/inside.h"
#include "bench_storage/limit.h"
#include "bench_storage/memory.h"
#include "wanted.h"

extern char **environ;

enum { NRUNS = 5, MOST_TURNS = 99, PATH = 1024, MANY_RANKS = 64 };

struct bench {
    const char *wanted; /* names with commas; NULL: all */
    const char *folder; /* of the files; NULL: beside the programs */
    const char *inside, *path;
    int ranks, repeat;
    char bin[PATH], peers[PATH], data[PATH], self[PATH];
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* What a program has said: lines KEY VALUE. */
struct said {
    char text[4096];
    double whole; /* seconds that it took */
};

static double value_of(const struct said *said, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = said->text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return atof(line + length);
    }
    return -1;
}

/* Run a shell command to its end. False, said on stderr, when it fails. */
__attribute__((format(printf, 2, 3))) static bool run(struct said *said, const char *format, ...)
{
    char command[8 * PATH];
    va_list arguments;
    double start = now();
    FILE *out;
    size_t size;
    int status;

    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    fflush(stdout);
    out = popen(command, "r");
    size = out ? fread(said->text, 1, sizeof said->text - 1, out) : 0;
    said->text[size] = 0;
    status = out ? pclose(out) : -1;
    said->whole = now() - start;
    if (status != 0)
        fprintf(stderr, "bench_storage: failed: %s\n", command);
    return status == 0;
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

/** The limit's time over ours, turn by turn: the machine's clock drifts between turns. */
static double median_ratio(const double *limit, const double *ours, int n)
{
    double ratio[MOST_TURNS];

    for (int i = 0; i < n; i++)
        ratio[i] = limit[i] / ours[i];
    return median(ratio, n);
}

static bool make_runs(const struct bench *b, const char *name, const char *options,
                      struct run *runs)
{
    struct said said;
    char path[3 * PATH];

    snprintf(path, sizeof path, "%s/%s/truth.h5", b->data, name);
    if (access(path, R_OK) && !run(&said, "mpirun --oversubscribe -n %d %s/sample_app %s %s/%s",
                                   b->ranks, b->bin, options, b->data, name))
        return false;
    for (int i = 0; i < NRUNS; i++) {
        snprintf(path, sizeof path, "%s/%s/run-%d.table", b->data, name, i + 1);
        if (!run(&said, "/usr/bin/python3 %s/chunks_of.py %s/%s/run-%d.h5 %s", b->peers, b->data,
                 name, i + 1, path) ||
            !run_read(path, &runs[i]))
            return false;
    }
    return true;
}

/* A case of the runs in a folder. */
struct tsnr_case {
    const char *name, *folder, *options; /* options: of sample_app */
    const char *key;                     /* of the limit's time */
    double (*limit)(const struct run *, int, int);
    bool cold; /* each program finds the files out of the page cache */
};

static bool tsnr_peers(const struct bench *b, const struct tsnr_case *c, const struct run *runs,
                       double *dask, double *numpy)
{
    struct said said;

    if (c->cold && !runs_evict(runs, NRUNS))
        return false;
    if (!run(&said, "/usr/bin/python3 %s/tsnr_dask.py threads %s/dask.h5 %s/%s/run-?.h5", b->peers,
             b->data, b->data, c->folder))
        return false;
    *dask = value_of(&said, "seconds");
    if (c->cold && !runs_evict(runs, NRUNS))
        return false;
    if (!run(&said, "/usr/bin/python3 %s/tsnr_numpy.py %s/numpy.h5 %s/%s/run-?.h5", b->peers,
             b->data, b->data, c->folder))
        return false;
    *numpy = value_of(&said, "seconds");
    return true;
}

static bool tsnr(const struct bench *b, const struct tsnr_case *c)
{
    double ours[MOST_TURNS], whole[MOST_TURNS], best[MOST_TURNS], dask[MOST_TURNS],
        numpy[MOST_TURNS], ratio;
    struct run runs[NRUNS];
    struct said said;

    if (!make_runs(b, c->folder, c->options, runs))
        return false;
    for (int i = -1; i < b->repeat; i++) { /* the first turn warms the page cache */
        int at = i < 0 ? 0 : i;

        if (!run(&said, "rm -f %s/ours.h5", b->data) || (c->cold && !runs_evict(runs, NRUNS)) ||
            !run(&said, "mpirun --oversubscribe -n %d %s/tsnr_app %s/%s/run-?.h5 -o %s/ours.h5",
                 b->ranks, b->bin, b->data, c->folder, b->data))
            return false;
        ours[at] = value_of(&said, "seconds");
        whole[at] = said.whole;
        if (c->cold && !runs_evict(runs, NRUNS))
            return false;
        best[at] = c->limit(runs, NRUNS, b->ranks);
        if (best[at] < 0 || !tsnr_peers(b, c, runs, &dask[at], &numpy[at]))
            return false;
    }
    ratio = median_ratio(best, ours, b->repeat);
    printf("case=%s ours_s=%.3f %s_s=%.3f ratio=%.2f whole_s=%.3f dask_s=%.3f numpy_s=%.3f "
           "ranks=%d repeat=%d\n",
           c->name, median(ours, b->repeat), c->key, median(best, b->repeat), ratio,
           median(whole, b->repeat), median(dask, b->repeat), median(numpy, b->repeat), b->ranks,
           b->repeat);
    return true;
}

#define DEFLATED "--deflate 4 --shuffle --chunks 16,16,30,-1"

static bool tsnr_contiguous(const struct bench *b)
{
    return tsnr(b, &(struct tsnr_case){"tsnr-contiguous", "tsnr-contiguous", "", "loop",
                                       limit_two_sums, false});
}

static bool tsnr_deflate(const struct bench *b)
{
    return tsnr(b, &(struct tsnr_case){"tsnr-deflate", "tsnr-deflate", DEFLATED, "inflate",
                                       limit_inflate, false});
}

static bool tsnr_contiguous_cold(const struct bench *b)
{
    return tsnr(b, &(struct tsnr_case){"tsnr-contiguous-cold", "tsnr-contiguous", "", "loop",
                                       limit_two_sums, true});
}

static bool tsnr_deflate_cold(const struct bench *b)
{
    return tsnr(b, &(struct tsnr_case){"tsnr-deflate-cold", "tsnr-deflate", DEFLATED, "inflate",
                                       limit_inflate, true});
}

static bool open_many(const struct bench *b)
{
    struct said said;
    char path[2 * PATH];
    double open[MOST_TURNS], first[MOST_TURNS], whole[MOST_TURNS], reads = 0, data = 0;

    snprintf(path, sizeof path, "%s/many.h5", b->data);
    if (access(path, R_OK) && !run(&said, "/usr/bin/python3 %s/many_chunks.py %s %d %d", b->peers,
                                   path, MANY_ROWS, MANY_COLUMNS))
        return false;
    for (int i = 0; i < b->repeat; i++) {
        if (!run(&said, "mpirun --oversubscribe -n %d %s --inside open-100000-chunks --path %s",
                 MANY_RANKS, b->self, path))
            return false;
        open[i] = value_of(&said, "open");
        first[i] = value_of(&said, "first") - value_of(&said, "start");
        whole[i] = said.whole;
        reads = value_of(&said, "metadata_reads");
        data = value_of(&said, "data_reads");
    }
    printf("case=open-100000-chunks ours_s=%.3f limit_s=1.000 ratio=%.2f open_s=%.3f whole_s=%.3f "
           "metadata_reads=%.0f data_reads=%.0f ranks=%d repeat=%d\n",
           median(first, b->repeat), 1 / median(first, b->repeat), median(open, b->repeat),
           median(whole, b->repeat), reads, data, MANY_RANKS, b->repeat);
    return true;
}

static bool run_inside(const struct bench *b, const char *name, double *seconds)
{
    struct said said;
    bool good = run(&said, "mpirun --oversubscribe -n %d %s --inside %s --path %s/%s.h5", b->ranks,
                    b->self, name, b->data, name);

    *seconds = value_of(&said, "seconds");
    return good;
}

static bool run_dd(const struct bench *b, double *seconds)
{
    struct said said;
    char command[4 * PATH] = "";
    size_t n = 0;

    for (int p = 0; p < b->ranks; p++)
        n +=
            (size_t)snprintf(command + n, sizeof command - n,
                             "dd if=/dev/zero of=%s/dd-%d bs=%d count=%d conv=fsync status=none & ",
                             b->data, p, WRITE_CHUNK, WRITE_CHUNKS / b->ranks);
    if (!run(&said, "rm -f %s/dd-*; sync", b->data) || !run(&said, "%s wait", command))
        return false;
    *seconds = said.whole;
    return run(&said, "rm -f %s/dd-*", b->data);
}

static bool write_plain(const struct bench *b)
{
    double ours[MOST_TURNS], dd[MOST_TURNS], ratio, seconds;
    struct said said;

    for (int i = 0; i < b->repeat; i++)
        if (!run(&said, "rm -f %s/write.h5; sync", b->data) || !run_inside(b, "write", &ours[i]) ||
            !run(&said, "rm -f %s/write.h5", b->data) || !run_dd(b, &dd[i]))
            return false;
    ratio = median_ratio(dd, ours, b->repeat);
    seconds = median(ours, b->repeat);
    printf("case=write ours_s=%.3f dd_s=%.3f ratio=%.2f ours_mb_s=%.0f ranks=%d repeat=%d\n",
           seconds, median(dd, b->repeat), ratio,
           (double)WRITE_CHUNKS * WRITE_CHUNK / 1e6 / seconds, b->ranks, b->repeat);
    return true;
}

static bool write_deflate(const struct bench *b)
{
    double ours[MOST_TURNS], best[MOST_TURNS], ratio, seconds;

    for (int i = 0; i < b->repeat; i++) {
        best[i] = limit_deflate(DEFLATE_CHUNKS, DEFLATE_CHUNK, DEFLATE_LEVEL, b->ranks);
        if (best[i] < 0 || !run_inside(b, "write-deflate", &ours[i]))
            return false;
    }
    ratio = median_ratio(best, ours, b->repeat);
    seconds = median(ours, b->repeat);
    printf("case=write-deflate ours_s=%.3f deflate_s=%.3f ratio=%.2f ours_mb_s=%.0f ranks=%d "
           "repeat=%d\n",
           seconds, median(best, b->repeat), ratio,
           (double)DEFLATE_CHUNKS * DEFLATE_CHUNK / 1e6 / seconds, b->ranks, b->repeat);
    return true;
}

static bool tsnr_memory(const struct bench *b)
{
    return memory_tsnr(&(memory_bench){b->bin, b->peers, b->data, b->ranks});
}

static bool rechunk_memory(const struct bench *b)
{
    return memory_rechunk(&(memory_bench){b->bin, b->peers, b->data, b->ranks});
}

static const struct test_case {
    const char *name;
    bool (*run)(const struct bench *);
} cases[] = {
    {"tsnr-contiguous", tsnr_contiguous},     {"tsnr-deflate", tsnr_deflate},
    {"open-100000-chunks", open_many},        {"write", write_plain},
    {"write-deflate", write_deflate},         {"tsnr-contiguous-cold", tsnr_contiguous_cold},
    {"tsnr-deflate-cold", tsnr_deflate_cold}, {"memory-tsnr", tsnr_memory},
    {"memory-rechunk", rechunk_memory},
};
enum { NCASES = sizeof cases / sizeof *cases };

enum { KEY_INSIDE = 0x100, KEY_PATH };

static const struct argp_option option_table[] = {
    {"case", 'c', "A,B", 0, "Only these (the source lists them)", 0},
    {"repeat", 'r', "N", 0, "Turns, of which the median counts (5)", 0},
    {"ranks", 'n', "N", 0, "MPI ranks of ours, processes of the limit (2)", 0},
    {"dir", 'd', "DIR", 0, "Folder for the files, kept for the next time (build/bench)", 0},
    {"inside", KEY_INSIDE, "CASE", OPTION_HIDDEN, "", 0},
    {"path", KEY_PATH, "FILE", OPTION_HIDDEN, "", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench *b = state->input;

    switch (key) {
    case 'c':
        b->wanted = arg;
        return 0;
    case 'r':
        b->repeat = atoi(arg);
        if (b->repeat < 1 || b->repeat > MOST_TURNS)
            argp_error(state, "--repeat: '%s' is not a number from 1 to %d", arg, MOST_TURNS);
        return 0;
    case 'n':
        b->ranks = atoi(arg);
        if (b->ranks < 1 || b->ranks > 64)
            argp_error(state, "--ranks: '%s' is not a number from 1 to 64", arg);
        return 0;
    case 'd':
        b->folder = arg;
        return 0;
    case KEY_INSIDE:
        b->inside = arg;
        return 0;
    case KEY_PATH:
        b->path = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Programs lie beside this one, the peers beside its source. */
static bool find_folders(struct bench *b)
{
    char source[] = __FILE__;
    ssize_t length = readlink("/proc/self/exe", b->self, sizeof b->self - 1);

    if (length < 0)
        return false;
    snprintf(b->bin, sizeof b->bin, "%.*s", (int)length, b->self);
    *strrchr(b->bin, '/') = 0;
    snprintf(b->peers, sizeof b->peers, "%s/peers", dirname(source));
    if (b->folder)
        snprintf(b->data, sizeof b->data, "%s", b->folder);
    else
        snprintf(b->data, sizeof b->data, "%.900s/../bench", b->bin);
    if (mkdir(b->data, 0777) && errno != EEXIST) {
        perror(b->data);
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {.options = option_table,
                                       .parser = parse,
                                       .doc = "Time storage against its limits and peers."};
    struct bench b = {.ranks = 2, .repeat = 5};
    bool all = true, any = false;

    argp_parse(&parser, argc, argv, 0, NULL, &b);
    if (b.inside)
        return inside(b.inside, b.path, argc, argv);
    if (geteuid() == 0) { /* Open MPI's mpirun wants this said twice; nothing to others */
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    }
    if (!find_folders(&b))
        return EXIT_FAILURE;
    for (int i = 0; i < NCASES && all; i++) {
        if (!bench_wants(b.wanted, cases[i].name))
            continue;
        any = true;
        all = cases[i].run(&b);
        fflush(stdout);
    }
    if (!any)
        fprintf(stderr, "bench_storage: --case: no such case as '%s'\n", b.wanted);
    return all && any ? EXIT_SUCCESS : EXIT_FAILURE;
}
