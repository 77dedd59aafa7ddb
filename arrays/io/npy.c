/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * NumPy's .npy, versions 1 to 3:
 *
 *     \x93NUMPY | major | minor | length of the text (2 bytes, from version 2 on 4) | text | array
 *     text: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } and blanks to the newline
 *
 * What is written is what numpy.save writes. An array in Fortran order is the transpose of one in C
 * order. (Format: numpy.lib.format.)
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/box.h"
#include "io/flat.h"
#include "io/formats.h"

/* Room for the first length to grow to so many digits, as NumPy leaves it. */
enum { MOST_TEXT = 64 << 10, ALIGNMENT = 64, GROWTH = 21 };

static const char *const endings[] = {".npy", NULL};
static const char magic[] = "\x93NUMPY";

enum { MAGIC = sizeof magic - 1 };

static bool recognise(int fd, int64_t size)
{
    char head[MAGIC];
    size_t got = 0;

    (void)size;
    return tg_pread_all("", fd, 0, head, sizeof head, &got) == TG_OK && got == sizeof head &&
           memcmp(head, magic, sizeof head) == 0;
}

/** What the text says. */
struct facts {
    char descr[32];
    bool fortran;
    int ndim;
    int64_t shape[TG_MAX_NDIM];
};

/** Where the value of a key begins; NULL. */
static const char *value_of(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    for (at = at ? at + strlen(key) : NULL; at && *at && strchr("'\": ", *at); at++)
        if (*at == ':')
            return at + 1 + strspn(at + 1, " ");
    return NULL;
}

static tg_status parse_shape(const char *path, const char *at, struct facts *out)
{
    tg_status status = TG_OK;
    char *end = NULL;
    double elements = 1;

    TG_NEED(at && *at == '(', TG_EFORMAT, "%s: the header of this npy file says no shape", path);
    for (at++; isdigit((unsigned char)*(at += strspn(at, " "))); at = end + strspn(end, " ,L")) {
        TG_NEED(out->ndim < TG_MAX_NDIM, TG_EARG, "%s has more than %d axes", path, TG_MAX_NDIM);
        errno = 0;
        out->shape[out->ndim] = strtoll(at, &end, 10);
        elements *= (double)out->shape[out->ndim++];
        TG_NEED(errno == 0 && elements < 1e18, TG_EFORMAT, "%s is larger than 2^63 bytes", path);
    }
    TG_NEED(*at == ')', TG_EFORMAT, "%s: the header of this npy file says no shape", path);
out:
    return status;
}

static tg_status parse_text(const char *path, const char *text, struct facts *out)
{
    tg_status status = TG_OK;
    const char *descr = value_of(text, "descr"), *order = value_of(text, "fortran_order");

    TG_NEED(descr && order && (strncmp(order, "True", 4) == 0 || strncmp(order, "False", 5) == 0),
            TG_EFORMAT, "%s: the header of this npy file is damaged", path);
    TG_NEED(*descr != '[', TG_EARG, "%s holds records: numbers and booleans can be read", path);
    TG_NEED(*descr == '\'' || *descr == '"', TG_EFORMAT,
            "%s: the header of this npy file is damaged", path);
    snprintf(out->descr, sizeof out->descr, "%.*s", (int)strcspn(descr + 1, "'\""), descr + 1);
    out->fortran = *order == 'T';
    TG_TRY(parse_shape(path, value_of(text, "shape"), out));
out:
    return status;
}

/** The text of the header, malloced, and where the array begins. */
static tg_status read_text(const char *path, char **out, int64_t *offset)
{
    tg_status status = TG_OK;
    unsigned char head[MAGIC + 6] = {0};
    uint32_t length;
    char words[128], *text = NULL;
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC), major, fixed;

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_pread_all(path, fd, 0, head, sizeof head, &got));
    TG_NEED(got >= MAGIC + 4, TG_EFORMAT, "%s ends within its header", path);
    major = head[MAGIC];
    TG_NEED(major >= 1 && major <= 3, TG_EARG,
            "%s is an npy file of version %d: versions 1 to 3 can be read", path, major);
    fixed = major == 1 ? MAGIC + 4 : MAGIC + 6;
    length = (uint32_t)head[MAGIC + 2] | (uint32_t)head[MAGIC + 3] << 8;
    if (major > 1)
        length |= (uint32_t)head[MAGIC + 4] << 16 | (uint32_t)head[MAGIC + 5] << 24;
    TG_NEED(length <= MOST_TEXT, TG_EFORMAT, "%s: a header of %u bytes", path, length);
    text = calloc(1, (size_t)length + 1);
    TG_NEED(text, TG_ENOMEM, "header of %s", path);
    TG_TRY(tg_pread_all(path, fd, fixed, text, length, &got));
    TG_NEED(got == length, TG_EFORMAT, "%s ends within its header", path);
    *offset = fixed + (int64_t)length;
    *out = text;
    text = NULL;
out:
    free(text);
    if (fd >= 0)
        close(fd);
    return status;
}

static tg_status open_source(const char *path, const char *dataset, tg_source *out)
{
    tg_status status = TG_OK;
    struct facts facts = {.ndim = 0};
    tg_source source = {.format = &tg_format_npy, .header.slope = 1};
    tg_flat_params *params = NULL;
    tg_stamp stamp;
    int64_t offset = 0, shape[TG_MAX_NDIM];
    size_t size = 0;
    char *text = NULL;

    (void)dataset;
    TG_TRY(tg_file_stamp(path, &stamp));
    TG_TRY(read_text(path, &text, &offset));
    TG_TRY(parse_text(path, text, &facts));
    source.reversed = facts.fortran && facts.ndim > 1;
    for (int d = 0; d < facts.ndim; d++)
        shape[d] = facts.shape[source.reversed ? facts.ndim - 1 - d : d];
    TG_TRY(tg_flat_params_create(path, facts.ndim, shape, &params, &size));
    TG_NEED(tg_element_parse(facts.descr, &params->element), TG_EARG,
            "%s holds elements of type '%s': integers, floats and booleans can be read", path,
            facts.descr);
    params->stamp = stamp;
    params->offset = offset;
    status = tg_flat_describe(params, size, &source);
    params = NULL;
    if (status == TG_OK)
        *out = source;
out:
    free(params);
    free(text);
    return status;
}

/** The header, as numpy.save writes it; bytes, 0 where it does not fit. */
static size_t compose(const tg_sink *sink, char *out, size_t room)
{
    char shape[TG_MAX_NDIM * 21 + 4] = "", descr[8];
    size_t n = 0, length;
    int digits;

    for (int d = 0; d < sink->ndim; d++)
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%s%" PRId64, d ? ", " : "",
                              sink->shape[d]);
    digits = sink->ndim ? snprintf(NULL, 0, "%" PRId64, sink->shape[0]) : GROWTH;
    n = (size_t)snprintf(out + MAGIC + 4, room - MAGIC - 5,
                         "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }%*s",
                         tg_element_name(sink->dtype, descr), shape, sink->ndim == 1 ? "," : "",
                         GROWTH - digits, "");
    length = (MAGIC + 4 + n + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (length > room)
        return 0;
    memcpy(out, magic, MAGIC);
    out[MAGIC] = 1;
    out[MAGIC + 1] = 0;
    memset(out + MAGIC + 4 + n, ' ', length - MAGIC - 4 - n);
    out[length - 1] = '\n';
    n = length - MAGIC - 4;
    out[MAGIC + 2] = (char)(n & 255);
    out[MAGIC + 3] = (char)(n >> 8);
    return length;
}

static tg_status create(const char *path, tg_sink *sinks, int nsinks)
{
    tg_status status = TG_OK;
    tg_flat_params *params = NULL;
    tg_sink *sink = sinks;
    char head[1024];
    size_t size = compose(sink, head, sizeof head);

    TG_NEED(nsinks == 1 && size, TG_EINTERNAL, "%s: header of an npy file", path);
    TG_TRY(tg_flat_params_create(path, sink->ndim, sink->shape, &params, &sink->params_size));
    sink->params = params;
    params->element = tg_element_of(sink->dtype);
    params->offset = (int64_t)size;
    TG_TRY(tg_flat_create(path, head, size,
                          tg_box_size(sink->ndim, sink->shape) * params->element.size));
out:
    return status;
}

static tg_dtype stored(tg_dtype dtype)
{
    return dtype;
}

const tg_format tg_format_npy = {
    .name = "npy",
    .article_name = "an npy",
    .endings = endings,
    .mark = "NumPy magic",
    .stored = stored,
    .recognise = recognise,
    .open = open_source,
    .bytes = tg_flat_bytes,
    .read = tg_flat_read,
    .create = create,
    .write = tg_flat_write,
    .finish = tg_flat_finish,
};
