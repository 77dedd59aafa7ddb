/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Source for Graphviz, and running its program `dot` on it.
 *
 * The program is started by posix_spawnp: no shell reads the file's name, and an MPI rank is not
 * forked. It draws into a temporary name as everything here does.
 */
#include "observe/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "observe/output.h"
#include "observe/text.h"

/* Above this many nodes `dot` is told to look for a good layout, not for the best. */
enum { MANY_NODES = 1000 };

enum { NOT_INSTALLED = 127 }; /* exit status of a spawned process that found no program */

typedef struct ending {
    const char *text;
    const char *option; /* for dot; NULL: our source is the picture */
} ending;

static const ending endings[] = {
    {".dot", NULL},
    {".svg", "-Tsvg"},
    {".png", "-Tpng"},
    {".pdf", "-Tpdf"},
};

static const char *const shapes[TG_NPICTURESHAPES] = {
    [TG_PICTURE_FUNCTION] = "circle",
    [TG_PICTURE_DATA] = "box",
};

static const ending *find_ending(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (length > 4 && strcasecmp(path + length - 4, endings[i].text) == 0)
            return &endings[i];
    return NULL;
}

/* Colours of neighbouring groups are far apart: hues go round by the golden ratio. */
static void write_node(FILE *file, int64_t number, const tg_picture_node *node)
{
    fprintf(file, "  n%" PRId64 " [shape=%s, label=", number, shapes[node->shape]);
    tg_text_dot(file, node->label ? node->label : "");
    if (node->group > 0)
        fprintf(file, ", style=filled, fillcolor=\"0.%03d 0.300 1.000\"",
                (int)((int64_t)node->group * 618 % 1000));
    fputs("];\n", file);
}

static void write_source(FILE *file, int64_t nnodes, const tg_picture_node *nodes, int64_t nedges,
                         const int64_t (*edges)[2])
{
    fputs("digraph tegula {\n"
          "  rankdir=BT;\n"
          "  node [fontname=\"Helvetica\"];\n",
          file);
    if (nnodes > MANY_NODES)
        fputs("  nslimit=1; nslimit1=1; mclimit=0.1; splines=line;\n", file);
    for (int64_t i = 0; i < nnodes; i++)
        write_node(file, i, &nodes[i]);
    for (int64_t i = 0; i < nedges; i++)
        fprintf(file, "  n%" PRId64 " -> n%" PRId64 ";\n", edges[i][0], edges[i][1]);
    fputs("}\n", file);
}

/* Run dot; *found is false where it is not installed. */
static tg_status run_dot(const char *option, const char *source, const char *picture,
                         const char *path, bool *found)
{
    tg_status status = TG_OK;
    char *arguments[] = {"dot", (char *)option, "-o", (char *)picture, (char *)source, NULL};
    pid_t process = 0;
    int result = posix_spawnp(&process, "dot", NULL, NULL, arguments, environ);

    *found = false;
    if (result == ENOENT)
        goto out;
    TG_NEED(result == 0, TG_EIO, "%s: the program dot cannot be started: %s", path,
            strerror(result));
    while (waitpid(process, &result, 0) < 0)
        TG_NEED(errno == EINTR, TG_EIO, "%s: the program dot is lost: %s", path, strerror(errno));
    if (WIFEXITED(result) && WEXITSTATUS(result) == NOT_INSTALLED)
        goto out;
    *found = true;
    TG_NEED(!WIFSIGNALED(result), TG_EIO, "%s: the program dot ended by signal %d", path,
            WTERMSIG(result));
    TG_NEED(WEXITSTATUS(result) == 0, TG_EIO, "%s: the program dot failed with exit status %d",
            path, WEXITSTATUS(result));
out:
    return status;
}

/* Draw what lies in `source->temporary`, or keep that under its own name where dot is missing. */
static tg_status draw(const ending *how, const char *path, tg_output *source)
{
    tg_status status = TG_OK;
    tg_output picture = {0};
    bool found = false;

    TG_TRY(tg_output_begin(path, &picture));
    TG_NEED(fflush(source->file) == 0, TG_EIO, "%s: cannot be written: %s", source->path,
            strerror(errno));
    TG_TRY(run_dot(how->option, source->temporary, picture.temporary, path, &found));
    if (found) {
        TG_TRY(tg_output_end(&picture));
    } else {
        TG_TRY(tg_output_end(source));
        fprintf(stderr,
                "tegula: %s is not drawn, as the program dot (package graphviz) is not installed; "
                "the source of the graph is in %s\n",
                path, source->path);
    }
out:
    tg_output_discard(&picture);
    return status;
}

tg_status tg_picture_write(const char *path, int64_t nnodes, const tg_picture_node *nodes,
                           int64_t nedges, const int64_t (*edges)[2])
{
    tg_status status = TG_OK;
    const ending *how = find_ending(path);
    char *source_path = NULL;
    tg_output source = {0};

    TG_NEED(how, TG_EARG, "%s: a picture of a graph ends in .dot, .svg, .png or .pdf", path);
    for (int64_t i = 0; i < nedges; i++)
        for (int end = 0; end < 2; end++)
            TG_NEED(edges[i][end] >= 0 && edges[i][end] < nnodes, TG_EARG,
                    "%s: edge %" PRId64 " ends at node %" PRId64 " of %" PRId64, path, i,
                    edges[i][end], nnodes);
    source_path = tg_output_sibling(path, how->text, ".dot");
    TG_NEED(source_path, TG_ENOMEM, "name of %s", path);
    TG_TRY(tg_output_begin(how->option ? source_path : path, &source));
    write_source(source.file, nnodes, nodes, nedges, edges);
    if (how->option)
        TG_TRY(draw(how, path, &source));
    else
        TG_TRY(tg_output_end(&source));
out:
    tg_output_discard(&source);
    tg_free(source_path);
    return status;
}
