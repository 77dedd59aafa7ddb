/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sorting by merging (Knuth, The Art of Computer Programming 3, 5.2.4): runs of RUN elements by
 * insertion, then pairs of runs, to and fro between the elements and a spare room. Equal
 * elements keep their order.
 *
 * Indices of many real numbers are sorted by digits (5.2.5), the lowest byte first: keys are the
 * numbers' bits made into integers of the same order, and go along. Bytes that all keys share are
 * left out.
 */
#include "kernel/order.h"

#include <string.h>

#include "kernel/types.h"

enum { RUN = 16, MANY = 1024, DIGITS = 256 };

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

/* A number's bits as an integer of the same order: all NaN are one and the last, zeros are one. */
#define SIGNED_KEY(bits, width) ((bits) ^ UINT64_C(1) << ((width)-1))
#define FLOAT_KEY(bits, width)  ((bits) >> ((width)-1) ? ~(bits) : SIGNED_KEY(bits, width))
#define KEYS(name, type, bits_type, KEY)                                                           \
    static void keys_##name(int64_t n, const type *x, uint64_t *keys)                              \
    {                                                                                              \
        for (int64_t i = 0; i < n; i++) {                                                          \
            const type value = x[i] == 0 ? 0 : x[i];                                               \
            bits_type bits;                                                                        \
                                                                                                   \
            memcpy(&bits, &value, sizeof bits);                                                    \
            keys[i] = (bits_type)(x[i] == x[i] ? KEY : UINT64_MAX);                                \
        }                                                                                          \
    }
#define UNSIGNED_KEYS(name, dtype, type, unused) KEYS(name, type, type, bits)
#define SIGNED_KEYS(name, dtype, type, unused)                                                     \
    KEYS(name, type, u##type, SIGNED_KEY((uint64_t)bits, 8 * sizeof bits))
TG_EACH_BOOL(UNSIGNED_KEYS)
TG_EACH_UNSIGNED(UNSIGNED_KEYS)
TG_EACH_SIGNED(SIGNED_KEYS)
KEYS(float32, float, uint32_t, FLOAT_KEY((uint64_t)bits, 32))
KEYS(float64, double, uint64_t, FLOAT_KEY(bits, 64))

static void make_keys(tg_dtype dtype, int64_t n, const void *x, uint64_t *keys)
{
    switch (dtype) {
#define KEYS_CASE(name, dtype_, type, unused)                                                      \
    case dtype_:                                                                                   \
        keys_##name(n, x, keys);                                                                   \
        return;
        TG_EACH_DTYPE(KEYS_CASE)
    default:
        return;
    }
}

/* Sort by one byte of the keys; `begin` is how many keys have each value of it. */
static void sort_by_byte(int64_t n, int shift, int64_t *begin, const uint64_t *keys,
                         const int64_t *index, uint64_t *to_keys, int64_t *to_index)
{
    int64_t sum = 0;

    for (int d = 0; d < DIGITS; d++) {
        const int64_t count = begin[d];

        begin[d] = sum;
        sum += count;
    }
    for (int64_t i = 0; i < n; i++) {
        const int64_t to = begin[keys[i] >> shift & (DIGITS - 1)]++;

        to_keys[to] = keys[i];
        to_index[to] = index[i];
    }
}

static void argsort_by_digits(tg_dtype dtype, int64_t n, const void *x, int64_t *index,
                              int64_t *spare)
{
    const int bytes = (int)tg_dtype_size(dtype);
    int64_t count[sizeof(uint64_t)][DIGITS] = {{0}};
    int64_t *from = index, *to = spare;
    uint64_t *keys = (uint64_t *)spare + n, *to_keys = keys + n;

    make_keys(dtype, n, x, keys);
    for (int64_t i = 0; i < n; i++)
        for (int b = 0; b < bytes; b++)
            count[b][keys[i] >> 8 * b & (DIGITS - 1)]++;
    for (int b = 0; b < bytes; b++) {
        int64_t *other = from;
        uint64_t *other_keys = keys;

        if (count[b][keys[0] >> 8 * b & (DIGITS - 1)] == n)
            continue;
        sort_by_byte(n, 8 * b, count[b], keys, from, to_keys, to);
        from = to;
        to = other;
        keys = to_keys;
        to_keys = other_keys;
    }
    if (from != index)
        memcpy(index, from, (size_t)n * sizeof *index);
}

void tg_argsort_elements(tg_dtype dtype, int64_t n, const void *x, int64_t *index, int64_t *spare)
{
    for (int64_t i = 0; i < n; i++)
        index[i] = i;
    if (n < MANY || tg_is_complex(dtype))
        argsorts[dtype](n, index, spare, x);
    else
        argsort_by_digits(dtype, n, x, index, spare);
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
