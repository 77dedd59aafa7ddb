/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Groups of elements by label: a hash table of records (linear probing) that is looked into where
 * the label changes from one element to the next. Moments of two groups are merged as Chan, Golub,
 * LeVeque do (1983).
 */
#include "kernel/groups.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/elementwise.h"
#include "kernel/types.h"

enum { BLOCK = 1024 }; /* elements that are converted at once */

static int64_t values_of(const tg_group_spec *spec)
{
    switch ((tg_group_kind)spec->kind) {
    case TG_GROUP_COUNT:
        return 0;
    case TG_GROUP_SUM:
        return 1;
    case TG_GROUP_MOMENTS:
        return 2;
    case TG_GROUP_CENTRE:
        return 1 + spec->ndim;
    case TG_GROUP_EXTREMES:
        return 4;
    default:
        return 2 * spec->ndim;
    }
}

size_t tg_group_size(const tg_group_spec *spec)
{
    return sizeof(tg_group) + (size_t)values_of(spec) * sizeof(tg_group_value);
}

static bool is_exact(const tg_group_spec *spec)
{
    return spec->dtype < TG_FLOAT32;
}

void tg_group_keys(const tg_group_spec *spec, int64_t n, tg_dtype dtype, const void *labels,
                   int64_t *keys)
{
    if (!spec->float_label) {
        tg_convert(n, dtype, labels, TG_INT64, keys);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        double x;

        tg_convert(1, dtype, (const char *)labels + (size_t)i * tg_dtype_size(dtype), TG_FLOAT64,
                   &x);
        x = x == 0 ? 0 : x;
        memcpy(&keys[i], &x, sizeof x);
    }
}

static tg_group *record(const tg_groups *groups, int64_t i)
{
    return (tg_group *)(void *)(groups->records + (size_t)i * groups->size);
}

static uint64_t hash(int64_t label)
{
    uint64_t x = (uint64_t)label * 0x9e3779b97f4a7c15u; /* Fibonacci hashing, Knuth 6.4 */

    return x ^ x >> 32;
}

static int64_t find_slot(const tg_groups *groups, int64_t label)
{
    int64_t at = (int64_t)(hash(label) & (uint64_t)(groups->nslots - 1));

    while (groups->slot[at] && record(groups, groups->slot[at] - 1)->label != label)
        at = (at + 1) & (groups->nslots - 1);
    return at;
}

static tg_status grow(tg_groups *groups)
{
    tg_status status = TG_OK;
    int64_t capacity = 2 * groups->capacity, *slot;
    char *records = realloc(groups->records, (size_t)capacity * groups->size);

    groups->records = records ? records : groups->records;
    slot = calloc((size_t)(2 * capacity), sizeof *slot);
    TG_NEED(records && slot, TG_ENOMEM, "%" PRId64 " groups", capacity);
    free(groups->slot);
    groups->slot = slot;
    groups->nslots = 2 * capacity;
    groups->capacity = capacity;
    for (int64_t i = 0; i < groups->count; i++)
        groups->slot[find_slot(groups, record(groups, i)->label)] = i + 1;
out:
    return status;
}

tg_status tg_groups_begin(const tg_group_spec *spec, tg_groups *out)
{
    tg_status status = TG_OK;

    *out = (tg_groups){.spec = spec, .size = tg_group_size(spec), .capacity = 32};
    TG_TRY(grow(out));
out:
    return status;
}

void tg_groups_end(tg_groups *groups)
{
    free(groups->slot);
    free(groups->records);
    *groups = (tg_groups){0};
}

/* The number of a label's record, new or not. */
static tg_status find_record(tg_groups *groups, int64_t label, int64_t *out)
{
    tg_status status = TG_OK;
    int64_t at;

    if (groups->count == groups->capacity)
        TG_TRY(grow(groups));
    at = find_slot(groups, label);
    if (!groups->slot[at]) {
        memset(record(groups, groups->count), 0, groups->size);
        record(groups, groups->count)->label = label;
        groups->slot[at] = ++groups->count;
    }
    *out = groups->slot[at] - 1;
out:
    return status;
}

/* What is lost when b is added goes to the second part (Knuth 4.2.2, theorem B). */
static void add_float(tg_group_value *sum, double x)
{
    double a = sum->parts[0], s = a + x, b = s - a, lost = (a - (s - b)) + (x - b);

    sum->parts[0] = s;
    sum->parts[1] += isfinite(s) ? lost : 0;
}

static void add_value(bool exact, tg_group_value *sum, const tg_group_value *other)
{
    if (exact) {
        sum->exact += other->exact;
    } else {
        add_float(sum, other->parts[0]);
        sum->parts[1] += other->parts[1];
    }
}

double tg_group_number(const tg_group_spec *spec, const tg_group_value *value)
{
    if (spec->kind == TG_GROUP_EXTREMES && !is_exact(spec))
        return value->parts[0];
    if (spec->kind == TG_GROUP_EXTREMES)
        return spec->dtype == TG_UINT64 ? (double)(uint64_t)value->integer : (double)value->integer;
    return is_exact(spec) ? (double)value->exact : value->parts[0] + value->parts[1];
}

/* Some elements in a row, as int64 or float64, and where they are. */
struct piece {
    int64_t n, at;              /* at: in C order over the whole array */
    int64_t index[TG_MAX_NDIM]; /* of the first */
    int64_t key[BLOCK], integer[BLOCK];
    double real[BLOCK];
};

static __int128 exact_of(const tg_group_spec *spec, int64_t x)
{
    return spec->dtype == TG_UINT64 ? (__int128)(uint64_t)x : (__int128)x;
}

static void add_sum(const tg_group_spec *spec, const struct piece *p, int64_t i, tg_group *group)
{
    if (is_exact(spec))
        group->value[0].exact += exact_of(spec, p->integer[i]);
    else
        add_float(&group->value[0], p->real[i]);
}

static void add_centre(const tg_group_spec *spec, const struct piece *p, int64_t i, tg_group *group)
{
    add_sum(spec, p, i, group);
    for (int64_t d = 0; d < spec->ndim; d++) {
        int64_t at = p->index[d] + (d == spec->ndim - 1 ? i : 0);

        if (is_exact(spec))
            group->value[1 + d].exact += exact_of(spec, p->integer[i]) * at;
        else
            add_float(&group->value[1 + d], p->real[i] * (double)at);
    }
}

/* Whether x comes before y in the elements' order; NaN is the last. */
static bool before(const tg_group_spec *spec, const tg_group_value *x, const tg_group_value *y)
{
    if (!is_exact(spec))
        return x->parts[0] < y->parts[0] || (!isnan(x->parts[0]) && isnan(y->parts[0]));
    return spec->dtype == TG_UINT64 ? (uint64_t)x->integer < (uint64_t)y->integer
                                    : x->integer < y->integer;
}

/* Smallest, largest, and their places: those of `other`, which may be in front or behind. */
static void widen_extremes(const tg_group_spec *spec, tg_group *group, const tg_group_value *other)
{
    for (int side = 0; side < 2; side++) {
        tg_group_value *mine = &group->value[side], *place = &group->value[2 + side];
        const tg_group_value *theirs = &other[side];
        bool better = side ? before(spec, mine, theirs) : before(spec, theirs, mine);
        bool same = !before(spec, mine, theirs) && !before(spec, theirs, mine);

        if (group->count == 0 || better || (same && other[2 + side].integer < place->integer)) {
            *mine = *theirs;
            *place = other[2 + side];
        }
    }
}

static void add_extremes(const tg_group_spec *spec, const struct piece *p, int64_t i,
                         tg_group *group)
{
    tg_group_value own[4] = {{0}};

    if (is_exact(spec))
        own[0].integer = own[1].integer = p->integer[i];
    else
        own[0].parts[0] = own[1].parts[0] = p->real[i];
    own[2].integer = own[3].integer = p->at + i;
    widen_extremes(spec, group, own);
}

static void widen_box(const tg_group_spec *spec, tg_group *group, const tg_group_value *other)
{
    for (int64_t d = 0; d < spec->ndim; d++) {
        tg_group_value *low = &group->value[2 * d], *high = low + 1;

        if (group->count == 0 || other[2 * d].integer < low->integer)
            low->integer = other[2 * d].integer;
        if (group->count == 0 || other[2 * d + 1].integer > high->integer)
            high->integer = other[2 * d + 1].integer;
    }
}

static void add_box(const tg_group_spec *spec, const struct piece *p, int64_t i, tg_group *group)
{
    tg_group_value own[2 * TG_MAX_NDIM] = {{0}};

    for (int64_t d = 0; d < spec->ndim; d++) {
        own[2 * d].integer = p->index[d] + (d == spec->ndim - 1 ? i : 0);
        own[2 * d + 1].integer = own[2 * d].integer + 1;
    }
    widen_box(spec, group, own);
}

static void add_element(const tg_group_spec *spec, const struct piece *p, int64_t i,
                        tg_group *group)
{
    switch ((tg_group_kind)spec->kind) {
    case TG_GROUP_COUNT:
        break;
    case TG_GROUP_SUM:
    case TG_GROUP_MOMENTS:
        add_sum(spec, p, i, group);
        break;
    case TG_GROUP_CENTRE:
        add_centre(spec, p, i, group);
        break;
    case TG_GROUP_EXTREMES:
        add_extremes(spec, p, i, group);
        break;
    default:
        add_box(spec, p, i, group);
    }
    group->count++;
}

static double mean_of(const tg_group_spec *spec, const tg_group *group)
{
    return tg_group_number(spec, &group->value[0]) / (double)group->count;
}

static double real_of(const tg_group_spec *spec, const struct piece *p, int64_t i)
{
    return is_exact(spec) ? (double)exact_of(spec, p->integer[i]) : p->real[i];
}

/* The second look at an element, when the means are known. */
static void add_square(const tg_group_spec *spec, const struct piece *p, int64_t i, tg_group *group)
{
    double off = real_of(spec, p, i) - mean_of(spec, group);

    add_float(&group->value[1], off * off);
}

static void merge_moments(const tg_group_spec *spec, tg_group *group, const tg_group *other)
{
    double n = (double)group->count, m = (double)other->count;

    if (group->count > 0) {
        double off = mean_of(spec, other) - mean_of(spec, group);

        add_float(&group->value[1], off * off * (n * m / (n + m)));
    }
    add_value(false, &group->value[1], &other->value[1]);
    add_value(is_exact(spec), &group->value[0], &other->value[0]);
}

/* Where line l of a block begins in the array. */
static void place_line(const tg_block *a, int64_t l, struct piece *p)
{
    int64_t stride = a->ndim > 0 ? a->total[a->ndim - 1] : 1;

    p->at = a->ndim > 0 ? a->start[a->ndim - 1] : 0;
    if (a->ndim > 0)
        p->index[a->ndim - 1] = a->start[a->ndim - 1];
    for (int d = a->ndim - 2; d >= 0; d--) {
        p->index[d] = a->start[d] + l % a->shape[d];
        p->at += p->index[d] * stride;
        stride *= a->total[d];
        l /= a->shape[d];
    }
}

static void load(const tg_groups *groups, const tg_block *a, const tg_block *labels, int64_t first,
                 struct piece *p)
{
    const tg_group_spec *spec = groups->spec;
    size_t size = tg_dtype_size(a->dtype), label_size = tg_dtype_size(labels->dtype);

    tg_group_keys(spec, p->n, labels->dtype,
                  (const char *)labels->data + (size_t)first * label_size, p->key);
    if (is_exact(spec))
        tg_convert(p->n, a->dtype, (const char *)a->data + (size_t)first * size, TG_INT64,
                   p->integer);
    else
        tg_convert(p->n, a->dtype, (const char *)a->data + (size_t)first * size, TG_FLOAT64,
                   p->real);
}

static tg_status walk(tg_groups *groups, const tg_block *a, const tg_block *labels, struct piece *p,
                      void (*add)(const tg_group_spec *, const struct piece *, int64_t, tg_group *))
{
    tg_status status = TG_OK;
    int64_t length = a->ndim > 0 ? a->shape[a->ndim - 1] : 1, last = 0, number = -1;

    for (int64_t l = 0; l < a->size / length; l++) {
        place_line(a, l, p);
        for (int64_t i = 0; i < length; i += p->n) {
            p->n = length - i < BLOCK ? length - i : BLOCK;
            load(groups, a, labels, l * length + i, p);
            for (int64_t k = 0; k < p->n; k++) {
                if (number < 0 || p->key[k] != last)
                    TG_TRY(find_record(groups, p->key[k], &number));
                last = p->key[k];
                add(groups->spec, p, k, record(groups, number));
            }
            p->at += p->n;
            if (a->ndim > 0)
                p->index[a->ndim - 1] += p->n;
        }
    }
out:
    return status;
}

tg_status tg_groups_add(tg_groups *groups, const tg_block *a, const tg_block *labels)
{
    tg_status status = TG_OK;
    struct piece *p = malloc(sizeof *p);

    TG_NEED(p, TG_ENOMEM, "a piece of a block");
    if (a->size == 0)
        goto out;
    TG_TRY(walk(groups, a, labels, p, add_element));
    if (groups->spec->kind == TG_GROUP_MOMENTS)
        TG_TRY(walk(groups, a, labels, p, add_square));
out:
    free(p);
    return status;
}

tg_status tg_groups_merge(tg_groups *groups, const void *records, size_t size)
{
    tg_status status = TG_OK;
    const tg_group_spec *spec = groups->spec;

    for (size_t at = 0; at < size; at += groups->size) {
        const tg_group *other = (const tg_group *)(const void *)((const char *)records + at);
        int64_t number;
        tg_group *group;

        TG_TRY(find_record(groups, other->label, &number));
        group = record(groups, number);
        if (spec->kind == TG_GROUP_MOMENTS)
            merge_moments(spec, group, other);
        else if (spec->kind == TG_GROUP_EXTREMES)
            widen_extremes(spec, group, other->value);
        else if (spec->kind == TG_GROUP_BOX)
            widen_box(spec, group, other->value);
        else
            for (int64_t i = 0; i < values_of(spec); i++)
                add_value(is_exact(spec), &group->value[i], &other->value[i]);
        group->count += other->count;
    }
out:
    return status;
}

size_t tg_groups_bytes(const tg_groups *groups)
{
    return (size_t)groups->count * groups->size;
}

static int compare_labels(const void *x, const void *y)
{
    int64_t a = (*(tg_group *const *)x)->label, b = (*(tg_group *const *)y)->label;

    return a < b ? -1 : a > b;
}

tg_status tg_groups_write(const tg_groups *groups, void *out)
{
    tg_status status = TG_OK;
    tg_group **order = malloc((size_t)(groups->count + 1) * sizeof *order);

    TG_NEED(order, TG_ENOMEM, "%" PRId64 " groups", groups->count);
    for (int64_t i = 0; i < groups->count; i++)
        order[i] = record(groups, i);
    qsort(order, (size_t)groups->count, sizeof *order, compare_labels);
    for (int64_t i = 0; i < groups->count; i++)
        memcpy((char *)out + (size_t)i * groups->size, order[i], groups->size);
out:
    free(order);
    return status;
}

const tg_group *tg_group_find(const tg_group_spec *spec, const void *records, size_t size,
                              int64_t label)
{
    size_t step = tg_group_size(spec), low = 0, high = size / step;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const tg_group *group =
            (const tg_group *)(const void *)((const char *)records + middle * step);

        if (group->label == label)
            return group;
        if (group->label < label)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
