/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connected parts by runs (Rosenfeld, Pfaltz 1966; runs: Wu, Otoo, Suzuki 2009). Each line of the
 * last axis is cut into runs of ones; runs of lines that are neighbours and come earlier in C order
 * are united where they touch. The root of a set is its first run, so counting roots in order
 * numbers the parts by their first elements.
 *
 *     line 0   # # . #      runs 0, 1
 *     line 1   . # # #      run 2 touches both: one set, root 0
 */
#include "kernel/components.h"

#include <string.h>

#include "kernel/types.h"

struct runs {
    int64_t lines, length; /* of the block */
    bool joined;           /* neighbours along a line are of one run */
    int64_t *first;        /* [lines + 1] first run of each line */
    int32_t *start, *end, *parent;
};

int64_t tg_neighbours_size(int ndim)
{
    int64_t n = 1;

    for (int d = 0; d < ndim; d++)
        n *= 3;
    return n;
}

static void measure(const tg_neighbours *neighbours, const int64_t *shape, struct runs *runs)
{
    int64_t middle = tg_neighbours_size(neighbours->ndim) / 2;

    runs->lines = 1;
    for (int d = 0; d < neighbours->ndim - 1; d++)
        runs->lines *= shape[d];
    runs->length = neighbours->ndim > 0 ? shape[neighbours->ndim - 1] : 1;
    runs->joined = neighbours->ndim > 0 && neighbours->near[middle + 1];
}

/* Ones of a line that no one stands before. */
TG_CLONES static int64_t count_line(int64_t n, const uint8_t *image, bool joined)
{
    int64_t count = image[0];

    if (joined)
        for (int64_t i = 1; i < n; i++)
            count += image[i] & (image[i - 1] ^ 1);
    else
        for (int64_t i = 1; i < n; i++)
            count += image[i];
    return count;
}

static int64_t count_runs(const struct runs *runs, const uint8_t *image)
{
    int64_t n = 0;

    for (int64_t l = 0; l < runs->lines; l++)
        n += count_line(runs->length, image + l * runs->length, runs->joined);
    return n;
}

size_t tg_components_scratch(const tg_neighbours *neighbours, const int64_t *shape,
                             const uint8_t *image)
{
    struct runs runs;

    measure(neighbours, shape, &runs);
    return (size_t)(runs.lines + 1) * sizeof *runs.first +
           3 * (size_t)(count_runs(&runs, image) + 1) * sizeof *runs.start;
}

static void find_runs(struct runs *runs, const uint8_t *image)
{
    int64_t n = 0;

    for (int64_t l = 0; l < runs->lines; l++, image += runs->length) {
        runs->first[l] = n;
        for (int64_t i = 0; i < runs->length; i++) {
            if (!image[i])
                continue;
            runs->start[n] = (int32_t)i;
            while (runs->joined && i + 1 < runs->length && image[i + 1])
                i++;
            runs->end[n] = (int32_t)(i + 1);
            runs->parent[n] = (int32_t)n;
            n++;
        }
    }
    runs->first[runs->lines] = n;
}

/* Unite runs of a line with those of another that touch them when moved by `shift`. */
static void unite_lines(struct runs *runs, int64_t line, int64_t other, int shift)
{
    int64_t i = runs->first[line], j = runs->first[other];

    while (i < runs->first[line + 1] && j < runs->first[other + 1]) {
        if (runs->start[i] + shift < runs->end[j] && runs->start[j] < runs->end[i] + shift)
            tg_set_unite(runs->parent, i, j);
        if (runs->end[i] + shift < runs->end[j])
            i++;
        else
            j++;
    }
}

/* Of a line with all neighbours before it. `at` is its index along each axis but the last. */
static void unite_before(const tg_neighbours *neighbours, const int64_t *shape, struct runs *runs,
                         int64_t line, const int64_t *at)
{
    int64_t middle = tg_neighbours_size(neighbours->ndim) / 2;

    for (int64_t k = 0; k < middle - 1; k += 3) {
        int64_t rest = k / 3, other = 0, stride = 1;
        const uint8_t *near = neighbours->near + k;

        if (!near[0] && !near[1] && !near[2])
            continue;
        for (int d = neighbours->ndim - 2; d >= 0; d--) {
            int64_t p = at[d] + rest % 3 - 1;

            if (p < 0 || p >= shape[d])
                break;
            other += p * stride;
            stride *= shape[d];
            rest /= 3;
            if (d == 0)
                for (int shift = -1; shift <= 1; shift++)
                    if (near[shift + 1])
                        unite_lines(runs, line, other, shift);
        }
    }
}

static void step(int ndim, const int64_t *shape, int64_t *at)
{
    for (int d = ndim - 1; d >= 0; d--) {
        if (++at[d] < shape[d])
            return;
        at[d] = 0;
    }
}

/* Numbers in place of parents, and written along the runs. */
static int64_t write_labels(struct runs *runs, int32_t *label)
{
    int64_t parts = 0;

    memset(label, 0, (size_t)(runs->lines * runs->length) * sizeof *label);
    for (int64_t l = 0; l < runs->lines; l++, label += runs->length)
        for (int64_t r = runs->first[l]; r < runs->first[l + 1]; r++) {
            int32_t number =
                runs->parent[r] == r ? (int32_t)++parts : runs->parent[runs->parent[r]];

            runs->parent[r] = number;
            for (int32_t i = runs->start[r]; i < runs->end[r]; i++)
                label[i] = number;
        }
    return parts;
}

/* All runs point to their root. */
static void flatten(struct runs *runs)
{
    for (int64_t r = 0; r < runs->first[runs->lines]; r++)
        runs->parent[r] = runs->parent[runs->parent[r]];
}

int64_t tg_components(const tg_neighbours *neighbours, const int64_t *shape, const uint8_t *image,
                      int32_t *label, void *scratch)
{
    struct runs runs;
    int64_t at[TG_MAX_NDIM] = {0}, n;

    measure(neighbours, shape, &runs);
    n = count_runs(&runs, image);
    runs.first = scratch;
    runs.start = (int32_t *)(runs.first + runs.lines + 1);
    runs.end = runs.start + n;
    runs.parent = runs.end + n;
    find_runs(&runs, image);
    for (int64_t l = 0; l < runs.lines && neighbours->ndim > 1; l++) {
        if (runs.first[l] < runs.first[l + 1])
            unite_before(neighbours, shape, &runs, l, at);
        step(neighbours->ndim - 1, shape, at);
    }
    flatten(&runs);
    return write_labels(&runs, label);
}
