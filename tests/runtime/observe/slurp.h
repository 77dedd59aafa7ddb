/* SPDX-License-Identifier: BSD-3-Clause */
/* What tests of written files share: reading them back, and asking Python whether they parse. */
#ifndef TEGULA_TESTS_SLURP_H
#define TEGULA_TESTS_SLURP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* The whole file, which the caller frees. */
static inline char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    FILE *copy = open_memstream(&text, &size);
    int character;

    assert_non_null(file);
    while ((character = fgetc(file)) != EOF)
        fputc(character, copy);
    fclose(file);
    fclose(copy);
    return text;
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no '%s' in:\n%s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

/* Run a line of Python that fails if something is wrong with a file; without Python all is well. */
static inline void assert_python(const char *line)
{
    char command[1024];

    if (system("python3 -c pass 2>/dev/null") != 0)
        return;
    assert_true(snprintf(command, sizeof command, "python3 -c '%s'", line) < 1024);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* No temporary file of ours for `path` was left behind. */
static inline void assert_no_temporary(const char *path)
{
    char name[256];

    snprintf(name, sizeof name, "%s.%ld.tmp", path, (long)getpid());
    assert_int_not_equal(access(name, F_OK), 0);
}

#endif
