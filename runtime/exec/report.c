/* SPDX-License-Identifier: BSD-3-Clause */
/* See report.h. */
#include "exec/report.h"

#include <stdio.h>
#include <string.h>

void tg_report_failure(tg_report *report, int32_t task, int rank, tg_status status,
                       const char *message)
{
    if (report->failed++ > 0 && report->first_failed <= task)
        return;
    report->first_failed = task;
    report->first_rank = rank;
    report->status = (int32_t)status;
    snprintf(report->message, sizeof report->message, "%s", message);
}

void tg_report_merge(tg_report *report, const tg_report *other)
{
    if (other->failed && (!report->failed || other->first_failed < report->first_failed)) {
        report->first_failed = other->first_failed;
        report->first_rank = other->first_rank;
        report->status = other->status;
        memcpy(report->message, other->message, sizeof report->message);
    }
    report->done += other->done;
    report->failed += other->failed;
    report->skipped += other->skipped;
    report->retried += other->retried;
    report->taken += other->taken;
    for (int c = 0; c < TG_NCOUNTERS; c++)
        report->counted[c] += other->counted[c];
    report->peak = other->peak > report->peak ? other->peak : report->peak;
    report->resident = other->resident > report->resident ? other->resident : report->resident;
    report->spilled += other->spilled;
    report->stored += other->stored;
    report->unspilled += other->unspilled;
    report->packets += other->packets;
    report->payloads += other->payloads;
    report->message_bytes += other->message_bytes;
    report->busy += other->busy;
    report->nevents += other->nevents;
}
