/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress, written to memory, with time as the test says it is. */
#include "slurp.h"

#include "observe/progress.h"

typedef struct screen {
    tg_progress progress;
    char *text;
    size_t size;
} screen;

static int open_screen(void **state)
{
    screen *s = calloc(1, sizeof *s);

    if (!s)
        return -1;
    s->progress.file = open_memstream(&s->text, &s->size);
    *state = s;
    return s->progress.file ? 0 : -1;
}

static int close_screen(void **state)
{
    screen *s = *state;

    fclose(s->progress.file);
    free(s->text);
    free(s);
    return 0;
}

static const char *shown(screen *s)
{
    fflush(s->progress.file);
    return s->text;
}

static void a_bar_shows_tasks_bytes_and_time_left(void **state)
{
    screen *s = *state;

    s->progress.mode = TG_PROGRESS_BAR;
    tg_progress_begin(&s->progress, 1024, 1000);
    tg_progress_update(&s->progress, 512, 1288490189, 1003.4);
    assert_string_equal(shown(s),
                        "\r[##############--------------] 512/1024 tasks 50 % 1.2 GiB read "
                        "3.4 s eta 3.4 s\033[K");
    tg_progress_update(&s->progress, 1024, 2 * INT64_C(1288490189), 1006.8);
    tg_progress_end(&s->progress);
    assert_contains(shown(s), "] 1024/1024 tasks 100 % 2.4 GiB read 6.8 s\033[K\n");
}

static void a_bar_is_redrawn_ten_times_a_second_at_most(void **state)
{
    screen *s = *state;
    int bars = 0;

    s->progress.mode = TG_PROGRESS_BAR;
    tg_progress_begin(&s->progress, 100000, 0);
    for (int i = 0; i < 100000; i++)
        tg_progress_update(&s->progress, i, 0, i * 1e-5);
    for (const char *c = shown(s); *c; c++)
        bars += *c == '\r';
    assert_in_range(bars, 8, 10);
}

static void a_bar_of_a_short_run_is_not_shown(void **state)
{
    screen *s = *state;

    s->progress.mode = TG_PROGRESS_BAR;
    tg_progress_begin(&s->progress, 10, 5);
    tg_progress_update(&s->progress, 10, 0, 5.05);
    tg_progress_end(&s->progress);
    assert_string_equal(shown(s), "");
}

static void a_log_has_a_line_each_interval_and_one_at_the_end(void **state)
{
    screen *s = *state;

    s->progress.mode = TG_PROGRESS_LOG;
    tg_progress_begin(&s->progress, 1024, 50);
    for (int second = 1; second <= 25; second++)
        tg_progress_update(&s->progress, 40 * second, 0, 50 + second);
    tg_progress_update(&s->progress, 1024, 1 << 20, 76);
    tg_progress_end(&s->progress);
    assert_string_equal(shown(s), "tegula: 400 of 1024 tasks, 39 %, 10 s, about 16 s left\n"
                                  "tegula: 800 of 1024 tasks, 78 %, 20 s, about 5.6 s left\n"
                                  "tegula: 1024 of 1024 tasks, 100 %, 1.0 MiB read, 26 s\n");
}

static void a_log_of_a_short_run_is_silent(void **state)
{
    screen *s = *state;

    tg_progress_begin(&s->progress, 10, 0); /* auto: a log, as this is no terminal */
    assert_int_equal(s->progress.shown, TG_PROGRESS_LOG);
    tg_progress_update(&s->progress, 10, 0, 9.5);
    tg_progress_end(&s->progress);
    assert_string_equal(shown(s), "");
}

static void nothing_is_shown_where_nothing_is_wanted(void **state)
{
    screen *s = *state;

    s->progress.mode = TG_PROGRESS_NONE;
    tg_progress_begin(&s->progress, 10, 0);
    tg_progress_update(&s->progress, 5, 5, 100);
    tg_progress_end(&s->progress);
    assert_string_equal(shown(s), "");
}

static void a_run_of_no_tasks_is_all_done(void **state)
{
    screen *s = *state;

    s->progress.mode = TG_PROGRESS_BAR;
    tg_progress_begin(&s->progress, 0, 0);
    tg_progress_update(&s->progress, 0, 0, 1);
    tg_progress_end(&s->progress);
    assert_contains(shown(s), "0/0 tasks 100 % 1.0 s");
}

static void words_of_the_option_are_known(void **state)
{
    tg_progress_mode mode = TG_PROGRESS_AUTO;

    (void)state;
    assert_int_equal(tg_progress_parse("log", &mode), TG_OK);
    assert_int_equal(mode, TG_PROGRESS_LOG);
    assert_int_equal(tg_progress_parse("loud", &mode), TG_EUSAGE);
    assert_non_null(strstr(tg_message(), "not as 'loud'"));
}

#define SCREEN_TEST(name) cmocka_unit_test_setup_teardown(name, open_screen, close_screen)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCREEN_TEST(a_bar_shows_tasks_bytes_and_time_left),
        SCREEN_TEST(a_bar_is_redrawn_ten_times_a_second_at_most),
        SCREEN_TEST(a_bar_of_a_short_run_is_not_shown),
        SCREEN_TEST(a_log_has_a_line_each_interval_and_one_at_the_end),
        SCREEN_TEST(a_log_of_a_short_run_is_silent),
        SCREEN_TEST(nothing_is_shown_where_nothing_is_wanted),
        SCREEN_TEST(a_run_of_no_tasks_is_all_done),
        cmocka_unit_test(words_of_the_option_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

//TEST
