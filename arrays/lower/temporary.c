/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Temporary names, and what is done with them. The name holds host and process, so that what an
 * earlier attempt may still be writing cannot get in the way.
 */
#include "lower/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TREE_FILES = 16, /* descriptors that walking a tree may use */
    MOST_LINKS = 40, /* as many as the system follows */
};

tg_status tg_temporary_target(const char *path, char **out)
{
    tg_status status = TG_OK;
    char *name = strdup(path), link[PATH_MAX];
    ssize_t length = 0;

    for (int i = 0; name && i < MOST_LINKS; i++) {
        const char *slash = strrchr(name, '/');
        char *next = NULL;

        length = readlink(name, link, sizeof link - 1);
        if (length < 0)
            break; /* no link, or nothing is there */
        link[length] = 0;
        if (asprintf(&next, "%.*s%s", slash && link[0] != '/' ? (int)(slash - name) + 1 : 0, name,
                     link) < 0)
            next = NULL;
        free(name);
        name = next;
    }
    TG_NEED(name, TG_ENOMEM, "%s", path);
    TG_NEED(length < 0, TG_EIO, "%s cannot be written: its links go in a circle", path);
    *out = name;
    name = NULL;
out:
    free(name);
    return status;
}

tg_status tg_temporary_name(const char *path, char **out)
{
    tg_status status = TG_OK;
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    char host[32] = "";
    char *name = NULL;

    gethostname(host, sizeof host - 1);
    if (asprintf(&name, "%.*s.tmp-%s-%ld-%s", folder, path, host, (long)getpid(), path + folder) <
        0)
        name = NULL;
    TG_NEED(name, TG_ENOMEM, "a temporary name for %s", path);
    *out = name;
out:
    return status;
}

/* The folder that a path is in; malloc. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
}

tg_status tg_temporary_check(const char *path, bool may_be_folder)
{
    tg_status status = TG_OK;
    const char *slash = strrchr(path, '/');
    char *folder = folder_of(path);
    struct stat facts;

    TG_NEED(folder, TG_ENOMEM, "%s", path);
    TG_NEED(path[0] && !(slash && !slash[1]), TG_EARG, "'%s' is no name for an output file", path);
    TG_NEED(may_be_folder || stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode), TG_EIO,
            "%s cannot be written: it is a directory", path);
    TG_NEED(stat(folder, &facts) == 0, TG_EIO, "%s cannot be written: directory %s: %s", path,
            folder, strerror(errno));
    TG_NEED(S_ISDIR(facts.st_mode), TG_EIO, "%s cannot be written: %s is not a directory", path,
            folder);
    TG_NEED(access(folder, W_OK | X_OK) == 0, TG_EIO, "%s cannot be written: directory %s: %s",
            path, folder, strerror(errno));
out:
    free(folder);
    return status;
}

/* All bytes, by the system where it can. */
static tg_status copy_bytes(const char *path, int in, const char *temporary, int to, int64_t size)
{
    tg_status status = TG_OK;
    enum { ROOM = 1 << 20 };
    char *buffer = malloc(ROOM);
    int64_t done = 0;
    ssize_t n = 1;

    TG_NEED(buffer, TG_ENOMEM, "%s: a buffer", path);
    if (ioctl(to, FICLONE, in) == 0)
        goto out;
    while (done < size && n > 0) {
        n = copy_file_range(in, NULL, to, NULL, (size_t)(size - done), 0);
        done += n > 0 ? n : 0;
    }
    while (done < size) {
        size_t got = 0;

        TG_TRY(tg_pread_all(path, in, done, buffer, ROOM, &got));
        TG_NEED(got > 0, TG_EIO, "%s has become shorter while it was copied", path);
        TG_TRY(tg_pwrite_all(temporary, to, done, buffer, got));
        done += (int64_t)got;
    }
out:
    free(buffer);
    return status;
}

tg_status tg_temporary_copy(const char *path, const char *temporary, tg_stamp *stamp, int *lock)
{
    tg_status status = TG_OK;
    char words[128];
    struct stat facts = {0};
    int in = open(path, O_RDONLY | O_CLOEXEC), to = -1;

    TG_NEED(in >= 0 && fstat(in, &facts) == 0, TG_EIO, "%s: %s", path,
            tg_errno_words(errno, words, sizeof words));
    TG_NEED(flock(in, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK, TG_EIO,
            "%s cannot be added to: another program is writing to it", path);
    TG_TRY(tg_file_stamp(path, stamp));
    to = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, facts.st_mode & 0777);
    TG_NEED(to >= 0, TG_EIO, "%s: %s", temporary, tg_errno_words(errno, words, sizeof words));
    TG_TRY(copy_bytes(path, in, temporary, to, stamp->size));
    *lock = in;
out:
    if (status != TG_OK && in >= 0)
        close(in);
    if (to >= 0)
        close(to);
    return status;
}

tg_status tg_temporary_write_back(const char *temporary)
{
    tg_status status = TG_OK;
    struct stat facts;
    int fd = open(temporary, O_RDONLY | O_CLOEXEC);

    TG_NEED(fd >= 0 && fstat(fd, &facts) == 0, TG_EIO, "%s cannot be opened: %s", temporary,
            strerror(errno));
    if (!S_ISDIR(facts.st_mode))
        TG_TRY(tg_file_write_back(temporary, fd, 0, facts.st_size, (size_t)facts.st_size));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_temporary_sync(const char *temporary)
{
    tg_status status = TG_OK;
    struct stat facts;
    int fd = open(temporary, O_RDONLY | O_CLOEXEC), synced;

    TG_NEED(fd >= 0 && fstat(fd, &facts) == 0, TG_EIO, "%s cannot be opened: %s", temporary,
            strerror(errno));
    synced = S_ISDIR(facts.st_mode) ? syncfs(fd) : fsync(fd);
    TG_NEED(synced == 0 || errno == EINVAL, TG_EIO, "%s cannot be brought to the disk: %s",
            temporary, strerror(errno));
out:
    if (fd >= 0)
        close(fd);
    return status;
}

/* A folder in the place of another, which then has the temporary name and is removed. */
static int exchange(const char *temporary, const char *path)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE) != 0) {
        char *aside = NULL;

        if (errno == ENOENT)
            return rename(temporary, path);
        if (asprintf(&aside, "%s.old", temporary) < 0 || rename(path, aside) != 0) {
            free(aside);
            return -1;
        }
        if (rename(temporary, path) != 0) {
            int error = errno, back = rename(aside, path);

            (void)back;
            errno = error;
            free(aside);
            return -1;
        }
        tg_temporary_remove(aside);
        free(aside);
        return 0;
    }
    tg_temporary_remove(temporary);
    return 0;
}

tg_status tg_temporary_rename(const char *temporary, const char *path)
{
    tg_status status = TG_OK;
    char *folder = folder_of(path);
    struct stat facts = {0};
    bool is_folder = stat(temporary, &facts) == 0 && S_ISDIR(facts.st_mode);
    int fd = -1, done = is_folder ? exchange(temporary, path) : rename(temporary, path);

    TG_NEED(done == 0, TG_EIO, "%s cannot be written: %s", path, strerror(errno));
    TG_NEED(folder, TG_ENOMEM, "%s", path);
    fd = open(folder, O_RDONLY | O_CLOEXEC);
    TG_NEED(fd >= 0 && (fsync(fd) == 0 || errno == EINVAL), TG_EIO,
            "%s cannot be brought to the disk: %s", folder, strerror(errno));
out:
    if (fd >= 0)
        close(fd);
    free(folder);
    return status;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

void tg_temporary_remove(const char *temporary)
{
    struct stat facts;

    if (lstat(temporary, &facts) != 0)
        return;
    if (S_ISDIR(facts.st_mode))
        nftw(temporary, remove_one, TREE_FILES, FTW_DEPTH | FTW_PHYS);
    else
        unlink(temporary);
}
