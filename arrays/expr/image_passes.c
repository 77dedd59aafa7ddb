/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters that are one pass after the other along axes. All passes of a block run in one task, on
 * the block with what is in reach around it; a pass keeps what the next ones need of that:
 *
 *     . . . . .                                  where the reach is long for the chunks, each
 *     . # # # .  pass along 0   . # # # .  1     pass is a task of its own
 *     . # # # .  ----------->   . # # # .  --> # # #
 *     . . . . .                                # # #
 *
 * All go over a tile of the block (rows of the first pass' axis) before they come to the next one.
 * Edges are extended pass by pass, as the array's own are when it is filtered whole.
 */
#include <string.h>

#include "expr/image.h"
#include "kernel/types.h"

/* Blocks may grow to so many times their size before passes are split. */
#define MOST_GROWTH 1.5

/* Elements of a tile: before a pass and after it they stay in the second cache. */
#define TILE 65536

struct step {
    int64_t axis, kind, boundary, before, after;
    int64_t first; /* of its weights */
};

/* Parameters of the task. */
struct steps {
    int64_t count;
    double value[2];
    struct step step[TG_MAX_NDIM];
    double weights[];
};

static tg_reach reach_of(const struct steps *steps)
{
    tg_reach reach = {0};

    for (int64_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->step[i];

        reach.before[step->axis] = step->before;
        reach.after[step->axis] = step->after;
        reach.boundary[step->axis] = (tg_boundary)step->boundary;
    }
    return reach;
}

/* A pass over a block. */
struct pass {
    int axis;
    tg_filter filter;
    int64_t *place; /* of tg_filter_lines, for all results along the axis */
};

/* A block and its passes. */
struct work {
    const tg_block *in, *out;
    int lead;      /* the first axis that has a pass: elements before it are filtered one by one */
    bool by_rows;  /* the first pass goes along it */
    int64_t parts; /* 2 for complex numbers */
    int npasses;
    struct pass pass[TG_MAX_NDIM];
    double *scratch;
    void *buffer[2]; /* tiles between passes */
};

/*
 * Part of a block, which all passes go over while it is in the cache: some elements of the axes
 * before the lead, or some rows of one of them.
 */
struct tile {
    int64_t element, elements;
    int64_t row, rows; /* of the result; all of them where the passes are not by rows */
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t product(const int64_t *shape, int first, int end)
{
    int64_t n = 1;

    for (int d = first; d < end; d++)
        n *= shape[d];
    return n;
}

static tg_status prepare_pass(struct work *w, const struct steps *steps, int i, tg_task *task)
{
    tg_status status = TG_OK;
    const struct step *step = &steps->step[i];
    const tg_reach reach = reach_of(steps);
    struct pass *pass = &w->pass[i];
    const int d = (int)step->axis;
    const tg_extend_axis axis = tg_reach_axis(&reach, w->out, d);
    const int64_t nplaces = step->before + w->out->shape[d] + step->after;

    pass->axis = d;
    pass->filter = (tg_filter){.kind = (tg_filter_kind)step->kind,
                               .before = step->before,
                               .after = step->after,
                               .weights = steps->weights + step->first,
                               .value = {steps->value[0], steps->value[1]},
                               .complex_parts = (int)(w->parts - 1)};
    pass->place = tg_task_scratch(task, (size_t)nplaces * sizeof *pass->place);
    TG_NEED(pass->place, TG_ENOMEM, "a pass of a filter");
    tg_extend_places(&axis, w->out->start[d] - step->before, nplaces, pass->place);
    w->lead = d < w->lead ? d : w->lead;
out:
    return status;
}

/* Pass i over a tile that has `shape` from the lead on, which then has the shape after it. */
static tg_filter_lines lines_of(const struct work *w, const struct tile *tile, int i,
                                int64_t *shape)
{
    const int d = w->pass[i].axis, ndim = w->out->ndim;
    const bool some_rows = w->by_rows && i == 0;
    tg_filter_lines lines = {.outer = tile->elements * product(shape, w->lead, d),
                             .inner = product(shape, d + 1, ndim) * w->parts,
                             .nin = shape[d],
                             .nout = some_rows ? tile->rows : w->out->shape[d],
                             .place = w->pass[i].place + (some_rows ? tile->row : 0)};

    shape[d] = lines.nout;
    return lines;
}

/* Tiles of at most TILE elements where there is one pass after another. */
static struct tile first_tile(const struct work *w)
{
    const int64_t *in = w->in->shape;
    const int64_t row = product(in, w->lead + 1, w->out->ndim) * w->parts;
    struct tile tile = {.elements = product(in, 0, w->lead), .rows = w->out->shape[w->lead]};

    if (w->npasses == 1)
        return tile;
    if (w->by_rows && tile.rows * row > TILE)
        tile.rows = TILE > row ? TILE / row : 1;
    if (tile.elements * in[w->lead] * row > TILE)
        tile.elements = TILE > in[w->lead] * row ? TILE / (in[w->lead] * row) : 1;
    return tile;
}

static tg_status allocate(struct work *w, const struct tile *tile, tg_task *task)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM], most = 0;
    size_t scratch = 0;

    memcpy(shape, w->in->shape, sizeof shape);
    for (int i = 0; i < w->npasses; i++) {
        const tg_filter_lines lines = lines_of(w, tile, i, shape);
        const int64_t elements = lines.outer * lines.nout * lines.inner;
        const size_t own = tg_filter_scratch(&w->pass[i].filter, &lines);

        scratch = own > scratch ? own : scratch;
        most = elements > most ? elements : most;
    }
    w->scratch = tg_task_scratch(task, scratch * sizeof *w->scratch);
    TG_NEED(w->scratch, TG_ENOMEM, "a pass of a filter");
    for (int i = 0; i < 2 && i < w->npasses - 1; i++) {
        const size_t bytes = (size_t)(most / w->parts) * tg_dtype_size(w->out->dtype);

        w->buffer[i] = tg_task_scratch(task, bytes);
        TG_NEED(w->buffer[i], TG_ENOMEM, "a tile of %zu bytes", bytes);
    }
out:
    return status;
}

/* Where element and row of a tile are in a block. */
static void *tile_in(const struct work *w, const tg_block *block, int64_t element, int64_t row)
{
    const int64_t inner = product(block->shape, w->lead + 1, block->ndim);
    const int64_t at = (element * block->shape[w->lead] + row) * inner;

    return (char *)block->data + (size_t)at * tg_dtype_size(block->dtype);
}

static void run_tile(const struct work *w, const struct tile *tile)
{
    const tg_dtype to = tg_real_part(w->out->dtype);
    tg_dtype from = tg_real_part(w->in->dtype);
    const void *data = tile_in(w, w->in, tile->element, 0);
    int64_t shape[TG_MAX_NDIM];

    memcpy(shape, w->in->shape, sizeof shape);
    for (int i = 0; i < w->npasses; i++) {
        const tg_filter_lines lines = lines_of(w, tile, i, shape);
        void *out = w->buffer[i % 2];

        if (i == w->npasses - 1)
            out = tile_in(w, w->out, tile->element, w->by_rows ? tile->row : 0);
        tg_filter_run(&w->pass[i].filter, &lines, from, data, to, out, w->scratch);
        data = out;
        from = to;
    }
}

static tg_status run_steps(const tg_block *in, int nin, tg_block *out, const void *params,
                           size_t params_size, tg_task *task)
{
    tg_status status = TG_OK;
    const struct steps *steps = params;
    struct work w = {.in = in,
                     .out = out,
                     .lead = out->ndim,
                     .parts = tg_is_complex(out->dtype) ? 2 : 1,
                     .npasses = (int)steps->count};
    struct tile tile, all;

    (void)nin, (void)params_size;
    for (int i = 0; i < w.npasses; i++)
        TG_TRY(prepare_pass(&w, steps, i, task));
    w.by_rows = w.pass[0].axis == w.lead;
    tile = first_tile(&w);
    all = (struct tile){.elements = product(in->shape, 0, w.lead), .rows = out->shape[w.lead]};
    TG_TRY(allocate(&w, &tile, task));
    for (struct tile t = tile; t.element < all.elements; t.element += tile.elements)
        for (t.row = 0; t.row < all.rows; t.row += tile.rows) {
            t.elements = least(tile.elements, all.elements - t.element);
            t.rows = least(tile.rows, all.rows - t.row);
            run_tile(&w, &t);
        }
out:
    return status;
}

static int64_t longest_chunk(const tg_array *a, int d)
{
    int64_t most = 1;

    for (int64_t c = 0; c < a->grid.count[d]; c++)
        most = a->grid.length[d][c] > most ? a->grid.length[d][c] : most;
    return most;
}

/* How many of the passes one task does. */
static int share(const tg_array *a, const tg_pass *passes, int npasses)
{
    bool used[TG_MAX_NDIM] = {false};
    double growth = 1;
    int n = 0;

    for (; n < npasses; n++) {
        int64_t length = longest_chunk(a, passes[n].axis);
        int64_t halo = passes[n].before + passes[n].after;

        if (a->grid.count[passes[n].axis] > 1)
            growth *= (double)(length + halo) / (double)length;
        if (n > 0 && (used[passes[n].axis] || growth > MOST_GROWTH))
            break;
        used[passes[n].axis] = true;
    }
    return n;
}

static tg_array *run_passes(tg_array *a, const tg_pass *passes, int npasses,
                            const tg_filter_options *options, tg_dtype dtype)
{
    tg_status status = TG_OK;
    size_t nweights = 0, size;
    struct steps *steps;
    tg_reach reach;
    tg_block_spec spec = {.name = "filter", .function = run_steps, .dtype = dtype};

    for (int i = 0; i < npasses; i++)
        nweights += passes[i].weights ? (size_t)(passes[i].before + passes[i].after + 1) : 0;
    size = sizeof *steps + nweights * sizeof(double);
    steps = tg_ctx_alloc(a->ctx, size);
    TG_NEED(steps, TG_ENOMEM, "%zu weights", nweights);
    steps->count = npasses;
    memcpy(steps->value, options->cval, sizeof steps->value);
    nweights = 0;
    for (int i = 0; i < npasses; i++) {
        size_t n = passes[i].weights ? (size_t)(passes[i].before + passes[i].after + 1) : 0;

        steps->step[i] = (struct step){.axis = passes[i].axis,
                                       .kind = passes[i].kind,
                                       .boundary = options->mode[passes[i].axis],
                                       .before = passes[i].before,
                                       .after = passes[i].after,
                                       .first = (int64_t)nweights};
        if (n > 0)
            memcpy(steps->weights + nweights, passes[i].weights, n * sizeof(double));
        nweights += n;
    }
    reach = reach_of(steps);
    spec.params = steps;
    spec.params_size = size;
    return tg_map_reach(a, &reach, &spec);
out:
    return tg_node_poisoned(a->ctx, status);
}

tg_array *tg_filter_passes(tg_array *a, const tg_pass *passes, int npasses,
                           const tg_filter_options *options)
{
    tg_status status = TG_OK;
    tg_dtype dtype, bytes;

    TG_TRY(tg_array_status(a));
    TG_TRY(tg_filter_dtype(a, options, false, &dtype));
    if (a->size == 0 || npasses == 0)
        return tg_astype(a, dtype);
    if (a->dtype == TG_BOOL)
        a = tg_astype(a, TG_UINT8);
    bytes = dtype == TG_BOOL ? TG_UINT8 : dtype; /* SciPy sees the bytes of a bool */
    for (int n; npasses > 0 && a->status == TG_OK; passes += n, npasses -= n) {
        n = share(a, passes, npasses);
        a = run_passes(a, passes, n, options, bytes);
    }
    return tg_astype(a, dtype);
out:
    return tg_node_poisoned(tg_inputs_ctx(&a, 1), status);
}
