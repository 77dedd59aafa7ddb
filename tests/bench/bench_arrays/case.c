/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of cases. */
#include "bench_arrays/case.h"

#include <tegula/blocks.h>
#include <tegula/contract.h>
#include <tegula/elementwise.h>
#include <tegula/image.h>

int64_t bench_case_size(const bench_case *which)
{
    int64_t size = 1;

    for (int d = 0; d < which->ndim; d++)
        size *= which->shape[d];
    return size;
}

static int64_t value_at(uint64_t place)
{
    return (int64_t)(place * UINT64_C(2654435761) >> 13 & 1023) - 512;
}

/* One block of an operand; params: its number. */
static tg_status fill(const tg_block *in, int nin, tg_block *out, const void *params,
                      size_t params_size, tg_task *task)
{
    const uint64_t offset = UINT64_C(1000003) * *(const uint64_t *)params;
    int64_t at[TG_MAX_NDIM] = {0}, row = out->shape[out->ndim - 1];

    (void)in, (void)nin, (void)params_size, (void)task;
    for (int64_t i = 0; i < out->size; i += row) {
        uint64_t place = 0;

        for (int d = 0; d < out->ndim; d++)
            place = place * (uint64_t)out->total[d] + (uint64_t)(out->start[d] + at[d]);
        place += offset;
        for (int64_t k = 0; k < row; k++) {
            int64_t value = value_at(place + (uint64_t)k);

            if (out->dtype == TG_INT16)
                ((int16_t *)out->data)[i + k] = (int16_t)value;
            else if (out->dtype == TG_FLOAT32)
                ((float *)out->data)[i + k] = (float)value / 512;
            else
                ((double *)out->data)[i + k] = (double)value / 512;
        }
        for (int d = out->ndim - 2; d >= 0 && ++at[d] == out->shape[d]; d--)
            at[d] = 0;
    }
    return TG_OK;
}

tg_array *bench_operand(tg_ctx *ctx, const bench_case *which, int k)
{
    uint64_t number = (uint64_t)k;
    tg_block_spec spec = {.name = "operand",
                          .function = fill,
                          .params = &number,
                          .params_size = sizeof number,
                          .dtype = which->dtype};

    return tg_fromfunction(ctx, &spec, which->ndim, which->shape, which->chunks);
}

static tg_array *muladd_mean(const bench_case *which, tg_array *const *x)
{
    (void)which;
    return tg_mean(tg_add(tg_multiply(x[0], x[1]), x[2]), TG_ALL_AXES);
}

static tg_array *sincos_sum(const bench_case *which, tg_array *const *x)
{
    tg_array *s = tg_sin(x[0]), *c = tg_cos(x[0]);

    (void)which;
    return tg_sum(tg_add(tg_square(s), tg_square(c)), TG_ALL_AXES);
}

static tg_array *deviation(const bench_case *which, tg_array *const *x)
{
    return tg_std(x[0], TG_AXES(which->axis));
}

static tg_array *add_transposed(const bench_case *which, tg_array *const *x)
{
    (void)which;
    return tg_add(x[0], tg_transpose(x[0], NULL));
}

static tg_array *box_filter(const bench_case *which, tg_array *const *x)
{
    (void)which;
    return tg_uniform_filter(x[0], (int64_t[]){3, 3, 3, 3}, NULL);
}

static tg_array *product(const bench_case *which, tg_array *const *x)
{
    (void)which;
    return tg_matmul(x[0], x[1]);
}

static int64_t elements(const bench_case *which)
{
    return bench_case_size(which);
}

static int64_t rows(const bench_case *which)
{
    return which->shape[0];
}

static int64_t results(const bench_case *which)
{
    return bench_case_size(which) / which->shape[which->axis];
}

#define STD(name_, kind, dtype_, axis_, ...)                                                       \
    {                                                                                              \
        .name = name_, .dtype = dtype_, .noperands = 1,                                            \
        .ndim = sizeof((int[]){__VA_ARGS__}) / sizeof(int), .shape = {__VA_ARGS__}, .axis = axis_, \
        .ours = deviation, .loop = loop_std_##kind, .units = results, .tolerance = 1e-6,           \
        .numpy = "x.std(axis=" #axis_ ")", .dask = "x.std(axis=" #axis_ ")"                        \
    }
#define STD_3(kind, dtype, axis)                                                                   \
    STD("std_" #kind "_3d_axis" #axis, kind, dtype, axis, 256, 320, 384)
#define STD_4(kind, dtype, axis)                                                                   \
    STD("std_" #kind "_4d_axis" #axis, kind, dtype, axis, 64, 64, 40, 192)

#define MATMUL(kind, dtype_, tolerance_)                                                           \
    {                                                                                              \
        .name = "matmul_" #kind, .dtype = dtype_, .noperands = 2, .ndim = 2,                       \
        .shape = {2048, 2048}, .chunks = "1024,1024", .ours = product, .loop = loop_matmul_##kind, \
        .units = rows, .tolerance = tolerance_, .numpy = "x @ y", .dask = "x @ y"                  \
    }

const bench_case bench_cases[] = {
    {
        .name = "sincos_sum",
        .dtype = TG_FLOAT64,
        .noperands = 1,
        .ndim = 1,
        .shape = {1 << 24},
        .ours = sincos_sum,
        .loop = loop_sincos,
        .units = elements,
        .is_scalar = true,
        .scale = 1,
        .tolerance = 1e-12,
        .numpy = "(np.sin(x)**2 + np.cos(x)**2).sum()",
        .numexpr = "sum(sin(x)**2 + cos(x)**2)",
        .dask = "(da.sin(x)**2 + da.cos(x)**2).sum()",
    },
    {
        .name = "muladd_mean",
        .dtype = TG_FLOAT64,
        .noperands = 3,
        .ndim = 1,
        .shape = {1 << 25},
        .ours = muladd_mean,
        .loop = loop_muladd,
        .units = elements,
        .is_scalar = true,
        .scale = 1. / (1 << 25),
        .tolerance = 1e-12,
        .numpy = "(x * y + z).mean()",
        .numexpr = "sum(x * y + z)",
        .dask = "(x * y + z).mean()",
    },
    STD_4(int16, TG_INT16, 0),
    STD_4(int16, TG_INT16, 1),
    STD_4(int16, TG_INT16, 2),
    STD_4(int16, TG_INT16, 3),
    STD_4(float32, TG_FLOAT32, 0),
    STD_4(float32, TG_FLOAT32, 1),
    STD_4(float32, TG_FLOAT32, 2),
    STD_4(float32, TG_FLOAT32, 3),
    STD_3(int16, TG_INT16, 0),
    STD_3(int16, TG_INT16, 1),
    STD_3(int16, TG_INT16, 2),
    STD_3(float32, TG_FLOAT32, 0),
    STD_3(float32, TG_FLOAT32, 1),
    STD_3(float32, TG_FLOAT32, 2),
    {
        .name = "transpose_add",
        .dtype = TG_FLOAT64,
        .noperands = 1,
        .ndim = 2,
        .shape = {5000, 5000},
        .ours = add_transposed,
        .loop = loop_add_transposed,
        .units = rows,
        .tolerance = 0,
        .numpy = "x + x.T",
        .numexpr = "x + t",
        .dask = "x + x.T",
    },
    {
        .name = "box_4d",
        .dtype = TG_FLOAT64,
        .noperands = 1,
        .ndim = 4,
        .shape = {64, 48, 48, 96},
        .ours = box_filter,
        .loop = loop_box,
        .units = rows,
        .tolerance = 1e-12,
        .numpy = "ndimage.uniform_filter(x, 3)",
        .dask = "da.map_overlap(ndimage.uniform_filter, x, depth=1, boundary='reflect', size=3)",
    },
    MATMUL(float32, TG_FLOAT32, 1e-4),
    MATMUL(float64, TG_FLOAT64, 1e-12),
};

const int bench_ncases = sizeof bench_cases / sizeof *bench_cases;
