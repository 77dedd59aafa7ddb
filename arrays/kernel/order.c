/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sorting by merging (Knuth, The Art of Computer Programming 3, 5.2.4): runs of RUN elements by
 * insertion, then pairs of runs, to and fro between the elements and a spare room. Equal
 * elements keep their order.
 */
#include "kernel/order.h"

#include <string.h>

#include "kernel/types.h"

enum { RUN = 16 };

/* ---- comparing ---- */

#define BEFORE(name, dtype, type, wide)                                                            \
    static inline bool before_##name(type a, type b)                                               \
    {                                                                                              \
        return a < b || (b != b && a == a);                                                        \
    }
TG_EACH_DTYPE(BEFORE)

/* NumPy's: numbers, those with a NaN as imaginary part, then as real part, then as both. */
#define BEFORE_COMPLEX(name, dtype, type, part)                                                    \
    static inline bool before_##name(type a, type b)                                               \
    {                                                                                              \
        bool nan_a = a.im != a.im, nan_b = b.im != b.im;                                           \
                                                                                                   \
        if (a.re < b.re)                                                                           \
            return !nan_a || nan_b;                                                                \
        if (a.re > b.re)                                                                           \
            return nan_b && !nan_a;                                                                \
        if (a.re == b.re || (a.re != a.re && b.re != b.re))                                        \
            return a.im < b.im || (nan_b && !nan_a);                                               \
        return b.re != b.re;                                                                       \
    }
TG_EACH_COMPLEX(BEFORE_COMPLEX)

#define COMPARE(name, dtype, type, unused)                                                         \
    static int compare_##name(const void *x, const void *y)                                        \
    {                                                                                              \
        type a = *(const type *)x, b = *(const type *)y;                                           \
                                                                                                   \
        return before_##name(b, a) - before_##name(a, b);                                          \
    }
TG_EACH_DTYPE(COMPARE)
TG_EACH_COMPLEX(COMPARE)

#define COMPARE_ROW(name, dtype, type, unused) [dtype] = compare_##name,
tg_compare *const tg_compares[TG_NDTYPES] = {TG_EACH_DTYPE(COMPARE_ROW)
                                                 TG_EACH_COMPLEX(COMPARE_ROW)};

bool tg_element_is_nan(tg_dtype dtype, const void *x)
{
    switch (dtype) {
    case TG_FLOAT32:
        return __builtin_isnan(*(const float *)x);
    case TG_FLOAT64:
        return __builtin_isnan(*(const double *)x);
    case TG_COMPLEX64:
        return __builtin_isnan(((const float *)x)[0]) || __builtin_isnan(((const float *)x)[1]);
    case TG_COMPLEX128:
        return __builtin_isnan(((const double *)x)[0]) || __builtin_isnan(((const double *)x)[1]);
    default:
        return false;
    }
}

/* ---- sorting ---- */

/* A merge sort of elements of a type; LESS(a, b, keys) tells whether a is before b. */
#define MERGE_SORT(name, type, LESS)                                                               \
    static void name##_insert(int64_t n, type *x, const void *keys)                                \
    {                                                                                              \
        for (int64_t i = 1; i < n; i++) {                                                          \
            type value = x[i];                                                                     \
            int64_t to = i;                                                                        \
                                                                                                   \
            for (; to > 0 && LESS(value, x[to - 1], keys); to--)                                   \
                x[to] = x[to - 1];                                                                 \
            x[to] = value;                                                                         \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void name##_merge(int64_t n, int64_t middle, const type *from, type *to,                \
                             const void *keys)                                                     \
    {                                                                                              \
        int64_t left = 0, right = middle;                                                          \
                                                                                                   \
        for (int64_t i = 0; i < n; i++)                                                            \
            to[i] = left < middle && (right >= n || !LESS(from[right], from[left], keys))          \
                        ? from[left++]                                                             \
                        : from[right++];                                                           \
    }                                                                                              \
                                                                                                   \
    static void name(int64_t n, type *x, type *spare, const void *keys)                            \
    {                                                                                              \
        type *from = x, *to = spare;                                                               \
                                                                                                   \
        for (int64_t i = 0; i < n; i += RUN)                                                       \
            name##_insert(n - i < RUN ? n - i : RUN, x + i, keys);                                 \
        for (int64_t width = RUN; width < n; width *= 2) {                                         \
            type *other = from;                                                                    \
                                                                                                   \
            for (int64_t i = 0; i < n; i += 2 * width)                                             \
                name##_merge(n - i < 2 * width ? n - i : 2 * width, n - i < width ? n - i : width, \
                             from + i, to + i, keys);                                              \
            from = to;                                                                             \
            to = other;                                                                            \
        }                                                                                          \
        if (from != x)                                                                             \
            memcpy(x, from, (size_t)n * sizeof *x);                                                \
    }

#define SORTS(name, dtype, type, unused)                                                           \
    static inline bool less_##name(type a, type b, const void *keys)                               \
    {                                                                                              \
        (void)keys;                                                                                \
        return before_##name(a, b);                                                                \
    }                                                                                              \
                                                                                                   \
    static inline bool less_at_##name(int64_t i, int64_t j, const void *keys)                      \
    {                                                                                              \
        return before_##name(((const type *)keys)[i], ((const type *)keys)[j]);                    \
    }                                                                                              \
                                                                                                   \
    MERGE_SORT(sort_##name, type, less_##name)                                                     \
    MERGE_SORT(argsort_##name, int64_t, less_at_##name)                                            \
                                                                                                   \
    static void sort_any_##name(int64_t n, void *x, void *spare)                                   \
    {                                                                                              \
        sort_##name(n, x, spare, NULL);                                                            \
    }
TG_EACH_DTYPE(SORTS)
TG_EACH_COMPLEX(SORTS)

#define SORT_ROW(name, dtype, type, unused)    [dtype] = sort_any_##name,
#define ARGSORT_ROW(name, dtype, type, unused) [dtype] = argsort_##name,
static void (*const sorts[TG_NDTYPES])(int64_t n, void *x, void *spare) = {
    TG_EACH_DTYPE(SORT_ROW) TG_EACH_COMPLEX(SORT_ROW)};
static void (*const argsorts[TG_NDTYPES])(int64_t n, int64_t *index, int64_t *spare,
                                          const void *keys) = {TG_EACH_DTYPE(ARGSORT_ROW)
                                                                   TG_EACH_COMPLEX(ARGSORT_ROW)};

void tg_sort_elements(tg_dtype dtype, int64_t n, void *x, void *spare)
{
    sorts[dtype](n, x, spare);
}

void tg_argsort_elements(tg_dtype dtype, int64_t n, const void *x, int64_t *index, int64_t *spare)
{
    for (int64_t i = 0; i < n; i++)
        index[i] = i;
    argsorts[dtype](n, index, spare, x);
}

struct by_function {
    int (*compare)(int64_t i, int64_t j, const void *context);
    const void *context;
};

static inline bool less_by_function(int64_t i, int64_t j, const void *keys)
{
    const struct by_function *by = keys;

    return by->compare(i, j, by->context) < 0;
}

MERGE_SORT(sort_by_function, int64_t, less_by_function)

void tg_sort_indices(int64_t n, int64_t *index, int64_t *spare,
                     int (*compare)(int64_t i, int64_t j, const void *context), const void *context)
{
    const struct by_function by = {compare, context};

    sort_by_function(n, index, spare, &by);
}

/* ---- searching ---- */

int64_t tg_search_sorted(tg_dtype dtype, int64_t n, const void *sorted, const void *value,
                         bool right)
{
    tg_compare *compare = tg_compares[dtype];
    size_t size = tg_dtype_size(dtype);
    int64_t low = 0, high = n;

    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (compare((const char *)sorted + (size_t)middle * size, value) < (right ? 1 : 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
