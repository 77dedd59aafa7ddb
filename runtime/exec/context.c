/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tg_run: from main to the exit status.
 *
 *   all ranks     MPI_Init_thread -> rank 0's options to all -> loaded files compared -> machine
 *                 gathered, threads dealt -> store, messages, worker
 *   rank 0        the user's function, which computes (compute.c) -> stop to all
 *   other ranks   tg_worker_serve
 *   all ranks     the exit status from rank 0 -> everything freed -> MPI_Finalize
 */
#include "exec/context.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/clock.h"
#include "base/resident.h"
#include "base/status.h"
#include "exec/alone.h"
#include "exec/session.h"
#include "observe/observer.h"
#include "observe/preview.h"

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 75 };

static const char *program_name(char **argv)
{
    const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;

    return slash ? slash + 1 : argv[0] ? argv[0] : "tegula";
}

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

/* ---- starting ------------------------------------------------------------------------------- */

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

static tg_status start(tg_ctx *ctx, int provided)
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

/* Free everything; false: TEGULA_CHECK_LEAKS found that something is still held. */
static bool finish(tg_ctx *ctx)
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

/* ---- running -------------------------------------------------------------------------------- */

static int exit_status_of(tg_status status)
{
    switch (status) {
    case TG_OK:
    case TG_PREVIEWED:
        return EXIT_SUCCESS;
    case TG_EUSAGE:
        return EXIT_USAGE;
    case TG_EINTERRUPTED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_FAILURE;
    }
}

static void say_failure(const char *name, tg_status status)
{
    const char *message = tg_message();

    fflush(stdout);
    fprintf(stderr, "%s: %s\n", name, *message ? message : tg_status_name(status));
}

/* A rank that cannot go on for a reason of the machine's: the others would wait for ever. */
static void give_up(const tg_ctx *ctx, const char *name)
{
    fprintf(stderr, "%s: rank %d cannot go on: %s\n", name, ctx->rank, tg_message());
    fflush(stderr);
    MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
}

/* Rank 0's part between start and finish; the exit status. */
static int lead(tg_ctx *ctx, int argc, char **argv, tg_main *main)
{
    tg_observed facts = {.command_line = ctx->command_line};
    tg_status status;

    tg_message_clear();
    status = main(ctx, argc, argv);
    if (tg_futures_finish(ctx) != TG_OK)
        give_up(ctx, program_name(argv));
    if (status != TG_OK && status != TG_PREVIEWED)
        say_failure(program_name(argv), status);
    if (tg_worker_stop(ctx->worker) != TG_OK)
        give_up(ctx, program_name(argv));
    if (status == TG_OK && (fflush(stdout) != 0 || ferror(stdout))) {
        status = tg_fail(TG_EIO, "standard output cannot be written");
        say_failure(program_name(argv), status);
    }
    facts.bytes_read = ctx->total.counted[TG_BYTES_READ];
    facts.memory = (tg_memory_facts){.predicted = ctx->most_predicted,
                                     .measured = ctx->total.peak,
                                     .nunsized = ctx->nunsized,
                                     .ntaken = ctx->total.taken,
                                     .process = ctx->process,
                                     .resident_predicted = ctx->most_resident,
                                     .resident = ctx->total.resident};
    facts.bytes_written = ctx->total.counted[TG_BYTES_WRITTEN];
    if (tg_observer_write(ctx->observer, &facts) != TG_OK) {
        say_failure(program_name(argv), TG_EIO);
        status = status ? status : TG_EIO;
    }
    return exit_status_of(status);
}

/* What ends a program early, and what each was handled by before. */
typedef struct handlers {
    struct sigaction term, usr1, interrupt;
} handlers;

static void save_signals(handlers *before)
{
    sigaction(SIGTERM, NULL, &before->term);
    sigaction(SIGUSR1, NULL, &before->usr1);
    sigaction(SIGINT, NULL, &before->interrupt);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = tg_worker_interrupt};

    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = (int)(SA_RESTART | SA_RESETHAND); /* a second Ctrl-C ends it at once */
    sigaction(SIGINT, &action, NULL);
}

static void restore_signals(const handlers *before)
{
    sigaction(SIGTERM, &before->term, NULL);
    sigaction(SIGUSR1, &before->usr1, NULL);
    sigaction(SIGINT, &before->interrupt, NULL);
}

static int run_started(tg_ctx *ctx, int argc, char **argv, char **args, int nargs, tg_main *main,
                       int provided)
{
    int code = EXIT_FAILURE;
    const tg_status status = start(ctx, provided);

    if (status != TG_OK) {
        code = exit_status_of(status);
        if (ctx->rank == 0)
            say_failure(program_name(argv), status);
    } else if (ctx->rank == 0) {
        ctx->command_line = tg_options_say(argc, argv);
        code = lead(ctx, nargs, args, main);
    } else if (tg_worker_serve(ctx->worker) != TG_OK) {
        give_up(ctx, program_name(argv));
    }
    MPI_Bcast(&code, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (!finish(ctx) && code == EXIT_SUCCESS)
        code = EXIT_FAILURE;
    return code;
}

/* Rank 0 reads the command line for all. */
static tg_verdict read_command_line(tg_ctx *ctx, int argc, char **argv, const tg_app *app,
                                    char ***args, int *nargs)
{
    tg_verdict verdict = TG_BAD_USAGE;
    int word = 0;

    if (ctx->rank == 0) {
        if (tg_options_parse(argc, argv, app, &ctx->options, args, nargs, &verdict) != TG_OK)
            say_failure(program_name(argv), TG_ENOMEM);
        word = (int)verdict;
    }
    MPI_Bcast(&word, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Bcast(&ctx->options, (int)sizeof ctx->options, MPI_BYTE, 0, MPI_COMM_WORLD);
    return (tg_verdict)word;
}

/* MPI is ours to start and to end unless the program has started it. */
static void start_mpi(int *argc, char ***argv, int *started, int *provided)
{
    MPI_Initialized(started);
    if (*started) {
        MPI_Query_thread(provided);
    } else {
        const unsigned set = tg_alone_begin();

        MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, provided);
        tg_alone_end(set);
    }
}

int tg_run(int argc, char **argv, tg_main *main, const tg_app *app)
{
    tg_ctx *ctx = tg_zalloc(sizeof *ctx);
    int started = 0, provided = MPI_THREAD_SINGLE, code = EXIT_FAILURE, nargs = 0;
    char **args = NULL;
    tg_verdict verdict;
    handlers before;

    if (!ctx)
        return EXIT_FAILURE;
    save_signals(&before); /* MPICH has a handler of its own */
    start_mpi(&argc, &argv, &started, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &ctx->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ctx->nranks);
    catch_signals();
    verdict = read_command_line(ctx, argc, argv, app, &args, &nargs);
    if (verdict == TG_RUN)
        code = run_started(ctx, argc, argv, args, nargs, main, provided);
    else
        code = verdict == TG_SHOWN ? EXIT_SUCCESS : EXIT_USAGE;
    fflush(stdout);
    tg_free(args);
    tg_free(ctx);
    if (!started)
        MPI_Finalize();
    restore_signals(&before);
    return code;
}

/* ---- the runs' observer, for those who may not know it -------------------------------------- */

tg_status tg_ctx_run_begins(tg_ctx *ctx, const tg_graph *graph, const int32_t *rank, int64_t ntasks,
                            int64_t *names)
{
    return tg_observer_begin(ctx->observer, graph, rank, ntasks, names);
}

void tg_ctx_preview(const tg_ctx *ctx, const tg_prediction *prediction)
{
    tg_preview_print(ctx->planned ? ctx->planned : ctx->machine, prediction, stdout);
    fflush(stdout);
}

void tg_ctx_say_memory(const tg_ctx *ctx, const tg_report *report)
{
    const tg_memory_facts facts = {.predicted = ctx->predicted,
                                   .measured = report->peak,
                                   .nunsized = ctx->nunsized,
                                   .ntaken = report->taken,
                                   .process = ctx->process,
                                   .resident_predicted = ctx->resident,
                                   .resident = report->resident};
    char line[TG_MEMORY_TEXT];

    if (ctx->options.verbose < 1)
        return;
    fprintf(stderr, "memory of a rank: %s\n", tg_observer_memory(&facts, line));
    fprintf(stderr, "resident memory of a rank: %s\n", tg_observer_resident(&facts, line));
}

tg_status tg_ctx_run_ends(tg_ctx *ctx, const tg_event *events, int64_t nevents)
{
    return tg_observer_end(ctx->observer, events, nevents);
}

tg_status tg_ctx_draw(const tg_graph *graph, const char *path)
{
    return tg_observer_draw(graph, NULL, path);
}

/* ---- what a program asks the context -------------------------------------------------------- */

int tg_nranks(const tg_ctx *ctx)
{
    return ctx->nranks;
}

int tg_nthreads(const tg_ctx *ctx)
{
    int32_t most = 1;

    for (int r = 0; r < ctx->nranks; r++)
        most = ctx->machine->threads[r] > most ? ctx->machine->threads[r] : most;
    return most;
}

int64_t tg_memory(const tg_ctx *ctx)
{
    return ctx->options.memory;
}

uint64_t tg_seed(const tg_ctx *ctx)
{
    return ctx->options.seed;
}

int tg_verbosity(const tg_ctx *ctx)
{
    return ctx->options.verbose;
}

int64_t tg_counted(const tg_ctx *ctx, tg_counter counter)
{
    return ctx->total.counted[counter];
}

double tg_last_run_seconds(const tg_ctx *ctx)
{
    return ctx->last_run;
}

const char *tg_command_line(const tg_ctx *ctx)
{
    return ctx->command_line;
}

void *tg_ctx_alloc(tg_ctx *ctx, size_t size)
{
    return tg_arena_alloc(ctx->arena, size);
}

tg_status tg_reference_make(const tg_ctx *ctx, const void *address, tg_reference *out)
{
    return tg_objects_refer(&ctx->objects, address, out);
}
