/* SPDX-License-Identifier: BSD-3-Clause */
/** How outputs say what made them. */
#ifndef TG_LOWER_HISTORY_H
#define TG_LOWER_HISTORY_H

#include <tegula/array.h>

/**
 * "tsnr_app run-1.h5 run-2.h5 --ddof 1 [Tegula 0.1.0]": program, command line with the names of the
 * inputs as they were given, version.
 *
 * Equal computations shall make equal files, so all is left out that does not change a result: the
 * common options (threads, memory, ...; tg_command_line), the names of the outputs (the value of -o
 * and --output, words that name an output or a folder of one), the date. TEGULA_HISTORY=none leaves
 * the whole out, for who compares files made of differently named inputs.
 *
 * Call:    local (rank 0).
 * Owner:   free(*out); NULL where none is wanted.
 * Errors:  TG_ENOMEM.
 */
TG_MUST_CHECK tg_status tg_history(const char *command_line, const tg_output *outputs, int noutputs,
                                   char **out);

#endif
