/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The worker: what a rank does while there is work. It runs ready tasks, pushes their results to
 * the ranks that need them, takes in what others push, and reports up the tree when its part is
 * finished.
 *
 * One thread: tasks and messages alternate; no lock is taken. Several threads: the calling thread
 * has the messages, helpers run tasks; one lock guards the work and the outbox.
 */
#ifndef TG_EXEC_WORKER_H
#define TG_EXEC_WORKER_H

#include "exec/message.h"
#include "exec/report.h"
#include "exec/task.h"

typedef struct tg_worker tg_worker;

/** Told on rank 0 while a part is worked on: tasks done by all ranks so far. */
typedef void tg_watch(void *self, int64_t done, bool finished);

/** What a worker is made with; all pointers are borrowed. */
typedef struct tg_worker_options {
    int rank, nranks, nthreads;
    int retries;
    bool crowded;    /* more ranks than cores on this host: do not spin */
    bool record;     /* keep an event for every task */
    double begin;    /* tg_now() here when the clocks of all ranks were 0 */
    double progress; /* seconds between progress frames to rank 0; 0: none */
    tg_watch *watch; /* rank 0 only; may be NULL */
    void *watch_self;
    tg_store *store;
    tg_net *net;
    tg_locals *locals;
    const tg_objects *objects;
} tg_worker_options;

TG_MUST_CHECK tg_status tg_worker_create(const tg_worker_options *options, tg_worker **out);
void tg_worker_destroy(tg_worker **worker);

/** Serve until rank 0 says stop. Errors: TG_EMPI, TG_ENOMEM: the rank cannot go on. */
TG_MUST_CHECK tg_status tg_worker_serve(tg_worker *worker);

/**
 * Rank 0: work on its own part until all ranks have reported. `bytes` and the hold on it are taken
 * over. *report is of all ranks; events (malloc, report->nevents of them) may be NULL.
 * pinned[i]: the buffer of target i with a hold for the caller; NULL: empty, or failed.
 */
TG_MUST_CHECK tg_status tg_worker_run(tg_worker *worker, tg_buffer *bytes, tg_buffer **pinned,
                                      tg_report *report, tg_event **events);

/** Tell all ranks to stop. Rank 0. */
TG_MUST_CHECK tg_status tg_worker_stop(tg_worker *worker);

/** The process was told to end early: no further task starts. Safe in a signal handler. */
void tg_worker_interrupt(int signal);

#endif
