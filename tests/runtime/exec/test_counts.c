/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a task costs, counted, so that a slow machine or a busy one changes nothing: while a grid of
 * tasks (each needs one or three of the step before) is in full run,
 *
 *   - nobody calls malloc and its kind, neither we nor the libraries we use: this program's own
 *     functions of these names take the place of the C library's in the whole process;
 *   - no rank gets more messages than it has inputs made by others.
 *
 * Ranks write the grid's name to file descriptor -1 where the middle half of their tasks begins and
 * ends: test_system_calls.sh looks at what the kernel is asked for between the two.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "exec/context.h"

enum { WIDTH = 16, STEPS = 2000 };

typedef enum grid { COLUMNS, STENCIL, LARGE, EDGES, LARGE_EDGES, NGRIDS } grid;

static const char *const grid_names[] = {"columns", "stencil", "large", "edges", "large edges"};
/* Bytes of an output. Those of COLUMNS need nothing of other columns. */
static const int64_t sizes[] = {64, 64, 1 << 14, 64, 1 << 14};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true; /* the sanitiser's functions have taken the place already */
#else
static const bool sanitized = false;
#endif

/* Of this process; any thread adds to them. */
static atomic_llong allocations;
static atomic_llong begun_with; /* allocations before the middle half that runs */
static atomic_int tasks_run[NGRIDS];

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
#endif

typedef struct cell_params {
    int32_t step, column;
    grid grid;
    int32_t middle;  /* tasks a rank has run when the middle half begins */
    int32_t nmiddle; /* tasks of the middle half */
} cell_params;

/* What an output begins with. */
typedef struct cell {
    int32_t rank;        /* that made it */
    int32_t nmeasured;   /* ranks whose middle half ended in this column so far */
    int64_t remote;      /* inputs from other ranks in this column so far */
    int64_t allocations; /* in the middle halves that ended in this column */
} cell;

/* A mark that strace sees: fails and does nothing. */
static void mark(grid g)
{
    const ssize_t written = write(-1, grid_names[g], strlen(grid_names[g]));

    (void)written;
}

/* Count a task of this rank; at the end of its middle half, the allocations in it. */
static void measure(const cell_params *p, cell *out)
{
    const int n = atomic_fetch_add(&tasks_run[p->grid], 1);

    if (n == p->middle) {
        mark(p->grid);
        atomic_store(&begun_with, atomic_load(&allocations));
    } else if (n == p->middle + p->nmiddle) {
        out->allocations += atomic_load(&allocations) - atomic_load(&begun_with);
        out->nmeasured++;
        mark(p->grid);
    }
}

/* The first input is of the same column. */
static tg_status run_cell(tg_task *task)
{
    const cell_params *p = tg_task_params(task, NULL);
    const int n = tg_task_ninputs(task);
    cell *out = tg_task_output(task, (size_t)sizes[p->grid]);

    if (!out)
        return TG_ENOMEM;
    *out = n > 0 ? *(const cell *)tg_task_input(task, 0, NULL) : (cell){0};
    out->rank = tg_task_rank(task);
    for (int i = 0; i < n; i++)
        out->remote += ((const cell *)tg_task_input(task, i, NULL))->rank != out->rank;
    measure(p, out);
    return TG_OK;
}

static tg_status add_up(tg_task *task)
{
    cell *out = tg_task_output(task, sizeof *out);

    if (!out)
        return TG_ENOMEM;
    *out = (cell){.rank = tg_task_rank(task)};
    for (int i = 0; i < tg_task_ninputs(task); i++) {
        const cell *in = tg_task_input(task, i, NULL);

        out->nmeasured += in->nmeasured;
        out->remote += in->remote + (in->rank != out->rank);
        out->allocations += in->allocations;
    }
    return TG_OK;
}

static tg_status add_step(tg_graph *graph, const cell_params *p, const int64_t *before,
                          int64_t *now)
{
    tg_status status = TG_OK;

    for (int c = 0; c < WIDTH; c++) {
        cell_params its = *p;
        int64_t inputs[3];
        int n = 0;

        its.column = c;
        inputs[n++] = before[c];
        if (p->grid != COLUMNS && c > 0)
            inputs[n++] = before[c - 1];
        if (p->grid != COLUMNS && c + 1 < WIDTH)
            inputs[n++] = before[c + 1];
        TG_TRY(tg_graph_add(graph,
                            &(tg_task_spec){.function = run_cell,
                                            .name = "cell",
                                            .params = &its,
                                            .params_size = sizeof its,
                                            .inputs = inputs,
                                            .ninputs = p->step > 0 ? n : 0,
                                            .output_bytes = (size_t)sizes[p->grid]},
                            &now[c]));
    }
out:
    return status;
}

/* Run a grid; *sum is of all columns. */
static tg_status run_grid(tg_ctx *ctx, grid g, int steps, cell *sum)
{
    tg_status status = TG_OK;
    const int each = steps * WIDTH / tg_nranks(ctx);
    int64_t columns[2][WIDTH] = {0}, target;
    tg_graph *graph = NULL;
    tg_bytes result = {0};

    TG_TRY(tg_graph_create(ctx, &graph));
    for (int s = 0; s < steps; s++)
        TG_TRY(add_step(
            graph, &(cell_params){.step = s, .grid = g, .middle = each / 4, .nmiddle = each / 2},
            columns[(s + 1) & 1], columns[s & 1]));
    TG_TRY(tg_graph_add(graph,
                        &(tg_task_spec){.function = add_up,
                                        .name = "add_up",
                                        .inputs = columns[(steps - 1) & 1],
                                        .ninputs = WIDTH,
                                        .output_bytes = sizeof(cell),
                                        .flags = TG_TASK_ROOT},
                        &target));
    TG_TRY(tg_graph_compute(ctx, graph, &target, 1, &result));
    memcpy(sum, result.data, sizeof *sum);
out:
    tg_bytes_free(&result);
    tg_graph_destroy(&graph);
    return status;
}

static tg_status tasks_allocate_nothing(tg_ctx *ctx, grid g)
{
    const int64_t ntasks = (int64_t)STEPS * WIDTH / 2;
    const bool uneven = g == COLUMNS || tg_nthreads(ctx) > 1;
    cell sum;

    TEST_OK(run_grid(ctx, g, STEPS, &sum));
    printf("%s: %" PRId64 " allocations in %" PRId64 " tasks, %d of %d ranks measured\n",
           grid_names[g], sum.allocations, ntasks, sum.nmeasured, tg_nranks(ctx));
    TEST_CHECK(sum.nmeasured > 0);
    /* Of COLUMNS the last results wait for one another, and with threads there may be more results
     * at a time than ever before; likewise of messages, and MPI makes itself room. */
    TEST_CHECK(sanitized || getenv("TEGULA_HOSTILE") ||
               sum.allocations <= (uneven ? WIDTH : 0) + (tg_nranks(ctx) > 1 ? ntasks / 100 : 0));
    return TG_OK;
}

/* Messages of a run for each input that another rank made. What the plan, the reports and a task
 * taken over (there, its times, back) need is not counted. */
static tg_status an_edge_is_one_message_at_most(tg_ctx *ctx, grid g)
{
    const tg_report before = ctx->total;
    const int64_t others = 32 * tg_nranks(ctx);
    const int each = g == LARGE_EDGES ? 2 : 1; /* what it is; its bytes */
    int64_t messages, taken;
    cell sum;

    TEST_OK(run_grid(ctx, g, STEPS / 10, &sum));
    messages = ctx->total.packets - before.packets + ctx->total.payloads - before.payloads;
    taken = ctx->total.taken - before.taken;
    printf("%s: %" PRId64 " messages, %" PRId64 " remote inputs, %" PRId64 " tasks taken over\n",
           grid_names[g], messages, sum.remote, taken);
    TEST_CHECK(tg_nranks(ctx) == 1 || sum.remote > 0);
    TEST_CHECK(messages <= each * (sum.remote + 3 * taken) + others);
    return TG_OK;
}

static tg_status counts(tg_ctx *ctx, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    TEST_OK(tasks_allocate_nothing(ctx, COLUMNS));
    TEST_OK(tasks_allocate_nothing(ctx, STENCIL));
    TEST_OK(tasks_allocate_nothing(ctx, LARGE));
    TEST_OK(an_edge_is_one_message_at_most(ctx, EDGES));
    TEST_OK(an_edge_is_one_message_at_most(ctx, LARGE_EDGES));
    return TG_OK;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, counts, NULL);
}

//TEST np=1,2,4 args="--threads 1"
//TEST np=1 name=threads args="--threads 3"
