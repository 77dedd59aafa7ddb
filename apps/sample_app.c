/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sample runs: a head-like phantom in time, and maps of its true mean, standard deviation and tSNR.
 *
 *   value of a voxel at a time = baseline(voxel) + noise(seed, run, voxel, time)
 *
 * The phantom is a list of ellipsoids, painted one over the other in integer arithmetic. The noise
 * is the sum of four uniform integers on [0, 2^bits), less its mean, all cut from one 64-bit hash
 * of (seed, run, index of the element). Its mean is exactly 0 and its variance exactly
 * sum((4^bits - 1) / 12); no floating-point number and no libm takes part, so the bits are the same
 * on every machine and however the work is divided.
 *
 * Slabs of some MiB are made by delayed tasks, joined to one lazy array and stored.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tegula/outputs.h>
#include <tegula/tegula.h>
#include <unistd.h>

enum { MAX_RUNS = 8, SLAB_BYTES = 4 << 20 };

/* A set of runs: their common space and their lengths in time. */
struct set {
    const char *name;
    int64_t space[3]; /* [x, y, z] */
    int nruns;
    int64_t volumes[MAX_RUNS];
};

static const struct set sets[] = {
    {"lesson", {64, 64, 30}, 5, {184, 238, 76, 173, 88}},
    {"hcp", {104, 90, 72}, 4, {1200, 1200, 1200, 1200}},
    {"small", {16, 16, 8}, 3, {12, 20, 8}},
};
enum { NSETS = sizeof sets / sizeof *sets };

struct options {
    const struct set *like;
    const char *format; /* ending of the runs */
    tg_store_options store;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options = {.like = &sets[0], .format = "h5"};

/* Lengths in 1/1024 of half the field of view, from its centre. */
struct ellipsoid {
    int centre[3], radius[3];
    int baseline; /* value at its centre */
    int bits[4];  /* of the four uniform integers of the noise; all 0: constant */
    int slope;    /* baseline grows by 1/slope along each axis; 0: flat */
};

static const struct ellipsoid phantom[] = {
    {{0, 0, 0}, {880, 970, 930}, 420, {4, 4, 4, 4}, 0},        /* scalp */
    {{0, 0, 0}, {820, 900, 860}, 130, {3, 3, 2, 2}, 0},        /* skull */
    {{0, 0, 0}, {770, 850, 800}, 1000, {5, 5, 5, 5}, 6},       /* grey matter */
    {{0, -30, 0}, {600, 680, 630}, 850, {4, 4, 5, 5}, 8},      /* white matter */
    {{-190, 60, 100}, {120, 330, 190}, 1350, {6, 6, 6, 6}, 0}, /* left ventricle */
    {{190, 60, 100}, {120, 330, 190}, 1350, {6, 6, 5, 5}, 0},  /* right ventricle */
    {{0, -420, -330}, {260, 200, 210}, 930, {5, 5, 6, 6}, 0},  /* cerebellum */
    {{-420, 0, -140}, {170, 150, 170}, 700, {0, 0, 0, 0}, 0},  /* a plug that does not vary */
};
enum { NPARTS = sizeof phantom / sizeof *phantom };

/* What a voxel is: value = baseline + noise of phantom[part], constant 0 for part -1. */
struct voxel {
    int16_t baseline;
    int16_t part;
};

/* Where index i of n lies, in 1/1024 of half the field of view. */
static int64_t position(int64_t i, int64_t n)
{
    return (2 * i + 1 - n) * 1024 / n;
}

static struct voxel paint(const int64_t space[3], const int64_t at[3])
{
    struct voxel voxel = {0, -1};

    for (int p = 0; p < NPARTS; p++) {
        const struct ellipsoid *part = &phantom[p];
        int64_t distance = 0, along = 0;

        for (int d = 0; d < 3; d++) {
            int64_t there = position(at[d], space[d]);
            int64_t offset = (there - part->centre[d]) * 1024 / part->radius[d];
            distance += offset * offset;
            along += there;
        }
        if (distance > 1024 * 1024)
            continue;
        voxel.part = (int16_t)p;
        voxel.baseline = (int16_t)(part->baseline +
                                   (part->slope ? part->baseline * along / 3072 / part->slope : 0));
    }
    return voxel;
}

/* Variance of the noise times 12: the sum of 4^bits - 1. */
static int variance_times_12(const struct ellipsoid *part)
{
    int sum = 0;

    for (int i = 0; i < 4; i++)
        sum += (1 << 2 * part->bits[i]) - 1;
    return sum;
}

/* The last steps of MurmurHash3 (Appleby, public domain) with constants of Stafford's mix 13. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* One element's noise: four fields of the hash, less half the sum of their largest values. */
static int noise(const struct ellipsoid *part, uint64_t stream, uint64_t index)
{
    uint64_t hash = mix(stream + index * UINT64_C(0x9e3779b97f4a7c15));
    int sum = 0, largest = 0;

    for (int i = 0; i < 4; i++) {
        int mask = (1 << part->bits[i]) - 1;
        sum += (int)(hash >> 16 * i) & mask;
        largest += mask;
    }
    return sum - largest / 2; /* `largest` is even: four odd numbers, or zeros */
}

/* Parameters of the task that makes it: no padding, so that equal slabs have equal bytes. */
struct slab {
    uint64_t stream;           /* hash of seed and run */
    int64_t space[3], volumes; /* of the whole run */
    int64_t x, nx, t, nt;      /* the part: all of y and z */
    int64_t stride[4];         /* in memory, in elements: x, y, z, time */
};

/* A voxel in time. */
static void fill_series(const struct slab *slab, const int64_t at[3], int16_t *out)
{
    struct voxel voxel = paint(slab->space, at);
    int64_t index = (at[0] * slab->space[1] + at[1]) * slab->space[2] + at[2];
    uint64_t first = (uint64_t)(index * slab->volumes + slab->t);

    for (int64_t t = 0; t < slab->nt; t++) {
        int value = voxel.baseline;
        if (voxel.part >= 0)
            value += noise(&phantom[voxel.part], slab->stream, first + (uint64_t)t);
        out[t * slab->stride[3]] = (int16_t)value;
    }
}

static tg_status make_slab(tg_task *task)
{
    const struct slab *slab = tg_task_params(task, NULL);
    int64_t elements = slab->nx * slab->space[1] * slab->space[2] * slab->nt;
    int16_t *out = tg_task_output(task, (size_t)elements * sizeof *out);
    const int64_t *stride = slab->stride;

    if (!out)
        return TG_ENOMEM;
    for (int64_t x = 0; x < slab->nx; x++)
        for (int64_t y = 0; y < slab->space[1]; y++)
            for (int64_t z = 0; z < slab->space[2]; z++)
                fill_series(slab, (int64_t[]){slab->x + x, y, z},
                            out + x * stride[0] + y * stride[1] + z * stride[2]);
    return TG_OK;
}

/*
 * The slab as an array whose axes follow its memory: [x, y, z, time], or for NIfTI, the other way
 * round, [time, z, y, x].
 */
static tg_array *slab_array(tg_ctx *ctx, struct slab *slab, bool reversed)
{
    int64_t extent[4] = {slab->nx, slab->space[1], slab->space[2], slab->nt};
    int64_t shape[4], elements = 1;

    for (int i = 3; i >= 0; i--) { /* from the axis that is dense in memory outwards */
        int axis = reversed ? 3 - i : i;
        shape[i] = extent[axis];
        slab->stride[axis] = elements;
        elements *= extent[axis];
    }
    tg_task_spec spec = {
        .function = make_slab,
        .name = "slab",
        .params = slab,
        .params_size = sizeof *slab,
        .output_bytes = (size_t)elements * sizeof(int16_t),
        .seconds = (double)elements * 3e-9,
    };
    return tg_array_from_delayed(ctx, tg_delay_spec(ctx, &spec, NULL, 0), TG_INT16, 4, shape);
}

/* Run number `run` (from 0) as [x, y, z, time], in slabs along the first axis of its file. */
static tg_status make_run(tg_ctx *ctx, int run, tg_array **out)
{
    tg_status status = TG_OK;
    const int64_t *space = options.like->space;
    int64_t volumes = options.like->volumes[run];
    bool reversed = strncmp(options.format, "nii", 3) == 0;
    int64_t length = reversed ? volumes : space[0];
    int64_t row = space[0] * space[1] * space[2] * volumes / length * (int64_t)sizeof(int16_t);
    int64_t rows = SLAB_BYTES > row ? SLAB_BYTES / row : 1;
    int n = 0;
    tg_array **slabs = tg_ctx_alloc(ctx, (size_t)(length / rows + 1) * sizeof(tg_array *));

    TG_NEED(slabs, TG_ENOMEM, "list of slabs");
    for (int64_t start = 0; start < length; start += rows) {
        int64_t count = length - start < rows ? length - start : rows;
        struct slab slab = {
            .stream = mix(tg_seed(ctx) + mix((uint64_t)run + 1)),
            .space = {space[0], space[1], space[2]},
            .volumes = volumes,
            .x = reversed ? 0 : start,
            .nx = reversed ? space[0] : count,
            .t = reversed ? start : 0,
            .nt = reversed ? count : volumes,
        };
        slabs[n++] = slab_array(ctx, &slab, reversed);
    }
    *out = tg_concatenate(slabs, n, 0);
    if (reversed)
        *out = tg_transpose(*out, NULL);
    status = tg_array_status(*out);
out:
    return status;
}

/* What a scanner's file would say, under the names that tg_open reads: 3x3x4 mm, 2 s. */
static const double affine[16] = {-3, 0, 0, 94.5, 0, 3, 0, -94.5, 0, 0, 4, -58, 0, 0, 0, 1};
static const double spacing[4] = {3, 3, 4, 2};
static const double aligned[1] = {2}; /* sform_code: aligned to another image's space */
static const tg_attribute facts[] = {
    {.name = "affine", .numbers = affine, .count = 16},
    {.name = "spacing", .numbers = spacing, .count = 4},
    {.name = "sform_code", .numbers = aligned, .count = 1},
    {.name = "xyz_units", .text = "mm"},
    {.name = "time_units", .text = "s"},
};

static tg_status store_run(tg_ctx *ctx, int run, const char *folder, int64_t *sum)
{
    tg_status status = TG_OK;
    tg_array *data = NULL;
    int64_t run_sum = 0;
    tg_store_options how = options.store;
    bool single = strcmp(options.format, "h5") != 0 && strcmp(options.format, "zarr") != 0;
    const char *path = tg_ctx_text(ctx, "%s/run-%d.%s", folder, run + 1, options.format);

    TG_NEED(path, TG_ENOMEM, "name of run %d", run + 1);
    how.attributes = facts;
    how.nattributes = sizeof facts / sizeof *facts;
    TG_TRY(make_run(ctx, run, &data));
    tg_output outputs[] = {
        {.array = data, .path = path, .dataset = single ? NULL : "/bold", .options = &how},
        {.array = tg_sum(data, TG_ALL_AXES), .memory = &run_sum, .memory_size = sizeof run_sum},
    };
    TG_TRY(tg_store_all(ctx, outputs, 2));
    printf("%s  (%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ") int16\n", path,
           tg_shape(data)[0], tg_shape(data)[1], tg_shape(data)[2], tg_shape(data)[3]);
    fflush(stdout);
    *sum += run_sum;
out:
    return status;
}

/* The true maps, [voxels] each. */
struct truth {
    double *mean, *std, *tsnr;
    bool *mask; /* where the phantom is */
};

static void fill_truth(const struct set *set, struct truth *truth)
{
    int64_t voxels = set->space[0] * set->space[1] * set->space[2];

    for (int64_t v = 0; v < voxels; v++) {
        int64_t z = v % set->space[2];
        int64_t y = v / set->space[2] % set->space[1];
        int64_t x = v / set->space[2] / set->space[1];
        struct voxel voxel = paint(set->space, (int64_t[]){x, y, z});
        double variance = voxel.part < 0 ? 0 : variance_times_12(&phantom[voxel.part]) / 12.0;

        truth->mask[v] = voxel.part >= 0;
        truth->mean[v] = voxel.baseline;
        truth->std[v] = sqrt(variance); /* IEEE 754: correctly rounded, the same everywhere */
        truth->tsnr[v] = variance > 0 ? truth->mean[v] / truth->std[v] : 0;
    }
}

static tg_status store_truth(tg_ctx *ctx, const char *folder)
{
    tg_status status = TG_OK;
    const struct set *set = options.like;
    size_t voxels = (size_t)(set->space[0] * set->space[1] * set->space[2]);
    const char *path = tg_ctx_text(ctx, "%s/truth.h5", folder);
    struct truth truth = {
        .mean = tg_ctx_alloc(ctx, voxels * sizeof(double)),
        .std = tg_ctx_alloc(ctx, voxels * sizeof(double)),
        .tsnr = tg_ctx_alloc(ctx, voxels * sizeof(double)),
        .mask = tg_ctx_alloc(ctx, voxels * sizeof(bool)),
    };

    TG_NEED(path && truth.mean && truth.std && truth.tsnr && truth.mask, TG_ENOMEM,
            "true maps of %zu voxels", voxels);
    fill_truth(set, &truth);
    tg_array *mask = tg_from_memory(ctx, truth.mask, TG_BOOL, 3, set->space);
    tg_output outputs[] = {
        {.array = tg_from_memory(ctx, truth.tsnr, TG_FLOAT64, 3, set->space), .dataset = "/tsnr"},
        {.array = tg_from_memory(ctx, truth.mean, TG_FLOAT64, 3, set->space), .dataset = "/mean"},
        {.array = tg_from_memory(ctx, truth.std, TG_FLOAT64, 3, set->space), .dataset = "/std"},
        {.array = tg_astype(mask, TG_UINT8), .dataset = "/mask"},
    };
    for (int i = 0; i < 4; i++)
        outputs[i].path = path;
    TG_TRY(tg_store_all(ctx, outputs, 4));
    printf("%s  /tsnr, /mean, /std, /mask\n", path);
out:
    return status;
}

static tg_status sample(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    int64_t sum = 0;
    bool made = false; /* the folder was not there */

    TG_NEED(argc == 2, TG_EUSAGE, "%s: sample_app [OPTION...] DIR (--help tells more)",
            argc < 2 ? "no folder for the runs" : "more than one folder");
    made = !mkdir(argv[1], 0777);
    TG_NEED(made || errno == EEXIST, TG_EIO, "%s: cannot make this folder: %s", argv[1],
            strerror(errno));
    for (int run = 0; run < options.like->nruns; run++)
        TG_TRY(store_run(ctx, run, argv[1], &sum));
    TG_TRY(store_truth(ctx, argv[1]));
    printf("sum of all values %" PRId64 "\n", sum);
out:
    if (status != TG_OK && made)
        rmdir(argv[1]); /* stays if something is in it by now */
    return status;
}

enum { KEY_LIKE = 0x100, KEY_FORMAT, KEY_CHUNKS };

static const struct argp_option option_table[] = {
    {"like", KEY_LIKE, "lesson|hcp|small", 0,
     "Which runs: lesson (the default), five of 64x64x30 x 184, 238, 76, 173, 88; hcp, four of "
     "104x90x72 x 1200; small, three of 16x16x8 x 12, 20, 8",
     0},
    {"format", KEY_FORMAT, "h5|zarr|nii|nii.gz|npy", 0,
     "Format of the runs (h5; there and in zarr dataset /bold)", 0},
    {"chunks", KEY_CHUNKS, "SPEC", 0, "The same as --out-chunks", 0},
    {0},
};

static error_t parse_like(struct argp_state *state, const char *name)
{
    for (int i = 0; i < NSETS; i++) {
        if (!strcmp(name, sets[i].name)) {
            options.like = &sets[i];
            return 0;
        }
    }
    argp_error(state, "--like: '%s' is none of lesson, hcp, small", name);
    return EINVAL;
}

static error_t parse_format(struct argp_state *state, const char *name)
{
    static const char *const names[] = {"h5", "zarr", "nii", "nii.gz", "npy"};

    for (int i = 0; i < 5; i++) {
        if (!strcmp(name, names[i])) {
            options.format = names[i];
            return 0;
        }
    }
    argp_error(state, "--format: '%s' is none of h5, zarr, nii, nii.gz, npy", name);
    return EINVAL;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options.store;
        return 0;
    case KEY_LIKE:
        return parse_like(state, arg);
    case KEY_FORMAT:
        return parse_format(state, arg);
    case KEY_CHUNKS:
        options.store.chunks = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&tg_outputs_argp, 0, NULL, 0}, {0}};

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .children = children,
    .args_doc = "DIR",
    .doc = "Write sample fMRI runs of a phantom to DIR/run-1.h5, ... (int16), and its true maps to "
           "DIR/truth.h5: /tsnr, /mean, /std, and /mask, where the phantom is.\vThe same --seed "
           "gives the same values everywhere, whatever the format and the number of ranks.",
};

int main(int argc, char **argv)
{
    return tg_run(argc, argv, sample, &(tg_app){.argp = &parser});
}

//TEST np=1,3,4 args="--like small runs" expect="sum of all values 22781315"
