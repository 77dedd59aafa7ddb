/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which chunks: what the user wrote ("auto", "16,-1,auto") and what the library chooses.
 *
 * The choice looks at the shape and at how the data lie, never at ranks or threads: the bits of
 * results hang on the grid. Chunks grow along the fastest stored axes until they have about
 * TG_CHUNK_TARGET bytes, so that one is a contiguous range of a plain file and whole chunks of a
 * chunked one; then each axis is divided evenly, so that no sliver is left at its end.
 */
#include "expr/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expr/node.h"

#define THICK     16                   /* elements along an axis that a chunk has, if it can */
#define SHORT_RUN ((int64_t)256 << 10) /* bytes of a run that are read as fast as more are */

void tg_layout_plain(tg_layout *layout, int ndim, size_t itemsize)
{
    *layout = (tg_layout){.itemsize = itemsize};
    for (int d = 0; d < ndim; d++) {
        layout->order[d] = d;
        layout->natural[d] = 1;
    }
}

void tg_layout_permute(const tg_layout *layout, int ndim, const int *axis, tg_layout *out)
{
    tg_layout permuted = {.sequential = layout->sequential, .itemsize = layout->itemsize};
    int back[TG_MAX_NDIM];

    for (int d = 0; d < ndim; d++) {
        permuted.natural[d] = layout->natural[axis[d]];
        back[axis[d]] = d;
    }
    for (int d = 0; d < ndim; d++)
        permuted.order[d] = back[layout->order[d]];
    *out = permuted;
}

static int64_t at_least_1(int64_t n)
{
    return n < 1 ? 1 : n;
}

/* The smallest multiple of `natural` that divides an axis in as few chunks as `length` does. */
static int64_t even(int64_t n, int64_t length, int64_t natural)
{
    int64_t chunks = (n + length - 1) / length;
    int64_t each = (n + chunks - 1) / chunks;

    each = (each + natural - 1) / natural * natural;
    return each < n ? each : n;
}

/* Lengths of the axes that are to be chosen, from those that they begin with: fast axes first. */
static void grow(const tg_layout *layout, int ndim, const int64_t *shape, const bool *choose,
                 int64_t *length)
{
    int64_t target = at_least_1(TG_CHUNK_TARGET / (int64_t)layout->itemsize);
    double elements = 1;

    for (int d = 0; d < ndim; d++)
        elements *= (double)length[d];
    for (int i = ndim - 1; i >= 0 && !layout->sequential; i--) {
        int d = layout->order[i];
        double room = (double)target / elements;

        if (!choose[d] || length[d] >= shape[d])
            continue;
        if (room < 2)
            break;
        elements /= (double)length[d];
        if (room >= (double)shape[d] / (double)length[d])
            length[d] = shape[d];
        else
            length[d] = even(shape[d], (int64_t)room * length[d], layout->natural[d]);
        elements *= (double)length[d];
        if (length[d] < shape[d])
            break;
    }
}

/* The thinnest of the chosen axes but the fastest; -1: none, or runs would be short if it grew. */
static int thinnest_axis(const tg_layout *layout, int ndim, const int64_t *shape,
                         const bool *choose, const int64_t *length, const int64_t *begin)
{
    double bytes = 2 * (double)SHORT_RUN; /* the runs of a chunk, one axis of them doubled */
    int thinnest = -1;

    for (int i = 0; i < ndim; i++) {
        int d = layout->order[i];
        int64_t thick = shape[d] < THICK ? shape[d] : THICK;

        bytes *= (double)begin[d];
        if (choose[d] && i < ndim - 1 && length[d] < thick &&
            (thinnest < 0 || length[d] < length[thinnest]))
            thinnest = d;
    }
    return bytes > (double)TG_CHUNK_TARGET ? -1 : thinnest;
}

void tg_grid_choose(const tg_layout *layout, int ndim, const int64_t *shape, int64_t *length)
{
    bool choose[TG_MAX_NDIM] = {false};
    int64_t begin[TG_MAX_NDIM];
    int thin;

    for (int i = 0; i < ndim; i++) {
        int d = layout->order[i];

        choose[d] = length[d] == 0;
        if (choose[d] && layout->sequential && i > 0)
            length[d] = shape[d];
        else if (choose[d])
            length[d] = layout->natural[d] < shape[d] ? layout->natural[d] : shape[d];
        length[d] = at_least_1(length[d]);
    }
    memcpy(begin, length, sizeof *begin * (size_t)ndim);
    grow(layout, ndim, shape, choose, length);
    while (!layout->sequential &&
           (thin = thinnest_axis(layout, ndim, shape, choose, length, begin)) >= 0) {
        begin[thin] = 2 * begin[thin] < shape[thin] ? 2 * begin[thin] : shape[thin];
        memcpy(length, begin, sizeof *begin * (size_t)ndim);
        grow(layout, ndim, shape, choose, length);
    }
}

/* One entry of a specification, and where it is. */
struct entry {
    const char *spec; /* all of it, for messages */
    const char *text;
    size_t size;
};

/* "auto" -> 0, "-1" -> the axis, a positive number -> itself; 0 is for an axis without elements. */
static tg_status parse_entry(const struct entry *entry, int64_t n, int64_t *length)
{
    tg_status status = TG_OK;
    char *end = NULL;
    long long value;

    if (entry->size == 4 && strncmp(entry->text, "auto", 4) == 0) {
        *length = 0;
        return TG_OK;
    }
    errno = 0;
    value = strtoll(entry->text, &end, 10);
    TG_NEED(entry->size > 0 && end == entry->text + entry->size && errno == 0 &&
                (value == -1 || value > 0 || (value == 0 && n == 0)),
            TG_EARG,
            "chunks '%s': '%.*s' is no chunk length; use a positive number, -1 for the whole axis, "
            "auto, or the lengths of all chunks, 600+400",
            entry->spec, (int)entry->size, entry->text);
    *length = value == -1 || value > n ? n : value;
    if (*length == 0)
        *length = 1;
out:
    return status;
}

/* Is it "600+400" or "2x300+400"? */
static bool is_list(const struct entry *entry)
{
    return memchr(entry->text, '+', entry->size) ||
           (entry->text[0] != 'x' && memchr(entry->text, 'x', entry->size));
}

/* The next term of a list, "2x300": how many chunks of what length; *at goes behind it. */
static tg_status parse_term(const struct entry *entry, const char **at, int64_t *times,
                            int64_t *length)
{
    tg_status status = TG_OK;
    char *end = NULL;

    errno = 0;
    *times = 1;
    *length = strtoll(*at, &end, 10);
    if (end != *at && *end == 'x') {
        *times = *length;
        *at = end + 1;
        *length = strtoll(*at, &end, 10);
    }
    TG_NEED(end != *at && errno == 0 && *length >= 0 && *times > 0 && strchr("+,", *end), TG_EARG,
            "chunks '%s': '%.*s' is no list of chunk lengths such as 600+400 or 2x300+400",
            entry->spec, (int)entry->size, entry->text);
    *at = *end == '+' ? end + 1 : end;
out:
    return status;
}

/* The chunks that a list says along an axis of length n: counted, or written where `list` is. */
static tg_status parse_list(const struct entry *entry, int64_t n, int64_t *count, int64_t *longest,
                            int64_t *list)
{
    tg_status status = TG_OK;
    const char *at = entry->text;
    int64_t times, length, sum = 0;

    *count = *longest = 0;
    while (at < entry->text + entry->size) {
        TG_TRY(parse_term(entry, &at, &times, &length));
        TG_NEED(length > 0 || n == 0, TG_EARG, "chunks '%s': a chunk of length 0", entry->spec);
        TG_NEED(length == 0 || times <= (n - sum) / length, TG_EARG,
                "chunks '%s': the lengths '%.*s' add up to more than %" PRId64 ", the axis' length",
                entry->spec, (int)entry->size, entry->text, n);
        TG_NEED(times <= INT32_MAX - *count, TG_EARG, "chunks '%s' are too many", entry->spec);
        for (int64_t i = 0; i < times && list; i++)
            list[*count + i] = length;
        sum += times * length;
        *count += times;
        *longest = length > *longest ? length : *longest;
    }
    TG_NEED(sum == n, TG_EARG,
            "chunks '%s': the lengths '%.*s' add up to %" PRId64 ", the axis has %" PRId64,
            entry->spec, (int)entry->size, entry->text, sum, n);
out:
    return status;
}

/* Cut one axis as its list says. */
static tg_status list_axis(tg_ctx *ctx, const struct entry *entry, int64_t n, int64_t *count,
                           const int64_t **lengths)
{
    tg_status status = TG_OK;
    int64_t longest, *list = NULL;

    TG_TRY(parse_list(entry, n, count, &longest, NULL));
    list = tg_ctx_alloc(ctx, (size_t)(*count + 1) * sizeof *list);
    TG_NEED(list, TG_ENOMEM, "a grid of %" PRId64 " chunks", *count);
    TG_TRY(parse_list(entry, n, count, &longest, list));
    *lengths = list;
out:
    return status;
}

static bool is_automatic(const char *spec)
{
    return !spec || strcmp(spec, "auto") == 0;
}

tg_status tg_chunks_parse(const char *spec, int ndim, const int64_t *shape, int64_t *length)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];
    const char *at = spec;
    int entries = 1;
    int64_t count;

    memset(length, 0, sizeof *length * (size_t)ndim);
    if (is_automatic(spec))
        return TG_OK;
    for (const char *c = spec; *c; c++)
        entries += *c == ',';
    TG_NEED(entries == ndim, TG_EARG, "chunks '%s' has %d entries, the array has %d axes, shape %s",
            spec, entries, ndim, tg_shape_text(ndim, shape, text));
    for (int d = 0; d < ndim; d++) {
        struct entry entry = {.spec = spec, .text = at, .size = strcspn(at, ",")};

        if (is_list(&entry))
            TG_TRY(parse_list(&entry, shape[d], &count, &length[d], NULL));
        else
            TG_TRY(parse_entry(&entry, shape[d], &length[d]));
        length[d] = is_list(&entry) ? at_least_1(length[d]) : length[d];
        at += entry.size + 1;
    }
out:
    return status;
}

tg_status tg_chunks_grid(tg_ctx *ctx, const char *spec, const tg_layout *layout, int ndim,
                         const int64_t *shape, tg_grid *out, bool *automatic)
{
    tg_status status = TG_OK;
    int64_t length[TG_MAX_NDIM];
    const char *at = spec;

    TG_TRY(tg_chunks_parse(spec, ndim, shape, length));
    *automatic = is_automatic(spec);
    tg_grid_choose(layout, ndim, shape, length);
    TG_TRY(tg_grid_regular(ctx, ndim, shape, length, out));
    for (int d = 0; d < ndim && !*automatic; d++) {
        struct entry entry = {.spec = spec, .text = at, .size = strcspn(at, ",")};

        if (is_list(&entry))
            TG_TRY(list_axis(ctx, &entry, shape[d], &out->count[d], &out->length[d]));
        at += entry.size + 1;
    }
out:
    return status;
}
