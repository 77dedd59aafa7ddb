/* SPDX-License-Identifier: BSD-3-Clause */
/* What programs and libraries ask the context and tell it. run.c and start.c make it. */
#include "exec/context.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "observe/observer.h"
#include "observe/preview.h"

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

char *tg_ctx_text(tg_ctx *ctx, const char *format, ...)
{
    va_list arguments;
    char *out;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    out = size < 0 ? NULL : tg_ctx_alloc(ctx, (size_t)size + 1);
    if (out) {
        va_start(arguments, format);
        vsnprintf(out, (size_t)size + 1, format, arguments);
        va_end(arguments);
    }
    return out;
}

tg_status tg_reference_make(const tg_ctx *ctx, const void *address, tg_reference *out)
{
    return tg_objects_refer(&ctx->objects, address, out);
}
