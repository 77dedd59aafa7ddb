/* SPDX-License-Identifier: BSD-3-Clause */
/* The dynamic loader's list of objects (dl_iterate_phdr) and the GNU build-id note of each. */
#include "base/object.h"

#include <errno.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* The GNU build-id in a PT_NOTE segment; NULL when there is none. */
static const void *build_id(const unsigned char *note, size_t size, size_t *length)
{
    size_t at = 0;

    while (at + sizeof(ElfW(Nhdr)) <= size) {
        ElfW(Nhdr) head;
        size_t name, desc;

        memcpy(&head, note + at, sizeof head);
        name = at + sizeof head;
        desc = name + tg_round_up(head.n_namesz, 4);
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 &&
            memcmp(note + name, "GNU", 4) == 0) {
            *length = head.n_descsz;
            return note + desc;
        }
        at = desc + tg_round_up(head.n_descsz, 4);
    }
    return NULL;
}

/** The first segment of code, which stands for an object without a build id. */
static tg_key key_of_code(const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) && !(segment->p_flags & PF_W))
            return tg_key_of((const void *)(uintptr_t)(info->dlpi_addr + segment->p_vaddr),
                             segment->p_filesz);
    }
    return (tg_key){0};
}

static void identify(const struct dl_phdr_info *info, tg_object *object)
{
    const void *id = NULL;
    size_t length = 0;

    object->begin = UINT64_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uint64_t begin = info->dlpi_addr + segment->p_vaddr;

        if (segment->p_type == PT_NOTE && !id)
            id = build_id((const unsigned char *)(uintptr_t)begin, segment->p_memsz, &length);
        if (segment->p_type != PT_LOAD)
            continue;
        if (begin < object->begin)
            object->begin = begin;
        if (begin + segment->p_memsz > object->end)
            object->end = begin + segment->p_memsz;
    }
    object->build = id ? tg_key_of(id, length) : key_of_code(info);
}

static int add_object(struct dl_phdr_info *info, size_t size, void *data)
{
    tg_objects *objects = data;
    tg_object *object;

    (void)size;
    if (tg_grow(&objects->object, &objects->capacity, objects->count + 1, sizeof *object))
        return 1;
    object = &objects->object[objects->count];
    memset(object, 0, sizeof *object);
    identify(info, object);
    if (object->end == 0)
        return 0;
    if (info->dlpi_name && *info->dlpi_name)
        snprintf(object->path, sizeof object->path, "%s", info->dlpi_name);
    else if (objects->count > 0 ||
             readlink("/proc/self/exe", object->path, sizeof object->path - 1) < 0)
        snprintf(object->path, sizeof object->path, "the program");
    objects->count++;
    return 0;
}

/* Where ranks are simulated in one process, each has loaded a copy of the program: of files of the
 * build that this code is in, keep the one that it is in. */
static void forget_copies(tg_objects *objects)
{
    const uint64_t here = (uintptr_t)&forget_copies;
    int64_t count = 0;
    tg_key build = {0};

    for (int64_t i = 0; i < objects->count; i++)
        if (here >= objects->object[i].begin && here < objects->object[i].end)
            build = objects->object[i].build;
    for (int64_t i = 0; i < objects->count; i++)
        if (!tg_key_equal(objects->object[i].build, build) ||
            (here >= objects->object[i].begin && here < objects->object[i].end))
            objects->object[count++] = objects->object[i];
    objects->count = count;
}

tg_status tg_objects_find(tg_objects *out)
{
    tg_objects objects = {0};

    if (dl_iterate_phdr(add_object, &objects)) {
        tg_objects_clear(&objects);
        return TG_ENOMEM;
    }
    forget_copies(&objects);
    *out = objects;
    return TG_OK;
}

void tg_objects_clear(tg_objects *objects)
{
    tg_free(objects->object);
    *objects = (tg_objects){0};
}

tg_status tg_objects_match(const tg_objects *here, const tg_objects *theirs, tg_objects *out)
{
    tg_objects found = {.count = theirs->count, .capacity = theirs->count};

    found.object = tg_alloc_array(theirs->count, sizeof *found.object);
    if (!found.object)
        return tg_fail(TG_ENOMEM, "out of memory: %" PRId64 " loaded files", theirs->count);
    for (int64_t i = 0; i < theirs->count; i++) {
        found.object[i] = theirs->object[i];
        found.object[i].begin = found.object[i].end = 0;
        for (int64_t j = 0; j < here->count; j++)
            if (tg_key_equal(here->object[j].build, theirs->object[i].build))
                found.object[i] = here->object[j];
    }
    *out = found;
    return TG_OK;
}

tg_status tg_objects_refer(const tg_objects *objects, const void *address, tg_reference *out)
{
    const uint64_t where = (uintptr_t)address;

    for (int64_t i = 0; i < objects->count; i++)
        if (where >= objects->object[i].begin && where < objects->object[i].end) {
            *out = (tg_reference){(uint64_t)i, where - objects->object[i].begin};
            return TG_OK;
        }
    return tg_fail(TG_EARG,
                   "address %p is in no loaded file: a task's function and static tables "
                   "must be of the program or of a library it has loaded at its start",
                   address);
}

const void *tg_objects_resolve(const tg_objects *objects, tg_reference reference)
{
    const tg_object *object;

    if (reference.object >= (uint64_t)objects->count)
        return NULL;
    object = &objects->object[reference.object];
    if (reference.offset >= object->end - object->begin)
        return NULL;
    return (const void *)(uintptr_t)(object->begin + reference.offset);
}
