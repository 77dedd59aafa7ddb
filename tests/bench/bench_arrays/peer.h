/* SPDX-License-Identifier: BSD-3-Clause */
/** NumPy, numexpr and Dask in a Python process beside us, asked for one turn at a time. */
#ifndef BENCH_ARRAYS_PEER_H
#define BENCH_ARRAYS_PEER_H

#include <stdio.h>
#include <sys/types.h>

enum { PEERS = 3 };

extern const char *const peer_names[PEERS];

/** The process; its zero is none. */
typedef struct peer {
    pid_t pid;
    FILE *to, *from;
} peer;

/** Start peers/arrays.py, which lies in the folder of the benchmarks' sources. */
tg_status peer_start(peer *p);

/** Let it make the operands of a case. Gives back TG_EIO when it is gone. */
tg_status peer_prepare(peer *p, const bench_case *which);

/** Seconds that one turn of a peer takes; NaN where it has no such case. */
double peer_turn(peer *p, int i);

void peer_stop(peer *p);

#endif
