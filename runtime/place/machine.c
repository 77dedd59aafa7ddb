/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine once it is built: its order, levels and costs, and how it is shown.
 *
 * Costs follow the LogGP model (Alexandrov, Ionescu, Schauser, Scheiman 1995): a message takes
 * overhead + latency + bytes / bandwidth. The defaults are those of a cluster of today: messages
 * through shared memory on a host, 100 Gbit/s between hosts. They never make a farther rank cheaper
 * than a nearer one, so a planner may prune by level.
 */
#include "place/machine.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "place/machine_build.h"

static const double default_overhead = 1e-6;

static const struct {
    const char *name;
    tg_cost cost;
} levels[TG_NLEVELS] = {
    [TG_LEVEL_CORE] = {"core", {0, 40e9}},        [TG_LEVEL_L3] = {"L3", {0.5e-6, 20e9}},
    [TG_LEVEL_NUMA] = {"NUMA", {0.6e-6, 17.5e9}}, [TG_LEVEL_PACKAGE] = {"package", {0.7e-6, 15e9}},
    [TG_LEVEL_HOST] = {"host", {1e-6, 12.5e9}},   [TG_LEVEL_CLUSTER] = {"cluster", {3e-6, 12.5e9}},
};

/* The per-rank arrays of a machine, in one place for allocating, freeing and checking. */
static int32_t **rank_arrays(tg_machine *machine, size_t i)
{
    int32_t **arrays[] = {&machine->host, &machine->package, &machine->numa, &machine->l3,
                          &machine->core, &machine->threads, &machine->order};

    return i < sizeof arrays / sizeof *arrays ? arrays[i] : NULL;
}

tg_status tg_machine_create(int32_t nranks, int32_t nhosts, tg_machine **out)
{
    tg_status status = TG_OK;
    tg_machine *machine = tg_zalloc(sizeof *machine);

    assert(nranks > 0 && nhosts > 0);
    TG_NEED(machine, TG_ENOMEM, "machine of %" PRId32 " ranks", nranks);
    machine->nranks = nranks;
    machine->nhosts = nhosts;
    machine->overhead = default_overhead;
    for (int i = 0; i < TG_NLEVELS; i++)
        machine->cost[i] = levels[i].cost;
    for (size_t i = 0; rank_arrays(machine, i); i++) {
        *rank_arrays(machine, i) = tg_alloc_array(nranks, sizeof(int32_t));
        TG_NEED(*rank_arrays(machine, i), TG_ENOMEM, "machine of %" PRId32 " ranks", nranks);
    }
    for (int32_t r = 0; r < nranks; r++)
        machine->threads[r] = 1;
    machine->apart = tg_alloc_array(nranks, sizeof *machine->apart);
    machine->oversubscribed = tg_alloc_array(nhosts, sizeof *machine->oversubscribed);
    machine->name = tg_alloc_array(nhosts, sizeof *machine->name);
    TG_NEED(machine->apart && machine->oversubscribed && machine->name, TG_ENOMEM,
            "machine of %" PRId32 " hosts", nhosts);
    *out = machine;
    machine = NULL;
out:
    tg_machine_destroy(&machine);
    return status;
}

void tg_machine_destroy(tg_machine **machine)
{
    if (!*machine)
        return;
    for (size_t i = 0; rank_arrays(*machine, i); i++)
        tg_free(*rank_arrays(*machine, i));
    tg_free((*machine)->apart);
    tg_free((*machine)->oversubscribed);
    tg_free((*machine)->name);
    tg_free(*machine);
    *machine = NULL;
}

/* Ids of cores ascend in tree order, so a counting sort by core puts all levels in order. */
tg_status tg_machine_sort(tg_machine *machine)
{
    tg_status status = TG_OK;
    int32_t *start = tg_alloc_array(machine->ncores + 1, sizeof *start);

    TG_NEED(start, TG_ENOMEM, "machine of %" PRId32 " cores", machine->ncores);
    for (int32_t r = 0; r < machine->nranks; r++)
        start[machine->core[r] + 1]++;
    for (int32_t c = 0; c < machine->ncores; c++)
        start[c + 1] += start[c];
    for (int32_t r = 0; r < machine->nranks; r++)
        machine->order[start[machine->core[r]]++] = r;
out:
    tg_free(start);
    return status;
}

tg_level tg_machine_level(const tg_machine *machine, int a, int b)
{
    assert(a >= 0 && a < machine->nranks && b >= 0 && b < machine->nranks);
    if (a == b)
        return TG_LEVEL_CORE;
    if (machine->l3[a] == machine->l3[b])
        return TG_LEVEL_L3;
    if (machine->numa[a] == machine->numa[b])
        return TG_LEVEL_NUMA;
    if (machine->package[a] == machine->package[b])
        return TG_LEVEL_PACKAGE;
    return machine->host[a] == machine->host[b] ? TG_LEVEL_HOST : TG_LEVEL_CLUSTER;
}

double tg_machine_transfer_seconds(const tg_machine *machine, int from, int to, int64_t bytes)
{
    const tg_cost *cost = &machine->cost[tg_machine_level(machine, from, to)];

    if (from == to)
        return 0;
    return machine->overhead + cost->latency + (double)bytes / cost->bandwidth;
}

const char *tg_level_name(tg_level level)
{
    return (unsigned)level < TG_NLEVELS ? levels[level].name : "?";
}

static void print_count(FILE *file, const char *before, int32_t count, const char *noun)
{
    fprintf(file, "%s%" PRId32 " %s%s", before, count, noun, count == 1 ? "" : "s");
}

/* "4 hosts x 2 packages x 16 cores" where all divides evenly, else "3 hosts, 5 packages, ...". */
static void print_parts(const tg_machine *machine, FILE *file)
{
    const struct {
        const char *noun;
        int32_t count;
    } parts[] = {{"package", machine->npackages},
                 {"NUMA node", machine->nnumas},
                 {"L3 cache", machine->nl3s},
                 {"core", machine->ncores}};
    const size_t nparts = sizeof parts / sizeof *parts;
    bool even = !machine->uneven;

    for (size_t i = 0; i < nparts; i++)
        even = even && parts[i].count % (i > 0 ? parts[i - 1].count : machine->nhosts) == 0;
    print_count(file, "", machine->nhosts, "host");
    for (size_t i = 0; i < nparts; i++) {
        int32_t above = i > 0 ? parts[i - 1].count : machine->nhosts;

        if (i + 1 < nparts && parts[i].count == above)
            continue;
        if (even)
            print_count(file, " x ", parts[i].count / above, parts[i].noun);
        else
            print_count(file, ", ", parts[i].count, parts[i].noun);
    }
}

void tg_machine_print(const tg_machine *machine, FILE *file)
{
    int32_t least = INT32_MAX;
    int32_t most = 0;
    int32_t crowded = 0;

    for (int32_t r = 0; r < machine->nranks; r++) {
        least = machine->threads[r] < least ? machine->threads[r] : least;
        most = machine->threads[r] > most ? machine->threads[r] : most;
    }
    for (int32_t h = 0; h < machine->nhosts; h++)
        crowded += machine->oversubscribed[h];
    print_parts(machine, file);
    print_count(file, ", ", machine->nranks, "rank");
    if (least < most)
        fprintf(file, ", %" PRId32 " to %" PRId32 " threads each", least, most);
    else
        fprintf(file, ", %" PRId32 " thread%s each", most, most == 1 ? "" : "s");
    if (crowded > 0 && crowded == machine->nhosts)
        fputs(", more ranks than cores", file);
    else if (crowded > 0)
        print_count(file, ", more ranks than cores on ", crowded, "host");
    fputc('\n', file);
}

/* Whether rank b may follow rank a in tree order: ids ascend, and a part has one part above it. */
static bool follows(const tg_machine *m, int32_t a, int32_t b)
{
    const int32_t *ids[] = {m->host, m->package, m->numa, m->l3, m->core};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (ids[i][b] < ids[i][a])
            return false;
        if (i > 0 && ids[i][b] == ids[i][a] && ids[i - 1][b] != ids[i - 1][a])
            return false;
    }
    return m->core[a] < m->core[b] || a < b;
}

bool tg_machine_is_valid(const tg_machine *m)
{
    if (!m || m->nranks < 1 || m->nhosts < 1 || m->npackages < m->nhosts ||
        m->nnumas < m->npackages || m->nl3s < m->nnumas || m->ncores < m->nl3s)
        return false;
    for (int32_t i = 0; i < m->nranks; i++) {
        int32_t r = m->order[i];

        if (r < 0 || r >= m->nranks || m->threads[r] < 1 || m->host[r] < 0 ||
            m->host[r] >= m->nhosts || m->core[r] < 0 || m->core[r] >= m->ncores)
            return false;
        if (i > 0 && !follows(m, m->order[i - 1], r))
            return false;
    }
    return true;
}
