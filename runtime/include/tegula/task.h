/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * For who writes kernels and operators: what a task sees while it runs, and how task graphs are
 * built and run from a program. Users of delayed functions need only the first half.
 */
#ifndef TEGULA_TASK_H
#define TEGULA_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tegula/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_ctx tg_ctx;

/** What a running task sees: inputs, parameters, one output. */
typedef struct tg_task tg_task;

/** A task's code: any function of the program or of a shared library that all ranks have loaded. */
typedef tg_status tg_function(tg_task *task);

/**
 * The bytes of input `i` (0 <= i < tg_task_ninputs), aligned to 64 bytes.
 *
 * Call:    local, inside a task.
 * Owner:   the runtime; read-only, valid until the task returns.
 * Errors:  NULL where i is out of range. A task runs only when all its inputs are there.
 */
const void *tg_task_input(const tg_task *task, int i, size_t *size /* may be NULL */);

/** How many inputs the task has. Call: local, inside a task. */
int tg_task_ninputs(const tg_task *task);

/**
 * The parameters given when the task was made, aligned to 16 bytes; size 0 when there are none.
 *
 * Call:    local, inside a task.
 * Owner:   the runtime; read-only, valid until the task returns.
 */
const void *tg_task_params(const tg_task *task, size_t *size /* may be NULL */);

/**
 * Make the task's output of `size` bytes, aligned to 64 bytes, content undefined.
 *
 * Call:    local, inside a task; at most once. A task that never calls it has an output of 0 bytes.
 * Owner:   the runtime; writable until the task returns.
 * Errors:  NULL when memory is out or on a second call; the task then fails whatever it returns.
 */
void *tg_task_output(tg_task *task, size_t size);

/**
 * Make input `i` the output without copying it. Instead of tg_task_output.
 *
 * Call:    local, inside a task; at most once.
 * Errors:  TG_EARG where i is out of range or the task has an output already.
 */
TG_MUST_CHECK tg_status tg_task_forward(tg_task *task, int i);

/**
 * Scratch memory of the running task, aligned to 64 bytes, content undefined, gone when it returns.
 *
 * Call:    local, inside a task, as often as wanted.
 * Errors:  NULL when memory is out; the task then fails whatever it returns.
 */
void *tg_task_scratch(tg_task *task, size_t size);

/** Where a task's scratch memory stands. */
typedef struct tg_scratch_mark {
    size_t used;
    void *overflow;
} tg_scratch_mark;

/**
 * Let go of all scratch memory that was taken after the mark, before the task returns: for work in
 * a loop.
 *
 * Call:    local, inside a task; marks in the order of a stack.
 */
tg_scratch_mark tg_task_scratch_mark(const tg_task *task);
void tg_task_scratch_rewind(tg_task *task, tg_scratch_mark mark);

/** A kind of object of which each rank keeps one for as long as the context lives. */
typedef struct tg_local {
    const char *name;
    tg_status (*create)(void **out); /* called once per rank, at first use */
    void (*destroy)(void *object);
} tg_local;

/**
 * The rank's own object of kind `kind` (open files, caches), made at first use. The address of
 * `kind` identifies it, so it must be static.
 *
 * Call:    local, inside a task. All threads of a rank share the object: it guards itself.
 * Errors:  what kind->create says, or TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_task_local(tg_task *task, const tg_local *kind, void **out);

/** The rank that runs the task. Call: local, inside a task. */
int tg_task_rank(const tg_task *task);

/**
 * A static object (a function, a table's row) of the program or of a shared library, named so that
 * every rank finds it wherever it has loaded that library. Plain bytes: it may go into parameters.
 */
typedef struct tg_reference {
    uint64_t object; /* which loaded file, by the order on rank 0 */
    uint64_t offset; /* from where it is loaded */
} tg_reference;

/**
 * The reference of a static address.
 *
 * Call:    local (rank 0).
 * Errors:  TG_EARG for an address in no loaded file (heap, stack).
 * Cost:    a search over the loaded files.
 */
TG_MUST_CHECK tg_status tg_reference_make(const tg_ctx *ctx, const void *address,
                                          tg_reference *out);

/** The address here of what rank 0 referred to. Call: local, inside a task. */
const void *tg_task_resolve(const tg_task *task, tg_reference reference);

/** What ranks count while they work; sums over all ranks are in the context after a run. */
typedef enum tg_counter {
    TG_BYTES_READ,    /* bytes read from files */
    TG_BYTES_WRITTEN, /* bytes written to files */
    TG_NCOUNTERS
} tg_counter;

/** Add to one of the rank's counters. Call: local, inside a task. */
void tg_task_count(tg_task *task, tg_counter counter, int64_t amount);

/** A task graph under construction on rank 0. Tasks are numbered 0, 1, ... as they are added. */
typedef struct tg_graph tg_graph;

enum {
    TG_TASK_IMPURE = 1u << 0, /* never shared with a task of the same key */
    TG_TASK_ROOT = 1u << 1,   /* runs on rank 0 */
    TG_TASK_ALONE = 1u << 2,  /* on its rank no other such task runs at the same time */
};

/** One task to add. Its zero is a function without parameters and inputs. */
typedef struct tg_task_spec {
    tg_function *function;
    const char *name;   /* shown in pictures and traces; outlives the graph */
    const void *params; /* copied */
    size_t params_size; /* bytes */
    const int64_t
        *inputs; /* tasks of the same graph, in the order the function sees them; copied */
    int ninputs;
    size_t output_bytes;  /* expected, 0: not known */
    double seconds;       /* expected, 0: not known */
    int64_t affinity;     /* tasks of one affinity (not 0) run on one rank, in the order added */
    unsigned flags;       /* TG_TASK_* */
    int priority;         /* of ready tasks on a rank the highest runs first; -100 to 100 */
    size_t memory;        /* bytes needed beside inputs and output while it runs; 0: none */
    const char *resource; /* on a rank one task at a time runs of those that name it; NULL: none;
                             outlives the graph */
} tg_task_spec;

/** Some bytes: a task's result on rank 0. */
typedef struct tg_bytes {
    void *data; /* aligned to 64 bytes */
    size_t size;
} tg_bytes;

/**
 * A graph without tasks.
 *
 * Call:    local (rank 0).
 * Owner:   the caller, who gives it to tg_graph_destroy.
 */
TG_MUST_CHECK tg_status tg_graph_create(tg_ctx *ctx, tg_graph **out);

/** Free a graph; takes NULL; *graph is NULL afterwards. Call: local. */
void tg_graph_destroy(tg_graph **graph);

/**
 * Add a task; one with the key (function, parameters, inputs' keys) of an earlier task is that
 * earlier task, unless it is impure.
 *
 * Call:    local (rank 0).
 * Owner:   parameters and inputs are copied, the name is not.
 * Errors:  TG_EARG for an input that is not an earlier task, TG_ENOMEM.
 * Cost:    amortised constant, one hash of parameters and inputs.
 */
TG_MUST_CHECK tg_status tg_graph_add(tg_graph *graph, const tg_task_spec *spec, int64_t *task);

/**
 * Add a constant: a result that is known already, shipped to the ranks that need it.
 *
 * Call:    local (rank 0).
 * Owner:   the bytes are copied.
 * Errors:  TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_graph_value(tg_graph *graph, const void *data, size_t size,
                                       int64_t *task);

/**
 * Run what the targets need, each task once, on all ranks; bring the targets' results to rank 0.
 *
 * Call:    blocking (rank 0).
 * Owner:   results[i] is of targets[i]; the caller gives each to tg_bytes_free. On failure all are
 *          empty.
 * Errors:  TG_ETASK with the message of the first failed task (in the order added) and the number
 *          of others; TG_ENOMEM; TG_EMPI. What does not depend on a failed task is finished.
 */
TG_MUST_CHECK tg_status tg_graph_compute(tg_ctx *ctx, tg_graph *graph, const int64_t *targets,
                                         int64_t ntargets, tg_bytes *results);

/**
 * The same where not all bytes are wanted: results of other targets stay where they are made and
 * are empty here. Their failures count like any.
 *
 * Call:    blocking (rank 0). wanted[i] is of targets[i]; NULL: all are wanted, or none where
 *          `results` is NULL.
 */
TG_MUST_CHECK tg_status tg_graph_run(tg_ctx *ctx, tg_graph *graph, const int64_t *targets,
                                     int64_t ntargets, const bool *wanted, tg_bytes *results);

/**
 * Start running what the targets need and keep their results in the memory of the ranks that make
 * them; kept[i], above 0, is the number of targets[i]'s. Later graphs that have a task of the same
 * key use the kept result where it is. Each call is a hold on its results, given up by
 * tg_kept_release.
 *
 * Call:    local (rank 0). Returns when the work is started. The graph is not needed any more.
 * Errors:  TG_ENOMEM, TG_EMPI. A failure of a task is told by tg_kept_wait and by what uses its
 *          result.
 * Source:  dask.distributed Client.persist.
 */
TG_MUST_CHECK tg_status tg_graph_persist(tg_ctx *ctx, tg_graph *graph, const int64_t *targets,
                                         int64_t ntargets, int64_t *kept);

/** A task of the graph that stands for a kept result. Errors: TG_EARG when it was released. */
TG_MUST_CHECK tg_status tg_graph_kept(tg_ctx *ctx, tg_graph *graph, int64_t kept, int64_t *task);

/** Wait until the run that makes a kept result is finished. Errors: of its first failed task. */
TG_MUST_CHECK tg_status tg_kept_wait(tg_ctx *ctx, int64_t kept);

/** Tasks of the run that makes a kept result fail with TG_EINTERRUPTED if they have not started. */
TG_MUST_CHECK tg_status tg_kept_cancel(tg_ctx *ctx, int64_t kept);

/** Give up a hold; with the last one the rank forgets the result. */
TG_MUST_CHECK tg_status tg_kept_release(tg_ctx *ctx, int64_t kept);

/** Free the bytes of a result; takes empty ones. Call: local. */
void tg_bytes_free(tg_bytes *bytes);

/**
 * Zeroed memory that lives as long as the context, aligned to 16 bytes.
 *
 * Call:    local (rank 0).
 * Errors:  NULL when memory is out (the message is set).
 */
void *tg_ctx_alloc(tg_ctx *ctx, size_t size);

/** Text as printf makes it, in such memory. Call: local (rank 0). Errors: NULL: memory is out. */
char *tg_ctx_text(tg_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
