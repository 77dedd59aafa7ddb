/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The worker: what a rank does while there is work. It runs ready tasks, pushes their results to
 * the ranks that need them, takes in what others push, and reports up the tree when its part is
 * finished. Parts of several plans can be worked on at one time; the older goes first.
 *
 * One thread: tasks and messages alternate; no lock is taken. Several threads: the calling thread
 * has the messages, helpers run tasks; one lock guards what both see.
 */
#ifndef TG_EXEC_WORKER_H
#define TG_EXEC_WORKER_H

#include "exec/message.h"
#include "exec/spill.h"
#include "exec/task.h"
#include "exec/work.h"
#include "place/binding.h"

typedef struct tg_worker tg_worker;

/** Bytes that a process may have beside what --memory says is for results: its program, libraries,
 * MPI. What it has more (a large plan) is not there for results. */
#define TG_MEMORY_BESIDE (INT64_C(28) << 20)

/** Told on rank 0 while it works: tasks done by all ranks so far. */
typedef void tg_watch(void *self, int64_t done, bool finished);

/** What a worker is made with; all pointers are borrowed. */
typedef struct tg_worker_options {
    int rank, nranks, nthreads;
    int retries;
    bool crowded;    /* more ranks than cores on this host: do not spin */
    bool takes;      /* takes over tasks of other ranks when idle */
    int64_t memory;  /* bytes of results beyond which sources wait; 0: no limit */
    tg_spill *spill; /* where results go then; NULL: nowhere; with memory only */
    bool measures;   /* reports say what the process has in memory */
    bool record;     /* keep an event for every task */
    double begin;    /* tg_now() here when the clocks of all ranks were 0 */
    double progress; /* seconds between progress frames to rank 0; 0: none */
    tg_watch *watch; /* rank 0 only; may be NULL */
    void *watch_self;
    const tg_binding *binding; /* of the threads; NULL: they are not bound */
    tg_store *store;
    tg_net *net;
    tg_locals *locals;
    const tg_objects *objects;
} tg_worker_options;

TG_MUST_CHECK tg_status tg_worker_create(const tg_worker_options *options, tg_worker **out);
void tg_worker_destroy(tg_worker **worker);

/** Serve until rank 0 says stop. Errors: TG_EMPI, TG_ENOMEM: the rank cannot go on. */
TG_MUST_CHECK tg_status tg_worker_serve(tg_worker *worker);

/** Begin a part; takes over the hold on its bytes. Rank 0 begins its own so. */
TG_MUST_CHECK tg_status tg_worker_begin(tg_worker *worker, tg_buffer *bytes);

/** Rank 0: one turn of work and messages; waits a little when there is nothing to do. */
TG_MUST_CHECK tg_status tg_worker_turn(tg_worker *worker);

/** Rank 0: send and take in what there is, run nothing, do not wait. */
TG_MUST_CHECK tg_status tg_worker_poll(tg_worker *worker);

/** Rank 0: has a part been finished by all ranks? */
bool tg_worker_is_finished(tg_worker *worker, int64_t epoch);

/**
 * Rank 0: end a finished part. *report is of all ranks; events (malloc, report->nevents of them)
 * may be NULL. pinned[i]: the buffer of target i with a hold for the caller; NULL: empty or failed.
 */
TG_MUST_CHECK tg_status tg_worker_collect(tg_worker *worker, int64_t epoch, tg_buffer **pinned,
                                          tg_report *report, tg_event **events);

/** Rank 0: let go of a kept result, cancel a part, or have the task of a kept result fail if it has
 * not started, here. Other ranks are told by frames. */
void tg_worker_drop(tg_worker *worker, int64_t handle);
void tg_worker_cancel(tg_worker *worker, int64_t epoch);
void tg_worker_refuse(tg_worker *worker, int64_t handle);

/** Told on rank 0 of each result that some rank has kept: the message, NULL: none, of one that
 * failed. */
typedef void tg_tell_kept(void *self, int64_t handle, tg_status status, const char *message);

/** Rank 0: tell of the results kept since the last call, in the order in which rank 0 heard. */
void tg_worker_tell_kept(tg_worker *worker, tg_tell_kept *tell, void *self);

/** Rank 0: tell all ranks to stop, and see to the last messages. */
TG_MUST_CHECK tg_status tg_worker_stop(tg_worker *worker);

/** The process was told to end early: no further task starts. Safe in a signal handler. */
void tg_worker_interrupt(int signal);

#endif
