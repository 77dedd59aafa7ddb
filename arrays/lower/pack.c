/* SPDX-License-Identifier: BSD-3-Clause */
/* Encoding boxes, and moving what came of it to its place. */
#include "lower/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/runtime.h>
#include <unistd.h>

#include "io/disk.h"

#define MOVE_RATE  2e9       /* bytes a second, thought */
#define MOVE_BYTES (8 << 20) /* of a task; as much rank 0 moves by itself */
#define MOVE_PARTS 4096      /* of a task */

static tg_status make_room(tg_pack *pack)
{
    tg_status status = TG_OK;
    int64_t capacity = pack->capacity ? 2 * pack->capacity : 64;
    tg_packed *boxes;
    int64_t *slot;

    if (pack->nboxes < pack->capacity)
        goto out;
    boxes = realloc(pack->boxes, (size_t)capacity * sizeof *boxes);
    pack->boxes = boxes ? boxes : pack->boxes;
    slot = realloc(pack->slot, (size_t)capacity * sizeof *slot);
    pack->slot = slot ? slot : pack->slot;
    TG_NEED(boxes && slot, TG_ENOMEM, "a list of %" PRId64 " boxes", capacity);
    pack->capacity = capacity;
out:
    return status;
}

tg_status tg_pack_add(tg_pack *pack, tg_lowering *lowering, const tg_format *format,
                      const tg_sink *sink, const char *path, int64_t *slots, const int64_t *start,
                      const int64_t *count)
{
    tg_status status = TG_OK;
    tg_packed *box;

    TG_TRY(make_room(pack));
    box = &pack->boxes[pack->nboxes];
    *box = (tg_packed){.nparts = 0};
    memcpy(box->start, start, (size_t)sink->ndim * sizeof *start);
    memcpy(box->count, count, (size_t)sink->ndim * sizeof *count);
    pack->slot[pack->nboxes++] = *slots;
    tg_words_add_static(&lowering->words, format);
    tg_words_add(&lowering->words, sink->ndim);
    tg_words_add_list(&lowering->words, sink->ndim, start);
    tg_words_add_list(&lowering->words, sink->ndim, count);
    tg_words_add(&lowering->words, *slots);
    tg_words_add_bytes(&lowering->words, path, strlen(path) + 1);
    tg_words_add_bytes(&lowering->words, sink->params, sink->params_size);
    *slots += format->bound(sink, count);
out:
    return status;
}

/* The file beside `path`, which may not be there yet: a descriptor or -1. */
static int open_beside(const char *path, int flags)
{
    char *beside = NULL;
    int fd = -1;

    if (asprintf(&beside, "%s" TG_PACK_BESIDE, path) >= 0)
        fd = open(beside, flags | O_CLOEXEC, 0600);
    free(beside);
    return fd;
}

static tg_status write_slot(const char *path, int64_t offset, const void *bytes, size_t size)
{
    tg_status status = TG_OK;
    char words[128];
    int fd = open_beside(path, O_WRONLY | O_CREAT), closed;

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_TRY(tg_pwrite_all(path, fd, offset, bytes, size));
    closed = close(fd);
    fd = -1;
    TG_NEED(closed == 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_pack_box(tg_task *task)
{
    tg_status status = TG_OK;
    tg_reader reader = tg_reader_begin(task);
    const tg_format *format = tg_read_static(&reader);
    int ndim = tg_read_int(&reader);
    const int64_t *start = tg_read_list(&reader, ndim);
    const int64_t *count = tg_read_list(&reader, ndim);
    int64_t slot = tg_read(&reader);
    size_t size = 0;
    const char *path = tg_read_bytes(&reader, &size);
    const void *params = tg_read_bytes(&reader, &size);
    tg_encoded encoded = {0};
    void *parts;

    TG_TRY(
        format->encode(task, params, size, start, count, tg_task_input(task, 0, NULL), &encoded));
    TG_TRY(write_slot(path, slot, encoded.bytes, encoded.size));
    tg_task_count(task, TG_BYTES_WRITTEN, (int64_t)encoded.size);
    size = (size_t)encoded.nparts * sizeof *encoded.part;
    parts = tg_task_output(task, size);
    TG_NEED(parts, TG_ENOMEM, "sizes of %" PRId64 " parts", encoded.nparts);
    memcpy(parts, encoded.part, size);
out:
    return status;
}

tg_status tg_pack_take(tg_pack *pack, int64_t i, const tg_bytes *bytes)
{
    tg_status status = TG_OK;
    tg_packed *box = &pack->boxes[i];
    int64_t n = (int64_t)(bytes->size / sizeof(tg_part));
    char *copy = malloc((size_t)n * (sizeof(tg_part) + sizeof *box->address) + 1);

    TG_NEED(copy, TG_ENOMEM, "sizes of %" PRId64 " parts", n);
    memcpy(copy, bytes->data, (size_t)n * sizeof(tg_part));
    box->part = (const tg_part *)copy;
    box->address = (int64_t *)(copy + (size_t)n * sizeof(tg_part));
    box->nparts = n;
out:
    return status;
}

void tg_pack_clear(tg_pack *pack)
{
    for (int64_t i = 0; i < pack->nboxes; i++)
        free((void *)pack->boxes[i].part); /* with the addresses */
    free(pack->boxes);
    free(pack->slot);
    *pack = (tg_pack){0};
}

/* A stretch to be moved; three words. */
struct move {
    int64_t from, to, size;
};

static int by_place(const void *a, const void *b)
{
    const struct move *left = a, *right = b;

    return (left->to > right->to) - (left->to < right->to);
}

/* All parts by place, neighbours joined. */
static tg_status list_moves(const tg_pack *packs, int npacks, struct move **out, int64_t *count)
{
    tg_status status = TG_OK;
    int64_t n = 0, k = 0;
    struct move *list;

    for (int p = 0; p < npacks; p++)
        for (int64_t b = 0; b < packs[p].nboxes; b++)
            n += packs[p].boxes[b].nparts;
    *out = list = malloc((size_t)n * sizeof *list + 1);
    TG_NEED(list, TG_ENOMEM, "a list of %" PRId64 " parts", n);
    for (int p = 0; p < npacks; p++)
        for (int64_t b = 0; b < packs[p].nboxes; b++) {
            const tg_packed *box = &packs[p].boxes[b];
            int64_t from = packs[p].slot[b];

            for (int64_t i = 0; i < box->nparts; from += (int64_t)box->part[i++].size)
                list[k++] = (struct move){from, box->address[i], (int64_t)box->part[i].size};
        }
    qsort(list, (size_t)n, sizeof *list, by_place);
    *count = 0;
    for (int64_t i = 0; i < n; i++) {
        struct move *last = *count ? &list[*count - 1] : NULL;

        if (last && last->to + last->size == list[i].to && last->from + last->size == list[i].from)
            last->size += list[i].size;
        else
            list[(*count)++] = list[i];
    }
out:
    return status;
}

/* One stretch, by the system where it can: on one host no byte leaves the kernel. */
static tg_status move_one(int in, const char *path, int out_fd, const struct move *move,
                          char *buffer, size_t room)
{
    tg_status status = TG_OK;
    int64_t done = 0;
    loff_t from, to;
    ssize_t n = 1;

    while (done < move->size && n > 0) {
        from = move->from + done;
        to = move->to + done;
        n = copy_file_range(in, &from, out_fd, &to, (size_t)(move->size - done), 0);
        done += n > 0 ? n : 0;
    }
    while (done < move->size) {
        size_t size = (size_t)(move->size - done) < room ? (size_t)(move->size - done) : room;
        size_t got = 0;

        TG_TRY(tg_pread_all(path, in, move->from + done, buffer, size, &got));
        TG_NEED(got == size, TG_EIO, "%s: what was written to it is gone", path);
        TG_TRY(tg_pwrite_all(path, out_fd, move->to + done, buffer, size));
        done += (int64_t)size;
    }
out:
    return status;
}

static tg_status move_list(const char *path, const struct move *list, int64_t count)
{
    tg_status status = TG_OK;
    enum { ROOM = 1 << 20 };
    char words[128], *buffer = malloc(ROOM);
    int in = open_beside(path, O_RDONLY), out_fd = open(path, O_WRONLY | O_CLOEXEC), closed;

    TG_NEED(buffer, TG_ENOMEM, "%s: a buffer", path);
    TG_NEED(in >= 0 && out_fd >= 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    for (int64_t i = 0; i < count; i++)
        TG_TRY(move_one(in, path, out_fd, &list[i], buffer, ROOM));
    if (count > 0) /* in the order of their places */
        TG_TRY(tg_file_write_back(path, out_fd, list[0].to,
                                  list[count - 1].to + list[count - 1].size, (size_t)list[0].size));
    closed = close(out_fd);
    out_fd = -1;
    TG_NEED(closed == 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
out:
    free(buffer);
    if (in >= 0)
        close(in);
    if (out_fd >= 0)
        close(out_fd);
    return status;
}

static tg_status move_parts(tg_task *task)
{
    tg_reader reader = tg_reader_begin(task);
    int64_t count = tg_read(&reader);
    const int64_t *words = tg_read_list(&reader, (int)(3 * count));
    size_t size = 0;
    const char *path = tg_read_bytes(&reader, &size);

    _Static_assert(sizeof(struct move) == 3 * sizeof(int64_t), "a move is three words");
    return move_list(path, (const struct move *)words, count);
}

static tg_status add_move(tg_graph *graph, tg_words *words, const char *path,
                          const struct move *list, int64_t count, int64_t bytes, int64_t *task)
{
    tg_status status = TG_OK;
    tg_task_spec spec = {.function = move_parts,
                         .name = "move",
                         .seconds = (double)bytes / MOVE_RATE,
                         .flags = TG_TASK_IMPURE};

    tg_words_reset(words);
    tg_words_add(words, count);
    tg_words_add_list(words, (int)(3 * count), &list->from);
    tg_words_add_bytes(words, path, strlen(path) + 1);
    TG_TRY(tg_words_status(words));
    spec.params = words->word;
    spec.params_size = words->count * sizeof *words->word;
    TG_TRY(tg_graph_add(graph, &spec, task));
out:
    return status;
}

/* Tasks of some MiB each, on all ranks. */
static tg_status move_together(tg_ctx *ctx, const char *path, const struct move *list,
                               int64_t count)
{
    tg_status status = TG_OK;
    tg_graph *graph = NULL;
    tg_words words = {.ctx = ctx};
    int64_t *task = malloc((size_t)count * sizeof *task), n = 0;

    TG_NEED(task, TG_ENOMEM, "%" PRId64 " parts to move", count);
    TG_TRY(tg_graph_create(ctx, &graph));
    for (int64_t i = 0, k; i < count; i = k) {
        int64_t bytes = list[i].size;

        for (k = i + 1; k < count && k - i < MOVE_PARTS && bytes < MOVE_BYTES; k++)
            bytes += list[k].size;
        TG_TRY(add_move(graph, &words, path, list + i, k - i, bytes, &task[n++]));
    }
    TG_TRY(tg_graph_run(ctx, graph, task, n, NULL, NULL));
out:
    free(task);
    tg_words_clear(&words);
    tg_graph_destroy(&graph);
    return status;
}

tg_status tg_pack_move(tg_ctx *ctx, const tg_pack *packs, int npacks, const char *path)
{
    tg_status status = TG_OK;
    struct move *list = NULL;
    int64_t count = 0, bytes = 0;

    TG_TRY(list_moves(packs, npacks, &list, &count));
    for (int64_t i = 0; i < count; i++)
        bytes += list[i].size;
    if (count > 0)
        TG_TRY(bytes <= MOVE_BYTES ? move_list(path, list, count)
                                   : move_together(ctx, path, list, count));
out:
    free(list);
    return status;
}

void tg_pack_remove(const char *path)
{
    char *beside = NULL;

    if (asprintf(&beside, "%s" TG_PACK_BESIDE, path) >= 0)
        unlink(beside);
    free(beside);
}
