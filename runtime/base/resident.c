/* SPDX-License-Identifier: BSD-3-Clause */
/* Linux' /proc, glibc's malloc. */
#include "base/resident.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

int64_t tg_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    int64_t size = 0, resident = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%" SCNd64 " %" SCNd64, &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

int64_t tg_resident_peak(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    int64_t kibibytes = 0;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %" SCNd64, &kibibytes) == 1)
            break;
    if (file)
        fclose(file);
    return 1024 * kibibytes;
}

/* Else glibc keeps blocks of up to 32 MiB once one of them was freed, wherever they lie. */
void tg_resident_save(void)
{
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    malloc_trim(0);
}
