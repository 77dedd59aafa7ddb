"""Indexing, shapes and creation against NumPy: random lines run by calc_app on several ranks and by
NumPy, results equal bit for bit, whatever the shapes, dtypes and chunks.

usage: test_shapes.py [--count N] [--seed S] [--ranks 1,2,3,4]

A line that NumPy refuses has to be refused. A failure prints the line and the seed that makes it.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view  # noqa: F401: lines name it

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "float32", "float64"]


class Line:
    """One line: a few arrays in a file, and an expression of them."""

    def __init__(self, seed, file):
        self.r, self.n = random.Random(seed), np.random.default_rng(seed)
        self.seed, self.file = seed, file
        self.names, self.opens, self.before = {}, [], []
        self.x = self.array(self.shape())
        self.text = self.expression()

    def shape(self, ndim=None, least=0):
        ndim = self.r.choice([1, 1, 2, 2, 3, 4]) if ndim is None else ndim
        lengths = [n for n in [0, 1, 1, 2, 3, 5, 6, 8, 13] if n >= least]
        return tuple(self.r.choice(lengths) for _ in range(ndim))

    def chunks(self, shape):
        words = []
        for n in shape:
            k = self.r.randint(1, max(n, 1))
            if n > 3 and self.r.random() < 0.2:
                words.append(f"{k}+{n - k}" if k < n else str(n))
            else:
                words.append(self.r.choice(["auto", "-1", str(k), str(k)]))
        return ",".join(words)

    def array(self, shape, dtype=None):
        """The name of a new array of random elements."""
        dtype = np.dtype(dtype or self.r.choice(DTYPES))
        if dtype.kind == "f":
            data = self.n.normal(0, 10, shape).astype(dtype)
        elif dtype == bool:
            data = self.n.integers(0, 2, shape).astype(bool)
        else:
            data = self.n.integers(0 if dtype.kind == "u" else -20, 20, shape).astype(dtype)
        name = f"x{len(self.names)}"
        path = f"/a{self.seed}_{name}"
        self.file.create_dataset(path, data=data)
        self.names[name] = np.asarray(data)
        chunks = self.chunks(shape)
        self.opens.append(f'{name} = open("{self.file.filename}:{path}", chunks="{chunks}")'
                          if chunks else f'{name} = open("{self.file.filename}:{path}")')
        return name

    def of(self, name):
        return self.names[name]

    def axis(self, ndim):
        return self.r.randrange(-ndim, ndim)

    def slice(self, n):
        def bound():
            return self.r.choice(["", "", str(self.r.randint(-n - 2, n + 2))])
        step = self.r.choice(["", "", "", "2", "3", "-1", "-2", "5"])
        return f"{bound()}:{bound()}" + (f":{step}" if step else "")

    def ints(self, n, count=None):
        count = self.r.choice([0, 1, 2, 4, 9]) if count is None else count
        return [self.r.randint(-n, n - 1) for _ in range(count)] if n else []

    def index(self, shape, lists=True):
        """What stands between brackets for an array of that shape."""
        items, dots, listed = [], self.r.random() < 0.25, None
        n = self.r.randint(0, len(shape))
        axes = list(range(n)) if not dots else sorted(self.r.sample(range(len(shape)), n))
        if dots:  # the first few and the last few
            split = self.r.randint(0, n)
            axes = list(range(split)) + list(range(len(shape) - (n - split), len(shape)))
        for i, axis in enumerate(axes):
            if dots and i == split:
                items.append("...")
            length, kind = shape[axis], self.r.random()
            if kind < 0.3 and length:
                items.append(str(self.r.randint(-length, length - 1)))
            elif kind < 0.42 and lists and length:
                if listed is None:
                    listed = self.r.choice([1, 3, 6])
                items.append(str(self.ints(length, listed)))
            elif kind < 0.47 and lists and listed is None and length:
                listed = 0
                items.append(f"np.array({[self.r.random() < 0.5 for _ in range(length)]})")
            else:
                items.append(self.slice(length))
            if self.r.random() < 0.1:
                items.append("None")
        if dots and "..." not in items:
            items.append("...")
        return ", ".join(items) or "..."

    def expression(self):
        makers = [self.getitem] * 5 + [
            self.twice, self.through, self.mask, self.take, self.compress, self.reshape, self.axes,
            self.places, self.places, self.pad, self.pad, self.join, self.split, self.neighbours,
            self.assign, self.assign,
            self.lookup, self.create, self.create, self.matrix, self.windows, self.insert]
        return self.r.choice(makers)()

    def getitem(self):
        return f"{self.x}[{self.index(self.of(self.x).shape)}]"

    def twice(self):
        first = self.getitem()
        try:
            shape = eval(first, {"np": np, **self.names}).shape
        except IndexError:  # lists of other lengths: to be refused
            return first
        return f"{first}[{self.index(shape, lists=False)}]"

    def through(self):
        """Slices of what the optimiser can push them through."""
        a = self.of(self.x)
        y = self.array(a.shape, "float64")
        inner = self.r.choice([
            f"({self.x} + {y})", f"({y} * {y} + {self.x}).T", f"np.flip({y} + {self.x})",
            f"np.concatenate([{self.x}, {y}, {self.x}], {self.axis(a.ndim)})",
            f"{self.x}.max(axis={self.axis(a.ndim)}, keepdims=True)" if a.size else f"{y}",
            f"np.stack([{self.x}, {y}])", f"({self.x}[None] < {y}[:, None])",
            f"np.roll({self.x} + {y}, 2)", f"np.tile({y}, 2)"])
        shape = eval(inner, {"np": np, **self.names}).shape
        return f"{inner}[{self.index(shape)}]"

    def assign(self):
        """A part set to other values; NumPy's is set in a copy."""
        a = self.of(self.x)
        index = self.index(a.shape, lists=False)
        part = eval(f"x[{index}]", {"x": a})
        value = self.r.choice(["3", "1", self.array(part.shape, a.dtype)])
        if self.r.random() < 0.2:
            index, value = f"{self.x} > 2", "1"
        self.before.append(f"{self.x}[{index}] = {value}")
        return self.x

    def mask(self):
        a = self.of(self.x)
        other = self.array(a.shape, "int16")
        return self.r.choice([f"{self.x}[{other} > 0]", f"np.extract({other} > 2, {self.x})",
                              f"np.flatnonzero({other} > 5)", f"np.argwhere({other} > 5)",
                              f"np.nonzero({other} > 5)[{self.axis(a.ndim)}]"])

    def take(self):
        a = self.of(self.x)
        axis = self.axis(a.ndim)
        n = a.shape[axis]
        ints = self.ints(n)
        if self.r.random() < 0.3 and n:
            ints = [self.ints(n, 3), self.ints(n, 3)]
        if not ints:
            ints = "np.array([], dtype=np.int64)"
        return f"np.take({self.x}, {ints}, axis={axis})"

    def compress(self):
        a = self.of(self.x)
        axis = self.axis(a.ndim)
        flags = [self.r.random() < 0.5 for _ in range(self.r.randint(0, a.shape[axis]))]
        if not flags:
            return f"np.take({self.x}, [], axis={axis})" if False else f"{self.x}[...]"
        return f"np.compress({flags}, {self.x}, axis={axis})"

    def reshape(self):
        a = self.of(self.x)
        left, shape = a.size, []
        while left > 1:
            f = self.r.choice([k for k in range(2, left + 1) if left % k == 0])
            shape.append(f)
            left //= f
        if a.size == 0:
            return f"{self.x}.reshape(0, 3)"
        for _ in range(self.r.randint(0, 2)):
            shape.insert(self.r.randint(0, len(shape)), 1)
        if shape and self.r.random() < 0.4:
            shape[self.r.randrange(len(shape))] = -1
        return self.r.choice([f"{self.x}.reshape({tuple(shape)})", f"np.ravel({self.x})",
                              f"{self.x}.T.reshape({tuple(shape)})",
                              f"{self.x}.reshape({tuple(shape)}).T.ravel()"])

    def axes(self):
        a = self.of(self.x)
        n = a.ndim
        i, k = self.axis(n), self.axis(n)
        return self.r.choice([
            f"np.moveaxis({self.x}, {i}, {k})", f"np.swapaxes({self.x}, {i}, {k})",
            f"np.rollaxis({self.x}, {i})", f"np.expand_dims({self.x}, {self.axis(n + 1)})",
            f"np.squeeze({self.x})", f"np.atleast_1d({self.x})", f"np.atleast_2d({self.x})",
            f"np.atleast_3d({self.x})", f"np.squeeze(np.expand_dims({self.x}, 0), 0)",
            f"np.broadcast_to({self.x}, {(2, *a.shape)})",
            f"np.broadcast_arrays({self.x}, {self.x}[:1])[1]"])

    def places(self):
        a = self.of(self.x)
        i, k = self.axis(a.ndim), self.r.randint(-15, 15)
        reps = tuple(self.r.randint(0, 3) for _ in range(self.r.randint(1, a.ndim + 1)))
        each = [self.r.randint(0, 3) for _ in range(a.shape[i])]
        lines = [f"np.flip({self.x})", f"np.flip({self.x}, {i})", f"np.flipud({self.x})",
                 f"np.roll({self.x}, {k})", f"np.roll({self.x}, {k}, {i})",
                 f"np.roll({self.x}, ({k}, 1), (0, {i}))",
                 f"np.repeat({self.x}, {abs(k) % 4}, {i})",
                 f"np.repeat({self.x}, 2)", f"np.tile({self.x}, {reps})"]
        if each:
            lines.append(f"np.repeat({self.x}, {each}, axis={i})")
        if a.ndim > 1:
            lines += [f"np.rot90({self.x}, {k})", f"np.fliplr({self.x})",
                      f"np.rot90({self.x}, {k}, (1, 0))"]
        return self.r.choice(lines)

    def pad(self):
        a = self.of(self.x)
        if a.dtype == bool:
            self.x = self.array(a.shape, "int32")
        mode = self.r.choice(["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp",
                              "maximum", "mean", "minimum"])
        width = [(self.r.randint(0, 7), self.r.randint(0, 4)) for _ in a.shape]
        more = {"constant": ", constant_values=3", "linear_ramp": ", end_values=(-2, 5)",
                "maximum": ", stat_length=2", "reflect": ", reflect_type='odd'",
                "symmetric": ", reflect_type='odd'"}.get(mode, "")
        if self.r.random() < 0.5 or (more.count("odd") and a.dtype.kind != "f"):
            more = ""
        if mode in ("mean", "linear_ramp"):
            self.x = self.array(a.shape, "float64")
        if self.r.random() < 0.3:
            width = self.r.choice([2, (1, 3)])
        if mode == "wrap":  # longer than the axis NumPy 1 is wrong
            width = [(self.r.randint(0, n), self.r.randint(0, n)) for n in a.shape]
        return f"np.pad({self.x}, {width}, mode='{mode}'{more})"

    def join(self):
        a = self.of(self.x)
        y = self.array(a.shape)
        i = self.axis(a.ndim)
        lines = [f"np.stack([{self.x}, {y}, {self.x}], {self.axis(a.ndim + 1)})",
                 f"np.hstack([{self.x}, {y}])", f"np.vstack([{self.x}, {y}])",
                 f"np.dstack(({self.x}, {y}))", f"np.append({self.x}, {y})",
                 f"np.append({self.x}, {y}, {i})", f"np.block([[{self.x}, {y}], [{y}, {self.x}]])",
                 f"np.concatenate([{self.x}, {y}[:1], {self.x}[::-1]])"]
        return self.r.choice(lines)

    def split(self):
        a = self.of(self.x)
        i = self.axis(a.ndim)
        k = self.r.randint(1, 4)
        at = sorted(self.r.randint(0, a.shape[i] + 1) for _ in range(2))
        return self.r.choice([f"np.array_split({self.x}, {k}, {i})[{self.r.randrange(k)}]",
                              f"np.split({self.x}, {at}, {i})[{self.r.randrange(3)}]",
                              f"np.split({self.x}, {k}, {i})[0]"])

    def insert(self):
        a = self.of(self.x)
        i = self.axis(a.ndim)
        n = a.shape[i]
        lines = [f"np.insert({self.x}, {self.r.randint(0, n)}, 1, axis={i})"]
        if n:
            lines += [f"np.delete({self.x}, {self.ints(n, 2)}, axis={i})",
                      f"np.delete({self.x}, {self.r.randrange(n)}, axis={i})"]
        return self.r.choice(lines)

    def neighbours(self):
        a = self.of(self.x)
        i = self.axis(a.ndim)
        lines = [f"np.diff({self.x}, axis={i})", f"np.diff({self.x}, n=2, axis={i})",
                 f"np.diff({self.x}, axis={i}, prepend=0, append=1)"]
        if a.shape[i] > 2 and a.dtype.kind != "b":
            x = self.array(a.shape, "float64")
            lines += [f"np.gradient({x}, axis={i})", f"np.gradient({x}, 0.5, axis={i})",
                      f"np.gradient({x}, 0.3, axis={i}, edge_order=2)"]
        return self.r.choice(lines)

    def lookup(self):
        a = self.of(self.x)
        values = sorted(self.ints(20, 7))
        return self.r.choice([f"np.searchsorted(np.array({values}), {self.x})",
                              f"np.searchsorted(np.array({values}), {self.x}, side='right')",
                              f"np.isin({self.x}, {values})",
                              f"np.isin({self.x}, {self.array((5,), a.dtype)}, invert=True)"])

    def windows(self):
        a = self.of(self.x)
        window = tuple(self.r.randint(1, max(n, 1)) for n in a.shape)
        i = self.axis(a.ndim)
        return self.r.choice([f"sliding_window_view({self.x}, {window})",
                              f"sliding_window_view({self.x}, {window[i]}, axis={i})"])

    def create(self):
        k, n = self.r.randint(-9, 9), self.r.randint(0, 20)
        step = self.r.choice([1, 2, -1, -3, 7])
        shape = self.shape()
        return self.r.choice([
            f"np.zeros({shape})", f"np.ones({shape}, dtype='int16') + {k}",
            f"np.full({shape}, {k})", f"np.full({shape}, {k}.5, dtype=np.float32)",
            f"np.zeros_like({self.x})", f"np.full_like({self.x}, 3)", f"np.arange({n})",
            f"np.arange({k}, {n}, {step})", f"np.arange({k}.5, {n}, {step}.25)",
            f"np.arange({n}, dtype='float32') * 2", f"np.arange(0, {n}, 0.1, dtype='float32')",
            f"np.linspace({k}, {n}, {n})", f"np.linspace({k}, {n}.5, {n}, endpoint=False)",
            f"np.linspace(0, 1, {n}, dtype='int32')", f"np.indices({shape[:2]})",
            f"np.meshgrid(np.arange({n}), np.arange(3))[{self.r.randrange(2)}]",
            f"np.meshgrid(np.arange({n}), np.arange(3), indexing='ij', sparse=True)[0]",
            f"np.fromfunction(lambda i, j: i * 2 + j, ({n}, 4))",
            f"np.ones({shape}).sum()", f"np.full({shape}, 2).T.sum(axis=0)",
            f"(np.ones({shape}) * {k} + 1)[..., ::2]"])

    def matrix(self):
        k, n, m = self.r.randint(-4, 4), self.r.randint(0, 9), self.r.randint(0, 9)
        x = self.array(self.shape(self.r.choice([2, 2, 3])))
        v = self.array(self.shape(1))
        return self.r.choice([
            f"np.eye({n})", f"np.eye({n}, {m}, {k}, dtype='int8')", f"np.identity({n})",
            f"np.tri({n}, {m}, {k})", f"np.tril({x}, {k})", f"np.triu({x}, {k})",
            f"np.diag({v}, {k})", f"np.diagonal({x}, {k})",
            f"np.diagonal({x}, {k}, axis1=1, axis2=0)", f"np.diag({x}[..., 0])"
            if self.of(x).ndim == 3 and self.of(x).shape[2] else f"np.diag({v})"])


def compute(folder, lines, n):
    """Results by line; None for what was refused."""
    script = os.path.join(folder, f"script-{n}")
    with open(script, "w", encoding="utf-8") as out:
        for line in lines:
            for text in line.opens + line.before:
                out.write(text + "\n")
            out.write(f'save({line.text}, "{folder}/r{n}-{line.seed}.npy")\n')
    program = os.path.join(BUILD, "bin", "calc_app")
    command = ["mpirun", "--oversubscribe", "-n", str(n), program, "-f", script, "--keep-going"]
    done = subprocess.run(command, check=False, timeout=900, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env={**MPI_ENVIRONMENT, **os.environ})
    if done.returncode not in (0, 1):
        print(f"{n} ranks: status {done.returncode}\n{done.stderr[-3000:]}")
    results = {}
    for line in lines:
        path = f"{folder}/r{n}-{line.seed}.npy"
        results[line.seed] = np.load(path) if os.path.exists(path) else None
    return results, done.stderr


def numpy_value(line):
    names = {"np": np, "sliding_window_view": sliding_window_view, **line.names}
    with np.errstate(all="ignore"):
        try:
            for text in line.before:
                names = {name: np.copy(a) if isinstance(a, np.ndarray) else a
                         for name, a in names.items()}
                exec(text, names)
            return np.asarray(eval(line.text, names))
        except (ValueError, IndexError, TypeError, ZeroDivisionError, OverflowError) as error:
            return error


def differs(text, got, want):
    if isinstance(want, Exception):
        return None if got is None else f"computed what NumPy refuses: {want}"
    if got is None:
        return "refused"
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    if got.tobytes() != np.ascontiguousarray(want).tobytes():
        if np.array_equal(got, want):  # -0.0
            return None
        if text.startswith("np.pad") and np.allclose(got, want, 4e-16, 1e-14):
            return None  # NumPy's linspace takes another way where any of its steps is 0
        at = tuple(np.argwhere((got != want) & ((got == got) | (want == want)))[0])
        return f"at {at} {got[at]!r}, not {want[at]!r}"
    return None


def batch(seeds, ranks, folder):
    bad = 0
    with h5py.File(os.path.join(folder, "data.h5"), "w") as file:
        lines = [Line(seed, file) for seed in seeds]
    results, errors = compute(folder, lines, ranks[0])
    for line in lines:
        wrong = differs(line.text, results[line.seed], numpy_value(line))
        if wrong:
            bad += 1
            before = '; '.join(line.opens + line.before)
            print(f"seed {line.seed}: {line.text}\n    {before}\n    {wrong}")
    if bad:
        print(errors[-2000:])
    for n in ranks[1:]:
        others, _ = compute(folder, lines, n)
        for line in lines:
            a, b = results[line.seed], others[line.seed]
            if (a is None) != (b is None) or (a is not None and a.tobytes() != b.tobytes()):
                bad += 1
                print(f"seed {line.seed}: {line.text}: {n} ranks differ from {ranks[0]}")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", default="1,2,3,4")
    options = parser.parse_args()
    ranks = [int(n) for n in options.ranks.split(",")]
    bad = 0
    for start in range(0, options.count, 400):
        seeds = range(options.seed + start, options.seed + min(start + 400, options.count))
        with tempfile.TemporaryDirectory(dir=".") as folder:
            bad += batch(seeds, ranks, os.path.abspath(folder))
    print(f"{options.count} lines, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=600
