/* SPDX-License-Identifier: BSD-3-Clause */
/** A graph as a picture: boxes for data, circles for functions, arrows where bytes flow. */
#ifndef TG_OBSERVE_PICTURE_H
#define TG_OBSERVE_PICTURE_H

#include <stdint.h>

#include <tegula/status.h>

typedef enum tg_picture_shape {
    TG_PICTURE_FUNCTION = 0, /* a circle */
    TG_PICTURE_DATA,         /* a box */
    TG_NPICTURESHAPES
} tg_picture_shape;

typedef struct tg_picture_node {
    const char *label; /* any text; newlines break lines */
    tg_picture_shape shape;
    int group; /* nodes of one group (say, rank) share a colour; 0: none */
} tg_picture_node;

/**
 * Draw a graph, data at the bottom and results on top. The file's ending says how: .dot is source
 * for Graphviz; .svg, .png and .pdf are drawn by its program `dot`. Where there is no such program
 * the source is written instead, FILE.dot for FILE.svg, and a sentence on stderr says so.
 *
 * Call:    local (rank 0). Starts a process.
 * Errors:  TG_EARG for another ending or an edge to no node; TG_EIO when a file cannot be written
 *          or `dot` fails; nothing is left then.
 * Cost:    that of `dot`: seconds for some thousand nodes, more than linear.
 * Tests:   tests/runtime/observe/test_picture.c
 */
TG_MUST_CHECK tg_status tg_picture_write(const char *path, int64_t nnodes,
                                         const tg_picture_node *nodes, int64_t nedges,
                                         const int64_t (*edges)[2] /* from, to */);

#endif
