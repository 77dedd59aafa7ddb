/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of classes, and the tasks that chunks have become so far. */
#include "lower/lowering.h"

#include <inttypes.h>
#include <stdlib.h>

#include "expr/blocks.h"
#include "expr/kept.h"
#include "expr/parcels.h"
#include "expr/views.h"

/* Scaling (affine) is a program by now: opt/affine_expand.c. */
static const tg_lower_class classes[] = {
    {&tg_class_source, tg_lower_source},
    {&tg_class_memory, tg_lower_memory},
    {&tg_class_kept, tg_lower_kept},
    {&tg_class_delayed, tg_lower_delayed},
    {&tg_class_program, tg_lower_program},
    {&tg_class_reduce, tg_lower_reduce},
    {&tg_class_concatenate, tg_lower_concatenate},
    {&tg_class_transpose, tg_lower_transpose},
    {&tg_class_rechunk, tg_lower_rechunk},
    {&tg_class_slice, tg_lower_slice},
    {&tg_class_broadcast, tg_lower_broadcast},
    {&tg_class_reshape, tg_lower_reshape},
    {&tg_class_blocks, tg_lower_blocks},
    {&tg_class_parcels, tg_lower_parcels},
    {&tg_class_inlined, tg_lower_program},
    {&tg_class_read_inside, tg_lower_source},
};

void tg_lowering_begin(tg_lowering *lowering, tg_ctx *ctx, tg_graph *graph)
{
    *lowering = (tg_lowering){.ctx = ctx, .graph = graph, .words = {.ctx = ctx}};
}

static void lowered_destroy(tg_lowered **a)
{
    if (!*a)
        return;
    for (int d = 0; d < TG_MAX_NDIM; d++)
        free((*a)->start[d]);
    free((*a)->task);
    free(*a);
    *a = NULL;
}

void tg_lowering_end(tg_lowering *lowering)
{
    for (int64_t i = 0; i < lowering->count; i++)
        lowered_destroy(&lowering->nodes[i]);
    free(lowering->nodes);
    tg_node_map_clear(&lowering->place);
    tg_words_clear(&lowering->words);
    *lowering = (tg_lowering){0};
}

static tg_status lowered_create(const tg_array *node, tg_lowered **out)
{
    tg_status status = TG_OK;
    int64_t chunks = tg_grid_chunks(node->ndim, &node->grid);
    tg_lowered *a = calloc(1, sizeof *a);

    TG_NEED(a, TG_ENOMEM, "a node to be lowered");
    a->node = node;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (classes[i].class == node->class)
            a->lower = &classes[i];
    TG_NEED(a->lower, TG_EINTERNAL, "no lowering for %s", node->class->name);
    a->task = malloc((size_t)chunks * sizeof *a->task);
    TG_NEED(a->task, TG_ENOMEM, "%" PRId64 " chunks", chunks);
    for (int64_t c = 0; c < chunks; c++)
        a->task[c] = -1;
    for (int d = 0; d < node->ndim; d++) {
        int64_t n = node->grid.count[d];

        a->start[d] = malloc((size_t)(n + 1) * sizeof *a->start[d]);
        TG_NEED(a->start[d], TG_ENOMEM, "%" PRId64 " chunks", n);
        a->start[d][0] = 0;
        for (int64_t c = 0; c < n; c++)
            a->start[d][c + 1] = a->start[d][c] + node->grid.length[d][c];
    }
    *out = a;
    a = NULL;
out:
    lowered_destroy(&a);
    return status;
}

tg_status tg_lower_node(tg_lowering *lowering, const tg_array *node, tg_lowered **out)
{
    tg_status status = TG_OK;
    int64_t place = tg_node_map_get(&lowering->place, node);

    if (place < 0) {
        if (lowering->count == lowering->capacity) {
            int64_t capacity = lowering->capacity ? 2 * lowering->capacity : 64;
            tg_lowered **nodes = realloc(lowering->nodes, (size_t)capacity * sizeof *nodes);

            TG_NEED(nodes, TG_ENOMEM, "%" PRId64 " nodes to be lowered", capacity);
            lowering->nodes = nodes;
            lowering->capacity = capacity;
        }
        place = lowering->count;
        TG_TRY(lowered_create(node, &lowering->nodes[place]));
        lowering->count++;
        TG_TRY(tg_node_map_put(&lowering->place, node, place));
    }
    *out = lowering->nodes[place];
out:
    return status;
}

tg_status tg_lower_chunk(tg_lowering *lowering, const tg_array *node, const int64_t *index,
                         int64_t *task)
{
    tg_status status = TG_OK;
    tg_lowered *a = NULL;
    int64_t *known;

    TG_TRY(tg_lower_node(lowering, node, &a));
    known = &a->task[tg_chunk_number(node, index)];
    if (*known < 0)
        TG_TRY(a->lower->chunk(lowering, a, index, known));
    *task = *known;
out:
    return status;
}

tg_status tg_lower_add(tg_lowering *lowering, tg_task_spec *spec, int64_t *task)
{
    tg_status status = TG_OK;

    TG_TRY(tg_words_status(&lowering->words));
    spec->params = lowering->words.word;
    spec->params_size = lowering->words.count * sizeof *lowering->words.word;
    TG_TRY(tg_graph_add(lowering->graph, spec, task));
    if (*task >= lowering->ntasks)
        lowering->ntasks = *task + 1;
out:
    tg_words_reset(&lowering->words);
    return status;
}

int64_t tg_chunk_box(const tg_lowered *a, const int64_t *index, int64_t *start, int64_t *count)
{
    int64_t elements = 1;

    for (int d = 0; d < a->node->ndim; d++) {
        start[d] = a->start[d][index[d]];
        count[d] = a->node->grid.length[d][index[d]];
        elements *= count[d];
    }
    return elements;
}

void tg_chunk_index(const tg_array *a, int64_t i, int64_t *index)
{
    for (int d = a->ndim - 1; d >= 0; d--) {
        index[d] = i % a->grid.count[d];
        i /= a->grid.count[d];
    }
}

int64_t tg_chunk_number(const tg_array *a, const int64_t *index)
{
    int64_t number = 0;

    for (int d = 0; d < a->ndim; d++)
        number = number * a->grid.count[d] + index[d];
    return number;
}

int64_t tg_chunk_at(const tg_lowered *a, int axis, int64_t at)
{
    int64_t low = 0, high = a->node->grid.count[axis] - 1;

    while (low < high) {
        int64_t middle = (low + high + 1) / 2;

        if (a->start[axis][middle] <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
