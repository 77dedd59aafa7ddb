/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HDF5 or Zarr to NIfTI or npy: the inverse of import_app. Affine, spacing and units come from the
 * dataset's attributes. Without --dtype the stored numbers are written as they are, with slope and
 * intercept in the header; with it the scaled values are.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/tegula.h>

struct options {
    const char *output, *dtype; /* NULL: not given */
    int deflate;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options;

enum { KEY_DTYPE = 0x100, KEY_DEFLATE };

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE.nii[.gz]|FILE.npy", 0, "The file to write", 0},
    {"dtype", KEY_DTYPE, "NAME", 0,
     "Write the scaled values as this type: float32, int16, ... Without it the stored numbers are "
     "kept, with slope and intercept in the header (npy has none and gets scaled values)",
     0},
    {"deflate", KEY_DEFLATE, "LEVEL", 0, ".nii.gz: gzip level, 1 to 9 (6)", 0},
    {0},
};

static error_t parse_deflate(struct argp_state *state, const char *level)
{
    if (strlen(level) != 1 || level[0] < '1' || level[0] > '9') {
        argp_error(state, "--deflate: '%s' is not a level from 1 to 9", level);
        return EINVAL;
    }
    options.deflate = level[0] - '0';
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'o':
        options.output = arg;
        return 0;
    case KEY_DTYPE:
        options.dtype = arg;
        return 0;
    case KEY_DEFLATE:
        return parse_deflate(state, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .args_doc = "FILE.h5[:/DATASET]|FILE.zarr[:/ARRAY] -o FILE.nii[.gz]|FILE.npy",
    .doc = "Convert an HDF5 dataset to NIfTI, with affine, spacing and units of its attributes.",
};

/* ---- the program ---------------------------------------------------------------------------- */

static bool is_npy(const char *path)
{
    size_t length = strlen(path);

    return length > 4 && !strcmp(path + length - 4, ".npy");
}

static bool is_nifti(const char *path)
{
    size_t length = strlen(path);

    return (length > 4 && !strcmp(path + length - 4, ".nii")) ||
           (length > 7 && !strcmp(path + length - 7, ".nii.gz"));
}

static tg_status export(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    tg_dtype dtype = TG_FLOAT64;
    tg_array *data = NULL;

    TG_NEED(argc == 2 && options.output, TG_EUSAGE,
            "%s: export_app [OPTION...] FILE.h5[:/DATASET] -o FILE.nii[.gz] (--help tells more)",
            argc < 2   ? "no input"
            : argc > 2 ? "more than one input"
                       : "no output");
    TG_NEED(is_nifti(options.output) || is_npy(options.output), TG_EUSAGE,
            "%s: the output is FILE.nii, FILE.nii.gz or FILE.npy", options.output);
    if (options.dtype)
        TG_TRY(tg_dtype_parse(options.dtype, &dtype));
    data =
        tg_open(ctx, argv[1], &(tg_open_options){.raw = !options.dtype && !is_npy(options.output)});
    TG_TRY(tg_array_status(data));
    tg_array *out = options.dtype ? tg_astype(data, dtype) : data;
    TG_TRY(tg_store(out, options.output, NULL,
                    &(tg_store_options){.like = data, .deflate = options.deflate}));
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
