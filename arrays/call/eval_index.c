/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands in brackets after a value: indices of arrays, of tuples, lists and strings. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <tegula/index.h>

#include "call/eval.h"
#include "expr/node.h"

static tg_status slice_part(const tg_datum *part, int64_t otherwise, int64_t *out)
{
    tg_status status = TG_OK;

    *out = otherwise;
    if (part->kind != TG_DATUM_NONE)
        TG_TRY(tg_datum_to_int(part, out));
out:
    return status;
}

static int64_t bounded(int64_t i, int64_t least, int64_t most)
{
    return i < least ? least : i > most ? most : i;
}

/* Python's slice.indices: where a slice of n items starts, its step and how many it has. */
static tg_status slice_indices(const tg_datum *slice, int64_t n, int64_t *start, int64_t *step,
                               int64_t *count)
{
    tg_status status = TG_OK;
    int64_t stop;

    TG_TRY(slice_part(&slice->items[2], 1, step));
    TG_NEED(*step != 0, TG_EARG, "slice step cannot be zero");
    *step = bounded(*step, -INT64_MAX, INT64_MAX);
    TG_TRY(slice_part(&slice->items[0], *step > 0 ? 0 : n - 1, start));
    TG_TRY(slice_part(&slice->items[1], *step > 0 ? n : -n - 1, &stop));
    if (*start < 0)
        *start = bounded(*start, -n - 1, -1) + n;
    if (stop < 0)
        stop = bounded(stop, -n - 1, -1) + n;
    *start = bounded(*start, *step > 0 ? 0 : -1, *step > 0 ? n : n - 1);
    stop = bounded(stop, *step > 0 ? 0 : -1, *step > 0 ? n : n - 1);
    *count = *step > 0
                 ? (stop - *start + *step - 1 < stop - *start ? 1 : (stop - *start - 1) / *step + 1)
                 : (*start - stop - 1) / -*step + 1;
    if ((*step > 0 && stop <= *start) || (*step < 0 && stop >= *start))
        *count = 0;
out:
    return status;
}

static tg_status index_sequence(tg_calc *calc, const tg_datum *sequence, const tg_datum *index,
                                tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t i = 0, start, step, count;

    if (index->kind == TG_DATUM_SLICE) {
        TG_TRY(slice_indices(index, sequence->count, &start, &step, &count));
        tg_datum part = {.kind = sequence->kind, .count = count};
        part.items = tg_datum_items(calc->ctx, count);
        TG_NEED(part.items, TG_ENOMEM, "%" PRId64 " items", count);
        for (; i < count; i++)
            part.items[i] = sequence->items[start + i * step];
        *out = part;
        return TG_OK;
    }
    TG_NEED(index->kind <= TG_DATUM_INT || index->kind == TG_DATUM_ARRAY, TG_EARG,
            "%s indices must be integers or slices, not %s", tg_datum_type(sequence),
            tg_datum_type(index));
    TG_TRY(tg_datum_to_int(index, &i));
    TG_NEED(i >= -sequence->count && i < sequence->count, TG_EARG, "%s index out of range",
            tg_datum_type(sequence));
    *out = sequence->items[i < 0 ? i + sequence->count : i];
out:
    return status;
}

static tg_status index_dict(tg_calc *calc, const tg_datum *dict, const tg_datum *index,
                            tg_datum *out)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < dict->count; i += 2) {
        tg_datum equal;
        bool truth = false;

        TG_TRY(tg_eval_compare(calc, "==", &dict->items[i], index, &equal));
        TG_TRY(tg_datum_truth(&equal, &truth));
        if (truth) {
            *out = dict->items[i + 1];
            return TG_OK;
        }
    }
    status = tg_fail(TG_EARG, "the dict has no such key");
out:
    return status;
}

static tg_status bad_index(void)
{
    return tg_fail(TG_EARG, "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) "
                            "and integer or boolean arrays are valid indices");
}

static tg_status slice_item(const tg_datum *datum, tg_index *out)
{
    tg_status status = TG_OK;
    int64_t parts[3];

    for (int i = 0; i < 3; i++) {
        TG_TRY(slice_part(&datum->items[i], TG_NONE, &parts[i]));
        if (datum->items[i].kind != TG_DATUM_NONE)
            parts[i] = bounded(parts[i], -INT64_MAX, INT64_MAX); /* TG_NONE means left out */
    }
    TG_NEED(parts[2] != 0, TG_EARG, "slice step cannot be zero");
    *out = TG_SLICE(parts[0], parts[1], parts[2]);
out:
    return status;
}

static tg_status array_item(tg_array *array, tg_index *out)
{
    tg_status status = TG_OK;
    tg_datum datum = tg_datum_array(array);

    TG_TRY(tg_array_status(array));
    if (tg_dtype_of(array) == TG_BOOL) {
        *out = (tg_index){.kind = TG_INDEX_MASK, .array = array};
    } else if (tg_dtype_of(array) < TG_FLOAT32) {
        *out = (tg_index){.kind = TG_INDEX_ARRAY, .array = array};
        if (tg_ndim(array) == 0) {
            out->kind = TG_INDEX_INTEGER;
            TG_TRY(tg_datum_to_int(&datum, &out->start));
        }
    } else {
        return bad_index();
    }
out:
    return status;
}

/* A list: integers, or a mask. An empty one is of integers. */
static tg_status list_item(tg_calc *calc, const tg_datum *datum, tg_index *out)
{
    tg_status status = TG_OK;
    tg_array *array = NULL;
    int64_t *list = NULL;

    if (datum->count == 0) {
        static const int64_t none = 0;

        *out = (tg_index){.kind = TG_INDEX_LIST, .list = &none};
        return TG_OK;
    }
    array = tg_datum_to_array(calc->ctx, datum);
    TG_TRY(tg_array_status(array));
    if (tg_dtype_of(array) != TG_INT64)
        return array_item(array, out);
    list = tg_ctx_alloc(calc->ctx, (size_t)(tg_size(array) + 1) * sizeof *list);
    TG_NEED(list, TG_ENOMEM, "an index of %" PRId64 " integers", tg_size(array));
    memcpy(list, ((const tg_memory_params *)array->params)->data,
           (size_t)tg_size(array) * sizeof *list);
    *out = (tg_index){.kind = TG_INDEX_LIST,
                      .list = list,
                      .count = tg_size(array),
                      .list_ndim = tg_ndim(array),
                      .list_shape = tg_shape(array)};
out:
    return status;
}

static tg_status make_item(tg_calc *calc, const tg_datum *datum, tg_index *out)
{
    switch (datum->kind) {
    case TG_DATUM_NONE:
        *out = TG_NEWAXIS;
        return TG_OK;
    case TG_DATUM_ELLIPSIS:
        *out = TG_ELLIPSIS;
        return TG_OK;
    case TG_DATUM_INT:
        *out = TG_AT(datum->integer);
        return TG_OK;
    case TG_DATUM_SLICE:
        return slice_item(datum, out);
    case TG_DATUM_BOOL:
        return array_item(tg_datum_to_array(calc->ctx, datum), out);
    case TG_DATUM_ARRAY:
        return array_item(datum->array, out);
    case TG_DATUM_TUPLE:
    case TG_DATUM_LIST:
        return list_item(calc, datum, out);
    default:
        return bad_index();
    }
}

enum { MOST_INDICES = 2 * TG_MAX_NDIM };

static tg_status make_index(tg_calc *calc, const tg_datum *datum, tg_index *items, int *count)
{
    tg_status status = TG_OK;
    bool several = datum->kind == TG_DATUM_TUPLE;

    TG_NEED(!several || datum->count <= MOST_INDICES, TG_EARG,
            "too many indices for array: %" PRId64, datum->count);
    *count = several ? (int)datum->count : 1;
    for (int i = 0; i < *count; i++)
        TG_TRY(make_item(calc, several ? &datum->items[i] : datum, &items[i]));
out:
    return status;
}

static tg_status index_array(tg_calc *calc, tg_array *array, bool blocks, const tg_datum *index,
                             tg_datum *out)
{
    tg_status status = TG_OK;
    tg_index items[MOST_INDICES];
    int count = 0;

    TG_TRY(make_index(calc, index, items, &count));
    *out =
        tg_datum_array(blocks ? tg_blocks(array, items, count) : tg_getitem(array, items, count));
    TG_TRY(tg_array_status(out->array));
out:
    return status;
}

static tg_status index_text(tg_calc *calc, const tg_datum *text, const tg_datum *index,
                            tg_datum *out)
{
    tg_status status = TG_OK;
    int64_t i = 0, n = (int64_t)strlen(text->text), start, step, count;
    char *part = NULL;

    if (index->kind == TG_DATUM_SLICE) {
        TG_TRY(slice_indices(index, n, &start, &step, &count));
    } else {
        TG_TRY(tg_datum_to_int(index, &start));
        TG_NEED(start >= -n && start < n, TG_EARG, "string index out of range");
        start += start < 0 ? n : 0;
        step = count = 1;
    }
    part = tg_ctx_alloc(calc->ctx, (size_t)count + 1);
    TG_NEED(part, TG_ENOMEM, "a string");
    for (; i < count; i++)
        part[i] = text->text[start + i * step];
    *out = (tg_datum){.kind = TG_DATUM_TEXT, .text = part};
out:
    return status;
}

tg_status tg_eval_subscript(tg_calc *calc, const tg_datum *object, const tg_datum *index,
                            tg_datum *out)
{
    switch (object->kind) {
    case TG_DATUM_ARRAY:
        return index_array(calc, object->array, false, index, out);
    case TG_DATUM_TUPLE:
    case TG_DATUM_LIST:
        return index_sequence(calc, object, index, out);
    case TG_DATUM_DICT:
        return index_dict(calc, object, index, out);
    case TG_DATUM_TEXT:
        return index_text(calc, object, index, out);
    case TG_DATUM_METHOD:
        if (tg_eval_is_grid(object->callable->name))
            return tg_eval_grid(calc, object->callable->name, index, out);
        if (strcmp(object->callable->name, "blocks") == 0)
            return index_array(calc, object->callable->self.array, true, index, out);
        break;
    default:
        break;
    }
    return tg_fail(TG_EARG, "'%s' object is not subscriptable", tg_datum_type(object));
}

/* x[index] = value, as a new value of x. */
tg_status tg_eval_set_item(tg_calc *calc, const tg_datum *object, const tg_datum *index,
                           const tg_datum *value, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_index items[MOST_INDICES];
    int count = 0;

    TG_NEED(object->kind == TG_DATUM_ARRAY, TG_EARG,
            "'%s' object does not support item assignment here", tg_datum_type(object));
    TG_TRY(tg_datum_check_dtype(value, tg_dtype_of(object->array)));
    TG_TRY(make_index(calc, index, items, &count));
    *out = tg_datum_array(
        tg_set_slice(object->array, items, count, tg_datum_to_array(calc->ctx, value)));
    TG_TRY(tg_array_status(out->array));
out:
    return status;
}

static tg_status rows_of(tg_calc *calc, tg_array *array, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum list = {.kind = TG_DATUM_LIST};

    TG_TRY(tg_array_status(array));
    TG_NEED(tg_ndim(array) > 0, TG_EARG, "iteration over a 0-d array");
    list.count = tg_shape(array)[0];
    TG_NEED(list.count <= 10000, TG_EARG,
            "iteration over an axis of length %" PRId64 ": at most 10000 can be", list.count);
    list.items = tg_datum_items(calc->ctx, list.count);
    TG_NEED(list.items, TG_ENOMEM, "%" PRId64 " items", list.count);
    for (int64_t i = 0; i < list.count; i++) {
        list.items[i] = tg_datum_array(tg_getitem(array, TG_INDEX(TG_AT(i))));
        TG_TRY(tg_array_status(list.items[i].array));
    }
    *out = list;
out:
    return status;
}

tg_status tg_eval_items(tg_calc *calc, const tg_datum *sequence, tg_datum *out)
{
    tg_status status = TG_OK;
    tg_datum keys = {.kind = TG_DATUM_LIST};

    if (sequence->kind == TG_DATUM_ARRAY)
        return rows_of(calc, sequence->array, out);
    if (sequence->kind == TG_DATUM_DICT) {
        keys.count = sequence->count / 2;
        keys.items = tg_datum_items(calc->ctx, keys.count);
        TG_NEED(keys.items, TG_ENOMEM, "the keys of a dict");
        for (int64_t i = 0; i < keys.count; i++)
            keys.items[i] = sequence->items[2 * i];
        *out = keys;
        return TG_OK;
    }
    TG_NEED(tg_datum_is_sequence(sequence), TG_EARG, "'%s' object is not iterable",
            tg_datum_type(sequence));
    *out = *sequence;
out:
    return status;
}
