/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Computing a graph: order and place its tasks (place/), make the parts (place/plan.h), ship one to
 * each rank, work on rank 0's own until all have reported (worker.h), hand over the targets.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/resident.h"
#include "exec/context.h"
#include "exec/session.h"
#include "place/plan.h"

/* Impure tasks of different graphs differ: each graph numbers its own from another start. */
tg_status tg_graph_create(tg_ctx *ctx, tg_graph **out)
{
    const tg_status status = tg_graph_new(&ctx->objects, out);

    if (status == TG_OK) {
        (*out)->nimpure = ++ctx->ngraphs << 32;
        (*out)->resources = &ctx->resources;
    }
    return status;
}

/* Every rank must have loaded the files of the graph's functions. */
static tg_status check_functions(const tg_ctx *ctx, const tg_graph *graph)
{
    tg_status status = TG_OK;

    for (int64_t f = 0; f < graph->nfunctions; f++) {
        const uint64_t object = graph->functions[f].reference.object;

        TG_NEED(ctx->lacking[object] == INT_MAX, TG_EARG,
                "task %s is in %s, which rank %" PRId32
                " has not loaded or has in another build: all ranks must load it before tg_run",
                graph->functions[f].name, ctx->objects.object[object].path, ctx->lacking[object]);
    }
out:
    return status;
}

/* Ship the parts of the other ranks; rank 0's own is returned in a buffer. */
static tg_status ship(tg_ctx *ctx, tg_plan *plan, tg_buffer **own)
{
    tg_status status = TG_OK;

    for (int r = ctx->nranks - 1; r >= 0; r--) {
        const int64_t size = tg_plan_size(plan, r);
        tg_buffer *buffer;

        if (size == 0)
            continue;
        buffer = tg_store_get_aside(ctx->store, (size_t)size);
        TG_NEED(buffer, TG_ENOMEM, "out of memory: a part of %" PRId64 " bytes for rank %d", size,
                r);
        tg_plan_write(plan, r, tg_buffer_data(buffer));
        *own = buffer;
        if (r > 0)
            TG_TRY(tg_net_send(
                ctx->net, r, &(tg_frame){.kind = TG_FRAME_PART, .epoch = ctx->epoch, .size = size},
                buffer));
    }
    TG_TRY(tg_net_flush(ctx->net));
out:
    return status;
}

/* Runs of few tasks started one after the other would all begin on the same ranks: deal round. */
static void turn_placement(const tg_ctx *ctx, const tg_graph *graph, tg_placement *placement)
{
    const int first = ctx->options.dedicated && ctx->nranks > 1 ? 1 : 0, n = ctx->nranks - first;

    if (placement->count >= n)
        return;
    if (graph->handle)
        for (int64_t i = 0; i < placement->count; i++)
            if (graph->task[placement->order[i]].flags & TG_TASK_RESIDENT)
                return;
    for (int64_t i = 0; i < placement->count; i++) {
        int32_t *rank = &placement->rank[placement->order[i]];

        if (*rank >= first && !(graph->task[placement->order[i]].flags & TG_TASK_ROOT))
            *rank = first + (int32_t)((*rank - first + ctx->epoch) % n);
    }
}

/* What can be done where memory is not enough. */
static const char less_memory[] = "smaller chunks need less; or allow more with --memory";

/* No task may need more memory for its inputs and its output than a rank is allowed: a result on
 * disk is none that a task can use. */
static tg_status check_tasks(const tg_ctx *ctx, const tg_graph *graph,
                             const tg_placement *placement)
{
    tg_status status = TG_OK;
    const int64_t limit = ctx->options.memory;

    for (int64_t i = 0; limit && i < placement->count; i++) {
        const int32_t t = placement->order[i];
        const int64_t need = tg_graph_memory(graph, t);
        int64_t bytes = (int64_t)graph->task[t].output_bytes;

        for (int k = 0; k < tg_graph_ninputs(graph, t); k++)
            bytes += (int64_t)graph->task[tg_graph_inputs(graph, t)[k]].output_bytes;
        TG_NEED(need == 0 || need <= limit - bytes, TG_EARG,
                "task %" PRId32 " (%s) needs %" PRId64 " bytes while it runs beside %" PRId64
                " for its inputs and its result, --memory allows a rank %" PRId64 ": %s",
                t, tg_graph_name(graph, t), need, bytes, limit, less_memory);
        TG_NEED(bytes <= limit, TG_EARG,
                "task %" PRId32 " (%s) needs %" PRId64 " bytes for its inputs and its result, "
                "--memory allows a rank %" PRId64 ": %s",
                t, tg_graph_name(graph, t), bytes, limit, less_memory);
    }
out:
    return status;
}

/* Without --spill results that wait for others must have room, too. */
static tg_status check_results(const tg_ctx *ctx, const tg_graph *graph, const tg_wants *wants,
                               const tg_placement *placement, const tg_machine *machine)
{
    tg_status status = TG_OK;
    const int64_t limit = ctx->options.memory;
    tg_least least = {0};

    TG_TRY(tg_predict_least(graph, wants->brought, wants->nbrought, placement, machine, limit,
                            &least));
    TG_NEED(least.bytes <= limit, TG_EARG,
            "rank %" PRId32 " needs %" PRId64
            " bytes for results that it has at one time, --memory "
            "allows a rank %" PRId64 ": --spill DIR puts on disk what has no room, more ranks "
            "share it; %s",
            least.rank, least.bytes, limit, less_memory);
out:
    return status;
}

/* What cannot fit is said before the start. */
static tg_status check_memory(const tg_ctx *ctx, const tg_graph *graph, const tg_wants *wants,
                              const tg_placement *placement, const tg_machine *machine)
{
    tg_status status = TG_OK;

    if (ctx->options.memory == 0)
        return TG_OK;
    TG_TRY(check_tasks(ctx, graph, placement));
    if (!*ctx->options.spill)
        TG_TRY(check_results(ctx, graph, wants, placement, machine));
out:
    return status;
}

/* A prediction with what ranks keep from earlier runs. */
static tg_status predict(const tg_ctx *ctx, const tg_graph *graph, const tg_wants *wants,
                         const tg_placement *placement, const tg_machine *machine,
                         tg_prediction *out)
{
    int64_t most, sum;
    const tg_status status =
        tg_predict(graph, wants->brought, wants->nbrought, placement, machine, out);

    tg_futures_held(ctx, &most, &sum);
    out->peak += most;
    out->peak_sum += sum;
    return status;
}

/* What a thread's task takes beside results, unless one says that it needs more: a chunk that is
 * decoded, say. */
static const int64_t bytes_of_thread = 4 << 20;

static int64_t bytes_beside(const tg_graph *graph)
{
    int64_t most = bytes_of_thread;

    for (int64_t t = 0; graph->need && t < graph->ntasks; t++)
        if (tg_graph_memory(graph, t) > most)
            most = tg_graph_memory(graph, t);
    return most;
}

/* A process is looked at now and then: so much, and an eighth of the limit in the heap between what
 * is used, it has more. */
static const int64_t bytes_between = 8 << 20;

/* Bytes that a process will have: what it has now, its part of the plan, its threads', and results,
 * of which there are no more than the memory that is left allows (exec/worker.h). */
static int64_t predict_resident(const tg_ctx *ctx, const tg_graph *graph,
                                const tg_prediction *prediction, int64_t results)
{
    const int64_t now = tg_resident() - tg_store_held(ctx->store), memory = ctx->options.memory;
    const int64_t beside = (now > ctx->process ? now : ctx->process) + prediction->plan +
                           tg_nthreads(ctx) * bytes_beside(graph);
    const int64_t all = beside + results;
    const int64_t most = memory + TG_MEMORY_BESIDE, least = beside + memory / 8;
    const int64_t limit = (most > least ? most : least) + memory / 8 + bytes_between;

    return memory && all > limit ? limit : all;
}

/* What is said of a run's memory is predicted before it starts; runs side by side add up. */
static tg_status predict_memory(tg_ctx *ctx, const tg_graph *graph, const tg_wants *wants,
                                const tg_placement *placement)
{
    tg_status status = TG_OK;
    tg_prediction prediction;

    if (ctx->options.verbose < 1 && !*ctx->options.report)
        return TG_OK;
    TG_TRY(predict(ctx, graph, wants, placement, ctx->machine, &prediction));
    ctx->predicted = prediction.peak + (ctx->nrunning > 0 ? ctx->predicted : 0);
    ctx->resident = predict_resident(ctx, graph, &prediction, ctx->predicted);
    if (ctx->resident > ctx->most_resident)
        ctx->most_resident = ctx->resident;
    if (ctx->predicted > ctx->most_predicted)
        ctx->most_predicted = ctx->predicted;
    ctx->nunsized += prediction.nunsized;
out:
    return status;
}

static tg_status make_plan(tg_ctx *ctx, tg_graph *graph, const tg_wants *wants, int32_t **rank,
                           tg_plan **plan)
{
    tg_status status = TG_OK;
    tg_placement placement = {0};
    int64_t *names = tg_alloc_array(graph->nfunctions, sizeof *names);

    TG_NEED(names, TG_ENOMEM, "out of memory: %" PRId64 " functions", graph->nfunctions);
    TG_TRY(check_functions(ctx, graph));
    TG_TRY(tg_place(graph, wants->target, wants->ntargets, ctx->machine, ctx->options.dedicated,
                    &placement));
    TG_TRY(check_memory(ctx, graph, wants, &placement, ctx->machine));
    if (rank)
        turn_placement(ctx, graph, &placement);
    TG_TRY(predict_memory(ctx, graph, wants, &placement));
    TG_TRY(tg_ctx_run_begins(ctx, graph, placement.rank, placement.count, names));
    TG_TRY(tg_plan_create(graph, wants->brought, wants->nbrought, &placement, names, ctx->nranks,
                          ++ctx->epoch, plan));
    if (rank) {
        *rank = placement.rank;
        placement.rank = NULL;
    }
out:
    tg_placement_clear(&placement);
    tg_free(names);
    return status;
}

tg_status tg_session_start(tg_ctx *ctx, tg_graph *graph, const tg_wants *wants, int32_t **rank,
                           int64_t *epoch)
{
    tg_status status = TG_OK;
    tg_plan *plan = NULL;
    tg_buffer *own = NULL;

    TG_TRY(make_plan(ctx, graph, wants, rank, &plan));
    TG_TRY(ship(ctx, plan, &own));
    ctx->shipped = tg_now();
    TG_TRY(tg_worker_begin(ctx->worker, own));
    *epoch = ctx->epoch;
    ctx->nrunning++;
out:
    tg_plan_destroy(&plan);
    return status;
}

tg_status tg_session_preview(tg_ctx *ctx, const tg_graph *graph, const tg_wants *wants)
{
    tg_status status = TG_OK;
    const tg_machine *machine = ctx->planned ? ctx->planned : ctx->machine;
    tg_placement placement = {0};
    tg_prediction prediction;

    if (!ctx->options.preview)
        return TG_OK;
    TG_TRY(tg_place(graph, wants->target, wants->ntargets, machine, ctx->options.dedicated,
                    &placement));
    TG_TRY(tg_ctx_run_begins(ctx, graph, placement.rank, placement.count, NULL));
    TG_TRY(predict(ctx, graph, wants, &placement, machine, &prediction));
    prediction.resident = predict_resident(ctx, graph, &prediction, prediction.peak);
    tg_ctx_preview(ctx, &prediction);
    TG_TRY(check_memory(ctx, graph, wants, &placement, machine));
    status = tg_fail(TG_PREVIEWED, "the plan was shown and not run, as --preview asks");
out:
    tg_placement_clear(&placement);
    return status;
}

/* A result as the caller's: the buffer itself where nobody else holds it. Takes over the hold. */
static tg_status hand_out(tg_ctx *ctx, tg_buffer **pinned, tg_bytes *result)
{
    tg_buffer *buffer = *pinned, *copy = buffer;

    *pinned = NULL;
    if (!buffer)
        return TG_OK;
    if (buffer->uses > 1) {
        copy = tg_store_get(ctx->store, buffer->size);
        if (copy)
            memcpy(tg_buffer_data(copy), tg_buffer_data(buffer), buffer->size);
        tg_store_release(ctx->store, buffer);
    }
    if (!copy)
        return TG_ENOMEM;
    result->size = copy->size;
    result->data = tg_store_take(ctx->store, copy);
    return TG_OK;
}

static tg_status failure(const tg_report *report)
{
    const int64_t others = report->failed - 1;
    const char *message =
        *report->message ? report->message : tg_status_name((tg_status)report->status);
    const tg_status status = report->status == TG_EINTERRUPTED ? TG_EINTERRUPTED : TG_ETASK;

    if (others <= 0 || status == TG_EINTERRUPTED)
        return tg_fail(status, "%s", message);
    return tg_fail(status, "%s (and %" PRId64 " other task%s failed)", message, others,
                   others == 1 ? "" : "s");
}

static void say_report(const tg_ctx *ctx, const tg_report *report)
{
    if (ctx->options.verbose > 0)
        fprintf(stderr,
                "%" PRId64 " tasks done, %" PRId64 " failed, %" PRId64 " skipped, %" PRId64
                " retried, %" PRId64 " taken over; %.3f s in tasks\n",
                report->done, report->failed, report->skipped, report->retried, report->taken,
                report->busy);
    if (ctx->options.verbose > 0)
        fprintf(stderr, "%" PRId64 " bytes read, %" PRId64 " written\n",
                report->counted[TG_BYTES_READ], report->counted[TG_BYTES_WRITTEN]);
    if (ctx->options.verbose > 0 && report->spilled > 0)
        fprintf(stderr, "spilled %.1f MiB to disk, %.1f MiB there; %.1f MiB read back\n",
                (double)report->spilled / (1 << 20), (double)report->stored / (1 << 20),
                (double)report->unspilled / (1 << 20));
    tg_ctx_say_memory(ctx, report);
}

/* Not inlined: by its name profilers tell a run from its planning. */
__attribute__((noinline)) tg_status tg_session_wait(tg_ctx *ctx, int64_t epoch, tg_buffer **pinned)
{
    tg_status status = TG_OK;
    tg_report report = {0};
    tg_event *events = NULL;

    while (!tg_worker_is_finished(ctx->worker, epoch))
        TG_TRY(tg_worker_turn(ctx->worker));
    ctx->last_run = tg_now() - ctx->shipped;
    ctx->nrunning--;
    TG_TRY(tg_worker_collect(ctx->worker, epoch, pinned, &report, &events));
    TG_TRY(tg_ctx_run_ends(ctx, events, report.nevents));
    tg_report_merge(&ctx->total, &report);
    say_report(ctx, &report);
    if (report.failed > 0)
        TG_TRY(failure(&report));
out:
    tg_free(events);
    return status;
}

/* Run the targets; pinned[i] gets the buffer of brought[i]. */
static tg_status run(tg_ctx *ctx, tg_graph *graph, const tg_wants *wants, tg_buffer **pinned)
{
    tg_status status = TG_OK;
    int64_t epoch;

    TG_TRY(tg_futures_use(ctx, graph));
    TG_TRY(tg_session_preview(ctx, graph, wants));
    TG_TRY(tg_session_start(ctx, graph, wants, NULL, &epoch));
    TG_TRY(tg_session_wait(ctx, epoch, pinned));
out:
    return status;
}

tg_status tg_graph_run(tg_ctx *ctx, tg_graph *graph, const int64_t *targets, int64_t ntargets,
                       const bool *wanted, tg_bytes *results)
{
    tg_status status = TG_OK;
    tg_buffer **pinned = tg_alloc_array(ntargets, sizeof(tg_buffer *));
    int64_t *brought = tg_alloc_array(ntargets, sizeof *brought), n = 0;

    for (int64_t i = 0; results && i < ntargets; i++)
        results[i] = (tg_bytes){0};
    TG_NEED(pinned && brought, TG_ENOMEM, "out of memory: %" PRId64 " targets", ntargets);
    for (int64_t i = 0; results && i < ntargets; i++)
        if (!wanted || wanted[i])
            brought[n++] = targets[i];
    TG_TRY(run(ctx, graph, &(tg_wants){targets, ntargets, brought, n}, pinned));
    n = 0;
    for (int64_t i = 0; results && i < ntargets; i++)
        if (!wanted || wanted[i])
            TG_TRY(hand_out(ctx, &pinned[n++], &results[i]));
out:
    for (int64_t i = 0; pinned && i < ntargets; i++)
        tg_store_release(ctx->store, pinned[i]);
    for (int64_t i = 0; status != TG_OK && results && i < ntargets; i++)
        tg_bytes_free(&results[i]);
    tg_free(pinned);
    tg_free(brought);
    return status;
}

tg_status tg_graph_compute(tg_ctx *ctx, tg_graph *graph, const int64_t *targets, int64_t ntargets,
                           tg_bytes *results)
{
    return tg_graph_run(ctx, graph, targets, ntargets, NULL, results);
}
