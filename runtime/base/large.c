/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See large.h. A mapping begins with a head, which fills a cache line:
 *
 *     multiple of the huge page    + sizeof(head)
 *     | head: mark, length         | the array ...                       | the end of a page |
 *
 * It ends where a huge page does; but one that is not to grow does not where that would be less
 * than half used.
 */
#include "base/large.h"

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"

typedef struct head {
    uint64_t mark; /* of this address */
    size_t length; /* of the mapping */
    char fill[48];
} head;

static const size_t huge = (size_t)2 << 20;

static uint64_t mark_of(const head *h)
{
    return (uint64_t)(uintptr_t)h ^ UINT64_C(0x7467756c61727261);
}

/* How long a mapping for so many bytes is; 0: too long. */
static size_t length_for(size_t size)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return size < SIZE_MAX / 2 ? tg_round_up(size + sizeof(head), page) : 0;
}

/* So many bytes of addresses that begin at a huge page; NULL: there are none. */
static head *map(size_t length)
{
    char *start = mmap(NULL, length + huge, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    const size_t before = tg_round_up((uintptr_t)start, huge) - (uintptr_t)start;

    if (start == MAP_FAILED)
        return NULL;
    if (before > 0)
        (void)munmap(start, before);
    (void)munmap(start + before + length, huge - before);
    return (head *)(void *)(start + before);
}

static void *finish(head *h, size_t length)
{
    (void)madvise(h, length, MADV_HUGEPAGE); /* of all, or the mapping is two */
    *h = (head){.mark = mark_of(h), .length = length};
    return h + 1;
}

void *tg_large_alloc(size_t size)
{
    const size_t least = length_for(size), in_huge = (least + huge / 2) & ~(huge - 1);
    const size_t length = least > in_huge ? least : in_huge;
    head *h = length ? map(length) : NULL;

    return h ? finish(h, length) : NULL;
}

/* Move the pages of a mapping in place of another. Not by the C library's mremap: UCX, with which
 * many MPI libraries are built, puts in its place one that drops the new address. */
static bool move(head *old, size_t old_length, head *h, size_t length)
{
    return syscall(SYS_mremap, old, old_length, length, MREMAP_MAYMOVE | MREMAP_FIXED, h) ==
           (long)h;
}

/* Whole huge pages, which move to where huge pages begin: others would be split. */
void *tg_large_grow(void *array, size_t size)
{
    const size_t length = tg_round_up(length_for(size), huge);
    head *old = array ? (head *)array - 1 : NULL, *h;

    if (old && length && length <= old->length)
        return array;
    h = length ? map(length) : NULL;
    if (h && old && !move(old, old->length, h, length)) {
        (void)munmap(h, length);
        h = NULL;
    }
    return h ? finish(h, length) : NULL;
}

void tg_large_free(void *array)
{
    head *h = (head *)array - 1;

    (void)munmap(h, h->length);
}

void tg_large_give_back(char *begin, char *end)
{
    const uintptr_t mask = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    const uintptr_t from = ((uintptr_t)begin + mask) & ~mask, to = (uintptr_t)end & ~mask;

    if (from < to)
        (void)madvise(begin + (from - (uintptr_t)begin), to - from, MADV_DONTNEED);
}

bool tg_large_is(const void *memory)
{
    const head *h;

    if (TG_LARGE == SIZE_MAX || (uintptr_t)memory % huge != sizeof *h)
        return false;
    h = (const head *)memory - 1; /* on the same page as what begins so */
    return h->mark == mark_of(h);
}
