/* SPDX-License-Identifier: BSD-3-Clause */
/** Members of JSON objects, and the parts of an array's metadata that have files of their own. */
#ifndef TG_IO_ZARR_JSON_H
#define TG_IO_ZARR_JSON_H

#include "io/zarr.h"

/** A member; NULL where there is none, or `object` is none. Call: local. */
json_object *tg_json_get(json_object *object, const char *key);
/** A text member, "" where there is none. Call: local. Owner: the object. */
const char *tg_json_text(json_object *object, const char *key);
/** A list of up to `room` lengths; how many, -1 where it is none. Call: local. */
int tg_json_lengths(json_object *list, int64_t *out, int room);

/** Fill in array->codecs (and order, byte order, shards) from .zarray, or from the list "codecs" of
 * zarr.json. Call: local (rank 0). Errors: TG_EFORMAT, TG_EARG; all name the folder. */
TG_MUST_CHECK tg_status tg_zarr_codecs_2(const char *folder, json_object *meta,
                                         tg_zarr_array *array);
TG_MUST_CHECK tg_status tg_zarr_codecs_3(const char *folder, json_object *list,
                                         tg_zarr_array *array);

/** Fill in array->fill. Call: local (rank 0). Errors: TG_EFORMAT. */
TG_MUST_CHECK tg_status tg_zarr_fill(const char *folder, json_object *value, tg_zarr_array *array);

#endif
