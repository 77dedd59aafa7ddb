/* SPDX-License-Identifier: BSD-3-Clause */
/** What runs on the ranks: bench_storage starts itself under mpirun as --inside CASE PATH. */
#ifndef BENCH_STORAGE_INSIDE_H
#define BENCH_STORAGE_INSIDE_H

#include <stddef.h>
#include <stdint.h>

enum {
    WRITE_CHUNKS = 256,
    WRITE_CHUNK = 8 << 20, /* bytes: 2 GiB in all */
    DEFLATE_CHUNKS = 256,
    DEFLATE_CHUNK = 1 << 20, /* bytes: 256 MiB in all */
    DEFLATE_LEVEL = 4,
    MANY_ROWS = 400, /* 400 x 250 chunks of 8 x 8 */
    MANY_COLUMNS = 250,
};

/** Run a case; prints KEY VALUE lines. The exit status. */
int inside(const char *name, const char *path, int argc, char **argv);

#endif
