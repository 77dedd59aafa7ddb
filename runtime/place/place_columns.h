/* SPDX-License-Identifier: BSD-3-Clause */
/** Columns: groups of tasks that are dealt to ranks together, and what they exchange. */
#ifndef TG_PLACE_COLUMNS_H
#define TG_PLACE_COLUMNS_H

#include "place/placer.h"

/** A column that could change sides, and what the cut gains by that. */
typedef struct tg_column_choice {
    double gain;
    int32_t column;
} tg_column_choice;

typedef struct tg_columns {
    tg_placer *p;
    int64_t n, nedges;
    int64_t nlevels; /* looked at */
    int32_t *of;     /* by task: its column; -1: none */
    double *weight;  /* by column: seconds */
    int64_t *begin;  /* [n + 1] into to and bytes */
    int64_t *end;    /* by column: of those edges that are not dropped yet */
    int32_t *to;     /* neighbours */
    float *bytes;    /* exchanged with them, both ways */
    int32_t *region; /* by column: what is being halved, or its half */
    double *gain;    /* by column: bytes to the growing half less those to the rest */
    int32_t *list;   /* columns by region */
    int32_t *spare;  /* scratch for lists */
    tg_column_choice *heap;
    int64_t nheap, heap_capacity;
    int32_t nregions;
    int ntries;                      /* seeds for each halving */
    double all_bytes, between_hosts; /* that tasks take in; as blocks have put them */
    int32_t *rank;                   /* by column: the outcome */
} tg_columns;

/** Room for n columns; `of` is -1 everywhere. */
TG_MUST_CHECK tg_status tg_columns_create(tg_placer *placer, int64_t n, tg_columns *out);
void tg_columns_clear(tg_columns *columns);

/** Two columns exchange bytes: called first to count, then again to fill in (place_edges.c). */
void tg_columns_link(tg_columns *columns, int32_t a, int32_t b, float bytes, bool filling);

/** Link all edges. */
typedef void tg_columns_visit(tg_columns *columns, void *data, bool filling);

/** Find the edges that `visit` links, called twice. Several between two columns become one. */
TG_MUST_CHECK tg_status tg_columns_find_edges(tg_columns *columns, tg_columns_visit *visit,
                                              void *data);

/** Give each column a rank: halves down to hosts, then from hosts to ranks (place_halves.c). */
TG_MUST_CHECK tg_status tg_columns_halve(tg_columns *columns);
TG_MUST_CHECK tg_status tg_columns_halve_hosts(tg_columns *columns);

/** With the columns' ranks: no rank has much too much. */
bool tg_columns_are_balanced(const tg_columns *columns);

/** Bytes between hosts with the columns' ranks. */
double tg_columns_bytes_between_hosts(const tg_columns *columns);

#endif
