/* SPDX-License-Identifier: BSD-3-Clause */
/** Memory that the process has, as the system counts it. */
#ifndef TG_BASE_RESIDENT_H
#define TG_BASE_RESIDENT_H

#include <stdint.h>

/** Bytes resident now; 0 where the system does not tell. */
int64_t tg_resident(void);

/** The most bytes resident at one time so far; 0 where the system does not tell. */
int64_t tg_resident_peak(void);

/** Memory that is freed goes back to the system: at once where it is large, what lies about now. */
void tg_resident_save(void);

#endif
