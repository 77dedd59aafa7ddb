/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Expressions in Python's words: NumPy's one-liners over lazy arrays, as calc_app runs them.
 *
 *     tg_calc_create(ctx, NULL, &calc);
 *     tg_calc_set(calc, "x", &(tg_datum){.kind = TG_DATUM_ARRAY, .array = x});
 *     tg_calc_run(calc, "y = x + x.T; y[::2].mean(axis=1)", &result);
 *     tg_calc_print(ctx, &result, stdout);
 *     tg_calc_destroy(&calc);
 */
#ifndef TEGULA_CALC_H
#define TEGULA_CALC_H

#include <tegula/operator.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A session: names and what they stand for. */
typedef struct tg_calc tg_calc;

/** What to do with values of expressions that are statements; its zero does nothing. */
typedef struct tg_calc_hooks {
    /** The value of an expression that is not None. */
    tg_status (*value)(void *state, const tg_datum *value);
    /** save(value, "FILE[:/DATASET]"); NULL: write it with tg_calc_save. */
    tg_status (*save)(void *state, const tg_datum *value, const char *name);
    void *state;
} tg_calc_hooks;

/** Call: local (rank 0). Owner: the caller, who gives it to tg_calc_destroy. */
TG_MUST_CHECK tg_status tg_calc_create(tg_ctx *ctx, const tg_calc_hooks *hooks, tg_calc **out);

/** Takes NULL; *calc is NULL afterwards. What it made belongs to the context. Call: local. */
void tg_calc_destroy(tg_calc **calc);

/** Let a name stand for a value. Errors: TG_EARG for what is no name of Python. Call: local. */
TG_MUST_CHECK tg_status tg_calc_set(tg_calc *calc, const char *name, const tg_datum *value);

/**
 * Run one line: statements separated by semicolons.
 *
 * Call:    blocking (rank 0). Lazy but where a value decides how to go on: int(x), x if y else z,
 *          an index that is an array, print, save.
 * Owner:   *result, the value of the last statement if it is an expression, else None, belongs to
 *          the context.
 * Errors:  TG_EARG and others; the message ends with the column, the line and a caret under the
 *          place. Names set before the error stay set.
 * Source:  Python's language reference, expressions.
 * Tests:   tests/arrays/call/
 */
TG_MUST_CHECK tg_status tg_calc_run(tg_calc *calc, const char *line, tg_datum *result);

/**
 * Print a value and a newline as Python's print does: arrays as NumPy prints them. Computes what is
 * shown: of arrays of more than 1000 elements the edges.
 *
 * Call:    blocking (rank 0).
 * Errors:  what computing says; TG_EIO.
 * Source:  numpy.array2string.
 */
TG_MUST_CHECK tg_status tg_calc_print(tg_ctx *ctx, const tg_datum *value, FILE *out);

/**
 * Compute a value and write it to FILE[:/DATASET], the format by the ending; "/data" where a format
 * with datasets gets no name.
 *
 * Call:    blocking (rank 0).
 * Errors:  TG_EARG for what is no array; as tg_store.
 */
TG_MUST_CHECK tg_status tg_calc_save(tg_ctx *ctx, const tg_datum *value, const char *name);

/** tg_calc_save with options: codec, chunks, ... (NULL: none). Call: blocking (rank 0). */
TG_MUST_CHECK tg_status tg_calc_save_as(tg_ctx *ctx, const tg_datum *value, const char *name,
                                        const tg_store_options *options);

/** Split "FILE:/DATASET" at its last ":/"; *dataset is "" where there is none. Both last as long as
 * the context. */
TG_MUST_CHECK tg_status tg_calc_split(tg_ctx *ctx, const char *name, const char **path,
                                      const char **dataset);

/**
 * Print how arrays would be computed: the expression before and after the laws of the optimiser,
 * chunks, tasks, bytes to read.
 *
 * Call:    local (rank 0). Nothing is computed.
 * Errors:  what an array is poisoned with; TG_EIO.
 * Source:  SQL's EXPLAIN; dask.array's pprint.
 */
TG_MUST_CHECK tg_status tg_explain(tg_ctx *ctx, tg_array *const *arrays, int narrays, FILE *out);

/** Print the table of operators as the page of the documentation. Call: local. */
TG_MUST_CHECK tg_status tg_operators_print(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
