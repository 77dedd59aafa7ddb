/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures: Python's text is read, and arguments are bound to its names by Python's rules and
 * with Python's messages.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"

/* A default of `size` bytes: None, True, False, (), a number, 'word'. */
static tg_status parse_default(tg_ctx *ctx, const char *text, size_t size, tg_datum *out)
{
    tg_status status = TG_OK;
    char word[64];
    char *end = NULL;

    TG_NEED(size > 0 && size < sizeof word, TG_EINTERNAL, "default '%.*s'", (int)size, text);
    memcpy(word, text, size);
    word[size] = '\0';
    *out = (tg_datum){0};
    if (strcmp(word, "None") == 0 || strcmp(word, "<no value>") == 0)
        return TG_OK;
    if (strcmp(word, "True") == 0 || strcmp(word, "False") == 0) {
        *out = (tg_datum){.kind = TG_DATUM_BOOL, .truth = word[0] == 'T'};
        return TG_OK;
    }
    if (strcmp(word, "()") == 0) {
        *out = (tg_datum){.kind = TG_DATUM_TUPLE};
        return TG_OK;
    }
    if (word[0] == '\'' || word[0] == '"') {
        TG_NEED(size >= 2 && word[size - 1] == word[0], TG_EINTERNAL, "default %s", word);
        *out = (tg_datum){.kind = TG_DATUM_TEXT};
        out->text = tg_datum_copy_text(ctx, word + 1, size - 2);
        return out->text ? TG_OK : TG_ENOMEM;
    }
    *out = tg_datum_int(strtoll(word, &end, 10));
    if (*end)
        *out = (tg_datum){.kind = TG_DATUM_FLOAT, .real = strtod(word, &end)};
    TG_NEED(!*end, TG_EINTERNAL, "default %s", word);
out:
    return status;
}

/* The end of one entry: a comma or the end of the text, outside quotes and parentheses. */
static const char *entry_end(const char *at)
{
    int depth = 0;
    char quote = 0;

    for (; *at; at++) {
        if (quote)
            quote = *at == quote ? 0 : quote;
        else if (*at == '\'' || *at == '"')
            quote = *at;
        else if (*at == ',' && depth == 0)
            break;
        depth += *at == '(';
        depth -= *at == ')';
    }
    return at;
}

/* One entry: "name", "name=default", "*names", "**names". */
static tg_status parse_entry(tg_ctx *ctx, const char *text, size_t size, tg_signature *out)
{
    tg_status status = TG_OK;
    tg_parameter *p = &out->parameters[out->count];
    size_t stars = strspn(text, "*");
    const char *equal = memchr(text, '=', size);
    size_t length = (equal ? (size_t)(equal - text) : size) - stars;

    TG_NEED(out->count < TG_MAX_PARAMETERS && length > 0 && length < sizeof p->name, TG_EINTERNAL,
            "%s: signature '%s'", out->function, text);
    *p = (tg_parameter){.required = !equal && !stars, .star = stars == 1, .others = stars == 2};
    memcpy(p->name, text + stars, length);
    if (stars)
        p->value.kind = stars == 1 ? TG_DATUM_TUPLE : TG_DATUM_DICT;
    if (equal)
        TG_TRY(parse_default(ctx, equal + 1, size - (size_t)(equal + 1 - text), &p->value));
    out->count++;
out:
    return status;
}

tg_status tg_signature_parse(tg_ctx *ctx, const char *function, const char *text, tg_signature *out)
{
    tg_status status = TG_OK;
    bool keyword_only = false;

    out->function = function;
    out->count = 0;
    while (*text) {
        const char *end = entry_end(text);
        const char *last = end;

        while (isspace((unsigned char)*text))
            text++;
        while (last > text && isspace((unsigned char)last[-1]))
            last--;
        if (last - text == 1 && *text == '*') {
            keyword_only = true;
        } else if (last - text == 1 && *text == '/') {
            for (int i = 0; i < out->count; i++)
                out->parameters[i].positional_only = true;
        } else {
            TG_TRY(parse_entry(ctx, text, (size_t)(last - text), out));
            out->parameters[out->count - 1].keyword_only =
                keyword_only || out->parameters[out->count - 1].others;
            keyword_only = keyword_only || out->parameters[out->count - 1].star;
        }
        text = end + (*end == ',');
    }
out:
    return status;
}

tg_parameter *tg_signature_find(tg_signature *signature, const char *name)
{
    for (int i = 0; i < signature->count; i++)
        if (strcmp(signature->parameters[i].name, name) == 0)
            return &signature->parameters[i];
    return NULL;
}

/* f(*args): what is left of the positional ones; a single tuple or list stands for its items. */
static tg_status bind_star(tg_ctx *ctx, tg_parameter *p, const tg_datum *values, int count)
{
    p->value = tg_datum_tuple(ctx, values, count);
    p->given = count > 0;
    return count > 0 && !p->value.items ? TG_ENOMEM : TG_OK;
}

static tg_status too_many(const tg_signature *signature, int most, int given)
{
    int least = 0;

    for (int i = 0; i < signature->count; i++)
        least += signature->parameters[i].required && !signature->parameters[i].keyword_only;
    if (least < most)
        return tg_fail(TG_EARG, "%s() takes from %d to %d positional arguments but %d were given",
                       signature->function, least, most, given);
    return tg_fail(TG_EARG, "%s() takes %d positional argument%s but %d %s given",
                   signature->function, most, most == 1 ? "" : "s", given,
                   given == 1 ? "was" : "were");
}

static tg_status bind_positional(tg_ctx *ctx, tg_signature *signature,
                                 const tg_arguments *arguments)
{
    tg_status status = TG_OK;
    int next = 0, i = 0;

    for (; i < signature->count && !signature->parameters[i].keyword_only; i++) {
        tg_parameter *p = &signature->parameters[i];

        if (p->star) {
            TG_TRY(bind_star(ctx, p, arguments->positional + next, arguments->npositional - next));
            next = arguments->npositional;
        } else if (next < arguments->npositional) {
            p->value = arguments->positional[next++];
            p->given = true;
        }
    }
    if (next < arguments->npositional)
        status = too_many(signature, i, arguments->npositional);
out:
    return status;
}

/* A keyword argument that the signature has no name for joins the dict of "**names". */
static tg_status bind_other(tg_ctx *ctx, tg_parameter *p, const char *name, const tg_datum *value)
{
    tg_status status = TG_OK;
    int64_t n = p->value.count;
    tg_datum *items = tg_datum_items(ctx, n + 2);

    TG_NEED(items, TG_ENOMEM, "a dict of arguments");
    if (n > 0)
        memcpy(items, p->value.items, (size_t)n * sizeof *items);
    items[n] = (tg_datum){.kind = TG_DATUM_TEXT, .text = name};
    items[n + 1] = *value;
    p->value = (tg_datum){.kind = TG_DATUM_DICT, .items = items, .count = n + 2};
    p->given = true;
out:
    return status;
}

static tg_status bind_named(tg_ctx *ctx, tg_signature *signature, const char *name,
                            const tg_datum *value)
{
    tg_status status = TG_OK;
    tg_parameter *p = tg_signature_find(signature, name);

    for (int i = 0; !p && i < signature->count; i++)
        if (signature->parameters[i].others)
            return bind_other(ctx, &signature->parameters[i], name, value);
    TG_NEED(p, TG_EARG, "%s() got an unexpected keyword argument '%s'", signature->function, name);
    TG_NEED(!p->positional_only, TG_EARG,
            "%s() got a positional-only argument passed as keyword: '%s'", signature->function,
            name);
    TG_NEED(!p->given, TG_EARG, "%s() got multiple values for argument '%s'", signature->function,
            name);
    p->value = *value;
    p->given = p->named = true;
out:
    return status;
}

/* The first of the arguments that must be given and were not. */
static tg_status check_missing(const tg_signature *signature)
{
    tg_status status = TG_OK;
    const tg_parameter *first = NULL;
    int missing = 0;

    for (int i = 0; i < signature->count; i++) {
        const tg_parameter *p = &signature->parameters[i];

        if (p->required && !p->given && !first)
            first = p;
        missing += p->required && !p->given;
    }
    TG_NEED(!missing, TG_EARG, "%s() missing %d required %s argument%s: '%s'%s",
            signature->function, missing, first->keyword_only ? "keyword-only" : "positional",
            missing == 1 ? "" : "s", first->name, missing == 1 ? "" : ", ...");
out:
    return status;
}

tg_status tg_signature_bind(tg_ctx *ctx, tg_signature *signature, const tg_arguments *arguments)
{
    tg_status status = TG_OK;

    TG_TRY(bind_positional(ctx, signature, arguments));
    for (int i = 0; i < arguments->nnamed; i++)
        TG_TRY(bind_named(ctx, signature, arguments->names[i], &arguments->named[i]));
    TG_TRY(check_missing(signature));
out:
    return status;
}
