/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between MPI_Init and the program proper, on all ranks, and the way back: loaded files compared,
 * machine gathered, threads dealt -> store, messages, worker.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/clock.h"
#include "base/resident.h"
#include "base/status.h"
#include "exec/context.h"
#include "exec/session.h"
#include "observe/observer.h"

/* All ranks leave with the status and message of the lowest failed rank. */
static tg_status agree(const tg_ctx *ctx, tg_status status)
{
    int mine = status == TG_OK ? ctx->nranks : ctx->rank, first = mine;
    char message[TG_MESSAGE_SIZE] = "";
    int code = (int)status;

    MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (first == ctx->nranks)
        return TG_OK;
    snprintf(message, sizeof message, "%s", tg_message());
    MPI_Bcast(&code, 1, MPI_INT, first, MPI_COMM_WORLD);
    MPI_Bcast(message, (int)sizeof message, MPI_CHAR, first, MPI_COMM_WORLD);
    return tg_fail((tg_status)code, "%s", message);
}

/* Rank 0's loaded files, found here by build-id. The program itself must be the same everywhere. */
static tg_status share_objects(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    tg_objects here = {0}, theirs = {0};
    int64_t count = 0;

    status = tg_objects_find(&here);
    TG_TRY(agree(ctx, status));
    count = here.count;
    MPI_Bcast(&count, 1, MPI_INT64_T, 0, MPI_COMM_WORLD);
    theirs.count = count;
    theirs.object = tg_alloc_array(count, sizeof *theirs.object);
    TG_TRY(agree(ctx, theirs.object ? TG_OK : tg_fail(TG_ENOMEM, "out of memory: loaded files")));
    if (ctx->rank == 0)
        memcpy(theirs.object, here.object, (size_t)count * sizeof *here.object);
    MPI_Bcast(theirs.object, (int)((size_t)count * sizeof *theirs.object), MPI_BYTE, 0,
              MPI_COMM_WORLD);
    status = tg_objects_match(&here, &theirs, &ctx->objects);
    if (status == TG_OK && ctx->objects.object[0].end == 0)
        status = tg_fail(TG_EMPI, "rank %d runs %s, of another build than rank 0's %s", ctx->rank,
                         here.object[0].path, theirs.object[0].path);
    TG_TRY(agree(ctx, status));
out:
    tg_objects_clear(&here);
    tg_objects_clear(&theirs);
    return status;
}

/* Which rank lacks which file, for rank 0 to say so when a task needs it. */
static tg_status find_lacking(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    const int64_t n = ctx->objects.count;
    int32_t *mine = tg_alloc_array(n, sizeof *mine);

    ctx->lacking = tg_alloc_array(n, sizeof *ctx->lacking);
    TG_TRY(agree(ctx,
                 mine && ctx->lacking ? TG_OK : tg_fail(TG_ENOMEM, "out of memory: loaded files")));
    for (int64_t i = 0; i < n; i++)
        mine[i] = ctx->objects.object[i].end ? INT_MAX : ctx->rank;
    MPI_Reduce(mine, ctx->lacking, (int)n, MPI_INT, MPI_MIN, 0, MPI_COMM_WORLD);
out:
    tg_free(mine);
    return status;
}

/* Descriptions of all ranks, in order of rank, on rank 0. */
static tg_status gather_descriptions(tg_ctx *ctx, const void *mine, int size, char **all,
                                     int64_t *total)
{
    tg_status status = TG_OK;
    int *sizes = tg_alloc_array(ctx->nranks, sizeof *sizes);
    int *begins = tg_alloc_array(ctx->nranks, sizeof *begins);

    TG_TRY(agree(ctx, sizes && begins ? TG_OK : tg_fail(TG_ENOMEM, "out of memory: the machine")));
    MPI_Gather(&size, 1, MPI_INT, sizes, 1, MPI_INT, 0, MPI_COMM_WORLD);
    *total = 0;
    for (int r = 0; ctx->rank == 0 && r < ctx->nranks; r++) {
        begins[r] = (int)*total;
        *total += sizes[r];
    }
    *all = tg_alloc_array(*total, 1);
    TG_TRY(agree(ctx, *all ? TG_OK : tg_fail(TG_ENOMEM, "out of memory: the machine")));
    MPI_Gatherv(mine, size, MPI_BYTE, *all, sizes, begins, MPI_BYTE, 0, MPI_COMM_WORLD);
out:
    tg_free(sizes);
    tg_free(begins);
    return status;
}

/* Rank 0 sees the machine and deals threads; `provided` is MPI's thread level here. */
static tg_status share_machine(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    void *mine = NULL;
    size_t size = 0;
    char *all = NULL;
    int64_t total = 0;
    int32_t dealt[3] = {1, 0, 0}, *deal = NULL;

    status = tg_machine_describe_local(&mine, &size);
    TG_TRY(agree(ctx, status));
    TG_TRY(gather_descriptions(ctx, mine, (int)size, &all, &total));
    if (ctx->rank == 0) {
        status = tg_machine_from_ranks(all, (size_t)total, ctx->nranks, &ctx->machine);
        deal = tg_alloc_array(ctx->nranks, sizeof dealt);
        if (status == TG_OK && !deal)
            status = tg_fail(TG_ENOMEM, "out of memory: %d ranks", ctx->nranks);
    }
    TG_TRY(agree(ctx, status));
    for (int r = 0; ctx->rank == 0 && r < ctx->nranks; r++) {
        if (ctx->options.threads)
            ctx->machine->threads[r] = ctx->options.threads;
        deal[3 * r] = ctx->machine->threads[r];
        deal[3 * r + 1] = ctx->machine->oversubscribed[ctx->machine->host[r]];
        deal[3 * r + 2] = ctx->machine->apart[r];
    }
    MPI_Scatter(deal, 3, MPI_INT32_T, dealt, 3, MPI_INT32_T, 0, MPI_COMM_WORLD);
    ctx->nthreads = dealt[0];
    ctx->crowded = dealt[1];
    ctx->apart = dealt[2];
out:
    tg_free(deal);
    tg_free(mine);
    tg_free(all);
    return status;
}

/* TEGULA_HOSTILE=SEED, for tests: garbage in memory, late messages in another order. */
static void be_hostile(tg_ctx *ctx)
{
    const char *seed = getenv("TEGULA_HOSTILE");

    if (!seed || !*seed)
        return;
    tg_store_be_hostile(ctx->store);
    tg_net_be_hostile(ctx->net, strtoull(seed, NULL, 0));
}

/* On this rank alone: all agree on it before they go on together. */
static tg_status open_spill(tg_ctx *ctx)
{
    if (!*ctx->options.spill || ctx->options.preview)
        return TG_OK;
    return tg_spill_create(ctx->options.spill, ctx->nthreads > 1, &ctx->spill);
}

static tg_status start_worker(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    const bool shared = ctx->nthreads > 1;
    const MPI_Comm world = MPI_COMM_WORLD;

    if (shared && ctx->apart && !ctx->options.unbound)
        TG_TRY(tg_binding_create(ctx->nthreads, &ctx->binding));
    TG_TRY(tg_store_create(shared, &ctx->store));
    if (tg_binding_nplaces(ctx->binding) > 1)
        TG_TRY(tg_store_split(ctx->store, tg_binding_nplaces(ctx->binding)));
    TG_TRY(tg_locals_create(shared, &ctx->locals));
    TG_TRY(tg_net_create(&world, ctx->store, &ctx->net));
    be_hostile(ctx);
    MPI_Barrier(MPI_COMM_WORLD);
    ctx->begin = tg_now();
    if (ctx->rank == 0) {
        TG_TRY(tg_arena_create(&ctx->arena));
        TG_TRY(tg_observer_create(&ctx->options, ctx->machine, &ctx->observer));
    }
    TG_TRY(tg_worker_create(
        &(tg_worker_options){.rank = ctx->rank,
                             .nranks = ctx->nranks,
                             .nthreads = ctx->nthreads,
                             .retries = ctx->options.retries,
                             .crowded = ctx->crowded,
                             .takes = ctx->rank > 0 || !ctx->options.dedicated,
                             .memory = ctx->options.memory,
                             .spill = ctx->spill,
                             .measures = ctx->options.memory || ctx->options.verbose > 0 ||
                                         *ctx->options.report,
                             .record = *ctx->options.trace || *ctx->options.report,
                             .begin = ctx->begin,
                             .progress = strcmp(ctx->options.progress, "none") ? 0.25 : 0,
                             .watch = ctx->rank == 0 ? tg_observer_watch : NULL,
                             .watch_self = ctx->observer,
                             .binding = ctx->binding,
                             .store = ctx->store,
                             .net = ctx->net,
                             .locals = ctx->locals,
                             .objects = &ctx->objects},
        &ctx->worker));
out:
    return status;
}

/* The machine of --machine: one rank a core, or a rank on as many cores as it has threads. */
static tg_status write_machine(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    const tg_options *o = &ctx->options;
    const int32_t each = o->threads ? o->threads : 1;

    if (ctx->rank != 0 || !*o->machine)
        return TG_OK;
    TG_TRY(tg_machine_from_spec(o->machine, 0, &ctx->planned));
    if (each > 1) {
        const int32_t nranks = ctx->planned->ncores / each;
        const int32_t least = ctx->planned->nhosts;

        tg_machine_destroy(&ctx->planned);
        TG_TRY(tg_machine_from_spec(o->machine, nranks > least ? nranks : least, &ctx->planned));
        for (int32_t r = 0; r < ctx->planned->nranks; r++)
            ctx->planned->threads[r] = each;
    }
out:
    return status;
}

enum { BINDING_WORDS = TG_BINDING_TEXT + 16 };

/* Where the threads of this rank stay, or why they are free. */
static void say_binding(const tg_ctx *ctx, char out[BINDING_WORDS])
{
    char cores[TG_BINDING_TEXT];

    *out = 0;
    if (ctx->binding)
        snprintf(out, BINDING_WORDS, " bound to %s", tg_binding_say(ctx->binding, cores));
    else if (ctx->nthreads > 1)
        snprintf(out, BINDING_WORDS, ", not bound: %s",
                 ctx->options.unbound ? "--bind none"
                 : ctx->apart         ? "more threads than cores"
                                      : "other ranks share the cores");
}

/* Collective: the machine and the ranks on standard error, with --verbose. */
static tg_status say_machine(tg_ctx *ctx)
{
    tg_status status = TG_OK;
    char mine[BINDING_WORDS] = "", (*all)[BINDING_WORDS] = NULL;

    if (ctx->options.verbose < 1)
        return TG_OK;
    all = tg_alloc_array(ctx->rank == 0 ? ctx->nranks : 0, sizeof *all);
    TG_TRY(agree(ctx, all ? TG_OK : tg_fail(TG_ENOMEM, "out of memory: %d ranks", ctx->nranks)));
    say_binding(ctx, mine);
    MPI_Gather(mine, sizeof mine, MPI_CHAR, all, sizeof mine, MPI_CHAR, 0, MPI_COMM_WORLD);
    if (ctx->rank == 0)
        tg_machine_print(ctx->machine, stderr);
    for (int r = 0; ctx->rank == 0 && r < ctx->nranks; r++)
        fprintf(stderr, "rank %d on %s, %" PRId32 " thread%s%s\n", r,
                ctx->machine->name[ctx->machine->host[r]], ctx->machine->threads[r],
                ctx->machine->threads[r] == 1 ? "" : "s", all[r]);
out:
    tg_free(all);
    return status;
}

tg_status tg_ctx_start(tg_ctx *ctx, int provided)
{
    tg_status status = TG_OK;
    int64_t resident;

    TG_TRY(share_objects(ctx));
    TG_TRY(find_lacking(ctx));
    TG_TRY(share_machine(ctx));
    TG_TRY(agree(ctx, write_machine(ctx)));
    if (ctx->nthreads > 1 && provided < MPI_THREAD_FUNNELED)
        ctx->nthreads = 1;
    TG_TRY(agree(ctx, open_spill(ctx)));
    TG_TRY(agree(ctx, start_worker(ctx)));
    resident = tg_resident();
    MPI_Reduce(&resident, &ctx->process, 1, MPI_INT64_T, MPI_MAX, 0, MPI_COMM_WORLD);
    TG_TRY(say_machine(ctx));
out:
    return status;
}

/* Does the rank leave results behind? Tests ask, and fail where it does. */
static bool leaks(const tg_ctx *ctx, int64_t live)
{
    if (live == 0 || !getenv("TEGULA_CHECK_LEAKS"))
        return false;
    fprintf(stderr, "rank %d: %" PRId64 " results were never given up\n", ctx->rank, live);
    return true;
}

bool tg_ctx_end(tg_ctx *ctx)
{
    int64_t live = 0;

    tg_futures_destroy(ctx);
    tg_worker_destroy(&ctx->worker);
    tg_locals_destroy(&ctx->locals);
    tg_net_destroy(&ctx->net);
    tg_store_destroy(&ctx->store, &live);
    tg_spill_destroy(&ctx->spill);
    tg_binding_destroy(&ctx->binding);
    tg_observer_destroy(&ctx->observer);
    tg_machine_destroy(&ctx->machine);
    tg_machine_destroy(&ctx->planned);
    tg_objects_clear(&ctx->objects);
    tg_arena_destroy(&ctx->arena);
    tg_resources_clear(&ctx->resources);
    tg_free(ctx->lacking);
    tg_free(ctx->command_line);
    return !leaks(ctx, live);
}
