"""Filters of images against scipy.ndimage: random lines run by calc_app on several ranks and by
SciPy, whatever the shapes, dtypes, modes and chunks. Integers are equal, floats to the last bits,
and of the same bytes on all ranks.

usage: test_image.py [--count N] [--seed S] [--ranks 1,2,3,4]
"""
import os
import sys

# With AVX-512 NumPy's exp has other last bits, and with it the weights of SciPy's Gaussians.
os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL " \
    "AVX512_ICL"

import numpy as np
from scipy import ndimage

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_shapes

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint8", "uint16", "uint32",
          "float32", "float64", "float64"]
MODES = ["reflect", "nearest", "mirror", "wrap", "constant", "grid-mirror", "grid-constant",
         "grid-wrap"]
REFUSED = (ValueError, IndexError, TypeError, RuntimeError, ZeroDivisionError, OverflowError)


class Line(test_shapes.Line):
    """One line: a filter of an image."""

    def array(self, shape, dtype=None):
        return super().array(shape, dtype or self.r.choice(DTYPES))

    def shape(self, ndim=None, least=1):
        ndim = self.r.choice([1, 2, 2, 3, 3, 4]) if ndim is None else ndim
        lengths = [1, 2, 3, 5, 8, 13, 21, 34] if ndim < 3 else [1, 2, 3, 5, 8, 13]
        if self.r.random() < 0.02:
            lengths = [0, 3]
        return tuple(self.r.choice(lengths) for _ in range(ndim))

    def each(self, make):
        """One value, or one for each axis."""
        if self.r.random() < 0.6:
            return repr(make())
        return repr([make() for _ in self.of(self.x).shape])

    def mode(self, several=True):
        words = []
        if self.r.random() < 0.8:
            words.append("mode=" + (self.each(lambda: self.r.choice(MODES)) if several
                                    else repr(self.r.choice(MODES))))
            words.append(f"cval={self.r.choice([0, 1, 2, -3, 2.5])}")
        if self.r.random() < 0.15:
            words.append(f"output={self.r.choice(['np.float64', 'np.float32', 'np.int32'])}")
        return "".join(", " + word for word in words)

    def origin(self, sizes):
        """An origin that fits in windows of these sizes, now and then one that does not."""
        if self.r.random() < 0.5:
            return ""
        if self.r.random() < 0.05:
            return ", origin=7"
        return f", origin={[self.r.randint(-(n // 2), (n - 1) // 2) for n in sizes]}"

    def weights(self, shape, footprint=False):
        if footprint:
            data = self.n.integers(0, 2, shape)
            data.flat[self.r.randrange(data.size)] = 1
            return repr(data.tolist())
        data = self.r.choice([
            lambda: self.n.integers(-3, 4, shape), lambda: np.ones(shape, int),
            lambda: self.n.integers(-8, 9, shape) / 4])()
        return repr(data.tolist())

    def expression(self):
        return self.r.choice([
            self.gaussian, self.gaussian, self.gaussian1d, self.derived, self.uniform,
            self.extreme, self.edges, self.window1d, self.rank, self.rank, self.correlate,
            self.correlate, self.correlate1d, self.label, self.label, self.erosion,
            self.erosion, self.until, self.measure, self.measure, self.objects])()

    def gaussian(self):
        sigma = self.each(lambda: self.r.choice([0, 0.5, 0.7, 1, 1, 1.5, 2, 3, 6]))
        words = self.mode()
        if self.r.random() < 0.3:
            words += f", order={self.each(lambda: self.r.choice([0, 0, 1, 2, 3]))}"
        if self.r.random() < 0.2:
            words += f", radius={self.each(lambda: self.r.choice([0, 1, 4]))}"
        elif self.r.random() < 0.3:
            words += f", truncate={self.r.choice([1, 2.5, 3, 6])}"
        return f"ndimage.gaussian_filter({self.x}, {sigma}{words})"

    def gaussian1d(self):
        axis = self.axis(self.of(self.x).ndim)
        return (f"ndimage.gaussian_filter1d({self.x}, {self.r.choice([0.5, 1, 2, 8])}, {axis}"
                f", {self.r.choice([0, 0, 1, 2])}{self.mode(False)})")

    def derived(self):
        x = f"({self.x} * 1.0)"  # integers that overflow in the middle are no one's business
        name = self.r.choice(["gaussian_laplace", "gaussian_gradient_magnitude"])
        return f"ndimage.{name}({x}, {self.r.choice([0.5, 1, 2])})"

    def uniform(self):
        sizes = [self.r.choice([1, 2, 3, 4, 5, 9]) for _ in self.of(self.x).shape]
        if self.r.random() < 0.5:
            return f"ndimage.uniform_filter({self.x}, {sizes[0]}{self.mode()})"
        return f"ndimage.uniform_filter({self.x}, {sizes}{self.mode()}{self.origin(sizes)})"

    def extreme(self):
        name = self.r.choice(["minimum", "maximum"])
        sizes = [self.r.choice([1, 2, 3, 4, 5, 17]) for _ in self.of(self.x).shape]
        return f"ndimage.{name}_filter({self.x}, {sizes}{self.mode()}{self.origin(sizes)})"

    def window1d(self):
        name, size = self.r.choice(["uniform", "minimum", "maximum"]), self.r.choice([1, 2, 5, 11])
        origin = self.r.randint(-(size // 2), (size - 1) // 2)
        return (f"ndimage.{name}_filter1d({self.x}, {size}, {self.axis(self.of(self.x).ndim)}"
                f"{self.mode(False)}, origin={origin})")

    def edges(self):
        name = self.r.choice(["sobel", "prewitt", "laplace"])
        axis = f", {self.axis(self.of(self.x).ndim)}" if name != "laplace" else ""
        return f"ndimage.{name}({self.x}{axis}{self.mode()})"

    def window(self, most):
        shape = [self.r.choice([1, 2, 3, 3, 4, 5, 7]) for _ in self.of(self.x).shape]
        while np.prod(shape) > most:
            shape[self.r.randrange(len(shape))] = 1
        return shape

    def rank(self):
        shape = self.window(self.r.choice([9, 30, 200]))
        name = self.r.choice(["median_filter", "median_filter", "rank_filter", "percentile_filter",
                              "minimum_filter", "maximum_filter"])
        how = f"size={shape}"
        if self.r.random() < 0.5:
            how = f"footprint={self.weights(shape, footprint=True)}"
        if name == "rank_filter":
            how = f"{self.r.randint(-4, 3)}, {how}"
        if name == "percentile_filter":
            how = f"{self.r.choice([0, 10, 50, 80.5, 100, -20])}, {how}"
        return f"ndimage.{name}({self.x}, {how}{self.mode(False)}{self.origin(shape)})"

    def correlate(self):
        shape = self.window(60)
        name = self.r.choice(["correlate", "convolve"])
        return (f"ndimage.{name}({self.x}, {self.weights(shape)}{self.mode(False)}"
                f"{self.origin(shape)})")

    def label(self):
        x = self.of(self.x)
        self.names[self.x] = self.n.random(x.shape) < self.r.choice([0.2, 0.5, 0.6, 0.8])
        self.file[f"/a{self.seed}_{self.x}"][...] = self.names[self.x].astype(x.dtype)
        structure = self.n.integers(0, 2, [3] * x.ndim)
        structure |= structure[(slice(None, None, -1),) * x.ndim]
        text = self.r.choice([
            "", "", f", ndimage.generate_binary_structure({x.ndim}, {self.r.randint(0, 4)})",
            f", {structure.tolist()}", ", output=np.int64"])
        return f"ndimage.label({self.x}{text})[{self.r.choice([0, 0, 1])}]"

    def bits(self, share):
        """The name of a new image of bits, of the shape of the first."""
        name = self.array(self.of(self.x).shape, "bool")
        self.names[name] = self.n.random(self.of(name).shape) < share
        self.file[f"/a{self.seed}_{name}"][...] = self.names[name]
        return name

    def structure(self):
        if self.r.random() < 0.4:
            return ""
        shape = [self.r.choice([1, 2, 3, 3, 4]) for _ in self.of(self.x).shape]
        words = f", structure={self.weights(shape, footprint=True)}"
        if self.r.random() < 0.4:
            words += f", origin={[self.r.randint(-(n // 2), (n - 1) // 2) for n in shape]}"
        return words

    def erosion(self):
        name = self.r.choice(["erosion", "erosion", "dilation", "opening", "closing"])
        x = self.bits(self.r.choice([0.05, 0.3, 0.9]))
        words = self.structure()
        if self.r.random() < 0.5:
            words += f", iterations={self.r.choice([1, 2, 3, 7])}"
        if self.r.random() < 0.4:
            words += ", border_value=1"
        if self.r.random() < 0.3:
            words += f", mask={self.bits(0.7)}"
        if self.r.random() < 0.1:
            return f"ndimage.binary_hit_or_miss({x})"
        return f"ndimage.binary_{name}({x}{words})"

    def until(self):
        """Iterations until nothing changes."""
        x = self.bits(self.r.choice([0.05, 0.2]))
        rank = self.of(self.x).ndim
        near = (f"structure=ndimage.generate_binary_structure({rank}, "
                f"{self.r.randint(1, rank)})")
        odd = self.n.integers(0, 2, [self.r.choice([2, 3, 3, 5]) for _ in range(rank)])
        odd[tuple(n // 2 for n in odd.shape)] = 1  # else it need not come to an end
        odd = f"structure={odd.tolist()}"
        return self.r.choice([
            f"ndimage.binary_propagation({x}, mask={self.bits(0.6)}, {near})",
            f"ndimage.binary_dilation({x}, {near}, iterations=-1, mask={self.bits(0.6)})",
            f"ndimage.binary_erosion({self.bits(0.9)}, iterations=0, border_value=1)",
            f"ndimage.binary_fill_holes({self.bits(0.6)}, {near})",
            f"ndimage.binary_propagation({x}, {odd}, mask={self.bits(0.7)})",
            f"ndimage.binary_erosion({self.bits(0.9)}, {odd}, iterations=0, border_value=1)"])

    def labels(self):
        """The name of an array of labels, some in large parts, some not there."""
        x = self.of(self.x)
        name = self.array(x.shape, self.r.choice(["int32", "int64", "uint8", "int8"]))
        values = self.n.integers(0, self.r.choice([2, 6, 100]), x.shape)
        if self.r.random() < 0.3:
            values = ndimage.label(values > 1)[0]
        self.names[name] = values.astype(self.of(name).dtype)
        self.file[f"/a{self.seed}_{name}"][...] = self.names[name]
        return name

    def measure(self):
        labels = self.labels()
        index = self.r.choice(["None", "3", "[1, 2, 3]", "[5, 1, 200, 1]", "np.arange(0, 9)",
                               "[[1, 2], [3, 0]]"])
        name = self.r.choice([
            "sum_labels", "sum", "mean", "variance", "standard_deviation", "minimum", "maximum",
            "minimum_position", "maximum_position", "center_of_mass", "extrema", "median",
            "histogram"])
        if name in ("minimum_position", "maximum_position"):
            index = "3"  # of several labels SciPy finds any of equal elements, we the first
        elif name in ("extrema", "center_of_mass"):
            index = index if index[0] != "[" or index[1] != "[" else "[1]"
        words = self.r.choice(["", f", {labels}", f", {labels}, {index}", f", {labels}, {index}"])
        there = self.names[labels].max() if self.names[labels].size else 1
        if name == "histogram" and self.of(labels).size > 0:
            several = index in words and self.r.random() < 0.6
            words = words.replace(index, f"[0, {there}]" if several else f"{there}")
            text = f"ndimage.histogram({self.x}, -20, {self.r.choice([20, 7.5])}, 6{words})"
            return text + "[1]" * several
        if name in ("histogram", "median"):  # of a label that is not there SciPy gives some element
            name = "median"
            words = words.replace(index, self.r.choice([f"{there}", f"[{there}]"]))
        if name == "extrema":
            return f"ndimage.extrema({self.x}{words})[{self.r.randint(0, 1)}]"
        return f"ndimage.{name}({self.x}{words})"

    def objects(self):
        labels = self.labels()
        most = self.r.choice(["", ", 3", ", 12"])
        return (f"np.array([{self.x}[o].astype(np.float64).sum() if o else -7 "
                f"for o in ndimage.find_objects({labels}{most})])")

    def correlate1d(self):
        name, n = self.r.choice(["correlate1d", "convolve1d"]), self.r.choice([1, 2, 3, 4, 5, 9])
        weights = self.r.choice([self.weights(n), "[1, 4, 6, 4, 1]", "[-1, 0, 1]"])
        return (f"ndimage.{name}({self.x}, {weights}, {self.axis(self.of(self.x).ndim)}"
                f"{self.mode(False)})")


def value(line):
    names = {"np": np, "ndimage": ndimage, **line.names}
    with np.errstate(all="ignore"):
        try:
            return np.asarray(eval(line.text, names))
        except REFUSED as error:
            return error


def differs(text, got, want):
    if isinstance(want, Exception):
        return None if got is None else f"computed what SciPy refuses: {want}"
    if got is None:
        return "refused"
    if got.dtype != want.dtype or got.shape != want.shape:
        return f"{got.dtype} {got.shape}, not {want.dtype} {want.shape}"
    if np.array_equal(got, want):
        return None
    if got.dtype.kind not in "fc":
        at = tuple(np.argwhere(got != want)[0])
        return f"at {at} {got[at]!r}, not {want[at]!r}"
    if np.array_equal(got, want, equal_nan=True):
        return None
    near = 16 * np.finfo(got.dtype).eps * max(np.abs(want).max(), 1)
    if text.startswith(("ndimage.mean", "ndimage.va", "ndimage.st", "ndimage.ce", "ndimage.su")):
        near = 1e-5 * max(np.nanmax(np.abs(want), initial=0), 100)  # SciPy sums float32 as float32
    off = np.nanmax(np.abs(got - want))
    return None if off <= near else f"{off} off, more than {near}"


if __name__ == "__main__":
    test_shapes.Line, test_shapes.differs, test_shapes.numpy_value = Line, differs, value
    sys.exit(test_shapes.main())

#TEST args="--count 240 --ranks 1,3" timeout=600
