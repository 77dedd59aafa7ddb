/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * What is measured of elements that share a label. A block's groups are records, one for each label
 * that is there, sorted by label; records of several blocks are merged in the order they come in.
 *
 * Sums of integers are exact, those of floats are kept in two float64, of which the second is what
 * the first has lost: rounded to one, a sum is nearly always the exact one rounded.
 */
#ifndef TG_KERNEL_GROUPS_H
#define TG_KERNEL_GROUPS_H

#include <tegula/blocks.h>

typedef enum tg_group_kind {
    TG_GROUP_COUNT,    /* how many there are */
    TG_GROUP_SUM,      /* and their sum */
    TG_GROUP_MOMENTS,  /* and the sum of squares of what they are off their mean */
    TG_GROUP_CENTRE,   /* sum, and for each axis the sum of elements times their index */
    TG_GROUP_EXTREMES, /* smallest and largest, and where the first of each is in C order */
    TG_GROUP_BOX,      /* for each axis the first index and the one behind the last */
} tg_group_kind;

/** How groups are made; plain bytes without padding. */
typedef struct tg_group_spec {
    int64_t kind, ndim;
    int64_t dtype;       /* of the elements */
    int64_t float_label; /* labels are float64, told apart as bits */
} tg_group_spec;

/** An exact integer, a float64 and its loss, or a plain number. */
typedef union tg_group_value {
    __int128 exact;
    double parts[2];
    int64_t integer;
} tg_group_value;

typedef struct tg_group {
    int64_t label, count;
    tg_group_value value[]; /* as many as the kind has */
} tg_group;

/** Bytes of a record. */
size_t tg_group_size(const tg_group_spec *spec);

/** Labels as keys: integers as they are, floats (where `float_label`) as their bits. */
void tg_group_keys(const tg_group_spec *spec, int64_t n, tg_dtype dtype, const void *labels,
                   int64_t *keys);

/** Groups in the making. */
typedef struct tg_groups {
    const tg_group_spec *spec;
    size_t size;             /* of a record */
    int64_t count, capacity; /* records */
    int64_t nslots;          /* a power of two */
    int64_t *slot;           /* record + 1 by hash, 0: free */
    char *records;           /* malloc */
} tg_groups;

TG_MUST_CHECK tg_status tg_groups_begin(const tg_group_spec *spec, tg_groups *out);
void tg_groups_end(tg_groups *groups);
/** Add the elements of a block; `labels` lie as they do. Errors: TG_ENOMEM. */
TG_MUST_CHECK tg_status tg_groups_add(tg_groups *groups, const tg_block *a, const tg_block *labels);
/** Add records. */
TG_MUST_CHECK tg_status tg_groups_merge(tg_groups *groups, const void *records, size_t size);
/** All records by label, tg_groups_bytes of them. */
size_t tg_groups_bytes(const tg_groups *groups);
TG_MUST_CHECK tg_status tg_groups_write(const tg_groups *groups, void *out);

/** The record of a label among sorted ones; NULL. */
const tg_group *tg_group_find(const tg_group_spec *spec, const void *records, size_t size,
                              int64_t label);

/** A value as float64: of sums and moments; of extremes in the elements' dtype. */
double tg_group_number(const tg_group_spec *spec, const tg_group_value *value);

#endif
