/* SPDX-License-Identifier: BSD-3-Clause */
/* Traces: valid JSON with the right slices, and nothing left of one that cannot be written. */
#include "slurp.h"

#include "observe/trace.h"

static const char *const names[] = {"sum", "evil \"name\\\n"};

static const tg_event events[] = {
    {.task = 7, .start = 100.5, .end = 100.75, .bytes = 64, .name = 0, .rank = 0, .thread = 1},
    {.task = 8, .start = 100.0, .end = 100.25, .bytes = 8, .name = 1, .rank = 1},
    {.task = 8,
     .start = 100.25,
     .end = 100.3,
     .bytes = 8,
     .name = 1,
     .kind = TG_EVENT_SEND,
     .rank = 1,
     .peer = 0},
    {.task = 9, .start = 101, .end = 101, .name = 99, .rank = 1},
};

static void a_trace_is_json_with_a_slice_for_each_task(void **state)
{
    static const char *const hosts[] = {"node-1", "node\"2"};
    char *text;

    (void)state;
    assert_int_equal(tg_trace_write("trace.json", events, 4, names, 2, hosts, 2), TG_OK);
    text = slurp("trace.json");
    assert_contains(text, "\"name\":\"rank 0 on node-1\"");
    assert_contains(text, "\"name\":\"thread 1\"");
    assert_contains(text, "\"ph\":\"X\",\"cat\":\"task\",\"name\":\"sum\",\"pid\":0,\"tid\":1,"
                          "\"ts\":500000.000,\"dur\":250000.000,"
                          "\"args\":{\"task\":7,\"bytes\":64}");
    assert_contains(text, "\"ph\":\"b\",\"cat\":\"message\",\"name\":\"send\"");
    assert_contains(text, "\"name\":\"?\"");
    free(text);
    assert_python("import json; t = json.load(open(\"trace.json\"))[\"traceEvents\"]; "
                  "assert [e[\"ts\"] for e in t if e[\"ph\"] == \"X\"] == [5e5, 0, 1e6], t; "
                  "assert len([e for e in t if e[\"ph\"] in \"be\"]) == 2, t");
    assert_no_temporary("trace.json");
    unlink("trace.json");
}

static void a_trace_without_events_is_json_too(void **state)
{
    (void)state;
    assert_int_equal(tg_trace_write("trace.json", NULL, 0, NULL, 0, NULL, 1), TG_OK);
    assert_python("import json; json.load(open(\"trace.json\"))");
    unlink("trace.json");
}

static void a_trace_that_cannot_be_written_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(tg_trace_write("no/such/folder.json", events, 4, names, 2, NULL, 2), TG_EIO);
    assert_non_null(strstr(tg_message(), "no/such/folder.json: cannot be written: No such file"));
    assert_int_equal(tg_trace_write("/dev/full", events, 4, names, 2, NULL, 2), TG_EIO);
    assert_non_null(strstr(tg_message(), "/dev/full: cannot be written: No space left"));
    assert_int_equal(access("/dev/full", F_OK), 0);
}

static void an_older_trace_is_replaced(void **state)
{
    FILE *old = fopen("trace.json", "w");
    char *text;

    (void)state;
    fputs("old", old);
    fclose(old);
    assert_int_equal(tg_trace_write("trace.json", events, 4, names, 2, NULL, 2), TG_OK);
    text = slurp("trace.json");
    assert_lacks(text, "old");
    free(text);
    unlink("trace.json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_is_json_with_a_slice_for_each_task),
        cmocka_unit_test(a_trace_without_events_is_json_too),
        cmocka_unit_test(a_trace_that_cannot_be_written_says_so_and_leaves_nothing),
        cmocka_unit_test(an_older_trace_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
