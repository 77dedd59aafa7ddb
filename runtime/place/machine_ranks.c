/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The machine from what its ranks say of themselves.
 *
 *   ranks --(equal descriptions)--> groups --(equal host name)--> hosts
 *
 * A group is a host and a binding; there are at most as many groups as ranks, and few where ranks
 * are not bound. All work on cores is per group: for each host, in order of first appearance, the
 * cores of its groups are laid out in a table, sorted into tree order and numbered, and then each
 * group's ranks are dealt over the group's cores.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"
#include "place/machine_build.h"

/* Items grouped by key: members[start[k]] ... members[start[k + 1] - 1] are those of key k. */
typedef struct grouping {
    int32_t nkeys;
    int32_t *key;     /* [nitems], numbered by first appearance */
    int32_t *start;   /* [nkeys + 1] */
    int32_t *members; /* [nitems], ascending within a key */
} grouping;

/* A core of the host at hand. */
typedef struct core {
    uint16_t index; /* hwloc's logical index in its host */
    uint16_t package;
    uint16_t numa;
    uint16_t l3;
    int32_t sharers; /* ranks bound to it */
    int32_t id[4];   /* in the machine: package, numa, l3, core */
} core;

/* The host at hand. */
typedef struct host_table {
    core *cores;        /* [ncores], in tree order once numbered */
    int32_t ncores;     /* cores that some rank is bound to */
    int32_t *where;     /* [UINT16_MAX + 1] index in its host -> place in `cores`, -1: none */
    int32_t *slots;     /* [ncores] places in `cores` of the cores of one group */
    int64_t cores_size; /* cores that there is room for */
    int64_t slots_size;
} host_table;

typedef struct builder {
    const tg_rank_description *const *of; /* [nranks] */
    grouping groups;                      /* of ranks */
    grouping hosts;                       /* of groups */
    host_table table;
    int32_t parts[4]; /* of the host before and this one: packages, numas, l3s, cores */
    tg_machine *machine;
} builder;

static void grouping_free(grouping *g)
{
    tg_free(g->key);
    tg_free(g->start);
    tg_free(g->members);
    *g = (grouping){0};
}

/* Number equal byte strings by first appearance. Open addressing over twice as many slots. */
static tg_status number_keys(grouping *g, int32_t nitems,
                             const void *(*bytes)(const void *, int32_t),
                             size_t (*size)(const void *, int32_t), const void *of)
{
    tg_status status = TG_OK;
    size_t nslots = 16;
    int32_t *slots = NULL; /* 1 + the first item of the key there, 0: free */

    while (nslots < 2 * (size_t)nitems)
        nslots *= 2;
    slots = tg_alloc_array((int64_t)nslots, sizeof *slots);
    g->key = tg_alloc_array(nitems, sizeof *g->key);
    TG_NEED(slots && g->key, TG_ENOMEM, "groups of %" PRId32 " ranks", nitems);
    for (int32_t i = 0; i < nitems; i++) {
        size_t s = XXH3_64bits(bytes(of, i), size(of, i)) & (nslots - 1);

        while (slots[s] != 0 && (size(of, slots[s] - 1) != size(of, i) ||
                                 memcmp(bytes(of, slots[s] - 1), bytes(of, i), size(of, i)) != 0))
            s = (s + 1) & (nslots - 1);
        g->key[i] = slots[s] != 0 ? g->key[slots[s] - 1] : g->nkeys++;
        if (slots[s] == 0)
            slots[s] = i + 1;
    }
out:
    tg_free(slots);
    return status;
}

/* Fill start and members from the keys. */
static tg_status list_members(grouping *g, int32_t nitems)
{
    tg_status status = TG_OK;

    g->start = tg_alloc_array(g->nkeys + 2, sizeof *g->start);
    g->members = tg_alloc_array(nitems, sizeof *g->members);
    TG_NEED(g->start && g->members, TG_ENOMEM, "groups of %" PRId32 " ranks", nitems);
    for (int32_t i = 0; i < nitems; i++)
        g->start[g->key[i] + 2]++;
    for (int32_t k = 0; k < g->nkeys; k++)
        g->start[k + 2] += g->start[k + 1];
    for (int32_t i = 0; i < nitems; i++)
        g->members[g->start[g->key[i] + 1]++] = i;
out:
    return status;
}

static const void *description_bytes(const void *of, int32_t rank)
{
    return ((const builder *)of)->of[rank];
}

static size_t description_size(const void *of, int32_t rank)
{
    return ((const builder *)of)->of[rank]->size;
}

/* What a group's ranks say. */
static const tg_rank_description *group_description(const builder *b, int32_t group)
{
    return b->of[b->groups.members[b->groups.start[group]]];
}

static int32_t group_size(const builder *b, int32_t group)
{
    return b->groups.start[group + 1] - b->groups.start[group];
}

static const void *host_bytes(const void *of, int32_t group)
{
    return group_description(of, group)->host;
}

static size_t host_size(const void *of, int32_t group)
{
    return strnlen(group_description(of, group)->host, TG_HOST_NAME_SIZE);
}

/* Add a group's cores to the table, its ranks to those that share them. */
static tg_status table_add_group(host_table *t, const tg_rank_description *d, int32_t nranks)
{
    tg_status status = TG_OK;

    for (const tg_core_run *run = d->runs; run < d->runs + d->nruns; run++) {
        for (uint16_t i = run->first; i < run->first + run->count; i++) {
            if (t->where[i] < 0) {
                TG_TRY(tg_grow(&t->cores, &t->cores_size, t->ncores + 1, sizeof *t->cores));
                t->where[i] = t->ncores;
                t->cores[t->ncores++] =
                    (core){.index = i, .package = run->package, .numa = run->numa, .l3 = run->l3};
            }
            t->cores[t->where[i]].sharers += nranks;
        }
    }
out:
    return status;
}

static int compare_cores(const void *left, const void *right)
{
    const core *a = left;
    const core *b = right;

    if (a->package != b->package)
        return a->package < b->package ? -1 : 1;
    if (a->numa != b->numa)
        return a->numa < b->numa ? -1 : 1;
    if (a->l3 != b->l3)
        return a->l3 < b->l3 ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Put the host's cores in tree order and number its parts on from those of the hosts before. */
static void table_number(host_table *t, tg_machine *m, int32_t parts[4])
{
    int32_t *next[4] = {&m->npackages, &m->nnumas, &m->nl3s, &m->ncores};
    const int32_t before[4] = {m->npackages, m->nnumas, m->nl3s, m->ncores};

    qsort(t->cores, (size_t)t->ncores, sizeof *t->cores, compare_cores);
    for (int32_t c = 0; c < t->ncores; c++) {
        core *here = &t->cores[c];
        const core *last = c > 0 ? here - 1 : NULL;
        bool apart[4]; /* differs from the core before at this level or above */

        apart[0] = !last || last->package != here->package;
        apart[1] = apart[0] || last->numa != here->numa;
        apart[2] = apart[1] || last->l3 != here->l3;
        apart[3] = true;
        for (int i = 0; i < 4; i++) {
            *next[i] += apart[i];
            here->id[i] = *next[i] - 1;
        }
        t->where[here->index] = c;
    }
    for (int i = 0; i < 4; i++) {
        if (parts[i] > 0 && parts[i] != *next[i] - before[i])
            m->uneven = true;
        parts[i] = *next[i] - before[i];
    }
}

/* Deal a group's ranks in blocks over its cores, and give each its share of threads. */
static void place_group(builder *b, int32_t group, int32_t host)
{
    tg_machine *m = b->machine;
    host_table *t = &b->table;
    const tg_rank_description *d = group_description(b, group);
    int32_t nranks = group_size(b, group);
    int32_t nslots = 0;
    double share = 0;
    bool apart = nranks == 1;

    for (const tg_core_run *run = d->runs; run < d->runs + d->nruns; run++)
        for (uint16_t i = run->first; i < run->first + run->count; i++)
            t->slots[nslots++] = t->where[i];
    for (int32_t s = 0; s < nslots; s++) {
        share += 1.0 / t->cores[t->slots[s]].sharers;
        apart = apart && t->cores[t->slots[s]].sharers == 1;
    }
    for (int32_t i = 0; i < nranks; i++) {
        int32_t r = b->groups.members[b->groups.start[group] + i];
        const core *at = &t->cores[t->slots[(int64_t)i * nslots / nranks]];

        m->host[r] = host;
        m->package[r] = at->id[0];
        m->numa[r] = at->id[1];
        m->l3[r] = at->id[2];
        m->core[r] = at->id[3];
        m->apart[r] = apart;
        m->threads[r] = share < 1 ? 1 : (int32_t)(share + 1e-6); /* 3 times 1/3 is 1 */
    }
}

static tg_status build_host(builder *b, int32_t host)
{
    tg_status status = TG_OK;
    tg_machine *m = b->machine;
    host_table *t = &b->table;
    const int32_t *group = b->hosts.members + b->hosts.start[host];
    const int32_t *end = b->hosts.members + b->hosts.start[host + 1];
    int32_t nranks = 0;

    t->ncores = 0;
    for (const int32_t *g = group; g < end; g++) {
        TG_TRY(table_add_group(t, group_description(b, *g), group_size(b, *g)));
        nranks += group_size(b, *g);
    }
    TG_TRY(tg_grow(&t->slots, &t->slots_size, t->ncores, sizeof *t->slots));
    table_number(t, m, b->parts);
    for (const int32_t *g = group; g < end; g++)
        place_group(b, *g, host);
    for (int32_t c = 0; c < t->ncores; c++)
        t->where[t->cores[c].index] = -1;
    m->oversubscribed[host] = nranks > t->ncores;
    memcpy(m->name[host], host_bytes(b, *group), host_size(b, *group));
out:
    return status;
}

tg_status tg_machine_from_descriptions(const tg_rank_description *const *descriptions,
                                       int32_t nranks, tg_machine **out)
{
    tg_status status = TG_OK;
    builder b = {.of = descriptions};

    TG_TRY(number_keys(&b.groups, nranks, description_bytes, description_size, &b));
    TG_TRY(list_members(&b.groups, nranks));
    TG_TRY(number_keys(&b.hosts, b.groups.nkeys, host_bytes, host_size, &b));
    TG_TRY(list_members(&b.hosts, b.groups.nkeys));
    TG_TRY(tg_machine_create(nranks, b.hosts.nkeys, &b.machine));
    b.table.where = tg_alloc_array(UINT16_MAX + 1, sizeof *b.table.where);
    TG_NEED(b.table.where, TG_ENOMEM, "table of %d cores", UINT16_MAX + 1);
    memset(b.table.where, -1, (UINT16_MAX + 1) * sizeof *b.table.where);
    for (int32_t h = 0; h < b.hosts.nkeys; h++)
        TG_TRY(build_host(&b, h));
    TG_TRY(tg_machine_sort(b.machine));
    assert(tg_machine_is_valid(b.machine));
    *out = b.machine;
    b.machine = NULL;
out:
    tg_machine_destroy(&b.machine);
    tg_free(b.table.cores);
    tg_free(b.table.where);
    tg_free(b.table.slots);
    grouping_free(&b.hosts);
    grouping_free(&b.groups);
    return status;
}

/* Whether `room` bytes begin with a description that holds together. */
static bool description_is_valid(const tg_rank_description *d, size_t room)
{
    int32_t next = 0;

    if (room < sizeof *d || d->size > room || d->nruns < 1 || d->nruns > UINT16_MAX ||
        d->size != sizeof *d + d->nruns * sizeof *d->runs || d->host[TG_HOST_NAME_SIZE - 1] != 0)
        return false;
    for (const tg_core_run *run = d->runs; run < d->runs + d->nruns; run++) {
        if (run->count < 1 || run->first < next || run->first + run->count > UINT16_MAX)
            return false;
        next = run->first + run->count;
    }
    return true;
}

tg_status tg_machine_from_ranks(const void *bytes, size_t size, int nranks, tg_machine **out)
{
    tg_status status = TG_OK;
    const tg_rank_description **of = tg_alloc_array(nranks, sizeof *of);
    size_t at = 0;

    assert(nranks > 0 && (uintptr_t)bytes % _Alignof(tg_rank_description) == 0);
    TG_NEED(of, TG_ENOMEM, "descriptions of %d ranks", nranks);
    for (int r = 0; r < nranks; r++) {
        of[r] = (const void *)((const char *)bytes + at);
        TG_NEED(description_is_valid(of[r], size - at), TG_EMPI,
                "rank %d sent no sound description of its host: do all ranks run this program?", r);
        at += of[r]->size;
    }
    TG_NEED(at == size, TG_EMPI, "the ranks' descriptions of their hosts have %zu bytes, not %zu",
            size, at);
    TG_TRY(tg_machine_from_descriptions(of, nranks, out));
out:
    tg_free(of);
    return status;
}
