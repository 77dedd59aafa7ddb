/* SPDX-License-Identifier: BSD-3-Clause */
/** What the files that make machines share; for them only. */
#ifndef TG_PLACE_MACHINE_BUILD_H
#define TG_PLACE_MACHINE_BUILD_H

#include "place/machine.h"

/** A machine with arrays of zeros for its ranks and hosts, threads of 1, and the default costs. */
TG_MUST_CHECK tg_status tg_machine_create(int32_t nranks, int32_t nhosts, tg_machine **out);

/** Fill `order` from `core`, the last step of building. */
TG_MUST_CHECK tg_status tg_machine_sort(tg_machine *machine);

/** The machine of ranks that are described by descriptions[rank]; these are only read. */
TG_MUST_CHECK tg_status tg_machine_from_descriptions(const tg_rank_description *const *descriptions,
                                                     int32_t nranks, tg_machine **out);

/** A rank bound to all of the host that an hwloc XML file describes. *out goes to tg_free. */
TG_MUST_CHECK tg_status tg_machine_describe_file(const char *path, tg_rank_description **out);

struct hwloc_topology;
struct hwloc_bitmap_s;

/** Load the topology of this host into *topology, for hwloc_topology_destroy, and what the calling
 * thread is bound to into `set`. */
TG_MUST_CHECK tg_status tg_machine_load_here(struct hwloc_topology **topology,
                                             struct hwloc_bitmap_s *set);

#endif
