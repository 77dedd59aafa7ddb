/* SPDX-License-Identifier: BSD-3-Clause */
/* What files hold: groups, arrays with shape, type, chunks and filters, and of the one array that
 * is meant also how it would be cut, and what its header says. */
#include <argp.h>
#include <stdio.h>
#include <tegula/tegula.h>

static const struct argp parser = {
    .args_doc = "FILE[:/DATASET]...",
    .doc = "List what HDF5, NIfTI, npy and Zarr files hold: groups, arrays, shape, type, chunks, "
           "filters. Of a file with one array, or of the DATASET, also how it would be cut into "
           "chunks, and scaling, spacing and affine.",
};

static tg_status info(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;

    TG_NEED(argc > 1, TG_EUSAGE, "no file: info_app FILE[:/DATASET]... (--help tells more)");
    for (int i = 1; i < argc; i++) {
        if (i > 1)
            putchar('\n');
        TG_TRY(tg_info(ctx, argv[i], stdout));
    }
out:
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, info, &(tg_app){.argp = &parser});
}

//TEST np=1,3 args="--help" expect="List what HDF5, NIfTI, npy and Zarr files hold"
