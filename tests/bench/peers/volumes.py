#!/usr/bin/env python3
"""volumes.py FILE.h5 N: /bold of 104 x 90 x 72 x N int16, a chunk a volume; values by formula.
volumes.py --check FILE.h5: prints how many values of /data differ from the formula."""
import sys

import h5py
import numpy as np

SPACE = (104, 90, 72)


def values(voxels, times):
    return ((voxels * 31 + times * 17) % 1021).astype("i2")


voxel = np.arange(np.prod(SPACE), dtype="i8").reshape(SPACE)
if sys.argv[1] == "--check":
    different = 0
    with h5py.File(sys.argv[2]) as file:
        data = file["data"]
        times = np.arange(data.shape[3])
        for x in range(SPACE[0]):
            different += np.count_nonzero(data[x] != values(voxel[x][..., None], times))
    print("different", different)
else:
    with h5py.File(sys.argv[1], "w") as file:
        data = file.create_dataset("bold", (*SPACE, int(sys.argv[2])), "i2", chunks=(*SPACE, 1))
        for t in range(data.shape[3]):
            data[..., t] = values(voxel, t)
