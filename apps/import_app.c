/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NIfTI and npy to HDF5 or Zarr: the stored numbers as they are, slope, intercept, affine, spacing,
 * units and the header as a whole as attributes of the dataset, which tg_open reads back. So a
 * program gets the same values, bit for bit, from either file.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tegula/outputs.h>
#include <tegula/tegula.h>
#include <unistd.h>

struct options {
    const char *output, *dataset;
    tg_store_options store;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options = {.dataset = "/bold"};

enum { KEY_DATASET = 0x100, KEY_CHUNKS };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE.h5|FILE.zarr|DIR", 0,
     "Where to: a file for one input, or a folder for DIR/NAME.h5 of each NAME.nii or NAME.nii.gz "
     "(DIR/NAME.zarr with --zarr)",
     0},
    {"dataset", KEY_DATASET, "NAME", 0, "Name of the dataset (/bold)", 0},
    {"chunks", KEY_CHUNKS, "SPEC", 0, "The same as --out-chunks", 0},
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
    case KEY_DATASET:
        options.dataset = arg;
        return 0;
    case KEY_CHUNKS:
        options.store.chunks = arg;
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
    .args_doc = "FILE.nii[.gz]|FILE.npy... -o FILE.h5|FILE.zarr|DIR",
    .doc =
        "Convert NIfTI files to HDF5 or Zarr. The stored numbers and their type are kept; slope, "
        "intercept, affine, spacing and units become attributes of the dataset.",
};

/* FOLDER/NAME.h5, or .zarr, for .../NAME.nii or .../NAME.nii.gz; NULL when memory is out. */
static char *name_in_folder(tg_ctx *ctx, const char *folder, const char *input)
{
    static const char *const endings[] = {".nii.gz", ".nii", ".npy", NULL};
    const char *slash = strrchr(input, '/');
    const char *name = slash ? slash + 1 : input;
    const char *ending = tg_outputs_ending(name, endings);
    int length = ending ? (int)(ending - name) : (int)strlen(name);

    return tg_ctx_text(ctx, "%s/%.*s.%s", folder, length, name, options.store.zarr ? "zarr" : "h5");
}

/* A folder for files: a Zarr is a folder as well, but one that is written. */
static bool is_folder(const char *path)
{
    struct stat there;
    static const char *const zarr[] = {".zarr", NULL};

    return !tg_outputs_ending(path, zarr) && !stat(path, &there) && S_ISDIR(there.st_mode);
}

static tg_status output_path(tg_ctx *ctx, const char *input, int ninputs, const char **path)
{
    tg_status status = TG_OK;

    *path = options.output;
    if (ninputs > 1 || is_folder(options.output)) {
        *path = name_in_folder(ctx, options.output, input);
        TG_NEED(*path, TG_ENOMEM, "name of an output");
    }
out:
    return status;
}

/* Two inputs of one name would overwrite each other in the folder. */
static tg_status need_different(const tg_output *outputs, int n, char *const *inputs)
{
    tg_status status = TG_OK;

    for (int i = 0; i < n; i++)
        TG_NEED(strcmp(outputs[i].path, outputs[n].path), TG_EUSAGE,
                "%s and %s would both become %s", inputs[i], inputs[n], outputs[n].path);
out:
    return status;
}

static tg_status add_file(tg_ctx *ctx, char **inputs, int i, int ninputs, tg_output *outputs)
{
    tg_status status = TG_OK;
    tg_array *data = tg_open(ctx, inputs[i], &(tg_open_options){.raw = true});
    tg_store_options *how = tg_ctx_alloc(ctx, sizeof *how);

    TG_TRY(tg_array_status(data));
    TG_NEED(how, TG_ENOMEM, "options of an output");
    *how = options.store;
    how->like = data;
    outputs[i] = (tg_output){.array = data, .dataset = options.dataset, .options = how};
    TG_TRY(output_path(ctx, inputs[i], ninputs, &outputs[i].path));
    TG_TRY(need_different(outputs, i, inputs));
out:
    return status;
}

static void print_file(const tg_output *output)
{
    const tg_array *data = output->array;

    printf("%s:%s  (", output->path, output->dataset);
    for (int d = 0; d < tg_ndim(data); d++)
        printf("%s%" PRId64, d ? ", " : "", tg_shape(data)[d]);
    printf(") %s\n", tg_dtype_name(tg_dtype_of(data)));
}

/* Several inputs go to a folder; `made`: it was not there. */
static tg_status make_folder(int ninputs, bool *made)
{
    tg_status status = TG_OK;

    *made = ninputs > 1 && !mkdir(options.output, 0777);
    TG_NEED(ninputs == 1 || *made || errno == EEXIST, TG_EIO, "%s: cannot make this folder: %s",
            options.output, strerror(errno));
    TG_NEED(ninputs == 1 || is_folder(options.output), TG_EUSAGE,
            "%s is not a folder: %d inputs become as many files in one", options.output, ninputs);
out:
    return status;
}

static tg_status import(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    static const char *const nifti[] = {".nii", ".nii.gz", NULL};
    int ninputs = argc - 1;
    tg_output *outputs = NULL;
    bool made = false;

    TG_NEED(ninputs > 0 && options.output, TG_EUSAGE,
            "%s: import_app [OPTION...] FILE.nii[.gz]... -o FILE.h5|DIR (--help tells more)",
            ninputs > 0 ? "no output" : "no input");
    TG_NEED(ninputs > 1 || !tg_outputs_ending(options.output, nifti), TG_EUSAGE,
            "%s: the output is FILE.h5, FILE.zarr or a folder; export_app writes NIfTI",
            options.output);
    TG_TRY(make_folder(ninputs, &made));
    outputs = tg_ctx_alloc(ctx, (size_t)ninputs * sizeof *outputs);
    TG_NEED(outputs, TG_ENOMEM, "list of %d outputs", ninputs);
    for (int i = 0; i < ninputs; i++)
        TG_TRY(add_file(ctx, argv + 1, i, ninputs, outputs));
    TG_TRY(tg_store_all(ctx, outputs, ninputs));
    for (int i = 0; i < ninputs; i++)
        print_file(&outputs[i]);
out:
    if (status != TG_OK && made)
        rmdir(options.output); /* stays if something is in it by now */
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, import, &(tg_app){.argp = &parser});
}

//TEST np=1,3 args="--help" expect="Convert NIfTI files to HDF5"
