/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Command-line options of how outputs are stored, the same in all programs: a child of a program's
 * argp parser. What an option means to a format that has no such thing is nothing.
 *
 *     static const struct argp_child children[] = {{&tg_outputs_argp, 0, NULL, 0}, {0}};
 *     ... in the program's own parser:
 *     case ARGP_KEY_INIT:
 *         state->child_inputs[0] = &options.store;
 *         return 0;
 */
#ifndef TEGULA_OUTPUTS_H
#define TEGULA_OUTPUTS_H

#include <argp.h>

#include <tegula/array.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options --out-chunks, --deflate, --shuffle, --codec, --zarr, --append; its input is the
 * tg_store_options that they fill in. */
extern const struct argp tg_outputs_argp;

/**
 * The ending of a path if it is one of these.
 *
 * Call:    local.
 * Owner:   within the path; NULL where it has none of them. `endings` ends with NULL.
 */
const char *tg_outputs_ending(const char *path, const char *const *endings);

#ifdef __cplusplus
}
#endif

#endif
