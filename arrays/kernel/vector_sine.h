/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sine and cosine of float64, for loops that the compiler vectorises: within 1 unit in the last
 * place for |x| < 2^20; the rest is left to others. Plain additions and products, so the bits
 * are the same at every width.
 *
 * x - n pi/2 is kept as the sum of two numbers: pi/2 is cut into pieces of 33 bits, whose products
 * with n < 2^20 are exact, and what each subtraction rounds away is added again (Cody and Waite
 * 1980; Knuth's sum). The polynomials on [-pi/4, pi/4], with that second number as a correction,
 * are those of fdlibm (Sun Microsystems 1993, k_sin.c and k_cos.c).
 */
#ifndef TG_KERNEL_VECTOR_SINE_H
#define TG_KERNEL_VECTOR_SINE_H

#include <stdint.h>
#include <string.h>

/* Not 0 for |x| >= 2^20, infinities and NaN: the sign of the difference of bits. */
static inline uint64_t tg_sine_is_far(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (0x412fffffffffffffu - (bits & 0x7fffffffffffffffu)) >> 63;
}

typedef struct tg_angle {
    double high, low;
    int64_t quadrant; /* the last two bits */
} tg_angle;

/* s = high - x; what has to be taken off s to be exact is added to *excess. */
static inline double tg_subtract_exactly(double high, double x, double *excess)
{
    double s = high - x, back = s - high;

    *excess += (x + back) - (high - (s - back));
    return s;
}

/* A zero keeps its sign: +0 is subtracted, never added. */
static inline tg_angle tg_angle_of(double x)
{
    double shifted = x * 0x1.45f306dc9c883p-1 + 0x1.8p52; /* rounds x 2/pi to a whole number */
    double n = shifted - 0x1.8p52, excess = 0, r;
    tg_angle angle;

    r = x - n * 0x1.921fb544p+0;
    r = tg_subtract_exactly(r, n * 0x1.0b4611a6p-34, &excess);
    r = tg_subtract_exactly(r, n * 0x1.3198a2ep-69, &excess);
    excess += n * 0x1.b839a252049c1p-104;
    angle.high = r - excess;
    angle.low = (r - angle.high) - excess;
    memcpy(&angle.quadrant, &shifted, sizeof shifted);
    return angle;
}

static inline double tg_sine_near_0(double x, double y)
{
    double z = x * x, v = z * x;
    double r = -1.98412698298579493134e-04 +
               z * (2.75573137070700676789e-06 +
                    z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10));

    r = 8.33333333332248946124e-03 + z * r;
    return x - ((z * (0.5 * y - v * r) - y) - v * -1.66666666666666324348e-01);
}

static inline double tg_cosine_near_0(double x, double y)
{
    double z = x * x, half = 0.5 * z, w = 1 - half;
    double r = -2.75573143513906633035e-07 +
               z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11);

    r = z * (4.16666666666666019037e-02 +
             z * (-1.38888888888741095749e-03 + z * (2.48015872894767294178e-05 + z * r)));
    return w + (((1 - w) - half) + (z * r - x * y));
}

/* The sine of x + turns quarters of a circle. */
static inline double tg_sine_turned(double x, int64_t turns)
{
    tg_angle angle = tg_angle_of(x);
    int64_t quadrant = angle.quadrant + turns, odd = -(quadrant & 1), bits, other;
    double sine = tg_sine_near_0(angle.high, angle.low);
    double cosine = tg_cosine_near_0(angle.high, angle.low);

    memcpy(&bits, &sine, sizeof sine);
    memcpy(&other, &cosine, sizeof cosine);
    bits = (bits & ~odd) | (other & odd);
    bits ^= (int64_t)((uint64_t)(quadrant & 2) << 62);
    memcpy(&sine, &bits, sizeof sine);
    return sine;
}

#endif
