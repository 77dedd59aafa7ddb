/* SPDX-License-Identifier: BSD-3-Clause */
/* common-subexpression: nodes of one operator, parameters, grid and inputs are one node. */
#include <stdlib.h>
#include <string.h>

#include "opt/pass.h"

/* What a node is, as bytes. */
struct entry {
    uint64_t hash;
    char *key; /* malloc */
    size_t size;
    tg_array *node;
};

/* Open addressing; the capacity is a power of two and never full. */
struct table {
    struct entry *entries;
    size_t capacity, count;
    bool no_memory;
};

static void print_key(const tg_array *a, FILE *out)
{
    fwrite(&a->class, sizeof a->class, 1, out);
    fwrite(&a->dtype, sizeof a->dtype, 1, out);
    fwrite(&a->ndim, sizeof a->ndim, 1, out);
    for (int d = 0; d < a->ndim; d++) {
        fwrite(&a->grid.count[d], sizeof a->grid.count[d], 1, out);
        fwrite(a->grid.length[d], sizeof a->grid.length[d][0], (size_t)a->grid.count[d], out);
    }
    fwrite(&a->ninputs, sizeof a->ninputs, 1, out);
    fwrite(a->inputs, sizeof a->inputs[0], (size_t)a->ninputs, out);
    if (a->class->key)
        a->class->key(a, out);
    else
        fwrite(a->params, 1, a->params_size, out);
}

/* FNV-1a by words, the halves folded at the end; equal hashes are compared by their bytes. */
static uint64_t hash_bytes(const char *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u ^ size;

    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        uint64_t word = 0;

        if (size - i >= sizeof word)
            memcpy(&word, bytes + i, sizeof word);
        else
            memcpy(&word, bytes + i, size - i);
        hash = (hash ^ word) * 0x100000001b3u;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool entry_create(tg_array *a, struct entry *out)
{
    FILE *stream = NULL;

    *out = (struct entry){.node = a};
    stream = open_memstream(&out->key, &out->size);
    if (!stream)
        return false;
    print_key(a, stream);
    if (fclose(stream) != 0 || !out->key)
        return false;
    out->hash = hash_bytes(out->key, out->size);
    return true;
}

/* Where the entry is, or where it belongs. */
static struct entry *find(const struct table *table, const struct entry *entry)
{
    size_t slot = (size_t)entry->hash & (table->capacity - 1);

    for (;; slot = (slot + 1) & (table->capacity - 1)) {
        struct entry *at = &table->entries[slot];

        if (!at->node || (at->hash == entry->hash && at->size == entry->size &&
                          memcmp(at->key, entry->key, at->size) == 0))
            return at;
    }
}

static bool grow(struct table *table)
{
    struct table larger = {.capacity = table->capacity ? 2 * table->capacity : 64};

    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (!larger.entries)
        return false;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->entries[i].node)
            *find(&larger, &table->entries[i]) = table->entries[i];
    free(table->entries);
    table->entries = larger.entries;
    table->capacity = larger.capacity;
    return true;
}

static tg_array *rule(const tg_array *old, tg_array *a, void *state)
{
    struct table *table = state;
    struct entry entry, *at;

    (void)old;
    if (2 * table->count >= table->capacity && !grow(table)) {
        table->no_memory = true;
        return a;
    }
    if (!entry_create(a, &entry)) {
        free(entry.key);
        table->no_memory = true;
        return a;
    }
    at = find(table, &entry);
    if (at->node) {
        free(entry.key);
        return at->node;
    }
    *at = entry;
    table->count++;
    return a;
}

static tg_status run(tg_array **roots, int nroots, bool *changed)
{
    tg_status status = TG_OK;
    struct table table = {0};

    TG_TRY(tg_rewrite(roots, nroots, rule, &table, changed));
    TG_NEED(!table.no_memory, TG_ENOMEM, "the index of an expression's nodes");
out:
    for (size_t i = 0; i < table.capacity; i++)
        free(table.entries[i].key);
    free(table.entries);
    return status;
}

const tg_pass tg_pass_common_subexpression = {
    .name = "common-subexpression",
    .law = "equal operators over equal inputs are one node",
    .run = run,
};
