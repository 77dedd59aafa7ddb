/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Escaping and quantities.
 *
 * Names come from users (paths, labels), so any byte may be in them; the files we write are UTF-8
 * and stay so. UTF-8 is checked by the table of well-formed sequences (Unicode 15, table 3-7).
 */
#include "observe/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Bytes of the well-formed sequence that `s` begins with, 0 if it begins with none. */
static int sequence_length(const unsigned char *s)
{
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    int length = s[0] < 0x80 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;

    if ((s[0] >= 0x80 && s[0] < 0xC2) || s[0] > 0xF4)
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    for (int i = 1; i < length; i++) {
        if (s[i] < low || s[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

/* Write `text`; `special` writes a character below 128 its own way and says whether it did. */
static void escape(FILE *file, const char *text, bool (*special)(FILE *file, char character))
{
    while (*text) {
        int length = sequence_length((const unsigned char *)text);

        if (length == 0)
            fputs(replacement, file);
        else if (length > 1 || !special(file, *text))
            fwrite(text, 1, (size_t)length, file);
        text += length > 0 ? length : 1;
    }
}

static bool is_control(char character)
{
    return (unsigned char)character < 0x20 || character == 0x7F;
}

static bool special_in_json(FILE *file, char character)
{
    if (character == '"' || character == '\\')
        fprintf(file, "\\%c", character);
    else if (is_control(character))
        fprintf(file, "\\u%04x", (unsigned)character);
    else
        return false;
    return true;
}

static bool special_in_html(FILE *file, char character)
{
    if (strchr("&<>\"'", character))
        fprintf(file, "&#%d;", character);
    else if (character != '\n' && is_control(character))
        fputs(replacement, file);
    else
        return false;
    return true;
}

static bool special_in_dot(FILE *file, char character)
{
    if (character == '"' || character == '\\')
        fprintf(file, "\\%c", character);
    else if (character == '\n')
        fputs("\\n", file);
    else if (is_control(character))
        fputs(replacement, file);
    else
        return false;
    return true;
}

void tg_text_json(FILE *file, const char *text)
{
    fputc('"', file);
    escape(file, text, special_in_json);
    fputc('"', file);
}

void tg_text_html(FILE *file, const char *text)
{
    escape(file, text, special_in_html);
}

void tg_text_dot(FILE *file, const char *text)
{
    fputc('"', file);
    escape(file, text, special_in_dot);
    fputc('"', file);
}

const char *tg_text_bytes(char out[TG_QUANTITY_SIZE], int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024) {
        snprintf(out, TG_QUANTITY_SIZE, "%" PRId64 " B", bytes);
        return out;
    }
    for (; value >= 1023.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1024;
    snprintf(out, TG_QUANTITY_SIZE, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return out;
}

const char *tg_text_seconds(char out[TG_QUANTITY_SIZE], double seconds)
{
    int64_t whole = seconds < 1e15 ? (int64_t)(seconds + 0.5) : 0;

    if (!(seconds >= 0 && seconds < 1e15))
        snprintf(out, TG_QUANTITY_SIZE, "? s");
    else if (seconds < 0.9995e-3)
        snprintf(out, TG_QUANTITY_SIZE, "%.0f us", 1e6 * seconds);
    else if (seconds < 0.0995)
        snprintf(out, TG_QUANTITY_SIZE, "%.1f ms", 1e3 * seconds);
    else if (seconds < 9.95)
        snprintf(out, TG_QUANTITY_SIZE, "%.1f s", seconds);
    else if (whole < 60)
        snprintf(out, TG_QUANTITY_SIZE, "%" PRId64 " s", whole);
    else if (whole < 3600)
        snprintf(out, TG_QUANTITY_SIZE, "%" PRId64 " min %" PRId64 " s", whole / 60, whole % 60);
    else
        snprintf(out, TG_QUANTITY_SIZE, "%" PRId64 " h %" PRId64 " min", whole / 3600,
                 whole / 60 % 60);
    return out;
}

void tg_text_fixed(FILE *file, double number)
{
    double magnitude = fabs(number) < 1e15 ? fabs(number) : 0;
    int64_t thousandths = (int64_t)(1000 * magnitude + 0.5);

    fprintf(file, "%s%" PRId64 ".%03d", number < 0 && thousandths > 0 ? "-" : "",
            thousandths / 1000, (int)(thousandths % 1000));
}
