/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * How much memory a rank takes, counted and not timed. Each case prints
 *
 *     case=NAME resident_mib= predicted_mib= over_predicted= budget_mib= over_budget_mib= reads=
 *
 * resident_mib: the most that the process of a rank had in memory; predicted_mib: what it was said
 * to have before the start; over_predicted: their ratio; reads: bytes read over the files' bytes.
 */
#ifndef BENCH_STORAGE_MEMORY_H
#define BENCH_STORAGE_MEMORY_H

#include <stdbool.h>

/** Folders and ranks of a case. */
typedef struct memory_bench {
    const char *bin, *peers, *data; /* programs, scripts, files that are kept */
    int ranks;
} memory_bench;

/** Maps of four runs of 104 x 90 x 72 x 1200, 6.5 GB. */
bool memory_tsnr(const memory_bench *bench);
/** A file of volumes, 8 times the memory of all ranks, cut into time series; spilled_mib= is what
 * went to disk, different= counts wrong values. */
bool memory_rechunk(const memory_bench *bench);

#endif
