/* SPDX-License-Identifier: BSD-3-Clause */
/* Connected parts of images and what is measured of them: scipy.ndimage. */
#include <inttypes.h>
#include <string.h>

#include "call/datum.h"
#include "call/image_arguments.h"
#include "call/table.h"

/* ---- structures ----------------------------------------------------------------------------- */

/* connectivity: how many axes a neighbour may be away along, each by one step. */
static tg_datum build_structure(tg_call *call)
{
    int64_t rank = tg_call_int(call, "rank"), connectivity = tg_call_int(call, "connectivity");
    int64_t shape[TG_MAX_NDIM], n = 1;
    uint8_t *near;

    if (rank > 10)
        return tg_call_fail(call, "a structure of %" PRId64 " axes: at most 10 can be", rank);
    rank = rank < 0 ? 0 : rank;
    for (int d = 0; d < rank; d++, n *= 3)
        shape[d] = 3;
    near = tg_ctx_alloc(tg_call_ctx(call), (size_t)n);
    if (!near)
        return tg_call_status(call, TG_ENOMEM);
    for (int64_t i = 0; i < n; i++) {
        int64_t steps = 0;

        for (int64_t rest = i, d = 0; d < rank; d++, rest /= 3)
            steps += rest % 3 != 1;
        near[i] = steps <= (connectivity < 1 ? 1 : connectivity);
    }
    return tg_datum_array(tg_from_memory(tg_call_ctx(call), near, TG_BOOL, (int)rank, shape));
}

/* ---- connected parts ------------------------------------------------------------------------ */

/* output= may be an array here, too: SciPy then gives back the number alone. */
static tg_datum build_label(tg_call *call)
{
    tg_image_call image = tg_image_arguments(call);
    tg_window structure = {0};
    tg_array *parts[2];
    bool given = tg_call_given(call, "structure");

    if (given)
        structure = tg_image_window(call, &image, tg_call_array(call, "structure"), "structure");
    if (tg_call_failed(call))
        return (tg_datum){0};
    parts[0] = tg_label(image.input, given ? &structure : NULL,
                        image.options.typed ? &image.options.dtype : NULL, &parts[1]);
    return tg_datum_arrays(tg_call_ctx(call), parts, 2);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static const tg_operator rows[] = {
    {.name = "ndimage.generate_binary_structure",
     .aliases = "generate_binary_structure",
     .kind = TG_CLASS_IMAGE,
     .signature = "rank, connectivity",
     .shape = "3 along each of rank axes",
     .dtype = "bool",
     .build = build_structure},
    {.name = "ndimage.label",
     .aliases = "label",
     .kind = TG_CLASS_IMAGE,
     .signature = "input, structure=None, output=None",
     .dask = "dask_image.ndmeasure.label",
     .shape = "the input's, and how many parts",
     .dtype = "int32, or output's",
     .cost = "two passes; one task over what lies on the faces of chunks",
     .notes = "numbers go up in C order of the parts' first elements, whatever the chunks",
     .build = build_label},
};

const tg_family tg_family_measure = TG_FAMILY(rows);
