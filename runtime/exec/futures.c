/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Results that stay on their ranks: futures and persisted results are one thing, a delayed node
 * whose run has been started and whose result is kept under a handle.
 *
 *   persist   the node's graph is started; its task keeps the result on the rank that runs it
 *   use       a later graph that has a task of the same key finds it resident on that rank
 *   release   the rank lets go of it, once no run that uses it is under way
 *
 * Rank 0 knows where each result is from the plan, so a later graph can be planned and shipped
 * while the earlier one still runs: on the rank the resident task waits for the kept result.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <tegula/runtime.h>

#include "exec/delayed.h"
#include "exec/session.h"

/* A result kept, or to be kept when its run is finished. */
typedef struct kept_entry {
    tg_key key;
    int64_t handle; /* 0: released; entries are never moved, so numbers stay */
    int32_t rank;
    int64_t run; /* its number in runs */
} kept_entry;

/* A run that was started and not waited for. */
typedef struct future_run {
    int64_t epoch; /* 0: finished */
    tg_status status;
    char *message;  /* in the arena */
    int64_t *drops; /* owned: handles to let go of when it is finished, with their ranks */
    int64_t ndrops, drop_capacity;
} future_run;

struct tg_futures {
    kept_entry *entries; /* owned */
    int64_t nentries, entry_capacity;
    int64_t nalive; /* entries not released */
    future_run *runs;
    int64_t nruns, run_capacity;
    int64_t nhandles; /* given so far */
};

static tg_status futures_of(tg_ctx *ctx, tg_futures **out)
{
    if (!ctx->futures)
        ctx->futures = tg_zalloc(sizeof *ctx->futures);
    if (!ctx->futures)
        return tg_fail(TG_ENOMEM, "out of memory for futures");
    *out = ctx->futures;
    return TG_OK;
}

/* ---- runs ----------------------------------------------------------------------------------- */

static tg_status tell_drop(tg_ctx *ctx, int32_t rank, int64_t handle)
{
    tg_status status = TG_OK;

    if (rank == 0) {
        tg_worker_drop(ctx->worker, handle);
        return TG_OK;
    }
    TG_TRY(tg_net_send(ctx->net, rank, &(tg_frame){.kind = TG_FRAME_DROP, .epoch = handle}, NULL));
    TG_TRY(tg_net_flush(ctx->net));
out:
    return status;
}

/* Collect a run that all ranks have finished. */
static tg_status end_run(tg_ctx *ctx, future_run *run)
{
    tg_status status = TG_OK;

    run->status = tg_session_wait(ctx, run->epoch, NULL);
    if (run->status != TG_OK) {
        run->message = tg_arena_alloc(ctx->arena, strlen(tg_message()) + 1);
        if (run->message)
            strcpy(run->message, tg_message());
    }
    run->epoch = 0;
    for (int64_t i = 0; i < run->ndrops; i += 2)
        TG_TRY(tell_drop(ctx, (int32_t)run->drops[i + 1], run->drops[i]));
out:
    tg_free(run->drops);
    run->drops = NULL;
    run->ndrops = run->drop_capacity = 0;
    return status;
}

/* End every run that is finished by now. */
static tg_status end_finished_runs(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    const tg_futures *f = ctx->futures;

    for (int64_t i = 0; i < f->nruns; i++)
        if (f->runs[i].epoch > 0 && tg_worker_is_finished(ctx->worker, f->runs[i].epoch))
            TG_TRY(end_run(ctx, &f->runs[i]));
out:
    return status;
}

static tg_status wait_for_run(tg_ctx *ctx, int64_t number)
{
    tg_status status = TG_OK;

    if (ctx->futures->runs[number].epoch > 0)
        TG_TRY(end_run(ctx, &ctx->futures->runs[number]));
out:
    return status;
}

/* ---- entries -------------------------------------------------------------------------------- */

static kept_entry *find_key(tg_futures *f, tg_key key)
{
    for (int64_t i = f->nentries; i-- > 0;)
        if (f->entries[i].handle && tg_key_equal(f->entries[i].key, key))
            return &f->entries[i];
    return NULL;
}

tg_status tg_futures_use(tg_ctx *ctx, tg_graph *graph)
{
    tg_status status = TG_OK;
    tg_futures *f = ctx->futures;

    if (!f || f->nalive == 0)
        return TG_OK;
    TG_TRY(end_finished_runs(ctx));
    for (int64_t i = 0; i < f->nentries; i++) {
        const kept_entry *entry = &f->entries[i];
        const int64_t task =
            entry->handle ? tg_key_map_find(&graph->numbers, graph->key, entry->key) : -1;

        if (task >= 0 && graph->function[task] != TG_GRAPH_VALUE)
            TG_TRY(tg_graph_set_resident(graph, task, entry->handle, entry->rank));
    }
out:
    return status;
}

tg_status tg_futures_mark(tg_ctx *ctx, tg_graph *graph, int64_t task, int64_t entry)
{
    const kept_entry *e = &ctx->futures->entries[entry - 1];

    return e->handle && graph->function[task] != TG_GRAPH_VALUE
               ? tg_graph_set_resident(graph, task, e->handle, e->rank)
               : TG_OK;
}

static tg_status add_entry(tg_futures *f, tg_key key, int64_t run, int64_t *number)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&f->entries, &f->entry_capacity, f->nentries + 1, sizeof *f->entries));
    f->entries[f->nentries] = (kept_entry){.key = key, .handle = ++f->nhandles, .run = run};
    *number = f->nentries++;
    f->nalive++;
out:
    return status;
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Mark what is not kept yet to be kept; numbers[i] is the entry of tasks[i]. */
static tg_status mark_kept(tg_futures *f, tg_graph *graph, const int64_t *tasks, int ntasks,
                           int64_t run, int64_t *numbers)
{
    tg_status status = TG_OK;

    for (int i = 0; i < ntasks; i++) {
        const kept_entry *known = find_key(f, graph->key[tasks[i]]);

        if (known) {
            numbers[i] = known - f->entries;
            continue;
        }
        TG_TRY(add_entry(f, graph->key[tasks[i]], run, &numbers[i]));
        if (graph->function[tasks[i]] != TG_GRAPH_VALUE) /* a constant is known everywhere */
            TG_TRY(tg_graph_set_kept(graph, tasks[i], f->entries[numbers[i]].handle));
    }
out:
    return status;
}

/* Entries of a run that was not started stand for nothing. */
static void forget_run(tg_futures *f, int64_t run)
{
    for (int64_t i = f->nentries; i-- > 0 && f->entries[i].run == run;)
        if (f->entries[i].handle) {
            f->entries[i].handle = 0;
            f->nalive--;
        }
}

static tg_status start_nodes(tg_ctx *ctx, tg_futures *f, tg_delayed *const *nodes, int nnodes,
                             int64_t *tasks, int64_t *numbers)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    int32_t *rank = NULL;
    int64_t epoch;

    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(tg_delayed_add(graph, nodes, nnodes, tasks));
    TG_TRY(tg_futures_use(ctx, graph));
    TG_TRY(tg_session_preview(ctx, graph, tasks, nnodes, false));
    TG_TRY(tg_grow(&f->runs, &f->run_capacity, f->nruns + 1, sizeof *f->runs));
    TG_TRY(mark_kept(f, graph, tasks, nnodes, f->nruns, numbers));
    TG_TRY(tg_session_start(ctx, graph, tasks, nnodes, false, &rank, &epoch));
    f->runs[f->nruns++] = (future_run){.epoch = epoch};
    for (int i = 0; i < nnodes; i++)
        if (f->entries[numbers[i]].run == f->nruns - 1)
            f->entries[numbers[i]].rank = rank[tasks[i]] < 0 ? 0 : rank[tasks[i]];
out:
    if (status != TG_OK)
        forget_run(f, f->nruns);
    tg_free(rank);
    tg_graph_destroy(&graph);
    return status;
}

tg_status tg_persist_all(tg_ctx *ctx, tg_delayed *const *nodes, int nnodes)
{
    tg_status status = TG_OK;
    tg_futures *f = NULL;
    int64_t *tasks = tg_alloc_array(nnodes, sizeof *tasks);
    int64_t *numbers = tg_alloc_array(nnodes, sizeof *numbers);

    TG_NEED(tasks && numbers, TG_ENOMEM, "out of memory: %d futures", nnodes);
    TG_TRY(futures_of(ctx, &f));
    TG_TRY(start_nodes(ctx, f, nodes, nnodes, tasks, numbers));
    for (int i = 0; i < nnodes; i++)
        tg_delayed_set_kept(nodes[i], numbers[i] + 1);
    TG_TRY(tg_worker_poll(ctx->worker));
out:
    tg_free(tasks);
    tg_free(numbers);
    return status;
}

tg_status tg_persist(tg_ctx *ctx, tg_delayed *node)
{
    return tg_persist_all(ctx, &node, 1);
}

tg_delayed *tg_submit_call(tg_ctx *ctx, const char *name, tg_function *function,
                           tg_delayed *const *inputs, int ninputs)
{
    tg_delayed *node = tg_delay_call(ctx, name, function, inputs, ninputs);
    const tg_status status = tg_persist_all(ctx, &node, 1);

    return status == TG_OK ? node : tg_delayed_poison(node, status, tg_message());
}

tg_status tg_map(tg_ctx *ctx, const char *name, tg_function *function, tg_delayed *const *inputs,
                 int count, tg_delayed **futures)
{
    for (int i = 0; i < count; i++)
        futures[i] = tg_delay_call(ctx, name, function, &inputs[i], 1);
    return tg_persist_all(ctx, futures, count);
}

static tg_status itself(tg_task *task)
{
    return tg_task_forward(task, 0);
}

tg_status tg_scatter(tg_ctx *ctx, const tg_bytes *values, int count, tg_delayed **futures)
{
    for (int i = 0; i < count; i++) {
        tg_delayed *value = tg_value_bytes(ctx, values[i].data, values[i].size);

        futures[i] = tg_delay_spec(
            ctx,
            &(tg_task_spec){.function = itself, .name = "scatter", .output_bytes = values[i].size},
            &value, 1);
    }
    return tg_persist_all(ctx, futures, count);
}

/* ---- waiting -------------------------------------------------------------------------------- */

static kept_entry *entry_of(tg_ctx *ctx, const tg_delayed *node)
{
    const int64_t number = tg_delayed_kept(node);

    return number > 0 ? &ctx->futures->entries[number - 1] : NULL;
}

static tg_status need_future(tg_ctx *ctx, const tg_delayed *node)
{
    tg_status status = tg_delayed_status(node);

    if (status == TG_OK && !entry_of(ctx, node))
        status = tg_fail(TG_EARG, "not a future: the delayed call was not submitted or persisted, "
                                  "or it was released");
    return status;
}

tg_status tg_wait(tg_ctx *ctx, tg_delayed *future)
{
    tg_status status = TG_OK;
    const future_run *run;

    TG_TRY(need_future(ctx, future));
    TG_TRY(wait_for_run(ctx, entry_of(ctx, future)->run));
    run = &ctx->futures->runs[entry_of(ctx, future)->run];
    TG_NEED(run->status == TG_OK, run->status, "%s", run->message ? run->message : "");
out:
    return status;
}

bool tg_is_done(tg_ctx *ctx, const tg_delayed *future)
{
    const kept_entry *entry = entry_of(ctx, future);

    if (tg_delayed_status(future) != TG_OK || !entry)
        return true;
    if (ctx->futures->runs[entry->run].epoch > 0)
        if (tg_worker_turn(ctx->worker) != TG_OK || end_finished_runs(ctx) != TG_OK)
            return true;
    return ctx->futures->runs[entry->run].epoch == 0;
}

tg_status tg_as_completed(tg_ctx *ctx, tg_delayed **futures, int *count, tg_delayed **next)
{
    tg_status status = TG_OK;

    TG_NEED(*count > 0, TG_EARG, "no futures to wait for");
    for (int i = 0; i < *count; i++)
        TG_TRY(need_future(ctx, futures[i]));
    for (;;) {
        TG_TRY(end_finished_runs(ctx));
        for (int i = 0; i < *count; i++)
            if (ctx->futures->runs[entry_of(ctx, futures[i])->run].epoch == 0) {
                *next = futures[i];
                memmove(&futures[i], &futures[i + 1],
                        (size_t)(--*count - i) * sizeof(tg_delayed *));
                return TG_OK;
            }
        TG_TRY(tg_worker_turn(ctx->worker));
    }
out:
    return status;
}

tg_status tg_cancel(tg_ctx *ctx, tg_delayed *future)
{
    tg_status status = TG_OK;
    const kept_entry *entry;
    int64_t epoch;

    TG_TRY(need_future(ctx, future));
    entry = entry_of(ctx, future);
    epoch = ctx->futures->runs[entry->run].epoch;
    if (epoch == 0)
        return TG_OK;
    tg_worker_cancel(ctx->worker, epoch);
    for (int r = 1; r < ctx->nranks; r++)
        TG_TRY(
            tg_net_send(ctx->net, r, &(tg_frame){.kind = TG_FRAME_CANCEL, .epoch = epoch}, NULL));
    TG_TRY(tg_net_flush(ctx->net));
out:
    return status;
}

/* Runs under way may use the result: it goes when the newest of them is finished. */
static tg_status drop_later(future_run *run, int64_t handle, int32_t rank)
{
    tg_status status = TG_OK;

    TG_TRY(tg_grow(&run->drops, &run->drop_capacity, run->ndrops + 2, sizeof *run->drops));
    run->drops[run->ndrops++] = handle;
    run->drops[run->ndrops++] = rank;
out:
    return status;
}

tg_status tg_release(tg_ctx *ctx, tg_delayed *future)
{
    tg_status status = TG_OK;
    tg_futures *f = ctx->futures;
    kept_entry *entry;
    future_run *under_way = NULL;

    TG_TRY(need_future(ctx, future));
    entry = entry_of(ctx, future);
    tg_delayed_set_kept(future, 0);
    if (entry->handle == 0)
        return TG_OK;
    TG_TRY(end_finished_runs(ctx));
    for (int64_t i = f->nruns; i-- > 0 && !under_way;)
        if (f->runs[i].epoch > 0)
            under_way = &f->runs[i];
    if (under_way)
        TG_TRY(drop_later(under_way, entry->handle, entry->rank));
    else
        TG_TRY(tell_drop(ctx, entry->rank, entry->handle));
    entry->handle = 0;
    f->nalive--;
out:
    return status;
}

void tg_futures_destroy(tg_ctx *ctx)
{
    tg_futures *f = ctx->futures;

    if (!f)
        return;
    for (int64_t i = 0; i < f->nruns; i++)
        tg_free(f->runs[i].drops);
    tg_free(f->runs);
    tg_free(f->entries);
    tg_free(f);
    ctx->futures = NULL;
}

tg_status tg_futures_finish(tg_ctx *ctx)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; ctx->futures && i < ctx->futures->nruns; i++)
        TG_TRY(wait_for_run(ctx, i));
out:
    return status;
}
