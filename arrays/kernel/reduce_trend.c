/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mean and standard deviation after a fit of Legendre polynomials P1 .. PK over a whole axis.
 *
 * With X = [1, P1(t), ..., PK(t)], t = linspace(-1, 1, total), beta the least-squares solution of
 * X beta = x and y = x - X[:, 1:] beta[1:] (nipype's regress_poly), the mean of y is beta[0] and
 * y - mean(y) is the residual of the fit: std(y) = sqrt(rss / (total - ddof)).
 *
 * The axis comes in chunks, of which none sees the others. A chunk's rows of X are factored as Q R
 * (the same for all results), and each result keeps z = Q' x and the sum of squares rss of x - Q z,
 * computed from the residuals themselves. Two neighbours are one problem again (sequential least
 * squares, Golub, Van Loan: Matrix Computations, 4th ed., section 6.5):
 *
 *     [R_left; R_right] = Q R,  z = Q' [z_left; z_right],  rss += |[z_left; z_right] - Q z|^2
 *
 * Everything is relative to a shift of each result, the chunk's first element: a constant is 0
 * throughout, its mean exact and its deviation exactly 0. As X begins with a column of ones, moving
 * the shift by d changes z by d R[:, 0].
 *
 * With no more elements than polynomials the fit is exact: the deviation is 0 and beta the solution
 * of least norm, as numpy.linalg.pinv gives it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/least_squares.h"
#include "kernel/reduce_walk.h"
#include "kernel/reducers.h"
#include "kernel/types.h"

#define KEPT  64  /* results fitted together */
#define BLOCK 256 /* elements of a tile along the axis */

/* At the beginning of a partial; then come, nkept doubles each, shift, rss and the m rows of z. */
typedef struct header {
    int64_t count, rank; /* elements; rows of r and of z in use: min(count, m) */
    double r[];          /* [m, m] */
} header;

static int64_t columns_of(const tg_reduce_spec *spec)
{
    return (int64_t)spec->params[0] + 1;
}

static size_t header_size(const tg_reduce_spec *spec)
{
    int64_t m = columns_of(spec);

    return (sizeof(header) + sizeof(double) * (size_t)(m * m) + 63) / 64 * 64;
}

static size_t partial_size(const tg_reduce_spec *spec, int64_t nkept)
{
    return header_size(spec) + sizeof(double) * (size_t)(nkept * (columns_of(spec) + 2));
}

/* A partial's arrays. */
typedef struct fit {
    header *head;
    double *shift, *rss, *z;
} fit;

static fit open_partial(const tg_reduce_spec *spec, int64_t nkept, const void *partial)
{
    fit f = {.head = (header *)(uintptr_t)partial};

    f.shift = (double *)((char *)f.head + header_size(spec));
    f.rss = f.shift + nkept;
    f.z = f.rss + nkept;
    return f;
}

typedef struct chunk_state {
    tg_dtype dtype;
    int64_t n, m, nkept;
    fit fit;
    double *q; /* [n, rank] */
    double *y; /* [n, KEPT]: the current tile less its shift */
} chunk_state;

/* The chunk's rows of X, factored. `work` has room for [n, m]. */
static void factor(const chunk_state *state, const tg_reduce_view *view, double *work)
{
    int64_t start = view->nreduced > 0 ? view->reduced_start[0] : 0;
    int64_t total = view->nreduced > 0 ? view->reduced_total[0] : 1;

    for (int64_t i = 0; i < state->n; i++)
        tg_legendre(tg_even_place(start + i, total), state->m, work + i * state->m);
    tg_qr(state->n, state->m, work, state->q, state->fit.head->r);
}

/* The tile as float64, less the shift, to its place in y. */
static void convert_tile(const chunk_state *state, const tg_tile *tile)
{
    double row[BLOCK];
    double *y = state->y + tile->reduced * KEPT;
    double *shift = state->fit.shift + tile->kept;

    for (int64_t r = 0; tile->by_columns && r < tile->nreduced; r++)
        tg_convert(tile->nkept, state->dtype, tile->lines[r], TG_FLOAT64, y + r * KEPT);
    for (int64_t k = 0; !tile->by_columns && k < tile->nkept; k++) {
        tg_convert(tile->nreduced, state->dtype, tile->lines[k], TG_FLOAT64, row);
        for (int64_t r = 0; r < tile->nreduced; r++)
            y[r * KEPT + k] = row[r];
    }
    if (tile->reduced == 0)
        memcpy(shift, y, sizeof *shift * (size_t)tile->nkept);
    for (int64_t r = 0; r < tile->nreduced; r++) {
        for (int64_t k = 0; k < tile->nkept; k++)
            y[r * KEPT + k] -= shift[k];
    }
}

/* z [rank, KEPT] += q [n, rank]' y [n, KEPT] */
TG_CLONES static void project(int64_t n, int64_t rank, const double *restrict q,
                              const double *restrict y, double *restrict z)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < rank; j++) {
            for (int64_t k = 0; k < KEPT; k++)
                z[j * KEPT + k] += q[i * rank + j] * y[i * KEPT + k];
        }
    }
}

/* rss [KEPT] += squares of y - q z */
TG_CLONES static void add_residuals(int64_t n, int64_t rank, const double *restrict q,
                                    const double *restrict y, const double *restrict z,
                                    double *restrict rss)
{
    for (int64_t i = 0; i < n; i++) {
        double e[KEPT];

        memcpy(e, y + i * KEPT, sizeof e);
        for (int64_t j = 0; j < rank; j++) {
            for (int64_t k = 0; k < KEPT; k++)
                e[k] -= q[i * rank + j] * z[j * KEPT + k];
        }
        for (int64_t k = 0; k < KEPT; k++)
            rss[k] += e[k] * e[k];
    }
}

static void fit_tile(const tg_tile *tile, void *arg)
{
    const chunk_state *state = arg;
    int64_t rank = state->fit.head->rank;
    double *z = state->y + state->n * KEPT; /* room for [m, KEPT] behind y */
    double rss[KEPT] = {0};

    convert_tile(state, tile);
    if (tile->reduced + tile->nreduced < state->n)
        return;
    memset(z, 0, sizeof *z * (size_t)(rank * KEPT));
    project(state->n, rank, state->q, state->y, z);
    if (rank < state->n)
        add_residuals(state->n, rank, state->q, state->y, z, rss);
    memcpy(state->fit.rss + tile->kept, rss, sizeof *rss * (size_t)tile->nkept);
    for (int64_t j = 0; j < rank; j++)
        memcpy(state->fit.z + j * state->nkept + tile->kept, z + j * KEPT,
               sizeof *z * (size_t)tile->nkept);
}

static tg_status chunk(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                       tg_task *scratch)
{
    static const tg_walk_options tiles = {.block = BLOCK, .kept_column = KEPT, .kept_row = KEPT};
    tg_status status = TG_OK;
    chunk_state state = {
        .dtype = spec->dtype,
        .n = tg_view_nreduced(view),
        .m = columns_of(spec),
        .nkept = tg_view_nkept(view),
    };
    int64_t most = state.n > state.m ? state.n : state.m;
    size_t size = sizeof(double) * (size_t)((state.n + state.m) * KEPT + 2 * most * state.m);

    TG_NEED(view->nreduced <= 1, TG_EARG, "a trend is fitted along one axis, not %d",
            view->nreduced);
    memset(partial, 0, partial_size(spec, state.nkept));
    state.fit = open_partial(spec, state.nkept, partial);
    state.fit.head->count = state.n;
    state.fit.head->rank = state.n < state.m ? state.n : state.m;
    state.y = tg_task_scratch(scratch, size);
    TG_NEED(state.y, TG_ENOMEM, "%zu bytes to fit a trend", size);
    memset(state.y, 0, size); /* lanes of results that are not there stay finite */
    state.q = state.y + (state.n + state.m) * KEPT;
    factor(&state, view, state.q + most * state.m);
    TG_TRY(tg_walk(view, tg_dtype_size(spec->dtype), &tiles, fit_tile, &state, scratch));
out:
    return status;
}

/* One result: stacked [rows] holds both sides' z, then q [rows, rank] turns it into one. */
static void merge_result(int64_t rows, int64_t rank, const double *q, const double *stacked,
                         double *z, int64_t pitch, double *rss)
{
    for (int64_t j = 0; j < rank; j++) {
        double sum = 0;

        for (int64_t i = 0; i < rows; i++)
            sum += q[i * rank + j] * stacked[i];
        z[j * pitch] = sum;
    }
    for (int64_t i = 0; rank < rows && i < rows; i++) {
        double e = stacked[i];

        for (int64_t j = 0; j < rank; j++)
            e -= q[i * rank + j] * z[j * pitch];
        *rss += e * e;
    }
}

static void merge(int64_t nkept, int64_t m, fit left, fit right, double *work)
{
    int64_t nl = left.head->rank, rows = nl + right.head->rank;
    int64_t rank = rows < m ? rows : m;
    double *a = work, *q = a + 2 * m * m, *stacked = q + 2 * m * m;

    memcpy(a, left.head->r, sizeof *a * (size_t)(nl * m));
    memcpy(a + nl * m, right.head->r, sizeof *a * (size_t)(right.head->rank * m));
    tg_qr(rows, m, a, q, left.head->r);
    for (int64_t k = 0; k < nkept; k++) {
        double moved = right.shift[k] - left.shift[k];

        for (int64_t i = 0; i < nl; i++)
            stacked[i] = left.z[i * nkept + k];
        for (int64_t i = 0; i < right.head->rank; i++)
            stacked[nl + i] = right.z[i * nkept + k] + moved * right.head->r[i * m];
        left.rss[k] += right.rss[k];
        merge_result(rows, rank, q, stacked, left.z + k, nkept, &left.rss[k]);
    }
    left.head->count += right.head->count;
    left.head->rank = rank;
}

static tg_status combine(const tg_reduce_spec *spec, int64_t nkept, void *left, const void *right)
{
    tg_status status = TG_OK;
    int64_t m = columns_of(spec);
    fit l = open_partial(spec, nkept, left), r = open_partial(spec, nkept, right);
    double *work = NULL;

    if (r.head->count == 0)
        return TG_OK;
    if (l.head->count == 0) {
        memcpy(left, right, partial_size(spec, nkept));
        return TG_OK;
    }
    work = malloc(sizeof *work * (size_t)(4 * m * m + 2 * m));
    TG_NEED(work, TG_ENOMEM, "merging fits of %" PRId64 " polynomials", m);
    merge(nkept, m, l, r, work);
out:
    free(work);
    return status;
}

/* The weights c [rank] with beta[0] = c' z for the solution of R beta = z (of least norm where
 * there are several): with R' = Q2 R2, c solves R2 c = first row of Q2, transposed. */
static void weigh(const header *head, int64_t m, double *c, double *work)
{
    int64_t rank = head->rank;
    double *a = work, *q = a + m * m, *r = q + m * m;

    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < rank; j++)
            a[i * rank + j] = head->r[j * m + i];
    }
    tg_qr(m, rank, a, q, r);
    for (int64_t j = rank - 1; j >= 0; j--) {
        c[j] = q[j];
        for (int64_t i = j + 1; i < rank; i++)
            c[j] -= r[j * rank + i] * c[i];
        c[j] /= r[j * rank + j];
    }
}

static double fitted_mean(const fit *f, int64_t m, int64_t nkept, int64_t k, const double *c)
{
    bool unique = f->head->rank == m;
    double mean = unique ? f->shift[k] : 0;

    for (int64_t j = 0; j < f->head->rank; j++) {
        double z = f->z[j * nkept + k];

        mean += c[j] * (unique ? z : z + f->shift[k] * f->head->r[j * m]);
    }
    return f->head->count > 0 ? mean : NAN;
}

static void write_double(double x, tg_dtype dtype, void *out, int64_t k)
{
    tg_convert(1, TG_FLOAT64, &x, dtype, (char *)out + (size_t)k * tg_dtype_size(dtype));
}

static tg_status finalize_mean(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                               tg_dtype out_dtype, void *out)
{
    tg_status status = TG_OK;
    int64_t m = columns_of(spec);
    fit f = open_partial(spec, nkept, partial);
    double *c = malloc(sizeof *c * (size_t)(m + 3 * m * m));

    TG_NEED(c, TG_ENOMEM, "solving for %" PRId64 " polynomials", m);
    weigh(f.head, m, c, c + m);
    for (int64_t k = 0; k < nkept; k++)
        write_double(fitted_mean(&f, m, nkept, k, c), out_dtype, out, k);
out:
    free(c);
    return status;
}

static tg_status finalize_std(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                              tg_dtype out_dtype, void *out)
{
    fit f = open_partial(spec, nkept, partial);
    double count = (double)f.head->count;
    double ddof = spec->nparams > 1 ? spec->params[1] : 0;

    for (int64_t k = 0; k < nkept; k++)
        write_double(sqrt(f.rss[k] / (count > ddof ? count - ddof : 0)), out_dtype, out, k);
    return TG_OK;
}

static tg_dtype float64(tg_dtype in)
{
    (void)in;
    return TG_FLOAT64;
}

const tg_reducer tg_reducer_detrended_mean = {
    .name = "detrended_mean",
    .partial_size = partial_size,
    .chunk = chunk,
    .combine = combine,
    .finalize = finalize_mean,
    .result = float64,
    .nchunk_params = 1,
    .empty_ok = true,
    .by_tiles = true,
};

const tg_reducer tg_reducer_detrended_std = {
    .name = "detrended_std",
    .partial_size = partial_size,
    .chunk = chunk,
    .combine = combine,
    .finalize = finalize_std,
    .result = float64,
    .nchunk_params = 1,
    .empty_ok = true,
    .by_tiles = true,
};
