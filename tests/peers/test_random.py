#!/usr/bin/env python3
"""Random expressions, computed by us on several ranks and by NumPy.

usage: test_random.py [--count N] [--seed S]

Shapes of up to 5 axes with lengths 0 and 1 among them, all dtypes, random chunks of files and of
expressions, Python's numbers. What is exact must have NumPy's bits, the rest its value within a
bound (expressions.py); results must have the same bits on every number of ranks. A failure prints
the expression's script and the seed that makes it again.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

import h5py
import numpy as np

import expressions as ex
from expressions import Refused, Value

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tegula_py import BUILD, MPI_ENVIRONMENT, MPIRUN

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES = ["bool", *INTEGERS, "float32", "float64"]
ARITHMETIC = ["add", "subtract", "multiply", "divide"]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
REGISTERS = 60


class Expression:
    """One expression: its script and the values that NumPy gives its registers."""

    def __init__(self, seed, folder, file):
        self.r = random.Random(seed)
        self.n = np.random.default_rng(seed)
        self.seed, self.folder, self.file = seed, folder, file
        self.lines, self.values, self.outs = [], [], []
        self.shape = tuple(self.r.choice([0, 1, 1, 2, 3, 4, 5, 7, 11])
                           for _ in range(self.r.randint(0, 5)))
        self.build()

    def add(self, words, value):
        """A register that holds `value`."""
        self.lines.append(f"{len(self.values)} = {words}")
        self.values.append(value)
        return len(self.values) - 1

    def data(self, dtype, shape):
        if dtype == "bool":
            return self.n.integers(0, 2, shape).astype(bool)
        if dtype.startswith("float"):
            a = self.n.normal(self.r.choice([0, 1000]), self.r.choice([1, 1e-3, 1e6]), shape)
            a = np.asarray(a).astype(dtype)
            if self.r.random() < 0.2:
                odd = self.r.choice([np.nan, np.inf, -np.inf, 0])
                a = np.where(self.n.random(shape) < 0.1, odd, a).astype(dtype)
            return a
        info = np.iinfo(dtype)
        low, high = int(info.min), int(info.max)
        if self.r.random() < 0.7:
            low, high = max(low, -100), min(high, 100)
        return self.n.integers(low, high, shape, dtype=dtype, endpoint=True)

    def broadcast_shape(self):
        shape = [1 if self.r.random() < 0.2 else n for n in self.shape]
        return tuple(shape[self.r.randint(0, len(shape)) if self.r.random() < 0.2 else 0:])

    def chunk_spec(self, shape):
        words = [self.r.choice(["auto", "-1", str(self.r.randint(1, max(n, 1)))]) for n in shape]
        return ",".join(words) if words and self.r.random() < 0.7 else "auto"

    def leaf(self, shape=None, dtype=None):
        shape = self.broadcast_shape() if shape is None else shape
        dtype = dtype or self.r.choice(DTYPES)
        data = np.asarray(self.data(dtype, shape))
        if self.r.random() < 0.3 or not shape:
            return self.memory(data)
        name = f"/e{self.seed}_{len(self.values)}"
        options = {}
        if data.size and self.r.random() < 0.5:
            options["chunks"] = tuple(self.r.randint(1, n) for n in shape)
            options["compression"] = self.r.choice([None, "gzip"])
            options["shuffle"] = self.r.random() < 0.5
        dataset = self.file.create_dataset(name, data=data, **options)
        if dtype != "bool" and self.r.random() < 0.15:
            slope, inter = self.r.choice([0.5, -0.1, 3.0]), self.r.choice([0.0, 12.25, -7.0])
            dataset.attrs["scl_slope"], dataset.attrs["scl_inter"] = slope, inter
            data = data.astype(np.float64) * slope
            data = data + inter if inter else data
        spec = self.chunk_spec(shape)
        words = f"open {self.file.filename}:{name} {spec if self.r.random() < 0.8 else ''}"
        return self.add(words, Value(data))

    def memory(self, data):
        path = os.path.join(self.folder, f"e{self.seed}_{len(self.values)}.raw")
        data.tofile(path)
        shape = " ".join(map(str, data.shape))
        return self.add(f"memory {path} {data.dtype} {shape}", Value(data))

    def number(self):
        if self.r.random() < 0.5:
            value = self.r.choice([0, 1, -1, 7, 100, 300, -40000, 2**40])
            return self.add(f"int {value}", Value(np.asarray(value, np.int64), weak=True))
        value = self.r.choice([0.0, 0.5, -2.0, 1e30, 0.1])
        return self.add(f"float {value!r}", Value(np.asarray(value, np.float64), weak=True))

    def pick(self, accept=lambda v: True):
        """A register whose value will do, mostly a late one; a new leaf when there is none."""
        good = [i for i, v in enumerate(self.values) if not v.weak and accept(v)]
        if not good or self.r.random() < 0.15:
            return self.leaf()
        return good[-1] if self.r.random() < 0.6 else self.r.choice(good)

    def partner(self, i):
        """A second operand: of a shape that broadcasts with the first."""
        a = self.values[i]
        if self.r.random() < 0.3:
            return self.number()

        def fits(v):
            try:
                return len(np.broadcast_shapes(v.data.shape, a.data.shape)) >= 0
            except ValueError:
                return False
        good = [k for k, v in enumerate(self.values) if not v.weak and fits(v)]
        if self.r.random() < 0.4:
            shape = tuple(1 if self.r.random() < 0.2 else n for n in a.data.shape)
            return self.leaf(shape[self.r.randint(0, len(shape)):]
                             if self.r.random() < 0.2 else shape)
        return self.r.choice(good)

    def binary(self):
        i = self.pick()
        k = self.partner(i)
        if self.r.random() < 0.5:
            i, k = k, i
        a, b = self.values[i], self.values[k]
        exact = a.err is None and b.err is None
        if exact and self.r.random() < 0.4:
            name = self.r.choice(COMPARISONS)
            return f"{name} {i} {k}", lambda: ex.comparison(name, a, b)
        name = self.r.choice(ARITHMETIC)
        return f"{name} {i} {k}", lambda: ex.arithmetic(name, a, b)

    def unary(self):
        i, name = self.pick(), self.r.choice(["sqrt", "negative", "absolute"])
        return f"{name} {i}", lambda: ex.unary(name, self.values[i])

    def ufunc(self):
        exact = lambda v: v.err is None
        i = self.pick(exact)
        operands = [i, self.partner(i)] if self.r.random() < 0.5 else [i]
        values = [self.values[k] for k in operands]
        if not all(map(exact, values)):
            return self.transpose()
        names = self.r.choice([ex.EXACT, ex.EXACT, ex.INEXACT])[len(operands)]
        name = self.r.choice(names)
        words = f"{name} {' '.join(map(str, operands))}"
        return words, lambda: ex.ufunc(name, values)

    def where(self):
        c = self.pick(lambda v: v.err is None)
        if self.values[c].err is not None:
            c = self.leaf()
        i = self.partner(c)
        shape = np.broadcast_shapes(self.values[c].data.shape, self.values[i].data.shape)
        k = self.leaf(shape)
        args = [self.values[x] for x in (c, i, k)]
        return f"where {c} {i} {k}", lambda: ex.where(*args)

    def astype(self):
        i = self.pick()
        a, dtype = self.values[i], self.r.choice(DTYPES)
        if a.dtype.kind == "f" and not dtype.startswith("float"):
            inside = a.err is None and dtype == "bool"
            if not inside:
                dtype = self.r.choice(["float32", "float64"])
        return f"astype {i} {dtype}", lambda: ex.astype(a, dtype)

    def concatenate(self):
        i = self.pick(lambda v: v.data.ndim > 0)
        a = self.values[i]
        if a.data.ndim == 0:
            return self.transpose()
        axis = self.r.randrange(a.data.ndim)
        regs = [i]
        for _ in range(self.r.randint(0, 3)):
            shape = list(a.data.shape)
            shape[axis] = self.r.choice([0, 1, 3, 6])
            regs.append(self.leaf(tuple(shape), self.r.choice([str(a.dtype), None])))
        self.r.shuffle(regs)
        values = [self.values[k] for k in regs]
        asked = axis - a.data.ndim if self.r.random() < 0.5 else axis
        words = f"concatenate {asked} {' '.join(map(str, regs))}"
        return words, lambda: ex.concatenate(values, axis)

    def transpose(self):
        i = self.pick()
        a = self.values[i]
        axes = list(range(a.data.ndim))
        self.r.shuffle(axes)
        if not axes or self.r.random() < 0.3:
            return f"transpose {i} all", lambda: ex.transpose(a, None)
        return f"transpose {i} {','.join(map(str, axes))}", lambda: ex.transpose(a, axes)

    def rechunk(self):
        i = self.pick()
        a = self.values[i]
        return f"rechunk {i} {self.chunk_spec(a.data.shape)}", lambda: a

    def axes(self, a):
        """Axes for NumPy and as words; None is all of them."""
        if self.r.random() < 0.2:
            return None, "all"
        axes = self.r.sample(range(a.data.ndim), self.r.randint(0, a.data.ndim))
        asked = [k - a.data.ndim if self.r.random() < 0.3 else k for k in axes]
        return tuple(axes), ",".join(map(str, asked)) or "none"

    def reduce(self):
        name = self.r.choice(["sum", "mean", "min", "max", "var", "std"])
        i = self.pick(lambda v: v.err is None or name in ("mean", "sum", "min", "max"))
        a = self.values[i]
        if a.err is not None and name in ("var", "std"):
            name = "max"
        axes, words = self.axes(a)
        keepdims = self.r.random() < 0.3
        tail = words + (" keepdims" if keepdims else "")
        if name in ("min", "max"):
            return f"{name} {i} {tail}", lambda: ex.extreme(name, a, axes, keepdims)
        if name in ("sum", "mean"):
            function = ex.total if name == "sum" else ex.mean
            return f"{name} {i} {tail}", lambda: function(a, axes, keepdims)
        ddof = self.r.choice([0, 0, 1])
        return (f"{name} {i} {ddof} {tail}",
                lambda: ex.variance(a, axes, keepdims, ddof, name == "std"))

    def detrended(self):
        i = self.pick(lambda v: v.err is None and v.data.ndim > 0 and np.isfinite(v.data).all())
        a = self.values[i]
        if a.err is not None or a.data.ndim == 0 or not np.isfinite(a.data).all():
            return self.transpose()
        axis, degree = self.r.randrange(a.data.ndim), self.r.randint(0, 2)
        if a.data.shape[axis] < degree + 2:
            return self.transpose()
        name = self.r.choice(["detrended_mean", "detrended_std"])
        return (f"{name} {i} {degree} {axis}",
                lambda: ex.detrended(a, axis, degree, name == "detrended_std"))

    def build(self):
        makers = [self.binary, self.binary, self.binary, self.unary, self.ufunc, self.ufunc,
                  self.where, self.astype,
                  self.concatenate, self.transpose, self.rechunk, self.reduce, self.reduce,
                  self.reduce, self.detrended]
        self.leaf()
        for _ in range(self.r.randint(1, 9)):
            words, evaluate = self.r.choice(makers)()
            refused = False
            with np.errstate(all="ignore"):
                try:
                    value = evaluate()
                except Refused:
                    refused, value = True, None
            i = self.add(words, value)
            if refused:
                self.outs.append((i, None))
                self.lines.append(f"out {i}")
                self.values.pop()  # never picked, its number is taken again
                continue
            if self.r.random() < 0.1:
                self.out(i)
            if len(self.values) > REGISTERS - 10 or self.values[i].data.size > 20000:
                break
        self.out(len(self.values) - 1)
        self.lines.append("end")

    def out(self, i):
        if not self.values[i].weak:
            self.outs.append((i, self.values[i]))
            self.lines.append(f"out {i}")


def read_results(path):
    """What the program wrote: arrays, or messages of errors."""
    with open(path, "rb") as file:
        while line := file.readline():
            words = line.decode(errors="replace").split()
            if words[0] == "error":
                yield " ".join(words[1:])
                continue
            dtype, shape = np.dtype(words[0]), tuple(map(int, words[2:]))
            size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
            yield np.frombuffer(file.read(size), dtype).reshape(shape)


def compute(script, results, n):
    program = os.path.join(BUILD, "tests", "peers", "test_expressions")
    command = [*MPIRUN, "-n", str(n), program, script, results]
    subprocess.run(command, check=True, timeout=900, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, env={**MPI_ENVIRONMENT, **os.environ})


def check(expression, results):
    """Messages about one expression; takes its results from the iterator."""
    for register, want in expression.outs:
        got = next(results, "no result")
        wrong = None
        if want is None:
            wrong = None if isinstance(got, str) else "computed what is not defined"
        elif isinstance(got, str):
            wrong = f"failed: {got}"
        else:
            wrong = ex.agrees(got, want)
        if wrong:
            yield f"register {register}: {wrong}"


def batch(seeds, ranks, folder):
    """Number of expressions that are wrong."""
    bad = 0
    script, path = os.path.join(folder, "script"), os.path.join(folder, "data.h5")
    with h5py.File(path, "w") as file:
        expressions = [Expression(seed, folder, file) for seed in seeds]
    with open(script, "w", encoding="utf-8") as out:
        for expression in expressions:
            out.write("\n".join(expression.lines) + "\n")
    first = None
    for n in ranks:
        name = os.path.join(folder, f"results-{n}")
        compute(script, name, n)
        with open(name, "rb") as file:
            content = file.read()
        if first is not None and content != first:
            print(f"results on {n} ranks differ from those on {ranks[0]}")
            bad += 1
        first = content if first is None else first
    results = read_results(os.path.join(folder, f"results-{ranks[0]}"))
    for expression in expressions:
        for wrong in check(expression, results):
            bad += 1
            print(f"seed {expression.seed}: {wrong}\n    " + "\n    ".join(expression.lines))
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", default="1,2,3,4")
    options = parser.parse_args()
    ranks = [int(n) for n in options.ranks.split(",")]
    bad = 0
    for start in range(0, options.count, 500):
        seeds = range(options.seed + start, options.seed + min(start + 500, options.count))
        with tempfile.TemporaryDirectory(dir=".") as folder:
            bad += batch(seeds, ranks, os.path.abspath(folder))
    print(f"{options.count} expressions, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=600
