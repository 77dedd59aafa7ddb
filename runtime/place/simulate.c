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
 * its start, a message at the receiver from its sending, at the sender until it has come; constants
 * from the beginning; all to the last use, or to the end where they are to be kept. What is kept
 * from earlier graphs is not counted.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "place/ahead.h"
#include "place/simulation.h"

/* Where the result is made. One that is kept there from an earlier graph is no news. */
static int64_t bytes_made(const tg_simulation *s, int64_t task)
{
    return s->graph->task[task].flags & TG_TASK_RESIDENT ? 0 : tg_simulation_bytes_of(s, task);
}

/* Where the result was made, one group less needs it. */
static void drop_hold(tg_simulation *s, int32_t task)
{
    if (--s->holds[task] == 0)
        s->ranks[s->flow->placement->rank[task]].bytes -= bytes_made(s, task);
}

static void use_inputs(tg_simulation *s, int32_t task)
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
            s->ranks[r].bytes -= tg_simulation_bytes_of(s, input[k]);
    }
}

static double later(double a, double b)
{
    return a > b ? a : b;
}

/* Start ready tasks while threads are idle, not before `now`. */
static tg_status start_tasks(tg_simulation *s, int32_t r, double now, bool force)
{
    tg_status status = TG_OK;
    tg_simulation_rank *rank = &s->ranks[r];

    while (rank->idle > 0 && rank->nready > 0) {
        const double start = rank->alone ? later(now, rank->messages_until) : now;
        int32_t task;
        double end;

        if (!force && tg_simulation_waits_for_room(s, r))
            break;
        force = false;
        task = tg_simulation_pop_ready(s, r);
        end = start + tg_task_seconds(s->graph, task);
        rank->idle--;
        if (rank->alone)
            rank->messages_until = end;
        tg_simulation_take_bytes(s, r, bytes_made(s, task) + tg_graph_memory(s->graph, task));
        TG_TRY(tg_simulation_push_event(
            s, (tg_simulation_event){.time = end, .what = task, .kind = TG_TASK_ENDS}));
    }
out:
    return status;
}

static void come_closer(tg_simulation *s, int32_t task)
{
    if (task != TG_FLOW_CALLER && --s->waiting[task] == 0)
        tg_simulation_push_ready(s, task);
}

/* The seconds that the bytes of a result take between two ranks. */
static double bytes_seconds(const tg_simulation *s, int32_t made, int32_t to)
{
    const tg_level level = tg_machine_level(s->machine, s->flow->placement->rank[made], to);

    return (double)tg_simulation_bytes_of(s, made) / s->machine->cost[level].bandwidth;
}

static tg_status send_result(tg_simulation *s, int32_t made, int32_t group, double now)
{
    const int32_t from = s->flow->placement->rank[made];
    const int32_t to = tg_flow_rank(s->flow, s->flow->user[group]);
    const tg_level level = tg_machine_level(s->machine, from, to);
    const double seconds = bytes_seconds(s, made, to);
    tg_simulation_rank *rank = &s->ranks[from];
    double start;

    rank->messages_until = later(now, rank->messages_until) + s->machine->overhead;
    start = later(rank->messages_until, rank->out_until);
    rank->out_until = start + seconds;
    s->out->messages[level]++;
    s->out->bytes[level] += tg_simulation_bytes_of(s, made);
    tg_simulation_take_bytes(s, to, tg_simulation_bytes_of(s, made));
    return tg_simulation_push_event(
        s, (tg_simulation_event){.time = rank->out_until + s->machine->cost[level].latency,
                                 .what = group,
                                 .made = made,
                                 .kind = TG_RESULT_COMES});
}

static tg_status end_task(tg_simulation *s, int32_t task, double now)
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

static tg_status take_in(tg_simulation *s, const tg_simulation_event *e)
{
    const tg_flow *f = s->flow;
    const int32_t r = tg_flow_rank(f, f->user[e->what]);
    tg_simulation_rank *rank = &s->ranks[r];

    rank->messages_until = later(e->time, rank->messages_until) + s->machine->overhead;
    drop_hold(s, e->made);
    for (int32_t i = 0; i < f->size[e->what]; i++)
        come_closer(s, f->user[e->what + i]);
    s->out->makespan = later(s->out->makespan, rank->idle ? rank->messages_until : e->time);
    return start_tasks(s, r, rank->messages_until, false);
}

/* The last byte of a result would be here now, if nothing else came into the rank. */
static tg_status let_in(tg_simulation *s, tg_simulation_event e)
{
    const int32_t r = tg_flow_rank(s->flow, s->flow->user[e.what]);
    tg_simulation_rank *rank = &s->ranks[r];
    const double free = rank->in_until + bytes_seconds(s, e.made, r);

    rank->in_until = later(e.time, free);
    if (free <= e.time)
        return take_in(s, &e);
    e.kind = TG_RESULT_IS_HERE;
    e.time = free;
    return tg_simulation_push_event(s, e);
}

static tg_status happen(tg_simulation *s, const tg_simulation_event *e)
{
    s->out->makespan = later(s->out->makespan, e->time);
    if (e->kind == TG_TASK_ENDS)
        return end_task(s, e->what, e->time);
    return e->kind == TG_RESULT_COMES ? let_in(s, *e) : take_in(s, e);
}

static tg_status begin(tg_simulation *s)
{
    tg_status status = TG_OK;

    for (int64_t at = 0; at < s->flow->begin[s->machine->nranks]; at++)
        if (s->waiting[s->flow->mine[at]] == 0)
            tg_simulation_push_ready(s, s->flow->mine[at]);
    for (int32_t r = 0; r < s->machine->nranks; r++)
        TG_TRY(start_tasks(s, r, 0, false));
out:
    return status;
}

/* Tasks take other times than expected. A thread that is held up leaves its branch of the graph to
 * wait, and the others go on with branches that need as much: depth first on one thread, times the
 * threads, is the bound of Blumofe and Leiserson (1999). */
static void sum_up_peaks(const tg_simulation *s, const int32_t *threads, const int64_t *ahead)
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

static void sum_up(tg_simulation *s)
{
    tg_prediction *out = s->out;

    for (int l = 0; l < TG_NLEVELS; l++) {
        out->nmessages += out->messages[l];
        out->nbytes += out->bytes[l];
    }
}

/* Nothing happens any more: ranks that wait for room go on without. */
static tg_status force(tg_simulation *s)
{
    tg_status status = TG_OK;

    for (int32_t r = 0; r < s->machine->nranks; r++)
        TG_TRY(start_tasks(s, r, s->out->makespan, true));
out:
    return status;
}

static tg_status run(tg_simulation *s)
{
    tg_status status = TG_OK;

    TG_TRY(tg_simulation_prepare(s));
    TG_TRY(begin(s));
    while (s->nevents > 0 || s->memory) {
        tg_simulation_event e;

        if (s->nevents == 0)
            TG_TRY(force(s));
        if (s->nevents == 0)
            break;
        e = tg_simulation_pop_event(s);
        TG_TRY(happen(s, &e));
    }
    TG_NEED(s->ndone == s->flow->begin[s->machine->nranks], TG_EINTERNAL,
            "a simulation ends with %" PRId64 " of %" PRId64 " tasks done", s->ndone,
            s->flow->begin[s->machine->nranks]);
out:
    return status;
}

/* `threads`: that ranks have, where the machine is one of one thread a rank. ahead[r]: bytes that
 * may come to rank r earlier. */
static tg_status simulate(const tg_flow *flow, const tg_machine *machine, const int32_t *threads,
                          const int64_t *ahead, tg_prediction *out)
{
    tg_status status = TG_OK;
    tg_simulation s = {.flow = flow, .graph = flow->graph, .machine = machine, .out = out};

    TG_TRY(run(&s));
    sum_up(&s);
    sum_up_peaks(&s, threads, ahead);
out:
    tg_simulation_clear(&s);
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
    tg_simulation s = {.flow = flow,
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
    tg_simulation_clear(&s);
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
