/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What a rank says of a finished part. Reports climb a binary tree of the ranks that take part (see
 * place/plan.h); merging is independent of the order of arrival.
 */
#ifndef TG_EXEC_REPORT_H
#define TG_EXEC_REPORT_H

#include <tegula/task.h>

#include "base/wire.h"
#include "observe/event.h"

typedef struct tg_report {
    int64_t done, failed, skipped; /* tasks: run well; run and failed; not run for a failed input */
    int64_t retried;
    int64_t taken; /* tasks that another rank ran than was planned */
    int64_t counted[TG_NCOUNTERS];
    int64_t peak;     /* most bytes in a store, the largest of any rank */
    int64_t resident; /* most bytes in memory of the rank with most so far; 0: not measured */
    int64_t spilled, stored, unspilled; /* bytes: results to disk, on disk, results from disk */
    int64_t packets, payloads, message_bytes;
    double busy;          /* seconds in tasks, all ranks */
    int32_t first_failed; /* least number of a failed task, when failed > 0 */
    int32_t first_rank;   /* that ran it */
    int32_t status;       /* of the first failed task */
    int32_t zero;
    int64_t nevents;               /* events that follow the report when it travels */
    char message[TG_MESSAGE_SIZE]; /* of the first failed task */
} tg_report;

/** Note a failed task. */
void tg_report_failure(tg_report *report, int32_t task, int rank, tg_status status,
                       const char *message);

/** Add what `other` says. */
void tg_report_merge(tg_report *report, const tg_report *other);

#endif
