/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The chunks= that users of Dask write, in the words of tg_open_options.chunks: an entry for each
 * axis, "auto", -1, a length, or lengths joined by "+".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"

/* Words that grow. */
struct words {
    char *text; /* malloc */
    size_t size;
    FILE *out;
};

static tg_status write_length(const tg_datum *datum, FILE *out)
{
    tg_status status = TG_OK;
    int64_t length = 0;

    if (datum->kind == TG_DATUM_NONE) {
        fputs("-1", out);
        return TG_OK;
    }
    if (datum->kind == TG_DATUM_TEXT) {
        TG_NEED(strcmp(datum->text, "auto") == 0, TG_EARG,
                "chunks: '%s' is no chunk length; use a number, -1 or 'auto'", datum->text);
        fputs("auto", out);
        return TG_OK;
    }
    TG_TRY(tg_datum_to_int(datum, &length));
    TG_NEED(length >= -1, TG_EARG,
            "chunks: %" PRId64 " is no chunk length; use a positive number, -1 for the whole axis "
            "or 'auto'",
            length);
    fprintf(out, "%" PRId64, length);
out:
    return status;
}

/* One axis: a length, or a tuple of the lengths of all its chunks. */
static tg_status write_entry(const tg_datum *datum, FILE *out)
{
    tg_status status = TG_OK;

    if (!tg_datum_is_sequence(datum))
        return write_length(datum, out);
    TG_NEED(datum->count > 0, TG_EARG, "chunks: an axis with an empty tuple of chunk lengths");
    for (int64_t i = 0; i < datum->count; i++) {
        if (i)
            fputc('+', out);
        TG_TRY(write_length(&datum->items[i], out));
    }
out:
    return status;
}

/* An axis that keeps its chunks: runs of equal ones, "2x300+400". */
static void write_own(const tg_array *like, int axis, FILE *out)
{
    const int64_t *length = tg_chunks(like, axis);
    int64_t n = tg_nchunks(like, axis);

    if (n == 1)
        fputs("-1", out);
    for (int64_t c = 0, run; c < n && n > 1; c += run) {
        for (run = 1; c + run < n && length[c + run] == length[c]; run++)
            continue;
        fprintf(out, "%s%" PRId64 "x%" PRId64, c ? "+" : "", run, length[c]);
    }
}

/* What a dict says of an axis; NULL: nothing. */
static const tg_datum *entry_of_axis(const tg_datum *dict, int axis, int ndim)
{
    for (int64_t i = 0; i < dict->count; i += 2)
        if (dict->items[i].kind == TG_DATUM_INT &&
            (dict->items[i].integer == axis || dict->items[i].integer == axis - ndim))
            return &dict->items[i + 1];
    return NULL;
}

static tg_status write_spec(const tg_datum *datum, int ndim, const tg_array *like, FILE *out)
{
    tg_status status = TG_OK;
    bool each = tg_datum_is_sequence(datum);

    TG_NEED(!each || datum->count == ndim, TG_EARG,
            "chunks has %" PRId64 " entries, the array has %d axes", datum->count, ndim);
    for (int d = 0; d < ndim; d++) {
        const tg_datum *entry = each                           ? &datum->items[d]
                                : datum->kind == TG_DATUM_DICT ? entry_of_axis(datum, d, ndim)
                                                               : datum;

        if (d)
            fputc(',', out);
        if (like && (!entry || (entry->kind == TG_DATUM_NONE && tg_shape(like)[d] > 0)))
            write_own(like, d, out);
        else if (!entry)
            fputs("-1", out);
        else
            TG_TRY(write_entry(entry, out));
    }
out:
    return status;
}

/* (2, 3) for an array of one axis: the lengths of its chunks, as Dask takes it. */
static bool is_lengths_of_one_axis(const tg_datum *datum, int ndim)
{
    return ndim == 1 && tg_datum_is_sequence(datum) && datum->count > 1;
}

const char *tg_call_chunks(tg_call *call, const char *name, int ndim, const tg_array *like)
{
    const tg_datum *datum = tg_call_datum(call, name);
    tg_datum wrapped = {.kind = TG_DATUM_TUPLE, .items = (tg_datum *)datum, .count = 1};
    struct words words = {0};
    const char *spec = NULL;

    if (datum->kind == TG_DATUM_NONE || ndim == 0 ||
        (datum->kind == TG_DATUM_TEXT && strcmp(datum->text, "auto") == 0))
        return NULL;
    if (is_lengths_of_one_axis(datum, ndim))
        datum = &wrapped;
    words.out = open_memstream(&words.text, &words.size);
    if (!words.out) {
        tg_call_status(call, tg_fail(TG_ENOMEM, "words for chunks"));
        return NULL;
    }
    tg_call_status(call, write_spec(datum, ndim, like, words.out));
    fclose(words.out);
    if (words.text)
        spec = tg_datum_copy_text(tg_call_ctx(call), words.text, words.size);
    free(words.text);
    return tg_call_failed(call) ? NULL : spec;
}
