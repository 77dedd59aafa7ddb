"""The files that expressions read, in all formats that hold the array."""
import os

import h5py
import numpy as np

import leaves


class Files:
    """Those of a batch. `arrays` has what each text reads."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        self.hdf5 = h5py.File(os.path.join(folder, "data.h5"), "w")

    def close(self):
        self.hdf5.close()

    def text(self, r, data):
        """Writes `data`; the text that opens it, and what it reads as."""
        self.count += 1
        name = f"f{self.count}"
        where = self.write_hdf5(r, name, data) if r.random() < 0.1 else \
            self.write_npy(r, name, data)
        if data.dtype.kind == "f" and r.random() < 0.05:
            where, data = self.write_half(name, data)
        chunks = f", chunks={leaves.draw_chunks(r, data.shape)}" if r.random() < 0.85 else ""
        return f'open("{where}"{chunks})', data

    def write_npy(self, r, name, data):
        style = r.random()
        if style < 0.1:
            data = np.asarray(data, order="F")
        elif style < 0.15:
            data = data.astype(data.dtype.newbyteorder(">"))
        np.save(os.path.join(self.folder, f"{name}.npy"), data)
        return f"{name}.npy"

    def write_half(self, name, data):
        half = data.astype(np.float16)
        np.save(os.path.join(self.folder, f"{name}.npy"), half)
        return f"{name}.npy", half.astype(np.float32)

    def write_hdf5(self, r, name, data):
        options = {}
        if data.size and data.ndim and r.random() < 0.6:
            options["chunks"] = tuple(r.randint(1, n) for n in data.shape)
            options["compression"] = r.choice([None, "gzip"])
            options["shuffle"] = r.random() < 0.5
        self.hdf5.create_dataset(name, data=data, **options)
        return f"data.h5:/{name}"
