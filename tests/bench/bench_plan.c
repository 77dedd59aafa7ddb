/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What planning costs, by the number of tasks and ranks: a 1-D stencil in time, a binary reduction
 * tree, a random layered graph, on machines that need not be here.
 *
 *     case=stencil-r64 tasks= ours_ns=      ordering, placing and writing the parts, per task
 *         order_ns= place_ns= parts_ns=     each alone; place_ns includes an ordering of its own
 *         build_ns=                         adding the tasks to the graph, not in ours_ns
 *         ours_bytes= graph_bytes= total_bytes=
 *                                           per task, resident: the most that planning takes at any
 *                                           time, the graph not counted; the graph, finished; both
 *         part_bytes=                       per task: what is shipped to the ranks, of which
 *                                           ours_bytes holds one rank's part at a time
 *     case=stencil-r64 growth=              ours_ns of the most tasks over that of the 100,000 (or
 *                                           least): about 1 when planning is linear
 *
 * Each line comes from a process of its own, so that one's memory is not another's; times are of
 * the processor, the least of the repeats. What a hypervisor takes to lend memory does not count.
 */
#include <argp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "graph/graph.h"
#include "place/machine.h"
#include "place/place.h"
#include "place/plan.h"

#include "wanted.h"

typedef tg_status make_graph(tg_graph *graph, int64_t ntasks, int64_t *target);

enum { WIDTH = 1000, NINPUTS = 3, MAX_REPEAT = 99 };

static tg_status nothing(tg_task *task)
{
    (void)task;
    return TG_OK;
}

static tg_status add_task(tg_graph *graph, const int64_t *inputs, int ninputs, int64_t *task)
{
    const int64_t number = graph->ntasks;

    return tg_graph_add(graph,
                        &(tg_task_spec){.function = nothing,
                                        .name = "nothing",
                                        .params = ninputs ? NULL : &number,
                                        .params_size = ninputs ? 0 : sizeof number,
                                        .inputs = inputs,
                                        .ninputs = ninputs,
                                        .output_bytes = 1000},
                        task);
}

/* Layers of WIDTH tasks of which `choose` gives each its inputs among the layer before; a last task
 * needs the last layer. */
typedef void choose_inputs(int64_t column, uint64_t *random, int64_t columns[NINPUTS]);

static tg_status make_layers(tg_graph *graph, int64_t ntasks, choose_inputs *choose,
                             int64_t *target)
{
    tg_status status = TG_OK;
    int64_t before[WIDTH], now[WIDTH];
    uint64_t random = 1;

    for (int64_t s = 0; s < (ntasks + WIDTH - 1) / WIDTH; s++) {
        for (int64_t c = 0; c < WIDTH; c++) {
            int64_t inputs[NINPUTS];

            choose(c, &random, inputs);
            for (int i = 0; i < NINPUTS; i++)
                inputs[i] = s > 0 ? before[inputs[i]] : 0;
            TG_TRY(add_task(graph, inputs, s > 0 ? NINPUTS : 0, &now[c]));
        }
        memcpy(before, now, sizeof before);
    }
    TG_TRY(add_task(graph, before, WIDTH, target));
out:
    return status;
}

static void neighbours(int64_t column, uint64_t *random, int64_t columns[NINPUTS])
{
    (void)random;
    for (int i = 0; i < NINPUTS; i++)
        columns[i] = (column + WIDTH + i - 1) % WIDTH;
}

/* Knuth's linear congruential generator, MMIX. */
static void anyone(int64_t column, uint64_t *random, int64_t columns[NINPUTS])
{
    (void)column;
    for (int i = 0; i < NINPUTS; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        columns[i] = (int64_t)((*random >> 33) % WIDTH);
    }
}

static tg_status make_stencil(tg_graph *graph, int64_t ntasks, int64_t *target)
{
    return make_layers(graph, ntasks, neighbours, target);
}

static tg_status make_random(tg_graph *graph, int64_t ntasks, int64_t *target)
{
    return make_layers(graph, ntasks, anyone, target);
}

static tg_status make_tree(tg_graph *graph, int64_t ntasks, int64_t *target)
{
    tg_status status = TG_OK;
    int64_t n = (ntasks + 1) / 2, *row = tg_alloc_array(n, sizeof *row);

    TG_NEED(row, TG_ENOMEM, "out of memory");
    for (int64_t i = 0; i < n; i++)
        TG_TRY(add_task(graph, NULL, 0, &row[i]));
    for (; n > 1; n = (n + 1) / 2)
        for (int64_t i = 0; i < (n + 1) / 2; i++)
            TG_TRY(add_task(graph, &row[2 * i], 2 * i + 1 < n ? 2 : 1, &row[i]));
    *target = row[0];
out:
    tg_free(row);
    return status;
}

struct test_case {
    const char *name;
    make_graph *make;
    const char *machine;
    int nranks;
};

static const struct test_case cases[] = {
    {"stencil-r2", make_stencil, "core:2", 2},
    {"stencil-r64", make_stencil, "host:4 core:16", 64},
    {"stencil-r1024", make_stencil, "host:16 pack:2 core:32", 1024},
    {"tree-r2", make_tree, "core:2", 2},
    {"tree-r64", make_tree, "host:4 core:16", 64},
    {"tree-r1024", make_tree, "host:16 pack:2 core:32", 1024},
    {"random-r2", make_random, "core:2", 2},
    {"random-r64", make_random, "host:4 core:16", 64},
    {"random-r1024", make_random, "host:16 pack:2 core:32", 1024},
};
enum { NCASES = sizeof cases / sizeof *cases };

struct figures {
    int64_t ntasks;
    double build, order, place, parts;          /* seconds */
    double graph_bytes, plan_bytes, part_bytes; /* of all tasks */
};

/* A number of kB from /proc/self/status, in bytes. */
static double memory(const char *key)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double bytes = 0;

    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key)))
            bytes = 1024 * strtod(line + strlen(key), NULL);
    if (file)
        fclose(file);
    return bytes;
}

/* From here on VmHWM is the most since now; the building of the graph does not count. */
static bool forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    const bool written = file && fputs("5", file) >= 0;

    return file && fclose(file) == 0 && written;
}

/* Seconds of this process alone: planning waits for nothing, and neighbours do not count. */
static double cpu_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double least(double a, double b)
{
    return a > 0 && a < b ? a : b;
}

/* One at a time into a buffer that is used again, as those that parts are shipped from. */
static tg_status write_parts(tg_plan *plan, int nranks, double *bytes)
{
    tg_status status = TG_OK;
    unsigned char *part = NULL;
    int64_t capacity = 0;

    *bytes = 0;
    for (int r = 0; r < nranks; r++) {
        const int64_t size = tg_plan_size(plan, r);

        if (size == 0)
            continue;
        TG_TRY(tg_grow(&part, &capacity, size, 1));
        tg_plan_write(plan, r, part);
        *bytes += (double)size;
    }
out:
    tg_free(part);
    return status;
}

/* Memory that a hypervisor lends is there only when it is used, which takes up to 2.5 ns a byte,
 * and is taken back seconds after it is freed: as much as planning needs is used and freed before
 * the clock starts. */
static tg_status borrow_memory(int64_t ntasks)
{
    enum { MOST = 160 /* bytes a task */, PAGE = 4096 };
    tg_status status = TG_OK;
    char *memory = tg_alloc_array(ntasks, MOST);

    TG_NEED(memory, TG_ENOMEM, "out of memory");
    for (int64_t at = 0; at < ntasks * MOST; at += PAGE)
        memory[at] = 1;
    tg_free(memory);
    TG_NEED(forget_peak(), TG_EIO, "/proc/self/clear_refs cannot be written");
out:
    return status;
}

static tg_status plan_once(const tg_graph *graph, int64_t target, const tg_machine *machine,
                           struct figures *f)
{
    tg_status status = TG_OK;
    tg_placement placement = {0};
    tg_plan *plan = NULL;
    int32_t *order = NULL;
    int64_t count;
    double start, built;

    TG_TRY(borrow_memory(graph->ntasks));
    built = memory("VmRSS:");
    start = cpu_now();
    TG_TRY(tg_graph_order(graph, &target, 1, &order, &count));
    f->order = least(f->order, cpu_now() - start);
    tg_free(order);
    order = NULL;
    start = cpu_now();
    TG_TRY(tg_place(graph, &target, 1, machine, false, &placement));
    f->place = least(f->place, cpu_now() - start);
    start = cpu_now();
    TG_TRY(tg_plan_create(graph, &target, 1, &placement, NULL, machine->nranks, 1, &plan));
    tg_placement_clear(&placement);
    TG_TRY(write_parts(plan, machine->nranks, &f->part_bytes));
    f->parts = least(f->parts, cpu_now() - start);
    f->plan_bytes = fmax(f->plan_bytes, memory("VmHWM:") - built);
out:
    tg_free(order);
    tg_plan_destroy(&plan);
    tg_placement_clear(&placement);
    return status;
}

static tg_status measure(const struct test_case *its, int64_t ntasks, int repeat, struct figures *f)
{
    tg_status status = TG_OK;
    tg_objects objects = {0};
    tg_graph *graph = NULL;
    tg_machine *machine = NULL;
    int64_t target;
    double before, start;

    TG_TRY(tg_objects_find(&objects));
    TG_TRY(tg_machine_from_spec(its->machine, its->nranks, &machine));
    TG_TRY(tg_graph_new(&objects, &graph));
    before = memory("VmRSS:");
    start = cpu_now();
    TG_TRY(its->make(graph, ntasks, &target));
    f->build = cpu_now() - start;
    f->ntasks = graph->ntasks;
    f->graph_bytes = memory("VmRSS:") - before;
    for (int i = 0; i < repeat; i++)
        TG_TRY(plan_once(graph, target, machine, f));
out:
    tg_graph_destroy(&graph);
    tg_machine_destroy(&machine);
    tg_objects_clear(&objects);
    return status;
}

/* Measure in a child process; false, said on stderr, when it fails. */
static bool measure_apart(const struct test_case *its, int64_t ntasks, int repeat,
                          struct figures *f)
{
    int ends[2], wait_status = -1;
    pid_t child;
    bool got;

    if (pipe(ends))
        return false;
    child = fork();
    if (child == 0) {
        const tg_status status = measure(its, ntasks, repeat, f);

        if (status != TG_OK)
            fprintf(stderr, "bench_plan: %s\n", tg_message());
        _exit(status != TG_OK || write(ends[1], f, sizeof *f) != (ssize_t)sizeof *f);
    }
    close(ends[1]);
    got = child > 0 && read(ends[0], f, sizeof *f) == (ssize_t)sizeof *f;
    close(ends[0]);
    if (child > 0)
        waitpid(child, &wait_status, 0);
    if (!got || wait_status != 0)
        fprintf(stderr, "bench_plan: %s with %lld tasks failed\n", its->name, (long long)ntasks);
    return got && wait_status == 0;
}

static void print_case(const struct test_case *its, const struct figures *f)
{
    const double n = (double)f->ntasks;

    printf("case=%s tasks=%lld ours_ns=%.0f order_ns=%.0f place_ns=%.0f parts_ns=%.0f "
           "build_ns=%.0f ours_bytes=%.0f graph_bytes=%.0f total_bytes=%.0f part_bytes=%.0f\n",
           its->name, (long long)f->ntasks, 1e9 * (f->place + f->parts) / n, 1e9 * f->order / n,
           1e9 * f->place / n, 1e9 * f->parts / n, 1e9 * f->build / n, f->plan_bytes / n,
           f->graph_bytes / n, (f->plan_bytes + f->graph_bytes) / n, f->part_bytes / n);
    fflush(stdout);
}

struct options {
    const char *wanted; /* names of cases with commas; NULL: all */
    double least, most; /* tasks */
    int repeat;
};

static bool run_case(const struct test_case *its, const struct options *options)
{
    double base = 0, last = 0;

    for (double n = options->least; n <= 1.001 * options->most; n *= 10) {
        struct figures f = {0};

        if (!measure_apart(its, (int64_t)n, options->repeat, &f))
            return false;
        print_case(its, &f);
        last = (f.place + f.parts) / (double)f.ntasks;
        if (n <= 1.001e5)
            base = last;
    }
    if (base > 0)
        printf("case=%s growth=%.2f\n", its->name, last / base);
    return true;
}

static const struct argp_option option_table[] = {
    {"case", 'c', "A,B", 0, "Only these of stencil, tree, random with -r2, -r64, -r1024", 0},
    {"least", 'l', "N", 0, "Tasks to begin with (10000); ten times as many each time", 0},
    {"most", 'm', "N", 0, "Tasks to end with (10000000)", 0},
    {"repeat", 'r', "N", 0, "Times of which the least counts (3)", 0},
    {0},
};

static double number(struct argp_state *state, const char *text, double most)
{
    char *end;
    const double value = strtod(text, &end);

    if (end == text || *end || !(value >= 1 && value <= most))
        argp_error(state, "'%s' is not a number from 1 to %.0f", text, most);
    return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 'c':
        options->wanted = arg;
        return 0;
    case 'l':
        options->least = number(state, arg, 1e9);
        return 0;
    case 'm':
        options->most = number(state, arg, 1e9);
        return 0;
    case 'r':
        options->repeat = (int)number(state, arg, MAX_REPEAT);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp parser = {.options = option_table,
                                       .parser = parse,
                                       .doc = "What planning costs, by tasks and ranks."};
    struct options options = {.least = 1e4, .most = 1e7, .repeat = 3};
    bool all = true;
    int known = 0;

    argp_parse(&parser, argc, argv, 0, NULL, &options);
    for (int i = 0; i < NCASES && all; i++) {
        if (!bench_wants(options.wanted, cases[i].name))
            continue;
        known++;
        all = run_case(&cases[i], &options);
    }
    if (!known)
        fprintf(stderr, "bench_plan: --case %s: no such case\n", options.wanted);
    return all && known ? EXIT_SUCCESS : EXIT_FAILURE;
}
