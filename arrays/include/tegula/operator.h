/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * For who adds an operator: all operators are rows of tables.
 *
 * The table of operators (tg_operator, arrays/call/family_*.c) has a row for each of NumPy's names:
 * class, signature, rules for people, and the builder that turns a call into nodes. calc_app, the
 * page of operators and the tests against NumPy read it. Under it lie the kernels' tables:
 *
 * An elementwise row (arrays/kernel/elementwise.c) says name, arity, dtype rule and kernels; a
 * reducer row (arrays/kernel/reducers.c) says how a chunk becomes a partial, how two partials
 * become one and how the last becomes elements.
 */
#ifndef TEGULA_OPERATOR_H
#define TEGULA_OPERATOR_H

#include <tegula/array.h>
#include <tegula/elementwise.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most inputs of an elementwise operator. */
#define TG_MAX_OPERANDS 3

/** One loop: n elements, contiguous inputs of the types the dtype rule gave, contiguous output. */
typedef void tg_loop(int64_t n, const void *const *in, void *out);

/** An elementwise operator: one line of the table. */
typedef struct tg_elementwise {
    const char *name; /* NumPy's */
    int arity;
    /**
     * Dtype rule: given the inputs' dtypes (weak Python scalars resolved), the dtypes that each
     * input is converted to (`operands`) and the dtype of the result.
     * Errors: TG_EARG with a sentence in NumPy's sense ("subtract is not defined for bool").
     */
    tg_status (*resolve)(const struct tg_elementwise *op, const tg_dtype *in, tg_dtype *operands,
                         tg_dtype *result);
    tg_loop *loops[TG_NDTYPES]; /* by the dtype of operand `key`; NULL: not defined for it */
    tg_loop *mixed[2]; /* operands (int64, uint64), (uint64, int64): exact comparisons; else NULL */
    int key;           /* the operand whose dtype picks the loop */
    unsigned apart;    /* bit i: operand i has a dtype of its own, it is not promoted with others */
    /** Looks for operands that have no result; NULL: there are none. Errors: TG_EARG. */
    tg_status (*check)(int64_t n, const void *const *in, tg_dtype dtype);
} tg_elementwise;

/** What a reduction knows beside the data; the same on all chunks. */
typedef struct tg_reduce_spec {
    tg_dtype dtype;       /* of the input */
    int64_t total;        /* reduced elements behind one result over all chunks */
    const double *params; /* the operator's own numbers: ddof; degree */
    int nparams;
} tg_reduce_spec;

/**
 * A chunk split into kept and reduced axes. Strides in bytes, any sign. The logical order of the
 * reduced elements is C order over reduced_shape, whatever the memory order: results must depend on
 * it and not on strides. Kept elements are numbered in C order over kept_shape.
 */
typedef struct tg_reduce_view {
    const void *data;
    int nkept, nreduced;
    int64_t kept_shape[TG_MAX_NDIM], kept_stride[TG_MAX_NDIM];
    int64_t reduced_shape[TG_MAX_NDIM], reduced_stride[TG_MAX_NDIM];
    int64_t reduced_start[TG_MAX_NDIM];    /* where the chunk begins on each reduced axis */
    int64_t reduced_total[TG_MAX_NDIM];    /* the axis' whole length */
    const struct tg_view_program *program; /* not NULL for reducers by tiles only: what makes the
                                              elements, of which `data` is then NULL */
    int64_t planes; /* not 0 for reducers by tiles only: bytes of an element lie so far apart, those
                       of one place together; strides are as if they did not */
} tg_reduce_view;

/**
 * A reduction: one line of the table. A partial is opaque bytes for `nkept` results at once. The
 * runtime combines partials in a fixed tree over the chunk grid.
 */
typedef struct tg_reducer {
    const char *name;
    /** Bytes of a partial for nkept results. */
    size_t (*partial_size)(const tg_reduce_spec *spec, int64_t nkept);
    /** Reduce one chunk to a partial. `scratch` gives memory that lives as long as the call. */
    tg_status (*chunk)(const tg_reduce_spec *spec, const tg_reduce_view *view, void *partial,
                       tg_task *scratch);
    /** Merge `right` (later in the logical order) into `left`. */
    tg_status (*combine)(const tg_reduce_spec *spec, int64_t nkept, void *left, const void *right);
    /** Turn a partial into nkept elements of `out_dtype`. */
    tg_status (*finalize)(const tg_reduce_spec *spec, int64_t nkept, const void *partial,
                          tg_dtype out_dtype, void *out);
    /** Dtype rule. */
    tg_dtype (*result)(tg_dtype in);
    int nchunk_params; /* leading params that chunk and combine look at; the others (ddof)
                                   are finalize's, so that reductions differing in them share
                                   partials: where `chunk` and these params are the same */
    bool empty_ok;     /* a reduction over no elements has a value */
    bool complex_ok;   /* defined for complex numbers */
    bool by_tiles;     /* `chunk` looks at elements through kernel/reduce_walk.h alone: they can be
                          made on the way, never all of a chunk at once */
    const struct tg_reducer *wider; /* a reducer whose chunk and combine make a partial that begins
                                       with this one's (mean -> moments); NULL: none */
} tg_reducer;

/**
 * A reduction by `reducer`, which must be static: its address travels to the ranks.
 *
 * Call:    lazy, local.
 * Errors:  as tg_mean.
 * Source:  dask.array.reduction.
 */
tg_array *tg_reduction(tg_array *a, tg_axes axes, const tg_reducer *reducer, const double *params,
                       int nparams);

typedef struct tg_operator tg_operator;

/** Kinds of values that arguments have: Python's. */
typedef enum tg_datum_kind {
    TG_DATUM_NONE,
    TG_DATUM_BOOL,
    TG_DATUM_INT,
    TG_DATUM_BIG, /* an int beyond 64 bits */
    TG_DATUM_FLOAT,
    TG_DATUM_COMPLEX,
    TG_DATUM_TEXT,
    TG_DATUM_TUPLE,
    TG_DATUM_LIST,
    TG_DATUM_DICT,
    TG_DATUM_SLICE,
    TG_DATUM_ELLIPSIS,
    TG_DATUM_DTYPE,
    TG_DATUM_ARRAY,
    TG_DATUM_FUNCTION,  /* an operator by name, or a lambda */
    TG_DATUM_GENERATOR, /* numpy.random.default_rng(seed) */
    TG_DATUM_MODULE,    /* np, np.random: only inside expressions */
    TG_DATUM_METHOD,    /* x.mean, not called yet: only inside expressions */
    TG_NDATUM_KINDS
} tg_datum_kind;

/** What TG_DATUM_GENERATOR points to: streams are numbered by the calls made so far. */
typedef struct tg_generator {
    uint64_t seed;
    uint64_t calls;
    bool legacy; /* numpy.random.RandomState */
} tg_generator;

/** A Python value. Everything it points to lives as long as the context. */
typedef struct tg_datum {
    tg_datum_kind kind;
    union {
        bool truth;
        int64_t integer;
        int64_t words[2]; /* BIG: 128 bits as the machine has them */
        double real;
        double parts[2];  /* COMPLEX: re, im */
        const char *text; /* UTF-8; TG_DATUM_MODULE: its dotted name, "" for numpy itself */
        struct {
            struct tg_datum
                *items;    /* DICT: key, value, key, value, ...; SLICE: start, stop, step */
            int64_t count; /* of items */
        };
        tg_dtype dtype;
        tg_array *array;
        const struct tg_callable *callable; /* FUNCTION, METHOD */
        tg_generator *generator;
    };
} tg_datum;

/** One call of an operator: its arguments, bound to the names in its signature. */
typedef struct tg_call tg_call;

/** What kind of operator it is: the chapter of the page of operators. */
typedef enum tg_operator_class {
    TG_CLASS_CREATE,
    TG_CLASS_INDEX,
    TG_CLASS_ELEMENTWISE,
    TG_CLASS_REDUCE,
    TG_CLASS_SHAPE,
    TG_CLASS_CONTRACT,
    TG_CLASS_BLOCKS,
    TG_CLASS_IMAGE,
    TG_CLASS_RANDOM,
    TG_NOPERATOR_CLASSES
} tg_operator_class;

/**
 * An operator: one line of the table. A family of them is a file arrays/call/family_*.c, listed in
 * arrays/call/table.c.
 *
 *     {.name = "mean",
 *      .kind = TG_CLASS_REDUCE,
 *      .signature = "a, axis=None, dtype=None, out=None, keepdims=False",
 *      .method = "axis=None, dtype=None, out=None, keepdims=False",
 *      .dask = "mean",
 *      .shape = "axes removed",
 *      .dtype = "float64 for integers and bool, else kept",
 *      .cost = "one pass",
 *      .build = build_mean},
 *
 *     static tg_datum build_mean(tg_call *call)
 *     {
 *         return tg_datum_array(tg_mean(tg_call_array(call, "a"), tg_call_axes(call, "axis")));
 *     }
 *
 * Getters never stop the builder: the first error stays with the call and is what the caller gets,
 * whatever the builder returns.
 */
struct tg_operator {
    const char *name;    /* NumPy's, dotted below its namespaces: "mean", "linalg.norm"; SciPy's
                            "ndimage.label" */
    const char *aliases; /* other names, separated by blanks: "amax"; NULL */
    tg_operator_class kind;
    const char *signature; /* Python's text: "a, axis=None, *, keepdims=False"; also "*arrays" and
                              "/"; defaults are numbers, words in quotes, None, True, False, () */
    const char *method;    /* signature as a method of arrays, without the array itself, which is
                              the first argument of `signature`; "*axes" may stand for one tuple
                              "axes"; NULL: no method */
    bool attribute;        /* read without a call: x.T */
    const char *dask;      /* the name in dask.array ("mean") or elsewhere in Dask, dotted from
                              there ("dask_image.ndmeasure.label"); NULL: Dask has none */
    const char *shape;     /* rule for the shape, in words */
    const char *dtype;     /* rule for the dtype, in words */
    const char *cost;      /* in words; NULL: nothing to say */
    const char *notes;     /* where it differs from NumPy; NULL */
    tg_datum (*build)(tg_call *call);
};

/** Some rows, a line in arrays/call/table.c. */
typedef struct tg_family {
    const tg_operator *rows;
    int count;
} tg_family;

/** The operator of a name or an alias; NULL. Call: local. */
const tg_operator *tg_operator_find(const char *name);

/** Row i of the table, by class and then in the order of families; NULL past the last. */
const tg_operator *tg_operator_at(int i);

/* Inside a builder; `name` is one of the signature's. */

tg_ctx *tg_call_ctx(const tg_call *call);
/** Which row is being built: one builder can serve many. */
const tg_operator *tg_call_operator(const tg_call *call);

/** Whether the argument was given and is not None. */
bool tg_call_given(const tg_call *call, const char *name);
/** The argument as it is, its default where it was not given. Never NULL. */
const tg_datum *tg_call_datum(const tg_call *call, const char *name);

/** An array: numbers become weak ones (NEP 50), nested lists and tuples arrays in memory. */
tg_array *tg_call_array(tg_call *call, const char *name);
/** A list or tuple of arrays, or the parts of one array along its first axis. Sets *count. */
tg_array *const *tg_call_arrays(tg_call *call, const char *name, int *count);
/** None: all axes; a number; a tuple. Of a parameter "keepdims", where there is one, keepdims. */
tg_axes tg_call_axes(tg_call *call, const char *name);
/** The same for functions that NumPy wrote in Python: lists, 1-d arrays and bools pass as well. */
tg_axes tg_call_axis_list(tg_call *call, const char *name);
/** A number within int, for one axis; None is an error. */
int tg_call_axis(tg_call *call, const char *name);
int64_t tg_call_int(tg_call *call, const char *name);
double tg_call_float(tg_call *call, const char *name);
bool tg_call_bool(tg_call *call, const char *name);
/** NULL for None. */
const char *tg_call_text(tg_call *call, const char *name);
/** Never NULL: of None, too, a failure and "". */
const char *tg_call_word(tg_call *call, const char *name);
/** np.int16, "int16", int, float, ...; `otherwise` for None. */
tg_dtype tg_call_dtype(tg_call *call, const char *name, tg_dtype otherwise);
/** A number or a sequence of them, at most `most`; gives back how many. */
int tg_call_ints(tg_call *call, const char *name, int64_t *values, int most);
int tg_call_floats(tg_call *call, const char *name, double *values, int most);
/** tg_call_ints of at most TG_MAX_NDIM lengths: a shape. */
int tg_call_shape(tg_call *call, const char *name, int64_t *shape);
/**
 * Chunks in the words of tg_open_options.chunks, for an array of `ndim` axes: from "auto", -1, one
 * length for all axes, a tuple with a length, -1, "auto" or a tuple of lengths for each, a dict by
 * axis. NULL (the library's choice) for None and "auto". `like`, if not NULL, is the array whose
 * chunks stay on axes that a dict or None does not name.
 */
const char *tg_call_chunks(tg_call *call, const char *name, int ndim, const tg_array *like);

/** Say what is wrong with the call, unless something was said before; gives back None. */
tg_datum tg_call_fail(tg_call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Pass a status on whose message is the thread's last. */
tg_datum tg_call_status(tg_call *call, tg_status status);
/** Whether something is wrong already. */
bool tg_call_failed(const tg_call *call);

/** Call a function argument (np.sum, a lambda) with some values. */
tg_datum tg_call_apply(tg_call *call, const tg_datum *function, const tg_datum *arguments,
                       int count);

/** The value as an array, as tg_call_array does; a poisoned one where it cannot be. */
tg_array *tg_datum_to_array(tg_ctx *ctx, const tg_datum *datum);

static inline tg_datum tg_datum_array(tg_array *array)
{
    return (tg_datum){.kind = TG_DATUM_ARRAY, .array = array};
}

static inline tg_datum tg_datum_int(int64_t integer)
{
    return (tg_datum){.kind = TG_DATUM_INT, .integer = integer};
}

/** A tuple of `count` items, copied. */
tg_datum tg_datum_tuple(tg_ctx *ctx, const tg_datum *items, int64_t count);
/** A tuple of arrays. */
tg_datum tg_datum_arrays(tg_ctx *ctx, tg_array *const *arrays, int count);
/** A tuple of numbers: a shape. */
tg_datum tg_datum_ints(tg_ctx *ctx, const int64_t *values, int count);

#ifdef __cplusplus
}
#endif

#endif
