/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A task without a runtime, for tests that call kernels directly: it has scratch memory, inputs,
 * parameters and an output, and runs nothing. A program that uses it must not start the runtime:
 * the mock takes the place of the runtime's functions of the same names.
 */
#ifndef TEGULA_TESTS_TASK_MOCK_H
#define TEGULA_TESTS_TASK_MOCK_H

#include <tegula/task.h>

/** A task; inputs and parameters are borrowed. */
tg_task *task_mock_create(const tg_bytes *inputs, int ninputs, const void *params,
                          size_t params_size);

/** The output that the task made; empty if none. Owner: the mock. */
tg_bytes task_mock_output(const tg_task *task);

/** Free the scratch memory, as at the end of a task. */
void task_mock_end(tg_task *task);

/** End and free the task; *task is NULL afterwards. */
void task_mock_destroy(tg_task **task);

#endif
