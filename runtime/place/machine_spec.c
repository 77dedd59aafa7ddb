/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Written machines: "host:4 pack:2 core:16", or the name of an hwloc XML file.
 *
 * Every part of a level has as many parts as its siblings, so ids are divisions of the core's
 * number and no table of cores is needed: a machine of 65,536 hosts costs as much as its ranks.
 */
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "place/machine_build.h"

enum { HOST, PACKAGE, NUMA, L3, CORE, PU, NPARTS };

static const struct {
    const char *word;
    int part;
} words[] = {
    {"host", HOST}, {"node", HOST}, {"pack", PACKAGE}, {"package", PACKAGE}, {"socket", PACKAGE},
    {"numa", NUMA}, {"l3", L3},     {"core", CORE},    {"pu", PU},
};

/* How many parts of each kind a part of the kind before has. */
typedef struct shape {
    int32_t count[NPARTS];
} shape;

/* The part that a word of `length` characters names, or NPARTS. */
static int find_part(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == length && strncasecmp(words[i].word, word, length) == 0)
            return words[i].part;
    return NPARTS;
}

/* Parse one "LEVEL:COUNT" at *at, which moves behind it. `last` is the level before, or -1. */
static tg_status parse_level(const char *spec, const char **at, int *last, shape *out)
{
    tg_status status = TG_OK;
    const char *word = *at;
    size_t length = strcspn(word, ": \t");
    long column = word - spec + 1;
    int part = find_part(word, length);
    int64_t count = 0;
    const char *digit = word + length + 1;

    TG_NEED(part < NPARTS, TG_EUSAGE,
            "machine \"%s\", column %ld: '%.*s' is no level; host, pack, numa, l3 and core are",
            spec, column, (int)length, word);
    TG_NEED(word[length] == ':', TG_EUSAGE,
            "machine \"%s\", column %ld: '%.*s' lacks a count, as in %.*s:2", spec,
            column + (long)length, (int)length, word, (int)length, word);
    TG_NEED(part != *last, TG_EUSAGE, "machine \"%s\", column %ld: '%.*s' names a level twice",
            spec, column, (int)length, word);
    TG_NEED(part > *last, TG_EUSAGE,
            "machine \"%s\", column %ld: '%.*s' is too late; the order is host, pack, numa, l3, "
            "core",
            spec, column, (int)length, word);
    for (; isdigit((unsigned char)*digit) && count <= INT32_MAX; digit++)
        count = 10 * count + (*digit - '0');
    TG_NEED(count >= 1 && count <= INT32_MAX && (*digit == 0 || strchr(" \t", *digit)), TG_EUSAGE,
            "machine \"%s\", column %ld: the count of '%.*s' is no whole number from 1 to %d", spec,
            column + (long)length + 1, (int)length, word, INT32_MAX);
    out->count[part] = (int32_t)count;
    *last = part;
    *at = digit;
out:
    return status;
}

static tg_status parse(const char *spec, shape *out)
{
    tg_status status = TG_OK;
    const char *at = spec + strspn(spec, " \t");
    int last = -1;
    int64_t ncores = 1;

    *out = (shape){{1, 1, 1, 1, 1, 1}};
    TG_NEED(*at, TG_EUSAGE, "machine \"%s\" is empty; one is \"host:4 pack:2 core:16\"", spec);
    while (*at) {
        TG_TRY(parse_level(spec, &at, &last, out));
        at += strspn(at, " \t");
    }
    for (int i = HOST; i <= CORE; i++) {
        TG_NEED(out->count[i] <= INT32_MAX / ncores, TG_EUSAGE,
                "machine \"%s\" has more than %d cores", spec, INT32_MAX);
        ncores *= out->count[i];
    }
out:
    return status;
}

/* The ranks of host h are those from first_rank(h) to first_rank(h + 1) - 1. */
static int32_t first_rank(const tg_machine *m, int32_t h)
{
    return (int32_t)(((int64_t)h * m->nranks + m->nhosts - 1) / m->nhosts);
}

static void place_ranks(tg_machine *m, const shape *s)
{
    int32_t per_l3 = s->count[CORE];
    int32_t per_numa = per_l3 * s->count[L3];
    int32_t per_package = per_numa * s->count[NUMA];
    int32_t per_host = per_package * s->count[PACKAGE];

    for (int32_t h = 0; h < m->nhosts; h++) {
        int32_t first = first_rank(m, h);
        int32_t nranks = first_rank(m, h + 1) - first;

        snprintf(m->name[h], TG_HOST_NAME_SIZE, "host%" PRId32, h);
        m->oversubscribed[h] = nranks > per_host;
        for (int32_t i = 0; i < nranks; i++) {
            int32_t core = h * per_host + (int32_t)((int64_t)i * per_host / nranks);

            m->host[first + i] = h;
            m->package[first + i] = core / per_package;
            m->numa[first + i] = core / per_numa;
            m->l3[first + i] = core / per_l3;
            m->core[first + i] = core;
            m->threads[first + i] = nranks < per_host ? per_host / nranks : 1;
        }
    }
}

static tg_status from_shape(const shape *s, int nranks, tg_machine **out)
{
    tg_status status = TG_OK;
    tg_machine *m = NULL;
    int32_t npackages = s->count[HOST] * s->count[PACKAGE];
    int32_t nnumas = npackages * s->count[NUMA];
    int32_t nl3s = nnumas * s->count[L3];
    int32_t ncores = nl3s * s->count[CORE];

    TG_TRY(tg_machine_create(nranks > 0 ? nranks : ncores, s->count[HOST], &m));
    m->npackages = npackages;
    m->nnumas = nnumas;
    m->nl3s = nl3s;
    m->ncores = ncores;
    place_ranks(m, s);
    for (int32_t r = 0; r < m->nranks; r++) /* dealt in blocks: tree order already */
        m->order[r] = r;
    assert(tg_machine_is_valid(m));
    *out = m;
    m = NULL;
out:
    tg_machine_destroy(&m);
    return status;
}

static tg_status from_file(const char *path, int nranks, tg_machine **out)
{
    tg_status status = TG_OK;
    tg_rank_description *whole = NULL;
    const tg_rank_description **of = NULL;

    TG_TRY(tg_machine_describe_file(path, &whole));
    if (nranks == 0)
        for (uint32_t i = 0; i < whole->nruns; i++)
            nranks += whole->runs[i].count;
    of = tg_alloc_array(nranks, sizeof *of);
    TG_NEED(of, TG_ENOMEM, "descriptions of %d ranks", nranks);
    for (int r = 0; r < nranks; r++)
        of[r] = whole;
    TG_TRY(tg_machine_from_descriptions(of, nranks, out));
out:
    tg_free(of);
    tg_free(whole);
    return status;
}

tg_status tg_machine_from_spec(const char *spec, int nranks, tg_machine **out)
{
    tg_status status = TG_OK;
    size_t length = strlen(spec);
    shape s;

    assert(nranks >= 0);
    if (length > 4 && strcmp(spec + length - 4, ".xml") == 0) {
        TG_TRY(from_file(spec, nranks, out));
    } else {
        TG_TRY(parse(spec, &s));
        TG_TRY(from_shape(&s, nranks, out));
    }
out:
    return status;
}
