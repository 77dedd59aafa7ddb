/* SPDX-License-Identifier: BSD-3-Clause */
/* What a file holds: a line for each group and array, and more of the one that is meant. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/tegula.h>

#include "expr/node.h"

/** The table that is being printed. */
struct table {
    FILE *out;
    const char *under; /* only this entry, or if it is a group what is in it; NULL: all */
    int width;         /* of the names; 0 while they are measured */
    int longest;
    bool group; /* that is what `under` names */
};

static const char *bytes_text(double bytes, char *text, size_t size)
{
    static const char *const units[] = {"B", "kiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;

    for (; bytes >= 1024 && unit < 5; unit++)
        bytes /= 1024;
    snprintf(text, size, unit ? "%.2f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}

static void print_shape(FILE *out, int ndim, const int64_t *shape)
{
    fputc('(', out);
    for (int d = 0; d < ndim; d++)
        fprintf(out, "%s%" PRId64, d ? ", " : "", shape[d]);
    fprintf(out, "%s)", ndim == 1 ? "," : "");
}

/** Where the name goes on behind `under`: "" at its end, "/..." in it, NULL: it is another. The
 * first slash of either may be left out. */
static const char *behind(const char *name, const char *under)
{
    size_t n;

    under += under[0] == '/';
    name += name[0] == '/';
    n = strlen(under);
    while (n && under[n - 1] == '/')
        n--;
    if (!n)
        return name[0] ? "/" : "";
    return strncmp(name, under, n) == 0 && (!name[n] || name[n] == '/') ? name + n : NULL;
}

static void print_entry(void *to, const tg_entry *entry)
{
    struct table *table = to;
    FILE *out = table->out;
    int length = (int)strlen(entry->name);
    char text[32];

    if (table->under) {
        const char *rest = behind(entry->name, table->under);

        if (!rest)
            return;
        table->group |= entry->group && !rest[0];
    }
    if (!table->width) {
        table->longest = length > table->longest ? length : table->longest;
        return;
    }
    fprintf(out, "%-*s  ", table->width, entry->name);
    if (entry->group) {
        fprintf(out, "group\n");
        return;
    }
    if (entry->known || entry->ndim)
        print_shape(out, entry->ndim, entry->shape);
    fprintf(out, "%s%s", entry->known || entry->ndim ? " " : "", entry->type);
    if (entry->storage && entry->storage[0])
        fprintf(out, ", %s", entry->storage);
    if (entry->known)
        fprintf(out, ", %s", bytes_text(entry->bytes, text, sizeof text));
    if (entry->known && entry->stored_bytes >= 0 && (double)entry->stored_bytes != entry->bytes)
        fprintf(out, " (stored %s)", bytes_text((double)entry->stored_bytes, text, sizeof text));
    fprintf(out, "%s%s\n", entry->note ? ", " : "", entry->note ? entry->note : "");
}

static void print_numbers(FILE *out, const char *name, int n, const double *numbers)
{
    fprintf(out, "%-9s", name);
    for (int i = 0; i < n; i++)
        fprintf(out, "%s%.9g", i ? " " : "", numbers[i]);
    fputc('\n', out);
}

/** What the header says beside the values. */
static void print_header(FILE *out, const tg_header *h, int ndim)
{
    bool spaced = false;

    for (int d = 0; d < ndim; d++)
        spaced |= h->spacing[d] != 0;
    if (h->slope != 1 || h->inter != 0)
        print_numbers(out, "Scaling", 2, (double[]){h->slope, h->inter});
    if (spaced)
        print_numbers(out, "Spacing", ndim, h->spacing);
    if (h->space_units[0] || h->time_units[0])
        fprintf(out, "%-9s%s%s%s\n", "Units", h->space_units,
                h->space_units[0] && h->time_units[0] ? ", " : "", h->time_units);
    for (int i = 0; h->has_affine && i < 4; i++)
        print_numbers(out, i ? "" : "Affine", 4, h->affine[i]);
    if (h->description[0])
        fprintf(out, "%-9s%s\n", "Text", h->description);
}

/** The file's own chunks by the axes of the array, as a specification: the whole axis where it has
 * none. `contiguous` tells that it has none at all. */
static const tg_source *stored_chunks(const tg_array *a, char *spec, size_t size)
{
    const tg_array *at = a;
    const tg_source *source;
    size_t n = 0;

    while (at->ninputs > 0)
        at = at->inputs[0];
    source = &((const tg_source_params *)at->params)->file->source;
    for (int d = 0; d < source->ndim && n < size; d++) {
        int k = source->reversed ? source->ndim - 1 - d : d;
        int64_t length = source->contiguous || source->sequential ? -1 : source->chunk[k];

        n += (size_t)snprintf(spec + n, size - n, "%s%" PRId64, d ? "," : "", length ? length : -1);
    }
    return source;
}

/** The array that the name means, if it means one, in the chunks of the file. */
static tg_status print_array(tg_ctx *ctx, const char *name, bool listed, FILE *out)
{
    tg_status status = TG_OK;
    tg_array *a = tg_open(ctx, name, NULL);
    char spec[TG_MAX_NDIM * 21 + 1] = "";
    const tg_source *source;
    tg_header header;

    TG_TRY(tg_array_status(a));
    source = stored_chunks(a, spec, sizeof spec);
    if (*spec)
        a = tg_open(ctx, name, &(tg_open_options){.chunks = spec});
    TG_TRY(tg_array_status(a));
    fputc('\n', out);
    TG_TRY(tg_describe(a, out));
    if (!listed)
        fprintf(out, "%-9s%s\n", "Stored",
                source->contiguous ? "contiguous" : "one compressed stream");
    TG_TRY(tg_header_of(a, &header));
    print_header(out, &header, tg_ndim(a));
out:
    return status;
}

tg_status tg_info(tg_ctx *ctx, const char *name, FILE *out)
{
    tg_status status = TG_OK;
    const tg_format *format = NULL;
    char *path = NULL, *dataset = NULL;
    struct table table = {.out = out};
    tg_status opened;

    TG_NEED(name && name[0], TG_EARG, "a file with an empty name cannot be opened");
    TG_TRY(tg_format_of_file(name, &format, &path, &dataset));
    fprintf(out, "%s: %s\n", path, format->name);
    table.under = dataset;
    if (format->list) {
        TG_TRY(format->list(path, print_entry, &table));
        table.width = table.longest ? table.longest : 1;
        TG_TRY(format->list(path, print_entry, &table));
    }
    opened = print_array(ctx, name, table.width > 1, out);
    /* Without a dataset's name, or with a group's, the lines have said it: none or several. */
    if (!format->list || (dataset && !table.group))
        status = opened;
out:
    free(path);
    free(dataset);
    return status;
}
