/* SPDX-License-Identifier: BSD-3-Clause */
/* Files as the system has them. */
#include "io/disk.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *tg_errno_words(int error, char *buffer, size_t size)
{
    char words[128];

    snprintf(buffer, size, "%s", strerror_r(error, words, sizeof words));
    if (size && buffer[0] && !isupper((unsigned char)buffer[1]))
        buffer[0] = (char)tolower((unsigned char)buffer[0]);
    return buffer;
}

static tg_stamp stamp_of(const struct stat *info)
{
    return (tg_stamp){.size = info->st_size,
                      .seconds = info->st_mtim.tv_sec,
                      .nanoseconds = info->st_mtim.tv_nsec};
}

bool tg_stamps_equal(const tg_stamp *a, const tg_stamp *b)
{
    return a->size == b->size && a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

tg_status tg_file_stamp(const char *path, tg_stamp *out)
{
    tg_status status = TG_OK;
    struct stat info;
    char words[128];

    TG_NEED(stat(path, &info) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    TG_NEED(!S_ISDIR(info.st_mode), TG_EIO, "%s: is a directory", path);
    TG_NEED(S_ISREG(info.st_mode), TG_EIO, "%s: is not a regular file", path);
    TG_NEED(access(path, R_OK) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    TG_NEED(info.st_size > 0, TG_EFORMAT, "%s: is empty", path);
    *out = stamp_of(&info);
out:
    return status;
}

tg_status tg_file_unchanged(const char *path, int fd, const tg_stamp *stamp)
{
    tg_status status = TG_OK;
    struct stat info;
    tg_stamp now;
    char words[128];

    TG_NEED(fstat(fd, &info) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    now = stamp_of(&info);
    TG_NEED(now.size == stamp->size, TG_EIO,
            "%s changed while it was read: it had %" PRId64 " bytes, now it has %" PRId64, path,
            stamp->size, now.size);
    TG_NEED(tg_stamps_equal(&now, stamp), TG_EIO,
            "%s changed while it was read: its modification time is another", path);
out:
    return status;
}

tg_status tg_pread_all(const char *path, int fd, int64_t offset, void *out, size_t size,
                       size_t *got)
{
    tg_status status = TG_OK;
    size_t done = 0;
    char words[128];

    while (done < size) {
        ssize_t n = pread(fd, (char *)out + done, size - done, offset + (int64_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        TG_NEED(n >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
out:
    return status;
}

tg_status tg_pwrite_all(const char *path, int fd, int64_t offset, const void *in, size_t size)
{
    tg_status status = TG_OK;
    size_t done = 0;
    char words[128];

    while (done < size) {
        ssize_t n = pwrite(fd, (const char *)in + done, size - done, offset + (int64_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        TG_NEED(n > 0, TG_EIO, "%s: %s", path,
                n ? tg_errno_words(errno, words, sizeof words) : "cannot be written");
        done += (size_t)n;
    }
out:
    return status;
}

tg_status tg_file_write_back(const char *path, int fd, int64_t from, int64_t to, size_t piece)
{
    tg_status status = TG_OK;
#ifdef SYNC_FILE_RANGE_WRITE
    enum { LONG_PIECE = 64 << 10 };
    char words[128];

    if (from >= to || piece < LONG_PIECE)
        return TG_OK;
    TG_NEED(sync_file_range(fd, from, to - from, SYNC_FILE_RANGE_WRITE) == 0 ||
                (errno != EIO && errno != ENOSPC && errno != EDQUOT),
            TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
out:
#else
    (void)path, (void)fd, (void)from, (void)to, (void)piece;
#endif
    return status;
}

tg_status tg_file_make_room(const char *path, int64_t bytes)
{
    tg_status status = TG_OK;
    struct stat info;
    char words[128];
    int fd = open(path, O_WRONLY | O_CLOEXEC), error;

    TG_NEED(fd >= 0 && fstat(fd, &info) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    bytes = bytes < 0 ? info.st_size : bytes;
    error = bytes > 0 && fallocate(fd, 0, 0, bytes) != 0 ? errno : 0;
    TG_NEED(error != ENOSPC && error != EDQUOT && error != EFBIG, TG_EIO, "%s: %s", path,
            tg_errno_words(error, words, sizeof words));
    TG_NEED(ftruncate(fd, bytes) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_file_sync(const char *path)
{
    tg_status status = TG_OK;
    char words[128];
    int fd = open(path, O_RDWR | O_CLOEXEC);

    TG_NEED(fd >= 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
    TG_NEED(fsync(fd) == 0, TG_EIO, "%s: %s", path, tg_errno_words(errno, words, sizeof words));
out:
    if (fd >= 0)
        close(fd);
    return status;
}
