/* SPDX-License-Identifier: BSD-3-Clause */
/* Escaping of hostile names, quantities in words, and logs of events. */
#include "slurp.h"

#include <math.h>

#include "observe/event.h"
#include "observe/text.h"

/* What `write` makes of `text`; the caller frees it. */
static char *written(void (*write_text)(FILE *, const char *), const char *text)
{
    char *result = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&result, &size);

    write_text(file, text);
    fclose(file);
    return result;
}

static void assert_written(void (*write_text)(FILE *, const char *), const char *text,
                           const char *want)
{
    char *got = written(write_text, text);

    assert_string_equal(got, want);
    free(got);
}

static void names_are_escaped_as_each_format_asks(void **state)
{
    (void)state;
    assert_written(tg_text_json, "a\"b\\c\nd\x7f", "\"a\\\"b\\\\c\\u000ad\\u007f\"");
    assert_written(tg_text_html, "<b a='1'>&\x01", "&#60;b a=&#39;1&#39;&#62;&#38;\xEF\xBF\xBD");
    assert_written(tg_text_dot, "a\"b\\N\n", "\"a\\\"b\\\\N\\n\"");
}

static void utf8_passes_and_other_bytes_are_replaced(void **state)
{
    (void)state;
    assert_written(tg_text_html, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80",
                   "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_written(tg_text_html, "\xFFx\xC3", "\xEF\xBF\xBDx\xEF\xBF\xBD");
    assert_written(tg_text_html, "\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"); /* overlong */
    assert_written(tg_text_html, "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void quantities_have_readable_units(void **state)
{
    char q[TG_QUANTITY_SIZE];

    (void)state;
    assert_string_equal(tg_text_bytes(q, 0), "0 B");
    assert_string_equal(tg_text_bytes(q, 1023), "1023 B");
    assert_string_equal(tg_text_bytes(q, 1 << 20), "1.0 MiB");
    assert_string_equal(tg_text_bytes(q, 1288490189), "1.2 GiB");
    assert_string_equal(tg_text_bytes(q, INT64_MAX), "8.0 EiB");
    assert_string_equal(tg_text_seconds(q, 0), "0 us");
    assert_string_equal(tg_text_seconds(q, 35e-6), "35 us");
    assert_string_equal(tg_text_seconds(q, 0.0123), "12.3 ms");
    assert_string_equal(tg_text_seconds(q, 3.44), "3.4 s");
    assert_string_equal(tg_text_seconds(q, 59.7), "1 min 0 s");
    assert_string_equal(tg_text_seconds(q, 125), "2 min 5 s");
    assert_string_equal(tg_text_seconds(q, 12000), "3 h 20 min");
    assert_string_equal(tg_text_seconds(q, NAN), "? s");
}

static void write_fixed(FILE *file, const char *number)
{
    tg_text_fixed(file, strtod(number, NULL));
}

static void numbers_have_three_decimals(void **state)
{
    (void)state;
    assert_written(write_fixed, "1.23456", "1.235");
    assert_written(write_fixed, "-0.05", "-0.050");
    assert_written(write_fixed, "-0.0001", "0.000");
}

static void a_log_keeps_events_in_order(void **state)
{
    tg_event_log log = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        tg_event_log_add(&log, &(tg_event){.task = i});
    assert_int_equal(log.count, 1000);
    assert_int_equal(log.events[999].task, 999);
    assert_int_equal(log.dropped, 0);
    tg_event_log_clear(&log);
    assert_int_equal(log.count, 0);
    assert_null(log.events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_escaped_as_each_format_asks),
        cmocka_unit_test(utf8_passes_and_other_bytes_are_replaced),
        cmocka_unit_test(quantities_have_readable_units),
        cmocka_unit_test(numbers_have_three_decimals),
        cmocka_unit_test(a_log_keeps_events_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
