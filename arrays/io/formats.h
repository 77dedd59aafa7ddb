/* SPDX-License-Identifier: BSD-3-Clause */
/** The rows of the table of formats; io/format.c puts them together. */
#ifndef TG_IO_FORMATS_H
#define TG_IO_FORMATS_H

#include "io/format.h"

extern const tg_format tg_format_hdf5;
extern const tg_format tg_format_nifti;    /* .nii: boxes are read and written where they lie */
extern const tg_format tg_format_nifti_gz; /* .nii.gz: a stream */
extern const tg_format tg_format_npy;
extern const tg_format tg_format_zarr; /* folders */

#endif
