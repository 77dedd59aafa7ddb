/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Placement by us and by Scotch: one graph on one tree, both judged by the same simulation
 * (place/predict.h).
 *
 *     case=NAME-CORES tasks= bound_s=      the larger of work / cores and critical path
 *         tasks_per_core=             few that wait for each other: no plan is near the bound
 *         whole_s= whole_ratio=       a bound that knows that tasks are not cut: of n tasks of t
 *                                     seconds or more some core has n / cores, rounded up; the
 *                                     largest of that and of bound_s, and ours over it
 *         ours_s= scotch_s= ratio=         predicted makespans; ratio: ours over the bound
 *         ours_top_bytes= scotch_top_bytes=     over the top level of the tree
 *         ours_balance= scotch_balance=    most loaded rank over the mean
 *         plan_ns= plan_bytes= scotch_plan_ns=  a task, order, placement and parts; ours shipped
 *
 * Scotch sees vertices and edges, not the direction of time: it may cut a graph where one half only
 * waits for the other. columns_ is Scotch as well, given tasks merged along time (peer.h), so that
 * all ranks work all the time, as with us. `imbalance` is what it may use.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/object.h"
#include "bench_place/peer.h"
#include "bench_place/shapes.h"
#include "place/plan.h"
#include "place/predict.h"

static const struct {
    int cores;
    tree tree;
    const char *machine;
} machines[] = {
    {64, {3, {4, 2, 8}}, "host:4 pack:2 core:8"},
    {1024, {3, {32, 2, 16}}, "host:32 pack:2 core:16"},
    {65536, {3, {1024, 2, 32}}, "host:1024 pack:2 core:32"},
};
enum { NMACHINES = sizeof machines / sizeof *machines };

struct options {
    const char *cases; /* NULL: all */
    double imbalance;
    int most_cores, scotch_cores;
};

static const struct argp_option known[] = {
    {"case", 'c', "A,B", 0, "Only these: tsnr, fft-64, ... (default: all)", 0},
    {"cores", 'n', "N", 0, "Machines of up to N cores (default 65536)", 0},
    {"scotch-cores", 's', "N", 0, "Scotch on machines of up to N cores (default 1024)", 0},
    {"imbalance", 'i', "X", 0, "That Scotch may leave (default 0.05)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    if (key == 'c')
        o->cases = arg;
    else if (key == 'n')
        o->most_cores = atoi(arg);
    else if (key == 's')
        o->scotch_cores = atoi(arg);
    else if (key == 'i')
        o->imbalance = atof(arg);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* Seconds of the processor: nothing here waits, and neighbours do not count. */
static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Is NAME or NAME-CORES in the list? */
static bool wanted(const struct options *o, const char *name, int cores)
{
    char full[64];
    const char *at = o->cases;

    snprintf(full, sizeof full, "%s-%d", name, cores);
    if (cores > o->most_cores)
        return false;
    while (at && *at) {
        const size_t length = strcspn(at, ",");

        if ((length == strlen(name) && strncmp(at, name, length) == 0) ||
            (length == strlen(full) && strncmp(at, full, length) == 0))
            return true;
        at += length + (at[length] == ',');
    }
    return !o->cases;
}

static double balance(const tg_prediction *p, int cores)
{
    return p->most_load / (p->work / cores);
}

/* Make the parts of a placement, which stays as it is, and forget them: their bytes. */
static tg_status make_parts(const shaped *made, const tg_machine *machine,
                            const tg_placement *placement, int64_t *bytes)
{
    tg_status status = TG_OK;
    const size_t size_of_order = (size_t)placement->count * sizeof *placement->order;
    tg_placement used = {.rank = placement->rank,
                         .order = tg_copy_of(placement->order, size_of_order),
                         .count = placement->count};
    tg_plan *parts = NULL;

    *bytes = 0;
    TG_NEED(used.order, TG_ENOMEM, "out of memory: an order");
    TG_TRY(tg_plan_create(made->graph, made->targets, made->ntargets, &used, NULL, machine->nranks,
                          1, &parts));
    for (int r = 0; r < machine->nranks; r++) {
        const int64_t size = tg_plan_size(parts, r);
        void *part = tg_alloc_array(size, 1);

        TG_NEED(part, TG_ENOMEM, "out of memory: a part of %lld bytes", (long long)size);
        if (size)
            tg_plan_write(parts, r, part);
        tg_free(part);
        *bytes += size;
    }
out:
    tg_free(used.order);
    tg_plan_destroy(&parts);
    return status;
}

/* Order, place, make the parts. */
static tg_status plan(const shaped *made, const tg_machine *machine, tg_placement *placement)
{
    tg_status status = TG_OK;
    const double begin = now();
    double placed, seconds;
    int64_t bytes;

    TG_TRY(tg_place(made->graph, made->targets, made->ntargets, machine, false, placement));
    placed = now() - begin;
    TG_TRY(make_parts(made, machine, placement, &bytes));
    seconds = now() - begin;
    printf(" plan_ns=%.0f place_ns=%.0f plan_bytes=%.0f",
           1e9 * seconds / (double)made->graph->ntasks, 1e9 * placed / (double)made->graph->ntasks,
           (double)bytes / (double)made->graph->ntasks);
out:
    return status;
}

static int longest_first(const void *a, const void *b)
{
    const float *x = a, *y = b;

    return (*x < *y) - (*x > *y);
}

/* Seconds that whole tasks need on so many cores, for no other reason than that they are whole. */
static tg_status bound_whole(const tg_graph *graph, int cores, double *bound)
{
    float *seconds = tg_copy_of(graph->seconds, (size_t)graph->ntasks * sizeof *seconds);

    if (!seconds)
        return tg_fail(TG_ENOMEM, "out of memory: seconds of %" PRId64 " tasks", graph->ntasks);
    qsort(seconds, (size_t)graph->ntasks, sizeof *seconds, longest_first);
    for (int64_t i = 0; i < graph->ntasks; i++) {
        const double its = (double)(i / cores + 1) * (double)seconds[i];

        *bound = its > *bound ? its : *bound;
    }
    free(seconds);
    return TG_OK;
}

static tg_status judge(const shaped *made, const tg_placement *placement, const tg_machine *machine,
                       const char *who, tg_prediction *p)
{
    tg_status status = TG_OK;

    TG_TRY(tg_predict(made->graph, made->targets, made->ntargets, placement, machine, p));
    printf(" %s_s=%.6f %s_top_bytes=%" PRId64 " %s_balance=%.3f", who, p->makespan, who,
           p->bytes[TG_LEVEL_CLUSTER], who, balance(p, machine->nranks));
out:
    return status;
}

/* Ranks in `placement` become Scotch's. */
static tg_status judge_peer(const struct options *o, const shaped *made, tg_placement *placement,
                            int m, const tg_machine *machine, peer_vertices vertices)
{
    tg_status status = TG_OK;
    const char *who = vertices == PEER_TASKS ? "scotch" : "columns";
    const double begin = now();
    tg_prediction p;

    TG_TRY(peer_map(made->graph, placement, &machines[m].tree, o->imbalance, vertices));
    printf(" %s_plan_ns=%.0f", who, 1e9 * (now() - begin) / (double)made->graph->ntasks);
    TG_TRY(judge(made, placement, machine, who, &p));
out:
    return status;
}

static tg_status compare(const struct options *o, const shape *kind, int m,
                         const tg_objects *objects)
{
    tg_status status = TG_OK;
    shaped made = {0};
    tg_machine *machine = NULL;
    tg_placement placement = {0};
    tg_prediction p;
    double begin, whole;

    TG_TRY(shaped_create(kind, machines[m].cores, objects, &made));
    TG_TRY(tg_machine_from_spec(machines[m].machine, 0, &machine));
    printf("case=%s-%d tasks=%" PRId64 " tasks_per_core=%.1f", kind->name, machines[m].cores,
           made.graph->ntasks, (double)made.graph->ntasks / machines[m].cores);
    TG_TRY(plan(&made, machine, &placement));
    begin = now();
    TG_TRY(judge(&made, &placement, machine, "ours", &p));
    printf(" bound_s=%.6f ratio=%.3f predict_ns=%.0f", tg_prediction_bound(&p),
           p.makespan / tg_prediction_bound(&p), 1e9 * (now() - begin) / (double)p.ntasks);
    whole = tg_prediction_bound(&p);
    TG_TRY(bound_whole(made.graph, machines[m].cores, &whole));
    printf(" whole_s=%.6f whole_ratio=%.3f", whole, p.makespan / whole);
    fflush(stdout);
    if (peer_is_here() && machines[m].cores <= o->scotch_cores) {
        TG_TRY(judge_peer(o, &made, &placement, m, machine, PEER_TASKS));
        TG_TRY(judge_peer(o, &made, &placement, m, machine, PEER_COLUMNS));
    }
    printf("\n");
    fflush(stdout);
out:
    tg_placement_clear(&placement);
    tg_machine_destroy(&machine);
    shaped_clear(&made);
    return status;
}

static tg_status compare_all(const struct options *o)
{
    tg_status status = TG_OK;
    tg_objects objects = {0};

    TG_TRY(tg_objects_find(&objects));
    for (int m = 0; m < NMACHINES; m++)
        for (const shape *s = shapes; s->name; s++)
            if (wanted(o, s->name, machines[m].cores))
                TG_TRY(compare(o, s, m, &objects));
out:
    tg_objects_clear(&objects);
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .options = known,
        .parser = parse,
        .doc = "Placement of known graphs beside Scotch's: one line a case."};
    struct options options = {.imbalance = 0.05, .most_cores = 65536, .scotch_cores = 1024};

    if (argp_parse(&parser, argc, argv, 0, NULL, &options) != 0)
        return 2;
    if (!peer_is_here())
        fprintf(stderr, "bench_place: built without Scotch (Debian: libscotch-dev): no scotch_\n");
    if (compare_all(&options) != TG_OK) {
        fprintf(stderr, "bench_place: %s\n", tg_message());
        return 1;
    }
    return 0;
}
