/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which dataset of an HDF5 file is meant. All groups are walked by name; a dataset with several
 * names counts once. What the walk finds is also what the error message lists: of a group, what is
 * in it.
 */
#include "io/hdf5_pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/hdf5_library.h"
#include "io/text.h"

enum { LISTED = 8 }; /* datasets named in a message */

/** What the walk has found. */
struct walk {
    int numeric;    /* datasets of a known dtype */
    int candidates; /* of these, with 2 or more axes */
    char *first;    /* name of the first candidate */
    tg_text list;   /* "/a (64, 64) int16, ..." of the candidates */
    tg_text rest;   /* of the other numeric ones */
    int other;      /* datasets of no known dtype */
    const char *in; /* the group that is walked: "", or its name and a slash */
};

static void add_dataset(tg_text *text, int before, const char *in, const char *name, int ndim,
                        const hsize_t *shape, tg_dtype dtype)
{
    if (before >= LISTED)
        return;
    tg_text_add(text, "%s/%s%s (", before ? ", " : "", in, name);
    for (int d = 0; d < ndim; d++)
        tg_text_add(text, "%s%llu", d ? ", " : "", (unsigned long long)shape[d]);
    tg_text_add(text, "%s) %s", ndim == 1 ? "," : "", tg_dtype_name(dtype));
}

static void visit_dataset(struct walk *walk, const char *name, hid_t dataset)
{
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    tg_hdf5_type found = tg_hdf5_type_of(type);
    int ndim = H5Sget_simple_extent_ndims(space);
    hsize_t shape[H5S_MAX_RANK] = {0};

    if (ndim >= 0)
        H5Sget_simple_extent_dims(space, shape, NULL);
    if (!found.known || ndim < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) {
        walk->other++;
    } else if (ndim < 2) {
        add_dataset(&walk->rest, walk->numeric - walk->candidates, walk->in, name, ndim, shape,
                    found.dtype);
        walk->numeric++;
    } else {
        add_dataset(&walk->list, walk->candidates, walk->in, name, ndim, shape, found.dtype);
        walk->numeric++;
        if (walk->candidates++ == 0 && asprintf(&walk->first, "/%s", name) < 0)
            walk->first = NULL;
    }
    H5Sclose(space);
    H5Tclose(type);
}

static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *data)
{
    hid_t dataset;

    if (info->type != H5O_TYPE_DATASET)
        return 0;
    dataset = H5Dopen2(root, name, H5P_DEFAULT);
    if (dataset >= 0) {
        visit_dataset(data, name, dataset);
        H5Dclose(dataset);
    }
    return 0;
}

static void say_more(tg_text *text, int count)
{
    if (count > LISTED)
        tg_text_add(text, " and %d more", count - LISTED);
}

/** What the file holds, for a sentence. */
static const char *contents(struct walk *walk, tg_text *text)
{
    int rest = walk->numeric - walk->candidates;

    say_more(&walk->list, walk->candidates);
    say_more(&walk->rest, rest);
    if (walk->numeric)
        tg_text_add(text, "it holds %s%s%s", walk->list.buffer,
                    walk->candidates && rest ? "; with fewer axes " : "", walk->rest.buffer);
    else if (walk->other)
        tg_text_add(text, "it holds %d dataset%s, none of numbers", walk->other,
                    walk->other > 1 ? "s" : "");
    else
        tg_text_add(text, "it holds no dataset");
    return text->buffer;
}

/** "/g//" -> "g/", "/" -> "" */
static void name_group(tg_text *text, const char *given)
{
    size_t n = strlen(given);

    while (n && given[n - 1] == '/')
        n--;
    while (n && given[0] == '/')
        given++, n--;
    if (n)
        tg_text_add(text, "%.*s/", (int)n, given);
}

tg_status tg_hdf5_pick(hid_t file, const char *path, const char *given, char **out)
{
    tg_status status = TG_OK;
    tg_text text = {0}, group = {0};
    struct walk walk = {.in = group.buffer};
    char words[TG_HDF5_WORDS];
    H5O_info_t info;
    herr_t walked;
    hid_t dataset = H5I_INVALID_HID;
    bool is_group;

    if (given && (dataset = H5Dopen2(file, given, H5P_DEFAULT)) >= 0) {
        *out = strdup(given);
        TG_NEED(*out, TG_ENOMEM, "name of %s:%s", path, given);
        goto out;
    }
    TG_NEED(!given || H5Lexists(file, given, H5P_DEFAULT) <= 0 ||
                H5Oexists_by_name(file, given, H5P_DEFAULT) > 0,
            TG_EARG, "%s:%s is a link to something that is not there", path, given);
    is_group = given && H5Oget_info_by_name(file, given, &info, H5P_DEFAULT) >= 0 &&
               info.type == H5O_TYPE_GROUP;
    if (is_group)
        name_group(&group, given);
    walked = H5Ovisit_by_name(file, is_group ? given : "/", H5_INDEX_NAME, H5_ITER_INC, visit,
                              &walk, H5P_DEFAULT);
    TG_HDF5_NEED(walked >= 0, TG_EFORMAT, "%s: its groups cannot be read", path);
    TG_NEED(!is_group, TG_EARG, "%s:%s is a group, not a dataset; %s", path, given,
            contents(&walk, &text));
    TG_NEED(!given, TG_EARG, "%s has no dataset %s; %s", path, given, contents(&walk, &text));
    TG_NEED(walk.candidates > 0, TG_EARG, "%s holds no dataset of numbers with 2 or more axes; %s",
            path, contents(&walk, &text));
    say_more(&walk.list, walk.candidates);
    TG_NEED(walk.candidates == 1, TG_EARG,
            "%s holds %d datasets with 2 or more axes: %s: name one, as %s:%s", path,
            walk.candidates, walk.list.buffer, path, walk.first ? walk.first : "/NAME");
    TG_NEED(walk.first, TG_ENOMEM, "name of a dataset of %s", path);
    *out = walk.first;
    walk.first = NULL;
out:
    free(walk.first);
    if (dataset >= 0)
        H5Dclose(dataset);
    return status;
}
