/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading parts of gzip files. A gzip stream can only be inflated from its beginning, so a rank
 * that has read one part keeps the stream where it stands, for the next part:
 *
 *     idle (in the cache, at some position) --take--> busy (one thread's) --give back--> idle
 *
 * A stream is taken when it stands at or before the wanted position; else a new one is opened. The
 * cache keeps the few used last, 200 KiB each.
 */
#include "io/gzip_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

enum { IDLE_STREAMS = 8 };
#define INPUT_SIZE   (128 << 10) /* bytes read at once */
#define DISCARD_SIZE (64 << 10)  /* bytes skipped at once, and looked at behind the end */

/** An open gzip file. */
struct stream {
    char *path;
    tg_stamp stamp;
    int fd;
    z_stream z;
    bool z_ready;
    bool ended;       /* the last member is over */
    int64_t position; /* inflated bytes so far */
    int64_t consumed; /* bytes read from the file */
    struct stream *next;
    unsigned char input[INPUT_SIZE];
};

/** The rank's idle streams, the one used last first. */
struct streams {
    pthread_mutex_t lock;
    struct stream *idle;
};

static void stream_destroy(struct stream *s)
{
    if (!s)
        return;
    if (s->z_ready)
        inflateEnd(&s->z);
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s);
}

static tg_status streams_create(void **out)
{
    struct streams *streams = calloc(1, sizeof *streams);

    if (!streams)
        return tg_fail(TG_ENOMEM, "open gzip streams");
    pthread_mutex_init(&streams->lock, NULL);
    *out = streams;
    return TG_OK;
}

static void streams_destroy(void *object)
{
    struct streams *streams = object;

    while (streams && streams->idle) {
        struct stream *s = streams->idle;

        streams->idle = s->next;
        stream_destroy(s);
    }
    if (streams)
        pthread_mutex_destroy(&streams->lock);
    free(streams);
}

static const tg_local streams_kind = {"gzip streams", streams_create, streams_destroy};

static bool stream_ready(struct stream *s)
{
    s->z_ready = inflateInit2(&s->z, 15 + 16) == Z_OK; /* 32 KiB window, gzip wrapping */
    return s->z_ready;
}

static tg_status stream_create(const char *path, const tg_stamp *stamp, struct stream **out)
{
    tg_status status = TG_OK;
    char words[128];
    struct stream *s = calloc(1, sizeof *s);

    TG_NEED(s, TG_ENOMEM, "%s: gzip stream", path);
    s->stamp = *stamp;
    s->path = strdup(path);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    TG_NEED(s->fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_NEED(s->path && stream_ready(s), TG_ENOMEM, "%s: gzip stream", path);
    *out = s;
    s = NULL;
out:
    stream_destroy(s);
    return status;
}

/** The idle stream that has least to skip, off the list; NULL where there is none. */
static struct stream *take(struct streams *streams, const char *path, const tg_stamp *stamp,
                           int64_t position)
{
    struct stream **best = NULL, *s;

    pthread_mutex_lock(&streams->lock);
    for (struct stream **at = &streams->idle; *at; at = &(*at)->next)
        if (strcmp((*at)->path, path) == 0 && (*at)->position <= position &&
            memcmp(&(*at)->stamp, stamp, sizeof *stamp) == 0 &&
            (!best || (*at)->position > (*best)->position))
            best = at;
    s = best ? *best : NULL;
    if (s)
        *best = s->next;
    pthread_mutex_unlock(&streams->lock);
    return s;
}

/** Put a stream first on the list; the one longest idle goes where there are too many. */
static void give_back(struct streams *streams, struct stream *s)
{
    struct stream **at;
    int n = 0;

    pthread_mutex_lock(&streams->lock);
    s->next = streams->idle;
    streams->idle = s;
    for (at = &streams->idle; *at && n < IDLE_STREAMS; n++)
        at = &(*at)->next;
    s = *at;
    *at = NULL;
    pthread_mutex_unlock(&streams->lock);
    stream_destroy(s);
}

/** Read more of the file behind what is not yet inflated; *more is false at the end of the file. */
static tg_status refill(struct stream *s, bool *more)
{
    tg_status status = TG_OK;
    size_t left = s->z.avail_in, got = 0;

    if (left)
        memmove(s->input, s->z.next_in, left);
    TG_TRY(tg_pread_all(s->path, s->fd, s->consumed, s->input + left, INPUT_SIZE - left, &got));
    s->consumed += (int64_t)got;
    s->z.next_in = s->input;
    s->z.avail_in = (uInt)(left + got);
    *more = got > 0;
out:
    return status;
}

/** After a member: another one follows, or (end of file, padding) the stream has ended. */
static tg_status next_member(struct stream *s)
{
    tg_status status = TG_OK;
    bool more = true;

    if (s->z.avail_in < 2)
        TG_TRY(refill(s, &more));
    s->ended = s->z.avail_in < 2 || s->z.next_in[0] != 0x1f || s->z.next_in[1] != 0x8b;
    if (!s->ended)
        inflateReset(&s->z);
out:
    return status;
}

/** Inflate up to `size` bytes; fewer (*got) only where the stream ends or the file does. */
static tg_status inflate_some(struct stream *s, void *out, size_t size, size_t *got)
{
    tg_status status = TG_OK;
    bool more = true;
    int result = Z_OK;

    *got = 0;
    while (*got < size && !s->ended) {
        size_t want = size - *got < (1u << 30) ? size - *got : 1u << 30;

        if (s->z.avail_in == 0)
            TG_TRY(refill(s, &more));
        if (s->z.avail_in == 0)
            break;
        s->z.next_out = (unsigned char *)out + *got;
        s->z.avail_out = (uInt)want;
        result = inflate(&s->z, Z_NO_FLUSH);
        want -= s->z.avail_out;
        *got += want;
        s->position += (int64_t)want;
        if (result == Z_STREAM_END)
            TG_TRY(next_member(s));
        else
            TG_NEED(result == Z_OK || result == Z_BUF_ERROR, TG_EFORMAT,
                    "%s is damaged near byte %" PRId64 ": %s", s->path,
                    s->consumed - (int64_t)s->z.avail_in,
                    s->z.msg ? s->z.msg : "its deflated bytes make no sense");
    }
out:
    return status;
}

static tg_status skip_to(struct stream *s, int64_t position, void *scratch)
{
    tg_status status = TG_OK;
    size_t got = 1;

    while (s->position < position && got) {
        int64_t left = position - s->position;

        TG_TRY(inflate_some(s, scratch, left < DISCARD_SIZE ? (size_t)left : DISCARD_SIZE, &got));
    }
out:
    return status;
}

/** Behind the last byte that is wanted: let the member's checksum be compared. */
static tg_status check_end(struct stream *s, void *scratch)
{
    tg_status status = TG_OK;
    size_t got = 0;

    TG_TRY(inflate_some(s, scratch, DISCARD_SIZE, &got));
    TG_NEED(s->ended || got == DISCARD_SIZE, TG_EFORMAT,
            "%s ends early: the gzip checksum is missing", s->path);
out:
    return status;
}

static tg_status read_part(tg_task *task, struct stream *s, int64_t position, int64_t total,
                           void *out, size_t size)
{
    tg_status status = TG_OK;
    int64_t before = s->consumed;
    size_t got = 0;
    void *scratch = tg_task_scratch(task, DISCARD_SIZE);

    TG_NEED(scratch, TG_ENOMEM, "%s: gzip stream", s->path);
    TG_TRY(tg_file_unchanged(s->path, s->fd, &s->stamp));
    TG_TRY(skip_to(s, position, scratch));
    if (s->position == position)
        TG_TRY(inflate_some(s, out, size, &got));
    TG_NEED(s->position == position + (int64_t)size, TG_EFORMAT,
            "%s ends early: needs %" PRId64 " bytes, inflated, has %" PRId64, s->path, total,
            s->position);
    if (s->position == total)
        TG_TRY(check_end(s, scratch));
    tg_task_count(task, TG_BYTES_READ, s->consumed - before);
out:
    return status;
}

tg_status tg_gzip_read(tg_task *task, const char *path, const tg_stamp *stamp, int64_t position,
                       int64_t total, void *out, size_t size)
{
    tg_status status = TG_OK;
    void *object = NULL;
    struct stream *s = NULL;

    TG_TRY(tg_task_local(task, &streams_kind, &object));
    s = take(object, path, stamp, position);
    if (!s)
        TG_TRY(stream_create(path, stamp, &s));
    TG_TRY(read_part(task, s, position, total, out, size));
    if (s->position < total) {
        give_back(object, s);
        s = NULL;
    }
out:
    stream_destroy(s);
    return status;
}

void tg_gzip_peek(int fd, void *out, size_t size, size_t *got)
{
    struct stream *s = calloc(1, sizeof *s);

    *got = 0;
    if (s && stream_ready(s)) {
        s->fd = fd;
        if (inflate_some(s, out, size, got) != TG_OK)
            *got = 0;
        s->fd = -1;
    } else if (s) {
        s->fd = -1;
    }
    stream_destroy(s);
}
