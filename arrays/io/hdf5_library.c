/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Turns with the HDF5 library. The library is one object per process, whether or not it was built
 * to be safe for threads, so the lock that gives turns is one per process too: it guards the
 * library's globals, not ours.
 */
#include "io/hdf5_library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/hdf5_filter.h"

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

static pthread_once_t begun = PTHREAD_ONCE_INIT;

enum { LZF_ROOM = 2 }; /* the value that says how long a chunk is */

/** Undo LZF for the library. */
static size_t undo_lzf(unsigned flags, size_t nvalues, const unsigned *values, size_t size,
                       size_t *room, void **buffer)
{
    size_t most = nvalues > LZF_ROOM ? values[LZF_ROOM] : *room;
    void *out = flags & H5Z_FLAG_REVERSE ? H5allocate_memory(most, false) : NULL;
    size_t got = out ? tg_unlzf(*buffer, size, out, most) : 0;

    if (got) {
        H5free_memory(*buffer);
        *buffer = out;
        *room = most;
    } else {
        H5free_memory(out);
    }
    return got;
}

/** The library comes without h5py's filter; where it has a plugin, that stays. */
static void register_lzf(void)
{
    static const H5Z_class2_t lzf = {.version = H5Z_CLASS_T_VERS,
                                     .id = TG_FILTER_LZF,
                                     .decoder_present = 1,
                                     .name = "lzf",
                                     .filter = undo_lzf};

    if (H5Zfilter_avail(TG_FILTER_LZF) <= 0)
        H5Zregister(&lzf);
}

/** The library shall not clean up when the program ends: of a file that could not be closed, such
 * as on a full disk, it keeps what it has freed and would crash then, and it would complain of
 * damaged files behind our sentence. Our files are closed before. */
static void begin(void)
{
    H5dont_atexit();
    H5E_BEGIN_TRY
    {
        register_lzf();
    }
    H5E_END_TRY;
}

void tg_hdf5_enter(tg_hdf5_turn *turn)
{
    pthread_mutex_lock(&library_lock);
    pthread_once(&begun, begin);
    turn->print = NULL;
    turn->data = NULL;
    H5Eget_auto2(H5E_DEFAULT, &turn->print, &turn->data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void tg_hdf5_leave(const tg_hdf5_turn *turn)
{
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, turn->print, turn->data);
    pthread_mutex_unlock(&library_lock);
}

struct words {
    char *buffer;
    size_t size;
};

/** The system's words where the library quotes them, else its own up to the end of the line. */
static herr_t take_first(unsigned n, const H5E_error2_t *error, void *data)
{
    static const char quote[] = "error message = '";
    struct words *words = data;
    const char *from = error->desc, *quoted = from ? strstr(from, quote) : NULL;

    if (n > 0 || !from)
        return 0;
    if (quoted)
        from = quoted + strlen(quote);
    snprintf(words->buffer, words->size, "%.*s", (int)strcspn(from, quoted ? "'" : "\n"), from);
    return 0;
}

const char *tg_hdf5_words(char *buffer, size_t size)
{
    struct words words = {buffer, size};

    snprintf(buffer, size, "the HDF5 library does not say why");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &words);
    return buffer;
}

hid_t tg_hdf5_access(void)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);

#if H5_VERSION_GE(1, 10, 7)
    if (access >= 0)
        H5Pset_file_locking(access, 0, 1);
#endif
    return access;
}

tg_status tg_hdf5_open_file(const char *path, hid_t *out)
{
    tg_status status = TG_OK;
    char words[TG_HDF5_WORDS];
    hid_t access = tg_hdf5_access(), file = H5I_INVALID_HID;

    TG_HDF5_NEED(access >= 0, TG_ENOMEM, "%s cannot be opened", path);
    file = H5Fopen(path, H5F_ACC_RDONLY, access);
    TG_HDF5_NEED(file >= 0, TG_EFORMAT, "%s cannot be opened as HDF5", path);
    *out = file;
out:
    if (access >= 0)
        H5Pclose(access);
    return status;
}

/** The library's own type of a real dtype. */
static hid_t real_type(tg_dtype dtype)
{
    switch (dtype) {
    case TG_BOOL:
    case TG_INT8:
        return H5T_NATIVE_INT8;
    case TG_INT16:
        return H5T_NATIVE_INT16;
    case TG_INT32:
        return H5T_NATIVE_INT32;
    case TG_INT64:
        return H5T_NATIVE_INT64;
    case TG_UINT8:
        return H5T_NATIVE_UINT8;
    case TG_UINT16:
        return H5T_NATIVE_UINT16;
    case TG_UINT32:
        return H5T_NATIVE_UINT32;
    case TG_UINT64:
        return H5T_NATIVE_UINT64;
    case TG_FLOAT32:
        return H5T_NATIVE_FLOAT;
    default:
        return H5T_NATIVE_DOUBLE;
    }
}

/** What the parts of complex numbers are called: by h5py, by MATLAB. */
static const char *const parts[][2] = {{"r", "i"}, {"real", "imag"}};
enum { NPARTS = sizeof parts / sizeof *parts };

/** Complex numbers: a compound of the two parts. */
static hid_t complex_type(tg_dtype dtype, const char *const *name)
{
    hid_t part = dtype == TG_COMPLEX64 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    size_t size = tg_dtype_size(dtype);
    hid_t type = H5Tcreate(H5T_COMPOUND, size);

    if (type >= 0) {
        H5Tinsert(type, name[0], 0, part);
        H5Tinsert(type, name[1], size / 2, part);
    }
    return type;
}

hid_t tg_hdf5_memory_type(tg_dtype dtype)
{
    if (dtype == TG_COMPLEX64 || dtype == TG_COMPLEX128)
        return complex_type(dtype, parts[0]);
    return H5Tcopy(real_type(dtype));
}

hid_t tg_hdf5_file_type(tg_dtype dtype)
{
    static const struct {
        const char *name;
        int8_t value;
    } members[] = {{"FALSE", 0}, {"TRUE", 1}};
    hid_t type;

    if (dtype != TG_BOOL)
        return tg_hdf5_memory_type(dtype);
    type = H5Tenum_create(H5T_NATIVE_INT8);
    for (int i = 0; type >= 0 && i < 2; i++)
        H5Tenum_insert(type, members[i].name, &members[i].value);
    return type;
}

/** Is it h5py's bool: one byte, FALSE = 0 and TRUE = 1? */
static bool is_bool(hid_t type)
{
    bool found = H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2;

    for (unsigned i = 0; found && i < 2; i++) {
        char *name = H5Tget_member_name(type, i);
        int8_t value = -1;

        found = name && H5Tget_member_value(type, i, &value) >= 0 && (value == 0 || value == 1) &&
                strcmp(name, value ? "TRUE" : "FALSE") == 0;
        H5free_memory(name);
    }
    return found;
}

/** Whether a type is that of `memory`, or the same in the other byte order. */
static void compare(hid_t type, hid_t memory, tg_hdf5_type *found)
{
    hid_t other = H5Tcopy(memory);
    H5T_order_t order = H5Tget_order(memory) == H5T_ORDER_LE ? H5T_ORDER_BE : H5T_ORDER_LE;

    found->stored.swapped = H5Tset_order(other, order) >= 0 && H5Tequal(type, other) > 0;
    found->direct = found->stored.swapped || H5Tequal(type, memory) > 0;
    H5Tclose(other);
}

static tg_hdf5_type integer_type(hid_t type)
{
    static const tg_dtype dtypes[2][4] = {{TG_UINT8, TG_UINT16, TG_UINT32, TG_UINT64},
                                          {TG_INT8, TG_INT16, TG_INT32, TG_INT64}};
    size_t size = H5Tget_size(type);
    int width = size <= 1 ? 0 : size <= 2 ? 1 : size <= 4 ? 2 : 3;
    tg_hdf5_type found = {.known = size >= 1 && size <= 8, .content = "integers of over 8 bytes"};

    found.dtype = dtypes[H5Tget_sign(type) == H5T_SGN_2][width];
    found.stored = tg_element_of(found.dtype);
    compare(type, real_type(found.dtype), &found);
    return found;
}

/** Bits of 1, 2, 4 or 8 bytes, as unsigned integers; the library converts them to bits only. */
static tg_hdf5_type bits_type(hid_t type)
{
    static const tg_dtype dtypes[] = {TG_UINT8, TG_UINT16, TG_UINT32, TG_UINT64};
    const hid_t memory[] = {H5T_NATIVE_B8, H5T_NATIVE_B16, H5T_NATIVE_B32, H5T_NATIVE_B64};
    size_t size = H5Tget_size(type);
    tg_hdf5_type found = {.content = "bit fields of an odd size"};

    for (int i = 0; i < 4; i++)
        if (size == (size_t)1 << i) {
            found = (tg_hdf5_type){
                .known = true, .dtype = dtypes[i], .stored = tg_element_of(dtypes[i])};
            compare(type, memory[i], &found);
        }
    return found;
}

hid_t tg_hdf5_reading_type(hid_t type, tg_dtype dtype)
{
    if (H5Tget_class(type) == H5T_COMPOUND)
        return complex_type(dtype, parts[H5Tget_member_index(type, parts[1][0]) >= 0]);
    if (H5Tget_class(type) != H5T_BITFIELD)
        return tg_hdf5_memory_type(dtype);
    return H5Tcopy(dtype == TG_UINT8    ? H5T_NATIVE_B8
                   : dtype == TG_UINT16 ? H5T_NATIVE_B16
                   : dtype == TG_UINT32 ? H5T_NATIVE_B32
                                        : H5T_NATIVE_B64);
}

/** IEEE 754 binary16, which this library has no name for. */
static hid_t half_type(void)
{
    hid_t type = H5Tcopy(H5T_IEEE_F32LE);

    H5Tset_fields(type, 15, 10, 5, 0, 10);
    H5Tset_size(type, 2);
    H5Tset_ebias(type, 15);
    return type;
}

static tg_hdf5_type float_type(hid_t type)
{
    size_t size = H5Tget_size(type);
    tg_hdf5_type found = {.known = true}; /* longer ones (long double) are rounded to float64 */

    hid_t memory;

    found.dtype = size <= 4 ? TG_FLOAT32 : TG_FLOAT64;
    memory = size == 2 ? half_type() : H5Tcopy(real_type(found.dtype));
    tg_element_parse(size == 2 ? "float16" : tg_dtype_name(found.dtype), &found.stored);
    compare(type, memory, &found);
    H5Tclose(memory);
    return found;
}

static tg_hdf5_type enum_type(hid_t type)
{
    hid_t base = H5Tget_super(type);
    tg_hdf5_type found = integer_type(base);

    if (is_bool(type)) {
        found.dtype = TG_BOOL;
        found.stored.dtype = TG_BOOL;
    }
    H5Tclose(base);
    return found;
}

/** Whether member i of a compound has that name; what its floats are read as. */
static bool is_part(hid_t type, unsigned i, const char *wanted, tg_hdf5_type *out)
{
    char *name = H5Tget_member_name(type, i);
    bool found = name && strcmp(name, wanted) == 0 && H5Tget_member_class(type, i) == H5T_FLOAT;
    hid_t part = found ? H5Tget_member_type(type, i) : -1;

    H5free_memory(name);
    if (part < 0)
        return false;
    *out = float_type(part);
    H5Tclose(part);
    return out->known;
}

/** Complex numbers, as h5py and MATLAB write them. */
static tg_hdf5_type compound_type(hid_t type)
{
    tg_hdf5_type re = {0}, im = {0}, found = {.content = "compounds (records)"};
    hid_t memory;

    for (int i = 0; i < NPARTS && !found.known; i++)
        found.known = H5Tget_nmembers(type) == 2 && is_part(type, 0, parts[i][0], &re) &&
                      is_part(type, 1, parts[i][1], &im) && re.dtype == im.dtype;
    if (!found.known)
        return found;
    found.dtype = re.dtype == TG_FLOAT32 ? TG_COMPLEX64 : TG_COMPLEX128;
    found.stored = tg_element_of(found.dtype);
    memory = tg_hdf5_reading_type(type, found.dtype);
    compare(type, memory, &found);
    H5Tclose(memory);
    return found;
}

tg_hdf5_type tg_hdf5_type_of(hid_t type)
{
    static const char *const contents[] = {
        [H5T_TIME] = "times",
        [H5T_STRING] = "strings",
        [H5T_OPAQUE] = "opaque bytes",
        [H5T_REFERENCE] = "references",
        [H5T_VLEN] = "lists of varying length",
        [H5T_ARRAY] = "arrays",
    };
    H5T_class_t class = H5Tget_class(type);

    if (class == H5T_INTEGER)
        return integer_type(type);
    if (class == H5T_FLOAT)
        return float_type(type);
    if (class == H5T_BITFIELD)
        return bits_type(type);
    if (class == H5T_ENUM)
        return enum_type(type);
    if (class == H5T_COMPOUND)
        return compound_type(type);
    if (class > 0 && class < (H5T_class_t)(sizeof contents / sizeof *contents) && contents[class])
        return (tg_hdf5_type){.content = contents[class]};
    return (tg_hdf5_type){.content = "elements of an unknown type"};
}
