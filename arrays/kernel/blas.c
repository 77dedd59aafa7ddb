/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loading OpenBLAS. How many threads it starts and for which processor it takes kernels is decided
 * in its constructor, by the environment: for the time of loading that says one thread.
 *
 * An OpenBLAS that is older than the processor does not know it and takes kernels without AVX,
 * several times slower than need be: 0.3.21 does so on Intel's since Sapphire Rapids. It is then
 * loaded again, with the name of kernels that the processor's features allow. What the user says in
 * OPENBLAS_CORETYPE stands. One OpenBLAS gives the same bits on all processors of one name.
 */
#include "kernel/blas.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define THREADS "OPENBLAS_NUM_THREADS"
#define KERNELS "OPENBLAS_CORETYPE"

/* With kernels of a name, or OpenBLAS's own choice for NULL, which is also the user's. */
static void *load(const char *kernels)
{
    static const char *const names[] = {TG_OPENBLAS, "libopenblas.so.0", "libopenblas.so"};
    const char *said = getenv(THREADS);
    void *library = NULL;

    if (!said)
        setenv(THREADS, "1", 0);
    if (kernels)
        setenv(KERNELS, kernels, 1);
    for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (!said)
        unsetenv(THREADS);
    if (kernels)
        unsetenv(KERNELS);
    return library;
}

/* The name of kernels for what the processor has; NULL where it has no AVX2. */
static const char *best_kernels(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "Haswell";
#endif
    return NULL;
}

/* Whether those that were taken have AVX2. */
static bool is_modern(void *library)
{
    static const char *const modern[] = {"Haswell",  "Excavator",  "Zen",
                                         "SkylakeX", "Cooperlake", "SapphireRapids"};
    void *symbol = dlsym(library, "openblas_get_corename");
    char *(*name)(void) = NULL;

    memcpy(&name, &symbol, sizeof name);
    for (size_t i = 0; name && i < sizeof modern / sizeof *modern; i++)
        if (strcmp(name(), modern[i]) == 0)
            return true;
    return !name;
}

static void *load_best(void)
{
    const char *best = getenv(KERNELS) ? NULL : best_kernels();
    void *library = load(NULL);

    if (!library || !best || is_modern(library))
        return library;
    dlclose(library);
    return load(best);
}

/* One function; POSIX lets pointers to objects hold those to functions. */
static tg_status find(void *library, const char *name, void *out)
{
    tg_status status = TG_OK;
    void *symbol = dlsym(library, name);

    TG_NEED(symbol, TG_EARG, "the OpenBLAS that is loaded has no %s", name);
    memcpy(out, &symbol, sizeof symbol);
out:
    return status;
}

/* One thread for each call, in a flavour that several of our threads can call. */
static tg_status calm(void *library)
{
    tg_status status = TG_OK;
    int (*parallel)(void) = NULL;
    void (*set_threads)(int) = NULL;

    TG_TRY(find(library, "openblas_get_parallel", &parallel));
    TG_TRY(find(library, "openblas_set_num_threads", &set_threads));
    TG_NEED(parallel() != OPENBLAS_SEQUENTIAL, TG_EARG,
            "the OpenBLAS that is loaded is its serial flavour, which has no locks for our "
            "threads: install libopenblas0-pthread");
    set_threads(1);
out:
    return status;
}

static tg_status find_all(tg_blas *blas)
{
    tg_status status = TG_OK;
    void *library = blas->library;

    TG_TRY(find(library, "cblas_sgemm", &blas->sgemm));
    TG_TRY(find(library, "cblas_dgemm", &blas->dgemm));
    TG_TRY(find(library, "cblas_cgemm", &blas->cgemm));
    TG_TRY(find(library, "cblas_zgemm", &blas->zgemm));
    TG_TRY(find(library, "sgelqf_", &blas->lq[TG_FLOAT32]));
    TG_TRY(find(library, "dgelqf_", &blas->lq[TG_FLOAT64]));
    TG_TRY(find(library, "cgelqf_", &blas->lq[TG_COMPLEX64]));
    TG_TRY(find(library, "zgelqf_", &blas->lq[TG_COMPLEX128]));
    TG_TRY(find(library, "sorglq_", &blas->generate[TG_FLOAT32]));
    TG_TRY(find(library, "dorglq_", &blas->generate[TG_FLOAT64]));
    TG_TRY(find(library, "cunglq_", &blas->generate[TG_COMPLEX64]));
    TG_TRY(find(library, "zunglq_", &blas->generate[TG_COMPLEX128]));
    TG_TRY(find(library, "sgesdd_", &blas->svd[TG_FLOAT32]));
    TG_TRY(find(library, "dgesdd_", &blas->svd[TG_FLOAT64]));
    TG_TRY(find(library, "cgesdd_", &blas->complex_svd[TG_COMPLEX64]));
    TG_TRY(find(library, "zgesdd_", &blas->complex_svd[TG_COMPLEX128]));
out:
    return status;
}

static void destroy(void *object)
{
    free(object); /* the library stays: its memory is used again by the next context */
}

static tg_status create(void **out)
{
    tg_status status = TG_OK;
    tg_blas *blas = calloc(1, sizeof *blas);

    TG_NEED(blas, TG_ENOMEM, "the table of OpenBLAS");
    blas->library = load_best();
    TG_NEED(blas->library, TG_EARG, "OpenBLAS is not there (%s): install libopenblas0-pthread",
            dlerror());
    TG_TRY(calm(blas->library));
    TG_TRY(find_all(blas));
    *out = blas;
    blas = NULL;
out:
    destroy(blas);
    return status;
}

static const tg_local local = {.name = "OpenBLAS", .create = create, .destroy = destroy};

tg_status tg_blas_get(tg_task *task, const tg_blas **out)
{
    tg_status status = TG_OK;
    void *object = NULL;

    TG_TRY(tg_task_local(task, &local, &object));
    *out = object;
out:
    return status;
}
