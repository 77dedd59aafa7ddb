/* SPDX-License-Identifier: BSD-3-Clause */
/* Which kernels OpenBLAS is loaded with. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/tegula.h>

#include "kernel/blas.h"

enum { LONGEST = 32 };

static tg_status name_kernels(tg_task *task)
{
    tg_status status = TG_OK;
    const tg_blas *blas = NULL;
    char *(*name)(void) = NULL, *out = tg_task_output(task, LONGEST);
    void *symbol = NULL;

    TG_TRY(tg_blas_get(task, &blas));
    symbol = dlsym(blas->library, "openblas_get_corename");
    memcpy(&name, &symbol, sizeof name);
    TG_NEED(name && out, TG_EINTERNAL, "an OpenBLAS that does not tell its kernels");
    snprintf(out, LONGEST, "%s", name());
out:
    return status;
}

/* Kernels of processors without AVX2. */
static bool is_old(const char *name)
{
    static const char *const old[] = {"Prescott", "Core2", "Nehalem", "Sandybridge", "Barcelona"};

    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (strcmp(name, old[i]) == 0)
            return true;
    return false;
}

static bool has_avx2(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

/* What the user says stands; it is read once a process, so the run is told which it is to see. */
static tg_status run(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    char name[LONGEST] = "";

    TG_TRY(tg_compute(ctx, tg_delay(ctx, name_kernels), name, sizeof name));
    if (argc > 1)
        TG_NEED(strcmp(name, argv[1]) == 0, TG_EINTERNAL, "kernels %s instead of %s", name,
                argv[1]);
    else if (!getenv("OPENBLAS_CORETYPE"))
        TG_NEED(!has_avx2() || !is_old(name), TG_EINTERNAL, "kernels %s, the processor has AVX2",
                name);
    printf("kernels are right\n");
out:
    return status;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        setenv("OPENBLAS_CORETYPE", argv[1], 1);
    return tg_run(argc, argv, run, NULL);
}

//TEST np=1,2 expect="kernels are right"
//TEST np=1 args="Prescott" expect="kernels are right"
