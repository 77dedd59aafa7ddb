/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Futures and persisted delayed results are one thing: a delayed node whose run has been started
 * and whose result is kept on the rank that makes it (persist.c). The node has the result's number.
 */
#include <string.h>

#include <tegula/runtime.h>

#include "exec/delayed.h"
#include "exec/session.h"

static tg_status start_nodes(tg_ctx *ctx, tg_delayed *const *nodes, int nnodes, int64_t *tasks,
                             int64_t *numbers)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;

    TG_TRY(tg_graph_create(ctx, &graph));
    TG_TRY(tg_delayed_add(graph, nodes, nnodes, tasks));
    TG_TRY(tg_futures_start(ctx, graph, tasks, nnodes, numbers));
out:
    tg_graph_destroy(&graph);
    return status;
}

tg_status tg_persist_all(tg_ctx *ctx, tg_delayed *const *nodes, int nnodes)
{
    tg_status status = TG_OK;
    int64_t *tasks = tg_alloc_array(nnodes, sizeof *tasks);
    int64_t *numbers = tg_alloc_array(nnodes, sizeof *numbers);

    TG_NEED(tasks && numbers, TG_ENOMEM, "out of memory: %d futures", nnodes);
    TG_TRY(start_nodes(ctx, nodes, nnodes, tasks, numbers));
    for (int i = 0; i < nnodes; i++) {
        const int64_t held = tg_delayed_kept(nodes[i]);

        tg_delayed_set_kept(nodes[i], numbers[i]);
        if (held) /* a node holds one result once */
            TG_TRY(tg_kept_release(ctx, held));
    }
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

static tg_status need_future(const tg_delayed *node)
{
    tg_status status = tg_delayed_status(node);

    if (status == TG_OK && !tg_delayed_kept(node))
        status = tg_fail(TG_EARG, "not a future: the delayed call was not submitted or persisted, "
                                  "or it was released");
    return status;
}

tg_status tg_wait(tg_ctx *ctx, tg_delayed *future)
{
    const tg_status status = need_future(future);

    return status == TG_OK ? tg_kept_wait(ctx, tg_delayed_kept(future)) : status;
}

bool tg_is_done(tg_ctx *ctx, const tg_delayed *future)
{
    const int64_t kept = tg_delayed_kept(future);

    if (tg_delayed_status(future) != TG_OK || !kept)
        return true;
    if (!tg_futures_order(ctx, kept) && tg_futures_turn(ctx) != TG_OK)
        return true;
    return tg_futures_order(ctx, kept) > 0;
}

/* The one of the futures that was done first, -1: none is. */
static int first_done(tg_ctx *ctx, tg_delayed *const *futures, int count)
{
    int64_t least = INT64_MAX;
    int first = -1;

    for (int i = 0; i < count; i++) {
        const int64_t order = tg_futures_order(ctx, tg_delayed_kept(futures[i]));

        if (order && order < least) {
            least = order;
            first = i;
        }
    }
    return first;
}

tg_status tg_as_completed(tg_ctx *ctx, tg_delayed **futures, int *count, tg_delayed **next)
{
    tg_status status = TG_OK;
    int i;

    TG_NEED(*count > 0, TG_EARG, "no futures to wait for");
    for (i = 0; i < *count; i++)
        TG_TRY(need_future(futures[i]));
    while ((i = first_done(ctx, futures, *count)) < 0)
        TG_TRY(tg_futures_turn(ctx));
    *next = futures[i];
    memmove(&futures[i], &futures[i + 1], (size_t)(--*count - i) * sizeof(tg_delayed *));
out:
    return status;
}

tg_status tg_cancel(tg_ctx *ctx, tg_delayed *future)
{
    const tg_status status = need_future(future);

    return status == TG_OK ? tg_kept_cancel(ctx, tg_delayed_kept(future)) : status;
}

tg_status tg_release(tg_ctx *ctx, tg_delayed *future)
{
    tg_status status = need_future(future);

    if (status != TG_OK)
        return status;
    status = tg_kept_release(ctx, tg_delayed_kept(future));
    tg_delayed_set_kept(future, 0);
    return status;
}
