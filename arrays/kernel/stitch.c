/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stitching parts together. A part that touches a face where the image goes on is a stub; of all
 * others the stitches only know in which line of their block they begin, its segment.
 *
 * Stubs of two sides of a cut are united where their elements are neighbours; of each set the stub
 * that begins first stands for all. Numbers go up along the segments, in C order over the image,
 * by the parts that begin there and stand for themselves.
 */
#include "kernel/stitch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/stitch_summary.h"

struct stitching {
    const tg_stitch_image *image;
    const uint8_t *near;
    const void *const *summaries;
    int64_t nblocks;
    int64_t *base;     /* [nblocks + 1] the block's first stub among all */
    int32_t *parent;   /* sets of stubs */
    int32_t *best;     /* by root: the stub that begins first */
    int64_t *first;    /* where each stub begins */
    int64_t *number;   /* of each stub that stands for its set */
    int32_t *plane[2]; /* stub + 1 by element of the planes on both sides of a cut, 0: none */
    int64_t *before;   /* by line and block along the last axis: how many parts begin earlier */
    int64_t nsegments;
};

/* Elements in C order over the axes but one. */
static int64_t plane_place(const tg_stitch_image *image, int skip, const int64_t *start,
                           const int64_t *shape, int64_t i)
{
    int64_t at = 0, stride = 1;

    for (int d = image->ndim - 1; d >= 0; d--) {
        if (d == skip)
            continue;
        at += (start[d] + i % shape[d]) * stride;
        i /= shape[d];
        stride *= image->shape[d];
    }
    return at;
}

/* One block's face goes to its place in a plane of the image. */
static void paint(struct stitching *s, int64_t block, int d, int side, int32_t *plane)
{
    tg_summary_view view = tg_summary_view_of(s->summaries[block]);
    const tg_plane_run *run = view.run;
    int last = d == s->image->ndim - 1 ? d - 1 : s->image->ndim - 1;
    int64_t length = last >= 0 ? view.head->shape[last] : 1;

    for (int e = 0; e < d; e++)
        run += view.head->nruns[e][0] + view.head->nruns[e][1];
    run += side ? view.head->nruns[d][0] : 0;
    for (int64_t r = 0; r < view.head->nruns[d][side]; r++)
        for (int64_t i = run[r].start, n; i < run[r].start + run[r].count; i += n) {
            int64_t at = plane_place(s->image, d, view.head->start, view.head->shape, i);

            n = length - i % length;
            n = n < run[r].start + run[r].count - i ? n : run[r].start + run[r].count - i;
            for (int64_t k = 0; k < n; k++)
                plane[at + k] = (int32_t)(s->base[block] + run[r].stub + 1);
        }
}

/* Unite along one line of both planes, elements `shift` further on in the second. */
static void unite_line(struct stitching *s, const int32_t *a, const int32_t *b, int64_t n,
                       int shift)
{
    int32_t last_a = 0, last_b = 0;

    for (int64_t i = shift < 0 ? -shift : 0; i < n && i + shift < n; i++) {
        if (!a[i] || !b[i + shift] || (a[i] == last_a && b[i + shift] == last_b))
            continue;
        last_a = a[i];
        last_b = b[i + shift];
        tg_set_unite(s->parent, last_a - 1, last_b - 1);
    }
}

/* The planes of a cut, for one neighbour across it: `step` along each axis of the plane. */
static void unite_planes(struct stitching *s, int naxes, const int64_t *shape, const int *step)
{
    int64_t n = naxes > 0 ? shape[naxes - 1] : 1, lines = 1;

    for (int d = 0; d < naxes - 1; d++)
        lines *= shape[d];
    for (int64_t l = 0; l < lines; l++) {
        int64_t rest = l, other = 0, stride = 1;
        bool inside = true;

        for (int d = naxes - 2; d >= 0; d--) {
            int64_t p = rest % shape[d] + step[d];

            inside = inside && p >= 0 && p < shape[d];
            other += p * stride;
            rest /= shape[d];
            stride *= shape[d];
        }
        if (inside)
            unite_line(s, s->plane[0] + l * n, s->plane[1] + other * n, n,
                       naxes > 0 ? step[naxes - 1] : 0);
    }
}

/* All neighbours that are one further along axis d. */
static void unite_cut(struct stitching *s, int d)
{
    int ndim = s->image->ndim, naxes = 0;
    int64_t shape[TG_MAX_NDIM];

    for (int e = 0; e < ndim; e++)
        if (e != d)
            shape[naxes++] = s->image->shape[e];
    for (int64_t k = 0; k < tg_neighbours_size(ndim); k++) {
        int step[TG_MAX_NDIM], n = naxes;
        int64_t rest = k;
        bool across = s->near[k];

        for (int e = ndim - 1; e >= 0; e--, rest /= 3) {
            if (e == d)
                across = across && rest % 3 == 2;
            else
                step[--n] = (int)(rest % 3) - 1;
        }
        if (across)
            unite_planes(s, naxes, shape, step);
    }
}

static void unite_axis(struct stitching *s, int d)
{
    size_t plane = sizeof(int32_t);
    int64_t inner = 1;

    for (int e = 0; e < s->image->ndim; e++) {
        plane *= e == d ? 1 : (size_t)s->image->shape[e];
        inner *= e > d ? s->image->count[e] : 1;
    }
    for (int64_t cut = 0; cut < s->image->count[d] - 1; cut++) {
        for (int side = 0; side < 2; side++)
            memset(s->plane[side], 0, plane);
        for (int64_t b = 0; b < s->nblocks; b++) {
            int64_t at = b / inner % s->image->count[d];

            if (at == cut || at == cut + 1)
                paint(s, b, d, at == cut, s->plane[at != cut]);
        }
        unite_cut(s, d);
    }
}

/* The segment that a part begins in, among those of the whole image. */
static int64_t segment_of(const struct stitching *s, int64_t block, int64_t first)
{
    int last = s->image->ndim - 1;
    int64_t columns = last >= 0 ? s->image->count[last] : 1;

    return last < 0 ? 0 : first / s->image->shape[last] * columns + block % columns;
}

/* Of each set the stub that begins first. */
static void choose_best(struct stitching *s)
{
    int64_t n = s->base[s->nblocks];

    for (int64_t i = 0; i < n; i++) {
        s->parent[i] = s->parent[s->parent[i]];
        s->best[i] = (int32_t)i;
    }
    for (int64_t i = 0; i < n; i++) {
        int32_t *best = &s->best[s->parent[i]];

        if (s->first[i] < s->first[*best])
            *best = (int32_t)i;
    }
}

static bool stands(const struct stitching *s, int64_t stub)
{
    return s->best[s->parent[stub]] == stub;
}

/* The first element of a line of a block, in C order over the image. */
static int64_t line_first(const struct stitching *s, const tg_summary *head, int64_t line)
{
    int last = s->image->ndim - 1;

    return last < 0 ? 0
                    : plane_place(s->image, last, head->start, head->shape, line) *
                          s->image->shape[last];
}

/* before[segment]: how many parts stand for themselves that begin in earlier ones. */
static int64_t count_before(struct stitching *s)
{
    int64_t total = 0, n;

    memset(s->before, 0, (size_t)s->nsegments * sizeof *s->before);
    for (int64_t b = 0; b < s->nblocks; b++) {
        tg_summary_view view = tg_summary_view_of(s->summaries[b]);

        for (int64_t i = 0; i < view.head->nsegments; i++) {
            int64_t at = line_first(s, view.head, view.segment[i].line);

            s->before[segment_of(s, b, at)] += view.segment[i].count;
        }
        for (int64_t i = 0; i < view.head->nstubs; i++)
            s->before[segment_of(s, b, view.first[i])] -= !stands(s, s->base[b] + i);
    }
    for (int64_t i = 0; i < s->nsegments; i++, total += n) {
        n = s->before[i];
        s->before[i] = total;
    }
    return total;
}

/*
 * Stitches: how many parts, how many blocks, then where the entries of each block are: for each
 * segment the number before its first part, for each stub its number, negative where another
 * stands for it.
 */
struct stitches {
    int64_t parts, nblocks;
    int64_t at[];
};

static void number_block(struct stitching *s, int64_t b, int64_t *entry)
{
    tg_summary_view view = tg_summary_view_of(s->summaries[b]);
    int64_t label = 0, stub = 0;

    for (int64_t i = 0; i < view.head->nsegments; i++) {
        int64_t at = line_first(s, view.head, view.segment[i].line);
        int64_t number = entry[i] = s->before[segment_of(s, b, at)];

        for (int64_t end = label + view.segment[i].count; label < end; label++) {
            bool is_stub = stub < view.head->nstubs && view.label[stub] == label + 1;

            if (!is_stub || stands(s, s->base[b] + stub))
                number++;
            if (is_stub)
                s->number[s->base[b] + stub++] = number;
        }
    }
}

static void write_stitches(struct stitching *s, struct stitches *out)
{
    int64_t *entry = out->at + s->nblocks;

    out->nblocks = s->nblocks;
    out->parts = count_before(s);
    for (int64_t b = 0; b < s->nblocks; b++) {
        tg_summary *head = tg_summary_view_of(s->summaries[b]).head;

        out->at[b] = entry - (int64_t *)out;
        number_block(s, b, entry);
        entry += head->nsegments + head->nstubs;
    }
    for (int64_t b = 0; b < s->nblocks; b++) {
        tg_summary *head = tg_summary_view_of(s->summaries[b]).head;

        entry = (int64_t *)out + out->at[b] + head->nsegments;
        for (int64_t i = 0; i < head->nstubs; i++) {
            int64_t stub = s->base[b] + i;

            entry[i] = stands(s, stub) ? s->number[stub] : -s->number[s->best[s->parent[stub]]];
        }
    }
}

size_t tg_stitches_size(int64_t nblocks, const void *const *summaries)
{
    int64_t n = nblocks;

    for (int64_t b = 0; b < nblocks; b++) {
        tg_summary *head = tg_summary_view_of(summaries[b]).head;

        n += head->nsegments + head->nstubs;
    }
    return sizeof(struct stitches) + (size_t)n * sizeof(int64_t);
}

static void stitching_clear(struct stitching *s)
{
    free(s->base);
    free(s->parent);
    free(s->best);
    free(s->first);
    free(s->number);
    free(s->plane[0]);
    free(s->plane[1]);
    free(s->before);
}

/* Room for planes and segments. */
static tg_status make_room(struct stitching *s)
{
    tg_status status = TG_OK;
    const tg_stitch_image *image = s->image;
    int64_t size = 1, plane = 1;

    for (int d = 0; d < image->ndim; d++)
        size *= image->shape[d];
    for (int d = 0; d < image->ndim; d++)
        if (image->count[d] > 1 && size / image->shape[d] > plane)
            plane = size / image->shape[d];
    s->nsegments =
        image->ndim > 0 ? size / image->shape[image->ndim - 1] * image->count[image->ndim - 1] : 1;
    s->plane[0] = malloc((size_t)plane * sizeof *s->plane[0]);
    s->plane[1] = malloc((size_t)plane * sizeof *s->plane[1]);
    s->before = malloc((size_t)s->nsegments * sizeof *s->before);
    TG_NEED(s->plane[0] && s->plane[1] && s->before, TG_ENOMEM,
            "planes of %" PRId64 " elements and %" PRId64 " lines", plane, s->nsegments);
out:
    return status;
}

static tg_status list_stubs(struct stitching *s)
{
    tg_status status = TG_OK;
    int64_t n = 0;

    s->base = malloc((size_t)(s->nblocks + 1) * sizeof *s->base);
    TG_NEED(s->base, TG_ENOMEM, "%" PRId64 " blocks", s->nblocks);
    for (int64_t b = 0; b < s->nblocks; b++) {
        s->base[b] = n;
        n += tg_summary_view_of(s->summaries[b]).head->nstubs;
    }
    s->base[s->nblocks] = n;
    TG_NEED(n < INT32_MAX, TG_EARG, "%" PRId64 " parts at the edges of chunks: too many", n);
    s->parent = malloc((size_t)(n + 1) * sizeof *s->parent);
    s->best = malloc((size_t)(n + 1) * sizeof *s->best);
    s->first = malloc((size_t)(n + 1) * sizeof *s->first);
    s->number = malloc((size_t)(n + 1) * sizeof *s->number);
    TG_NEED(s->parent && s->best && s->first && s->number, TG_ENOMEM, "%" PRId64 " parts", n);
    for (int64_t i = 0; i < n; i++)
        s->parent[i] = (int32_t)i;
    for (int64_t b = 0; b < s->nblocks; b++) {
        tg_summary_view view = tg_summary_view_of(s->summaries[b]);

        memcpy(s->first + s->base[b], view.first, (size_t)view.head->nstubs * sizeof *s->first);
    }
out:
    return status;
}

tg_status tg_stitches(const tg_stitch_image *image, const uint8_t *near,
                      const void *const *summaries, void *out)
{
    tg_status status = TG_OK;
    struct stitching s = {.image = image, .near = near, .summaries = summaries, .nblocks = 1};

    for (int d = 0; d < image->ndim; d++)
        s.nblocks *= image->count[d];
    TG_TRY(list_stubs(&s));
    TG_TRY(make_room(&s));
    for (int d = 0; d < image->ndim; d++)
        unite_axis(&s, d);
    choose_best(&s);
    write_stitches(&s, out);
out:
    stitching_clear(&s);
    return status;
}

int64_t tg_stitches_parts(const void *stitches)
{
    return ((const struct stitches *)stitches)->parts;
}

int64_t tg_stitch_table_size(const void *summary)
{
    return tg_summary_view_of(summary).head->parts + 1;
}

void tg_stitch_table(const void *summary, const void *stitches, int64_t block, int64_t *number)
{
    tg_summary_view view = tg_summary_view_of(summary);
    const int64_t *entry =
        (const int64_t *)stitches + ((const struct stitches *)stitches)->at[block];
    const int64_t *own = entry + view.head->nsegments;
    int64_t label = 0, stub = 0;

    number[0] = 0;
    for (int64_t i = 0; i < view.head->nsegments; i++) {
        int64_t next = entry[i];

        for (int64_t end = label + view.segment[i].count; label < end; label++) {
            bool is_stub = stub < view.head->nstubs && view.label[stub] == label + 1;

            next += !is_stub || own[stub] > 0;
            number[label + 1] = is_stub ? (own[stub] < 0 ? -own[stub] : own[stub]) : next;
            stub += is_stub;
        }
    }
}
