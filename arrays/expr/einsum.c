/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Einstein's sums. Each axis gets a label; those that one array has and nobody needs are summed
 * first, and each pair is then one product whose shared labels are its batch or its inner axes.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <tegula/create.h>
#include <tegula/shape.h>

#include "expr/contract.h"

/* Labels are letters; axes of an ellipsis are ELLIPSIS + 1 (the last), ELLIPSIS + 2, ... */
enum { ELLIPSIS = 128, NLABELS = ELLIPSIS + TG_MAX_NDIM + 1 };

struct term {
    tg_array *array; /* NULL: the result */
    int count;
    int label[2 * TG_MAX_NDIM];
};

static int find(const struct term *term, int label)
{
    for (int i = 0; i < term->count; i++)
        if (term->label[i] == label)
            return i;
    return -1;
}

static tg_status put(struct term *term, int label)
{
    tg_status status = TG_OK;

    TG_NEED(term->count < 2 * TG_MAX_NDIM, TG_EARG, "einsum: too many labels in a term");
    term->label[term->count++] = label;
out:
    return status;
}

/* "i...j" up to `end`; the ellipsis stands for `missing` axes, or for all beside the letters. */
static tg_status parse_term(const char *text, const char *end, int missing, struct term *out)
{
    tg_status status = TG_OK;
    int letters = 0, ellipses = 0;

    for (const char *c = text; c < end; c++)
        letters += isalpha((unsigned char)*c) != 0;
    for (const char *c = text; c < end; c++) {
        if (*c == ' ')
            continue;
        if (isalpha((unsigned char)*c)) {
            TG_TRY(put(out, *c));
            continue;
        }
        TG_NEED(end - c >= 3 && strncmp(c, "...", 3) == 0 && ellipses++ == 0, TG_EARG,
                "einsum: invalid subscript '%c' in '%.*s', subscripts must be letters", *c,
                (int)(end - text), text);
        c += 2;
        for (int i = out->array ? out->array->ndim - letters : missing; i > 0; i--)
            TG_TRY(put(out, ELLIPSIS + i));
    }
    TG_NEED(!out->array || out->count == out->array->ndim, TG_EARG,
            "einsum: '%.*s' has %d labels for an array of %d axes", (int)(end - text), text,
            out->count, out->array->ndim);
out:
    return status;
}

static bool is_once(const struct term *terms, int count, int label)
{
    int times = 0;

    for (int i = 0; i < count; i++)
        for (int j = 0; j < terms[i].count; j++)
            times += terms[i].label[j] == label;
    return times == 1;
}

/* Without "->": axes of ellipses, then what occurs once. */
static tg_status imply_result(const struct term *terms, int count, int missing, struct term *out)
{
    tg_status status = TG_OK;

    for (int i = missing; i > 0; i--)
        TG_TRY(put(out, ELLIPSIS + i));
    for (int label = 1; label < ELLIPSIS; label++)
        if (is_once(terms, count, label))
            TG_TRY(put(out, label));
out:
    return status;
}

static tg_status check_result(const struct term *terms, int count, int missing,
                              const struct term *result)
{
    tg_status status = TG_OK;

    TG_NEED(result->count <= TG_MAX_NDIM, TG_EARG, "einsum: a result of %d axes: %d can be",
            result->count, TG_MAX_NDIM);
    for (int i = 0; i < result->count; i++) {
        bool known = false;

        for (int t = 0; t < count; t++)
            known = known || find(&terms[t], result->label[i]) >= 0;
        TG_NEED(known, TG_EARG, "einsum: output subscript '%c' is in no input",
                result->label[i] < ELLIPSIS ? result->label[i] : '.');
        TG_NEED(find(result, result->label[i]) == i, TG_EARG,
                "einsum: output subscript '%c' is there twice", result->label[i]);
    }
    TG_NEED(missing == 0 || find(result, ELLIPSIS + 1) >= 0, TG_EARG,
            "einsum: output has no '...' for the axes that broadcast");
out:
    return status;
}

static tg_status parse(const char *text, struct term *terms, int count, struct term *result)
{
    tg_status status = TG_OK;
    const char *arrow = strstr(text, "->"), *end = arrow ? arrow : text + strlen(text), *at = text;
    int missing = 0;

    for (int i = 0; i < count; i++) {
        size_t n = strcspn(at, ",");
        const char *stop = at + n < end ? at + n : end;

        TG_NEED(i == 0 || at[-1] == ',', TG_EARG, "einsum: '%s' is of fewer than %d arrays", text,
                count);
        TG_TRY(parse_term(at, stop, 0, &terms[i]));
        for (int j = 0; j < terms[i].count; j++)
            if (terms[i].label[j] - ELLIPSIS > missing)
                missing = terms[i].label[j] - ELLIPSIS;
        TG_NEED(i < count - 1 || stop == end, TG_EARG, "einsum: '%s' is of more than %d arrays",
                text, count);
        at = stop < end ? stop + 1 : stop;
        TG_NEED(i == count - 1 || stop < end, TG_EARG, "einsum: '%s' is of fewer than %d arrays",
                text, count);
    }
    if (arrow)
        TG_TRY(parse_term(arrow + 2, text + strlen(text), missing, result));
    else
        TG_TRY(imply_result(terms, count, missing, result));
    TG_TRY(check_result(terms, count, missing, result));
out:
    return status;
}

static void drop(struct term *term, int at)
{
    memmove(term->label + at, term->label + at + 1,
            (size_t)(term->count - at - 1) * sizeof *term->label);
    term->count--;
}

/* Labels that occur twice become one axis, their diagonal. */
static tg_status take_diagonals(struct term *term)
{
    tg_status status = TG_OK;

    for (int i = 0; i < term->count; i++) {
        int label = term->label[i], first = find(term, label);
        const int64_t *shape = term->array->shape;

        if (first == i)
            continue;
        TG_NEED(shape[first] == shape[i], TG_EARG,
                "einsum: dimensions in operand for collapsing index '%c' don't match (%" PRId64
                " != %" PRId64 ")",
                label, shape[first], shape[i]);
        term->array = tg_diagonal(term->array, 0, first, i);
        TG_TRY(tg_array_status(term->array));
        drop(term, i);
        drop(term, first);
        term->label[term->count++] = label;
        i = -1; /* places have changed */
    }
out:
    return status;
}

/* Sum over the axes whose labels are not needed. */
static tg_status sum_out(struct term *term, const bool *needed)
{
    tg_status status = TG_OK;
    tg_axes axes = {0};
    int kept = 0;

    for (int i = 0; i < term->count; i++)
        if (needed[term->label[i]])
            term->label[kept++] = term->label[i];
        else
            axes.axis[axes.count++] = i;
    term->count = kept;
    if (axes.count > 0)
        term->array = tg_astype(tg_sum(term->array, axes), term->array->dtype);
    TG_TRY(tg_array_status(term->array));
out:
    return status;
}

/* Axes of length 1 that meet longer ones go: they are broadcast. */
static tg_status drop_ones(struct term *term, const struct term *other)
{
    tg_status status = TG_OK;

    for (int i = term->count - 1; i >= 0; i--) {
        int j = find(other, term->label[i]);
        int64_t n = term->array->shape[i], m = j < 0 ? n : other->array->shape[j];

        TG_NEED(n == m || n == 1 || m == 1, TG_EARG,
                "einsum: operands could not be broadcast together: label '%c' has %" PRId64
                " and %" PRId64 " elements",
                term->label[i] < ELLIPSIS ? term->label[i] : '.', n, m);
        if (n == m || n != 1)
            continue;
        term->array = tg_squeeze(term->array, TG_AXES(i));
        TG_TRY(tg_array_status(term->array));
        drop(term, i);
    }
out:
    return status;
}

static tg_array *put_in_order(const struct term *term, const int *labels)
{
    int order[TG_MAX_NDIM];

    for (int i = 0; i < term->count && i < TG_MAX_NDIM; i++)
        order[i] = find(term, labels[i]);
    return tg_transpose(term->array, order);
}

/* left = the product of left and right, with the labels that are needed. */
static tg_status multiply(struct term *left, struct term *right, const bool *needed)
{
    tg_status status = TG_OK;
    struct term a = {0}, b = {0}, out = {0};
    bool wanted[NLABELS];
    int inner[TG_MAX_NDIM], ninner = 0, batch = 0;

    TG_TRY(drop_ones(left, right));
    TG_TRY(drop_ones(right, left));
    memcpy(wanted, needed, sizeof wanted);
    for (int i = 0; i < left->count; i++)
        wanted[left->label[i]] |= find(right, left->label[i]) >= 0;
    TG_TRY(sum_out(left, wanted));
    TG_TRY(sum_out(right, wanted));
    for (int i = 0; i < left->count; i++) { /* batch and inner */
        int label = left->label[i];

        if (find(right, label) < 0)
            continue;
        if (needed[label])
            a.label[a.count++] = b.label[b.count++] = out.label[out.count++] = label;
        else
            inner[ninner++] = label;
    }
    batch = a.count;
    for (int i = 0; i < left->count; i++)
        if (find(right, left->label[i]) < 0)
            a.label[a.count++] = out.label[out.count++] = left->label[i];
    for (int i = 0; i < ninner; i++)
        a.label[a.count++] = b.label[b.count++] = inner[i];
    for (int i = 0; i < right->count; i++)
        if (find(left, right->label[i]) < 0)
            b.label[b.count++] = out.label[out.count++] = right->label[i];
    out.array = tg_product(put_in_order(left, a.label), put_in_order(right, b.label),
                           a.count - batch - ninner, ninner, b.count - batch - ninner);
    TG_TRY(tg_array_status(out.array));
    *left = out;
out:
    return status;
}

static void mark_needed(const struct term *terms, int count, const struct term *result,
                        bool *needed)
{
    memset(needed, 0, NLABELS * sizeof *needed);
    for (int i = 0; i < result->count; i++)
        needed[result->label[i]] = true;
    for (int t = 0; t < count; t++)
        for (int i = 0; i < terms[t].count; i++)
            needed[terms[t].label[i]] = true;
}

tg_array *tg_einsum(const char *subscripts, tg_array *const *arrays, int count)
{
    tg_status status = TG_OK;
    tg_ctx *ctx = tg_inputs_ctx(arrays, count);
    struct term *terms = NULL, result = {0};
    tg_array **in = NULL, *product;
    bool needed[NLABELS];

    TG_NEED(count > 0, TG_EARG,
            "einsum: must specify the einstein sum subscripts string and at least one operand");
    TG_TRY(tg_inputs_status(arrays, count));
    terms = tg_ctx_alloc(ctx, (size_t)count * sizeof *terms);
    in = tg_ctx_alloc(ctx, (size_t)count * sizeof *in);
    TG_NEED(terms && in, TG_ENOMEM, "einsum of %d arrays", count);
    memcpy(in, arrays, (size_t)count * sizeof *in);
    TG_TRY(tg_product_dtype(in, count));
    for (int i = 0; i < count; i++)
        terms[i] = (struct term){.array = in[i]};
    TG_TRY(parse(subscripts, terms, count, &result));
    for (int i = 0; i < count; i++)
        TG_TRY(take_diagonals(&terms[i]));
    for (int i = 1; i < count; i++) {
        mark_needed(terms + i + 1, count - i - 1, &result, needed);
        TG_TRY(multiply(&terms[0], &terms[i], needed));
    }
    mark_needed(NULL, 0, &result, needed);
    TG_TRY(sum_out(&terms[0], needed));
    product = put_in_order(&terms[0], result.label);
    for (int i = 0; i < count && product->status == TG_OK; i++)
        if (in[i]->size == 0) /* sums of nothing, whatever the other arrays hold */
            return tg_zeros(ctx, product->dtype, product->ndim, product->shape, NULL);
    return product;
out:
    return tg_node_poisoned(ctx, status);
}
