/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which format a file has: by its content when it is to be read, by its ending when it is to be
 * written.
 */
#include "io/format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "io/formats.h"

static const tg_format *const formats[] = {
    &tg_format_hdf5, &tg_format_nifti, &tg_format_nifti_gz, &tg_format_npy, &tg_format_zarr,
};

enum { NFORMATS = sizeof formats / sizeof *formats };

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);

    return n > m && strcmp(text + n - m, ending) == 0;
}

static const tg_format *by_ending(const char *path)
{
    for (int i = 0; i < NFORMATS; i++)
        for (const char *const *ending = formats[i]->endings; *ending; ending++)
            if (ends_with(path, *ending))
                return formats[i];
    return NULL;
}

/** Cut "FILE:/DATASET" at its last ":/", unless a file has the whole as its name. */
static tg_status split_name(const char *name, char **path, char **dataset)
{
    tg_status status = TG_OK;
    const char *cut = NULL;

    for (const char *at = strstr(name, ":/"); at; at = strstr(at + 1, ":/"))
        cut = at;
    if (cut == name || access(name, F_OK) == 0)
        cut = NULL;
    *path = cut ? strndup(name, (size_t)(cut - name)) : strdup(name);
    *dataset = cut ? strdup(cut + 1) : NULL;
    TG_NEED(*path && (!cut || *dataset), TG_ENOMEM, "name of %s", name);
out:
    return status;
}

/** The format whose mark the file carries, or NULL. */
static tg_status by_content(const char *path, const tg_format **out)
{
    tg_status status = TG_OK;
    tg_stamp stamp;
    char words[128];
    int fd = -1;

    *out = NULL;
    for (int i = 0; i < NFORMATS && !*out; i++)
        if (formats[i]->is_folder && formats[i]->is_folder(path))
            *out = formats[i];
    if (*out)
        goto out;
    TG_TRY(tg_file_stamp(path, &stamp));
    fd = open(path, O_RDONLY | O_CLOEXEC);
    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    for (int i = 0; i < NFORMATS && !*out; i++)
        if (formats[i]->recognise(fd, stamp.size))
            *out = formats[i];
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/** "HDF5, NIfTI, ..." */
static const char *names_of_formats(char *buffer, size_t size)
{
    size_t length = 0;

    buffer[0] = 0;
    for (int i = 0; i < NFORMATS && length < size; i++)
        length += (size_t)snprintf(buffer + length, size - length, "%s%s", i ? ", " : "",
                                   formats[i]->name);
    return buffer;
}

/** From the half of a pair of files that has no header to the other. */
static void go_to_header(char **path)
{
    for (int i = 0; i < NFORMATS; i++) {
        char *header = formats[i]->header_of ? formats[i]->header_of(*path) : NULL;

        if (header) {
            free(*path);
            *path = header;
        }
    }
}

tg_status tg_format_of_file(const char *name, const tg_format **format, char **path, char **dataset)
{
    tg_status status = TG_OK;
    const tg_format *found = NULL, *claimed = NULL;
    char *file = NULL, *inside = NULL, names[128];

    TG_TRY(split_name(name, &file, &inside));
    go_to_header(&file);
    TG_TRY(by_content(file, &found));
    claimed = by_ending(file);
    TG_NEED(found || !claimed, TG_EFORMAT, "%s is not %s file: it has no %s", file,
            claimed->article_name, claimed->mark);
    TG_NEED(found, TG_EFORMAT, "%s is no file of a known format (%s)", file,
            names_of_formats(names, sizeof names));
    TG_NEED(found->has_datasets || !inside, TG_EARG,
            "%s is %s file: it has no datasets, so %s cannot be one", file, found->article_name,
            inside);
    *format = found;
    *path = file;
    *dataset = inside;
    file = inside = NULL;
out:
    free(file);
    free(inside);
    return status;
}

tg_status tg_format_of_ending(const char *path, const tg_format **format)
{
    tg_status status = TG_OK;
    char known[256] = "";
    size_t length = 0;

    for (int i = 0; i < NFORMATS; i++)
        for (const char *const *ending = formats[i]->endings; *ending; ending++) {
            int n = snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "",
                             *ending);

            length += n > 0 && (size_t)n < sizeof known - length ? (size_t)n : 0;
        }
    *format = by_ending(path);
    TG_NEED(*format, TG_EARG, "%s: the ending says no format that can be written (there are %s)",
            path, known);
out:
    return status;
}

void tg_source_clear(tg_source *source)
{
    free(source->params);
    *source = (tg_source){0};
}

void tg_sink_clear(tg_sink *sink)
{
    free(sink->params);
    sink->params = NULL;
    sink->params_size = 0;
}
