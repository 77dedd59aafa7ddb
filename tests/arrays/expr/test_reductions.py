"""Reductions against NumPy: random lines run by calc_app on several ranks and by NumPy. Integers,
bools and shapes equal, floats near; the same bytes on all rank counts, whatever the chunks.

usage: test_reductions.py [--count N] [--seed S] [--ranks 1,2,3,4]

A line that NumPy refuses has to be refused. A failure prints the line and the seed that makes it.
"""
import argparse
import os
import sys
import tempfile
import warnings

import h5py
import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_shapes


class Line(test_shapes.Line):
    """One line: a reduction of an array, with NaN here and there."""

    def array(self, shape, dtype=None):
        name = super().array(shape, dtype)
        data = self.names[name].copy()
        if data.dtype.kind == "f" and self.r.random() < 0.6:
            data[self.n.random(shape) < self.r.choice([0.1, 0.5])] = np.nan
        if self.r.random() < 0.5:  # many equal
            data = np.round(data / 8).astype(data.dtype) if data.dtype != bool else data
        self.file[f"/a{self.seed}_{name}"][...] = data
        self.names[name] = data
        return name

    def some_axes(self, many=True):
        n = self.of(self.x).ndim
        kind = self.r.random()
        if kind < 0.25:
            return "axis=None"
        if kind < 0.45 and many:
            return f"axis={tuple(self.r.sample(range(n), self.r.randint(1, n)))}"
        return f"axis={self.axis(n)}"

    def reduction(self, names, many=True, more=""):
        keep = self.r.choice(["", "", ", keepdims=True"])
        return f"np.{self.r.choice(names)}({self.x}, {self.some_axes(many)}{more}{keep})"

    def expression(self):
        makers = [self.simple, self.simple, self.arg, self.spread, self.average, self.norm,
                  self.covariance, self.running, self.running, self.sorted, self.sorted,
                  self.counts, self.counts, self.bincount]
        return self.r.choice(makers)()

    def simple(self):
        names = ["prod", "any", "all", "count_nonzero", "nansum", "nanprod", "nanmean", "nanmin",
                 "nanmax"]
        if self.of(self.x).dtype != bool:
            names.append("ptp")
        return self.reduction(names)

    def arg(self):
        return self.reduction(["argmin", "argmax", "nanargmin", "nanargmax"], many=False)

    def spread(self):
        return self.reduction(["nanvar", "nanstd"], more=self.r.choice(["", ", ddof=1"]))

    def average(self):
        a = self.of(self.x)
        if not a.size:  # NumPy refuses some, by division by zero
            return self.simple()
        axis = self.axis(a.ndim)
        w = [self.r.randint(1, 5) for _ in range(a.shape[axis])]
        return self.r.choice([f"np.average({self.x}, axis={axis}, weights={w})",
                              f"np.average({self.x}, axis={axis}, weights={w}, returned=True)[1]",
                              f"np.average({self.x}, {self.some_axes()})"])

    def norm(self):
        a = self.of(self.x)
        if a.dtype == bool:
            return self.simple()
        order = self.r.choice(["None", "1", "2", "3", "np.inf", "-np.inf", "0", "0.5"])
        lines = [f"np.linalg.norm({self.x})",
                 f"np.linalg.norm({self.x}, {order}, axis={self.axis(a.ndim)})"]
        if a.ndim > 1:
            axes = tuple(self.r.sample(range(a.ndim), 2))
            order = self.r.choice(["'fro'", "1", "-1", "np.inf", "-np.inf", "None"])
            lines.append(f"np.linalg.norm({self.x}, ord={order}, axis={axes}, keepdims=True)")
        return self.r.choice(lines)

    def covariance(self):
        self.x = self.array(self.shape(self.r.choice([1, 2]), least=3), "float64")
        return self.r.choice([f"np.cov({self.x})", f"np.cov({self.x}, rowvar=False, bias=True)",
                              f"np.cov({self.x}, ddof=0)", f"np.corrcoef({self.x})"])

    def running(self):
        name = self.r.choice(["cumsum", "cumprod", "nancumsum", "nancumprod"])
        axis = self.r.choice(["axis=None", f"axis={self.axis(self.of(self.x).ndim)}"])
        return f"np.{name}({self.x}, {axis})"

    def sorted(self):
        a = self.of(self.x)
        if a.dtype in (bool, np.float32) or not a.size:
            self.x = self.array(self.shape(least=1), self.r.choice(["float64", "int16"]))
            a = self.of(self.x)
        k = self.r.choice([-3, -1, 1, 2, 5])
        return self.r.choice([
            self.reduction(["median", "nanmedian"]),
            self.reduction(["quantile", "nanquantile"], more=f", q={self.r.random()}"),
            self.reduction(["quantile", "nanquantile"], more=", q=[0.25, 0, 1, 0.7]"),
            self.reduction(["percentile", "nanpercentile"], more=", q=(30, 62.5)"),
            f"topk({self.x}, {k}, axis={self.axis(a.ndim)})",
            f"argtopk({self.x}, {k}, axis={self.axis(a.ndim)})"])

    def counts(self):
        a = self.of(self.x)
        if a.dtype == bool:
            return f"np.unique({self.x}, return_counts=True)[{self.r.randrange(2)}]"
        edges = sorted(self.r.randint(-9, 9) for _ in range(self.r.randint(2, 6)))
        bins = self.r.choice(["5", "10, range=(-4, 6.5)", "3, (2, 2)", "7, (-3, 8), density=True",
                              f"{edges}", f"{edges}, density=True", "0", "[3, 1]"])
        weights = ""
        if self.r.random() < 0.3:
            weights = f", weights={self.array(a.shape, self.r.choice(['float64', 'int32']))}"
        k = self.r.randrange(2)
        falling = self.r.choice([edges, edges[::-1], [1, 3, 2]])
        return self.r.choice([
            f"np.histogram({self.x}, {bins}{weights})[{k}]",
            f"np.histogram({self.x}, {bins})[{k}]",
            f"np.digitize({self.x}, {falling}, right={self.r.random() < 0.5})",
            f"np.unique({self.x})", f"np.unique({self.x}, return_counts=True)[{k}]"])

    def bincount(self):
        self.x = self.array(self.shape(self.r.choice([1, 1, 1, 2])),
                            self.r.choice(["uint8", "int16", "uint32", "float64"]))
        lines = [f"np.bincount({self.x})", f"np.bincount({self.x}, minlength=30)",
                 f"np.bincount(abs({self.x}))"]
        weights = self.array(self.of(self.x).shape, "float64")
        return self.r.choice([*lines, f"np.bincount(abs({self.x}), weights={weights})"])


def topk(a, k, axis):
    """Dask's, without its chunks."""
    a = np.sort(a, axis)
    return np.flip(np.take(a, range(-min(k, a.shape[axis]), 0), axis), axis) if k > 0 else \
        np.take(a, range(min(-k, a.shape[axis])), axis)


def argtopk(a, k, axis):
    a = np.argsort(a, axis, kind="stable")
    return np.flip(np.take(a, range(-min(k, a.shape[axis]), 0), axis), axis) if k > 0 else \
        np.take(a, range(min(-k, a.shape[axis])), axis)


def numpy_value(line):
    line.names.update(topk=topk, argtopk=argtopk)
    return test_shapes.numpy_value(line)


def differs(line, got, want):
    if isinstance(want, Exception):
        return None if got is None else f"computed what NumPy refuses: {want}"
    if got is None:
        return "refused"
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    if want.dtype.kind in "biu":
        return None if np.array_equal(got, want) else f"{got!r}, not {want!r}"
    least = 1e-4 if line.of(line.x).dtype == np.float32 else 1e-11
    if np.allclose(got, want, least, least, equal_nan=True):
        return None
    return f"{got!r}, not {want!r}"


def batch(seeds, ranks, folder):
    bad = 0
    with h5py.File(os.path.join(folder, "data.h5"), "w") as file:
        lines = [Line(seed, file) for seed in seeds]
    results, errors = test_shapes.compute(folder, lines, ranks[0])
    for line in lines:
        wrong = differs(line, results[line.seed], numpy_value(line))
        if wrong:
            bad += 1
            print(f"seed {line.seed}: {line.text}\n    {'; '.join(line.opens)}\n    {wrong}")
    if bad:
        print(errors[-2000:])
    for n in ranks[1:]:
        others, _ = test_shapes.compute(folder, lines, n)
        for line in lines:
            a, b = results[line.seed], others[line.seed]
            if (a is None) != (b is None) or (a is not None and a.tobytes() != b.tobytes()):
                bad += 1
                print(f"seed {line.seed}: {line.text}: {n} ranks differ from {ranks[0]}")
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", default="1,2,3,4")
    options = parser.parse_args()
    ranks = [int(n) for n in options.ranks.split(",")]
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        seeds = range(options.seed, options.seed + options.count)
        bad = batch(seeds, ranks, os.path.abspath(folder))
    print(f"{options.count} lines, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

#TEST timeout=600
