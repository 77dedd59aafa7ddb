/* SPDX-License-Identifier: BSD-3-Clause */
/* Values to files: FILE[:/DATASET]. */
#include <string.h>

#include <tegula/calc.h>

#include "call/datum.h"

tg_status tg_calc_split(tg_ctx *ctx, const char *name, const char **path, const char **dataset)
{
    tg_status status = TG_OK;
    const char *cut = NULL;

    for (const char *at = strstr(name, ":/"); at; at = strstr(at + 1, ":/"))
        cut = at;
    if (cut == name)
        cut = NULL;
    *path = tg_datum_copy_text(ctx, name, cut ? (size_t)(cut - name) : strlen(name));
    *dataset = cut ? tg_datum_copy_text(ctx, cut + 1, strlen(cut + 1)) : "";
    TG_NEED(*path && *dataset, TG_ENOMEM, "the name of a file");
out:
    return status;
}

tg_status tg_calc_save(tg_ctx *ctx, const tg_datum *value, const char *name)
{
    return tg_calc_save_as(ctx, value, name, NULL);
}

tg_status tg_calc_save_as(tg_ctx *ctx, const tg_datum *value, const char *name,
                          const tg_store_options *options)
{
    tg_status status = TG_OK;
    tg_store_options how = options ? *options : (tg_store_options){0};
    const char *path = NULL, *dataset = NULL;
    tg_array *array = tg_datum_to_array(ctx, value);

    TG_TRY(tg_array_status(array));
    TG_TRY(tg_calc_split(ctx, name, &path, &dataset));
    how.like = how.like ? how.like : array;
    TG_TRY(tg_store(array, path, dataset[0] ? dataset : "/data", &how));
out:
    return status;
}
