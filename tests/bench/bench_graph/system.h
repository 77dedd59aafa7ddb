/* SPDX-License-Identifier: BSD-3-Clause */
/** The two ways to run a workload. */
#ifndef BENCH_SYSTEM_H
#define BENCH_SYSTEM_H

#include <tegula/tegula.h>

#include "bench_graph/workload.h"

/** How long it took, in seconds. */
typedef struct timing {
    double run;   /* the tasks and their messages */
    double build; /* ours: adding the tasks to a graph */
    double plan;  /* ours: planning and shipping the plan */
} timing;

/**
 * As one graph of the runtime, computed at once.
 *
 * Call:    blocking (rank 0), inside tg_run.
 * Errors:  TG_ETASK for a task with a wrong input; TG_EINTERNAL when tasks are missing.
 */
TG_MUST_CHECK tg_status ours_run(tg_ctx *ctx, const workload *w, timing *out);

/**
 * Iterations a second of the kernel alone while all ranks run it: metg_rate() as a task of each.
 *
 * Call:    blocking (rank 0), inside tg_run.
 */
TG_MUST_CHECK tg_status ours_rate(tg_ctx *ctx, const workload *w, double *rate);

/** A workload made ready for plain MPI. */
typedef struct plain plain;

/**
 * Lists of what this rank computes, sends and receives: the counterpart of planning.
 *
 * Call:    collective over the ranks.
 * Errors:  NULL when memory is out.
 */
plain *plain_create(const workload *w);
void plain_destroy(plain *p);

/**
 * Columns in blocks over the ranks; at each step an MPI_Irecv and an MPI_Isend for each dependence
 * between ranks, MPI_Waitall, then the rank's tasks. Local inputs are read where they are.
 *
 * Call:    collective over the ranks.
 * Errors:  false on all ranks for a task with a wrong input on any.
 */
bool plain_run(plain *p, uint32_t iterations, timing *out);

double bench_now(void);

#endif
