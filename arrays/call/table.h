/* SPDX-License-Identifier: BSD-3-Clause */
/** The table of operators: families of rows. */
#ifndef TG_CALL_TABLE_H
#define TG_CALL_TABLE_H

#include <tegula/operator.h>

/** A family is made of a static array of rows. */
#define TG_FAMILY(rows_)                                                                           \
    {                                                                                              \
        .rows = (rows_), .count = (int)(sizeof(rows_) / sizeof *(rows_))                           \
    }

extern const tg_family tg_family_create, tg_family_grey, tg_family_ranges, tg_family_index,
    tg_family_elementwise, tg_family_reduce, tg_family_counts, tg_family_shape, tg_family_places,
    tg_family_random, tg_family_blocks, tg_family_contract, tg_family_image, tg_family_measure,
    tg_family_morphology, tg_family_sort, tg_family_values;

/** A name near one that there is not, for messages; NULL. */
const char *tg_operator_near(const char *name);

/** Whether some operator's name begins with this and a dot: "random". */
bool tg_operator_is_namespace(const char *name);

/** In the words of the page of operators: "elementwise". */
const char *tg_operator_class_name(tg_operator_class kind);

#endif
