/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The simulation of a plan: one heap of events, two kinds.
 *
 *   a task ends      send its result to each rank that needs it, use up its inputs, make its users
 *                    on this rank ready, start the next
 *   a result comes   when the way into the rank is free: make its users there ready, start the next
 *
 * Times are those of LogGP: o on the thread that handles messages at both ends, L by the level that
 * the ranks share, G for each byte on the way out of one rank and into the other. A rank with one
 * thread handles messages between tasks.
 *
 * Memory is an upper bound: what a task needs beside results counts while it runs, its output from
 * its start, a message at the receiver from
 * its sending, at the sender until it has come; constants from the beginning; all to the last use,
 * or to the end where they are to be kept. What is kept from earlier graphs is not counted.
 */
#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"
#include "place/ahead.h"
#include "place/predict.h"

typedef enum event_kind { TASK_ENDS, RESULT_COMES, RESULT_IS_HERE } event_kind;

typedef struct event {
    double time;
    int32_t what; /* a task; of results the group in flow->user */
    int32_t made; /* of results the task that made it */
    event_kind kind;
} event;

typedef struct rank_state {
    double messages_until;      /* when the thread that handles messages is free */
    double out_until, in_until; /* when the links are */
    int32_t idle;               /* threads */
    bool alone;                 /* one thread runs tasks and handles messages */
    int64_t nready;             /* heap of positions at ready[flow->begin[rank]] */
    int64_t bytes, peak;
    int64_t all; /* bytes that were here at any time */
} rank_state;

typedef struct simulation {
    const tg_flow *flow;
    const tg_graph *graph;
    const tg_machine *machine;
    tg_prediction *out;
    rank_state *ranks;  /* [nranks] */
    int32_t *ready;     /* heaps, one a rank */
    int32_t *waiting;   /* by task: inputs not there yet, and the task of its affinity before it */
    int32_t *successor; /* by task: next of its affinity on the rank + 1; NULL: no affinities */
    int32_t *left;      /* by group: uses to come */
    int32_t *holds;     /* by task: groups that still need the result where it was made */
    event *events;      /* heap by time */
    int64_t nevents, event_capacity;
    int64_t ndone;
    int64_t memory; /* bytes beyond which sources wait; 0: they do not */
} simulation;

static bool before(const event *a, const event *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->what < b->what;
}

static tg_status push_event(simulation *s, event e)
{
    tg_status status = TG_OK;
    int64_t at = s->nevents;

    TG_TRY(tg_grow(&s->events, &s->event_capacity, s->nevents + 1, sizeof *s->events));
    for (s->nevents++; at > 0 && before(&e, &s->events[(at - 1) / 2]); at = (at - 1) / 2)
        s->events[at] = s->events[(at - 1) / 2];
    s->events[at] = e;
out:
    return status;
}

static event pop_event(simulation *s)
{
    const event first = s->events[0], last = s->events[--s->nevents];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < s->nevents && before(&s->events[child + 1], &s->events[child]))
            child++;
        if (child >= s->nevents || !before(&s->events[child], &last))
            break;
        s->events[at] = s->events[child];
        at = child;
    }
    s->events[at] = last;
    return first;
}

/* Added to the position of a source; parts have fewer tasks. */
enum { BEHIND = 1 << 30 };

static bool is_source(const tg_graph *g, int32_t task)
{
    const int32_t *input = tg_graph_inputs(g, task);

    for (int k = 0; k < tg_graph_ninputs(g, task); k++)
        if (g->task[input[k]].function != TG_GRAPH_VALUE)
            return false;
    return !(g->task[task].flags & TG_TASK_URGENT);
}

static void push_ready(simulation *s, int32_t task)
{
    const int32_t r = s->flow->placement->rank[task];
    const bool in_order = s->flow->placement->in_phases && s->memory == 0;
    const bool behind = !in_order && is_source(s->graph, task);
    const int32_t key = s->flow->position[task] | (behind ? BEHIND : 0);
    int32_t *heap = s->ready + s->flow->begin[r];
    int64_t at = s->ranks[r].nready++;

    for (; at > 0 && heap[(at - 1) / 2] > key; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = key;
}

/* The next task is a source that waits for room. */
static bool waits_for_room(const simulation *s, int32_t r)
{
    const int32_t key = s->ready[s->flow->begin[r]], task = s->flow->mine[key & ~BEHIND];

    return s->memory && (key & BEHIND) &&
           s->ranks[r].bytes + (int64_t)s->graph->task[task].output_bytes > s->memory;
}

static int32_t pop_ready(simulation *s, int32_t r)
{
    int32_t *heap = s->ready + s->flow->begin[r];
    const int64_t n = --s->ranks[r].nready;
    const int32_t first = heap[0], last = heap[n];
    int64_t at = 0;

    for (;;) {
        int64_t child = 2 * at + 1;

        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (child >= n || heap[child] >= last)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return s->flow->mine[first & ~BEHIND];
}

static int64_t bytes_of(const simulation *s, int64_t task)
{
    return s->graph->task[task].function == TG_GRAPH_VALUE
               ? tg_graph_params_size(s->graph, task)
               : (int64_t)s->graph->task[task].output_bytes;
}

static void take_bytes(simulation *s, int32_t r, int64_t bytes)
{
    rank_state *rank = &s->ranks[r];

    rank->bytes += bytes;
    rank->all += bytes;
    rank->peak = rank->bytes > rank->peak ? rank->bytes : rank->peak;
}

/* Where the result is made. One that is kept there from an earlier graph is no news. */
static int64_t bytes_made(const simulation *s, int64_t task)
{
    return s->graph->task[task].flags & TG_TASK_RESIDENT ? 0 : bytes_of(s, task);
}

/* Where the result was made, one group less needs it. */
static void drop_hold(simulation *s, int32_t task)
{
    if (--s->holds[task] == 0)
        s->ranks[s->flow->placement->rank[task]].bytes -= bytes_made(s, task);
}

static void use_inputs(simulation *s, int32_t task)
{
    const int32_t r = s->flow->placement->rank[task];
    const int32_t *input = tg_graph_inputs(s->graph, task);

    for (int k = 0; k < tg_graph_ninputs(s->graph, task); k++) {
        const int32_t group = s->flow->group[(int64_t)s->graph->input_begin[task] + k];

        if (--s->left[group] > 0)
            continue;
        if (s->flow->placement->rank[input[k]] == r)
            drop_hold(s, input[k]);
        else
            s->ranks[r].bytes -= bytes_of(s, input[k]);
    }
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* Start ready tasks while threads are idle, not before `now`. */
static tg_status start_tasks(simulation *s, int32_t r, double now, bool force)
{
    tg_status status = TG_OK;
    rank_state *rank = &s->ranks[r];

    while (rank->idle > 0 && rank->nready > 0) {
        const double start = rank->alone ? later(now, rank->messages_until) : now;
        int32_t task;
        double end;

        if (!force && waits_for_room(s, r))
            break;
        force = false;
        task = pop_ready(s, r);
        end = start + tg_task_seconds(s->graph, task);
        rank->idle--;
        if (rank->alone)
            rank->messages_until = end;
        take_bytes(s, r, bytes_made(s, task) + tg_graph_memory(s->graph, task));
        TG_TRY(push_event(s, (event){.time = end, .what = task, .kind = TASK_ENDS}));
    }
out:
    return status;
}

static void come_closer(simulation *s, int32_t task)
{
    if (task != TG_FLOW_CALLER && --s->waiting[task] == 0)
        push_ready(s, task);
}

/* The seconds that the bytes of a result take between two ranks. */
static double bytes_seconds(const simulation *s, int32_t made, int32_t to)
{
    const tg_level level = tg_machine_level(s->machine, s->flow->placement->rank[made], to);

    return (double)bytes_of(s, made) / s->machine->cost[level].bandwidth;
}

static tg_status send_result(simulation *s, int32_t made, int32_t group, double now)
{
    const int32_t from = s->flow->placement->rank[made];
    const int32_t to = tg_flow_rank(s->flow, s->flow->user[group]);
    const tg_level level = tg_machine_level(s->machine, from, to);
    const double seconds = bytes_seconds(s, made, to);
    rank_state *rank = &s->ranks[from];
    double start;

    rank->messages_until = later(now, rank->messages_until) + s->machine->overhead;
    start = later(rank->messages_until, rank->out_until);
    rank->out_until = start + seconds;
    s->out->messages[level]++;
    s->out->bytes[level] += bytes_of(s, made);
    take_bytes(s, to, bytes_of(s, made));
    return push_event(s, (event){.time = rank->out_until + s->machine->cost[level].latency,
                                 .what = group,
                                 .made = made,
                                 .kind = RESULT_COMES});
}

static tg_status end_task(simulation *s, int32_t task, double now)
{
    tg_status status = TG_OK;
    const tg_flow *f = s->flow;
    const int32_t r = f->placement->rank[task];
    const int64_t end = f->user_begin[task + 1];

    s->ndone++;
    s->ranks[r].idle++;
    s->ranks[r].bytes -= tg_graph_memory(s->graph, task);
    s->holds[task] = s->graph->task[task].flags & TG_TASK_KEEP ? 2 : 1;
    for (int64_t u = f->user_begin[task]; u < end; u += f->size[u]) {
        s->holds[task]++;
        if (tg_flow_rank(f, f->user[u]) != r)
            TG_TRY(send_result(s, task, (int32_t)u, now));
        for (int64_t i = 0; i < f->size[u] && tg_flow_rank(f, f->user[u]) == r; i++)
            come_closer(s, f->user[u + i]);
    }
    drop_hold(s, task); /* the task's own */
    use_inputs(s, task);
    if (s->successor && s->successor[task])
        come_closer(s, s->successor[task] - 1);
    TG_TRY(start_tasks(s, r, now, false));
out:
    return status;
}

static tg_status take_in(simulation *s, const event *e)
{
    const tg_flow *f = s->flow;
    const int32_t r = tg_flow_rank(f, f->user[e->what]);
    rank_state *rank = &s->ranks[r];

    rank->messages_until = later(e->time, rank->messages_until) + s->machine->overhead;
    drop_hold(s, e->made);
    for (int32_t i = 0; i < f->size[e->what]; i++)
        come_closer(s, f->user[e->what + i]);
    s->out->makespan = later(s->out->makespan, rank->idle ? rank->messages_until : e->time);
    return start_tasks(s, r, rank->messages_until, false);
}

/* The last byte of a result would be here now, if nothing else came into the rank. */
static tg_status let_in(simulation *s, event e)
{
    const int32_t r = tg_flow_rank(s->flow, s->flow->user[e.what]);
    rank_state *rank = &s->ranks[r];
    const double free = rank->in_until + bytes_seconds(s, e.made, r);

    rank->in_until = later(e.time, free);
    if (free <= e.time)
        return take_in(s, &e);
    e.kind = RESULT_IS_HERE;
    e.time = free;
    return push_event(s, e);
}

static tg_status happen(simulation *s, const event *e)
{
    s->out->makespan = later(s->out->makespan, e->time);
    if (e->kind == TASK_ENDS)
        return end_task(s, e->what, e->time);
    return e->kind == RESULT_COMES ? let_in(s, *e) : take_in(s, e);
}

/* Tasks of one affinity run one after the other on their rank. */
static tg_status chain_affinities(simulation *s)
{
    tg_status status = TG_OK;
    const tg_flow *f = s->flow;
    int32_t *last = NULL, *last_rank = NULL;

    if (!s->graph->naffinities)
        return TG_OK;
    last = tg_alloc_array(s->graph->naffinities + 1, sizeof *last);
    last_rank = tg_alloc_array(s->graph->naffinities + 1, sizeof *last_rank);
    s->successor = tg_alloc_array(s->graph->ntasks, sizeof *s->successor);
    TG_NEED(last && last_rank && s->successor, TG_ENOMEM, "out of memory: %" PRId64 " affinities",
            s->graph->naffinities);
    for (int64_t at = 0; at < f->begin[s->machine->nranks]; at++) {
        const int32_t t = f->mine[at], a = tg_graph_affinity(s->graph, t),
                      r = f->placement->rank[t];

        if (a && last[a] && last_rank[a] == r) {
            s->successor[last[a] - 1] = t + 1;
            s->waiting[t]++;
        }
        last[a] = t + 1;
        last_rank[a] = r;
    }
out:
    tg_free(last);
    tg_free(last_rank);
    return status;
}

static tg_status prepare(simulation *s)
{
    tg_status status = TG_OK;
    const tg_flow *f = s->flow;
    const tg_graph *g = s->graph;
    const int64_t n = g->ntasks, nusers = f->user_begin[n];

    s->ranks = tg_alloc_array(s->machine->nranks, sizeof *s->ranks);
    s->ready = tg_alloc_array(f->placement->count, sizeof *s->ready);
    s->waiting = tg_alloc_array(n, sizeof *s->waiting);
    s->left = tg_copy_of(f->size, (size_t)nusers * sizeof *s->left);
    s->holds = tg_alloc_array(n, sizeof *s->holds);
    TG_NEED(s->ranks && s->ready && s->waiting && s->left && s->holds, TG_ENOMEM,
            "out of memory: a simulation of %" PRId64 " tasks", n);
    for (int r = 0; r < s->machine->nranks; r++) {
        s->ranks[r].idle = s->machine->threads[r];
        s->ranks[r].alone = s->machine->threads[r] == 1;
    }
    for (int64_t at = 0; at < f->begin[s->machine->nranks]; at++) {
        const int32_t t = f->mine[at];

        for (int k = 0; k < tg_graph_ninputs(g, t); k++)
            s->waiting[t] += g->task[tg_graph_inputs(g, t)[k]].function != TG_GRAPH_VALUE;
    }
    TG_TRY(chain_affinities(s));
    for (int64_t i = 0; i < f->placement->count; i++) {
        const int32_t t = f->placement->order[i];

        for (int64_t u = f->user_begin[t];
             g->task[t].function == TG_GRAPH_VALUE && u < f->user_begin[t + 1]; u += f->size[u])
            take_bytes(s, tg_flow_rank(f, f->user[u]), tg_graph_params_size(g, t));
    }
out:
    return status;
}

static tg_status begin(simulation *s)
{
    tg_status status = TG_OK;

    for (int64_t at = 0; at < s->flow->begin[s->machine->nranks]; at++)
        if (s->waiting[s->flow->mine[at]] == 0)
            push_ready(s, s->flow->mine[at]);
    for (int32_t r = 0; r < s->machine->nranks; r++)
        TG_TRY(start_tasks(s, r, 0, false));
out:
    return status;
}

/* Tasks take other times than expected. A thread that is held up leaves its branch of the graph to
 * wait, and the others go on with branches that need as much: depth first on one thread, times the
 * threads, is the bound of Blumofe and Leiserson (1999). */
static void sum_up_peaks(const simulation *s, const int32_t *threads, const int64_t *ahead)
{
    tg_prediction *out = s->out;

    out->peak = out->peak_sum = 0;
    for (int r = 0; r < s->machine->nranks; r++) {
        const int64_t most = s->ranks[r].peak * threads[r] + ahead[r];
        const int64_t peak = most < s->ranks[r].all ? most : s->ranks[r].all;

        out->peak = peak > out->peak ? peak : out->peak;
        out->peak_sum += peak;
    }
}

static void sum_up(simulation *s)
{
    tg_prediction *out = s->out;

    for (int l = 0; l < TG_NLEVELS; l++) {
        out->nmessages += out->messages[l];
        out->nbytes += out->bytes[l];
    }
}

/* Nothing happens any more: ranks that wait for room go on without. */
static tg_status force(simulation *s)
{
    tg_status status = TG_OK;

    for (int32_t r = 0; r < s->machine->nranks; r++)
        TG_TRY(start_tasks(s, r, s->out->makespan, true));
out:
    return status;
}

static tg_status run(simulation *s)
{
    tg_status status = TG_OK;

    TG_TRY(prepare(s));
    TG_TRY(begin(s));
    while (s->nevents > 0 || s->memory) {
        event e;

        if (s->nevents == 0)
            TG_TRY(force(s));
        if (s->nevents == 0)
            break;
        e = pop_event(s);
        TG_TRY(happen(s, &e));
    }
    TG_NEED(s->ndone == s->flow->begin[s->machine->nranks], TG_EINTERNAL,
            "a simulation ends with %" PRId64 " of %" PRId64 " tasks done", s->ndone,
            s->flow->begin[s->machine->nranks]);
out:
    return status;
}

static void clear(simulation *s)
{
    tg_free(s->ranks);
    tg_free(s->ready);
    tg_free(s->waiting);
    tg_free(s->successor);
    tg_free(s->left);
    tg_free(s->holds);
    tg_free(s->events);
}

/* `threads`: that ranks have, where the machine is one of one thread a rank. ahead[r]: bytes that
 * may come to rank r earlier. */
static tg_status simulate(const tg_flow *flow, const tg_machine *machine, const int32_t *threads,
                          const int64_t *ahead, tg_prediction *out)
{
    tg_status status = TG_OK;
    simulation s = {.flow = flow, .graph = flow->graph, .machine = machine, .out = out};

    TG_TRY(run(&s));
    sum_up(&s);
    sum_up_peaks(&s, threads, ahead);
out:
    clear(&s);
    return status;
}

/* On one thread a rank: more of them need no less. */
tg_status tg_simulate_least(const tg_flow *flow, const tg_machine *machine, int64_t memory,
                            tg_least *out)
{
    tg_status status = TG_OK;
    int32_t *ones = tg_alloc_array(machine->nranks, sizeof *ones);
    tg_machine single = *machine;
    tg_prediction prediction = {0};
    simulation s = {.flow = flow,
                    .graph = flow->graph,
                    .machine = &single,
                    .out = &prediction,
                    .memory = memory};

    TG_NEED(ones, TG_ENOMEM, "out of memory: %" PRId32 " ranks", machine->nranks);
    for (int32_t r = 0; r < machine->nranks; r++)
        ones[r] = 1;
    single.threads = ones;
    TG_TRY(run(&s));
    *out = (tg_least){0};
    for (int32_t r = 0; r < machine->nranks; r++)
        if (s.ranks[r].peak > out->bytes)
            *out = (tg_least){s.ranks[r].peak, r};
out:
    clear(&s);
    tg_free(ones);
    return status;
}

/* Peaks are those of one thread a rank, so the simulation is made again where there are more. */
tg_status tg_simulate(const tg_flow *flow, const tg_machine *machine, tg_prediction *out)
{
    tg_status status = TG_OK;
    int32_t *ones = tg_alloc_array(machine->nranks, sizeof *ones);
    int64_t *ahead = tg_alloc_array(machine->nranks, sizeof *ahead);
    tg_machine single = *machine;
    tg_prediction peaks = {0};
    bool more = false;

    TG_NEED(ones && ahead, TG_ENOMEM, "out of memory: %" PRId32 " ranks", machine->nranks);
    for (int32_t r = 0; r < machine->nranks; r++) {
        ones[r] = 1;
        more = more || machine->threads[r] > 1;
    }
    TG_TRY(tg_bytes_ahead(flow, ahead));
    TG_TRY(simulate(flow, machine, ones, ahead, out));
    if (!more)
        goto out;
    single.threads = ones;
    TG_TRY(simulate(flow, &single, machine->threads, ahead, &peaks));
    out->peak = peaks.peak;
    out->peak_sum = peaks.peak_sum;
out:
    tg_free(ones);
    tg_free(ahead);
    return status;
}
