/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NumPy's one-liners over files of any size: an expression in Python's words becomes lazy arrays,
 * which the ranks compute.
 *
 *   calc_app EXPR NAME=FILE...       one line; its value is printed, or stored with -o
 *   calc_app -f SCRIPT NAME=FILE...  a line after the other, names stay set
 *     -> bind: NAME is the array in FILE
 *     -> run_line: tg_calc_run; values come back through take_value
 *     -> take_value: print, or with --explain say how it would be computed
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/outputs.h>
#include <tegula/tegula.h>
#include <tegula/calc.h>

/* The command line. Zero and NULL are the defaults. */
struct options {
    const char *output, *script, *chunks;
    bool explain, keep_going, list_operators;
    tg_store_options store;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options;

/* What the program works on. */
struct job {
    tg_ctx *ctx;
    tg_calc *calc;
    bool has_value;
    bool previewed;
    tg_datum value; /* the last one */
};

enum { KEY_EXPLAIN = 0x100, KEY_KEEP_GOING, KEY_CHUNKS, KEY_LIST_OPERATORS };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE[:/DATASET]", 0,
     "Store the value of the last expression instead of printing it, in the format of the ending: "
     ".h5, .npy, .nii, .nii.gz, ... (DATASET: data)",
     0},
    {"script", 'f', "SCRIPT", 0,
     "Run the lines of a file (- for standard input) one after the other. open(\"FILE\") and "
     "save(value, \"FILE\") are there for them; values of expressions are printed",
     0},
    {"keep-going", KEY_KEEP_GOING, NULL, 0,
     "With -f: report a bad line on standard error and run the next one; the exit status is 1 then",
     0},
    {"explain", KEY_EXPLAIN, NULL, 0,
     "Print the expression before and after the laws of the optimiser, chunks, tasks and bytes to "
     "read; compute nothing",
     0},
    {"chunks", KEY_CHUNKS, "auto|SPEC", 0,
     "Lengths of the chunks in which the named files are read, by axis: 16,16,-1,auto (-1: the "
     "whole axis)",
     0},
    {"list-operators", KEY_LIST_OPERATORS, NULL, 0,
     "Print all functions beside those of NumPy and Dask, as a page in Markdown", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options.store;
        return 0;
    case 'o':
        options.output = arg;
        return 0;
    case 'f':
        options.script = arg;
        return 0;
    case KEY_KEEP_GOING:
        options.keep_going = true;
        return 0;
    case KEY_EXPLAIN:
        options.explain = true;
        return 0;
    case KEY_CHUNKS:
        options.chunks = arg;
        return 0;
    case KEY_LIST_OPERATORS:
        options.list_operators = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&tg_outputs_argp, 0, NULL, 0}, {0}};

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .children = children,
    .args_doc = "EXPR [NAME=FILE[:/DATASET]...]\n-f SCRIPT [NAME=FILE[:/DATASET]...]",
    .doc =
        "Compute an expression of NumPy over arrays in files.\vEXPR is what one writes in Python: "
        "operators, slices, methods and functions of numpy (np.mean(x, -1), x.mean(axis=-1)), "
        "several statements with semicolons. The value is printed as NumPy prints it. Example: "
        "mpirun -n 4 calc_app 'x.mean(-1) / x.std(-1)' x=run.h5:/bold -o tsnr.h5",
};

static tg_status explain(tg_ctx *ctx, const tg_datum *value)
{
    tg_status status = TG_OK;
    int count = 0;
    tg_array **arrays = NULL;

    if (value->kind == TG_DATUM_ARRAY)
        return tg_explain(ctx, &(tg_array *){value->array}, 1, stdout);
    if (value->kind != TG_DATUM_TUPLE && value->kind != TG_DATUM_LIST)
        return tg_calc_print(ctx, value, stdout);
    arrays = tg_ctx_alloc(ctx, (size_t)(value->count + 1) * sizeof *arrays);
    TG_NEED(arrays, TG_ENOMEM, "%" PRId64 " arrays", value->count);
    for (int64_t i = 0; i < value->count; i++)
        if (value->items[i].kind == TG_DATUM_ARRAY)
            arrays[count++] = value->items[i].array;
    TG_TRY(tg_explain(ctx, arrays, count, stdout));
out:
    return status;
}

/* What is done with the value of an expression that is a statement. */
static tg_status take_value(void *state, const tg_datum *value)
{
    struct job *job = state;

    job->value = *value;
    job->has_value = true;
    if (options.explain)
        return explain(job->ctx, value);
    if (options.output)
        return TG_OK;
    return tg_calc_print(job->ctx, value, stdout);
}

static tg_status take_save(void *state, const tg_datum *value, const char *name)
{
    struct job *job = state;

    return options.explain ? explain(job->ctx, value)
                           : tg_calc_save_as(job->ctx, value, name, &options.store);
}

static tg_status run_line(struct job *job, const char *line)
{
    tg_datum result;
    tg_status status = tg_calc_run(job->calc, line, &result);

    fflush(stdout);
    if (status == TG_PREVIEWED) {
        job->previewed = true;
        status = TG_OK;
    }
    return status;
}

/* Whether the run is to end though lines that fail are passed over. */
static bool is_final(tg_status status)
{
    return status == TG_EINTERRUPTED || status == TG_EMPI;
}

/* One line of a script, `size` bytes with its newline. */
static tg_status run_script_line(struct job *job, char *line, size_t size, int64_t number)
{
    tg_status status = TG_OK;

    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        line[--size] = '\0';
    TG_NEED(strlen(line) == size, TG_EARG, "the line holds a byte that is no text (0)");
    TG_TRY(run_line(job, line));
out:
    if (status != TG_OK) {
        char message[TG_MESSAGE_SIZE];

        snprintf(message, sizeof message, "%s", tg_message());
        return tg_fail(status, "line %" PRId64 ": %s", number, message);
    }
    return status;
}

static tg_status run_script(struct job *job, FILE *in)
{
    tg_status status = TG_OK;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    int64_t number = 0, failed = 0;

    while ((size = getline(&line, &capacity, in)) >= 0) {
        status = run_script_line(job, line, (size_t)size, ++number);
        if (status != TG_OK && options.keep_going && !is_final(status)) {
            fprintf(stderr, "%s\n", tg_message());
            failed++;
            status = TG_OK;
        }
        TG_TRY(status);
    }
    TG_NEED(!ferror(in), TG_EIO, "%s: %s", options.script, strerror(errno));
    TG_NEED(!failed, TG_EARG, "%s: %" PRId64 " of %" PRId64 " lines failed", options.script, failed,
            number);
out:
    free(line);
    return status;
}

static tg_status run_file(struct job *job)
{
    tg_status status = TG_OK;
    bool standard = strcmp(options.script, "-") == 0;
    FILE *in = standard ? stdin : fopen(options.script, "r");

    TG_NEED(in, TG_EIO, "%s: %s", options.script, strerror(errno));
    TG_TRY(run_script(job, in));
out:
    if (in && !standard)
        fclose(in);
    return status;
}

/* NAME=FILE[:/DATASET] */
static tg_status bind(struct job *job, const char *argument)
{
    tg_status status = TG_OK;
    const char *equal = strchr(argument, '=');
    char name[64];
    tg_datum value = {.kind = TG_DATUM_ARRAY};

    TG_NEED(equal && equal > argument && equal[1], TG_EUSAGE,
            "%s: after the expression come NAME=FILE[:/DATASET]", argument);
    TG_NEED((size_t)(equal - argument) < sizeof name, TG_EUSAGE, "%s: the name is too long",
            argument);
    snprintf(name, sizeof name, "%.*s", (int)(equal - argument), argument);
    value.array = tg_open(job->ctx, equal + 1, &(tg_open_options){.chunks = options.chunks});
    TG_TRY(tg_array_status(value.array));
    TG_TRY(tg_calc_set(job->calc, name, &value));
out:
    return status;
}

static tg_status store_value(struct job *job)
{
    tg_status status = TG_OK;

    TG_NEED(job->has_value, TG_EARG,
            "there is no value to store in %s: the last statement is no "
            "expression",
            options.output);
    TG_TRY(tg_calc_save_as(job->ctx, &job->value, options.output, &options.store));
out:
    return status;
}

static tg_status calc(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    struct job job = {.ctx = ctx};
    tg_calc_hooks hooks = {.value = take_value, .save = take_save, .state = &job};
    int first = options.script ? 1 : 2; /* of the files */

    if (options.list_operators)
        return tg_operators_print(stdout);
    TG_NEED(options.script || argc > 1, TG_EUSAGE,
            "no expression: calc_app [OPTION...] EXPR [NAME=FILE...] (--help tells more)");
    TG_TRY(tg_calc_create(ctx, &hooks, &job.calc));
    for (int i = first; i < argc; i++)
        TG_TRY(bind(&job, argv[i]));
    if (options.script)
        TG_TRY(run_file(&job));
    else
        TG_TRY(run_line(&job, argv[1]));
    if (options.output && !options.explain)
        TG_TRY(store_value(&job));
    if (job.previewed)
        status = TG_PREVIEWED;
out:
    tg_calc_destroy(&job.calc);
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, calc, &(tg_app){.argp = &parser});
}

//TEST np=1,2,4 args="6*7" expect="42"
//TEST np=1,3 args="np.concatenate([[1,2],[3]])*0.5" expect="[0.5 1.  1.5]"
