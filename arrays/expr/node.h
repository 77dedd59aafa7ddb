/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * A node of an expression, and what its builders, the optimiser and the lowering share.
 *
 * A node is written once by its builder and never changed; the optimiser makes new ones. Nodes and
 * all that they point to live in the context's arena.
 */
#ifndef TG_EXPR_NODE_H
#define TG_EXPR_NODE_H

#include <tegula/array.h>
#include <tegula/elementwise.h>
#include <tegula/operator.h>

#include "expr/grid.h"
#include "io/format.h"
#include "kernel/elementwise.h"
#include "kernel/program.h"
#include "kernel/reducers.h"

/** What nodes of one kind have in common: one line in the dump, one row in the lowering's table. */
typedef struct tg_class {
    const char *name;
    /** Print the parameters, each preceded by ", "; NULL: there are none. */
    void (*dump)(const tg_array *a, FILE *out);
    /** Print bytes that are the same for nodes of equal parameters; NULL: the parameters' own. */
    void (*key)(const tg_array *a, FILE *out);
    /** The same values cut by `grid` without any copying; NULL, or returns NULL: cannot be done. */
    tg_array *(*regrid)(tg_array *a, const tg_grid *grid);
} tg_class;

/** What the ranks keep of an array (expr/kept.h). */
typedef struct tg_kept_chunks tg_kept_chunks;

struct tg_array {
    tg_ctx *ctx;
    const tg_class *class;
    const char *name; /* what messages call it; NULL: nothing better than its place */
    tg_status status; /* not TG_OK: poisoned, and `message` says why */
    const char *message;
    tg_dtype dtype;
    bool weak;      /* a Python number: takes the dtype of what it meets */
    bool beyond;    /* of a weak one: an integer that no dtype holds, as float64 */
    bool automatic; /* its grid was the library's choice, and another one costs nothing */
    int ndim;
    int64_t shape[TG_MAX_NDIM];
    int64_t size; /* elements */
    tg_grid grid;
    tg_layout layout;
    int ninputs;
    tg_array **inputs;
    void *params; /* of the class; zero padded, so that equal ones have equal bytes */
    size_t params_size;
    const tg_kept_chunks *kept; /* set by tg_persist, the one thing that changes; NULL: nothing */
};

extern const tg_class tg_class_source, tg_class_memory, tg_class_delayed, tg_class_program,
    tg_class_affine, tg_class_reduce, tg_class_concatenate, tg_class_transpose, tg_class_rechunk;

/** A program that runs inside the reductions of it: its chunks are never in memory. Made by the
 * optimiser's last law (opt/reduce_fusion.c). */
extern const tg_class tg_class_inlined;

/** A source whose chunks are read inside the reductions of them, by the same law. */
extern const tg_class tg_class_read_inside;

/** One opened file; all nodes that read it point to the same. */
typedef struct tg_file {
    const char *path;
    tg_source source; /* its parameters are in the arena as well */
} tg_file;

/** Element i of an axis is element start + i * step of the file's, step > 0. */
typedef struct tg_source_params {
    const tg_file *file;
    int64_t start[TG_MAX_NDIM], step[TG_MAX_NDIM];
} tg_source_params;

typedef struct tg_memory_params {
    const void *data; /* C order */
    size_t size;
} tg_memory_params;

typedef struct tg_delayed_params {
    tg_delayed *delayed;
} tg_delayed_params;

/** x * slope + inter in float64, rounded twice; the addition is left out for inter 0. */
typedef struct tg_affine_params {
    double slope, inter;
} tg_affine_params;

/** Most numbers that a reducer takes. */
#define TG_REDUCE_MAX_PARAMS 4

typedef struct tg_reduce_params {
    const tg_reducer *reducer;  /* finalizes */
    const tg_reducer *partials; /* makes and combines the partials: the same, or its wider one */
    int naxes;
    int axis[TG_MAX_NDIM]; /* in the logical order of the reduced elements, not sorted */
    bool keepdims;
    int nparams;
    double params[TG_REDUCE_MAX_PARAMS];
} tg_reduce_params;

typedef struct tg_concatenate_params {
    int axis;
} tg_concatenate_params;

typedef struct tg_transpose_params {
    int axis[TG_MAX_NDIM]; /* axis i of the result is the input's axis[i] */
} tg_transpose_params;

/**
 * A node without shape and grid yet, with zeroed parameters. Errors: never NULL; a poisoned node
 * for the first poisoned input or when memory is out.
 */
tg_array *tg_node_create(tg_ctx *ctx, const tg_class *class, int ninputs, tg_array *const *inputs,
                         size_t params_size);

/** A node that says `status` and the thread's last message. `ctx` may be NULL. */
tg_array *tg_node_poisoned(tg_ctx *ctx, tg_status status);

/** The poisoned node for a concatenation of no arrays, which has no context either. */
tg_array *tg_node_nothing_joined(void);

/** Set ndim, shape and size. Errors: TG_EARG for too many axes or elements, a negative length. */
TG_MUST_CHECK tg_status tg_node_shape(tg_array *a, int ndim, const int64_t *shape);

/** Shape, grid, layout and name of another node. */
void tg_node_like(tg_array *a, const tg_array *other);

/** The same node over other inputs of the same shapes, dtypes and grids. */
tg_array *tg_node_with_inputs(const tg_array *a, tg_array *const *inputs);

/** TG_OK, or the first poisoned or missing input's status with its message as the thread's last. */
TG_MUST_CHECK tg_status tg_inputs_status(tg_array *const *inputs, int ninputs);

/** The context of the first input that is there; NULL. */
tg_ctx *tg_inputs_ctx(tg_array *const *inputs, int ninputs);

/** A Python integer that no dtype holds: a float beside floats, too large for integers. */
tg_array *tg_int_beyond(tg_ctx *ctx, double value);

/** Whether a node is one value in memory, which travels in the parameters of tasks. */
bool tg_is_constant(const tg_array *a);

#define TG_SHAPE_TEXT 400

/** A shape as NumPy prints it, "(64, 64, 30, 184)", in `text` of TG_SHAPE_TEXT bytes. */
const char *tg_shape_text(int ndim, const int64_t *shape, char *text);

/** NumPy's broadcasting. Errors: TG_EARG that prints all shapes. */
TG_MUST_CHECK tg_status tg_broadcast(tg_array *const *inputs, int ninputs, int *ndim,
                                     int64_t *shape);

/** The axis counted from 0 of one that may be negative. Errors: TG_EARG with the shape. */
TG_MUST_CHECK tg_status tg_normalize_axis(const tg_array *a, int axis, int *out);

/** A node in another grid; the same node when it has it already (rechunk.c). */
tg_array *tg_rechunk_to(tg_array *a, const tg_grid *grid);

/** The same values in another grid without copying; NULL when that cannot be (rechunk.c). */
tg_array *tg_regrid(tg_array *a, const tg_grid *grid);

/** Of a file only the elements start, start + step, ... of each axis: box[d] is start, step, count
 * (source.c). */
tg_array *tg_source_part(const tg_array *source, const int64_t (*box)[3]);

/** a * slope + inter -> float64 (affine.c). */
tg_array *tg_affine(tg_array *a, double slope, double inter);

/** A reduction whose parameters are known to be right (reduce.c). */
tg_array *tg_reduce_node(tg_array *a, const tg_reduce_params *params);

/** Pieces of one dtype that are cut alike on the other axes, joined (concatenate.c). */
tg_array *tg_concatenate_node(tg_ctx *ctx, tg_array *const *pieces, int count, int axis);

/** A program over inputs whose grids agree where they are not broadcast (program.c). */
tg_array *tg_program_node(tg_ctx *ctx, const tg_program *program, tg_array *const *inputs, int ndim,
                          const int64_t *shape);

/** NumPy's dtype of several arrays together; Python's numbers count as arrays. */
tg_dtype tg_result_type(tg_array *const *arrays, int count);

/** The same of arrays and Python's numbers, which are weak beside arrays (numpy.result_type). */
tg_dtype tg_result_type_weak(tg_array *const *arrays, int count);

/** The dtypes that the operator of that name, which there is, converts its operands to, and that of
 * its result. Errors: TG_EARG where it has no kernel for them. */
TG_MUST_CHECK tg_status tg_elementwise_dtypes(const char *name, tg_array *const *inputs,
                                              tg_dtype *operands, tg_dtype *result);
/** The elementwise operator of that name. */
tg_array *tg_elementwise_node(const char *name, tg_array *const *inputs, int ninputs);

/** Index of the input's axis that meets axis d of a result; -1 where the input is broadcast. */
int tg_operand_axis(const tg_array *input, int ndim, const int64_t *shape, int d);

/** A map from nodes to numbers. */
typedef struct tg_node_map {
    const tg_array **nodes;
    int64_t *values;
    size_t capacity, count;
} tg_node_map;

/** The value of a node; -1 when it is not there. */
int64_t tg_node_map_get(const tg_node_map *map, const tg_array *node);
TG_MUST_CHECK tg_status tg_node_map_put(tg_node_map *map, const tg_array *node, int64_t value);
void tg_node_map_clear(tg_node_map *map);

/** The nodes below some roots, inputs before consumers, in an order that only the roots decide. */
typedef struct tg_order {
    tg_array **nodes;
    int64_t count;
    tg_node_map place; /* node -> its index in nodes */
} tg_order;

TG_MUST_CHECK tg_status tg_order_create(tg_array *const *roots, int nroots, tg_order *out);
void tg_order_clear(tg_order *order);

/** Print an expression, a line a node, for golden tests and --verbose. */
TG_MUST_CHECK tg_status tg_array_dump(tg_array *const *roots, int nroots, FILE *out);

#endif
