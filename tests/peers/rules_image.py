"""Rules of scipy.ndimage's functions.

SciPy adds in float64 and converts at the end, so that integers may be off by one where the sum is
close to one: those are asked for as floats, or have sums that are exact.
"""
import numpy as np

from grammar import Step, rule

MODES = ["reflect", "constant", "nearest", "mirror", "wrap"]


def image(g, kinds="iuf", low=1, high=3):
    """An array with elements, none of them odd or large enough for sums to lose the small ones."""
    return g.pick(kinds, low, high, accept=lambda v: 0 < v.size < 600 and
                  np.isfinite(v.data).all() and np.abs(v.data.astype(np.float64)).max() < 1e9)


def border(g, v):
    words = []
    if g.chance(0.7):
        mode = g.choice(MODES)
        words.append(f"mode='{mode}'")
        if mode == "constant" and g.chance(0.6):
            words.append(f"cval={g.choice(1, 7 if v.kind == 'u' else -2.5)}")
    return words


def call(name, v, words):
    return f"ndimage.{name}({', '.join([str(v), *map(str, words)])})"


def summed(g, name, v, words, reach=4):
    """Floats: sums of terms that are at most `reach` times the largest element."""
    if v.kind != "f":
        words = [*words, "output=np.float64"]
    scale = f"(np.abs({v}) * 0.0 + max(np.abs({v}).max(), 8)) * {reach}"
    return Step(call(name, v, words), "sum", scale=scale)


def each_axis(g, v, draw):
    return repr(draw()) if g.chance(0.5) else repr(tuple(draw() for _ in range(v.ndim)))


@rule("image", "ndimage.gaussian_filter", "ndimage.gaussian_filter1d")
def gaussian(g, name):
    v = image(g)
    if v is None:
        return None
    def draw():
        return g.choice(0.5, 1, 1.5, 2.0)
    if name.endswith("1d"):
        words = [draw(), f"axis={g.r.randrange(-v.ndim, v.ndim)}"]
    else:
        words = [each_axis(g, v, lambda: g.choice(0, 0.5, 1, 2.0))]
    if g.chance(0.3):
        words.append(f"order={g.choice(0, 1, 2)}")
    if g.chance(0.3):
        words.append(f"truncate={g.choice(2.0, 3.0)}")
    return summed(g, name[8:], v, words + border(g, v), reach=8)


@rule("image", "ndimage.gaussian_laplace", "ndimage.gaussian_gradient_magnitude")
def gaussian_of(g, name):
    v = image(g)
    return v and summed(g, name[8:], v, [g.choice(0.7, 1, 1.5), *border(g, v)], reach=16)


@rule("image", "ndimage.uniform_filter", "ndimage.uniform_filter1d")
def uniform(g, name):
    v = image(g)
    if v is None:
        return None
    if name.endswith("1d"):
        words = [g.r.randint(1, 5), f"axis={g.r.randrange(-v.ndim, v.ndim)}"]
    else:
        words = [each_axis(g, v, lambda: g.r.randint(1, 4))]
    return summed(g, name[8:], v, words + border(g, v), reach=64)


@rule("image", "ndimage.minimum_filter", "ndimage.maximum_filter", "ndimage.minimum_filter1d",
      "ndimage.maximum_filter1d", "ndimage.median_filter")
def extremes(g, name):
    v = image(g)
    if v is None:
        return None
    if name.endswith("1d"):
        words = [g.r.randint(1, 5), f"axis={g.r.randrange(-v.ndim, v.ndim)}"]
    elif g.chance(0.2):
        words = [f"footprint=np.ones({tuple(g.r.randint(1, 3) for _ in v.shape)}, dtype=bool)"]
    else:
        words = [f"size={each_axis(g, v, lambda: g.r.randint(1, 4))}"]
    return Step(call(name[8:], v, words + border(g, v)), "equal")


@rule("image", "ndimage.rank_filter", "ndimage.percentile_filter")
def ranks(g, name):
    v = image(g)
    what = g.choice(0, 1, -1, -2) if "rank" in name else g.choice(0, 20, 50, 90, 100, -30)
    if v is None:
        return None
    words = [what, f"size={g.r.randint(2, 3)}", *border(g, v)]
    return Step(call(name[8:], v, words), "equal")


@rule("image", "ndimage.sobel", "ndimage.prewitt", "ndimage.laplace")
def derivatives(g, name):
    v = image(g)
    if v is None:
        return None
    axis = [f"axis={g.r.randrange(-v.ndim, v.ndim)}"] if "laplace" not in name else []
    return summed(g, name[8:], v, axis + border(g, v), reach=32)


@rule("image", "ndimage.correlate", "ndimage.convolve", "ndimage.correlate1d", "ndimage.convolve1d")
def weighted(g, name):
    v = image(g)
    if v is None:
        return None
    flat = name.endswith("1d")
    shape = (g.r.randint(1, 4),) if flat else tuple(g.r.randint(1, 3) for _ in v.shape)
    weights = (g.n.integers(-4, 5, shape) / 2).tolist()
    words = [weights]
    if flat:
        words.append(f"axis={g.r.randrange(-v.ndim, v.ndim)}")
    if g.chance(0.2) and flat and shape[0] > 2:
        words.append(f"origin={g.choice(-1, 1, 0)}")
    return summed(g, name[8:], v, words + border(g, v), reach=64)


@rule("image", "ndimage.generate_binary_structure")
def structure(g, name):
    return Step(f"ndimage.{name[8:]}({g.r.randint(1, 3)}, {g.r.randint(1, 3)})", "exact")


@rule("image", "ndimage.label", weight=3)
def label(g, name):
    v = g.pick("biuf", 1, 3, accept=lambda v: v.size > 0)
    if v is None:
        return None
    words = [f"{v} > 0" if v.kind != "b" else f"{v}"]
    if g.chance(0.5):
        words.append(f"structure=ndimage.generate_binary_structure({v.ndim}, "
                     f"{g.r.randint(1, v.ndim)})")
    return Step(f"ndimage.label({', '.join(words)})", "exact", names=g.fresh(2))


@rule("image", *(f"ndimage.{name}" for name in (
    "grey_erosion", "grey_dilation", "grey_opening", "grey_closing", "morphological_gradient",
    "morphological_laplace", "white_tophat", "black_tophat")))
def grey(g, name):
    v = image(g, "if")
    if v is None or v.dtype.itemsize < 4:  # what does not fit is converted as C likes
        return None
    shape = tuple(g.r.randint(1, 3) for _ in range(v.ndim))
    words = [g.choice("size=2", f"size={shape}",
                      f"footprint={g.leaf(data=g.n.integers(0, 4, shape) > 0)}",
                      f"structure={g.leaf(data=g.n.integers(0, 3, shape) * 1.0)}")]
    return Step(call(name[8:], v, words + border(g, v)), "sum", scale=f"np.abs({v}).max() + 8")


def labels_of(g, v):
    return g.leaf(data=g.n.integers(0, 4, v.shape).astype(g.choice("i4", "i8")))


@rule("image", *(f"ndimage.{name}" for name in (
    "sum_labels", "mean_labels", "variance", "standard_deviation", "minimum", "maximum", "median",
    "center_of_mass")))
def measures(g, name):
    v = image(g)
    if v is None:
        return None
    labels = labels_of(g, v)
    there = sorted(set(labels.data.ravel().tolist()))
    words = [g.choice([], [labels], [labels, there[-1]], [labels, g.choice(there, there[:1])])]
    name = {"ndimage.mean_labels": "ndimage.mean"}.get(name, name)
    if "center" in name:  # the weights' sum is not near 0
        text = call(name[8:], f"np.abs(({v}).astype(np.float64)) + 1", words[0])
        return Step(f"np.array({text})", "sum", scale="64")
    if v.kind == "f":  # SciPy sums float32 as float32
        v = f"({v}).astype(np.float64)"
    return Step(call(name[8:], v, words[0]), "sum",
                scale=f"np.abs(np.float64({v})).max() * 64 + 64")


@rule("image", "ndimage.histogram", "ndimage.iterate_structure")
def counted(g, name):
    v = image(g, low=1, high=3)
    if v is None:
        return None
    if "iterate" in name:
        shape = tuple(g.r.randint(1, 3) for _ in range(g.r.randint(1, 3)))
        s = g.leaf(data=g.n.integers(0, 2, shape).astype(bool))
        return Step(f"{name}({s}, {g.r.randint(0, 3)})", "exact")
    labels = labels_of(g, v)
    words = g.choice("", f", {labels}", f", {labels}, {labels.data.max()}")
    return Step(f"{name}({v}, {g.choice(-3, 0, 1.5)}, {g.choice(4, 20)}, {g.r.randint(1, 7)}"
                f"{words})", "exact")


@rule("image", *(f"ndimage.binary_{name}" for name in (
    "erosion", "dilation", "opening", "closing", "propagation", "fill_holes", "hit_or_miss")),
      weight=2)
def bits(g, name):
    v = image(g)
    if v is None:
        return None
    words, rank = [f"{v} > {v.data.flat[0]}"], v.ndim
    if "hit" not in name and g.chance(0.5):
        shape = tuple(g.choice(1, 2, 3, 3) for _ in range(rank))
        s = g.n.integers(0, 2, shape)
        s[tuple(n // 2 for n in shape)] = 1
        words.append(f"structure={s.tolist()}")
    if "propagation" not in name and "fill" not in name and "hit" not in name:
        words.append(f"iterations={g.choice(1, 2, 3, 0, -1)}")
    if "fill" not in name and "hit" not in name:
        if g.chance(0.5):
            words.append(f"border_value={g.choice(0, 1)}")
        if g.chance(0.5):
            words.append(f"mask={g.leaf(v.shape, 'b')}")
    return Step(f"{name}({', '.join(words)})", "exact")
