/* SPDX-License-Identifier: BSD-3-Clause */
/* What --verbose says of memory, put beside the budget. */
#include "bench_storage/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TSNR_MIB = 256, RECHUNK_MIB = 96, VOLUME_BYTES = 104 * 90 * 72 * 2, COMMAND = 8192 };

/* Run a command, both of its streams in `said`. False, with what it said, when it fails. */
__attribute__((format(printf, 3, 4))) static bool run(char *said, size_t size, const char *format,
                                                      ...)
{
    char command[COMMAND];
    va_list arguments;
    size_t length, n;
    FILE *out;
    int status;

    va_start(arguments, format);
    length = (size_t)vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    snprintf(command + length, sizeof command - length, " 2>&1");
    fflush(stdout);
    out = popen(command, "r");
    n = out ? fread(said, 1, size - 1, out) : 0;
    said[n] = 0;
    status = out ? pclose(out) : -1;
    if (status != 0)
        fprintf(stderr, "bench_storage: failed: %s\n%s", command, said);
    return status == 0;
}

/* Where the text behind `words` is; an empty text when it is not there. */
static const char *behind(const char *said, const char *words)
{
    const char *at = strstr(said, words);

    return at ? at + strlen(words) : "";
}

/* "72 MiB", in MiB. */
static double mebibytes(const char *text)
{
    char *unit;
    const double number = strtod(text, &unit);

    if (strncmp(unit, " GiB", 4) == 0)
        return 1024 * number;
    return strncmp(unit, " KiB", 4) == 0 ? number / 1024 : number;
}

/* The words that all cases say. `bytes`: of the files. */
static void print_case(const char *name, const char *said, double budget, double bytes)
{
    const char *line = behind(said, "resident memory of a rank: ");
    const double predicted = mebibytes(behind(line, "predicted "));
    const double resident = mebibytes(behind(line, "measured "));
    const char *read = strstr(said, " bytes read, ");

    while (read && read > said && read[-1] >= '0' && read[-1] <= '9')
        read--;
    printf("case=%s resident_mib=%.0f predicted_mib=%.0f over_predicted=%.2f budget_mib=%.0f "
           "over_budget_mib=%.0f reads=%.3f",
           name, resident, predicted, resident / predicted, budget, resident - budget,
           read ? atof(read) / bytes : 0);
}

bool memory_tsnr(const memory_bench *b)
{
    const double bytes = 4. * 1200 * VOLUME_BYTES;
    char said[COMMAND], path[COMMAND / 4];

    snprintf(path, sizeof path, "%s/hcp/truth.h5", b->data);
    if (access(path, R_OK) && !run(said, sizeof said,
                                   "mpirun --oversubscribe -n %d %s/sample_app --like hcp "
                                   "--progress none %s/hcp",
                                   b->ranks, b->bin, b->data))
        return false;
    if (!run(said, sizeof said,
             "mpirun --oversubscribe -n %d %s/tsnr_app --memory %dMiB --verbose --progress none "
             "%s/hcp/run-?.h5 -o %s/hcp-tsnr.h5",
             b->ranks, b->bin, TSNR_MIB, b->data, b->data))
        return false;
    print_case("memory-tsnr", said, TSNR_MIB, bytes);
    printf(" ranks=%d\n", b->ranks);
    return true;
}

bool memory_rechunk(const memory_bench *b)
{
    const double wanted = 8. * b->ranks * RECHUNK_MIB * (1 << 20);
    const int volumes = (int)(wanted / VOLUME_BYTES) + 1;
    char said[COMMAND], path[COMMAND / 4];

    snprintf(path, sizeof path, "%s/volumes-%d.h5", b->data, volumes);
    if (access(path, R_OK) &&
        !run(said, sizeof said, "/usr/bin/python3 %s/volumes.py %s %d", b->peers, path, volumes))
        return false;
    if (!run(said, sizeof said,
             "mpirun --oversubscribe -n %d %s/calc_app --memory %dMiB --spill %s --verbose "
             "--progress none 'x.rechunk((13, 10, 9, -1))' x=%s:/bold -o %s/series.h5",
             b->ranks, b->bin, RECHUNK_MIB, b->data, path, b->data))
        return false;
    print_case("memory-rechunk", said, RECHUNK_MIB, (double)volumes * VOLUME_BYTES);
    printf(" array_mib=%.0f spilled_mib=%.0f", (double)volumes * VOLUME_BYTES / (1 << 20),
           atof(behind(said, "spilled ")));
    if (!run(said, sizeof said, "/usr/bin/python3 %s/volumes.py --check %s/series.h5", b->peers,
             b->data))
        return false;
    printf(" different=%.0f ranks=%d\n", atof(behind(said, "different ")), b->ranks);
    return true;
}
