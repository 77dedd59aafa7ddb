/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A program that no launcher started is one rank: it needs neither a network nor a daemon.
 */
#ifndef TG_EXEC_ALONE_H
#define TG_EXEC_ALONE_H

/**
 * Before MPI_Init: where no launcher (mpirun, srun, ...) has left a trace in the environment, Open
 * MPI is told to look for no network and to start no daemon; what the user has set for either
 * stands. Such a program starts in 0.05 s instead of 0.36 s, most of which libpsm2 sleeps. Returns
 * what was set, for tg_alone_end.
 */
unsigned tg_alone_begin(void);

/** After MPI_Init: the environment is as it was, since programs that this one starts inherit it. */
void tg_alone_end(unsigned set);

#endif
