/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Status codes and messages: how every effect of the library says what went wrong.
 *
 * The first function to know writes the message with TG_NEED; everyone above only passes the status
 * on with TG_TRY. Both expect a local `tg_status status` and one label `out:` in the function.
 */
#ifndef TEGULA_STATUS_H
#define TEGULA_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/** What an effect returns. Values are stable; tg_run turns them into the exit status. */
typedef enum tg_status {
    TG_OK = 0,
    TG_EARG,         /* an argument, shape or dtype that cannot be         -> exit 1 */
    TG_ENOMEM,       /* memory is out                                      -> exit 1 */
    TG_EIO,          /* a file cannot be opened, read or written           -> exit 1 */
    TG_EFORMAT,      /* a file's content is not what its format asks for   -> exit 1 */
    TG_ETASK,        /* a task failed, or one that it depends on           -> exit 1 */
    TG_EMPI,         /* MPI or the machine failed                          -> exit 1 */
    TG_EUSAGE,       /* the command line is wrong                          -> exit 2 */
    TG_EINTERRUPTED, /* told to stop early; what is finished is kept       -> exit 75 */
    TG_EINTERNAL,    /* a broken invariant of the library itself           -> exit 1 */
    TG_PREVIEWED,    /* the plan was shown and not run, as --preview asks  -> exit 0 */
    TG_NSTATUS
} tg_status;

#define TG_MUST_CHECK __attribute__((warn_unused_result))

/** Longest message kept, in bytes with the final NUL; longer ones are cut. */
#define TG_MESSAGE_SIZE 2048

/**
 * Write the calling thread's last message and hand back `status`.
 *
 * Call:    local.
 * Owner:   the text is copied; the next call of the same thread replaces it.
 * Errors:  none; a text longer than TG_MESSAGE_SIZE is cut.
 */
tg_status tg_fail(tg_status status, const char *format, ...)
    __attribute__((cold, format(printf, 2, 3)));

/**
 * The calling thread's last message, "" before the first.
 *
 * Call:    local.
 * Owner:   the library; valid until the thread's next failure.
 */
const char *tg_message(void);

/**
 * A status in words: "bad argument", "out of memory", ...
 *
 * Call:    local.
 * Owner:   static.
 */
const char *tg_status_name(tg_status status);

/** Leave through `out:` with `code` and a message unless `condition` holds. */
#define TG_NEED(condition, code, ...)                                                              \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            status = tg_fail((code), __VA_ARGS__);                                                 \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

/** Leave through `out:` with the status of `call` unless it is TG_OK. */
#define TG_TRY(call)                                                                               \
    do {                                                                                           \
        status = (call);                                                                           \
        if (__builtin_expect(status != TG_OK, 0))                                                  \
            goto out;                                                                              \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
