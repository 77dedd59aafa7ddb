/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page: totals, time by function, ranks, timeline. Style and pictures are in the page itself;
 * the pictures are SVG in a box of 1000 units' width that the browser scales.
 */
#include "observe/page.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "observe/output.h"
#include "observe/summary.h"
#include "observe/text.h"

enum { WIDTH = 1000, LABEL = 150, ROW = 14, MOST_FUNCTIONS = 100, NCOLOURS = 8 };

/* Colours that colour-blind people tell apart (Okabe and Ito 2008); the last is for the rest. */
static const char *const colours[NCOLOURS] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                              "#56b4e9", "#d55e00", "#f0e442", "#999999"};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<title>Tegula: where the time went</title>\n<style>\n"
    "body { font: 15px/1.4 sans-serif; max-width: 1000px; margin: 2em auto; padding: 0 1em; }\n"
    "table { border-collapse: collapse; }\n"
    "td, th { padding: 2px 14px 2px 0; text-align: right; }\n"
    "td:first-child, th:first-child { text-align: left; }\n"
    "th { border-bottom: 1px solid #888; font-weight: 600; }\n"
    "code { background: #8882; padding: 1px 4px; overflow-wrap: anywhere; }\n"
    "svg { width: 100%; height: auto; font: 11px sans-serif; }\n"
    "svg text { fill: currentColor; }\n"
    ".key { display: inline-block; width: 10px; height: 10px; margin-right: 6px; }\n"
    "@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } }\n"
    "</style>\n</head>\n<body>\n<h1>Where the time went</h1>\n";

static const char *name_of(const tg_page *page, uint32_t name)
{
    return name < (uint32_t)page->nnames ? page->names[name] : "?";
}

/* The colour of a function: the longest have one of their own. */
static const char *colour_of(const tg_summary *s, uint32_t name)
{
    for (int f = 0; f < s->nfunctions && f < NCOLOURS - 1; f++)
        if (s->functions[f].name == name)
            return colours[f];
    return colours[NCOLOURS - 1];
}

static void write_row(FILE *file, const char *what, const char *value)
{
    fprintf(file, "<tr><td>%s</td><td>%s</td></tr>\n", what, value);
}

static void write_count(FILE *file, const char *what, int64_t count)
{
    fprintf(file, "<tr><td>%s</td><td>%" PRId64 "</td></tr>\n", what, count);
}

static void write_totals(FILE *file, const tg_summary *s)
{
    const tg_page *page = s->page;
    char quantity[TG_QUANTITY_SIZE];
    double threads = (double)page->nranks * s->nthreads;
    double share = s->seconds > 0 && threads > 0 ? s->busy / (s->seconds * threads) : 0;

    if (page->command) {
        fputs("<p><code>", file);
        tg_text_html(file, page->command);
        fputs("</code></p>\n", file);
    }
    if (page->machine) {
        fputs("<p>", file);
        tg_text_html(file, page->machine);
        fputs("</p>\n", file);
    }
    fputs("<table>\n", file);
    write_row(file, "time", tg_text_seconds(quantity, s->seconds));
    write_count(file, "ranks", page->nranks);
    write_count(file, "threads of a rank", s->nthreads);
    write_count(file, "tasks", s->ntasks);
    write_row(file, "time in tasks", tg_text_seconds(quantity, s->busy));
    snprintf(quantity, sizeof quantity, "%d %%", (int)(100 * share + 0.5));
    write_row(file, "of the threads' time", quantity);
    if (page->memory)
        write_row(file, "memory of a rank", page->memory);
    if (page->resident)
        write_row(file, "resident memory of a rank", page->resident);
    write_row(file, "read", tg_text_bytes(quantity, page->bytes_read));
    write_row(file, "written", tg_text_bytes(quantity, page->bytes_written));
    write_count(file, "messages", s->nmessages);
    write_row(file, "in messages", tg_text_bytes(quantity, s->message_bytes));
    fputs("</table>\n", file);
}

static void write_function(FILE *file, const tg_summary *s, const tg_function_time *f)
{
    char quantity[TG_QUANTITY_SIZE];

    fprintf(file, "<tr><td><span class=\"key\" style=\"background:%s\"></span>",
            colour_of(s, f->name));
    tg_text_html(file, name_of(s->page, f->name));
    fprintf(file, "</td><td>%" PRId64 "</td>", f->count);
    fprintf(file, "<td>%s</td>", tg_text_seconds(quantity, f->total));
    fprintf(file, "<td>%d %%</td>", (int)(s->busy > 0 ? 100 * f->total / s->busy + 0.5 : 0));
    fprintf(file, "<td>%s</td>", tg_text_seconds(quantity, f->total / (double)f->count));
    fprintf(file, "<td>%s</td>", tg_text_seconds(quantity, f->most));
    fprintf(file, "<td>%s</td></tr>\n", tg_text_bytes(quantity, f->bytes));
}

static void write_functions(FILE *file, const tg_summary *s)
{
    int shown = s->nfunctions < MOST_FUNCTIONS ? s->nfunctions : MOST_FUNCTIONS;

    fputs("<h2>Functions</h2>\n<table>\n<tr><th>function</th><th>tasks</th><th>total</th>"
          "<th>share</th><th>mean</th><th>longest</th><th>results</th></tr>\n",
          file);
    for (int f = 0; f < shown; f++)
        write_function(file, s, &s->functions[f]);
    fputs("</table>\n", file);
    if (shown < s->nfunctions)
        fprintf(file, "<p>and %d more</p>\n", s->nfunctions - shown);
}

static void begin_svg(FILE *file, int height)
{
    fprintf(file, "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, height);
}

/* "rank 3 host" or "ranks 64-127" beside a row. */
static void write_row_label(FILE *file, const tg_summary *s, int row)
{
    int first = row * s->ranks_per_row;
    int last = first + s->ranks_per_row - 1;

    last = last < s->page->nranks ? last : s->page->nranks - 1;
    fprintf(file, "<text x=\"0\" y=\"%d\">", row * ROW + ROW - 3);
    if (first < last)
        fprintf(file, "ranks %d-%d", first, last);
    else
        fprintf(file, "rank %d", first);
    if (first == last && s->page->hosts) {
        fputc(' ', file);
        tg_text_html(file, s->page->hosts[first]);
    }
    fputs("</text>\n", file);
}

static void write_rectangle(FILE *file, double x, int row, double width, const char *colour,
                            double opacity)
{
    fputs("<rect x=\"", file);
    tg_text_fixed(file, x);
    fprintf(file, "\" y=\"%d\" width=\"", row * ROW + 1);
    tg_text_fixed(file, width);
    fprintf(file, "\" height=\"%d\" fill=\"%s\" opacity=\"", ROW - 2, colour);
    tg_text_fixed(file, opacity);
    fputs("\"", file);
}

static void write_busy(FILE *file, const tg_summary *s)
{
    fputs("<h2>Ranks: share of time in tasks</h2>\n", file);
    begin_svg(file, s->nrows * ROW);
    for (int row = 0; row < s->nrows; row++) {
        double busy = 0;
        double share;

        for (int r = row * s->ranks_per_row;
             r < s->page->nranks && r < (row + 1) * s->ranks_per_row; r++)
            busy += s->rank_busy[r];
        share = s->seconds > 0 ? tg_summary_row_share(s, row, busy, s->seconds) : 0;
        write_row_label(file, s, row);
        write_rectangle(file, LABEL, row, share * (WIDTH - LABEL - 50), colours[0], 1);
        fprintf(file, "/>\n<text x=\"%d\" y=\"%d\">%d %%</text>\n",
                LABEL + (int)(share * (WIDTH - LABEL - 50)) + 4, row * ROW + ROW - 3,
                (int)(100 * share + 0.5));
    }
    fputs("</svg>\n", file);
}

/* Whether two neighbouring cells look alike enough to be one rectangle. */
static bool alike(const tg_summary *s, int row, const tg_timeline_cell *a,
                  const tg_timeline_cell *b, double seconds)
{
    double difference = tg_summary_row_share(s, row, a->busy, seconds) -
                        tg_summary_row_share(s, row, b->busy, seconds);

    return a->name == b->name && a->busy > 0 && b->busy > 0 && difference < 0.02 &&
           difference > -0.02;
}

static void write_timeline_row(FILE *file, const tg_summary *s, int row)
{
    const tg_timeline_cell *cells = s->cells + (int64_t)row * s->ncells;
    double seconds = s->seconds / s->ncells;
    double unit = (double)(WIDTH - LABEL) / s->ncells;
    int c = 0;

    write_row_label(file, s, row);
    while (c < s->ncells) {
        int end = c + 1;

        while (end < s->ncells && alike(s, row, &cells[c], &cells[end], seconds))
            end++;
        if (cells[c].busy > 0) {
            write_rectangle(file, LABEL + c * unit, row, (end - c) * unit,
                            colour_of(s, cells[c].name),
                            tg_summary_row_share(s, row, cells[c].busy, seconds));
            fputs("><title>", file);
            tg_text_html(file, name_of(s->page, cells[c].name));
            fputs("</title></rect>\n", file);
        }
        c = end;
    }
}

static void write_timeline(FILE *file, const tg_summary *s)
{
    char quantity[TG_QUANTITY_SIZE];
    int base = s->nrows * ROW;

    fputs("<h2>Timeline</h2>\n<p>Colours are those of the functions above, the paler the fewer "
          "threads work.</p>\n",
          file);
    begin_svg(file, base + 20);
    for (int row = 0; row < s->nrows; row++)
        write_timeline_row(file, s, row);
    for (int tick = 0; tick <= 4; tick++)
        fprintf(file, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
                LABEL + tick * (WIDTH - LABEL) / 4, base + 14,
                tick == 0   ? "start"
                : tick == 4 ? "end"
                            : "middle",
                tg_text_seconds(quantity, s->seconds * tick / 4));
    fputs("</svg>\n", file);
}

tg_status tg_page_write(const char *path, const tg_page *page)
{
    tg_status status = TG_OK;
    tg_summary summary = {0};
    tg_output output = {0};

    TG_TRY(tg_summary_make(page, &summary));
    TG_TRY(tg_output_begin(path, &output));
    fputs(head, output.file);
    write_totals(output.file, &summary);
    if (summary.ntasks > 0) {
        write_functions(output.file, &summary);
        write_busy(output.file, &summary);
        write_timeline(output.file, &summary);
    }
    fputs("</body>\n</html>\n", output.file);
    TG_TRY(tg_output_end(&output));
out:
    tg_output_discard(&output);
    tg_summary_clear(&summary);
    return status;
}
