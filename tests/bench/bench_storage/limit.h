/* SPDX-License-Identifier: BSD-3-Clause */
/** What the machine could do at best: hand-written loops in plain processes. */
#ifndef BENCH_STORAGE_LIMIT_H
#define BENCH_STORAGE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/** A stored run: a piece for each chunk, one for all where it is contiguous. */
struct run {
    char path[1024];
    int64_t voxels, volumes;
    int64_t npieces;
    struct {
        int64_t address, size;
    } * piece;
    int64_t chunk_bytes; /* of an inflated chunk */
};

/** Read the table that chunks_of.py printed to a file. False, said, when it is none. */
int run_read(const char *table, struct run *out);

/** Take the runs' files out of the page cache. False when the system does not. */
int runs_evict(const struct run *runs, int nruns);

/**
 * Seconds that `nprocesses` take together for what ours does. -1 when one of them fails.
 *
 * two_sums: pread of contiguous runs and two sums for each voxel.
 * inflate: pread of chunks and inflating them, nothing else.
 */
double limit_two_sums(const struct run *runs, int nruns, int nprocesses);
double limit_inflate(const struct run *runs, int nruns, int nprocesses);

/** Seconds for shuffling and deflating chunks of `bytes` of the pattern, nothing written. */
double limit_deflate(int64_t chunks, size_t bytes, int level, int nprocesses);

/** Values of a chunk of the pattern that the writing cases store: noise of some bits on a slope. */
void pattern(int64_t chunk, size_t bytes, int16_t *out);

#endif
