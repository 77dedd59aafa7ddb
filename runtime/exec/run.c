/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tg_run: from main to the exit status.
 *
 *   all ranks     MPI_Init_thread -> rank 0's options to all -> tg_ctx_start
 *   rank 0        the user's function, which computes (compute.c) -> stop to all
 *   other ranks   tg_worker_serve
 *   all ranks     the exit status from rank 0 -> tg_ctx_end -> MPI_Finalize
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/status.h"
#include "exec/alone.h"
#include "exec/context.h"
#include "exec/session.h"
#include "observe/observer.h"

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 75 };

static const char *program_name(char **argv)
{
    const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;

    return slash ? slash + 1 : argv[0] ? argv[0] : "tegula";
}
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

/* What ends a program early; SIGXFSZ would without a word, where a limit on the size of files is
 * reached: ignored, it is an error of the write. */
static const int signals[] = {SIGTERM, SIGUSR1, SIGINT, SIGXFSZ};
enum { NSIGNALS = sizeof signals / sizeof *signals };

/* What each was handled by before. */
typedef struct handlers {
    struct sigaction by[NSIGNALS];
} handlers;

static void save_signals(handlers *before)
{
    for (int i = 0; i < NSIGNALS; i++)
        sigaction(signals[i], NULL, &before->by[i]);
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
    for (int i = 0; i < NSIGNALS; i++)
        sigaction(signals[i], &before->by[i], NULL);
}

static int run_started(tg_ctx *ctx, int argc, char **argv, char **args, int nargs, tg_main *main,
                       int provided)
{
    int code = EXIT_FAILURE;
    const tg_status status = tg_ctx_start(ctx, provided);

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
    if (!tg_ctx_end(ctx) && code == EXIT_SUCCESS)
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
    save_signals(&before);    /* MPICH has a handler of its own */
    signal(SIGXFSZ, SIG_IGN); /* the MPI library writes files of shared memory at its start */
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
