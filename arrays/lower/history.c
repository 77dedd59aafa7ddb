/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line comes as one text, words joined by blanks; names may have blanks themselves. */
#include "lower/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tegula/runtime.h>

#define MOST_TEXT 32000 /* bytes of the command line that are kept: an attribute has its limits */

/* Bytes of the word at `at`: the whole output's name where it stands there, else up to a blank. */
static size_t word_length(const char *at, const tg_output *outputs, int noutputs)
{
    for (int i = 0; i < noutputs; i++) {
        const char *path = outputs[i].path;
        size_t n = path ? strlen(path) : 0;

        if (n && strncmp(at, path, n) == 0 && (at[n] == ' ' || !at[n]))
            return n;
    }
    return strcspn(at, " ");
}

/* Is the word an output's name, or that of a folder above one? */
static bool names_output(const char *word, size_t length, const tg_output *outputs, int noutputs)
{
    while (length > 1 && word[length - 1] == '/')
        length--;
    for (int i = 0; i < noutputs; i++) {
        const char *path = outputs[i].path;

        if (path && length && strncmp(path, word, length) == 0 &&
            (path[length] == '/' || !path[length]))
            return true;
    }
    return false;
}

static bool is_word(const char *word, size_t length, const char *what)
{
    return strlen(what) == length && strncmp(word, what, length) == 0;
}

/* Copy the words that may stay. */
static void copy_words(const char *from, const tg_output *outputs, int noutputs, FILE *out)
{
    bool value_follows = false;

    while (*from) {
        size_t length = word_length(from, outputs, noutputs);
        bool option = is_word(from, length, "-o") || is_word(from, length, "--output");
        bool joined = strncmp(from, "--output=", 9) == 0 ||
                      (strncmp(from, "-o", 2) == 0 && from[2] != '-' && length > 2 &&
                       names_output(from + 2, length - 2, outputs, noutputs));

        if (length && !option && !joined && !value_follows &&
            !names_output(from, length, outputs, noutputs))
            fprintf(out, " %.*s", (int)length, from);
        value_follows = option;
        from += length + (from[length] == ' ');
    }
}

tg_status tg_history(const char *command_line, const tg_output *outputs, int noutputs, char **out)
{
    tg_status status = TG_OK;
    const char *wanted = getenv("TEGULA_HISTORY"), *name = program_invocation_name;
    char *text = NULL;
    size_t size = 0, length = strlen(name);
    FILE *stream = NULL;

    *out = NULL;
    if (wanted && strcmp(wanted, "none") == 0)
        goto out;
    stream = open_memstream(&text, &size);
    TG_NEED(stream, TG_ENOMEM, "history of an output");
    fputs(program_invocation_short_name, stream);
    if (command_line && strncmp(command_line, name, length) == 0)
        copy_words(command_line + length, outputs, noutputs, stream);
    fflush(stream);
    if (size > MOST_TEXT) {
        fseeko(stream, MOST_TEXT, SEEK_SET);
        fputs("...", stream);
    }
    fputs(" [Tegula " TG_VERSION "]", stream);
    TG_NEED(fclose(stream) == 0, TG_ENOMEM, "history of an output");
    *out = text;
out:
    return status;
}
