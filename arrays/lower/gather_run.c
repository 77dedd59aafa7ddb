/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Putting a chunk together where its task runs.
 *
 * A segment of each axis is a box of one input. One axis is walked, that with the most segments;
 * what its boxes have in common is found once, so that long lists of single elements cost little
 * more than their copies.
 */
#include "kernel/copy.h"
#include "lower/gather.h"

void tg_gather_read(tg_reader *reader, int ndim, tg_gather_axis *axes)
{
    for (int d = 0; d < ndim; d++) {
        axes[d].nchunks = tg_read(reader);
        axes[d].nsegments = tg_read(reader);
        axes[d].length = tg_read_list(reader, (int)axes[d].nchunks);
        axes[d].segment = (const void *)tg_read_list(
            reader, (int)(axes[d].nsegments * (int64_t)(sizeof(tg_segment) / 8)));
    }
}

/* What the boxes of one walk have in common. */
struct walk {
    int ndim, axis;
    size_t itemsize;
    const int64_t *out_stride;
    int64_t count[TG_MAX_NDIM];  /* of the box */
    int64_t stride[TG_MAX_NDIM]; /* in the input; of axes before `axis` by length of its chunk */
    int64_t input, pitch;        /* chunk c of `axis` is the task's input: input + c * pitch */
    int64_t from, before;        /* the box begins at from + before * length of the chunk */
    size_t run; /* bytes of the box for one element of `axis` where they lie together, or 0 */
    char *out;
};

static int longest_axis(int ndim, const tg_gather_axis *axes)
{
    int longest = 0;

    for (int d = 1; d < ndim; d++)
        longest = axes[d].nsegments > axes[longest].nsegments ? d : longest;
    return longest;
}

static size_t find_run(const struct walk *w)
{
    int64_t run = (int64_t)w->itemsize;

    for (int d = w->ndim - 1; d >= 0; d--) {
        if (d == w->axis || w->count[d] == 1)
            continue;
        if (d < w->axis || w->stride[d] != run || w->out_stride[d] != run)
            return 0;
        run *= w->count[d];
    }
    return (size_t)run;
}

/* Segments `at` of the other axes. */
static void walk_begin(struct walk *w, const tg_gather_axis *axes, const int64_t *at, char *out)
{
    int64_t step = (int64_t)w->itemsize, inputs = 1;

    w->input = w->from = w->before = 0;
    w->out = out;
    for (int d = w->ndim - 1; d >= 0; d--) {
        const tg_segment *s = &axes[d].segment[at[d]];

        if (d == w->axis) {
            w->stride[d] = step;
            w->pitch = inputs;
        } else {
            *(d < w->axis ? &w->before : &w->from) += s->from * step;
            w->stride[d] = s->step * step;
            w->count[d] = s->count;
            w->out += s->to * w->out_stride[d];
            w->input += s->chunk * inputs;
            step *= axes[d].length[s->chunk];
        }
        inputs *= axes[d].nchunks;
    }
    w->run = find_run(w);
}

static void copy_box(const struct walk *w, const tg_segment *s, int64_t length, const char *from,
                     char *to)
{
    int64_t count[TG_MAX_NDIM], stride[TG_MAX_NDIM];

    for (int d = 0; d < w->ndim; d++) {
        count[d] = d == w->axis ? s->count : w->count[d];
        stride[d] = w->stride[d] * (d < w->axis ? length : d == w->axis ? s->step : 1);
    }
    tg_copy_box(w->ndim, count, w->itemsize, from, stride, to, w->out_stride);
}

static void walk_along(const struct walk *w, tg_task *task, const tg_gather_axis *axis)
{
    const int64_t out_step = w->out_stride[w->axis], step = w->stride[w->axis];
    const char *data = NULL;

    for (int64_t i = 0, chunk = -1; i < axis->nsegments; i++) {
        const tg_segment *s = &axis->segment[i];
        const char *from;
        char *to = w->out + s->to * out_step;

        if (s->chunk != chunk) {
            chunk = s->chunk;
            data = tg_task_input(task, (int)(w->input + chunk * w->pitch), NULL);
        }
        from = data + w->from + w->before * axis->length[chunk] + s->from * step;
        if (w->run > 0 && (s->count == 1 || out_step == (int64_t)w->run))
            tg_copy_run(s->count, w->run, from, s->step * step, to);
        else
            copy_box(w, s, axis->length[chunk], from, to);
    }
}

/* To the next segments of the other axes. */
static bool walk_next(const struct walk *w, const tg_gather_axis *axes, int64_t *at)
{
    for (int d = w->ndim - 1; d >= 0; d--) {
        if (d == w->axis)
            continue;
        if (++at[d] < axes[d].nsegments)
            return true;
        at[d] = 0;
    }
    return false;
}

static void copy_segments(tg_task *task, int ndim, const tg_gather_axis *axes, size_t itemsize,
                          const int64_t *out_stride, char *out)
{
    int64_t at[TG_MAX_NDIM] = {0};
    struct walk w = {.ndim = ndim,
                     .axis = longest_axis(ndim, axes),
                     .itemsize = itemsize,
                     .out_stride = out_stride};

    do {
        walk_begin(&w, axes, at, out);
        walk_along(&w, task, &axes[w.axis]);
    } while (walk_next(&w, axes, at));
}

tg_status tg_gather_run(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    size_t itemsize = (size_t)tg_read(&reader), bytes = itemsize;
    int ndim = tg_read_int(&reader);
    const int64_t *shape = tg_read_list(&reader, ndim);
    int64_t stride[TG_MAX_NDIM];
    tg_gather_axis axes[TG_MAX_NDIM] = {0};
    char *out;

    for (int d = 0; d < ndim; d++)
        bytes *= (size_t)shape[d];
    out = tg_task_output(task, bytes);
    TG_NEED(out || bytes == 0, TG_ENOMEM, "a chunk of %zu bytes", bytes);
    tg_gather_read(&reader, ndim, axes);
    tg_strides(ndim, shape, itemsize, stride);
    if (bytes > 0)
        copy_segments(task, ndim, axes, itemsize, stride, out);
out:
    return status;
}
