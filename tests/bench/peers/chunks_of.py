#!/usr/bin/env python3
"""chunks_of.py FILE.h5 TABLE: where /bold lies, for loops written by hand.

The table: path, voxels, volumes, bytes of an inflated chunk, number of pieces; then address and
size of each piece.
"""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as file, open(sys.argv[2], "w") as table:
    data = file["bold"]
    if data.chunks:
        infos = [data.id.get_chunk_info(i) for i in range(data.id.get_num_chunks())]
        pieces = [(info.byte_offset, info.size) for info in infos]
        size = int(np.prod(data.chunks)) * data.dtype.itemsize
    else:
        pieces, size = [(data.id.get_offset(), data.nbytes)], data.nbytes
    print(sys.argv[1], data.size // data.shape[-1], data.shape[-1], size, len(pieces), file=table)
    for piece in pieces:
        print(*piece, file=table)
