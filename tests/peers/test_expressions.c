/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Computes expressions that a script lists: what test_random.py compares with NumPy. Without a
 * script it computes one of its own, so that it is a test by itself.
 *
 *     test_expressions SCRIPT RESULTS
 *
 * A line of the script makes register N: "N = OPERATOR ARGUMENT...", arguments are registers,
 * numbers or words; "out N" computes register N. For each "out" the results file gets a line
 * "DTYPE NDIM LENGTH..." and the bytes, or a line "error MESSAGE". All registers are free again at
 * "end".
 */
#include <stdlib.h>
#include <tegula/tegula.h>

#include "check.h"
#include "expr/node.h"

enum { REGISTERS = 64, WORDS = 64 };

/* The machine that runs a script. */
struct machine {
    tg_ctx *ctx;
    FILE *results;
    tg_array *array[REGISTERS];
    int nwords;
    char *word[WORDS]; /* of the current line; word[0] is the register, word[1] "=" */
};

static tg_array *operand(const struct machine *m, int i)
{
    return i < m->nwords ? m->array[atoi(m->word[i])] : NULL;
}

/* "1,-2" or "all", then "keepdims" or nothing. */
static tg_axes axes_of(const struct machine *m, int i)
{
    tg_axes axes = {.count = -1};

    if (strcmp(m->word[i], "all") != 0 && strcmp(m->word[i], "none") != 0) {
        char *at = m->word[i];

        for (axes.count = 0; *at; at += *at == ',')
            axes.axis[axes.count++] = (int)strtol(at, &at, 10);
    }
    if (strcmp(m->word[i], "none") == 0)
        axes.count = 0;
    axes.keepdims = i + 1 < m->nwords && strcmp(m->word[i + 1], "keepdims") == 0;
    return axes;
}

static tg_array *open_file(struct machine *m)
{
    tg_open_options options = {0};

    if (m->nwords > 4)
        options.chunks = m->word[4];
    return tg_open(m->ctx, m->word[3], &options);
}

/* memory FILE DTYPE LENGTH... */
static tg_array *from_memory(struct machine *m)
{
    tg_dtype dtype = TG_BOOL;
    int64_t shape[TG_MAX_NDIM], size = 1;
    int ndim = m->nwords - 5;
    FILE *file = fopen(m->word[3], "rb");
    tg_array *a = NULL;
    void *data;

    if (tg_dtype_parse(m->word[4], &dtype) != TG_OK || !file)
        return NULL;
    for (int d = 0; d < ndim; d++) {
        shape[d] = atoll(m->word[5 + d]);
        size *= shape[d];
    }
    data = calloc((size_t)size + 1, tg_dtype_size(dtype));
    if (data && fread(data, tg_dtype_size(dtype), (size_t)size, file) == (size_t)size)
        a = tg_from_memory(m->ctx, data, dtype, ndim, shape);
    free(data);
    fclose(file);
    return a;
}

static tg_array *concatenate(struct machine *m)
{
    tg_array *pieces[WORDS];
    int n = 0;

    for (int i = 4; i < m->nwords; i++)
        pieces[n++] = operand(m, i);
    return tg_concatenate(pieces, n, atoi(m->word[3]));
}

static tg_array *transpose(struct machine *m)
{
    tg_axes axes = axes_of(m, 4);

    return tg_transpose(operand(m, 3), axes.count < 0 ? NULL : axes.axis);
}

static tg_array *astype(struct machine *m)
{
    tg_dtype dtype = TG_BOOL;

    return tg_dtype_parse(m->word[4], &dtype) == TG_OK ? tg_astype(operand(m, 3), dtype) : NULL;
}

static tg_array *number(struct machine *m)
{
    if (strcmp(m->word[2], "int") == 0)
        return tg_int(m->ctx, atoll(m->word[3]));
    return tg_float(m->ctx, strtod(m->word[3], NULL));
}

static tg_array *rechunk(struct machine *m)
{
    return tg_rechunk(operand(m, 3), m->word[4]);
}

/* var A DDOF AXES */
static tg_array *moments(struct machine *m)
{
    double ddof = strtod(m->word[4], NULL);

    if (strcmp(m->word[2], "var") == 0)
        return tg_var_ddof(operand(m, 3), axes_of(m, 5), ddof);
    return tg_std_ddof(operand(m, 3), axes_of(m, 5), ddof);
}

/* detrended_std A DEGREE AXIS */
static tg_array *detrended(struct machine *m)
{
    int degree = atoi(m->word[4]), axis = atoi(m->word[5]);

    if (strcmp(m->word[2], "detrended_mean") == 0)
        return tg_detrended_mean(operand(m, 3), axis, degree);
    return tg_detrended_std(operand(m, 3), axis, degree, 0);
}

static tg_array *where(struct machine *m)
{
    return tg_where(operand(m, 3), operand(m, 4), operand(m, 5));
}

static const struct {
    const char *name;
    tg_array *(*make)(struct machine *m);
} operators[] = {
    {"open", open_file},
    {"memory", from_memory},
    {"concatenate", concatenate},
    {"transpose", transpose},
    {"astype", astype},
    {"int", number},
    {"float", number},
    {"rechunk", rechunk},
    {"var", moments},
    {"std", moments},
    {"detrended_mean", detrended},
    {"detrended_std", detrended},
    {"where", where},
};

static const struct {
    const char *name;
    tg_array *(*make)(tg_array *a, tg_axes axes);
} reductions[] = {{"sum", tg_sum}, {"mean", tg_mean}, {"min", tg_min}, {"max", tg_max}};

#define FIND(table, wanted, i)                                                                     \
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)                                      \
        if (strcmp(table[i].name, wanted) == 0)

static tg_array *make(struct machine *m)
{
    FIND(operators, m->word[2], i)
    return operators[i].make(m);
    FIND(reductions, m->word[2], i)
    return reductions[i].make(operand(m, 3), axes_of(m, 4));
    return tg_elementwise_node(m->word[2], (tg_array *[]){operand(m, 3), operand(m, 4)},
                               m->nwords - 3);
}

static tg_status put_result(struct machine *m, tg_array *a)
{
    size_t size = (size_t)tg_size(a) * tg_dtype_size(tg_dtype_of(a));
    void *memory = malloc(size + 1);
    tg_status status = memory ? tg_gather(a, memory, size) : TG_ENOMEM;

    if (status == TG_OK) {
        fprintf(m->results, "%s %d", tg_dtype_name(tg_dtype_of(a)), tg_ndim(a));
        for (int d = 0; d < tg_ndim(a); d++)
            fprintf(m->results, " %" PRId64, tg_shape(a)[d]);
        fputc('\n', m->results);
        fwrite(memory, 1, size, m->results);
    } else {
        fprintf(m->results, "error %s\n", tg_message());
    }
    free(memory);
    return status == TG_EINTERRUPTED ? status : TG_OK;
}

static tg_status run_line(struct machine *m, char *line)
{
    char *rest = NULL;

    m->nwords = 0;
    for (char *word = strtok_r(line, " \n", &rest); word && m->nwords < WORDS;
         word = strtok_r(NULL, " \n", &rest))
        m->word[m->nwords++] = word;
    if (m->nwords == 0)
        return TG_OK;
    if (strcmp(m->word[0], "end") == 0) {
        memset(m->array, 0, sizeof m->array);
        return TG_OK;
    }
    if (strcmp(m->word[0], "out") == 0)
        return put_result(m, operand(m, 1));
    TEST_CHECK(m->nwords >= 4 && atoi(m->word[0]) < REGISTERS);
    m->array[atoi(m->word[0])] = make(m);
    TEST_CHECK(m->array[atoi(m->word[0])] != NULL);
    return TG_OK;
}

static tg_status run_script(tg_ctx *ctx, FILE *script, FILE *results)
{
    struct machine m = {.ctx = ctx, .results = results};
    tg_status status = TG_OK;
    char *line = NULL;
    size_t size = 0;

    while (status == TG_OK && getline(&line, &size, script) > 0)
        status = run_line(&m, line);
    free(line);
    return status;
}

static tg_status run(tg_ctx *ctx, int argc, char **argv)
{
    static char own[] = "0 = int 6\n1 = float 1.5\n2 = multiply 0 1\nout 2\nend\n";
    tg_status status;
    FILE *script = argc > 1 ? fopen(argv[1], "r") : fmemopen(own, sizeof own - 1, "r");
    FILE *results = argc > 2 ? fopen(argv[2], "wb") : tmpfile();

    TEST_CHECK(script && results);
    status = run_script(ctx, script, results);
    fclose(script);
    TEST_CHECK(fclose(results) == 0);
    if (status == TG_OK)
        printf("all expressions are done\n");
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, run, NULL);
}

//TEST np=1,2 expect="all expressions are done"
