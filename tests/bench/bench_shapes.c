/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the planner predicts and what a run takes: the graphs of bench_place, whose tasks sleep as
 * long as they say, run by all ranks.
 *
 *     case=NAME-RANKS tasks= run_s= predicted_s= ratio=     run over predicted makespan
 *         bound_s=                                          the larger of work / ranks and path
 *         plan_s= taken=                                    planning; tasks taken over
 *
 * On a simulated cluster (simulate.sh) sleeping costs nothing, so it runs at 1,024 ranks; on a real
 * one with more ranks than cores as well, up to some 64. Where hosts are simulated, --plan-for says
 * what the planner is to see instead of this one.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bench_place/shapes.h"
#include "exec/context.h"
#include "place/place.h"

/* Filled by the parser on rank 0. */
static struct options {
    const char *shape;
    const char *machine;
} options = {.shape = "stencil"};

static const struct argp_option option_table[] = {
    {"shape", 's', "NAME", 0, "tsnr, stencil (default), fft, matmul, random", 0},
    {"plan-for", 'm', "SPEC", 0, "The machine that ranks are on, as in --machine", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    (void)state;
    switch (key) {
    case 's':
        options.shape = arg;
        return 0;
    case 'm':
        options.machine = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static tg_status predict(tg_ctx *ctx, const shaped *made, tg_prediction *out)
{
    tg_status status = TG_OK;
    tg_placement placement = {0};

    TG_TRY(tg_place(made->graph, made->targets, made->ntargets, ctx->machine, false, &placement));
    TG_TRY(tg_predict(made->graph, made->targets, made->ntargets, &placement, ctx->machine, out));
out:
    tg_placement_clear(&placement);
    return status;
}

static tg_status run_shape(tg_ctx *ctx, const shape *kind)
{
    tg_status status = TG_OK;
    tg_prediction prediction;
    tg_bytes result = {0};
    shaped made = {0};
    double begin;

    TG_TRY(shaped_create(kind, ctx->nranks, &ctx->objects, &made));
    TG_TRY(predict(ctx, &made, &prediction));
    begin = tg_now();
    TG_TRY(tg_graph_compute(ctx, made.graph, made.targets, made.ntargets, &result));
    printf("case=%s-%d tasks=%" PRId64 " run_s=%.5f predicted_s=%.5f ratio=%.3f bound_s=%.5f "
           "plan_s=%.5f taken=%" PRId64 "\n",
           kind->name, ctx->nranks, prediction.ntasks, ctx->last_run, prediction.makespan,
           ctx->last_run / prediction.makespan, tg_prediction_bound(&prediction),
           tg_now() - begin - ctx->last_run, ctx->total.taken);
out:
    tg_bytes_free(&result);
    shaped_clear(&made);
    return status;
}

static tg_status lead(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    const shape *kind = shapes;
    tg_machine *seen = NULL, swap;

    (void)argv;
    TG_NEED(argc == 1, TG_EUSAGE, "bench_shapes takes options only");
    while (kind->name && strcmp(kind->name, options.shape))
        kind++;
    TG_NEED(kind->name, TG_EUSAGE, "there is no shape '%s'", options.shape);
    if (options.machine) {
        TG_TRY(tg_machine_from_spec(options.machine, ctx->nranks, &seen));
        swap = *seen; /* in place: others have its address */
        *seen = *ctx->machine;
        *ctx->machine = swap;
    }
    TG_TRY(run_shape(ctx, kind));
out:
    tg_machine_destroy(&seen);
    return status;
}

int main(int argc, char **argv)
{
    static const struct argp parser = {
        .options = option_table,
        .parser = parse,
        .doc = "Predicted and real makespan of graphs whose tasks sleep."};

    return tg_run(argc, argv, lead, &(tg_app){.argp = &parser});
}
