/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The worker's inside, shared by its files: the loop and what is sent (worker.c), what arrives
 * (deliver.c), running tasks (runner.c), results on disk (away.c), taking over tasks of other ranks
 * (takeover.c), and the end of a part (finish.c).
 */
#ifndef TG_EXEC_WORKER_STATE_H
#define TG_EXEC_WORKER_STATE_H

#include <pthread.h>

#include "base/clock.h"
#include "exec/kept.h"
#include "exec/worker.h"

/** A thread that runs tasks. */
typedef struct tg_runner {
    tg_worker *worker;
    int number;
    pthread_t thread;
    tg_task task;     /* its own */
    tg_input *inputs; /* its own: of the call that runs */
    int64_t input_capacity;
    tg_event_log log; /* guarded by the lock, as the next */
    double busy;      /* seconds in tasks */
    bool timed;       /* every task on its own; else the worker times some together */
    tg_buffer **held; /* its own: [nheld] inputs of the task that runs (away.c) */
    int64_t nheld, held_capacity;
    int64_t promised; /* bytes that its task will make */
    bool holds;       /* it is one of those that hold their inputs */
} tg_runner;

/** Where a result is that has been on disk. */
typedef enum tg_where { TG_IS_AWAY, TG_COMING, TG_BOTH, TG_LEAVING } tg_where;

typedef struct tg_away {
    tg_spilled place;
    int32_t next; /* of those not in use */
    tg_where state;
} tg_away;

/** Results of this rank on disk (away.c). */
typedef struct tg_disk {
    tg_away *away; /* [count] owned; parts name their entries from 1 */
    int64_t count, capacity;
    int32_t unused;       /* first of a list; 0: none */
    bool clearing;        /* a thread makes room, and others wait with it */
    int32_t holders;      /* tasks that hold their inputs */
    int64_t promised;     /* bytes that these will make, or bring here */
    int64_t rest;         /* tasks until looking for what could leave is worth it */
    pthread_cond_t moved; /* something has left or come; with several threads */
    tg_spill_counts told; /* that reports have told of */
} tg_disk;

/** Something to send to another rank, with a hold on the payload (NULL: none). */
typedef struct tg_parcel {
    int32_t rank;
    tg_frame frame;
    tg_buffer *payload;
} tg_parcel;

/** What a rank that took over a task says of it beside its output: the payload of an EVENT. */
typedef struct tg_taken_note {
    tg_event event;
    int64_t counted[TG_NCOUNTERS];
} tg_taken_note;

/** A frame that came before its part. */
typedef struct tg_early {
    tg_frame frame;
    tg_buffer *payload; /* held */
} tg_early;

/** A WANT that waits here. */
typedef struct tg_want {
    tg_frame frame;
    double due; /* when it may go on */
} tg_want;

/** Where this rank stands with looking for work of others. */
typedef struct tg_search {
    bool asked;        /* a WANT is out and not answered */
    bool given_up;     /* nobody has anything, until a part comes */
    int64_t epoch;     /* of the newest part; 0: none yet */
    int32_t parent;    /* in its tree of ranks */
    int32_t turn;      /* child to send a WANT to next */
    double idle_since; /* 0: not idle */
} tg_search;

/** What became of a call. */
typedef struct tg_outcome {
    tg_status status;
    tg_buffer *output;
    int forwarded; /* input that is the output, -1: none */
    bool skipped;  /* an input had failed */
    int retried;
    double start, stop;
} tg_outcome;

struct tg_worker {
    tg_worker_options options;
    tg_runner *runners; /* [nthreads] */
    int nstarted;       /* helper threads running */

    pthread_mutex_t lock; /* with several threads it guards what follows */
    pthread_cond_t ready; /* tasks became ready, or quit */
    pthread_cond_t done;  /* something for the messages' thread */
    bool quit;
    tg_work **works; /* parts worked on, by epoch */
    int64_t nworks, work_capacity;
    tg_parcel *outbox;
    int64_t noutbox, outbox_capacity;
    tg_kept kept;
    tg_kept_result
        *news; /* [nnews] rank 0: kept anywhere; buffers: messages of those that failed */
    int64_t nnews, news_capacity;
    tg_buffer **taken; /* [ntaken] tasks of other ranks, held (takeover.c); next: `first_taken` */
    int64_t ntaken, first_taken, taken_capacity;
    int32_t running; /* tasks that run */
    int64_t limit;   /* bytes of results beyond which tasks wait; 0: none */
    tg_disk disk;
    uint64_t busy;       /* resources that they have, a bit each */
    int64_t needed;      /* bytes that they said they need beside results */
    bool full;           /* sources wait for room */
    double full_since;   /* they wait for what arrives; 0: they do not */
    double patience;     /* seconds that they wait */
    bool sending;        /* large results are on their way; told where memory is limited */
    double mean_seconds; /* of a task, lately */
    tg_status broken;    /* a thread failed in a way that the rank cannot go on */
    char broken_message[256];

    /* the messages' thread alone */
    tg_room room;       /* of a part that has ended */
    tg_parcel *leaving; /* the outbox being sent; changes places with it */
    int64_t leaving_capacity;
    tg_early *early;
    int64_t nearly, early_capacity;
    tg_want *wants; /* [nwaiting] at most one of each rank */
    int32_t nwaiting;
    tg_search search;
    bool stop;
    int32_t leavers; /* ranks below in the tree of all ranks that may leave */
    bool leave;      /* all may */
    tg_backoff backoff;
    double clock;    /* with one thread, when tasks were last timed; 0: none run */
    int64_t untimed; /* tasks since */
    double last_progress;
    tg_net_counts told;               /* messages that reports have told of */
    int64_t done_elsewhere, *done_by; /* rank 0: tasks done by rank as last told */
};

static inline bool tg_worker_is_threaded(const tg_worker *w)
{
    return w->options.nthreads > 1;
}

static inline void tg_worker_lock(tg_worker *w)
{
    if (tg_worker_is_threaded(w))
        pthread_mutex_lock(&w->lock);
}

static inline void tg_worker_unlock(tg_worker *w)
{
    if (tg_worker_is_threaded(w))
        pthread_mutex_unlock(&w->lock);
}

/** Tell the threads that tasks may be ready. With the lock held. */
static inline void tg_worker_wake(tg_worker *w)
{
    if (tg_worker_is_threaded(w))
        pthread_cond_broadcast(&w->ready);
}

/** In the tree of all ranks, in which they leave together. */
static inline int tg_worker_above(const tg_worker *w)
{
    return (w->options.rank - 1) / 2;
}

/** Is there a task to run? With the lock held. */
static inline bool tg_worker_has_ready(const tg_worker *w)
{
    for (int64_t i = 0; i < w->nworks; i++)
        if (tg_work_nready(w->works[i]) > 0)
            return true;
    return w->first_taken < w->ntaken;
}

/** The part of an epoch, NULL when it is not here. With the lock held. */
tg_work *tg_worker_find(const tg_worker *worker, int64_t epoch);

/** Where memory is limited: how many bytes of results there may be beside all else that the process
 * has now, but at least an eighth of what --memory says. */
void tg_worker_limit(tg_worker *worker);

/** Send something: with one thread at once into a packet, with several by the outbox, which the
 * messages' thread empties; takes over the hold. With the lock held; a failure breaks the
 * worker. */
void tg_worker_post(tg_worker *worker, const tg_parcel *parcel);

/** Rank 0: a result is kept on some rank; takes over the hold on the message, NULL: none. With the
 * lock held. */
void tg_worker_note_kept(tg_worker *worker, int64_t handle, tg_status status, tg_buffer *message);

/** The worker cannot go on; the thread's last message says why. With the lock held. */
void tg_worker_break(tg_worker *worker, tg_status status);

/** With one thread: read the clock for the tasks that were run since the last time. Reading it
 * costs as much as a small task, so these are timed together. */
void tg_worker_time(tg_worker *worker);

/** A frame has arrived; takes over the hold on its payload. */
TG_MUST_CHECK tg_status tg_worker_deliver(void *worker, const tg_frame *frame, tg_buffer *payload);

/** A finished part other than rank 0's own, or NULL. */
tg_work *tg_worker_find_done(tg_worker *worker);
/** End it: its report goes to the rank above. */
TG_MUST_CHECK tg_status tg_worker_finish(tg_worker *worker, tg_work *work);

/** Run one ready task, if there is any, with the lock held on entry and exit; false: none. */
bool tg_runner_step(tg_runner *runner);
/** With one thread: run ready tasks, but so many at most; returns how many. */
int tg_runner_run(tg_runner *runner, int most);
/** Make a call, again where retries are allowed. Without the lock. */
void tg_runner_call(tg_runner *runner, const tg_call *call, tg_outcome *end);
/** Note that `tasks` tasks took `seconds` together. With the lock held. */
void tg_runner_time(tg_runner *runner, int64_t tasks, double seconds);
/** Will a task run when its turn comes: no input has failed, nobody has called it off? With the
 * lock held. */
bool tg_runner_will_run(const tg_worker *worker, const tg_work *work, int32_t number);
/** What happened in a call, as an event. */
tg_event tg_runner_event(const tg_runner *runner, int32_t task, int64_t name,
                         const tg_outcome *end);
/** A task has ended, here or elsewhere: its slot, kept result and pushes; the output of one that
 * failed is its message. With the lock held. */
void tg_runner_hand_over(tg_worker *worker, tg_work *work, int32_t number, tg_status status,
                         tg_buffer *output);
/** Finish the resident tasks of a part whose kept results are there. With the lock held. */
void tg_runner_finish_residents(tg_worker *worker, tg_work *work);

/** The helper threads: start, end. */
TG_MUST_CHECK tg_status tg_runners_start(tg_worker *worker);
void tg_runners_stop(tg_worker *worker);

/** Was the process told to end early? */
bool tg_worker_is_interrupted(void);

/** Before a task runs: its inputs are brought from disk and held, others leave to make room. False:
 * there is no room now, there may be later. With the lock held, as the next. */
bool tg_away_begin(tg_runner *runner, tg_work *work, int32_t number);
/** The task has been handed over. */
void tg_away_end(tg_runner *runner);
/** Results have arrived: let others leave where there are too many. */
void tg_away_relieve(tg_worker *worker);
/** A part ends. */
void tg_away_forget(tg_worker *worker, tg_work *work);
/** Is an input of the task on disk alone? */
bool tg_away_has_input(const tg_worker *worker, const tg_work *work, int32_t number);

/** Ask for work when there has been none for a while; give work to those who asked. */
TG_MUST_CHECK tg_status tg_takeover_turn(tg_worker *worker, bool idle);
/** WANT, NONE, TAKE, TAKEN. */
TG_MUST_CHECK tg_status tg_takeover_deliver(tg_worker *worker, const tg_frame *frame,
                                            tg_buffer *payload);
/** Run the first task taken over, as tg_runner_step; false: none. */
bool tg_takeover_step(tg_runner *runner);
/** A part begins: there may be work again. */
void tg_takeover_reset(tg_worker *worker, const tg_work *work);

#endif
