/* SPDX-License-Identifier: BSD-3-Clause */
/* Files written to a temporary name beside their own and renamed when whole. */
#include "observe/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

char *tg_output_sibling(const char *path, const char *from, const char *to)
{
    size_t stem = strlen(path) - strlen(from);
    char *sibling = tg_zalloc(stem + strlen(to) + 1);

    if (sibling) {
        memcpy(sibling, path, stem);
        memcpy(sibling + stem, to, strlen(to));
    }
    return sibling;
}

/* The process's number keeps programs apart that write to the same name. */
static char *temporary_name(const char *path)
{
    struct stat info;
    char suffix[32];

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return tg_output_sibling(path, "", "");
    snprintf(suffix, sizeof suffix, ".%ld.tmp", (long)getpid());
    return tg_output_sibling(path, "", suffix);
}

tg_status tg_output_begin(const char *path, tg_output *out)
{
    tg_status status = TG_OK;
    int fd = -1;

    out->path = tg_output_sibling(path, "", "");
    out->temporary = temporary_name(path);
    TG_NEED(out->path && out->temporary, TG_ENOMEM, "name of %s", path);
    fd = open(out->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    TG_NEED(fd >= 0, TG_EIO, "%s: cannot be written: %s", path, strerror(errno));
    out->file = fdopen(fd, "w");
    TG_NEED(out->file, TG_ENOMEM, "buffer of %s", path);
    fd = -1;
out:
    if (fd >= 0)
        close(fd);
    return status;
}

tg_status tg_output_end(tg_output *output)
{
    tg_status status = TG_OK;
    int failed = ferror(output->file);

    failed |= fclose(output->file);
    output->file = NULL;
    TG_NEED(!failed, TG_EIO, "%s: cannot be written: %s", output->path, strerror(errno));
    TG_NEED(strcmp(output->temporary, output->path) == 0 ||
                rename(output->temporary, output->path) == 0,
            TG_EIO, "%s: cannot be written: %s", output->path, strerror(errno));
    tg_free(output->temporary);
    output->temporary = NULL;
out:
    return status;
}

void tg_output_discard(tg_output *output)
{
    if (output->file)
        fclose(output->file);
    if (output->temporary && strcmp(output->temporary, output->path) != 0)
        unlink(output->temporary);
    tg_free(output->temporary);
    tg_free(output->path);
    *output = (tg_output){0};
}
