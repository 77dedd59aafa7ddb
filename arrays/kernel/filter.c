/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters along one axis, panel by panel: some rows of the axis and some columns of what lies
 * behind it become float64 and stay in the cache,
 *
 *     place   rows of a panel      result i is made of p[i], p[i + width], p[i + 2 * width], ...
 *       0     # # # #
 *       0     # # # #              result row 0
 *       1     # # # #              result row 1
 *       2     # # # #              ...
 *
 * so that one flat loop serves every axis: along the last one a panel is one column wide. Where
 * float64 becomes float64, rows that follow one another in the block are a panel as they lie.
 */
#include "kernel/filter.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/filter_means.h"
#include "kernel/types.h"

enum {
    PANEL = 32768, /* elements of a panel's results */
    WIDTH = 128,   /* columns */
    SMALL = 512,   /* results that are sooner copied with their edges than done in three pieces */
    STRIP = TG_STRIP,
};

struct panel {
    int64_t width, rows; /* of results */
    double *in, *out;
};

/* About equal widths of at most WIDTH. */
static int64_t width_of(const tg_filter_lines *lines)
{
    int64_t pieces = (lines->inner + WIDTH - 1) / WIDTH;

    return pieces > 0 ? (lines->inner + pieces - 1) / pieces : 1;
}

static int64_t rows_of(const tg_filter_lines *lines)
{
    int64_t rows = PANEL / width_of(lines);

    return rows < lines->nout ? rows : lines->nout;
}

size_t tg_filter_scratch(const tg_filter *filter, const tg_filter_lines *lines)
{
    int64_t rows = rows_of(lines);

    return (size_t)(2 * (rows + filter->before + filter->after) * width_of(lines));
}

typedef double pack __attribute__((vector_size(32), aligned(8)));

/* STRIP results: first p[last], then op of pairs or single elements. */
#define STRIP_LOOP(first, term)                                                                    \
    for (; i + STRIP <= n; i = tg_next_strip(i, n)) {                                              \
        const double *at = p + i;                                                                  \
        pack sum[STRIP / 4];                                                                       \
                                                                                                   \
        for (int k = 0; k < STRIP / 4; k++)                                                        \
            sum[k] = *(const pack *)(at + (first)*stride + 4 * k) * weight[first];                 \
        for (int64_t t = 0; t < terms; t++)                                                        \
            for (int k = 0; k < STRIP / 4; k++)                                                    \
                sum[k] += (term(pack, 4 * k)) * weight[t];                                         \
        for (int k = 0; k < STRIP / 4; k++)                                                        \
            *(pack *)(out + i + 4 * k) = sum[k];                                                   \
    }                                                                                              \
    for (; i < n; i++) {                                                                           \
        const double *at = p + i;                                                                  \
        double sum = at[(first)*stride] * weight[first];                                           \
                                                                                                   \
        for (int64_t t = 0; t < terms; t++)                                                        \
            sum += (term(double, 0)) * weight[t];                                                  \
        out[i] = sum;                                                                              \
    }
#define LEFT(type, k)   *(const type *)(at + t * stride + (k))
#define RIGHT(type, k)  *(const type *)(at + (count - 1 - t) * stride + (k))
#define EVEN(type, k)   LEFT(type, k) + RIGHT(type, k)
#define ODD(type, k)    LEFT(type, k) - RIGHT(type, k)
#define SINGLE(type, k) LEFT(type, k)

#define SUMS(name, first, nterms, term)                                                            \
    TG_CLONES static void sums_##name(int64_t n, const double *p, int64_t stride, int64_t count,   \
                                      const double *weight, double *out)                           \
    {                                                                                              \
        int64_t i = 0, terms = nterms;                                                             \
                                                                                                   \
        STRIP_LOOP(first, term)                                                                    \
    }
SUMS(even, count / 2, count / 2, EVEN)
SUMS(odd, count / 2, count / 2, ODD)
SUMS(single, count - 1, count - 1, SINGLE)

/* 1 for weights that are the same from both ends, -1 for those that are opposite, 0 for others. */
static int symmetry(const double *weight, int64_t count)
{
    bool even = count % 2 == 1, odd = even;

    for (int64_t t = 0; t < count / 2; t++) {
        even = even && !(fabs(weight[t] - weight[count - 1 - t]) > DBL_EPSILON);
        odd = odd && !(fabs(weight[t] + weight[count - 1 - t]) > DBL_EPSILON);
    }
    return even ? 1 : odd ? -1 : 0;
}

static void weighted_sums(int64_t n, const struct panel *panel, int64_t count, const double *weight)
{
    int kind = symmetry(weight, count);

    (kind > 0   ? sums_even
     : kind < 0 ? sums_odd
                : sums_single)(n, panel->in, panel->width, count, weight, panel->out);
}

/* Sums of integers are exact whatever their order: each comes from the one before it. */
TG_CLONES static void running_means(int64_t n, const double *restrict p, int64_t stride,
                                    int64_t count, double *restrict out)
{
    double size = (double)count;

    for (int64_t i = 0; i < stride; i++) {
        out[i] = p[i];
        for (int64_t t = 1; t < count; t++)
            out[i] += p[i + t * stride];
    }
    for (int64_t i = stride; i < n; i += stride)
        for (int64_t k = i; k < i + stride; k++)
            out[k] = out[k - stride] + (p[k + (count - 1) * stride] - p[k - stride]);
    for (int64_t i = 0; i < n; i++)
        out[i] /= size;
}

/* Whether sums of so many elements, and of all of a panel's, are whole numbers below 2^53. */
static bool sums_are_exact(tg_dtype dtype, int64_t count)
{
    return dtype != TG_INT64 && dtype != TG_UINT64 && dtype < TG_FLOAT32 && count < 1 << 20;
}

/* out[i] = the lesser of p[i] and p[i + shift]. */
TG_CLONES static void lesser(int64_t n, const double *restrict p, int64_t shift,
                             double *restrict out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = p[i + shift] < p[i] ? p[i + shift] : p[i];
}

TG_CLONES static void greater(int64_t n, const double *restrict p, int64_t shift,
                              double *restrict out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = p[i + shift] > p[i] ? p[i + shift] : p[i];
}

/* Of windows of 1, 2, 4, ... elements; the last two overlap. */
static void extremes(int64_t n, struct panel *panel, int64_t count, bool minimum)
{
    void (*better)(int64_t, const double *, int64_t, double *) = minimum ? lesser : greater;
    double *in = panel->in, *out = panel->out, *old;
    int64_t size = 1;

    for (; 2 * size <= count; size *= 2, old = in, in = out, out = old)
        better(n + (count - 2 * size) * panel->width, in, size * panel->width, out);
    better(n, in, (count - size) * panel->width, out);
    panel->out = out;
    panel->in = in;
}

/* What is filtered, and where it goes. */
struct run {
    const tg_filter *filter;
    const tg_filter_lines *lines;
    tg_dtype from, to;
    int64_t halo;
    int64_t width, rows;  /* of panels */
    int64_t first, count; /* of the most places in a row that follow one another in the block */
    double *scratch;
};

static void find_longest(struct run *run)
{
    const int64_t *place = run->lines->place, n = run->lines->nout + run->halo;

    for (int64_t r = 0, next; r < n; r = next) {
        next = r + 1;
        while (place[r] >= 0 && next < n && place[next] == place[next - 1] + 1)
            next++;
        if (place[r] >= 0 && next - r > run->count) {
            run->first = r;
            run->count = next - r;
        }
    }
}

/* Of complex numbers real and imaginary parts alternate. */
static void fill_row(const tg_filter *filter, int64_t column, int64_t n, double *row)
{
    for (int64_t i = 0; i < n; i++)
        row[i] = filter->value[filter->complex_parts & (column + i)];
}

/* Elements as float64: a few of an edge without a call. */
static void take(int64_t n, tg_dtype from, const void *in, double *out)
{
    if (from != TG_FLOAT64 || n > STRIP) {
        tg_convert(n, from, in, TG_FLOAT64, out);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        out[i] = ((const double *)in)[i];
}

/* Rows first .. first + rows of the places, columns from `column` on, as float64. */
static void load(const struct run *run, int64_t first, int64_t rows, int64_t column, int64_t width,
                 const char *in, double *panel)
{
    const int64_t *place = run->lines->place, last = run->first + run->count;
    const int64_t inner = run->lines->inner;
    size_t size = tg_dtype_size(run->from);

    for (int64_t r = first, n; r < first + rows; r += n, panel += n * width) {
        n = 1;
        if (width == inner && r >= run->first && r < last)
            n = first + rows < last ? first + rows - r : last - r;
        if (place[r] < 0)
            fill_row(run->filter, column, width, panel);
        else
            take(n * width, run->from, in + (size_t)(place[r] * inner + column) * size, panel);
    }
}

static void keep(const struct panel *panel, const tg_filter_lines *lines, int64_t first,
                 int64_t column, tg_dtype to, char *out)
{
    int64_t n = panel->width, rows = panel->rows;
    size_t size = tg_dtype_size(to);

    if (n == lines->inner) {
        n *= rows;
        rows = 1;
    }
    for (int64_t r = 0; r < rows; r++)
        tg_convert(n, TG_FLOAT64, panel->out + r * n, to,
                   out + (size_t)((first + r) * lines->inner + column) * size);
}

static void run_panel(const tg_filter *filter, struct panel *panel, tg_dtype from)
{
    int64_t n = panel->rows * panel->width, count = filter->before + filter->after + 1;

    switch (filter->kind) {
    case TG_FILTER_WEIGHTS:
        weighted_sums(n, panel, count, filter->weights);
        break;
    case TG_FILTER_MEAN:
        (sums_are_exact(from, count) ? running_means : tg_window_means_of(count))(
            n, panel->in, panel->width, count, panel->out);
        break;
    default:
        extremes(n, panel, count, filter->kind == TG_FILTER_MINIMUM);
    }
}

/* Of which the results lie in either of a panel's two halves. */
static bool is_extreme(const tg_filter *filter)
{
    return filter->kind == TG_FILTER_MINIMUM || filter->kind == TG_FILTER_MAXIMUM;
}

/* Results [first, end) of one outer element, over panels. */
static void run_panels(const struct run *run, int64_t first, int64_t end, const char *in, char *out)
{
    const tg_filter_lines *lines = run->lines;
    const bool in_place =
        run->to == TG_FLOAT64 && !is_extreme(run->filter) && run->width == lines->inner;

    for (int64_t column = 0; column < lines->inner; column += run->width)
        for (int64_t row = first; row < end; row += run->rows) {
            struct panel panel = {.width = lines->inner - column, .rows = end - row};

            panel.width = panel.width < run->width ? panel.width : run->width;
            panel.rows = panel.rows < run->rows ? panel.rows : run->rows;
            panel.in = run->scratch;
            panel.out = run->scratch + (run->rows + run->halo) * run->width;
            if (in_place)
                panel.out = (double *)(void *)out + row * lines->inner;
            load(run, row, panel.rows + run->halo, column, panel.width, in, panel.in);
            run_panel(run->filter, &panel, run->from);
            if (!in_place)
                keep(&panel, lines, row, column, run->to, out);
        }
}

/* Means [first, end) one by one: those near the edges of a line. */
static void run_edge(const struct run *run, int64_t first, int64_t end, const double *in,
                     double *out)
{
    for (int64_t r = first; r < end; r++) {
        double sum = 0;

        for (int64_t t = 0; t <= run->halo; t++) {
            const int64_t place = run->lines->place[r + t];
            const double x = place < 0 ? run->filter->value[0] : in[place];

            sum = t == 0 ? x : sum + x;
        }
        out[r] = sum / (double)(run->halo + 1);
    }
}

/* Means along the last axis: a line after the other, which are too short for panels. */
static void run_lines(const struct run *run, const double *in, double *out)
{
    const tg_filter_lines *lines = run->lines;
    const int64_t count = run->halo + 1, end = run->first + run->count - run->halo;
    tg_window_means *means = tg_window_means_of(count);

    for (int64_t o = 0; o < lines->outer; o++, in += lines->nin, out += lines->nout) {
        run_edge(run, 0, run->first, in, out);
        means(end - run->first, in + lines->place[run->first], 1, count, out + run->first);
        run_edge(run, end, lines->nout, in, out);
    }
}

/* Results [first, end) whose elements follow one another in the block, as it lies. */
static void run_direct(const struct run *run, int64_t first, int64_t end, const char *in, char *out)
{
    int64_t inner = run->lines->inner;
    struct panel panel = {.width = inner,
                          .rows = end - first,
                          .in = (double *)(uintptr_t)in + run->lines->place[first] * inner,
                          .out = (double *)(void *)out + first * inner};

    run_panel(run->filter, &panel, run->from);
}

void tg_filter_run(const tg_filter *filter, const tg_filter_lines *lines, tg_dtype from,
                   const void *in, tg_dtype to, void *out, double *scratch)
{
    const size_t in_step = (size_t)(lines->nin * lines->inner) * tg_dtype_size(from);
    const size_t out_step = (size_t)(lines->nout * lines->inner) * tg_dtype_size(to);
    struct run run = {.filter = filter,
                      .lines = lines,
                      .from = from,
                      .to = to,
                      .halo = filter->before + filter->after,
                      .width = width_of(lines),
                      .rows = rows_of(lines),
                      .scratch = scratch};
    int64_t first = 0, end = 0; /* of the results that need no panel */

    find_longest(&run);
    if (from == TG_FLOAT64 && to == TG_FLOAT64 && filter->kind == TG_FILTER_MEAN &&
        lines->inner == 1 && run.count >= run.halo + STRIP) {
        run_lines(&run, in, out);
        return;
    }
    if (from == TG_FLOAT64 && to == TG_FLOAT64 && !is_extreme(filter) && run.count > run.halo &&
        lines->nout * lines->inner >= SMALL) {
        first = run.first;
        end = first + run.count - run.halo;
    }
    for (int64_t o = 0; o < lines->outer; o++) {
        const char *own = (const char *)in + (size_t)o * in_step;
        char *results = (char *)out + (size_t)o * out_step;

        if (end > first)
            run_direct(&run, first, end, own, results);
        if (first > 0)
            run_panels(&run, 0, first, own, results);
        if (end < lines->nout)
            run_panels(&run, end, lines->nout, own, results);
    }
}
