/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Temporal signal-to-noise ratio of fMRI runs, joined in time: mean over standard deviation in
 * time, voxel by voxel.
 *
 *   command line -> options -> open_runs: lazy arrays, one a run, joined along the axis
 *     -> make_maps: mean, std, tSNR of a series (all runs; with --per-run also each run)
 *     -> want_files, want_values: what is to be stored where
 *     -> one tg_store_all: the data are read once, whatever was asked for
 *     -> print_table
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tegula/outputs.h>
#include <tegula/tegula.h>

/* What tSNR is where the standard deviation is exactly 0. */
enum zero { ZERO_ZERO, ZERO_NAN, ZERO_IEEE };

/* The command line. Zero and NULL are the defaults but for the axis. */
struct options {
    const char *output; /* NULL: only the table */
    const char *mask;   /* NULL: all voxels */
    const char *chunks; /* as in tg_open_options */
    const char *dtype;  /* NULL: float64, in NIfTI float32 */
    double ddof;
    int axis;
    int detrend; /* highest order of the polynomials */
    enum zero zero;
    bool per_run;
    tg_store_options store;
};

/* Filled by the parser before the program proper starts, only read from then on. */
static struct options options = {.axis = -1};

/* The maps of one series. */
struct maps {
    const char *group; /* "run-1"; NULL: all runs */
    int64_t volumes;
    tg_array *mean, *std, *tsnr;
    double *std_values, *tsnr_values; /* on rank 0 when computed, [voxels] */
};

/* What the program works on; everything belongs to the context. */
struct job {
    tg_ctx *ctx;
    int nruns;
    char **names;     /* [nruns] */
    tg_array **runs;  /* [nruns] */
    tg_array *series; /* the runs, joined */
    tg_array *mask;   /* NULL: none */
    struct maps all;
    struct maps *each; /* [nruns] with --per-run */
    tg_output *outputs;
    int noutputs;
    tg_store_options store;
};

enum { MAPS_IN_FILES = 3, MAPS_IN_MEMORY = 2 }; /* of each series */

enum {
    KEY_AXIS = 0x100,
    KEY_DDOF,
    KEY_DETREND,
    KEY_MASK,
    KEY_ZERO,
    KEY_PER_RUN,
    KEY_CHUNKS,
    KEY_DTYPE
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0,
     "Write the maps. FILE.h5, FILE.zarr: datasets /tsnr, /mean and /std. FILE.nii, FILE.nii.gz, "
     "FILE.npy: tSNR at FILE, mean and standard deviation beside it (t.nii.gz, t_mean.nii.gz, "
     "t_std.nii.gz). Without it only the table is printed",
     0},
    {"mask", KEY_MASK, "FILE", 0,
     "Only voxels where the image FILE is not 0; the maps are 0 outside", 0},
    {"detrend", KEY_DETREND, "K", 0,
     "First fit and remove Legendre polynomials of order 1 to K in time (the mean stays)", 0},
    {"ddof", KEY_DDOF, "D", 0,
     "Divide the squared deviations by volumes - D (0; 1 for the sample's standard deviation)", 0},
    {"zero", KEY_ZERO, "zero|nan|ieee", 0,
     "tSNR where the standard deviation is exactly 0: 0 (the default), not a number, or what the "
     "division gives",
     0},
    {"per-run", KEY_PER_RUN, NULL, 0,
     "Also the maps of each run (/run-1/tsnr, ...; t_run-1.nii.gz, ...) and the average of their "
     "tSNR (/average/tsnr; t_average.nii.gz)",
     0},
    {"axis", KEY_AXIS, "N", 0, "Axis of time, along which runs are joined (-1, the last)", 0},
    {"dtype", KEY_DTYPE, "float64|float32", 0,
     "Element type of the maps in the file (float64, in NIfTI float32); they are computed in "
     "float64",
     0},
    {"chunks", KEY_CHUNKS, "auto|SPEC", 0,
     "Lengths of the chunks to read, by axis: 16,16,-1,auto (-1: the whole axis)", 0},
    {0},
};

static error_t parse_integer(struct argp_state *state, const char *name, const char *text, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (end == text || *end || value < -1000 || value > 1000) {
        argp_error(state, "--%s: '%s' is not an integer from -1000 to 1000", name, text);
        return EINVAL;
    }
    *out = (int)value;
    return 0;
}

static error_t parse_detrend(struct argp_state *state, const char *text)
{
    error_t error = parse_integer(state, "detrend", text, &options.detrend);

    if (!error && options.detrend < 0) {
        argp_error(state, "--detrend: %s is not an order of a polynomial (0, 1, 2, ...)", text);
        return EINVAL;
    }
    return error;
}

static error_t parse_ddof(struct argp_state *state, const char *text)
{
    char *end = NULL;

    options.ddof = strtod(text, &end);
    if (end == text || *end || !isfinite(options.ddof)) {
        argp_error(state, "--ddof: '%s' is not a number", text);
        return EINVAL;
    }
    return 0;
}

static error_t parse_zero(struct argp_state *state, const char *text)
{
    static const char *const names[] = {"zero", "nan", "ieee"};

    for (int i = 0; i < 3; i++) {
        if (!strcmp(text, names[i])) {
            options.zero = (enum zero)i;
            return 0;
        }
    }
    argp_error(state, "--zero: '%s' is none of zero, nan, ieee", text);
    return EINVAL;
}

static error_t parse_dtype(struct argp_state *state, const char *text)
{
    if (strcmp(text, "float64") && strcmp(text, "float32")) {
        argp_error(state, "--dtype: '%s' is none of float64, float32", text);
        return EINVAL;
    }
    options.dtype = text;
    return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options.store;
        return 0;
    case 'o':
        options.output = arg;
        return 0;
    case KEY_MASK:
        options.mask = arg;
        return 0;
    case KEY_CHUNKS:
        options.chunks = arg;
        return 0;
    case KEY_PER_RUN:
        options.per_run = true;
        return 0;
    case KEY_AXIS:
        return parse_integer(state, "axis", arg, &options.axis);
    case KEY_DETREND:
        return parse_detrend(state, arg);
    case KEY_DDOF:
        return parse_ddof(state, arg);
    case KEY_ZERO:
        return parse_zero(state, arg);
    case KEY_DTYPE:
        return parse_dtype(state, arg);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&tg_outputs_argp, 0, NULL, 0}, {0}};

static const struct argp parser = {
    .options = option_table,
    .parser = parse,
    .children = children,
    .args_doc = "RUN...",
    .doc =
        "Temporal signal-to-noise ratio (mean / standard deviation in time) of fMRI runs, joined "
        "in time.\vRUN is FILE.h5[:/DATASET], FILE.nii or FILE.nii.gz (or .zarr, .npy). A table is "
        "printed: runs, "
        "shape, volumes, voxels, median tSNR over the voxels that vary, seconds, bytes read. "
        "Example: mpirun -n 4 tsnr_app run-*.nii.gz -o tsnr.h5",
};

/* Formats of one array a file. */
static const char *const single_endings[] = {".nii", ".nii.gz", ".npy", NULL};

/* The file of a map. HDF5 and Zarr: the output itself; NIfTI and npy: the output with what tells
 * the maps apart. */
static const char *map_path(tg_ctx *ctx, const char *group, const char *map)
{
    const char *ending = tg_outputs_ending(options.output, single_endings);
    bool is_tsnr = !strcmp(map, "tsnr");

    if (!ending)
        return options.output;
    return tg_ctx_text(ctx, "%.*s%s%s%s%s%s", (int)(ending - options.output), options.output,
                       group ? "_" : "", group ? group : "", is_tsnr ? "" : "_", is_tsnr ? "" : map,
                       ending);
}

static tg_status open_runs(struct job *job)
{
    tg_status status = TG_OK;
    tg_open_options how = {.chunks = options.chunks};

    job->runs = tg_ctx_alloc(job->ctx, (size_t)job->nruns * sizeof *job->runs);
    TG_NEED(job->runs, TG_ENOMEM, "%d runs", job->nruns);
    for (int i = 0; i < job->nruns; i++) {
        tg_array *run = tg_open(job->ctx, job->names[i], &how);

        TG_TRY(tg_array_status(run));
        /* The mean of float32 would be rounded to float32 before it is divided. */
        job->runs[i] = tg_dtype_of(run) == TG_FLOAT32 ? tg_astype(run, TG_FLOAT64) : run;
    }
    job->series = tg_concatenate(job->runs, job->nruns, options.axis);
    TG_TRY(tg_array_status(job->series));
    job->store = options.store;
    job->store.like = job->runs[0];
out:
    return status;
}

/* "(64, 64, 30)" */
static const char *shape_text(tg_ctx *ctx, const tg_array *a)
{
    const char *list = "";

    for (int d = 0; d < tg_ndim(a) && list; d++)
        list = tg_ctx_text(ctx, "%s%s%" PRId64, list, d ? ", " : "", tg_shape(a)[d]);
    return list ? tg_ctx_text(ctx, "(%s%s)", list, tg_ndim(a) == 1 ? "," : "") : "(?)";
}

static bool same_shape(const tg_array *a, const tg_array *b)
{
    if (tg_ndim(a) != tg_ndim(b))
        return false;
    for (int d = 0; d < tg_ndim(a); d++)
        if (tg_shape(a)[d] != tg_shape(b)[d])
            return false;
    return true;
}

/* The mask in the shape of `map`; an image of one volume counts as that volume. */
static tg_status open_mask(struct job *job, const tg_array *map)
{
    tg_status status = TG_OK;
    tg_array *mask = tg_open(job->ctx, options.mask, NULL);

    TG_TRY(tg_array_status(mask));
    job->mask = mask;
    if (tg_ndim(mask) == tg_ndim(map) + 1 && tg_shape(mask)[tg_ndim(map)] == 1)
        job->mask = tg_max(mask, TG_AXES(-1));
    TG_NEED(same_shape(job->mask, map), TG_EARG,
            "the mask %s has shape %s, the maps of %s have %s: they need the same", options.mask,
            shape_text(job->ctx, mask), job->names[0], shape_text(job->ctx, map));
out:
    return status;
}

static tg_array *inside(const struct job *job, tg_array *map)
{
    return job->mask ? tg_where(job->mask, map, tg_float(job->ctx, 0.0)) : map;
}

/* mean / std, and what the user wants where std is exactly 0. */
static tg_array *ratio(tg_ctx *ctx, tg_array *mean, tg_array *std)
{
    tg_array *snr = tg_divide(mean, std);

    if (options.zero == ZERO_IEEE)
        return snr;
    tg_array *constant = tg_equal(std, tg_float(ctx, 0.0));
    return tg_where(constant, tg_float(ctx, options.zero == ZERO_NAN ? NAN : 0.0), snr);
}

/* The axis of time, counted from the first. */
static int time_axis(const tg_array *series)
{
    return options.axis < 0 ? options.axis + tg_ndim(series) : options.axis;
}

static tg_status make_maps(struct job *job, tg_array *series, const char *group, struct maps *maps)
{
    tg_status status = TG_OK;
    int axis = options.axis;
    tg_array *mean, *std;

    if (options.detrend > 0) {
        mean = tg_detrended_mean(series, axis, options.detrend);
        std = tg_detrended_std(series, axis, options.detrend, options.ddof);
    } else {
        mean = tg_mean(series, TG_AXES(axis));
        std = tg_std_ddof(series, TG_AXES(axis), options.ddof);
    }
    TG_TRY(tg_array_status(mean));
    TG_TRY(tg_array_status(std));
    if (options.mask && !job->mask)
        TG_TRY(open_mask(job, mean));
    *maps = (struct maps){
        .group = group,
        .volumes = tg_shape(series)[time_axis(series)],
        .mean = inside(job, mean),
        .std = inside(job, std),
        .tsnr = inside(job, ratio(job->ctx, mean, std)),
    };
    TG_TRY(tg_array_status(maps->tsnr));
out:
    return status;
}

/*
 * The chunks that a run has among the joined ones, as a specification; NULL when memory is out.
 * Left to itself a run might get other chunks, and what is needed in two sets of chunks is read
 * twice. `chunk` is its first along the axis of time, and then the next run's.
 */
static const char *joined_chunks(const struct job *job, const tg_array *run, const int64_t **chunk)
{
    int64_t volumes = tg_shape(run)[time_axis(run)];
    const char *spec = "";

    for (int d = 0; d < tg_ndim(run) && spec; d++) {
        int64_t length = tg_chunks(job->series, d)[0];

        if (d == time_axis(run))
            length = volumes > 0 ? **chunk : -1;
        spec = tg_ctx_text(job->ctx, "%s%s%" PRId64, spec, d ? "," : "", length);
    }
    while (volumes > 0)
        volumes -= *(*chunk)++;
    return spec;
}

static tg_status make_maps_of_each_run(struct job *job)
{
    tg_status status = TG_OK;
    const int64_t *chunk = tg_chunks(job->series, time_axis(job->series));

    job->each = tg_ctx_alloc(job->ctx, (size_t)job->nruns * sizeof *job->each);
    TG_NEED(job->each, TG_ENOMEM, "maps of %d runs", job->nruns);
    for (int i = 0; i < job->nruns; i++) {
        const char *group = tg_ctx_text(job->ctx, "run-%d", i + 1);
        const char *chunks = joined_chunks(job, job->runs[i], &chunk);

        TG_NEED(group && chunks, TG_ENOMEM, "maps of run %d", i + 1);
        TG_TRY(make_maps(job, tg_rechunk(job->runs[i], chunks), group, &job->each[i]));
    }
out:
    return status;
}

static tg_array *average_tsnr(const struct job *job)
{
    tg_array *sum = job->each[0].tsnr;

    for (int i = 1; i < job->nruns; i++)
        sum = tg_add(sum, job->each[i].tsnr);
    return tg_divide(sum, tg_float(job->ctx, job->nruns));
}

static tg_status want_file(struct job *job, tg_array *map, const char *group, const char *name)
{
    tg_status status = TG_OK;
    static const char *const nifti_endings[] = {".nii", ".nii.gz", NULL};
    bool single = tg_outputs_ending(options.output, single_endings);
    bool nifti = tg_outputs_ending(options.output, nifti_endings);
    bool narrow = options.dtype ? !strcmp(options.dtype, "float32") : nifti;
    const char *path = map_path(job->ctx, group, name);
    const char *dataset =
        single ? NULL
               : tg_ctx_text(job->ctx, "%s%s/%s", group ? "/" : "", group ? group : "", name);

    TG_NEED(path && (single || dataset), TG_ENOMEM, "name of the map %s", name);
    job->outputs[job->noutputs++] = (tg_output){
        .array = narrow ? tg_astype(map, TG_FLOAT32) : map,
        .path = path,
        .dataset = dataset,
        .options = &job->store,
    };
out:
    return status;
}

static tg_status want_files(struct job *job, const struct maps *maps)
{
    tg_status status = TG_OK;

    TG_TRY(want_file(job, maps->tsnr, maps->group, "tsnr"));
    TG_TRY(want_file(job, maps->mean, maps->group, "mean"));
    TG_TRY(want_file(job, maps->std, maps->group, "std"));
out:
    return status;
}

/* The values behind the medians, on rank 0. */
static tg_status want_values(struct job *job, struct maps *maps)
{
    tg_status status = TG_OK;
    size_t size = (size_t)tg_size(maps->std) * sizeof(double);

    maps->std_values = tg_ctx_alloc(job->ctx, size);
    maps->tsnr_values = tg_ctx_alloc(job->ctx, size);
    TG_NEED(maps->std_values && maps->tsnr_values, TG_ENOMEM, "2 maps of %zu bytes", size);
    job->outputs[job->noutputs++] =
        (tg_output){.array = maps->std, .memory = maps->std_values, .memory_size = size};
    job->outputs[job->noutputs++] =
        (tg_output){.array = maps->tsnr, .memory = maps->tsnr_values, .memory_size = size};
out:
    return status;
}

static tg_status want_all(struct job *job)
{
    tg_status status = TG_OK;
    size_t room = (size_t)(MAPS_IN_FILES + MAPS_IN_MEMORY) * (size_t)(job->nruns + 1) + 1;

    job->outputs = tg_ctx_alloc(job->ctx, room * sizeof *job->outputs);
    TG_NEED(job->outputs, TG_ENOMEM, "list of %zu outputs", room);
    TG_TRY(want_values(job, &job->all));
    if (options.output)
        TG_TRY(want_files(job, &job->all));
    for (int i = 0; options.per_run && i < job->nruns; i++) {
        TG_TRY(want_values(job, &job->each[i]));
        if (options.output)
            TG_TRY(want_files(job, &job->each[i]));
    }
    if (options.output && options.per_run)
        TG_TRY(want_file(job, average_tsnr(job), "average", "tsnr"));
out:
    return status;
}

/* Hoare's selection: values[k] is the k-th smallest afterwards, none before it is larger. */
static void select_kth(double *values, int64_t n, int64_t k)
{
    int64_t low = 0, high = n - 1;

    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        int64_t i = low, j = high;

        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i <= j) {
                double other = values[i];
                values[i++] = values[j];
                values[j--] = other;
            }
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            return;
    }
}

/* NumPy's median: the middle of an odd number, the mean of the two middle ones of an even. */
static double median(double *values, int64_t n)
{
    double lower;

    if (n == 0)
        return NAN;
    select_kth(values, n, n / 2);
    if (n % 2)
        return values[n / 2];
    lower = values[0];
    for (int64_t i = 1; i < n / 2; i++)
        lower = values[i] > lower ? values[i] : lower;
    return (lower + values[n / 2]) / 2;
}

/* Median tSNR over the voxels that vary; `varying` is their number. */
static double median_tsnr(const struct maps *maps, int64_t *varying)
{
    int64_t n = 0;

    for (int64_t i = 0; i < tg_size(maps->std); i++) {
        double value = maps->tsnr_values[i];
        if (maps->std_values[i] > 0 && !isnan(value))
            maps->tsnr_values[n++] = value; /* n <= i: what is overwritten has been seen */
    }
    *varying = n;
    return median(maps->tsnr_values, n);
}

static void print_table(const struct job *job, double seconds)
{
    int64_t varying = 0;
    double middle = median_tsnr(&job->all, &varying);

    printf("%-16s%d\n", "runs", job->nruns);
    printf("%-16s%s\n", "shape", shape_text(job->ctx, job->series));
    printf("%-16s%" PRId64 "\n", "volumes", job->all.volumes);
    printf("%-16s%" PRId64 "\n", "voxels", tg_size(job->all.std));
    printf("%-16s%" PRId64 "\n", "with std > 0", varying);
    printf("%-16s%.6g\n", "median tSNR", middle);
    for (int i = 0; options.per_run && i < job->nruns; i++)
        printf("  %-14s%.6g  (%" PRId64 " volumes)\n", job->each[i].group,
               median_tsnr(&job->each[i], &varying), job->each[i].volumes);
    if (options.output)
        printf("%-16s%s\n", "output", options.output);
    printf("%-16s%.3f\n", "seconds", seconds);
    printf("%-16s%" PRId64 "\n", "bytes read", tg_counted(job->ctx, TG_BYTES_READ));
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static tg_status tsnr(tg_ctx *ctx, int argc, char **argv)
{
    tg_status status = TG_OK;
    double start = now();
    struct job job = {.ctx = ctx, .nruns = argc - 1, .names = argv + 1};

    TG_NEED(job.nruns > 0, TG_EUSAGE, "no runs: tsnr_app [OPTION...] RUN... (--help tells more)");
    TG_TRY(open_runs(&job));
    TG_TRY(make_maps(&job, job.series, NULL, &job.all));
    if (options.per_run)
        TG_TRY(make_maps_of_each_run(&job));
    TG_TRY(want_all(&job));
    TG_TRY(tg_store_all(ctx, job.outputs, job.noutputs));
    print_table(&job, now() - start);
out:
    return status;
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, tsnr, &(tg_app){.argp = &parser});
}

//TEST np=1,3 args="--help" expect="RUN is FILE.h5[:/DATASET], FILE.nii or FILE.nii.gz"
