/* SPDX-License-Identifier: BSD-3-Clause */
/* One row a fact: what, how much, in what sense. */
#include "observe/preview.h"

#include <inttypes.h>

#include "observe/text.h"

static void row(FILE *out, const char *what, const char *much, const char *sense)
{
    if (*sense)
        fprintf(out, "%-26s%10s  %s\n", what, much, sense);
    else
        fprintf(out, "%-26s%10s\n", what, much);
}

static void count_row(FILE *out, const char *what, int64_t count, const char *sense)
{
    char number[TG_QUANTITY_SIZE];

    snprintf(number, sizeof number, "%" PRId64, count);
    row(out, what, number, sense);
}

static void seconds_row(FILE *out, const char *what, double seconds, const char *sense)
{
    char number[TG_QUANTITY_SIZE];

    row(out, what, tg_text_seconds(number, seconds), sense);
}

static void bytes_row(FILE *out, const char *what, int64_t bytes, const char *sense)
{
    char number[TG_QUANTITY_SIZE];

    row(out, what, tg_text_bytes(number, bytes), sense);
}

/* Levels of the tree that messages pass, the highest first. */
static void print_levels(const tg_prediction *p, FILE *out)
{
    static const char *const names[TG_NLEVELS] = {
        [TG_LEVEL_L3] = "  within an L3 cache",    [TG_LEVEL_NUMA] = "  within a NUMA node",
        [TG_LEVEL_PACKAGE] = "  within a package", [TG_LEVEL_HOST] = "  within a host",
        [TG_LEVEL_CLUSTER] = "  between hosts",
    };

    for (int l = TG_NLEVELS - 1; l > TG_LEVEL_CORE; l--) {
        char sense[64];

        snprintf(sense, sizeof sense, "in %" PRId64 " message%s", p->messages[l],
                 p->messages[l] == 1 ? "" : "s");
        if (p->messages[l] > 0)
            bytes_row(out, names[l], p->bytes[l], sense);
    }
}

static void print_times(const tg_machine *machine, const tg_prediction *p, FILE *out)
{
    const double bound = tg_prediction_bound(p);
    int64_t threads = 0;
    char sense[64];

    for (int32_t r = 0; r < machine->nranks; r++)
        threads += machine->threads[r];
    seconds_row(out, "work", p->work, "in tasks");
    snprintf(sense, sizeof sense, "predicted; %.3g times the larger bound",
             bound > 0 ? p->makespan / bound : 1);
    seconds_row(out, "makespan", p->makespan, sense);
    snprintf(sense, sizeof sense, "work / %" PRId64 " thread%s", threads, threads == 1 ? "" : "s");
    seconds_row(out, "  lower bound: work", p->work_bound, sense);
    seconds_row(out, "  lower bound: path", p->path_bound, "critical path");
    seconds_row(out, "load of a rank, least", p->least_load, "in tasks");
    seconds_row(out, "  median", p->median_load, "");
    seconds_row(out, "  most", p->most_load, "");
}

void tg_preview_print(const tg_machine *machine, const tg_prediction *p, FILE *out)
{
    fputs("plan for ", out);
    tg_machine_print(machine, out);
    count_row(out, "tasks", p->ntasks, "");
    count_row(out, "messages", p->nmessages, "one a result and rank that needs it");
    bytes_row(out, "bytes between ranks", p->nbytes, "");
    print_levels(p, out);
    print_times(machine, p, out);
    bytes_row(out, "peak memory of a rank", p->peak, "of results, at most");
    bytes_row(out, "  all ranks", p->peak_sum, "sum of their peaks");
    bytes_row(out, "  with the process", p->resident, "program, libraries, plan");
    if (p->nguessed > 0)
        fprintf(out, "%" PRId64 " of %" PRId64 " tasks do not say how long they take: %g ms each\n",
                p->nguessed, p->ntasks, 1e3 * TG_DEFAULT_SECONDS);
    if (p->nunsized > 0)
        fprintf(out,
                "%" PRId64 " of %" PRId64 " tasks do not say how large their results are: 0 B\n",
                p->nunsized, p->ntasks);
    fputs("Nothing was run.\n", out);
}
