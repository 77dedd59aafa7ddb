/* SPDX-License-Identifier: BSD-3-Clause */
/** Calling operators: arguments are bound to a signature's names, then the row's builder runs. */
#ifndef TG_CALL_CALL_H
#define TG_CALL_CALL_H

#include "call/datum.h"

/** Arguments as they were written. */
typedef struct tg_arguments {
    const tg_datum *positional;
    int npositional;
    const char *const *names; /* of the keyword arguments */
    const tg_datum *named;
    int nnamed;
    tg_generator *generator; /* of random numbers; NULL: none */
} tg_arguments;

/** The generator that random numbers come from: the one whose method is called, else the session's;
 * NULL outside a session. A builder counts its call there. */
tg_generator *tg_call_generator(const tg_call *call);

/** A function or a method as a value. */
typedef struct tg_callable tg_callable;
struct tg_callable {
    const char *name;
    tg_status (*apply)(tg_ctx *ctx, const tg_callable *callable, const tg_arguments *arguments,
                       tg_datum *out);
    const tg_operator *op; /* NULL: not an operator */
    tg_datum self;         /* of a method */
    bool is_method;
    const void *extra;             /* of `apply` */
    const char *const *parameters; /* of a lambda */
    int nparameters;
};

/** Whether the argument was given by its name. */
bool tg_call_named(const tg_call *call, const char *name);

/** The array whose method is called; NULL: a function is called. */
const tg_datum *tg_call_self(const tg_call *call);

/** Call a function with positional arguments and a dict of others. Errors: TG_EARG. */
TG_MUST_CHECK tg_status tg_call_function(tg_ctx *ctx, const tg_datum *function,
                                         const tg_datum *positional, int count,
                                         const tg_datum *others, tg_datum *out);

/** Most parameters of a signature. */
#define TG_MAX_PARAMETERS 32

/** One parameter of a signature. */
typedef struct tg_parameter {
    char name[32];
    bool required, keyword_only, positional_only;
    bool star, others; /* *names, **names */
    bool given, named; /* named: by its name */
    tg_datum value;    /* the default, or what was given */
} tg_parameter;

/** A signature that was read. */
typedef struct tg_signature {
    const char *function; /* for messages */
    int count;
    tg_parameter parameters[TG_MAX_PARAMETERS];
} tg_signature;

/** Read Python's text of a signature. Errors: TG_EINTERNAL for one that is not Python's. */
TG_MUST_CHECK tg_status tg_signature_parse(tg_ctx *ctx, const char *function, const char *text,
                                           tg_signature *out);

/** Bind arguments to names. Errors: TG_EARG in Python's words. */
TG_MUST_CHECK tg_status tg_signature_bind(tg_ctx *ctx, tg_signature *signature,
                                          const tg_arguments *arguments);

/** The parameter of that name; NULL. */
tg_parameter *tg_signature_find(tg_signature *signature, const char *name);

/** Call an operator; with `self` as a method. Errors: TG_EARG with NumPy's sentence. */
TG_MUST_CHECK tg_status tg_operator_call(tg_ctx *ctx, const tg_operator *op, const tg_datum *self,
                                         const tg_arguments *arguments, tg_datum *out);

/** The operator of a Python operator's name over some values. */
TG_MUST_CHECK tg_status tg_operator_apply(tg_ctx *ctx, const char *name, const tg_datum *values,
                                          int count, tg_datum *out);

/** An operator as a value. */
TG_MUST_CHECK tg_status tg_datum_function(tg_ctx *ctx, const tg_operator *op, const tg_datum *self,
                                          tg_datum *out);

/** Call a function or method; other values are no functions. */
TG_MUST_CHECK tg_status tg_datum_call(tg_ctx *ctx, const tg_datum *function,
                                      const tg_arguments *arguments, tg_datum *out);

#endif
