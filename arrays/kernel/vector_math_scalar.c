/* SPDX-License-Identifier: BSD-3-Clause */
/* Vector functions on scalars, for processors without vectors and as the measure of the others. */
#include <sleef.h>

#include "kernel/vector_math.h"

#define LEVEL           scalar
#define WIDTH64         1
#define WIDTH32         1
#define LOAD64(p)       (*(p))
#define LOAD32(p)       (*(p))
#define STORE64(p, x)   (*(p) = (x))
#define STORE32(p, x)   (*(p) = (x))
#define CALL64(f, ulps) Sleef_cinz_##f##d1_##ulps##purec
#define CALL32(f, ulps) Sleef_cinz_##f##f1_##ulps##purec
#include "kernel/vector_math_level.h"
