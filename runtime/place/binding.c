/* SPDX-License-Identifier: BSD-3-Clause */
/* See binding.h. Cores are hwloc's objects in logical order, which is the order of the tree. */
#include "place/binding.h"

#include <hwloc.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "place/machine_build.h"

/* A thread's cores. */
typedef struct share {
    hwloc_bitmap_t set;   /* owned: of processors that the rank may use */
    unsigned first, last; /* logical numbers of cores */
    int numa;             /* of the first core, by hwloc's number */
    int node;             /* the same, counted from 0 over the rank's nodes */
} share;

struct tg_binding {
    hwloc_topology_t topology;
    share *shares; /* [nthreads] */
    int nthreads, nnodes;
};

/* The cores that meet the rank's processors, in tree order; *cores is malloced. */
static tg_status find_cores(hwloc_topology_t topology, hwloc_const_bitmap_t mine,
                            hwloc_obj_t **cores, int *ncores)
{
    const bool has_cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE) > 0;
    const hwloc_obj_type_t type = has_cores ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
    const int most = hwloc_get_nbobjs_by_type(topology, type);

    *ncores = 0;
    *cores = tg_alloc_array(most, sizeof(hwloc_obj_t));
    if (!*cores)
        return tg_fail(TG_ENOMEM, "out of memory: %d cores", most);
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(topology, type, core));)
        if (hwloc_bitmap_intersects(core->cpuset, mine))
            (*cores)[(*ncores)++] = core;
    return TG_OK;
}

static tg_status make_share(share *s, hwloc_obj_t *cores, int ncores, hwloc_const_bitmap_t mine)
{
    s->set = hwloc_bitmap_alloc();
    if (!s->set)
        return tg_fail(TG_ENOMEM, "out of memory: a set of processors");
    for (int c = 0; c < ncores; c++)
        hwloc_bitmap_or(s->set, s->set, cores[c]->cpuset);
    hwloc_bitmap_and(s->set, s->set, mine);
    s->first = cores[0]->logical_index;
    s->last = cores[ncores - 1]->logical_index;
    s->numa = hwloc_bitmap_first(cores[0]->nodeset);
    return TG_OK;
}

/* Number the nodes by first appearance: cores of one node follow each other. */
static void number_nodes(tg_binding *b)
{
    for (int t = 0; t < b->nthreads; t++) {
        if (t == 0 || b->shares[t].numa != b->shares[t - 1].numa)
            b->nnodes++;
        b->shares[t].node = b->nnodes - 1;
    }
}

tg_status tg_binding_create(int nthreads, tg_binding **out)
{
    tg_status status = TG_OK;
    tg_binding *b = tg_zalloc(sizeof *b);
    hwloc_bitmap_t mine = hwloc_bitmap_alloc();
    hwloc_obj_t *cores = NULL;
    int ncores = 0;

    *out = NULL;
    TG_NEED(b && mine, TG_ENOMEM, "out of memory: a binding");
    TG_TRY(tg_machine_load_here(&b->topology, mine));
    TG_TRY(find_cores(b->topology, mine, &cores, &ncores));
    if (nthreads > ncores)
        goto out;
    b->nthreads = nthreads;
    b->shares = tg_alloc_array(nthreads, sizeof *b->shares);
    TG_NEED(b->shares, TG_ENOMEM, "out of memory: %d threads", nthreads);
    for (int t = 0; t < nthreads; t++) {
        const int from = (int)((int64_t)t * ncores / nthreads);
        const int to = (int)((int64_t)(t + 1) * ncores / nthreads);

        TG_TRY(make_share(&b->shares[t], cores + from, to - from, mine));
    }
    number_nodes(b);
    *out = b;
    b = NULL;
out:
    tg_free(cores);
    hwloc_bitmap_free(mine);
    tg_binding_destroy(&b);
    return status;
}

void tg_binding_destroy(tg_binding **binding)
{
    tg_binding *b = *binding;

    if (!b)
        return;
    for (int t = 0; b->shares && t < b->nthreads; t++)
        hwloc_bitmap_free(b->shares[t].set);
    tg_free(b->shares);
    if (b->topology)
        hwloc_topology_destroy(b->topology);
    tg_free(b);
    *binding = NULL;
}

int tg_binding_nplaces(const tg_binding *binding)
{
    return binding && binding->nnodes > 1 ? 1 + binding->nnodes : 1;
}

int tg_binding_place(const tg_binding *binding, int thread)
{
    return binding && binding->nnodes > 1 ? 1 + binding->shares[thread].node : 0;
}

void tg_binding_apply(const tg_binding *binding, int number, pthread_t thread)
{
    if (binding)
        (void)hwloc_set_thread_cpubind(binding->topology, thread, binding->shares[number].set, 0);
}

const char *tg_binding_say(const tg_binding *b, char out[TG_BINDING_TEXT])
{
    size_t at = 0;

    if (!b) {
        strcpy(out, "no cores");
        return out;
    }
    at += (size_t)snprintf(out, TG_BINDING_TEXT, "cores");
    for (int t = 0; t < b->nthreads; t++) {
        const share *s = &b->shares[t];
        char text[64];
        int n = snprintf(text, sizeof text, "%s %u", t ? "," : "", s->first);

        if (s->last > s->first)
            n += snprintf(text + n, sizeof text - (size_t)n, "-%u", s->last);
        if (b->nnodes > 1 && (t + 1 == b->nthreads || s[1].node != s->node))
            n += snprintf(text + n, sizeof text - (size_t)n, " (NUMA node %d)", s->numa);
        if (at + (size_t)n + sizeof ", ..." > TG_BINDING_TEXT) {
            strcpy(out + at, ", ...");
            break;
        }
        strcpy(out + at, text);
        at += (size_t)n;
    }
    return out;
}
