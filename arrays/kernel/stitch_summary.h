/* SPDX-License-Identifier: BSD-3-Clause */
/** What a summary of a labelled block holds (stitch.h). */
#ifndef TG_KERNEL_STITCH_SUMMARY_H
#define TG_KERNEL_STITCH_SUMMARY_H

#include <stdint.h>

#include <tegula/array.h>

typedef struct tg_summary {
    int64_t parts, nsegments, nstubs;
    int64_t nruns[TG_MAX_NDIM][2]; /* of the first and the last plane along each axis */
    int64_t start[TG_MAX_NDIM], shape[TG_MAX_NDIM];
} tg_summary;

/** A line of a block along the last axis where parts begin, and how many. */
typedef struct tg_segment {
    int32_t line, count;
} tg_segment;

/** Elements of a plane, in C order, that are of one stub. */
typedef struct tg_plane_run {
    int32_t start, count, stub;
} tg_plane_run;

/** Where in a summary all is. A stub is a part that touches a face where the image goes on. */
typedef struct tg_summary_view {
    tg_summary *head;
    int64_t *first;      /* [nstubs] where each begins in the image, in C order */
    tg_segment *segment; /* [nsegments] */
    int32_t *label;      /* [nstubs] ascending */
    tg_plane_run *run;   /* by axis, then side */
} tg_summary_view;

static inline tg_summary_view tg_summary_view_of(const void *bytes)
{
    tg_summary_view view = {.head = (tg_summary *)(uintptr_t)bytes};

    view.first = (int64_t *)(view.head + 1);
    view.segment = (tg_segment *)(view.first + view.head->nstubs);
    view.label = (int32_t *)(view.segment + view.head->nsegments);
    view.run = (tg_plane_run *)(view.label + view.head->nstubs);
    return view;
}

#endif
