/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of a level, on vectors of WIDTH doubles; included once for each, which says how
 * WIDTH floats become doubles, LOAD_float32, and what ends the use of its registers, LEAVE: gcc 12
 * forgets it, and narrower instructions then wait for the upper halves.
 *
 *     rows        some side by side, whose lanes are vectors
 *     few lines   a strip of columns at a time, all its lanes in registers from the first element
 *                 to the moments: in chunks of few elements along the axis most work is between
 *                 the two passes
 *     more lines  line by line, the lanes of all columns in the first cache: as many lines as can
 *                 be read at once without their caches and the readers ahead of them getting in
 *                 each other's way
 */
#include <math.h>
#include <string.h>

#include "kernel/types.h"

typedef double pack __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
typedef int64_t mask __attribute__((vector_size(8 * WIDTH)));

/* WIDTH elements from x on as doubles. */
#define LOAD_float64(x) (*(const pack *)(x))
#define WIDE(name, x)   LOAD_##name(x)
#define AT(array, k)    (*(pack *)((array) + (k)))
#define NOT_FINITE(bit) (((bit)&EXPONENT) == EXPONENT)
#define EXPONENT        (INT64_C(0x7ff) << 52)

static inline bool any(mask m)
{
    int64_t bits = 0;

    for (int l = 0; l < WIDTH; l++)
        bits |= m[l];
    return bits != 0;
}

/* high + low = mean + (rest + step), renormalised: TwoSum (Knuth) and FastTwoSum (Dekker). */
#define ADD_STEP(type, mean, rest, step, high, low)                                                \
    {                                                                                              \
        const type sum_ = (mean) + (step), part_ = sum_ - (mean);                                  \
        const type rest_ = (rest) + (((mean) - (sum_ - part_)) + ((step)-part_));                  \
        const type high_ = sum_ + rest_;                                                           \
                                                                                                   \
        low = rest_ - (high_ - sum_);                                                              \
        high = high_;                                                                              \
    }

/* The leading 26 bits: times a count they are exact, and so are the others. */
#define LEADING (INT64_MIN >> 36)

static inline double leading_double(double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    bits &= LEADING;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline pack leading_pack(pack x)
{
    return (pack)((mask)x & LEADING);
}

/* high + low = first + sum / count, with what the division leaves: the first element may be far
 * larger than the mean. share = 1 / count. */
#define ADD_MEAN(type, first, sum, count, share, high, low)                                        \
    {                                                                                              \
        const type step_ = (sum) * (share), head_ = leading_##type(step_);                         \
        const type left_ = ((sum)-head_ * (count)) - (step_ - head_) * (count);                    \
                                                                                                   \
        ADD_STEP(type, first, left_ *(share), step_, high, low)                                    \
    }

#define ROWS  (WIDTH / 2) /* side by side: four vectors of lanes keep the adders busy */
#define PARTS (TG_LANES / WIDTH)
#define LINE  64 /* bytes of a cache line */

/* Units of equal length that are summed side by side, the last one maybe several times, and the
 * unit that comes next. Some rows' first blocks come before their second ones. */
struct units {
    int64_t length, row[ROWS], at[ROWS], unit[ROWS];
    int64_t group, next_row, next_at;
};

static bool next_units(const tg_tile *tile, struct units *u)
{
    int n = 0;

    while (n < ROWS && u->group < tile->nkept) {
        const int64_t left = tile->nreduced - u->next_at;
        const int64_t length = left < TG_FLOAT_BLOCK ? left : TG_FLOAT_BLOCK;

        if (n > 0 && length != u->length)
            break;
        u->length = length;
        u->row[n] = u->next_row;
        u->at[n] = u->next_at;
        u->unit[n++] = tg_unit(tile, u->next_at, u->next_row);
        if (++u->next_row < u->group + ROWS && u->next_row < tile->nkept)
            continue;
        u->next_at += TG_FLOAT_BLOCK;
        if (u->next_at >= tile->nreduced) {
            u->group += ROWS;
            u->next_at = 0;
        }
        u->next_row = u->group;
    }
    for (int i = n; n > 0 && i < ROWS; i++) {
        u->row[i] = u->row[n - 1];
        u->at[i] = u->at[n - 1];
        u->unit[i] = u->unit[n - 1];
    }
    return n > 0;
}

/* Ask for what a later tile has in the place of a unit: rows side by side are too many streams for
 * the readers ahead of them. */
static inline void ask_ahead(const char *unit, int64_t bytes, int64_t ahead)
{
    for (int64_t b = 0; ahead && b < bytes; b += LINE)
        __builtin_prefetch(unit + ahead + b);
}

/* Sums of x - shift, or of its square. */
#define ROW_SUMS(what, name, type, term)                                                           \
    static void rows_##what##_##name(int64_t n, const type *const *x, const double *shift,         \
                                     double *sums)                                                 \
    {                                                                                              \
        pack lanes[ROWS][PARTS] = {{{0}}};                                                         \
        int64_t i = 0;                                                                             \
                                                                                                   \
        for (; i + TG_LANES <= n; i += TG_LANES)                                                   \
            for (int p = 0; p < PARTS; p++)                                                        \
                for (int r = 0; r < ROWS; r++) {                                                   \
                    const pack d = WIDE(name, x[r] + i + p * WIDTH) - shift[r];                    \
                                                                                                   \
                    lanes[r][p] += term;                                                           \
                }                                                                                  \
        for (int r = 0; r < ROWS; r++) {                                                           \
            double lane[TG_LANES];                                                                 \
                                                                                                   \
            for (int p = 0; p < PARTS; p++)                                                        \
                AT(lane, p *WIDTH) = lanes[r][p];                                                  \
            for (int l = 0; i + l < n; l++) {                                                      \
                const double d = (double)x[r][i + l] - shift[r];                                   \
                                                                                                   \
                lane[l] += term;                                                                   \
            }                                                                                      \
            sums[r] = tg_add_lanes(lane[0], lane[1], lane[2], lane[3], lane[4], lane[5], lane[6],  \
                                   lane[7]);                                                       \
        }                                                                                          \
    }

#define ROW_MOMENTS(name, type)                                                                    \
    ROW_SUMS(differences, name, type, d)                                                           \
    ROW_SUMS(squares, name, type, d *d)                                                            \
                                                                                                   \
    /* The sum in logical order over the count, for a unit whose differences' sum is not finite */ \
    static double plain_mean_##name(int64_t n, const type *x)                                      \
    {                                                                                              \
        double sum = 0;                                                                            \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            sum += (double)x[i];                                                                   \
        return sum / (double)n;                                                                    \
    }                                                                                              \
                                                                                                   \
    static void reduce_rows_##name(const tg_tile *tile, tg_float_moments to)                       \
    {                                                                                              \
        struct units u = {0};                                                                      \
                                                                                                   \
        while (next_units(tile, &u)) {                                                             \
            const type *x[ROWS];                                                                   \
            double mean[ROWS], sum[ROWS];                                                          \
                                                                                                   \
            for (int r = 0; r < ROWS; r++) {                                                       \
                x[r] = (const type *)tile->lines[u.row[r]] + u.at[r];                              \
                mean[r] = (double)x[r][0];                                                         \
                ask_ahead((const char *)x[r], u.length *(int64_t)sizeof(type), tile->ahead);       \
            }                                                                                      \
            rows_differences_##name(u.length, x, mean, sum);                                       \
            for (int r = 0; r < ROWS; r++) {                                                       \
                const double count = (double)u.length;                                             \
                double *low = &to.low[u.unit[r]];                                                  \
                                                                                                   \
                ADD_MEAN(double, mean[r], sum[r], count, 1 / count, mean[r], *low)                 \
                if (!isfinite(sum[r])) {                                                           \
                    mean[r] = plain_mean_##name(u.length, x[r]);                                   \
                    *low = 0;                                                                      \
                }                                                                                  \
                to.mean[u.unit[r]] = mean[r];                                                      \
            }                                                                                      \
            if (!to.m2)                                                                            \
                continue;                                                                          \
            rows_squares_##name(u.length, x, mean, sum);                                           \
            for (int r = 0; r < ROWS; r++)                                                         \
                to.m2[u.unit[r]] = sum[r];                                                         \
        }                                                                                          \
    }

#define FEW_LINES 32  /* as many streams as are read ahead */
#define FEW_AHEAD 256 /* bytes of each line: the readers ahead alone leave the memory idle */

#define ADD_FEW(name, type, l, r, shift, term)                                                     \
    {                                                                                              \
        const pack d = WIDE(name, (const type *)line[r] + k) - (shift);                            \
                                                                                                   \
        lane[l] += term;                                                                           \
    }

/* Sums of the terms of all lines, for the columns from k on. */
#define SUM_FEW(name, type, shift, term, sum)                                                      \
    {                                                                                              \
        pack lane[TG_LANES] = {{0}};                                                               \
        int64_t r = 0;                                                                             \
                                                                                                   \
        for (; r + TG_LANES <= lines; r += TG_LANES)                                               \
            for (int l = 0; l < TG_LANES; l++)                                                     \
                ADD_FEW(name, type, l, r + l, shift, term)                                         \
        for (int l = 0; l < TG_LANES; l++)                                                         \
            if (r + l < lines)                                                                     \
                ADD_FEW(name, type, l, r + l, shift, term)                                         \
        sum =                                                                                      \
            TG_ADD_LANES(lane[0], lane[1], lane[2], lane[3], lane[4], lane[5], lane[6], lane[7]);  \
    }

/* The last strip overlaps. */
#define FEW_MOMENTS(name, type)                                                                    \
    static double plain_column_##name(int64_t n, const void *const *line, int64_t k)               \
    {                                                                                              \
        double sum = 0;                                                                            \
                                                                                                   \
        for (int64_t r = 0; r < n; r++)                                                            \
            sum += (double)((const type *)line[r])[k];                                             \
        return sum / (double)n;                                                                    \
    }                                                                                              \
                                                                                                   \
    /* Once for each cache line, which has several strips */                                       \
    static inline void ask_lines_##name(const tg_tile *tile, int64_t k)                            \
    {                                                                                              \
        const int64_t ahead = tile->ahead ? tile->ahead : FEW_AHEAD;                               \
                                                                                                   \
        for (int64_t r = 0; k % (LINE / (int64_t)sizeof(type)) == 0 && r < tile->nreduced; r++)    \
            ask_ahead((const char *)((const type *)tile->lines[r] + k), LINE, ahead);              \
    }                                                                                              \
                                                                                                   \
    static void reduce_few_##name(const tg_tile *tile, tg_float_moments to)                        \
    {                                                                                              \
        const void *const *line = tile->lines;                                                     \
        const int64_t n = tile->nkept, lines = tile->nreduced;                                     \
        const double count = (double)lines, share = 1 / count;                                     \
                                                                                                   \
        for (int64_t at = 0; at < n; at += WIDTH) {                                                \
            const int64_t k = at + WIDTH <= n ? at : n - WIDTH;                                    \
            const pack first = WIDE(name, (const type *)line[0] + k);                              \
            pack sum, mean, low;                                                                   \
                                                                                                   \
            ask_lines_##name(tile, at);                                                            \
            SUM_FEW(name, type, first, d, sum)                                                     \
            ADD_MEAN(pack, first, sum, count, share, mean, low)                                    \
            AT(to.mean, k) = mean;                                                                 \
            AT(to.low, k) = low;                                                                   \
            if (any(NOT_FINITE((mask)sum))) {                                                      \
                for (int c = 0; c < WIDTH; c++)                                                    \
                    if (!isfinite(sum[c])) {                                                       \
                        to.mean[k + c] = plain_column_##name(lines, line, k + c);                  \
                        to.low[k + c] = 0;                                                         \
                    }                                                                              \
                mean = AT(to.mean, k);                                                             \
            }                                                                                      \
            if (to.m2)                                                                             \
                SUM_FEW(name, type, mean, d *d, AT(to.m2, k))                                      \
        }                                                                                          \
    }

/* Lane l of a tile by columns takes the elements l, l + 8, ...: of up to four lines at once, so
 * that it is loaded and stored once for them. */
#define LANE_LINES 4

/* Those lines of n elements added one after the other, to nothing where the lane is fresh. */
#define ADD_LINES(what, name, type, term)                                                          \
    static void add_4_##what##_##name(int64_t n, bool fresh, const type *const *x,                 \
                                      const double *restrict shift, double *restrict lane)         \
    {                                                                                              \
        const type *restrict x0 = x[0], *restrict x1 = x[1], *restrict x2 = x[2],                  \
                             *restrict x3 = x[3];                                                  \
                                                                                                   \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x0[k] - shift[k];                        \
                                                                                                   \
            sum += term;                                                                           \
            d = (double)x1[k] - shift[k];                                                          \
            sum += term;                                                                           \
            d = (double)x2[k] - shift[k];                                                          \
            sum += term;                                                                           \
            d = (double)x3[k] - shift[k];                                                          \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void add_2_##what##_##name(int64_t n, bool fresh, const type *const *x,                 \
                                      const double *restrict shift, double *restrict lane)         \
    {                                                                                              \
        const type *restrict x0 = x[0], *restrict x1 = x[1];                                       \
                                                                                                   \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x0[k] - shift[k];                        \
                                                                                                   \
            sum += term;                                                                           \
            d = (double)x1[k] - shift[k];                                                          \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void add_1_##what##_##name(int64_t n, bool fresh, const type *restrict x,               \
                                      const double *restrict shift, double *restrict lane)         \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++) {                                                          \
            double sum = fresh ? 0 : lane[k], d = (double)x[k] - shift[k];                         \
                                                                                                   \
            lane[k] = sum + term;                                                                  \
        }                                                                                          \
    }

static void sum_lanes(int64_t n, double lane[TG_LANES][TG_FLOAT_KEPT], double *restrict sums)
{
    for (int64_t k = 0; k < n; k++)
        sums[k] = tg_add_lanes(lane[0][k], lane[1][k], lane[2][k], lane[3][k], lane[4][k],
                               lane[5][k], lane[6][k], lane[7][k]);
}

#define COLUMN_SUMS(what, name, type, term)                                                        \
    ADD_LINES(what, name, type, term)                                                              \
                                                                                                   \
    static void add_lines_##what##_##name(const tg_tile *tile, int64_t first, const double *shift, \
                                          double *lane)                                            \
    {                                                                                              \
        const type *x[LANE_LINES];                                                                 \
        const bool fresh = first < TG_LANES;                                                       \
        int64_t n = tile->nkept, lines = 0;                                                        \
                                                                                                   \
        for (int64_t r = first; r < tile->nreduced && lines < LANE_LINES; r += TG_LANES)           \
            x[lines++] = tile->lines[r];                                                           \
        if (lines == 4)                                                                            \
            add_4_##what##_##name(n, fresh, x, shift, lane);                                       \
        if (lines == 2 || lines == 3)                                                              \
            add_2_##what##_##name(n, fresh, x, shift, lane);                                       \
        if (lines == 1 || lines == 3)                                                              \
            add_1_##what##_##name(n, fresh &&lines == 1, x[lines - 1], shift, lane);               \
        if (lines == 0 && fresh)                                                                   \
            memset(lane, 0, sizeof *lane *(size_t)n);                                              \
    }                                                                                              \
                                                                                                   \
    static void column_##what##_##name(const tg_tile *tile, const double *shift, double *sums)     \
    {                                                                                              \
        double lane[TG_LANES][TG_FLOAT_KEPT];                                                      \
                                                                                                   \
        for (int64_t r = 0; r < tile->nreduced; r += LANE_LINES * TG_LANES)                        \
            for (int l = 0; l < TG_LANES; l++)                                                     \
                add_lines_##what##_##name(tile, r + l, shift, lane[l]);                            \
        sum_lanes(tile->nkept, lane, sums);                                                        \
    }

/* first + sum / count; whether any sum is not finite. */
static bool find_means(int64_t n, int64_t count, const double *restrict first,
                       const double *restrict sum, double *restrict mean, double *restrict low)
{
    const double n_lines = (double)count, share = 1 / n_lines;
    int64_t bad = 0;

    for (int64_t k = 0; k < n; k++) {
        int64_t bits;

        ADD_MEAN(double, first[k], sum[k], n_lines, share, mean[k], low[k])
        memcpy(&bits, &sum[k], sizeof bits);
        bad |= NOT_FINITE(bits);
    }
    return bad;
}

#define COLUMN_MOMENTS(name, type)                                                                 \
    COLUMN_SUMS(differences, name, type, d)                                                        \
    COLUMN_SUMS(squares, name, type, d *d)                                                         \
                                                                                                   \
    static void widen_##name(int64_t n, const type *restrict x, double *restrict y)                \
    {                                                                                              \
        for (int64_t k = 0; k < n; k++)                                                            \
            y[k] = (double)x[k];                                                                   \
    }                                                                                              \
                                                                                                   \
    static void reduce_columns_##name(const tg_tile *tile, tg_float_moments to)                    \
    {                                                                                              \
        const int64_t n = tile->nkept, lines = tile->nreduced;                                     \
        double first[TG_FLOAT_KEPT], sum[TG_FLOAT_KEPT];                                           \
        bool bad;                                                                                  \
                                                                                                   \
        widen_##name(n, tile->lines[0], first);                                                    \
        column_differences_##name(tile, first, sum);                                               \
        bad = find_means(n, lines, first, sum, to.mean, to.low);                                   \
        for (int64_t k = 0; bad && k < n; k++) {                                                   \
            if (isfinite(sum[k]))                                                                  \
                continue;                                                                          \
            to.mean[k] = plain_column_##name(lines, tile->lines, k);                               \
            to.low[k] = 0;                                                                         \
        }                                                                                          \
        if (to.m2)                                                                                 \
            column_squares_##name(tile, to.mean, to.m2);                                           \
    }

#define MOMENTS(name, dtype, type, wide)                                                           \
    ROW_MOMENTS(name, type)                                                                        \
    FEW_MOMENTS(name, type)                                                                        \
    COLUMN_MOMENTS(name, type)                                                                     \
                                                                                                   \
    static void reduce_##name(const tg_tile *tile, tg_float_moments to)                            \
    {                                                                                              \
        if (!tile->by_columns)                                                                     \
            reduce_rows_##name(tile, to);                                                          \
        else if (tile->nreduced <= FEW_LINES && tile->nkept >= WIDTH)                              \
            reduce_few_##name(tile, to);                                                           \
        else                                                                                       \
            reduce_columns_##name(tile, to);                                                       \
        LEAVE();                                                                                   \
    }
TG_EACH_FLOAT(MOMENTS)

/* Merging begins at the mean of the side of more elements, so that the other moves it by less than
 * half of delta: its share of the count; left count * right count / count. */
typedef struct weights {
    double share, both;
} weights;

static void merge_one(weights w, tg_float_moments more, tg_float_moments less, int64_t k,
                      tg_float_moments out)
{
    const double delta = (less.mean[k] - more.mean[k]) + (less.low[k] - more.low[k]);

    if (out.m2)
        out.m2[k] = more.m2[k] + less.m2[k] + delta * delta * w.both;
    if (isfinite(delta)) {
        ADD_STEP(double, more.mean[k], more.low[k], delta *w.share, out.mean[k], out.low[k])
    } else {
        out.mean[k] = more.mean[k] * (1 - w.share) + less.mean[k] * w.share;
        out.low[k] = 0;
    }
}

static void merge(int64_t n, int64_t left_count, int64_t right_count, tg_float_moments left,
                  tg_float_moments right)
{
    const double l = (double)left_count, r = (double)right_count, count = l + r;
    const bool is_left = l >= r;
    const tg_float_moments more = is_left ? left : right, less = is_left ? right : left;
    const weights w = {(is_left ? r : l) / count, l / count * r};
    int64_t k = 0;

    for (; k + WIDTH <= n; k += WIDTH) {
        const pack mean = AT(more.mean, k), low = AT(more.low, k);
        const pack delta = (AT(less.mean, k) - mean) + (AT(less.low, k) - low);

        if (any(NOT_FINITE((mask)delta))) {
            for (int64_t i = k; i < k + WIDTH; i++)
                merge_one(w, more, less, i, left);
            continue;
        }
        if (left.m2)
            AT(left.m2, k) = AT(more.m2, k) + AT(less.m2, k) + delta * delta * w.both;
        ADD_STEP(pack, mean, low, delta * w.share, AT(left.mean, k), AT(left.low, k))
    }
    for (; k < n; k++)
        merge_one(w, more, less, k, left);
}

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

const tg_float_level LEVEL = {TEXT(LEVEL), reduce_float32, reduce_float64, merge};
