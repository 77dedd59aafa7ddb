#!/usr/bin/env python3
"""compare_maps.py A.h5 B.h5: /tsnr, /mean and /std agree to 1e-9, or exit status 1."""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as a, h5py.File(sys.argv[2], "r") as b:
    for name in ("tsnr", "mean", "std"):
        np.testing.assert_allclose(a[name][...], b[name][...], rtol=1e-9, atol=1e-9, err_msg=name)
