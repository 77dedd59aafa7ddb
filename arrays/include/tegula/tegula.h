/* SPDX-License-Identifier: BSD-3-Clause */
/** Everything a program needs: the runtime and the arrays. */
#ifndef TEGULA_TEGULA_H
#define TEGULA_TEGULA_H

#include <tegula/array.h>
#include <tegula/elementwise.h>
#include <tegula/index.h>
#include <tegula/runtime.h>

/** tg_gather(x, memory, size): an array's elements or a future's result, to memory of rank 0. */
#ifndef __cplusplus
#define tg_gather(x, memory, size)                                                                 \
    _Generic((x), tg_array * : tg_gather, tg_delayed * : tg_gather_future)((x), (memory), (size))
#endif

#endif
