/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bar or a log. The caller passes the time, so that whoever simulates time simulates this too.
 *
 * Short runs say nothing: a bar appears after a tenth of a second, a log after ten.
 */
#include "observe/progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "observe/text.h"

enum { LEAST_BAR = 10, MOST_BAR = 40, DEFAULT_COLUMNS = 80 };

static const double redraw_seconds = 0.1;
static const double default_interval = 10;

static const char *const words[] = {
    [TG_PROGRESS_AUTO] = "auto",
    [TG_PROGRESS_BAR] = "bar",
    [TG_PROGRESS_LOG] = "log",
    [TG_PROGRESS_NONE] = "none",
};

tg_status tg_progress_parse(const char *word, tg_progress_mode *out)
{
    tg_status status = TG_OK;
    size_t mode = 0;

    while (mode < sizeof words / sizeof *words && strcmp(words[mode], word) != 0)
        mode++;
    TG_NEED(mode < sizeof words / sizeof *words, TG_EUSAGE,
            "progress is shown as auto, bar, log or none, not as '%s'", word);
    *out = (tg_progress_mode)mode;
out:
    return status;
}

/* Percent of the tasks that are done; all of none. */
static int percent(const tg_progress *p)
{
    return p->total > 0 ? (int)(100.0 * (double)p->done / (double)p->total) : 100;
}

/* Seconds that remain if all goes on like this, or -1 while nothing is known or to do. */
static double remaining(const tg_progress *p)
{
    if (p->done < 1 || p->done >= p->total)
        return -1;
    return (p->now - p->begin) * (double)(p->total - p->done) / (double)p->done;
}

static int columns_of(FILE *file)
{
    struct winsize size;
    int fd = fileno(file);

    if (fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return DEFAULT_COLUMNS;
}

static void draw_bar(tg_progress *p)
{
    char text[256];
    char quantity[TG_QUANTITY_SIZE];
    int columns = columns_of(p->file) - 1; /* in the last one some terminals wrap */
    int length = snprintf(text, sizeof text, " %" PRId64 "/%" PRId64 " tasks %d %%", p->done,
                          p->total, percent(p));
    int width;
    int full;

    if (p->bytes > 0)
        length += snprintf(text + length, sizeof text - (size_t)length, " %s read",
                           tg_text_bytes(quantity, p->bytes));
    length += snprintf(text + length, sizeof text - (size_t)length, " %s",
                       tg_text_seconds(quantity, p->now - p->begin));
    if (remaining(p) >= 0)
        length += snprintf(text + length, sizeof text - (size_t)length, " eta %s",
                           tg_text_seconds(quantity, remaining(p)));
    width = columns - 2 - length;
    width = width > MOST_BAR ? MOST_BAR : width;
    fputc('\r', p->file);
    if (width >= LEAST_BAR) {
        full = percent(p) * width / 100;
        fprintf(p->file, "[%.*s%.*s]", full, "########################################",
                width - full, "----------------------------------------");
    }
    fprintf(p->file, "%.*s\033[K", columns, width >= LEAST_BAR ? text : text + 1);
    fflush(p->file);
    p->drawn = true;
}

static void log_line(tg_progress *p)
{
    char quantity[TG_QUANTITY_SIZE];

    fprintf(p->file, "tegula: %" PRId64 " of %" PRId64 " tasks, %d %%", p->done, p->total,
            percent(p));
    if (p->bytes > 0)
        fprintf(p->file, ", %s read", tg_text_bytes(quantity, p->bytes));
    fprintf(p->file, ", %s", tg_text_seconds(quantity, p->now - p->begin));
    if (remaining(p) >= 0)
        fprintf(p->file, ", about %s left", tg_text_seconds(quantity, remaining(p)));
    fputc('\n', p->file);
    fflush(p->file);
}

void tg_progress_begin(tg_progress *p, int64_t total, double now)
{
    p->file = p->file ? p->file : stderr;
    p->interval = p->interval > 0 ? p->interval : default_interval;
    p->shown = p->mode;
    if (p->mode == TG_PROGRESS_AUTO)
        p->shown = isatty(fileno(p->file)) ? TG_PROGRESS_BAR : TG_PROGRESS_LOG;
    p->total = total;
    p->done = 0;
    p->bytes = 0;
    p->begin = now;
    p->now = now;
    p->written = now;
    p->drawn = false;
}

void tg_progress_update(tg_progress *p, int64_t done, int64_t bytes, double now)
{
    double wait = p->shown == TG_PROGRESS_BAR ? redraw_seconds : p->interval;

    p->done = done;
    p->bytes = bytes;
    p->now = now;
    if (p->shown == TG_PROGRESS_NONE || now - p->written < wait)
        return;
    p->written = now;
    if (p->shown == TG_PROGRESS_BAR)
        draw_bar(p);
    else
        log_line(p);
}

void tg_progress_end(tg_progress *p)
{
    if (p->shown == TG_PROGRESS_BAR && p->drawn) {
        draw_bar(p);
        fputc('\n', p->file);
        fflush(p->file);
        p->drawn = false;
    } else if (p->shown == TG_PROGRESS_LOG && p->now - p->begin >= p->interval) {
        log_line(p);
    }
}
