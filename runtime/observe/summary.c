/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Adding up events. The timeline is cut into cells, some thousand whatever the number of events and
 * ranks; a cell keeps how long its threads worked and which function had the longest stretch in it.
 */
#include "observe/summary.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MOST_ROWS = 64, MOST_CELLS = 6000, MOST_CELLS_IN_ROW = 400 };

static uint32_t name_of(const tg_summary *s, const tg_event *e)
{
    return e->name < (uint32_t)s->page->nnames ? e->name : (uint32_t)s->page->nnames;
}

static int longer_first(const void *left, const void *right)
{
    const tg_function_time *a = left;
    const tg_function_time *b = right;

    if (a->total != b->total)
        return a->total < b->total ? 1 : -1;
    return a->name < b->name ? -1 : a->name > b->name;
}

/* When the events began and ended, and how many threads they show. */
static void measure(tg_summary *s)
{
    const tg_page *page = s->page;
    double end = 0;

    s->nthreads = page->nthreads > 1 ? page->nthreads : 1;
    for (int64_t i = 0; i < page->nevents; i++) {
        const tg_event *e = &page->events[i];

        s->begin = i == 0 || e->start < s->begin ? e->start : s->begin;
        end = i == 0 || e->end > end ? e->end : end;
        if (e->kind == TG_EVENT_TASK && e->thread >= s->nthreads)
            s->nthreads = e->thread + 1;
    }
    s->seconds = page->seconds > end - s->begin ? page->seconds : end - s->begin;
}

static void add_to_function(tg_function_time *f, const tg_event *e)
{
    double seconds = e->end - e->start;

    f->count++;
    f->total += seconds;
    f->most = seconds > f->most ? seconds : f->most;
    f->bytes += e->bytes;
}

/* Spread a task over the cells of its row that it meets. */
static void add_to_timeline(tg_summary *s, const tg_event *e)
{
    double width = s->seconds / s->ncells;
    int first = (int)((e->start - s->begin) / width);
    int last = (int)ceil((e->end - s->begin) / width) - 1;
    tg_timeline_cell *row = s->cells + (int64_t)(e->rank / s->ranks_per_row) * s->ncells;

    first = first < s->ncells ? first : s->ncells - 1;
    last = last < s->ncells ? last : s->ncells - 1;
    for (int c = first; c <= last; c++) {
        double from = fmax(e->start - s->begin, c * width);
        double to = fmin(e->end - s->begin, (c + 1) * width);

        row[c].busy += fmax(to - from, 0);
        if (to - from > row[c].longest) {
            row[c].longest = to - from;
            row[c].name = name_of(s, e);
        }
    }
}

static void add_event(tg_summary *s, const tg_event *e)
{
    if (e->kind == TG_EVENT_SEND) {
        s->nmessages++;
        s->message_bytes += e->bytes;
    }
    if (e->kind != TG_EVENT_TASK || e->rank < 0 || e->rank >= s->page->nranks)
        return;
    s->ntasks++;
    s->busy += e->end - e->start;
    s->rank_busy[e->rank] += e->end - e->start;
    add_to_function(&s->functions[name_of(s, e)], e);
    if (s->seconds > 0)
        add_to_timeline(s, e);
}

/* Sort the functions and forget those without tasks. */
static void order_functions(tg_summary *s)
{
    int count = 0;

    for (int f = 0; f < s->nfunctions; f++)
        if (s->functions[f].count > 0)
            s->functions[count++] = s->functions[f];
    s->nfunctions = count;
    qsort(s->functions, (size_t)count, sizeof *s->functions, longer_first);
}

tg_status tg_summary_make(const tg_page *page, tg_summary *out)
{
    tg_status status = TG_OK;

    *out = (tg_summary){.page = page, .nfunctions = page->nnames + 1};
    measure(out);
    out->ranks_per_row = page->nranks > 0 ? (page->nranks + MOST_ROWS - 1) / MOST_ROWS : 1;
    out->nrows = (page->nranks + out->ranks_per_row - 1) / out->ranks_per_row;
    out->ncells = out->nrows > 0 ? MOST_CELLS / out->nrows : 1;
    out->ncells = out->ncells < MOST_CELLS_IN_ROW ? out->ncells : MOST_CELLS_IN_ROW;
    out->functions = tg_alloc_array(out->nfunctions, sizeof *out->functions);
    out->rank_busy = tg_alloc_array(page->nranks, sizeof *out->rank_busy);
    out->cells = tg_alloc_array((int64_t)out->nrows * out->ncells, sizeof *out->cells);
    TG_NEED(out->functions && out->rank_busy && out->cells, TG_ENOMEM, "summary of %d ranks",
            page->nranks);
    for (int f = 0; f < out->nfunctions; f++)
        out->functions[f].name = (uint32_t)f;
    for (int64_t i = 0; i < page->nevents; i++)
        add_event(out, &page->events[i]);
    order_functions(out);
out:
    return status;
}

void tg_summary_clear(tg_summary *summary)
{
    tg_free(summary->functions);
    tg_free(summary->rank_busy);
    tg_free(summary->cells);
    *summary = (tg_summary){0};
}

double tg_summary_row_share(const tg_summary *summary, int row, double busy, double seconds)
{
    int left = summary->page->nranks - row * summary->ranks_per_row;
    int nranks = left < summary->ranks_per_row ? left : summary->ranks_per_row;
    double share = busy / (seconds * nranks * summary->nthreads);

    return share > 0 ? fmin(share, 1) : 0;
}
