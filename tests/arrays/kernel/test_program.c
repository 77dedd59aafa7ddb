/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies between memory orders, and elementwise programs over inputs in any of them. */
#include "kernel_box.h"
#include "task_mock.h"
#include "kernel/program.h"

static void expect_copy(int ndim, const int64_t *shape, size_t itemsize, enum layout from,
                        enum layout to)
{
    static const tg_dtype of_size[] = {
        [1] = TG_UINT8, [2] = TG_INT16, [4] = TG_INT32, [8] = TG_INT64};
    int64_t n = count_elements(ndim, shape), c_order[TG_MAX_NDIM];
    char *values = random_values(of_size[itemsize], n), *back = malloc(itemsize * (size_t)(n + 1));
    box a = box_create(of_size[itemsize], ndim, shape, values, from);
    box b = box_create(of_size[itemsize], ndim, shape, values, to);

    assert_non_null(back);
    for (int64_t i = 0; i < n; i++) /* other values, so that nothing is there by chance */
        values[(size_t)i * itemsize] = (char)(values[(size_t)i * itemsize] + 1);
    tg_strides(ndim, shape, itemsize, c_order);
    tg_copy_box(ndim, shape, itemsize, values, c_order, a.data, a.stride);
    tg_copy_box(ndim, shape, itemsize, a.data, a.stride, b.data, b.stride);
    tg_copy_box(ndim, shape, itemsize, b.data, b.stride, back, c_order);
    assert_memory_equal(values, back, itemsize * (size_t)n);
    box_destroy(&a);
    box_destroy(&b);
    free(back);
    free(values);
}

static void boxes_are_copied_between_all_orders(void **state)
{
    static const struct {
        int ndim;
        int64_t shape[4];
    } shapes[] = {{0, {0}},        {1, {70}},          {2, {33, 65}},
                  {3, {5, 40, 3}}, {4, {3, 1, 7, 34}}, {3, {2, 0, 3}}};

    (void)state;
    for (int s = 0; s < 6; s++) {
        for (size_t itemsize = 1; itemsize <= 8; itemsize *= 2) {
            for (int pair = 0; pair < NLAYOUTS * NLAYOUTS; pair++)
                expect_copy(shapes[s].ndim, shapes[s].shape, itemsize,
                            (enum layout)(pair % NLAYOUTS), (enum layout)(pair / NLAYOUTS));
        }
    }
}

static void elements_of_any_size_are_copied(void **state)
{
    const int64_t shape[] = {3, 5}, from[] = {15, 3}, to[] = {3, 9};
    char a[45], b[45];

    (void)state;
    for (int i = 0; i < 45; i++)
        a[i] = (char)i;
    tg_copy_box(2, shape, 3, a, from, b, to);
    for (int i = 0; i < 15; i++)
        assert_memory_equal(b + i / 5 * 3 + i % 5 * 9, a + i * 3, 3);
}

static void add_step(tg_program *p, const tg_elementwise *op, const int *in)
{
    tg_step *step = &p->steps[p->nsteps++];
    tg_dtype dtypes[TG_MAX_OPERANDS];

    step->op = op;
    for (int i = 0; i < op->arity; i++) {
        step->in[i] = in[i];
        dtypes[i] = in[i] < p->ninputs ? p->inputs[in[i]] : p->steps[in[i] - p->ninputs].result;
    }
    assert_int_equal(op->resolve(op, dtypes, step->operands, &step->result), TG_OK);
}

/* where(a < b, a + b, a * c) - b as float32, of int16 a, uint8 b and float32 c. */
static tg_program long_program(void)
{
    tg_program p = {.ninputs = 3, .inputs = {TG_INT16, TG_UINT8, TG_FLOAT32}};

    add_step(&p, tg_elementwise_find("less"), (int[]){0, 1});     /* 3 */
    add_step(&p, tg_elementwise_find("add"), (int[]){0, 1});      /* 4 */
    add_step(&p, tg_elementwise_find("multiply"), (int[]){0, 2}); /* 5 */
    add_step(&p, tg_elementwise_find("where"), (int[]){3, 4, 5}); /* 6 */
    add_step(&p, tg_elementwise_find("subtract"), (int[]){6, 1}); /* 7 */
    add_step(&p, tg_convert_op(TG_FLOAT64), (int[]){7});          /* 8 */
    return p;
}

static double expected(int16_t a, uint8_t b, float c)
{
    float chosen = a < b ? (float)(int16_t)((uint16_t)a + b) : (float)a * c;

    return (double)(chosen - (float)b);
}

/* The element of an operand at an index of the result. */
static const void *element(const tg_operand *o, int ndim, const int64_t *shape, int64_t i)
{
    const char *at = o->data;

    for (int d = ndim - 1; d >= 0; d--) {
        at += i % shape[d] * o->stride[d];
        i /= shape[d];
    }
    return at;
}

/* Inputs in the given layouts; bit d of broadcast[i]: input i is the same along axis d. */
static void expect_program(int ndim, const int64_t *shape, const enum layout *layouts,
                           const unsigned *broadcast)
{
    tg_program p = long_program();
    tg_task *task = task_mock_create(NULL, 0, NULL, 0);
    int64_t n = count_elements(ndim, shape);
    double *out = malloc(sizeof *out * (size_t)(n + 1));
    tg_operand in[3];
    box boxes[3];

    assert_non_null(out);
    for (int i = 0; i < 3; i++) {
        int64_t own[TG_MAX_NDIM] = {0};

        for (int d = 0; d < ndim; d++)
            own[d] = broadcast[i] >> d & 1 ? 1 : shape[d];
        void *values = random_values(p.inputs[i], count_elements(ndim, own));

        boxes[i] = box_create(p.inputs[i], ndim, own, values, layouts[i]);
        in[i].data = boxes[i].data;
        for (int d = 0; d < ndim; d++)
            in[i].stride[d] = broadcast[i] >> d & 1 ? 0 : boxes[i].stride[d];
        free(values);
    }
    assert_int_equal(tg_program_run(&p, in, ndim, shape, out, task), TG_OK);
    for (int64_t i = 0; i < n; i++) {
        const int16_t *a = element(&in[0], ndim, shape, i);
        const uint8_t *b = element(&in[1], ndim, shape, i);
        const float *c = element(&in[2], ndim, shape, i);

        assert_true(out[i] == expected(*a, *b, *c));
    }
    for (int i = 0; i < 3; i++)
        box_destroy(&boxes[i]);
    free(out);
    task_mock_destroy(&task);
}

static void programs_take_inputs_in_any_order(void **state)
{
    static const struct {
        int ndim;
        int64_t shape[3];
    } shapes[] = {{0, {0}},          {1, {3000}},     {2, {70, 300}}, {2, {1200, 5}},
                  {3, {40, 7, 270}}, {3, {9, 33, 2}}, {3, {4, 0, 9}}, {3, {70, 2, 1100}}};

    (void)state;
    for (int s = 0; s < 8; s++) {
        for (uint64_t trial = 0; trial < 24; trial++) {
            uint64_t dice = random_at(trial + 100 * (uint64_t)s);
            enum layout layouts[3];
            unsigned broadcast[3];

            for (int i = 0; i < 3; i++) {
                layouts[i] = (enum layout)((dice >> (2 * i)) % NLAYOUTS);
                broadcast[i] = trial < 8 ? 0 : (unsigned)(dice >> (8 + 3 * i) & 7);
            }
            expect_program(shapes[s].ndim, shapes[s].shape, layouts, broadcast);
        }
    }
}

static void the_longest_program_runs_in_few_registers(void **state)
{
    const int64_t n = 5000;
    tg_program p = {.ninputs = 2, .inputs = {TG_INT64, TG_INT64}};
    tg_task *task = task_mock_create(NULL, 0, NULL, 0);
    int64_t *a = random_values(TG_INT64, n), *b = random_values(TG_INT64, 2 * n);
    int64_t *out = malloc(sizeof *out * (size_t)n);
    tg_operand in[] = {{.data = a, .stride = {8}}, {.data = b + n, .stride = {8}}};

    (void)state;
    assert_non_null(out);
    add_step(&p, tg_elementwise_find("add"), (int[]){0, 1});
    while (p.nsteps < TG_PROGRAM_MAX_STEPS) /* Fibonacci */
        add_step(&p, tg_elementwise_find("add"), (int[]){p.nsteps, p.nsteps + 1});
    assert_int_equal(tg_program_run(&p, in, 1, &n, out, task), TG_OK);
    for (int64_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)a[i], y = (uint64_t)b[n + i];

        for (int s = 0; s < TG_PROGRAM_MAX_STEPS; s++) {
            uint64_t sum = x + y;

            x = y;
            y = sum;
        }
        assert_true((uint64_t)out[i] == y);
    }
    free(a);
    free(b);
    free(out);
    task_mock_destroy(&task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_copied_between_all_orders),
        cmocka_unit_test(elements_of_any_size_are_copied),
        cmocka_unit_test(programs_take_inputs_in_any_order),
        cmocka_unit_test(the_longest_program_runs_in_few_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
