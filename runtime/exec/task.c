/* SPDX-License-Identifier: BSD-3-Clause */
/* See task.h; the functions a task calls are described in tegula/task.h. */
#include "exec/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

int tg_task_ninputs(const tg_task *task)
{
    return task->call->ninputs;
}

const void *tg_task_input(const tg_task *task, int i, size_t *size)
{
    static const _Alignas(TG_ALIGNMENT) char nothing[TG_ALIGNMENT];
    const tg_input *input = &task->call->inputs[i];

    if (size)
        *size = 0;
    if (i < 0 || i >= task->call->ninputs)
        return NULL;
    if (!input->data)
        return nothing;
    if (size)
        *size = input->size;
    return input->data;
}

const void *tg_task_params(const tg_task *task, size_t *size)
{
    if (size)
        *size = task->call->params_size;
    return task->call->params;
}

void *tg_task_output(tg_task *task, size_t size)
{
    if (task->output || task->forwarded >= 0) {
        task->broken = tg_fail(TG_EARG, "a task made its output twice");
        return NULL;
    }
    task->output = tg_store_get_at(task->store, size, task->place);
    if (!task->output) {
        task->broken = TG_ENOMEM;
        return NULL;
    }
    return tg_buffer_data(task->output);
}

tg_status tg_task_forward(tg_task *task, int i)
{
    if (i < 0 || i >= tg_task_ninputs(task) || task->output || task->forwarded >= 0)
        return tg_fail(TG_EARG, "input %d of %d cannot be the task's output", i,
                       tg_task_ninputs(task));
    task->forwarded = i;
    return TG_OK;
}

/* In front of a block that the scratch memory had no room for. */
struct overflow {
    void *next;
    size_t size; /* of the block behind */
};

/* Such a block; the next task finds that much more in the scratch memory. */
static void *overflow_block(tg_task *task, size_t size)
{
    char *block = tg_alloc_aligned(TG_ALIGNMENT + size);

    if (!block) {
        task->broken = tg_fail(TG_ENOMEM, "out of memory: %zu bytes of scratch", size);
        return NULL;
    }
    *(struct overflow *)(void *)block = (struct overflow){task->overflow, size};
    task->overflow = block;
    task->overflow_size += size;
    return block + TG_ALIGNMENT;
}

/* Free the blocks that came after `last`. */
static void free_overflow(tg_task *task, const void *last)
{
    while (task->overflow != last) {
        struct overflow *block = task->overflow;

        task->overflow = block->next;
        task->overflow_size -= block->size;
        free(block);
    }
}

void *tg_task_scratch(tg_task *task, size_t size)
{
    const size_t rounded = tg_round_up(size ? size : 1, TG_ALIGNMENT);
    void *memory;

    if (rounded < size || rounded > task->scratch_size - task->scratch_used) {
        memory = overflow_block(task, rounded);
    } else {
        memory = (char *)task->scratch + task->scratch_used;
        task->scratch_used += rounded;
    }
    if (memory && tg_store_is_hostile(task->store))
        memset(memory, 0xa5, rounded);
    if (task->scratch_used + task->overflow_size > task->scratch_most)
        task->scratch_most = task->scratch_used + task->overflow_size;
    return memory;
}

tg_scratch_mark tg_task_scratch_mark(const tg_task *task)
{
    return (tg_scratch_mark){task->scratch_used, task->overflow};
}

void tg_task_scratch_rewind(tg_task *task, tg_scratch_mark mark)
{
    task->scratch_used = mark.used;
    free_overflow(task, mark.overflow);
}

tg_status tg_task_local(tg_task *task, const tg_local *kind, void **out)
{
    return tg_locals_get(task->locals, kind, out);
}

int tg_task_rank(const tg_task *task)
{
    return task->rank;
}

void tg_task_count(tg_task *task, tg_counter counter, int64_t amount)
{
    task->counted[counter] += amount;
    task->has_counted = true;
}

const void *tg_task_resolve(const tg_task *task, tg_reference reference)
{
    return tg_objects_resolve(task->objects, reference);
}

/* Scratch of the most that a task wanted so far, up to what a pass over a chunk needs. */
static const size_t scratch_limit = 64u << 20;

/* Scratch was short: make it as large as the task wanted, and half more for the next, which may
 * want a little more: new memory is cleared page by page. */
void tg_task_enlarge_scratch(tg_task *task)
{
    const size_t wanted = task->scratch_most;
    const size_t room = tg_round_up(wanted + wanted / 2, TG_ALIGNMENT);

    free_overflow(task, NULL);
    if (wanted > scratch_limit)
        return;
    free(task->scratch);
    task->scratch = tg_alloc_aligned(room);
    task->scratch_size = task->scratch ? room : 0;
}

/* Where the store is hostile, a task sees its inputs elsewhere than where they lie, and may not
 * have changed them. */
tg_status tg_task_call_on_copies(tg_task *task, const tg_call *call)
{
    tg_status status = TG_OK;
    const int n = call->ninputs;
    tg_input *inputs = tg_alloc_array(n, sizeof *inputs);
    tg_buffer **copies = tg_alloc_array(n, sizeof(tg_buffer *));
    tg_call elsewhere = *call;

    TG_NEED(inputs && copies, TG_ENOMEM, "out of memory: copies of %d inputs", n);
    for (int i = 0; i < n; i++)
        if (call->inputs[i].data) {
            copies[i] = tg_store_get_aside(task->store, call->inputs[i].size);
            TG_NEED(copies[i], TG_ENOMEM, "out of memory: copies of %d inputs", n);
            inputs[i] = (tg_input){tg_buffer_data(copies[i]), call->inputs[i].size};
            memcpy(tg_buffer_data(copies[i]), call->inputs[i].data, inputs[i].size);
        }
    elsewhere.inputs = inputs;
    task->call = &elsewhere;
    TG_TRY(call->function(task));
    for (int i = 0; i < n; i++)
        TG_NEED(!copies[i] || !memcmp(inputs[i].data, call->inputs[i].data, inputs[i].size),
                TG_EINTERNAL, "the task wrote into its input %d of %d", i, n);
out:
    task->call = call;
    for (int i = 0; copies && i < n; i++)
        tg_store_release(task->store, copies[i]);
    tg_free(copies);
    tg_free(inputs);
    return status;
}

void tg_task_drop_output(tg_task *task)
{
    tg_store_release(task->store, task->output);
    task->output = NULL;
    task->forwarded = -1;
}

void tg_task_clear(tg_task *task)
{
    free_overflow(task, NULL);
    free(task->scratch);
    *task = (tg_task){0};
}
