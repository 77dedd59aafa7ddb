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

void tg_grid_choose(const tg_layout *layout, int ndim, const int64_t *shape, int64_t *length)
{
    bool choose[TG_MAX_NDIM] = {false};
    int64_t target = at_least_1(TG_CHUNK_TARGET / (int64_t)layout->itemsize);
    double elements = 1;

    for (int i = 0; i < ndim; i++) {
        int d = layout->order[i];

        choose[d] = length[d] == 0;
        if (choose[d] && layout->sequential && i > 0)
            length[d] = shape[d];
        else if (choose[d])
            length[d] = layout->natural[d] < shape[d] ? layout->natural[d] : shape[d];
        length[d] = at_least_1(length[d]);
        elements *= (double)length[d];
    }
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

/* One entry of a specification: "auto" -> 0, "-1" -> the axis, a positive number -> itself. */
static tg_status parse_entry(const char *text, size_t size, const char *spec, int64_t n,
                             int64_t *length)
{
    tg_status status = TG_OK;
    char *end = NULL;
    long long value;

    if (size == 4 && strncmp(text, "auto", 4) == 0) {
        *length = 0;
        return TG_OK;
    }
    errno = 0;
    value = strtoll(text, &end, 10);
    TG_NEED(size > 0 && end == text + size && errno == 0 && (value == -1 || value > 0), TG_EARG,
            "chunks '%s': '%.*s' is no chunk length; use a positive number, -1 for the whole axis, "
            "or auto",
            spec, (int)size, text);
    *length = value == -1 || value > n ? n : value;
    if (*length == 0)
        *length = 1;
out:
    return status;
}

tg_status tg_chunks_parse(const char *spec, int ndim, const int64_t *shape, int64_t *length)
{
    tg_status status = TG_OK;
    char text[TG_SHAPE_TEXT];
    const char *at = spec;
    int entries = 1;

    memset(length, 0, sizeof *length * (size_t)ndim);
    if (!spec || strcmp(spec, "auto") == 0)
        return TG_OK;
    for (const char *c = spec; *c; c++)
        entries += *c == ',';
    TG_NEED(entries == ndim, TG_EARG, "chunks '%s' has %d entries, the array has %d axes, shape %s",
            spec, entries, ndim, tg_shape_text(ndim, shape, text));
    for (int d = 0; d < ndim; d++) {
        size_t size = strcspn(at, ",");

        TG_TRY(parse_entry(at, size, spec, shape[d], &length[d]));
        at += size + 1;
    }
out:
    return status;
}

tg_status tg_chunks_grid(tg_ctx *ctx, const char *spec, const tg_layout *layout, int ndim,
                         const int64_t *shape, tg_grid *out, bool *automatic)
{
    tg_status status = TG_OK;
    int64_t length[TG_MAX_NDIM];

    TG_TRY(tg_chunks_parse(spec, ndim, shape, length));
    *automatic = !spec || strcmp(spec, "auto") == 0;
    tg_grid_choose(layout, ndim, shape, length);
    TG_TRY(tg_grid_regular(ctx, ndim, shape, length, out));
out:
    return status;
}
