/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C functions on blocks. Inputs share labels: axes of one label are cut alike, and block i of the
 * result along a label sees block i of each input that has the label, or the only one of an input
 * that is broadcast there.
 */
#include "expr/blocks.h"

#include <inttypes.h>
#include <string.h>

static void dump_blocks(const tg_array *a, FILE *out)
{
    fprintf(out, "%s", ((const tg_blocks_params *)a->params)->name);
}

static void key_blocks(const tg_array *a, FILE *out)
{
    const tg_blocks_params *params = a->params;

    fwrite(&params->function, sizeof params->function, 1, out);
    fwrite(&params->object, sizeof params->object, 1, out);
    fwrite(params->axis, sizeof params->axis, 1, out);
    fwrite(&params->chosen, sizeof params->chosen, 1, out);
    fwrite(a->shape, sizeof a->shape[0], (size_t)a->ndim, out);
    fwrite(params->params, 1, params->params_size, out);
}

static tg_array *regrid_blocks(tg_array *a, const tg_grid *grid)
{
    tg_array *node = NULL;

    if (!((const tg_blocks_params *)a->params)->positional)
        return NULL;
    node = tg_node_with_inputs(a, NULL);
    if (node->status == TG_OK)
        node->grid = *grid;
    return node;
}

const tg_class tg_class_blocks = {
    .name = "blocks",
    .dump = dump_blocks,
    .key = key_blocks,
    .regrid = regrid_blocks,
};

tg_array *tg_blocks_node(tg_ctx *ctx, const tg_block_spec *spec, tg_array *const *inputs,
                         int ninputs)
{
    tg_status status = TG_OK;
    tg_array *node =
        tg_node_create(ctx, &tg_class_blocks, ninputs, inputs, sizeof(tg_blocks_params));
    tg_blocks_params *params;
    void *copy;

    TG_TRY(tg_array_status(node));
    TG_NEED(ninputs <= TG_BLOCKS_MAX_INPUTS, TG_EARG,
            "a function on blocks of %d arrays: %d can be", ninputs, TG_BLOCKS_MAX_INPUTS);
    TG_NEED(spec->function, TG_EARG, "a function on blocks was not given");
    TG_NEED((int)spec->dtype >= 0 && spec->dtype < TG_NDTYPES, TG_EARG, "dtype %d does not exist",
            (int)spec->dtype);
    copy = tg_ctx_alloc(ctx, spec->params_size + 1);
    TG_NEED(copy, TG_ENOMEM, "%zu bytes of parameters", spec->params_size);
    if (spec->params_size > 0)
        memcpy(copy, spec->params, spec->params_size);
    params = node->params;
    params->name = spec->name ? spec->name : "blocks";
    params->function = spec->function;
    params->params = copy;
    params->params_size = spec->params_size;
    params->object = spec->object;
    params->seconds = spec->seconds;
    memset(params->axis, -1, sizeof params->axis);
    node->dtype = spec->dtype;
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

/* Axes by label: of the result first, then those that only inputs have. */
struct labels {
    int count, nout;
    char letter[2 * TG_MAX_NDIM];
    int64_t length[2 * TG_MAX_NDIM];             /* -1: no input has it */
    tg_grid own;                                 /* cuts by label; of the result's labels only */
    int axis[TG_BLOCKS_MAX_INPUTS][TG_MAX_NDIM]; /* the label of each input's axis */
};

static int find(const struct labels *labels, char letter)
{
    for (int l = 0; l < labels->count; l++)
        if (labels->letter[l] == letter)
            return l;
    return -1;
}

static tg_status add_label(struct labels *labels, char letter)
{
    tg_status status = TG_OK;

    TG_NEED(labels->count < 2 * TG_MAX_NDIM, TG_EARG, "too many labels of axes");
    labels->letter[labels->count] = letter;
    labels->length[labels->count++] = -1;
out:
    return status;
}

/* "ik,kj->ij". */
static tg_status parse_labels(const char *text, tg_array *const *inputs, int ninputs,
                              struct labels *out)
{
    tg_status status = TG_OK;
    const char *arrow = strstr(text, "->"), *at = text;

    TG_NEED(arrow, TG_EARG, "labels '%s' lack '->' and the result's", text);
    for (const char *c = arrow + 2; *c; c++)
        if (*c != ' ')
            TG_TRY(add_label(out, *c));
    out->nout = out->count;
    TG_NEED(out->nout <= TG_MAX_NDIM, TG_EARG, "labels '%s': more than %d axes", text, TG_MAX_NDIM);
    for (int i = 0; i < ninputs; i++) {
        int d = 0;

        for (; at < arrow && *at != ','; at++) {
            if (*at == ' ')
                continue;
            if (find(out, *at) < 0)
                TG_TRY(add_label(out, *at));
            if (d < TG_MAX_NDIM)
                out->axis[i][d] = find(out, *at);
            d++;
        }
        TG_NEED(d == inputs[i]->ndim, TG_EARG, "labels '%s': array %d has %d axes, not %d", text,
                i + 1, inputs[i]->ndim, d);
        at += at < arrow;
    }
    TG_NEED(at >= arrow, TG_EARG, "labels '%s' are of more than %d arrays", text, ninputs);
out:
    return status;
}

/* Axes aligned from the last. */
static void align_labels(tg_array *const *inputs, int ninputs, struct labels *out)
{
    for (int i = 0; i < ninputs; i++)
        out->nout = inputs[i]->ndim > out->nout ? inputs[i]->ndim : out->nout;
    out->count = out->nout;
    for (int l = 0; l < out->count; l++) {
        out->letter[l] = (char)('a' + l);
        out->length[l] = -1;
    }
    for (int i = 0; i < ninputs; i++)
        for (int d = 0; d < inputs[i]->ndim; d++)
            out->axis[i][d] = out->nout - inputs[i]->ndim + d;
}

/* Lengths of labels; cuts of the result's: all of those of inputs whose cuts are fixed. */
static tg_status agree(tg_ctx *ctx, tg_array *const *inputs, int ninputs, struct labels *labels)
{
    tg_status status = TG_OK;
    bool fixed[2 * TG_MAX_NDIM] = {false};

    for (int i = 0; i < ninputs; i++)
        for (int d = 0; d < inputs[i]->ndim; d++) {
            int l = labels->axis[i][d];
            int64_t n = inputs[i]->shape[d];

            TG_NEED(labels->length[l] < 0 || labels->length[l] == n || n == 1 ||
                        labels->length[l] == 1,
                    TG_EARG, "axes of %" PRId64 " and %" PRId64 " elements meet in blocks",
                    labels->length[l], n);
            if (labels->length[l] < 0 || n != 1)
                labels->length[l] = n;
        }
    for (int i = 0; i < ninputs; i++)
        for (int d = 0; d < inputs[i]->ndim; d++) {
            int l = labels->axis[i][d];
            const tg_grid *grid = &inputs[i]->grid;

            if (l >= labels->nout || inputs[i]->shape[d] != labels->length[l])
                continue;
            if (!labels->own.length[l] || (!fixed[l] && !inputs[i]->automatic)) {
                labels->own.count[l] = grid->count[d];
                labels->own.length[l] = grid->length[d];
                fixed[l] = !inputs[i]->automatic;
            } else if (!inputs[i]->automatic) {
                TG_TRY(tg_grid_union(ctx, labels->own.count[l], labels->own.length[l],
                                     grid->count[d], grid->length[d], &labels->own.count[l],
                                     &labels->own.length[l]));
            }
        }
out:
    return status;
}

/* An input cut as its labels are; what the result lacks is one chunk. */
static tg_status cut_input(const struct labels *labels, int i, tg_array *input, tg_array **out)
{
    tg_status status = TG_OK;
    tg_grid grid = input->grid;

    for (int d = 0; d < input->ndim; d++) {
        int l = labels->axis[i][d];
        int64_t n = input->shape[d];

        if (l < labels->nout && n == labels->length[l]) {
            grid.count[d] = labels->own.count[l];
            grid.length[d] = labels->own.length[l];
        } else {
            TG_TRY(tg_grid_axis(input->ctx, n, n ? n : 1, &grid.count[d], &grid.length[d]));
        }
    }
    *out = tg_rechunk_to(input, &grid);
    TG_TRY(tg_array_status(*out));
out:
    return status;
}

/* Shape and grid of the result. */
static tg_status set_shape(tg_array *node, const tg_block_spec *spec, const struct labels *labels)
{
    tg_status status = TG_OK;
    int64_t shape[TG_MAX_NDIM];
    tg_grid grid = labels->own;

    for (int d = 0; d < labels->nout; d++) {
        shape[d] = labels->length[d];
        if (spec->lengths[d]) {
            int64_t n = labels->length[d] < 0 ? spec->nlengths[d] : grid.count[d];
            int64_t *copy = tg_ctx_alloc(node->ctx, (size_t)(n + 1) * sizeof *copy);

            TG_NEED(n > 0 && (spec->nlengths[d] == 0 || spec->nlengths[d] == n), TG_EARG,
                    "%s: %" PRId64 " lengths for %" PRId64 " chunks along axis %d", spec->name,
                    spec->nlengths[d], n, d);
            TG_NEED(copy, TG_ENOMEM, "a grid of %" PRId64 " chunks", n);
            shape[d] = 0;
            for (int64_t c = 0; c < n; c++)
                shape[d] += copy[c] = spec->lengths[d][c];
            grid.count[d] = n;
            grid.length[d] = copy;
        }
        TG_NEED(shape[d] >= 0, TG_EARG, "%s: no array has axis %d of the result: give its lengths",
                spec->name, d);
    }
    TG_TRY(tg_node_shape(node, labels->nout, shape));
    node->grid = grid;
    tg_layout_plain(&node->layout, node->ndim, tg_dtype_size(node->dtype));
out:
    return status;
}

tg_array *tg_map_blocks(const tg_block_spec *spec, tg_array *const *inputs, int ninputs)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = tg_inputs_ctx(inputs, ninputs);
    tg_array *cut[TG_BLOCKS_MAX_INPUTS], *node = NULL;
    struct labels labels = {0};
    tg_blocks_params *params;

    TG_TRY(tg_inputs_status(inputs, ninputs));
    TG_NEED(ninputs >= 1 && ninputs <= TG_BLOCKS_MAX_INPUTS, TG_EARG,
            "a function on blocks of %d arrays: 1 to %d can be", ninputs, TG_BLOCKS_MAX_INPUTS);
    if (spec->labels)
        TG_TRY(parse_labels(spec->labels, inputs, ninputs, &labels));
    else
        align_labels(inputs, ninputs, &labels);
    TG_TRY(agree(ctx, inputs, ninputs, &labels));
    for (int i = 0; i < ninputs; i++)
        TG_TRY(cut_input(&labels, i, inputs[i], &cut[i]));
    node = tg_blocks_node(ctx, spec, cut, ninputs);
    TG_TRY(tg_array_status(node));
    params = node->params;
    for (int i = 0; i < ninputs; i++)
        for (int d = 0; d < cut[i]->ndim; d++)
            if (labels.axis[i][d] < labels.nout &&
                cut[i]->shape[d] == labels.length[labels.axis[i][d]])
                params->axis[i][d] = (int8_t)labels.axis[i][d];
    TG_TRY(set_shape(node, spec, &labels));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}

tg_array *tg_fromfunction(tg_ctx *ctx, const tg_block_spec *spec, int ndim, const int64_t *shape,
                          const char *chunks)
{
    tg_status status = TG_OK;
    tg_array *node = tg_blocks_node(ctx, spec, NULL, 0);

    TG_TRY(tg_array_status(node));
    ((tg_blocks_params *)node->params)->positional = true;
    TG_TRY(tg_node_shape(node, ndim, shape));
    tg_layout_plain(&node->layout, ndim, tg_dtype_size(node->dtype));
    TG_TRY(tg_chunks_grid(ctx, chunks, &node->layout, ndim, shape, &node->grid, &node->automatic));
out:
    return status == TG_OK ? node : tg_node_poisoned(ctx, status);
}
