/* SPDX-License-Identifier: BSD-3-Clause */
/* Summing up a labelled block. */
#include "kernel/stitch_summary.h"

#include <string.h>

#include "kernel/stitch.h"

static bool goes_on(const tg_block *block, int d, int side)
{
    return side ? block->start[d] + block->shape[d] < block->total[d] : block->start[d] > 0;
}

/* Elements of the planes where the image goes on. */
static int64_t face_size(const tg_block *block)
{
    int64_t n = 0;

    for (int d = 0; d < block->ndim; d++)
        for (int side = 0; side < 2; side++)
            n += goes_on(block, d, side) ? block->size / block->shape[d] : 0;
    return n;
}

static int64_t lines_of(const tg_block *block)
{
    return block->ndim > 0 ? block->size / block->shape[block->ndim - 1] : 1;
}

size_t tg_stitch_summary_bound(const tg_block *labels)
{
    size_t stubs = (size_t)face_size(labels);

    return sizeof(tg_summary) + (size_t)lines_of(labels) * sizeof(tg_segment) +
           stubs * (sizeof(int64_t) + sizeof(int32_t) + sizeof(tg_plane_run)) + 8;
}

size_t tg_stitch_summary_scratch(const tg_block *labels)
{
    return (size_t)(labels->size + 1) * (sizeof(int32_t) + sizeof(int64_t)) +
           (size_t)lines_of(labels) * sizeof(tg_segment) + 64;
}

/* Runs of one plane; labels that are not 0 are marked, or looked up where `stub` is full. */
static int64_t walk_plane(const tg_block *block, int d, int side, int32_t *stub, tg_plane_run *run)
{
    const int32_t *label = block->data;
    int64_t inner = 1, n = block->size / block->shape[d], nruns = 0;
    int32_t last = 0;

    for (int e = d + 1; e < block->ndim; e++)
        inner *= block->shape[e];
    label += side ? (block->shape[d] - 1) * inner : 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t here = label[i / inner * inner * block->shape[d] + i % inner];

        if (here && !run)
            stub[here] = 1;
        if (here && run && here == last)
            run[nruns - 1].count++;
        else if (here && run)
            run[nruns++] = (tg_plane_run){(int32_t)i, 1, stub[here]};
        last = here;
    }
    return nruns;
}

static void walk_faces(const tg_block *block, int32_t *stub, tg_summary_view *view)
{
    tg_plane_run *run = view ? view->run : NULL;

    for (int d = 0; d < block->ndim; d++)
        for (int side = 0; side < 2; side++) {
            if (!goes_on(block, d, side))
                continue;
            int64_t n = walk_plane(block, d, side, stub, run);

            if (view) {
                view->head->nruns[d][side] = n;
                run += n;
            }
        }
}

/* Where in the image the first element of a line of a block is, in C order. */
static int64_t line_start(int ndim, const int64_t *start, const int64_t *shape,
                          const int64_t *total, int64_t line)
{
    int64_t at = 0, stride = 1;

    if (ndim == 0)
        return 0;
    at = start[ndim - 1];
    stride = total[ndim - 1];
    for (int d = ndim - 2; d >= 0; d--) {
        at += (start[d] + line % shape[d]) * stride;
        line /= shape[d];
        stride *= total[d];
    }
    return at;
}

/* Where each part begins, and the segments; gives back how many there are. */
static int64_t walk_lines(const tg_block *block, int64_t *first, tg_segment *segment,
                          int32_t *parts)
{
    const int32_t *label = block->data;
    int64_t lines = lines_of(block), length = block->size / lines, nsegments = 0;
    int32_t known = 0;

    for (int64_t l = 0; l < lines; l++, label += length) {
        int32_t before = known;
        int64_t start = 0;

        for (int64_t i = 0; i < length; i++)
            if (label[i] > known) {
                start = known == before
                            ? line_start(block->ndim, block->start, block->shape, block->total, l)
                            : start;
                first[++known] = start + i;
            }
        if (known > before)
            segment[nsegments++] = (tg_segment){(int32_t)l, known - before};
    }
    *parts = known;
    return nsegments;
}

size_t tg_stitch_summary(const tg_block *labels, void *scratch, void *out)
{
    tg_summary *head = out;
    tg_summary_view view;
    int64_t *first = scratch, nruns = 0;
    int32_t *stub = (int32_t *)(first + labels->size + 1), parts, nstubs = 0;
    tg_segment *segment =
        (tg_segment *)(stub + (labels->size + 1 + 1) / 2 * 2); /* 8-byte aligned */

    memset(head, 0, sizeof *head);
    memcpy(head->start, labels->start, sizeof head->start);
    memcpy(head->shape, labels->shape, sizeof head->shape);
    head->nsegments = walk_lines(labels, first, segment, &parts);
    head->parts = parts;
    memset(stub, 0, (size_t)(parts + 1) * sizeof *stub);
    walk_faces(labels, stub, NULL);
    for (int32_t l = 1; l <= parts; l++)
        head->nstubs += stub[l];
    view = tg_summary_view_of(out);
    memcpy(view.segment, segment, (size_t)head->nsegments * sizeof *segment);
    for (int32_t l = 1; l <= parts; l++)
        if (stub[l]) {
            view.first[nstubs] = first[l];
            view.label[nstubs] = l;
            stub[l] = nstubs++;
        }
    walk_faces(labels, stub, &view);
    for (int d = 0; d < labels->ndim; d++)
        nruns += head->nruns[d][0] + head->nruns[d][1];
    return (size_t)((char *)(view.run + nruns) - (char *)out);
}
