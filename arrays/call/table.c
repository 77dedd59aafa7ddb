/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of operators. To add an operator: a row in its family (family_*.c), a builder in expr/,
 * a kernel where no node can do it, a test against NumPy. To add a family: a line in table.h and
 * one here.
 */
#include "call/table.h"

#include <stdlib.h>
#include <string.h>

#include "call/datum.h"

static const tg_family *const families[] = {
    &tg_family_create, &tg_family_ranges,  &tg_family_index,      &tg_family_elementwise,
    &tg_family_reduce, &tg_family_counts,  &tg_family_shape,      &tg_family_places,
    &tg_family_sort,   &tg_family_random,  &tg_family_blocks,     &tg_family_contract,
    &tg_family_image,  &tg_family_measure, &tg_family_morphology, &tg_family_grey,
    &tg_family_values,
};

enum { NFAMILIES = sizeof families / sizeof *families };

const char *tg_operator_class_name(tg_operator_class kind)
{
    static const char *const names[TG_NOPERATOR_CLASSES] = {
        [TG_CLASS_CREATE] = "create",
        [TG_CLASS_INDEX] = "index",
        [TG_CLASS_ELEMENTWISE] = "elementwise",
        [TG_CLASS_REDUCE] = "reduce",
        [TG_CLASS_SHAPE] = "shape",
        [TG_CLASS_CONTRACT] = "contract",
        [TG_CLASS_BLOCKS] = "blocks",
        [TG_CLASS_IMAGE] = "image",
        [TG_CLASS_RANDOM] = "random",
    };

    return names[kind];
}

const tg_operator *tg_operator_find(const char *name)
{
    const tg_operator *alias = NULL;

    for (int f = 0; f < NFAMILIES; f++)
        for (int i = 0; i < families[f]->count; i++) {
            const tg_operator *op = &families[f]->rows[i];

            if (strcmp(op->name, name) == 0)
                return op;
            if (!alias && op->aliases && tg_is_word_of(name, op->aliases))
                alias = op;
        }
    return alias;
}

const tg_operator *tg_operator_at(int i)
{
    for (int kind = 0; kind < TG_NOPERATOR_CLASSES; kind++)
        for (int f = 0; f < NFAMILIES; f++)
            for (int r = 0; r < families[f]->count; r++)
                if ((int)families[f]->rows[r].kind == kind && i-- == 0)
                    return &families[f]->rows[r];
    return NULL;
}

bool tg_operator_is_namespace(const char *name)
{
    size_t length = strlen(name);

    for (int f = 0; f < NFAMILIES; f++)
        for (int i = 0; i < families[f]->count; i++) {
            const char *full = families[f]->rows[i].name;

            if (strncmp(full, name, length) == 0 && full[length] == '.')
                return true;
        }
    return false;
}

enum { LONGEST = 48 };

/* Edits that turn one name into another (Levenshtein 1966), with neighbours swapped as one. */
static int distance(const char *a, const char *b)
{
    int row[3][LONGEST + 1];
    int n = (int)strlen(a), m = (int)strlen(b);

    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = row[i % 3], *above = row[(i + 2) % 3], *higher = row[(i + 1) % 3];

        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = above[j - 1] + (a[i - 1] != b[j - 1]);

            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                higher[j - 2] + 1 < best)
                best = higher[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

const char *tg_operator_near(const char *name)
{
    const char *best = NULL;
    int least = (int)strlen(name) < 4 ? 2 : 3; /* fewer edits than this are a slip */

    for (int i = 0; tg_operator_at(i); i++) {
        const char *other = tg_operator_at(i)->name;
        int edits = distance(name, other);

        if (edits < least && edits < (int)strlen(name)) {
            least = edits;
            best = other;
        }
    }
    return best;
}
