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

/** Columns that could change sides, the best first. */
typedef struct tg_column_heap {
    tg_column_choice *choice;
    int64_t n, capacity;
} tg_column_heap;

typedef struct tg_columns {
    tg_placer *p;
    int64_t n, nedges;
    int64_t nlevels;  /* looked at */
    int32_t *of;      /* by task: its column; -1: none; NULL: joined ones */
    double *weight;   /* by column: seconds */
    int64_t *begin;   /* [n + 1] into to, bytes and pull */
    int64_t *end;     /* by column: of those edges that are not dropped yet */
    int32_t *to;      /* neighbours */
    float *bytes;     /* exchanged with them, both ways, that a cut between hosts costs */
    float *pull;      /* that a cut between ranks costs */
    const float *cut; /* of these, what is to be cut least now; borrowed */
    bool shared;      /* by many ranks: that differs */
    double most_each; /* seconds a thread, that a part of the machine may get */
    int32_t *region;  /* by column: what is being halved, or its half */
    double *gain;     /* by column: what the cut gains where it changes sides */
    int32_t *list;    /* columns by region */
    int32_t *spare;   /* scratch for lists */
    tg_column_heap heap[2];
    int32_t nregions;
    double effort;                   /* edges that may be looked at for first halves */
    double all_bytes, between_hosts; /* that tasks take in; as blocks have put them */
    int32_t *rank;                   /* by column: the outcome */
} tg_columns;

/** Two sides of a cut. */
typedef struct tg_cut {
    int32_t side[2];    /* regions */
    double weight;      /* of side[0] */
    double least, most; /* that it is to weigh */
    bool balanced;      /* that is enough, however much is cut */
} tg_cut;

/** Room for n columns; `of`, where they are of tasks, is -1 everywhere. */
TG_MUST_CHECK tg_status tg_columns_create(tg_placer *placer, int64_t n, bool of_tasks,
                                          tg_columns *out);
void tg_columns_clear(tg_columns *columns);

/** Two columns exchange bytes, that `ways` ranks get beyond a cut: called first to count, then to
 * fill in (place_edges.c). */
void tg_columns_link(tg_columns *columns, int32_t a, int32_t b, float bytes, float ways,
                     bool filling);

/** Link all edges. */
typedef void tg_columns_visit(tg_columns *columns, void *data, bool filling);

/** Find the edges that `visit` links, called twice. Several between two columns become one. */
TG_MUST_CHECK tg_status tg_columns_find_edges(tg_columns *columns, tg_columns_visit *visit,
                                              void *data);

/** Join neighbours, two and two, into half as many columns; into[v]: the one that v is part of
 * (place_coarsen.c). */
TG_MUST_CHECK tg_status tg_columns_coarsen(const tg_columns *columns, int32_t *into,
                                           tg_columns *out);

/** What is cut where a region is cut off from a column. */
double tg_columns_cut_to(const tg_columns *columns, int32_t column, int32_t region);

/** Halve from a column: side[0] grows from it out of side[1] (place_cut.c). */
TG_MUST_CHECK tg_status tg_columns_grow(tg_columns *columns, const int32_t *list, int64_t n,
                                        int32_t seed, tg_cut *cut);
/** Columns change sides while the cut falls, and until the sides weigh what they should. */
TG_MUST_CHECK tg_status tg_columns_improve(tg_columns *columns, const int32_t *list, int64_t n,
                                           tg_cut *cut);

/** Give each column a rank: halves down to hosts, then from hosts to ranks (place_halves.c). */
TG_MUST_CHECK tg_status tg_columns_halve(tg_columns *columns);
TG_MUST_CHECK tg_status tg_columns_halve_hosts(tg_columns *columns);

/** Seconds of all columns; those that a rank may have for each thread (place_halves.c). */
double tg_columns_weight(const tg_columns *columns);
double tg_columns_most_each(const tg_columns *columns);

/** With the columns' ranks: no rank has much too much. */
bool tg_columns_are_balanced(const tg_columns *columns);

/** Bytes between hosts with the columns' ranks. */
double tg_columns_bytes_between_hosts(const tg_columns *columns);

#endif
