/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The machine as the planner sees it: a tree of cluster, host, package, NUMA node, L3 cache, core,
 * with each rank at a core, and what it costs to move bytes between two ranks.
 *
 * It comes from what each rank says of itself (describe_local on every rank, the bytes gathered to
 * rank 0 by whoever has messages, from_ranks there) or from a written machine (from_spec), which
 * need not exist. Nothing here talks to other ranks.
 */
#ifndef TG_PLACE_MACHINE_H
#define TG_PLACE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <tegula/status.h>

/** The lowest part of the tree that two ranks share; CORE: they are the same rank. */
typedef enum tg_level {
    TG_LEVEL_CORE = 0,
    TG_LEVEL_L3,
    TG_LEVEL_NUMA,
    TG_LEVEL_PACKAGE,
    TG_LEVEL_HOST,
    TG_LEVEL_CLUSTER,
    TG_NLEVELS
} tg_level;

/** What a message between ranks that share a level costs beside the overhead of any message. */
typedef struct tg_cost {
    double latency;   /* seconds */
    double bandwidth; /* bytes a second */
} tg_cost;

/** Bytes of a host's name with the final NUL. */
#define TG_HOST_NAME_SIZE 72

/** Consecutive cores of one host (by hwloc's logical index) in the same parts of it. */
typedef struct tg_core_run {
    uint16_t first;
    uint16_t count;
    uint16_t package;
    uint16_t numa;
    uint16_t l3;
    uint16_t zero;
} tg_core_run;

/** What one rank says of itself: plain bytes, equal for ranks of equal host and binding. */
typedef struct tg_rank_description {
    uint32_t size;                /* bytes, runs included; a multiple of 4 */
    uint32_t nruns;               /* at least 1, ascending, without overlap */
    uint32_t npus;                /* hardware threads in the binding */
    char host[TG_HOST_NAME_SIZE]; /* zeros after the name */
    tg_core_run runs[];           /* the cores that the rank is bound to */
} tg_rank_description;

/**
 * The tree. Ids of each level count from 0 through the whole machine in tree order, so parts of
 * equal number in different hosts or packages have different ids; they include parts that hold no
 * rank but lie in the binding of one.
 */
typedef struct tg_machine {
    int32_t nranks;
    int32_t nhosts;
    int32_t npackages;
    int32_t nnumas;
    int32_t nl3s;
    int32_t ncores;
    bool uneven;                     /* hosts differ in their parts */
    double overhead;                 /* seconds that any message costs */
    tg_cost cost[TG_NLEVELS];        /* may be changed after creation */
    int32_t *host;                   /* [nranks] id of the rank's host, and so on */
    int32_t *package;                /* [nranks] */
    int32_t *numa;                   /* [nranks] */
    int32_t *l3;                     /* [nranks] */
    int32_t *core;                   /* [nranks] ranks may share one */
    int32_t *threads;                /* [nranks] that the rank may use, at least 1 */
    int32_t *order;                  /* [nranks] the ranks in tree order, by number within a core */
    bool *apart;                     /* [nranks] no other rank is bound to a core of its own */
    bool *oversubscribed;            /* [nhosts] more ranks than cores */
    char (*name)[TG_HOST_NAME_SIZE]; /* [nhosts] */
} tg_machine;

/**
 * What the calling rank says of itself: host, and the cores of its binding with their place in the
 * host. Asks hwloc, so HWLOC_SYNTHETIC and HWLOC_XMLFILE put the rank on an imaginary host.
 *
 * Call:    local, on any rank.
 * Owner:   the caller, who gives *bytes to tg_free; no pointers inside.
 * Errors:  TG_EMPI when hwloc fails or the host has more parts than 65,535 of a kind.
 * Cost:    one load of the topology without devices: a few milliseconds.
 * Tests:   tests/runtime/place/test_machine.c
 */
TG_MUST_CHECK tg_status tg_machine_describe_local(void **bytes, size_t *size);

/**
 * The machine of `nranks` ranks whose descriptions lie one after the other, in order of rank, in
 * `bytes`: just what MPI_Gatherv leaves.
 *
 * Hosts are numbered by first appearance. Ranks of the same binding are dealt in blocks over its
 * cores, as if each were pinned to its share. A rank's threads are its share of its cores, a core
 * counting 1/k where k ranks are bound to it: cores / ranks where bindings are equal.
 *
 * Call:    local (rank 0).
 * Owner:   the caller, who gives *out to tg_machine_destroy.
 * Errors:  TG_EMPI for bytes that are no descriptions, TG_ENOMEM.
 * Cost:    linear in ranks and in cores of distinct bindings; 65,536 ranks take some milliseconds.
 * Tests:   tests/runtime/place/test_machine.c
 */
TG_MUST_CHECK tg_status tg_machine_from_ranks(const void *bytes, size_t size, int nranks,
                                              tg_machine **out);

/**
 * A written machine: "host:4 pack:2 core:16", levels from the largest to the smallest, each with
 * how many a part of the level before has. Levels are host (or node), pack (package, socket), numa,
 * l3, core; those left out count 1; a last pu:N is accepted and changes nothing. Or the name of an
 * hwloc XML file (ending in .xml): one host of that shape.
 *
 * `nranks` ranks are dealt in blocks over the hosts and within a host over its cores; 0: one rank a
 * core.
 *
 * Call:    local.
 * Owner:   the caller, who gives *out to tg_machine_destroy.
 * Errors:  TG_EUSAGE with the column of what is wrong in the text or for an XML file that hwloc
 *          does not load; TG_ENOMEM.
 * Tests:   tests/runtime/place/test_machine.c
 */
TG_MUST_CHECK tg_status tg_machine_from_spec(const char *spec, int nranks, tg_machine **out);

/** Free a machine; takes NULL; *machine is NULL afterwards. Call: local. */
void tg_machine_destroy(tg_machine **machine);

/** The lowest level that two ranks share. Call: local. Cost: constant. */
tg_level tg_machine_level(const tg_machine *machine, int a, int b);

/** Seconds that a message of `bytes` bytes takes; 0 from a rank to itself. Call: local. */
double tg_machine_transfer_seconds(const tg_machine *machine, int from, int to, int64_t bytes);

/** A level in words: "core", "L3", "NUMA", ... Call: local. Owner: static. */
const char *tg_level_name(tg_level level);

/** One line: "4 hosts x 2 packages x 16 cores, 128 ranks, 1 thread each". Call: local. */
void tg_machine_print(const tg_machine *machine, FILE *file);

/** Whether the invariants above hold, for assert. Call: local. Cost: one pass over the ranks. */
bool tg_machine_is_valid(const tg_machine *machine);

#endif
