/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of elementwise operators: dtype rules, loops and conversion, as in NumPy. */
#include <math.h>

#include "kernel_box.h"
#include "task_mock.h"

/* numpy.promote_types of all pairs. */
#define I8  TG_INT8
#define I16 TG_INT16
#define I32 TG_INT32
#define I64 TG_INT64
#define U8  TG_UINT8
#define U16 TG_UINT16
#define U32 TG_UINT32
#define U64 TG_UINT64
#define F32 TG_FLOAT32
#define F64 TG_FLOAT64
#define C64 TG_COMPLEX64
#define CC  TG_COMPLEX128
static const tg_dtype promoted[TG_NDTYPES][TG_NDTYPES] = {
    {TG_BOOL, I8, I16, I32, I64, U8, U16, U32, U64, F32, F64, C64, CC},
    {I8, I8, I16, I32, I64, I16, I32, I64, F64, F32, F64, C64, CC},
    {I16, I16, I16, I32, I64, I16, I32, I64, F64, F32, F64, C64, CC},
    {I32, I32, I32, I32, I64, I32, I32, I64, F64, F64, F64, CC, CC},
    {I64, I64, I64, I64, I64, I64, I64, I64, F64, F64, F64, CC, CC},
    {U8, I16, I16, I32, I64, U8, U16, U32, U64, F32, F64, C64, CC},
    {U16, I32, I32, I32, I64, U16, U16, U32, U64, F32, F64, C64, CC},
    {U32, I64, I64, I64, I64, U32, U32, U32, U64, F64, F64, CC, CC},
    {U64, F64, F64, F64, F64, U64, U64, U64, U64, F64, F64, CC, CC},
    {F32, F32, F32, F64, F64, F32, F32, F64, F64, F32, F64, C64, CC},
    {F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, CC, CC},
    {C64, C64, C64, CC, CC, C64, C64, CC, CC, C64, CC, C64, CC},
    {CC, CC, CC, CC, CC, CC, CC, CC, CC, CC, CC, CC, CC},
};

static void promotion_is_numpys(void **state)
{
    (void)state;
    for (int a = 0; a < TG_NDTYPES; a++) {
        tg_dtype strong = (tg_dtype)a, as_complex = a == F32 || a >= C64 ? promoted[a][C64] : CC;

        for (int b = 0; b < TG_NDTYPES; b++)
            assert_int_equal(tg_promote(strong, (tg_dtype)b), promoted[a][b]);
        assert_int_equal(tg_promote_weak(strong, TG_FLOAT64), a < TG_FLOAT32 ? TG_FLOAT64 : a);
        assert_int_equal(tg_promote_weak(strong, TG_INT64), a == TG_BOOL ? TG_INT64 : a);
        assert_int_equal(tg_promote_weak(strong, TG_COMPLEX128), as_complex);
    }
}

/* float32 holds each of the small integers; two by two those make an int32, which it does not. */
static void several_dtypes_promote_together(void **state)
{
    (void)state;
    assert_int_equal(tg_promote_all(0), TG_BOOL);
    assert_int_equal(tg_promote_all(1U << U16 | 1U << I8), I32);
    assert_int_equal(tg_promote_all(1U << U16 | 1U << I8 | 1U << F32), F32);
    assert_int_equal(tg_promote_all(1U << U16 | 1U << I16 | 1U << C64), C64);
    assert_int_equal(tg_promote_all(1U << TG_BOOL | 1U << U32 | 1U << F32), F64);
    assert_int_equal(tg_promote_all(1U << U64 | 1U << I8 | 1U << U8), F64);
    assert_int_equal(tg_promote_all(1U << C64 | 1U << F64), CC);
}

/* Apply an operator to one element of each operand, given and wanted in the dtypes of the rule. */
static tg_dtype apply(const char *name, const tg_dtype *dtypes, const void *const *in, void *out)
{
    const tg_elementwise *op = tg_elementwise_find(name);
    tg_dtype operands[TG_MAX_OPERANDS], result;
    double converted[TG_MAX_OPERANDS][2];
    const void *at[TG_MAX_OPERANDS];

    assert_non_null(op);
    assert_int_equal(op->resolve(op, dtypes, operands, &result), TG_OK);
    for (int i = 0; i < op->arity; i++) {
        tg_convert(1, dtypes[i], in[i], operands[i], &converted[i]);
        at[i] = converted[i];
    }
    tg_elementwise_loop(op, operands)(1, at, out);
    return result;
}

#define BINARY(name, type, dtype_a, a, dtype_b, b, dtype_result, want)                             \
    do {                                                                                           \
        type got_;                                                                                 \
        const tg_dtype dtypes_[] = {dtype_a, dtype_b};                                             \
                                                                                                   \
        assert_int_equal(apply(name, dtypes_, (const void *[]){a, b}, &got_), dtype_result);       \
        assert_true(got_ == (want));                                                               \
    } while (0)

static void integers_wrap(void **state)
{
    const int8_t low = INT8_MIN, one = 1;
    const int32_t low32 = INT32_MIN;
    const int64_t low64 = INT64_MIN, two64 = 2;
    const uint16_t top16 = UINT16_MAX;

    (void)state;
    BINARY("subtract", int8_t, I8, &low, I8, &one, I8, INT8_MAX);
    BINARY("multiply", uint16_t, U16, &top16, U16, &top16, U16, 1);
    BINARY("multiply", int64_t, I64, &low64, I64, &two64, I64, 0);
    BINARY("add", int64_t, I64, &low64, I32, &low32, I64, INT64_MAX - INT32_MAX);
    BINARY("negative", int8_t, I8, &low, I8, &low, I8, INT8_MIN);
    BINARY("absolute", int32_t, I32, &low32, I32, &low32, I32, INT32_MIN);
    BINARY("absolute", int64_t, I64, &low64, I64, &low64, I64, INT64_MIN);
}

static void bools_are_added_and_multiplied_as_truth(void **state)
{
    const uint8_t no = 0, yes = 1, odd = 6, even = 1;

    (void)state;
    BINARY("add", uint8_t, TG_BOOL, &yes, TG_BOOL, &yes, TG_BOOL, 1);
    BINARY("add", uint8_t, TG_BOOL, &odd, TG_BOOL, &no, TG_BOOL, 1);
    BINARY("multiply", uint8_t, TG_BOOL, &odd, TG_BOOL, &even, TG_BOOL, 1);
    BINARY("equal", uint8_t, TG_BOOL, &odd, TG_BOOL, &yes, TG_BOOL, 1);
    BINARY("less", uint8_t, TG_BOOL, &no, TG_BOOL, &odd, TG_BOOL, 1);
    BINARY("divide", double, TG_BOOL, &yes, TG_BOOL, &yes, F64, 1);
}

static void undefined_operators_say_so(void **state)
{
    static const char *const names[] = {"subtract", "negative"};
    const tg_dtype in[] = {TG_BOOL, TG_BOOL};

    (void)state;
    for (int i = 0; i < 2; i++) {
        const tg_elementwise *op = tg_elementwise_find(names[i]);
        tg_dtype operands[TG_MAX_OPERANDS], result;

        assert_int_equal(op->resolve(op, in, operands, &result), TG_EARG);
        assert_non_null(strstr(tg_message(), "is not defined for bool"));
    }
    assert_null(tg_elementwise_find("no such"));
    assert_ptr_equal(tg_elementwise_find("true_divide"), tg_elementwise_find("divide"));
}

static void division_and_roots_follow_ieee(void **state)
{
    const int32_t seven = 7, zero = 0;
    const float half = 0.5f;
    const int16_t nine = 9;
    const int8_t four = 4;
    const double negative = -1;
    double root = 0;

    (void)state;
    BINARY("divide", double, I32, &seven, I32, &zero, F64, INFINITY);
    BINARY("divide", double, I32, &seven, F32, &half, F64, 14);
    BINARY("divide", float, I16, &nine, F32, &half, F32, 18);
    BINARY("sqrt", float, I16, &nine, I16, &nine, F32, 3);
    BINARY("sqrt", float, I8, &four, I8, &four, F32, 2);
    BINARY("sqrt", double, I32, &zero, I32, &zero, F64, 0);
    apply("sqrt", (tg_dtype[]){F64}, (const void *[]){&negative}, &root);
    assert_true(isnan(root));
}

static void signed_and_unsigned_compare_exactly(void **state)
{
    static const int64_t a[] = {INT64_MIN, -1, 0, 5, INT64_MAX - 1, INT64_MAX};
    static const uint64_t b[] = {0, 5, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};

    (void)state;
    for (int i = 0; i < 6; i++) {
        for (int j = 0; j < 5; j++) {
            __extension__ __int128 x = a[i], y = b[j];

            BINARY("equal", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x == y);
            BINARY("not_equal", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x != y);
            BINARY("less", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x < y);
            BINARY("less_equal", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x <= y);
            BINARY("greater", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x > y);
            BINARY("greater_equal", uint8_t, I64, &a[i], U64, &b[j], TG_BOOL, x >= y);
            BINARY("equal", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y == x);
            BINARY("not_equal", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y != x);
            BINARY("less", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y < x);
            BINARY("less_equal", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y <= x);
            BINARY("greater", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y > x);
            BINARY("greater_equal", uint8_t, U64, &b[j], I64, &a[i], TG_BOOL, y >= x);
        }
    }
    BINARY("less", uint8_t, I8, &(int8_t){-1}, U64, &b[0], TG_BOOL, 1);
}

static void where_takes_its_condition_as_truth(void **state)
{
    const tg_dtype dtypes[] = {F64, I8, U8};
    const double yes = NAN, no = -0.0;
    const int8_t a = -3;
    const uint8_t b = 200;
    int16_t got = 0;

    (void)state;
    assert_int_equal(apply("where", dtypes, (const void *[]){&yes, &a, &b}, &got), I16);
    assert_int_equal(got, -3);
    apply("where", dtypes, (const void *[]){&no, &a, &b}, &got);
    assert_int_equal(got, 200);
}

static void every_row_has_the_loops_its_rule_asks_for(void **state)
{
    const tg_elementwise *row;

    (void)state;
    for (int i = 0; (row = tg_elementwise_row(i)); i++) {
        for (int code = 0; code < TG_NDTYPES * TG_NDTYPES * TG_NDTYPES; code++) {
            tg_dtype in[] = {(tg_dtype)(code % TG_NDTYPES),
                             (tg_dtype)(code / TG_NDTYPES % TG_NDTYPES),
                             (tg_dtype)(code / TG_NDTYPES / TG_NDTYPES)};
            tg_dtype operands[TG_MAX_OPERANDS], result;

            if (row->resolve(row, in, operands, &result) == TG_OK)
                assert_non_null(tg_elementwise_loop(row, operands));
        }
        assert_ptr_equal(tg_elementwise_find(row->name), row);
    }
}

/* What numpy.array(x).astype(dtype) gives on x86-64, as int64 (uint64 modulo 2^64). */
static void expect_converted(double x, tg_dtype dtype, int64_t want)
{
    uint64_t out = 0;
    int64_t got = 0;

    tg_convert(1, TG_FLOAT64, &x, dtype, &out);
    tg_convert(1, dtype, &out, TG_INT64, &got);
    if (got != want)
        fail_msg("%g to %s: %lld, not %lld", x, tg_dtype_name(dtype), (long long)got,
                 (long long)want);
}

static void floats_out_of_range_convert_as_in_numpy(void **state)
{
    (void)state;
    expect_converted(NAN, TG_BOOL, 1);
    expect_converted(-0.0, TG_BOOL, 0);
    expect_converted(0.25, TG_BOOL, 1);
    expect_converted(-128.9, I8, -128);
    expect_converted(300, I8, 44);
    expect_converted(70000, I16, 4464);
    expect_converted(NAN, I16, 0);
    expect_converted(1e10, I16, 0);
    expect_converted(NAN, I32, INT32_MIN);
    expect_converted(2147483647.9, I32, INT32_MAX);
    expect_converted(2147483648.0, I32, INT32_MIN);
    expect_converted(-2147483648.9, I32, INT32_MIN);
    expect_converted(INFINITY, I64, INT64_MIN);
    expect_converted(-0x1p63, I64, INT64_MIN);
    expect_converted(-1, U8, 255);
    expect_converted(-1, U16, 65535);
    expect_converted(-1, U32, UINT32_MAX);
    expect_converted(4294967295.0, U32, UINT32_MAX);
    expect_converted(NAN, U32, 0);
    expect_converted(-1, U64, -1);
    expect_converted(0x1p63, U64, INT64_MIN);
    expect_converted(0x1p64, U64, 0);
    expect_converted(NAN, U64, INT64_MIN);
}

static void integers_convert_by_their_low_bits(void **state)
{
    (void)state;
    for (int from = TG_INT8; from < TG_FLOAT32; from++) {
        for (int to = TG_INT8; to < TG_FLOAT32; to++) {
            uint64_t bits = 0xfedcba9876543281u, out = 0, back = 0;
            size_t kept = tg_dtype_size((tg_dtype)(from)) < tg_dtype_size((tg_dtype)(to))
                              ? tg_dtype_size((tg_dtype)(from))
                              : tg_dtype_size((tg_dtype)(to));

            tg_convert(1, (tg_dtype)from, &bits, (tg_dtype)to, &out);
            tg_convert(1, (tg_dtype)to, &out, (tg_dtype)from, &back);
            assert_memory_equal(&out, &bits, kept);
            assert_memory_equal(&back, &bits, kept);
        }
    }
}

static void conversion_is_an_operator(void **state)
{
    const double x = 2.5;

    (void)state;
    for (int to = 0; to < TG_NDTYPES; to++) {
        const tg_elementwise *op = tg_convert_op((tg_dtype)to);
        const tg_dtype from = TG_FLOAT64;
        tg_dtype operand, result;
        const void *in = &x;
        double out[2] = {0}, want = to == TG_BOOL ? 1 : to < TG_FLOAT32 ? 2 : 2.5, got;

        assert_int_equal(op->resolve(op, &from, &operand, &result), TG_OK);
        assert_int_equal(result, to);
        tg_elementwise_loop(op, &operand)(1, &in, out);
        tg_convert(1, (tg_dtype)to, out, TG_FLOAT64, &got);
        assert_true(got == want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promotion_is_numpys),
        cmocka_unit_test(several_dtypes_promote_together),
        cmocka_unit_test(integers_wrap),
        cmocka_unit_test(bools_are_added_and_multiplied_as_truth),
        cmocka_unit_test(undefined_operators_say_so),
        cmocka_unit_test(division_and_roots_follow_ieee),
        cmocka_unit_test(signed_and_unsigned_compare_exactly),
        cmocka_unit_test(where_takes_its_condition_as_truth),
        cmocka_unit_test(every_row_has_the_loops_its_rule_asks_for),
        cmocka_unit_test(floats_out_of_range_convert_as_in_numpy),
        cmocka_unit_test(integers_convert_by_their_low_bits),
        cmocka_unit_test(conversion_is_an_operator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
