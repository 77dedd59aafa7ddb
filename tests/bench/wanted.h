/* SPDX-License-Identifier: BSD-3-Clause */
/** What --case A,B of a benchmark means. */
#ifndef BENCH_WANTED_H
#define BENCH_WANTED_H

#include <stdbool.h>
#include <string.h>

/** Is a case among the names of a list with commas? All are of NULL and of "". */
static inline bool bench_wants(const char *list, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = list; at && *at; at = strchr(at, ',')) {
        at += *at == ',';
        if (!strncmp(at, name, length) && (at[length] == ',' || !at[length]))
            return true;
    }
    return !list || !*list;
}

#endif
