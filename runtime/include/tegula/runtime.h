/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The runtime for its user: programs, delayed functions, computing them.
 *
 * Every rank runs main and calls tg_run; rank 0 then runs the user's function, sequential code,
 * while the other ranks serve it. Everything here but tg_run is called on rank 0 only.
 */
#ifndef TEGULA_RUNTIME_H
#define TEGULA_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>
#include <tegula/task.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TG_VERSION "0.1.0"

struct argp;

/** What a program adds to the common command line; its zero adds nothing. */
typedef struct tg_app {
    const char *version;     /* shown by --version; NULL: "NAME (Tegula) VERSION" */
    const struct argp *argp; /* own options, args_doc, doc: GNU argp; positional arguments are not
                                parsed by it but handed to the program's function */
    void *input;             /* argp's state->input in the own parser; filled on rank 0 only */
} tg_app;

/** The program proper: runs on rank 0. argv holds argv[0] and the positional arguments. */
typedef tg_status tg_main(tg_ctx *ctx, int argc, char **argv);

/**
 * Start MPI if it is not started, read the command line, run `main` on rank 0 with all other ranks
 * serving it, report a failure's message once on standard error, end MPI if it was started here.
 * Without a launcher the program is one rank, and Open MPI is told to start neither a network nor
 * a daemon (OMPI_MCA_ess_singleton_isolated=0 for one that calls MPI_Comm_spawn).
 *
 * Call:    collective over the ranks; once per process.
 * Errors:  the exit status to return from main, the same on every rank: 0 done, 1 failed, 2 bad
 *          usage (TG_EUSAGE or a bad option), 75 interrupted and resumable.
 */
int tg_run(int argc, char **argv, tg_main *main, const tg_app *app /* may be NULL */);

/** Number of ranks. Call: local (rank 0). */
int tg_nranks(const tg_ctx *ctx);

/** Threads that run tasks on each rank, the most of any rank. Call: local (rank 0). */
int tg_nthreads(const tg_ctx *ctx);

/** Bytes of results that --memory allows each rank, 0: no limit. Call: local (rank 0). */
int64_t tg_memory(const tg_ctx *ctx);

/** The seed given by --seed, 0 by default. Call: local (rank 0). */
uint64_t tg_seed(const tg_ctx *ctx);

/** How often --verbose was given. Call: local (rank 0). */
int tg_verbosity(const tg_ctx *ctx);

/** Sum over ranks of a counter since the context began. Call: local (rank 0). */
int64_t tg_counted(const tg_ctx *ctx, tg_counter counter);

/**
 * Seconds that the last computation took from when all ranks' parts of the plan had been handed to
 * MPI until all ranks had reported: tasks and messages, not planning; 0 before the first.
 *
 * Call:    local (rank 0).
 */
double tg_last_run_seconds(const tg_ctx *ctx);

/** The program's command line, words joined by blanks, without the common options that cannot
 * change a result. Call: local (rank 0). */
const char *tg_command_line(const tg_ctx *ctx);

/** A delayed call or value: a recipe for some bytes. Lives as long as the context. */
typedef struct tg_delayed tg_delayed;

/**
 * A value known now, usable as an input of delayed calls.
 *
 * Call:    lazy, local.
 * Owner:   the context; the bytes are copied.
 * Errors:  TG_ENOMEM; kept in the node, returned when computed. Never NULL.
 */
tg_delayed *tg_value_bytes(tg_ctx *ctx, const void *data, size_t size);

/** tg_value(ctx, int, 42): the value of an expression of a type. */
#define tg_value(ctx, type, expression) tg_value_bytes((ctx), &(type){(expression)}, sizeof(type))

/**
 * A call of `function` with `inputs`, made when something that needs it is computed.
 *
 * Call:    lazy, local. Adds one node.
 * Owner:   the context; `name` must outlive it. Inputs stay usable.
 * Errors:  a poisoned input poisons the call, which keeps the first message. Never NULL.
 * Cost:    constant. Equal calls (function and inputs) are the same call, computed once.
 * Source:  dask.delayed.
 */
tg_delayed *tg_delay_call(tg_ctx *ctx, const char *name, tg_function *function,
                          tg_delayed *const *inputs, int ninputs);

/** tg_delay(ctx, add, x, y): a delayed call with the inputs listed. */
#define tg_delay(ctx, function, ...)                                                               \
    tg_delay_call(                                                                                 \
        (ctx), #function, (function), (tg_delayed *[]){NULL __VA_OPT__(, ) __VA_ARGS__} + 1,       \
        (int)(sizeof((tg_delayed *[]){NULL __VA_OPT__(, ) __VA_ARGS__}) / sizeof(tg_delayed *)) -  \
            1)

/**
 * Like tg_delay_call, with parameters, expected cost and flags; `spec->inputs` is ignored in favour
 * of `inputs`.
 *
 * Call:    lazy, local.
 */
tg_delayed *tg_delay_spec(tg_ctx *ctx, const tg_task_spec *spec, tg_delayed *const *inputs,
                          int ninputs);

/**
 * The call needs so many bytes beside its inputs and its result while it runs: with --memory it
 * waits until there is room. What can never fit is refused before the start.
 *
 * Call:    lazy, local. Returns `node`. Of equal calls the largest need counts.
 */
tg_delayed *tg_with_memory(tg_delayed *node, size_t bytes);

/**
 * The call needs something that a rank has once, such as "gpu" or "licence": of all calls that name
 * it one runs at a time on a rank. A program names at most 62.
 *
 * Call:    lazy, local. Returns `node`.
 * Owner:   the name is copied.
 * Source:  dask.distributed resources.
 */
tg_delayed *tg_with_resource(tg_delayed *node, const char *name);

/**
 * Compute a delayed result and copy it to `result`.
 *
 * Call:    blocking (rank 0).
 * Owner:   result, `size` bytes, is the caller's; unchanged on failure.
 * Errors:  TG_EARG when the result has not `size` bytes; what the recipe was poisoned with; what
 *          tg_graph_compute says.
 * Source:  dask.compute.
 */
TG_MUST_CHECK tg_status tg_compute(tg_ctx *ctx, tg_delayed *node, void *result, size_t size);

/** A result of tg_compute_all: what to compute, where to and how many bytes. */
typedef struct tg_target {
    tg_delayed *node;
    void *result;
    size_t size;
} tg_target;

/**
 * Compute several results together; what they share is done once.
 *
 * Call:    blocking (rank 0).
 * Owner:   as tg_compute; on failure no result is written.
 * Errors:  as tg_compute.
 * Source:  dask.compute with several arguments.
 */
TG_MUST_CHECK tg_status tg_compute_all(tg_ctx *ctx, const tg_target *targets, int ntargets);

/**
 * Compute a result whose size is not known beforehand.
 *
 * Call:    blocking (rank 0).
 * Owner:   the caller gives *result to tg_bytes_free.
 * Errors:  as tg_compute.
 */
TG_MUST_CHECK tg_status tg_compute_bytes(tg_ctx *ctx, tg_delayed *node, tg_bytes *result);

/**
 * Start computing delayed results and keep them in the memory of the ranks that make them. A later
 * graph that has an equal call uses the kept result, wherever it is; none is computed again.
 *
 * Call:    local (rank 0). Returns when the work is started; ranks go on while the program does.
 *          Rank 0 itself runs its share while it waits for something, or on threads of its own.
 * Owner:   the ranks keep the results until tg_release.
 * Errors:  a poisoned node's; TG_ENOMEM; TG_EMPI. A task's failure is told by tg_wait and by what
 *          uses the result.
 * Source:  dask.distributed Client.persist.
 */
TG_MUST_CHECK tg_status tg_persist_all(tg_ctx *ctx, tg_delayed *const *nodes, int nnodes);

/** tg_persist_all of one node. */
TG_MUST_CHECK tg_status tg_persist(tg_ctx *ctx, tg_delayed *node);

/**
 * tg_delay_call and tg_persist_all of it: a future. As an input of delayed calls and of other
 * submitted calls it stands for its result.
 *
 * Call:    local (rank 0).
 * Errors:  kept in the node. Never NULL.
 * Source:  dask.distributed Client.submit.
 */
tg_delayed *tg_submit_call(tg_ctx *ctx, const char *name, tg_function *function,
                           tg_delayed *const *inputs, int ninputs);

/** tg_submit(ctx, inc, tg_value(ctx, int, 1)): a future of the call with the inputs listed. */
#define tg_submit(ctx, function, ...)                                                              \
    tg_submit_call(                                                                                \
        (ctx), #function, (function), (tg_delayed *[]){NULL __VA_OPT__(, ) __VA_ARGS__} + 1,       \
        (int)(sizeof((tg_delayed *[]){NULL __VA_OPT__(, ) __VA_ARGS__}) / sizeof(tg_delayed *)) -  \
            1)

/** One call of `function` for each of `count` inputs, submitted together. Source: Client.map. */
TG_MUST_CHECK tg_status tg_map(tg_ctx *ctx, const char *name, tg_function *function,
                               tg_delayed *const *inputs, int count, tg_delayed **futures);

/** Values spread over the ranks' memory, as futures. The bytes are copied. Client.scatter. */
TG_MUST_CHECK tg_status tg_scatter(tg_ctx *ctx, const tg_bytes *values, int count,
                                   tg_delayed **futures);

/** Wait until a future is done. Errors: why its task, or one that it needs, failed; TG_EARG when
 * the node is no future. Call: blocking (rank 0). */
TG_MUST_CHECK tg_status tg_wait(tg_ctx *ctx, tg_delayed *future);

/** Wait for a future's result and copy it to rank 0: tg_compute of it. With <tegula/tegula.h> it is
 * tg_gather(future, result, size). Source: dask.distributed Client.gather. */
TG_MUST_CHECK tg_status tg_gather_future(tg_delayed *future, void *result, size_t size);

/** Is a future done, well or not? Call: local (rank 0); gives rank 0 a turn of work. */
bool tg_is_done(tg_ctx *ctx, const tg_delayed *future);

/** Wait for the next of some futures to be done, take it out of the list (*count goes down by one)
 * and put it into *next: the one that was done first, also of those submitted together. Call:
 * blocking (rank 0). Cost: looks at all. Source: dask.distributed.as_completed. */
TG_MUST_CHECK tg_status tg_as_completed(tg_ctx *ctx, tg_delayed **futures, int *count,
                                        tg_delayed **next);

/** A future fails with TG_EINTERRUPTED if it has not started; so does what needs it. Of futures
 * submitted together (tg_map, tg_persist_all) the others go on; when all of them are cancelled, so
 * is what was started for them. Source: dask.distributed Client.cancel. */
TG_MUST_CHECK tg_status tg_cancel(tg_ctx *ctx, tg_delayed *future);

/** Let the ranks forget a future's result; the node is a delayed call again. */
TG_MUST_CHECK tg_status tg_release(tg_ctx *ctx, tg_delayed *future);

/**
 * Add what a delayed result needs to a task graph, for who builds on both.
 *
 * Call:    local (rank 0).
 * Errors:  what the recipe was poisoned with; as tg_graph_add.
 */
TG_MUST_CHECK tg_status tg_graph_delayed(tg_graph *graph, tg_delayed *node, int64_t *task);

/**
 * Draw the graph of a delayed result: Graphviz source for FILE.dot, a picture for .svg, .png, .pdf
 * (by the program `dot`; without it the source is written beside and the message says so).
 *
 * Call:    local (rank 0); computes nothing.
 * Errors:  TG_EIO for a file that cannot be written, TG_EARG for another ending.
 * Source:  dask.visualize.
 */
TG_MUST_CHECK tg_status tg_visualize(tg_ctx *ctx, tg_delayed *node, const char *path);

#ifdef __cplusplus
}
#endif

#endif
