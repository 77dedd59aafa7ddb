#!/usr/bin/env python3
"""runs.py make FILE...: small int16 runs.  runs.py check OUT FILE...: OUT:/tsnr is their tSNR."""
import sys

import h5py
import numpy as np


def make(paths):
    random = np.random.default_rng(7)
    for i, path in enumerate(paths):
        with h5py.File(path, "w") as file:
            data = random.integers(500, 600, (6, 5, 4, 11 + i), dtype=np.int16)
            file.create_dataset("bold", data=data, chunks=(6, 5, 4, 4), compression="gzip")


def check(out, paths):
    runs = []
    for path in paths:
        with h5py.File(path) as file:
            runs.append(file["bold"][...])
    bold = np.concatenate(runs, axis=-1)
    with h5py.File(out) as file:
        np.testing.assert_allclose(file["tsnr"][...], bold.mean(-1) / bold.std(-1), rtol=1e-12)


if sys.argv[1] == "make":
    make(sys.argv[2:])
else:
    check(sys.argv[2], sys.argv[3:])
