/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Results that stay on their ranks: whoever keeps some of a graph's results gets a number of each.
 *
 *   persist   the graph is started; its targets keep their results on the ranks that run them
 *   use       a later graph that has a task of the same key finds it resident on that rank
 *   release   the rank lets go of it, once no run that uses it is under way
 *
 * Rank 0 knows where each result is from the plan, so a later graph can be planned and shipped
 * while the earlier one still runs: on the rank the resident task waits for the kept result.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "exec/session.h"

/* A result kept, or to be kept when its task is done. */
typedef struct kept_entry {
    int64_t key;    /* its number in keys */
    int64_t handle; /* one more than its place in entries, which never move; 0: released */
    int64_t run;    /* its number in runs; -1: it was not started */
    int64_t order;  /* of those done, from 1; 0: it is not done */
    char *message;  /* in the arena; why it failed */
    tg_status status;
    int32_t rank;
    int32_t holders; /* nodes that it is kept for */
    float bytes;     /* expected */
    bool cancelled;
} kept_entry;

/* A run that was started and not waited for. */
typedef struct future_run {
    int64_t epoch;  /* 0: finished */
    int64_t untold; /* results that are not done, as far as rank 0 has heard */
    int64_t wanted; /* results that were not cancelled */
    int64_t *drops; /* owned: handles to let go of when it is finished, with their ranks */
    int64_t ndrops, drop_capacity;
} future_run;

struct tg_futures {
    kept_entry *entries; /* owned */
    int64_t nentries, entry_capacity;
    int64_t nalive;  /* entries not released */
    tg_key *keys;    /* owned: of all entries, each once */
    int64_t *newest; /* owned: by key, its newest entry */
    int64_t nkeys, key_capacity, newest_capacity;
    tg_key_map numbers; /* key -> its number in keys */
    future_run *runs;
    int64_t nruns, run_capacity;
    int64_t first_live; /* all runs before it are finished */
    int64_t ndone;      /* entries */
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

/* A result is kept, or its task has failed. */
static void note_done(void *self, int64_t handle, tg_status status, const char *message)
{
    tg_ctx *ctx = self;
    tg_futures *f = ctx->futures;
    kept_entry *entry = &f->entries[handle - 1];

    entry->order = ++f->ndone;
    entry->status = status;
    if (status != TG_OK && message && *message)
        entry->message = tg_arena_alloc(ctx->arena, strlen(message) + 1);
    if (entry->message)
        strcpy(entry->message, message);
    if (entry->run >= 0)
        f->runs[entry->run].untold--;
}

static void hear(tg_ctx *ctx)
{
    tg_worker_tell_kept(ctx->worker, note_done, ctx);
}

/* Collect a run that all ranks have finished, well or not: each of its results knows. What ranks
 * say of them may come behind their reports. */
static tg_status end_run(tg_ctx *ctx, future_run *run)
{
    tg_status status = TG_OK;
    const tg_status ended = tg_session_wait(ctx, run->epoch, NULL);

    if (ended != TG_ETASK && ended != TG_EINTERRUPTED)
        TG_TRY(ended);
    for (hear(ctx); run->untold > 0; hear(ctx))
        TG_TRY(tg_worker_turn(ctx->worker));
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
    tg_futures *f = ctx->futures;

    while (f->first_live < f->nruns && f->runs[f->first_live].epoch == 0)
        f->first_live++;
    for (int64_t i = f->first_live; i < f->nruns; i++)
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

/* The entry that holds a key's result, NULL: none. */
static kept_entry *find_key(const tg_futures *f, tg_key key)
{
    const int64_t number = tg_key_map_find(&f->numbers, f->keys, key);
    kept_entry *entry = number < 0 ? NULL : &f->entries[f->newest[number]];

    return entry && entry->handle ? entry : NULL;
}

static tg_status use_entry(tg_graph *graph, int64_t task, const kept_entry *entry)
{
    if (graph->task[task].function == TG_GRAPH_VALUE)
        return TG_OK;
    return tg_graph_set_resident(graph, task, entry->handle, entry->rank);
}

/* Looks through the fewer: tasks or keys. */
tg_status tg_futures_use(tg_ctx *ctx, tg_graph *graph)
{
    tg_status status = TG_OK;
    const tg_futures *f = ctx->futures;

    if (!f || f->nalive == 0)
        return TG_OK;
    TG_TRY(end_finished_runs(ctx));
    for (int64_t t = 0; graph->ntasks <= f->nkeys && t < graph->ntasks; t++) {
        const kept_entry *entry = find_key(f, graph->key[t]);

        if (entry)
            TG_TRY(use_entry(graph, t, entry));
    }
    for (int64_t k = 0; graph->ntasks > f->nkeys && k < f->nkeys; k++) {
        const kept_entry *entry = &f->entries[f->newest[k]];
        const int64_t t =
            entry->handle ? tg_key_map_find(&graph->numbers, graph->key, f->keys[k]) : -1;

        if (t >= 0)
            TG_TRY(use_entry(graph, t, entry));
    }
out:
    return status;
}

tg_status tg_futures_mark(tg_ctx *ctx, tg_graph *graph, int64_t task, int64_t entry)
{
    const kept_entry *e = &ctx->futures->entries[entry - 1];

    return e->handle ? use_entry(graph, task, e) : TG_OK;
}

/* The number of a key among all, new or not. */
static tg_status number_key(tg_futures *f, tg_key key, int64_t *number)
{
    tg_status status = TG_OK;

    *number = tg_key_map_find(&f->numbers, f->keys, key);
    if (*number >= 0)
        return TG_OK;
    TG_TRY(tg_grow(&f->keys, &f->key_capacity, f->nkeys + 1, sizeof *f->keys));
    TG_TRY(tg_grow(&f->newest, &f->newest_capacity, f->nkeys + 1, sizeof *f->newest));
    f->keys[f->nkeys] = key;
    f->newest[f->nkeys] = f->nentries;
    TG_TRY(tg_key_map_add(&f->numbers, f->keys, (int32_t)f->nkeys));
    *number = f->nkeys++;
out:
    return status;
}

static tg_status add_entry(tg_futures *f, tg_key key, int64_t run, int64_t *number)
{
    tg_status status = TG_OK;
    int64_t k;

    TG_TRY(tg_grow(&f->entries, &f->entry_capacity, f->nentries + 1, sizeof *f->entries));
    f->entries[f->nentries] = (kept_entry){.handle = 0};
    TG_TRY(number_key(f, key, &k));
    f->newest[k] = *number = f->nentries++;
    f->entries[*number] = (kept_entry){.key = k, .handle = f->nentries, .run = run};
    f->nalive++;
out:
    return status;
}

/* Mark what is not kept yet to be kept; numbers[i] is the entry of tasks[i]. */
static tg_status mark_kept(tg_futures *f, tg_graph *graph, const int64_t *tasks, int64_t ntasks,
                           int64_t run, int64_t *numbers, int64_t *ntold)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < ntasks; i++) {
        const int64_t t = tasks[i];
        const kept_entry *known = find_key(f, graph->key[t]);

        if (known) {
            numbers[i] = known - f->entries;
            continue;
        }
        TG_TRY(add_entry(f, graph->key[t], run, &numbers[i]));
        f->entries[numbers[i]].bytes = graph->task[t].output_bytes;
        if (graph->task[t].function == TG_GRAPH_VALUE) { /* known everywhere */
            f->entries[numbers[i]].order = ++f->ndone;
            continue;
        }
        TG_TRY(tg_graph_set_kept(graph, t, f->entries[numbers[i]].handle));
        ++*ntold;
    }
out:
    return status;
}

/* Entries of a run that was not started stand for nothing. */
static void forget_run(tg_futures *f, int64_t run)
{
    for (int64_t i = f->nentries; i-- > 0 && f->entries[i].run == run;) {
        f->entries[i].run = -1;
        if (f->entries[i].handle) {
            f->entries[i].handle = 0;
            f->nalive--;
        }
    }
}

static tg_status start(tg_ctx *ctx, tg_futures *f, tg_graph *graph, const int64_t *tasks,
                       int64_t ntasks, int64_t *numbers)
{
    tg_status status = TG_OK;
    const tg_wants wants = {.target = tasks, .ntargets = ntasks};
    int32_t *rank = NULL;
    int64_t epoch, ntold = 0;

    TG_TRY(tg_futures_use(ctx, graph));
    TG_TRY(tg_session_preview(ctx, graph, &wants));
    TG_TRY(tg_grow(&f->runs, &f->run_capacity, f->nruns + 1, sizeof *f->runs));
    TG_TRY(mark_kept(f, graph, tasks, ntasks, f->nruns, numbers, &ntold));
    TG_TRY(tg_session_start(ctx, graph, &wants, &rank, &epoch));
    f->runs[f->nruns++] = (future_run){.epoch = epoch, .untold = ntold, .wanted = ntold};
    for (int64_t i = 0; i < ntasks; i++) {
        kept_entry *entry = &f->entries[numbers[i]];

        entry->holders++;
        if (entry->run == f->nruns - 1)
            entry->rank = rank[tasks[i]] < 0 ? 0 : rank[tasks[i]];
    }
out:
    if (status != TG_OK)
        forget_run(f, f->nruns);
    tg_free(rank);
    return status;
}

tg_status tg_futures_start(tg_ctx *ctx, tg_graph *graph, const int64_t *tasks, int64_t ntasks,
                           int64_t *numbers)
{
    tg_status status = TG_OK;
    tg_futures *f = NULL;

    TG_TRY(futures_of(ctx, &f));
    TG_TRY(start(ctx, f, graph, tasks, ntasks, numbers));
    for (int64_t i = 0; i < ntasks; i++)
        numbers[i]++;
    TG_TRY(tg_worker_poll(ctx->worker));
out:
    return status;
}

/* The run function of a constant that is to be kept like any result. */
static tg_status itself(tg_task *task)
{
    return tg_task_forward(task, 0);
}

/* A constant as a task of its own. */
static tg_status keepable(tg_graph *graph, int64_t task, int64_t *out)
{
    *out = task;
    if (task < 0 || task >= graph->ntasks || graph->task[task].function != TG_GRAPH_VALUE)
        return TG_OK;
    return tg_graph_add(graph,
                        &(tg_task_spec){.function = itself,
                                        .name = "value",
                                        .inputs = &task,
                                        .ninputs = 1,
                                        .output_bytes = (size_t)tg_graph_params_size(graph, task)},
                        out);
}

tg_status tg_graph_persist(tg_ctx *ctx, tg_graph *graph, const int64_t *targets, int64_t ntargets,
                           int64_t *kept)
{
    tg_status status = TG_OK;
    int64_t *tasks = tg_alloc_array(ntargets, sizeof *tasks);

    TG_NEED(tasks, TG_ENOMEM, "out of memory: %" PRId64 " results", ntargets);
    for (int64_t i = 0; i < ntargets; i++)
        TG_TRY(keepable(graph, targets[i], &tasks[i]));
    TG_TRY(tg_futures_start(ctx, graph, tasks, ntargets, kept));
out:
    tg_free(tasks);
    return status;
}

static kept_entry *entry_of(const tg_ctx *ctx, int64_t kept)
{
    assert(kept > 0 && kept <= ctx->futures->nentries);
    return &ctx->futures->entries[kept - 1];
}

tg_status tg_graph_kept(tg_ctx *ctx, tg_graph *graph, int64_t kept, int64_t *task)
{
    tg_status status = TG_OK;
    const kept_entry *entry = entry_of(ctx, kept);

    TG_NEED(entry->handle, TG_EARG, "a kept result was released and is used");
    TG_TRY(tg_graph_add_known(
        graph,
        &(tg_task_spec){.function = itself, .name = "kept", .output_bytes = (size_t)entry->bytes},
        ctx->futures->keys[entry->key], task));
    TG_TRY(use_entry(graph, *task, entry));
out:
    return status;
}

tg_status tg_kept_wait(tg_ctx *ctx, int64_t kept)
{
    tg_status status = TG_OK;
    const kept_entry *entry;

    while (!tg_futures_order(ctx, kept))
        TG_TRY(tg_futures_turn(ctx));
    entry = entry_of(ctx, kept);
    hear(ctx);
    if (ctx->futures->runs[entry->run].untold == 0) /* the last one: the run is told of, too */
        TG_TRY(wait_for_run(ctx, entry->run));
    TG_NEED(entry->status == TG_OK, entry->status == TG_EINTERRUPTED ? TG_EINTERRUPTED : TG_ETASK,
            "%s", entry->message ? entry->message : tg_status_name(entry->status));
out:
    return status;
}

int64_t tg_futures_order(tg_ctx *ctx, int64_t kept)
{
    if (!entry_of(ctx, kept)->order)
        hear(ctx);
    return entry_of(ctx, kept)->order;
}

tg_status tg_futures_turn(tg_ctx *ctx)
{
    tg_status status = TG_OK;

    TG_TRY(tg_worker_turn(ctx->worker));
    TG_TRY(end_finished_runs(ctx));
out:
    return status;
}

static tg_status cancel_run(tg_ctx *ctx, int64_t epoch)
{
    tg_status status = TG_OK;

    tg_worker_cancel(ctx->worker, epoch);
    for (int r = 1; r < ctx->nranks; r++)
        TG_TRY(
            tg_net_send(ctx->net, r, &(tg_frame){.kind = TG_FRAME_CANCEL, .epoch = epoch}, NULL));
    TG_TRY(tg_net_flush(ctx->net));
out:
    return status;
}

/* One of several results of a run. */
static tg_status cancel_entry(tg_ctx *ctx, const kept_entry *entry)
{
    tg_status status = TG_OK;

    if (entry->rank == 0) {
        tg_worker_refuse(ctx->worker, entry->handle);
        return TG_OK;
    }
    TG_TRY(tg_net_send(ctx->net, entry->rank,
                       &(tg_frame){.kind = TG_FRAME_REFUSE, .epoch = entry->handle}, NULL));
    TG_TRY(tg_net_flush(ctx->net));
out:
    return status;
}

tg_status tg_kept_cancel(tg_ctx *ctx, int64_t kept)
{
    kept_entry *entry = entry_of(ctx, kept);
    future_run *run = &ctx->futures->runs[entry->run];

    if (entry->cancelled || tg_futures_order(ctx, kept))
        return TG_OK;
    entry->cancelled = true;
    return --run->wanted > 0 ? cancel_entry(ctx, entry) : cancel_run(ctx, run->epoch);
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

tg_status tg_kept_release(tg_ctx *ctx, int64_t kept)
{
    tg_status status = TG_OK;
    tg_futures *f = ctx->futures;
    kept_entry *entry = entry_of(ctx, kept);
    future_run *under_way = NULL;

    if (entry->handle == 0 || --entry->holders > 0)
        return TG_OK;
    TG_TRY(end_finished_runs(ctx));
    for (int64_t i = f->nruns; i-- > f->first_live && !under_way;)
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

/* Alive entries by rank; a rank has few enough for two passes over them. */
void tg_futures_held(const tg_ctx *ctx, int64_t *most, int64_t *sum)
{
    const tg_futures *f = ctx->futures;
    int64_t *of_rank = f && f->nalive ? tg_alloc_array(ctx->nranks, sizeof *of_rank) : NULL;

    *most = *sum = 0;
    for (int64_t i = 0; of_rank && i < f->nentries; i++)
        if (f->entries[i].handle)
            of_rank[f->entries[i].rank] += (int64_t)f->entries[i].bytes;
    for (int r = 0; of_rank && r < ctx->nranks; r++) {
        *most = of_rank[r] > *most ? of_rank[r] : *most;
        *sum += of_rank[r];
    }
    tg_free(of_rank);
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
    tg_free(f->keys);
    tg_free(f->newest);
    tg_key_map_clear(&f->numbers);
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
