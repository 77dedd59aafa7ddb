/* SPDX-License-Identifier: BSD-3-Clause */
/* Random arrays: functions of an element's place. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/blocks.h>
#include <tegula/index.h>
#include <tegula/random.h>
#include <tegula/shape.h>

#include "expr/views.h"
#include "kernel/draw.h"

/* What a task knows. */
struct drawing {
    uint64_t seed, stream;
    int64_t distribution; /* TG_NDISTRIBUTIONS: integers */
    double a, b;
    int64_t low;
    uint64_t range; /* 0: all 2^64 */
};

/* A draw that takes as many words as it needs. */
static void draw_one(const struct drawing *p, tg_dice *dice, void *out)
{
    double value = 0;
    int64_t count = 0;

    switch (p->distribution) {
    case TG_NORMAL:
        value = p->a + p->b * tg_dice_normal(dice);
        break;
    case TG_GAMMA:
        value = p->b * tg_dice_gamma(dice, p->a);
        break;
    case TG_POISSON:
        count = tg_dice_poisson(dice, p->a);
        break;
    default:
        count = tg_dice_binomial(dice, (int64_t)p->a, p->b);
    }
    if (p->distribution == TG_POISSON || p->distribution >= TG_BINOMIAL)
        memcpy(out, &count, sizeof count);
    else
        memcpy(out, &value, sizeof value);
}

static tg_status check(tg_distribution kind, double a, double b);

/* Parameters of an element, which are inputs. */
static tg_status set_parameters(const tg_block *in, int64_t i, struct drawing *p)
{
    p->a = ((const double *)in[0].data)[i];
    p->b = ((const double *)in[1].data)[i];
    p->low = (int64_t)p->a;
    p->range = (uint64_t)(int64_t)p->b - (uint64_t)p->low;
    return check((tg_distribution)p->distribution, p->a, p->b);
}

#define WORDS 512 /* that are made at once */

/* Whether a draw takes one word. */
static bool is_of_words(const struct drawing *p)
{
    return p->distribution == TG_UNIFORM || p->distribution == TG_EXPONENTIAL ||
           p->distribution == TG_NDISTRIBUTIONS;
}

/* n of them from the place `at` on, elements of the block from `first` on. */
static tg_status draw_words(struct drawing *p, const tg_block *in, int nin, int64_t first,
                            int64_t at, int64_t n, char *to)
{
    tg_status status = TG_OK;
    const bool integers = p->distribution == TG_NDISTRIBUTIONS;
    uint64_t words[WORDS];
    double x[WORDS];

    for (int64_t done = 0, some; done < n; done += some) {
        some = n - done < WORDS ? n - done : WORDS;
        tg_dice_words(p->seed, p->stream, at + done, some, words);
        for (int64_t i = 0; i < some && !integers; i++)
            x[i] = (double)(words[i] >> 11) * 0x1p-53;
        if (p->distribution == TG_EXPONENTIAL)
            tg_exponential_of(some, x);
        for (int64_t i = 0; i < some; i++) {
            if (nin > 0)
                TG_TRY(set_parameters(in, first + done + i, p));
            if (integers && p->range)
                words[i] = tg_scale_word(words[i], p->range);
            if (integers)
                words[i] += (uint64_t)p->low;
            else
                x[i] = p->distribution == TG_UNIFORM ? p->a + (p->b - p->a) * x[i] : p->a * x[i];
        }
        memcpy(to + done * 8, integers ? (const void *)words : x, (size_t)some * 8);
    }
out:
    return status;
}

/* Runs along the last axis: places in C order of the whole array follow each other there. */
static tg_status draw(const tg_block *in, int nin, tg_block *out, const void *params,
                      size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    struct drawing p;
    int64_t at[TG_MAX_NDIM] = {0}, n = out->ndim > 0 ? out->shape[out->ndim - 1] : 1;
    char *to = out->data;

    (void)task;
    memcpy(&p, params, params_size);
    for (int64_t run = 0; run < out->size; run += n) {
        int64_t place = 0;

        for (int d = 0; d < out->ndim; d++)
            place = place * out->total[d] + out->start[d] + at[d];
        if (is_of_words(&p)) {
            TG_TRY(draw_words(&p, in, nin, run, place, n, to));
            to += n * 8;
        }
        for (int64_t i = 0; !is_of_words(&p) && i < n; i++, to += 8) {
            tg_dice dice = tg_dice_begin(p.seed, p.stream, place + i);

            if (nin > 0)
                TG_TRY(set_parameters(in, run + i, &p));
            draw_one(&p, &dice, to);
        }
        for (int d = out->ndim - 2; d >= 0 && ++at[d] == out->shape[d]; d--)
            at[d] = 0;
    }
out:
    return status;
}

static tg_array *random_node(tg_ctx *ctx, const char *name, const struct drawing *p, tg_dtype dtype,
                             int ndim, const int64_t *shape, const char *chunks)
{
    tg_block_spec spec = {
        .name = name, .function = draw, .params = p, .params_size = sizeof *p, .dtype = dtype};

    return tg_fromfunction(ctx, &spec, ndim, shape, chunks);
}

static const struct {
    const char *name;
    bool counts;
} distributions[TG_NDISTRIBUTIONS] = {
    [TG_UNIFORM] = {"uniform", false},
    [TG_NORMAL] = {"normal", false},
    [TG_EXPONENTIAL] = {"exponential", false},
    [TG_POISSON] = {"poisson", true},
    [TG_GAMMA] = {"gamma", false},
    [TG_BINOMIAL] = {"binomial", true},
};

static tg_status check(tg_distribution kind, double a, double b)
{
    tg_status status = TG_OK;

    if (kind == TG_NDISTRIBUTIONS) {
        TG_NEED(fabs(a) < 0x1p62 && fabs(b) < 0x1p62 && floor(a) < floor(b), TG_EARG,
                "low >= high: %.0f and %.0f", a, b);
        return TG_OK;
    }
    TG_NEED(isfinite(a) && isfinite(b), TG_EARG, "%s: parameters %g and %g",
            distributions[kind].name, a, b);
    TG_NEED(kind == TG_UNIFORM || kind == TG_NORMAL || a >= 0, TG_EARG,
            "%s: a parameter below 0: %g", distributions[kind].name, a);
    TG_NEED((kind != TG_NORMAL && kind != TG_GAMMA) || b >= 0, TG_EARG, "%s: scale < 0: %g",
            distributions[kind].name, b);
    TG_NEED(kind != TG_POISSON || a < 0x1p60, TG_EARG, "poisson: lam value too large: %g", a);
    TG_NEED(kind != TG_BINOMIAL || (b >= 0 && b <= 1 && a < 0x1p60), TG_EARG,
            "binomial: n is %g and p is %g: p < 0, p > 1 or n too large", a, b);
out:
    return status;
}

tg_array *tg_random(tg_ctx *ctx, uint64_t seed, uint64_t stream, tg_distribution kind, double a,
                    double b, int ndim, const int64_t *shape, const char *chunks)
{
    tg_status status = TG_OK;
    struct drawing p = {.seed = seed, .stream = stream, .distribution = kind, .a = a, .b = b};

    TG_NEED((int)kind >= 0 && kind < TG_NDISTRIBUTIONS, TG_EARG, "distribution %d does not exist",
            (int)kind);
    TG_TRY(check(kind, a, b));
    return random_node(ctx, distributions[kind].name, &p,
                       distributions[kind].counts ? TG_INT64 : TG_FLOAT64, ndim, shape, chunks);
out:
    return tg_node_poisoned(ctx, status);
}

tg_array *tg_random_by(uint64_t seed, uint64_t stream, tg_distribution kind, tg_array *a,
                       tg_array *b, int ndim, const int64_t *shape, const char *chunks)
{
    struct drawing p = {.seed = seed, .stream = stream, .distribution = kind};
    bool counts = kind == TG_NDISTRIBUTIONS || distributions[kind].counts;
    tg_block_spec spec = {.name = kind == TG_NDISTRIBUTIONS ? "integers" : distributions[kind].name,
                          .function = draw,
                          .params = &p,
                          .params_size = sizeof p,
                          .dtype = counts ? TG_INT64 : TG_FLOAT64};
    tg_array *parameters[2] = {a, b};

    for (int i = 0; i < 2; i++) {
        parameters[i] = tg_broadcast_to(tg_astype(parameters[i], TG_FLOAT64), ndim, shape);
        if (chunks)
            parameters[i] = tg_rechunk(parameters[i], chunks);
    }
    return tg_map_blocks(&spec, parameters, 2);
}

tg_array *tg_random_integers(tg_ctx *ctx, uint64_t seed, uint64_t stream, int64_t low, int64_t high,
                             tg_dtype dtype, int ndim, const int64_t *shape, const char *chunks)
{
    tg_status status = TG_OK;
    struct drawing p = {.seed = seed,
                        .stream = stream,
                        .distribution = TG_NDISTRIBUTIONS,
                        .low = low,
                        .range = (uint64_t)high - (uint64_t)low};

    TG_NEED(low < high, TG_EARG, "low >= high: %" PRId64 " and %" PRId64, low, high);
    return tg_astype(random_node(ctx, "integers", &p, TG_INT64, ndim, shape, chunks), dtype);
out:
    return tg_node_poisoned(ctx, status);
}

/* The first `count` of 0 .. n - 1 in a random order (Fisher and Yates); malloc. */
static int64_t *shuffled(uint64_t seed, uint64_t stream, int64_t n, int64_t count)
{
    int64_t *list = malloc((size_t)(n + 1) * sizeof *list);

    for (int64_t i = 0; list && i < n; i++)
        list[i] = i;
    for (int64_t i = 0; list && i < count; i++) {
        tg_dice dice = tg_dice_begin(seed, stream, i);
        int64_t k = i + (int64_t)tg_dice_below(&dice, (uint64_t)(n - i)), kept = list[i];

        list[i] = list[k];
        list[k] = kept;
    }
    return list;
}

tg_array *tg_random_permutation(tg_ctx *ctx, uint64_t seed, uint64_t stream, int64_t n)
{
    tg_status status = TG_OK;
    int64_t *list = NULL;
    tg_array *node = NULL;

    TG_NEED(n >= 0, TG_EARG, "permutation of %" PRId64 " elements", n);
    list = shuffled(seed, stream, n, n);
    TG_NEED(list, TG_ENOMEM, "%" PRId64 " integers", n);
    node = tg_from_memory(ctx, list, TG_INT64, 1, &n);
out:
    free(list);
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

tg_array *tg_random_choice(tg_array *a, uint64_t seed, uint64_t stream, bool replace, int ndim,
                           const int64_t *shape, const char *chunks)
{
    tg_status status = TG_OK;
    int64_t *list = NULL, n, count = 1;
    tg_array *node = NULL;

    TG_TRY(tg_array_status(a));
    n = a->ndim > 0 ? a->shape[0] : 0;
    for (int d = 0; d < ndim; d++)
        count *= shape[d];
    TG_NEED(a->ndim == 1, TG_EARG, "choice: a must be 1-dimensional, not of %d axes", a->ndim);
    TG_NEED(n > 0 || count == 0, TG_EARG, "a cannot be empty unless no samples are taken");
    TG_NEED(replace || count <= n, TG_EARG,
            "Cannot take a larger sample than population when replace is False");
    if (replace) {
        node = tg_random_integers(a->ctx, seed, stream, 0, n, TG_INT64, ndim, shape, chunks);
        return tg_getitem(a, &(tg_index){.kind = TG_INDEX_ARRAY, .array = node}, 1);
    }
    list = shuffled(seed, stream, n, count);
    TG_NEED(list, TG_ENOMEM, "%" PRId64 " integers", n);
    node = tg_getitem(a,
                      &(tg_index){.kind = TG_INDEX_LIST,
                                  .list = list,
                                  .count = count,
                                  .list_ndim = ndim,
                                  .list_shape = ndim > 0 ? shape : NULL},
                      1);
out:
    free(list);
    return status == TG_OK ? node : tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
