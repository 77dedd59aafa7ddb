/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is written starts on its way to the disk: which bytes, and which errors count. The system's
 * call is a function of its name in this program, which the dynamic linker finds before the C
 * library's.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/disk.h"

#ifdef SYNC_FILE_RANGE_WRITE

/* What the system was asked for, and what it answers; of the one thread. */
static struct {
    int calls, error;
    off_t from, bytes;
    unsigned flags;
} asked;

int sync_file_range(int fd, off_t from, off_t bytes, unsigned flags)
{
    (void)fd;
    asked.calls++;
    asked.from = from;
    asked.bytes = bytes;
    asked.flags = flags;
    errno = asked.error;
    return asked.error ? -1 : 0;
}

static int ask_anew(void **state)
{
    (void)state;
    asked.calls = asked.error = 0;
    return 0;
}

static void the_bytes_written_are_asked_for(void **state)
{
    (void)state;
    assert_int_equal(tg_file_write_back("out.h5", 0, 4096, 1 << 20, 64 << 10), TG_OK);
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.from, 4096);
    assert_int_equal(asked.bytes, (1 << 20) - 4096);
    assert_int_equal(asked.flags, SYNC_FILE_RANGE_WRITE);
}

static void nothing_and_small_pieces_are_left_alone(void **state)
{
    (void)state;
    assert_int_equal(tg_file_write_back("out.h5", 0, -1, -1, 4096), TG_OK);
    assert_int_equal(tg_file_write_back("out.h5", 0, 0, 1 << 20, (64 << 10) - 1), TG_OK);
    assert_int_equal(asked.calls, 0);
}

static void a_disk_that_fails_is_said(void **state)
{
    (void)state;
    asked.error = ENOSPC;
    assert_int_equal(tg_file_write_back("out.h5", 0, 0, 64 << 10, 64 << 10), TG_EIO);
    assert_string_equal(tg_message(), "out.h5: no space left on device");
}

static void file_systems_without_the_call_do_not_fail(void **state)
{
    (void)state;
    asked.error = EINVAL;
    assert_int_equal(tg_file_write_back("out.h5", 0, 0, 64 << 10, 64 << 10), TG_OK);
    assert_int_equal(asked.calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_bytes_written_are_asked_for, ask_anew),
        cmocka_unit_test_setup(nothing_and_small_pieces_are_left_alone, ask_anew),
        cmocka_unit_test_setup(a_disk_that_fails_is_said, ask_anew),
        cmocka_unit_test_setup(file_systems_without_the_call_do_not_fail, ask_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    return 0;
}

#endif

//TEST np=1
