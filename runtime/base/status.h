/* SPDX-License-Identifier: BSD-3-Clause */
/** What the library alone does with messages. */
#ifndef TG_BASE_STATUS_H
#define TG_BASE_STATUS_H

#include <tegula/status.h>

/** Forget the thread's last message. */
void tg_message_clear(void);

/** Where the thread's last message lies, for who clears it often. */
char *tg_message_place(void);

#endif
