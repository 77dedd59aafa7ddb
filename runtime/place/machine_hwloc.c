/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What hwloc knows of the host, cut down to what the tree needs: for each core of the binding its
 * package, NUMA node and L3 cache.
 *
 * Many ranks of a host do this at once, so the topology is loaded without devices and inner caches,
 * and without hwloc's x86 component, which would hop over all processors to ask each.
 * Processors that the job may not use are loaded all the same: logical numbers are then those of
 * the whole host, and equal for ranks that are confined differently.
 */
#include <errno.h>
#include <hwloc.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "place/machine_build.h"

static const hwloc_obj_type_t kept[] = {HWLOC_OBJ_PACKAGE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_CORE};

/* Load the topology of this host, or of an XML file where `xml` is not NULL. */
static tg_status load(const char *xml, hwloc_topology_t *out)
{
    tg_status status = TG_OK;
    hwloc_topology_t topology = NULL;

    TG_NEED(hwloc_topology_init(&topology) == 0, TG_EMPI, "hwloc_topology_init failed: %s",
            strerror(errno));
    TG_NEED(!xml || hwloc_topology_set_xml(topology, xml) == 0, TG_EUSAGE,
            "%s: hwloc does not read this file as the XML of a topology: %s", xml, strerror(errno));
    hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        hwloc_topology_set_type_filter(topology, kept[i], HWLOC_TYPE_FILTER_KEEP_ALL);
    /* Groups are what hwloc hangs NUMA nodes on that are smaller than a package. */
    hwloc_topology_set_type_filter(topology, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
    TG_NEED(hwloc_topology_load(topology) == 0, xml ? TG_EUSAGE : TG_EMPI,
            "%s: hwloc cannot load the topology: %s", xml ? xml : "this host", strerror(errno));
    *out = topology;
    topology = NULL;
out:
    if (topology)
        hwloc_topology_destroy(topology);
    return status;
}

/* The processors that the calling thread is bound to; all that are allowed if hwloc cannot say. */
static void get_binding(hwloc_topology_t topology, hwloc_cpuset_t set)
{
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology);

    if (hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_THREAD) == 0)
        hwloc_bitmap_and(set, set, hwloc_topology_get_topology_cpuset(topology));
    else
        hwloc_bitmap_copy(set, allowed);
    if (hwloc_bitmap_iszero(set))
        hwloc_bitmap_copy(set, allowed);
}

tg_status tg_machine_load_here(hwloc_topology_t *topology, hwloc_cpuset_t set)
{
    const tg_status status = load(NULL, topology);

    if (status == TG_OK)
        get_binding(*topology, set);
    return status;
}

static unsigned part_of(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t core)
{
    hwloc_obj_t part = hwloc_get_ancestor_obj_by_type(topology, type, core);

    return part ? part->logical_index : 0;
}

/* The core's place; parts that the host does not tell apart are one part, 0. */
static tg_core_run place_of(hwloc_topology_t topology, hwloc_obj_t core)
{
    int numa = hwloc_bitmap_first(core->nodeset);

    return (tg_core_run){
        .first = (uint16_t)core->logical_index,
        .count = 1,
        .package = (uint16_t)part_of(topology, HWLOC_OBJ_PACKAGE, core),
        .numa = (uint16_t)(numa < 0 ? 0 : numa),
        .l3 = (uint16_t)part_of(topology, HWLOC_OBJ_L3CACHE, core),
    };
}

/* Append a core to the runs, or lengthen the last one. */
static void add_core(tg_rank_description *description, tg_core_run core)
{
    tg_core_run *last = description->nruns > 0 ? &description->runs[description->nruns - 1] : NULL;

    if (last && last->first + last->count == core.first && last->package == core.package &&
        last->numa == core.numa && last->l3 == core.l3)
        last->count++;
    else
        description->runs[description->nruns++] = core;
}

/* Describe the cores that meet `set`. Hosts that name no cores (some virtual ones) count by PU. */
static tg_status describe(hwloc_topology_t topology, hwloc_const_cpuset_t set, const char *host,
                          tg_rank_description **out)
{
    tg_status status = TG_OK;
    int ncores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);
    hwloc_obj_type_t type = ncores > 0 ? HWLOC_OBJ_CORE : HWLOC_OBJ_PU;
    tg_rank_description *description = NULL;

    ncores = hwloc_get_nbobjs_by_type(topology, type);
    TG_NEED(ncores > 0 && ncores < UINT16_MAX, TG_EMPI,
            "hwloc reports %d cores on %s: 1 to 65534 are supported", ncores, host);
    description = tg_zalloc(sizeof *description + (size_t)ncores * sizeof *description->runs);
    TG_NEED(description, TG_ENOMEM, "description of %d cores", ncores);
    memcpy(description->host, host, strnlen(host, TG_HOST_NAME_SIZE - 1));
    for (hwloc_obj_t core = NULL; (core = hwloc_get_next_obj_by_type(topology, type, core));)
        if (hwloc_bitmap_intersects(core->cpuset, set))
            add_core(description, place_of(topology, core));
    TG_NEED(description->nruns > 0, TG_EMPI, "%s: hwloc finds no core in this rank's binding",
            host);
    description->npus = (uint32_t)hwloc_bitmap_weight(set);
    description->size =
        (uint32_t)(sizeof *description + description->nruns * sizeof *description->runs);
    *out = description;
    description = NULL;
out:
    tg_free(description);
    return status;
}

tg_status tg_machine_describe_local(void **bytes, size_t *size)
{
    tg_status status = TG_OK;
    hwloc_topology_t topology = NULL;
    hwloc_cpuset_t set = hwloc_bitmap_alloc();
    tg_rank_description *description = NULL;
    char host[TG_HOST_NAME_SIZE] = "";

    TG_NEED(set, TG_ENOMEM, "set of processors");
    TG_NEED(gethostname(host, sizeof host - 1) == 0, TG_EMPI, "this host has no name: %s",
            strerror(errno));
    TG_TRY(tg_machine_load_here(&topology, set));
    TG_TRY(describe(topology, set, host, &description));
    *bytes = description;
    *size = description->size;
out:
    hwloc_bitmap_free(set);
    if (topology)
        hwloc_topology_destroy(topology);
    return status;
}

tg_status tg_machine_describe_file(const char *path, tg_rank_description **out)
{
    tg_status status = TG_OK;
    hwloc_topology_t topology = NULL;

    TG_TRY(load(path, &topology));
    TG_TRY(describe(topology, hwloc_topology_get_allowed_cpuset(topology), "host0", out));
out:
    if (topology)
        hwloc_topology_destroy(topology);
    return status;
}
