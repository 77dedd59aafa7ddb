/* SPDX-License-Identifier: BSD-3-Clause */
/** Everything a program needs: the runtime and the arrays. */
#ifndef TEGULA_TEGULA_H
#define TEGULA_TEGULA_H

#include <tegula/array.h>
#include <tegula/blocks.h>
#include <tegula/contract.h>
#include <tegula/create.h>
#include <tegula/elementwise.h>
#include <tegula/image.h>
#include <tegula/index.h>
#include <tegula/random.h>
#include <tegula/reduce.h>
#include <tegula/runtime.h>
#include <tegula/shape.h>

/** tg_gather(x, memory, size): an array's elements or a future's result, to memory of rank 0. */
#ifndef __cplusplus
#define tg_gather(x, memory, size)                                                                 \
    _Generic((x), tg_array * : tg_gather, tg_delayed * : tg_gather_future)((x), (memory), (size))

/** Arrays and delayed results are kept, waited for and released alike. */
#define tg_persist(ctx, x)                                                                         \
    _Generic((x), tg_array * : tg_persist_array, tg_delayed * : tg_persist)((ctx), (x))
#define tg_wait(ctx, x)                                                                            \
    _Generic((x), tg_array * : tg_wait_array, tg_delayed * : tg_wait)((ctx), (x))
#define tg_release(ctx, x)                                                                         \
    _Generic((x), tg_array * : tg_release_array, tg_delayed * : tg_release)((ctx), (x))
#endif

#endif
