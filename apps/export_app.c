/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HDF5 or Zarr to NIfTI or npy, the inverse of import_app, or to another HDF5 or Zarr. Affine,
 * spacing and units come from the dataset's attributes. Without --dtype the stored numbers are
 * written as they are, with slope and intercept in the header; with it the scaled values are.
 */
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/outputs.h>
#include <tegula/tegula.h>

struct options {
    const char *output, *dtype, *dataset; /* NULL: not given */
    tg_store_options store;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options;

enum { KEY_DTYPE = 0x100, KEY_DATASET };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE.nii[.gz]|FILE.npy|FILE.h5|FILE.zarr", 0, "The file to write", 0},
    {"dtype", KEY_DTYPE, "NAME", 0,
     "Write the scaled values as this type: float32, int16, ... Without it the stored numbers are "
     "kept, with slope and intercept in the header (npy has none and gets scaled values)",
     0},
    {"dataset", KEY_DATASET, "NAME", 0, "HDF5, Zarr: name of the dataset written (/data)", 0},
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
    case KEY_DTYPE:
        options.dtype = arg;
        return 0;
    case KEY_DATASET:
        options.dataset = arg;
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
    .args_doc = "FILE.h5[:/DATASET]|FILE.zarr[:/ARRAY] -o FILE.nii[.gz]|FILE.npy|FILE.h5|FILE.zarr",
    .doc = "Convert an HDF5 dataset to NIfTI, with affine, spacing and units of its attributes.",
};

static tg_status export(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    static const char *const npy[] = {".npy", NULL};
    tg_dtype dtype = TG_FLOAT64;
    tg_array *data = NULL;
    tg_store_options how = options.store;
    bool is_npy;

    TG_NEED(argc == 2 && options.output, TG_EUSAGE,
            "%s: export_app [OPTION...] FILE.h5[:/DATASET] -o FILE.nii[.gz] (--help tells more)",
            argc < 2   ? "no input"
            : argc > 2 ? "more than one input"
                       : "no output");
    is_npy = tg_outputs_ending(options.output, npy);
    if (options.dtype)
        TG_TRY(tg_dtype_parse(options.dtype, &dtype));
    data = tg_open(ctx, argv[1], &(tg_open_options){.raw = !options.dtype && !is_npy});
    TG_TRY(tg_array_status(data));
    tg_array *out = options.dtype ? tg_astype(data, dtype) : data;
    how.like = data;
    TG_TRY(tg_store(out, options.output, options.dataset ? options.dataset : "/data", &how));
    printf("%s  (", options.output);
    for (int d = 0; d < tg_ndim(out); d++)
        printf("%s%" PRId64, d ? ", " : "", tg_shape(out)[d]);
    printf(") %s\n", tg_dtype_name(tg_dtype_of(out)));
out:
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, export, &(tg_app){.argp = &parser});
}

//TEST np=1,3 args="--help" expect="Convert an HDF5 dataset to NIfTI"
