/* SPDX-License-Identifier: BSD-3-Clause */
/* The README's first program: what a user of the arrays writes, against the installed library. */
#include <tegula/tegula.h>

static tg_status tsnr(tg_ctx *ctx, int argc, char **argv)
{
    tg_array *run[64];
    int n = 0;

    for (int i = 1; i < argc - 1; i++)
        run[n++] = tg_open(ctx, argv[i], NULL); /* lazy: reads the header only */
    tg_array *bold = tg_concatenate(run, n, -1);
    tg_array *snr = tg_divide(tg_mean(bold, TG_AXES(-1)), tg_std(bold, TG_AXES(-1)));
    return tg_store(snr, argv[argc - 1], "/tsnr", NULL); /* computes, streams, writes */
}

int main(int argc, char **argv)
{
    return tg_run(argc, argv, tsnr, NULL);
}
