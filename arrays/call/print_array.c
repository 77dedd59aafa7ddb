/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays as numpy.array2string prints them with its default options: lines of 75 columns, arrays of
 * more than 1000 elements as the first and last three along each axis. Only what is shown is
 * computed. The steps and their names are NumPy's (numpy/core/arrayprint.py: _array2string,
 * _formatArray, _extendLine).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <tegula/index.h>

#include "call/print.h"
#include "expr/node.h"

enum { LINE_WIDTH = 75, THRESHOLD = 1000, EDGE = 3 };

/* What is shown, as texts. */
struct shown {
    int ndim;
    int64_t length[TG_MAX_NDIM]; /* of the array */
    int64_t count[TG_MAX_NDIM];  /* that are shown; in the middle "..." where fewer */
    char **words;                /* malloc, each malloc */
    int64_t nwords;
    bool summary;
    const char *separator;
};

/* a[..., :3] and a[..., -3:] joined, along axis d. */
static tg_array *edges_along(tg_array *a, int d)
{
    tg_index head[TG_MAX_NDIM], tail[TG_MAX_NDIM];

    for (int i = 0; i < d; i++)
        head[i] = tail[i] = TG_ALL;
    head[d] = TG_SLICE(TG_NONE, EDGE, TG_NONE);
    tail[d] = TG_SLICE(-EDGE, TG_NONE, TG_NONE);
    return tg_concatenate((tg_array *[]){tg_getitem(a, head, d + 1), tg_getitem(a, tail, d + 1)}, 2,
                          d);
}

static tg_array *edges_of(tg_array *a)
{
    int ndim = tg_ndim(a);

    for (int d = 0; d < ndim; d++)
        if (tg_shape(a)[d] > 2 * EDGE)
            a = edges_along(a, d);
    return a;
}

static tg_status add_word(struct shown *s, const char *text)
{
    tg_status status = TG_OK;

    s->words[s->nwords] = strdup(text);
    TG_NEED(s->words[s->nwords], TG_ENOMEM, "a text");
    s->nwords++;
out:
    return status;
}

static bool is_complex(tg_dtype dtype)
{
    return strncmp(tg_dtype_name(dtype), "complex", 7) == 0;
}

/* Values as float64, two for each of a complex array; malloc. */
static double *as_doubles(const void *data, tg_dtype dtype, int64_t count)
{
    int parts = is_complex(dtype) ? 2 : 1;
    bool single = tg_dtype_size(dtype) == 4 * (size_t)parts;
    double *values = malloc((size_t)(parts * count + 1) * sizeof *values);

    for (int64_t i = 0; values && i < parts * count; i++)
        values[i] = single ? ((const float *)data)[i] : ((const double *)data)[i];
    return values;
}

static tg_status float_words(struct shown *s, const void *data, tg_dtype dtype, int64_t count)
{
    tg_status status = TG_OK;
    int parts = is_complex(dtype) ? 2 : 1;
    tg_dtype part = tg_dtype_size(dtype) == 4 * (size_t)parts ? TG_FLOAT32 : TG_FLOAT64;
    double *values = as_doubles(data, dtype, count);
    tg_float_format format[2];
    char text[2 * TG_NUMBER_TEXT], imaginary[TG_NUMBER_TEXT];

    TG_NEED(values, TG_ENOMEM, "%" PRId64 " elements", count);
    for (int p = 0; p < parts; p++)
        tg_float_format_make(&format[p], values + p, count, parts, part, p == 1);
    for (int64_t i = 0; i < count; i++) {
        tg_float_format_text(&format[0], values[parts * i], text);
        if (parts == 2) { /* the j goes before the blanks at the end */
            tg_float_format_text(&format[1], values[2 * i + 1], imaginary);
            size_t size = strlen(imaginary);
            while (size > 0 && imaginary[size - 1] == ' ')
                size--;
            size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "%.*sj%s", (int)size, imaginary,
                     imaginary + size);
        }
        TG_TRY(add_word(s, text));
    }
out:
    free(values);
    return status;
}

static void integer_text(const void *data, tg_dtype dtype, int64_t i, int width, char *text)
{
    const char *at = (const char *)data + (size_t)i * tg_dtype_size(dtype);
    int64_t number;
    uint64_t natural;

    if (dtype == TG_UINT64) {
        memcpy(&natural, at, sizeof natural);
        snprintf(text, TG_NUMBER_TEXT, "%*" PRIu64, width, natural);
    } else {
        tg_convert(1, dtype, at, TG_INT64, &number);
        snprintf(text, TG_NUMBER_TEXT, "%*" PRId64, width, number);
    }
}

static tg_status integer_words(struct shown *s, const void *data, tg_dtype dtype, int64_t count)
{
    tg_status status = TG_OK;
    char text[TG_NUMBER_TEXT];
    int width = 0;

    for (int64_t i = 0; i < count; i++) {
        integer_text(data, dtype, i, 0, text);
        width = (int)strlen(text) > width ? (int)strlen(text) : width;
    }
    for (int64_t i = 0; i < count; i++) {
        integer_text(data, dtype, i, width, text);
        TG_TRY(add_word(s, text));
    }
out:
    return status;
}

static tg_status bool_words(struct shown *s, const uint8_t *data, int64_t count)
{
    tg_status status = TG_OK;

    for (int64_t i = 0; i < count; i++)
        TG_TRY(add_word(s, data[i] ? " True" : "False"));
out:
    return status;
}

static tg_status make_words(struct shown *s, const void *data, tg_dtype dtype, int64_t count)
{
    tg_status status = TG_OK;

    s->words = calloc((size_t)count + 1, sizeof *s->words);
    TG_NEED(s->words, TG_ENOMEM, "%" PRId64 " elements", count);
    if (dtype == TG_BOOL)
        TG_TRY(bool_words(s, data, count));
    else if (dtype >= TG_FLOAT32)
        TG_TRY(float_words(s, data, dtype, count));
    else
        TG_TRY(integer_words(s, data, dtype, count));
out:
    return status;
}

/* The line that is being made. It is measured with its indent, also where a bracket already stands
 * in the indent's place: those columns are skipped when it is written. */
struct line {
    FILE *out;
    char *text; /* malloc */
    size_t size, capacity, skip;
};

static tg_status append(struct line *l, const char *text)
{
    tg_status status = TG_OK;
    size_t length = strlen(text);

    if (l->size + length + 1 > l->capacity) {
        size_t capacity = 2 * (l->size + length + 1);
        char *grown = realloc(l->text, capacity);

        TG_NEED(grown, TG_ENOMEM, "a line");
        l->text = grown;
        l->capacity = capacity;
    }
    memcpy(l->text + l->size, text, length + 1);
    l->size += length;
out:
    return status;
}

static tg_status append_blanks(struct line *l, int count)
{
    tg_status status = TG_OK;

    for (int i = 0; i < count; i++)
        TG_TRY(append(l, " "));
out:
    return status;
}

static void end_line(struct line *l, bool strip)
{
    while (strip && l->size > 0 && l->text[l->size - 1] == ' ')
        l->size--;
    if (l->size > l->skip)
        fwrite(l->text + l->skip, 1, l->size - l->skip, l->out);
    l->size = l->skip = 0;
}

/* One more word: on the next line, after `indent` blanks, where it does not fit. */
static tg_status extend(struct line *l, const char *word, int indent, int width)
{
    tg_status status = TG_OK;

    if ((int)(l->size + strlen(word)) > width && (int)l->size > indent) {
        end_line(l, true);
        fputc('\n', l->out);
        TG_TRY(append_blanks(l, indent));
    }
    TG_TRY(append(l, word));
out:
    return status;
}

/* The innermost axis. */
static tg_status print_row(const struct shown *s, char *const *words, int indent, int width,
                           FILE *out)
{
    tg_status status = TG_OK;
    struct line line = {.out = out, .skip = (size_t)indent};
    int axis = s->ndim - 1;
    int64_t n = s->count[axis];

    TG_TRY(append_blanks(&line, indent));
    for (int64_t i = 0; i < n; i++) {
        if (n < s->length[axis] && i == n / 2) {
            TG_TRY(extend(&line, "...", indent, width - 1));
            TG_TRY(append(&line, s->separator));
        }
        TG_TRY(extend(&line, words[i], indent, width - 1));
        if (i < n - 1)
            TG_TRY(append(&line, s->separator));
    }
    end_line(&line, false);
out:
    free(line.text);
    return status;
}

static void new_lines(const struct shown *s, int axis, int indent, FILE *out)
{
    if (s->separator[0] == ',')
        fputc(',', out);
    for (int i = 1; i < s->ndim - axis; i++)
        fputc('\n', out);
    fprintf(out, "%*s", indent, "");
}

/* Axis `axis` of the words from `words` on. */
static tg_status print_axis(const struct shown *s, int axis, char *const *words, int indent,
                            int width, FILE *out)
{
    tg_status status = TG_OK;
    int64_t n = s->count[axis], each = 1;

    for (int d = axis + 1; d < s->ndim; d++)
        each *= s->count[d];
    fputc('[', out);
    if (axis == s->ndim - 1) {
        TG_TRY(print_row(s, words, indent, width, out));
        n = 0;
    }
    for (int64_t i = 0; i < n; i++) {
        if (i > 0)
            new_lines(s, axis, indent, out);
        if (n < s->length[axis] && i == n / 2) {
            fputs("...", out);
            new_lines(s, axis, indent, out);
        }
        TG_TRY(print_axis(s, axis + 1, words + i * each, indent + 1, width - 1, out));
    }
    fputc(']', out);
out:
    return status;
}

static void shown_clear(struct shown *s)
{
    for (int64_t i = 0; i < s->nwords; i++)
        free(s->words[i]);
    free(s->words);
}

/* Compute what is shown and print it; `prefix` columns stand before it, `suffix` follow it. */
static tg_status print_elements(tg_array *array, int prefix, int suffix, const char *separator,
                                FILE *out)
{
    tg_status status = TG_OK;
    struct shown s = {.ndim = tg_ndim(array), .separator = separator};
    tg_array *part = tg_size(array) > THRESHOLD ? edges_of(array) : array;
    void *data = NULL;
    size_t size;

    TG_TRY(tg_array_status(part));
    size = (size_t)tg_size(part) * tg_dtype_size(tg_dtype_of(part));
    data = malloc(size + 1);
    TG_NEED(data, TG_ENOMEM, "%zu bytes to print", size);
    TG_TRY(tg_gather(part, data, size));
    for (int d = 0; d < s.ndim; d++) {
        s.length[d] = tg_shape(array)[d];
        s.count[d] = tg_shape(part)[d];
    }
    TG_TRY(make_words(&s, data, tg_dtype_of(part), tg_size(part)));
    TG_TRY(print_axis(&s, 0, s.words, prefix + 1, LINE_WIDTH - suffix, out));
out:
    shown_clear(&s);
    free(data);
    return status;
}

/* A value alone, as numpy's scalars print. */
static tg_status print_scalar(tg_array *array, FILE *out)
{
    tg_status status = TG_OK;
    _Alignas(16) char bytes[32];
    tg_dtype dtype = tg_dtype_of(array), part = dtype;
    char text[TG_NUMBER_TEXT];
    double values[2] = {0};

    TG_TRY(tg_gather(array, bytes, tg_dtype_size(dtype)));
    if (dtype == TG_BOOL) {
        strcpy(text, bytes[0] ? "True" : "False");
    } else if (dtype < TG_FLOAT32) {
        integer_text(bytes, dtype, 0, 0, text);
    } else {
        double *parts = as_doubles(bytes, dtype, 1);

        TG_NEED(parts, TG_ENOMEM, "an element");
        memcpy(values, parts, (is_complex(dtype) ? 2 : 1) * sizeof *values);
        free(parts);
        if (is_complex(dtype))
            part = tg_dtype_size(dtype) == 8 ? TG_FLOAT32 : TG_FLOAT64;
        if (is_complex(dtype))
            tg_complex_text(values, part, text);
        else
            tg_float_text(values[0], part, true, text);
    }
    fputs(text, out);
out:
    return status;
}

/* Columns of the last line of a text. */
static size_t last_line(const char *text)
{
    const char *line = strrchr(text, '\n');

    return strlen(line ? line + 1 : text);
}

/* Is the dtype what numpy makes of such values anyway? */
static bool is_implied(tg_dtype dtype)
{
    return dtype == TG_BOOL || dtype == TG_INT64 || dtype == TG_FLOAT64 ||
           strcmp(tg_dtype_name(dtype), "complex128") == 0;
}

/* "array([1, 2], dtype=int16)" */
static tg_status print_repr(tg_array *array, FILE *out)
{
    tg_status status = TG_OK;
    bool implied = is_implied(tg_dtype_of(array)) && tg_size(array) > 0;
    char *text = NULL, dtype[40], shape[TG_SHAPE_TEXT];
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    TG_NEED(to, TG_ENOMEM, "a text");
    fputs("array(", to);
    if (tg_size(array) > 0)
        TG_TRY(print_elements(array, 6, 1, ", ", to));
    else
        fputs("[]", to);
    if (tg_size(array) == 0 && (tg_ndim(array) != 1))
        fprintf(to, ", shape=%s", tg_shape_text(tg_ndim(array), tg_shape(array), shape));
    fputs(implied ? ")" : ",", to);
    fflush(to);
    fputs(text, out);
    if (!implied) {
        snprintf(dtype, sizeof dtype, "dtype=%s)", tg_dtype_name(tg_dtype_of(array)));
        fprintf(out, "%s%s", last_line(text) + 1 + strlen(dtype) > LINE_WIDTH ? "\n      " : " ",
                dtype);
    }
out:
    if (to)
        fclose(to);
    free(text);
    return status;
}

tg_status tg_print_array(tg_ctx *ctx, tg_array *array, bool repr, FILE *out)
{
    (void)ctx;
    if (tg_array_status(array) != TG_OK)
        return tg_array_status(array);
    if (tg_ndim(array) == 0)
        return print_scalar(array, out);
    if (repr)
        return print_repr(array, out);
    if (tg_size(array) > 0)
        return print_elements(array, 0, 0, " ", out);
    fputs("[]", out);
    return TG_OK;
}
