#!/usr/bin/env python3
"""many_chunks.py FILE.h5 ROWS COLUMNS: /d of ROWS x COLUMNS chunks of 8 x 8 int16, all written."""
import sys

import h5py
import numpy as np

rows, columns = int(sys.argv[2]), int(sys.argv[3])
with h5py.File(sys.argv[1], "w") as file:
    values = np.arange(rows * columns * 64, dtype="i8").reshape(rows * 8, columns * 8)
    file.create_dataset("d", data=(values % 251).astype("i2"), chunks=(8, 8))
