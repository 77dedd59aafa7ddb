/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Householder's QR factorisation (Golub, Van Loan: Matrix Computations, 4th ed., algorithm 5.2.1),
 * for matrices of few columns. In the order given by the code and in float64: the same bits
 * everywhere.
 */
#include <math.h>
#include <string.h>

#include "kernel/least_squares.h"

/* Turn column j of a [n, m], from row j down, into the vector v of the reflection 1 - 2 v v' with
 * |v| = 1 (all 0: no reflection). Returns what the reflection makes of the diagonal element. */
static double make_reflection(int64_t n, int64_t m, double *a, int64_t j)
{
    double square = 0, norm, image;

    for (int64_t i = j; i < n; i++)
        square += a[i * m + j] * a[i * m + j];
    norm = sqrt(square);
    image = a[j * m + j] > 0 ? -norm : norm;
    a[j * m + j] -= image;
    square = 0;
    for (int64_t i = j; i < n; i++)
        square += a[i * m + j] * a[i * m + j];
    for (int64_t i = j; square > 0 && i < n; i++)
        a[i * m + j] /= sqrt(square);
    return image;
}

/* Apply reflection j of a to column c of x [n, width]. */
static void reflect(int64_t n, int64_t m, const double *a, int64_t j, double *x, int64_t width,
                    int64_t c)
{
    double dot = 0;

    for (int64_t i = j; i < n; i++)
        dot += a[i * m + j] * x[i * width + c];
    for (int64_t i = j; i < n; i++)
        x[i * width + c] -= 2 * dot * a[i * m + j];
}

void tg_qr(int64_t n, int64_t m, double *a, double *q, double *r)
{
    int64_t p = n < m ? n : m;

    memset(r, 0, sizeof *r * (size_t)(m * m));
    for (int64_t j = 0; j < p; j++) {
        r[j * m + j] = make_reflection(n, m, a, j);
        for (int64_t c = j + 1; c < m; c++) {
            reflect(n, m, a, j, a, m, c);
            r[j * m + c] = a[j * m + c];
        }
    }
    memset(q, 0, sizeof *q * (size_t)(n * p));
    for (int64_t c = 0; c < p; c++) {
        q[c * p + c] = 1;
        for (int64_t j = p - 1; j >= 0; j--)
            reflect(n, m, a, j, q, p, c);
    }
}

void tg_legendre(double t, int64_t m, double *row)
{
    row[0] = 1;
    if (m > 1)
        row[1] = t;
    for (int64_t d = 1; d + 1 < m;
         d++) { /* Bonnet: (d + 1) P(d + 1) = (2 d + 1) t P(d) - d P(d - 1) */
        double k = (double)d;

        row[d + 1] = ((2 * k + 1) * t * row[d] - k * row[d - 1]) / (k + 1);
    }
}

double tg_even_place(int64_t i, int64_t total)
{
    if (total > 1 && i == total - 1)
        return 1;
    return total > 1 ? -1 + (double)i * (2 / (double)(total - 1)) : -1;
}
