#!/usr/bin/env python3
"""The lesson's tSNR in Dask, with two workers: lazy runs, joined, mean / standard deviation.

usage: tsnr_dask.py threads|processes OUT.h5 RUN...
Prints the seconds without starting Python and importing. HDF5 runs are read in blocks along the
first axis, aligned to the file's chunks and of about 16 MiB; compressed NIfTI as in the lesson, a
delayed read a run.
"""
import sys
import time

import dask
import dask.array as da
import h5py
import nibabel
import numpy as np


def read_rows(path, begin, end):
    with h5py.File(path, "r") as file:
        return file["bold"][begin:end]


def read_image(path):
    return np.asarray(nibabel.load(path).dataobj)


def lazy_run(path):
    if not path.endswith(".h5"):
        image = nibabel.load(path)
        return da.from_delayed(dask.delayed(read_image)(path), image.shape, image.get_data_dtype())
    with h5py.File(path, "r") as file:
        shape, dtype, chunks = file["bold"].shape, file["bold"].dtype, file["bold"].chunks
    row = np.prod(shape[1:]) * dtype.itemsize
    step = max(1, int((16 << 20) // row))
    if chunks:
        step = max(chunks[0], step // chunks[0] * chunks[0])
    blocks = []
    for begin in range(0, shape[0], step):
        end = min(begin + step, shape[0])
        block = dask.delayed(read_rows)(path, begin, end)
        blocks.append(da.from_delayed(block, (end - begin, *shape[1:]), dtype))
    return da.concatenate(blocks, axis=0)


def main(scheduler, out, paths):
    start = time.perf_counter()
    bold = da.concatenate([lazy_run(path) for path in paths], axis=-1)
    mean, std = bold.mean(-1), bold.std(-1)
    tsnr = da.where(std > 0, mean / da.where(std > 0, std, 1), 0)
    tsnr, mean, std = dask.compute(tsnr, mean, std, scheduler=scheduler, num_workers=2)
    with h5py.File(out, "w") as file:
        file["tsnr"], file["mean"], file["std"] = tsnr, mean, std
    print(f"seconds  {time.perf_counter() - start:.4f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
