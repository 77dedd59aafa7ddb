/* SPDX-License-Identifier: BSD-3-Clause */
/** Arguments that functions on images have in common, for their builders. */
#ifndef TG_CALL_IMAGE_ARGUMENTS_H
#define TG_CALL_IMAGE_ARGUMENTS_H

#include <tegula/image.h>
#include <tegula/operator.h>

/** What most filters take: input, output, mode, cval, origin, axes; those that a signature lacks
 * are their defaults. */
typedef struct tg_image_call {
    tg_array *input;
    tg_filter_options options;
    int naxes;             /* that are filtered */
    int axis[TG_MAX_NDIM]; /* in the order of arguments that are sequences */
} tg_image_call;

/** Read them. After an error the call has failed. */
tg_image_call tg_image_arguments(tg_call *call);

/** A number, or one for each axis that is filtered, by axis of the array; others stay. */
void tg_image_floats(tg_call *call, const tg_image_call *image, const char *name, double *values);
void tg_image_ints(tg_call *call, const tg_image_call *image, const char *name, int64_t *values);

/** A real array in memory as float64, with as many axes as are filtered; of the image's others its
 * length is 1. `what` is it in messages. */
tg_window tg_image_window(tg_call *call, const tg_image_call *image, tg_array *a, const char *what);

/** Which neighbours are at most so many steps away, each along another axis: bool, 3 elements along
 * each of `rank` axes. scipy.ndimage.generate_binary_structure */
tg_array *tg_image_structure(tg_call *call, int64_t rank, int64_t connectivity);

/** The dtype that output= says, which may be an array of that dtype; false where it is None. */
bool tg_image_output(tg_call *call, const tg_array *input, tg_dtype *dtype);

#endif
