/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chunks put together from parts of other chunks: slices, and other cuts.
 *
 * Along each axis a chunk is a list of segments: so many elements of that input chunk, from there,
 * with that step. The chunk is the product of the lists. Where the bytes are those of one whole
 * input chunk there is no task at all. Of a chunk that is wanted in small part a task beside it
 * takes the part, so that no more than that travels:
 *
 *     input chunk 0 --------------------> gather -> chunk
 *     input chunk 1 --> part (1/20 of it) --^
 */
#include "lower/gather.h"

#include <inttypes.h>
#include <stdlib.h>
#include <tegula/runtime.h>

#include "expr/views.h"

/* What copying is thought to cost: bytes a second. */
#define COPY_RATE 2e9

/* So much smaller than its chunk is a part that is worth a task of its own. */
#define PART_OF 2

static void lines_clear(tg_gather_line *lines, int ndim)
{
    for (int d = 0; d < ndim; d++) {
        free(lines[d].chunk);
        free(lines[d].length);
        free(lines[d].segment);
    }
}

static tg_status add_segment(tg_gather_line *line, tg_segment segment)
{
    tg_status status = TG_OK;

    if (line->nsegments == line->capacity) {
        int64_t capacity = line->capacity ? 2 * line->capacity : 4;
        tg_segment *larger = realloc(line->segment, (size_t)capacity * sizeof *larger);

        TG_NEED(larger, TG_ENOMEM, "a chunk of %" PRId64 " segments", capacity);
        line->segment = larger;
        line->capacity = capacity;
    }
    line->segment[line->nsegments++] = segment;
out:
    return status;
}

/* Elements [to, to + count) are p, p + step, ... of the input: one segment for each chunk. */
static tg_status add_stretch(tg_gather_line *line, const tg_lowered *input, int d, int64_t p,
                             int64_t step, int64_t to, int64_t count)
{
    tg_status status = TG_OK;

    while (count > 0) {
        int64_t c = tg_chunk_at(input, d, p), low = input->start[d][c];
        int64_t high = input->start[d][c + 1], n = count;

        if (count > 1 && step > 0)
            n = (high - 1 - p) / step + 1;
        else if (count > 1 && step < 0)
            n = (p - low) / -step + 1;
        n = n < count ? n : count;
        TG_TRY(add_segment(line, (tg_segment){c, p - low, step, to, n}));
        p += n * step;
        to += n;
        count -= n;
    }
out:
    return status;
}

/* List the chunks that segments name, and let segments name places in that list. */
static tg_status number_chunks(tg_gather_line *line, const int64_t *length)
{
    tg_status status = TG_OK;
    int64_t low = INT64_MAX, high = -1, n = 0, *place = NULL;

    for (int64_t i = 0; i < line->nsegments; i++) {
        low = line->segment[i].chunk < low ? line->segment[i].chunk : low;
        high = line->segment[i].chunk > high ? line->segment[i].chunk : high;
    }
    low = high < 0 ? 0 : low;
    place = calloc((size_t)(high - low + 2), sizeof *place);
    TG_NEED(place, TG_ENOMEM, "a chunk of %" PRId64 " segments", line->nsegments);
    for (int64_t i = 0; i < line->nsegments; i++)
        place[line->segment[i].chunk - low] = 1;
    for (int64_t c = 0; c <= high - low; c++)
        n += place[c];
    line->chunk = malloc((size_t)(n + 1) * sizeof *line->chunk);
    line->length = malloc((size_t)(n + 1) * sizeof *line->length);
    TG_NEED(line->chunk && line->length, TG_ENOMEM, "a chunk of %" PRId64 " chunks", n);
    for (int64_t c = 0; c <= high - low; c++)
        if (place[c]) {
            place[c] = line->nchunks;
            line->length[line->nchunks] = length[low + c];
            line->chunk[line->nchunks++] = low + c;
        }
    for (int64_t i = 0; i < line->nsegments; i++)
        line->segment[i].chunk = place[line->segment[i].chunk - low];
out:
    free(place);
    return status;
}

/* A box [start, start + count) of a slice of the input; params NULL: of the input itself. */
static tg_status find_lines(const tg_lowered *input, const tg_slice_params *params,
                            const int64_t *start, const int64_t *count, tg_gather_line *lines)
{
    tg_status status = TG_OK;

    for (int d = 0; d < input->node->ndim; d++) {
        int64_t end = start[d] + count[d], i = 0;

        if (!params)
            TG_TRY(add_stretch(&lines[d], input, d, start[d], 1, 0, count[d]));
        for (int64_t low = 0, high = params ? params->n[d] : 0; low < high;) {
            int64_t middle = (low + high) / 2;
            const tg_stretch *s = &params->stretch[d][middle];

            if (s->at + s->count <= start[d])
                i = low = middle + 1;
            else
                high = middle;
        }
        for (; params && i < params->n[d] && params->stretch[d][i].at < end; i++) {
            const tg_stretch *s = &params->stretch[d][i];
            int64_t from = s->at > start[d] ? s->at : start[d];
            int64_t to = s->at + s->count < end ? s->at + s->count : end;

            TG_TRY(add_stretch(&lines[d], input, d, s->start + (from - s->at) * s->step, s->step,
                               from - start[d], to - from));
        }
        TG_TRY(number_chunks(&lines[d], input->node->grid.length[d]));
    }
out:
    return status;
}

static void add_lines(tg_words *words, int ndim, const tg_gather_line *lines)
{
    for (int d = 0; d < ndim; d++) {
        const tg_gather_line *line = &lines[d];

        tg_words_add(words, line->nchunks);
        tg_words_add(words, line->nsegments);
        tg_words_add_list(words, (int)line->nchunks, line->length);
        tg_words_add_list(words, (int)line->nsegments * (int)(sizeof(tg_segment) / 8),
                          (const int64_t *)line->segment);
    }
}

void tg_gather_add_words(const tg_gathering *g)
{
    add_lines(&g->lowering->words, g->ndim, g->line);
}

static void add_words(const tg_gathering *g, const int64_t *shape, const tg_gather_line *lines)
{
    tg_words *words = &g->lowering->words;

    tg_words_add(words, (int64_t)g->itemsize);
    tg_words_add(words, g->ndim);
    tg_words_add_list(words, g->ndim, shape);
    add_lines(words, g->ndim, lines);
}

static tg_status add_gather(const tg_gathering *g, size_t bytes, const int64_t *inputs, int ninputs,
                            int64_t *task)
{
    tg_task_spec spec = {
        .function = tg_gather_run,
        .name = g->name,
        .inputs = inputs,
        .ninputs = ninputs,
        .output_bytes = bytes,
        .seconds = (double)bytes / COPY_RATE,
    };

    return tg_lower_add(g->lowering, &spec, task);
}

/* Whether lines give one input chunk as it is. */
static bool is_one_chunk(const tg_gathering *g, const tg_gather_line *lines)
{
    for (int d = 0; d < g->ndim; d++) {
        const tg_segment *s = lines[d].segment;

        if (lines[d].nsegments != 1 || s->from != 0 || s->count != lines[d].length[0] ||
            (s->step != 1 && s->count > 1))
            return false;
    }
    return true;
}

/* The input chunk that place `at` of each axis' list makes. */
static tg_status input_chunk(const tg_gathering *g, const tg_gather_line *lines, const int64_t *at,
                             int64_t *task)
{
    int64_t index[TG_MAX_NDIM];

    for (int d = 0; d < g->ndim; d++)
        index[d] = lines[d].chunk[at[d]];
    return tg_lower_chunk(g->lowering, g->input->node, index, task);
}

/* What one chunk of an axis gives, put together: a line of its own. */
static tg_status part_line(const tg_gather_line *line, int64_t c, tg_gather_line *out)
{
    tg_status status = TG_OK;
    int64_t to = 0;

    for (int64_t i = 0; i < line->nsegments; i++) {
        tg_segment s = line->segment[i];

        if (s.chunk != c)
            continue;
        TG_TRY(add_segment(out, (tg_segment){0, s.from, s.step, to, s.count}));
        to += s.count;
    }
    out->chunk = malloc(sizeof *out->chunk);
    out->length = malloc(sizeof *out->length);
    TG_NEED(out->chunk && out->length, TG_ENOMEM, "a part of a chunk");
    out->chunk[0] = line->chunk[c];
    out->length[0] = line->length[c];
    out->nchunks = 1;
out:
    return status;
}

/* The part of one input chunk, or the chunk where the part is all of it. */
static tg_status add_part(const tg_gathering *g, const tg_gather_line *lines, const int64_t *at,
                          int64_t *task)
{
    tg_status status = TG_OK;
    tg_gather_line part[TG_MAX_NDIM] = {0};
    int64_t none[TG_MAX_NDIM] = {0}, shape[TG_MAX_NDIM], chunk = -1;
    size_t bytes = g->itemsize;

    for (int d = 0; d < g->ndim; d++) {
        const tg_segment *last;

        TG_TRY(part_line(&lines[d], at[d], &part[d]));
        last = &part[d].segment[part[d].nsegments - 1];
        shape[d] = last->to + last->count;
        bytes *= (size_t)shape[d];
    }
    TG_TRY(input_chunk(g, part, none, &chunk));
    *task = chunk;
    if (!is_one_chunk(g, part)) {
        add_words(g, shape, part);
        TG_TRY(add_gather(g, bytes, &chunk, 1, task));
    }
out:
    lines_clear(part, g->ndim);
    return status;
}

/* The lines as they are over parts: elements of a chunk follow each other. */
static void over_parts(tg_gather_line *line)
{
    for (int64_t c = 0; c < line->nchunks; c++)
        line->length[c] = 0;
    for (int64_t i = 0; i < line->nsegments; i++) {
        tg_segment *s = &line->segment[i];

        s->from = line->length[s->chunk];
        s->step = 1;
        line->length[s->chunk] += s->count;
    }
}

/* Bytes of all input chunks that a chunk is made of. */
static double input_bytes(const tg_gathering *g)
{
    double bytes = (double)g->itemsize;

    for (int d = 0; d < g->ndim; d++) {
        int64_t length = 0;

        for (int64_t c = 0; c < g->line[d].nchunks; c++)
            length += g->line[d].length[c];
        bytes *= (double)length;
    }
    return bytes;
}

/* Parts are taken where less travels then, and where the inputs would fill a rank's memory. */
static bool takes_parts(const tg_gathering *g)
{
    const double all = input_bytes(g), memory = (double)tg_memory(g->lowering->ctx);

    if (all < PART_OF * (double)g->bytes)
        return false;
    return tg_nranks(g->lowering->ctx) > 1 || (memory > 0 && all > memory / 2);
}

bool tg_is_gathered(const tg_array *a)
{
    return a->class == &tg_class_slice || a->class == &tg_class_rechunk;
}

tg_status tg_gather_begin(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                          tg_gathering *out)
{
    tg_status status = TG_OK;
    const tg_slice_params *params = a->node->class == &tg_class_slice ? a->node->params : NULL;
    int64_t start[TG_MAX_NDIM];

    *out = (tg_gathering){.lowering = lowering,
                          .name = a->node->class->name,
                          .itemsize = tg_dtype_size(a->node->dtype),
                          .ndim = a->node->ndim,
                          .ninputs = 1};
    out->bytes = (size_t)tg_chunk_box(a, index, start, out->count) * out->itemsize;
    TG_TRY(tg_lower_node(lowering, a->node->inputs[0], &out->input));
    TG_TRY(find_lines(out->input, params, start, out->count, out->line));
    for (int d = 0; d < out->ndim; d++)
        TG_NEED(!__builtin_mul_overflow(out->ninputs, out->line[d].nchunks, &out->ninputs) &&
                    out->ninputs <= INT32_MAX && out->line[d].nsegments <= INT32_MAX / 8,
                TG_EARG, "a chunk made of more than 2^31 - 1 chunks");
    if (out->bytes == 0)
        out->ninputs = 0;
out:
    return status;
}

void tg_gather_end(tg_gathering *g)
{
    lines_clear(g->line, g->ndim);
    free(g->inputs);
}

bool tg_gather_is_one_chunk(const tg_gathering *g)
{
    return is_one_chunk(g, g->line);
}

int64_t tg_gather_boxes(const tg_gathering *g)
{
    int64_t boxes = 1;

    for (int d = 0; d < g->ndim; d++)
        if (__builtin_mul_overflow(boxes, g->line[d].nsegments, &boxes))
            return INT64_MAX;
    return boxes;
}

tg_status tg_gather_inputs(tg_gathering *g)
{
    tg_status status = TG_OK;
    const bool parts = takes_parts(g);
    int64_t at[TG_MAX_NDIM] = {0};

    g->inputs = calloc((size_t)g->ninputs + 1, sizeof *g->inputs);
    TG_NEED(g->inputs, TG_ENOMEM, "a chunk made of %" PRId64 " chunks", g->ninputs);
    for (int64_t i = 0; i < g->ninputs; i++) {
        TG_TRY((parts ? add_part : input_chunk)(g, g->line, at, &g->inputs[i]));
        for (int d = g->ndim - 1; d >= 0 && ++at[d] == g->line[d].nchunks; d--)
            at[d] = 0;
    }
    for (int d = 0; parts && d < g->ndim; d++)
        over_parts(&g->line[d]);
out:
    return status;
}

/* The chunk `index` of a node that is put together. */
static tg_status lower_gathered(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                                int64_t *task)
{
    tg_status status = TG_OK;
    int64_t none[TG_MAX_NDIM] = {0};
    tg_gathering g;

    TG_TRY(tg_gather_begin(lowering, a, index, &g));
    if (g.bytes > 0 && tg_gather_is_one_chunk(&g)) {
        TG_TRY(input_chunk(&g, g.line, none, task));
        goto out;
    }
    TG_TRY(tg_gather_inputs(&g));
    add_words(&g, g.count, g.line);
    TG_TRY(add_gather(&g, g.bytes, g.inputs, (int)g.ninputs, task));
out:
    tg_gather_end(&g);
    return status;
}

tg_status tg_lower_slice(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                         int64_t *task)
{
    return lower_gathered(lowering, a, index, task);
}

tg_status tg_lower_rechunk(tg_lowering *lowering, const tg_lowered *a, const int64_t *index,
                           int64_t *task)
{
    return lower_gathered(lowering, a, index, task);
}
