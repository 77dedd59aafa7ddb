"""Rules of reductions, running sums, order statistics and counts."""
import numpy as np

from grammar import Step, rule

METHODS = set("sum prod min max ptp mean var std any all argmin argmax cumsum cumprod".split())


def arguments(g, v, low=0.2, keepdims=True, single=False):
    """What comes after the array: axis and keepdims, by position or name."""
    axis = g.axis(v, low) if single else g.axes(v)
    words = []
    if axis is not None or g.chance(0.3):
        words.append(g.choice(f"axis={axis}", f"{axis}"))
    if keepdims and g.chance(0.3):
        words.append("keepdims=True")
    return words


def more(g, name, v):
    """dtype=, initial= and where= of a reduction."""
    words, base = [], name.replace("nan", "")
    if g.chance(0.12) and base in ("sum", "prod", "mean", "cumsum", "cumprod"):
        words.append("dtype=" + g.choice((["np.float64", "np.complex128", "np.float32", "np.int64"]
                                           if v.kind in "iub" else
                                           ["np.complex128" if v.kind == "c" else "np.float64"])))
    if g.chance(0.12) and base in ("sum", "prod", "min", "max", "amin", "amax"):
        words.append(f"initial={g.choice(0, 1, 3)}")
    if g.chance(0.12) and base in ("sum", "mean", "any", "all", "var", "std"):
        words.append(f"where={g.leaf(v.shape, 'b')}")
    return words


def call(g, name, v, words):
    if name in METHODS and g.chance(0.5):
        return f"{v}.{name}({', '.join(words)})"
    return f"np.{name}({', '.join([str(v), *words])})"


def adds_up(v):
    """Whether no sum of some elements overflows: which of them do depends on the order, and a mean
    does not show it."""
    if v.kind not in "fc":
        return True
    sizes = np.abs(v.data.astype(np.clongdouble))
    return sizes[np.isfinite(sizes)].sum() < np.finfo(v.dtype).max


@rule("reduce", "sum", "nansum", "mean", "nanmean", weight=2)
def sums(g, name):
    v = g.pick("biufc", accept=lambda v: "mean" not in name or adds_up(v))
    if v is None:
        return None
    return Step(call(g, name, v, arguments(g, v) + more(g, name, v)), "sum")


def tame(v, axis=None):
    """Whether no product of some of the elements behind a result overflows or underflows: whether
    others do depends on the order, about which NumPy promises nothing."""
    if v.kind not in "fc":
        return v.size < 300
    with np.errstate(all="ignore"):
        logs = np.log2(np.abs(v.data.astype(np.clongdouble)))
    logs = np.abs(np.where(np.isfinite(logs), logs, 0)).sum(axis=axis)
    return v.size < 300 and (logs < (120 if v.dtype.itemsize // (1 + (v.kind == "c")) == 4
                                     else 1000)).all()


def rounded(v, text):
    """A product of n numbers has been rounded n times, by NumPy as well."""
    return f"np.abs({text}) * {1 + v.size / 8}"


@rule("reduce", "prod", "product", "nanprod")
def products(g, name):
    v = g.pick("biufc", accept=lambda v: v.size < 300)
    axis = None if v is None else g.axes(v)
    if v is None or not tame(v, axis):
        return None
    words = [f"axis={axis}"] + ["keepdims=True"] * g.chance(0.3)
    text = call(g, name, v, words + more(g, name, v))
    return Step(text, "sum", scale=rounded(v, text))


@rule("reduce", "min", "max", "amin", "amax", "nanmin", "nanmax", "ptp")
def extremes(g, name):
    v = g.pick("biuf" if name != "ptp" else "iuf")
    return v and Step(call(g, name, v, arguments(g, v) + more(g, name, v)), "equal")


@rule("reduce", "var", "std", "nanvar", "nanstd", weight=2)
def moments(g, name):
    v = g.pick("biufc")
    if v is None:
        return None
    words = arguments(g, v) + more(g, name, v)
    if g.chance(0.4):
        words.append(f"ddof={g.choice(0, 1, 2, 0.5)}")
    # A mean that is off by an ulp moves the variance by its square.
    text = call(g, name, v, words)
    scale = f"np.abs({text})"
    if name.startswith("nan"):  # whose mean is a sum over a count, of equal numbers as well
        scale += f" + np.abs({v}[np.isfinite({v})]).max(initial=0)"
    return Step(text, "sum", scale=scale if name != "nanvar" else f"{scale}**2 * 2.3e-16")


@rule("reduce", "any", "all", "count_nonzero")
def truths(g, name):
    v = g.pick("biufc")
    return v and Step(call(g, name, v, arguments(g, v) + more(g, name, v)), "exact")


@rule("reduce", "argmin", "argmax", "nanargmin", "nanargmax")
def places(g, name):
    v = g.pick("biuf")
    return v and Step(call(g, name, v, arguments(g, v, single=True)), "exact")


@rule("reduce", "cumsum", "cumprod", "nancumsum", "nancumprod")
def running(g, name):
    v = g.pick("biufc", accept=lambda v: "prod" not in name or v.size < 300)
    axis = None if v is None else g.axis(v)
    if v is None or "prod" in name and not tame(v, axis):
        return None
    text = call(g, name, v, [f"axis={axis}"])
    return Step(text, "sum", scale=rounded(v, text) if "prod" in name else None)


@rule("reduce", "median", "nanmedian")
def medians(g, name):
    v = g.pick("iufc", accept=lambda v: v.kind != "c" or not np.isinf(v.data).any())
    # NumPy divides a complex sum by a count as if it were complex, too: infinities become NaN.
    return v and Step(call(g, name, v, arguments(g, v)))


def is_huge(a):
    """Elements that are infinite, or are with another rounding."""
    return a.dtype.kind == "f" and (np.abs(a) > np.finfo(a.dtype).max / 4).any()


@rule("reduce", "quantile", "percentile", "nanquantile", "nanpercentile")
def quantiles(g, name):
    v = g.pick("iuf", accept=lambda v: v.size > 0)
    if v is None:
        return None
    top = 100 if "percentile" in name else 1
    numbers = [0.0, 1.0, 0.5, 0.25, 0.75, 0.1, 0.9, 0.333]
    q = g.choice(numbers) * top if g.chance(0.6) else \
        [k * top for k in g.r.sample(numbers, g.choice(1, 2, 3))]
    if v.dtype == np.float32 and isinstance(q, list) or is_huge(v.data):
        return None  # beside infinite elements NumPy's are not numbers, ours those elements
    text = call(g, name, v, [str(q), *arguments(g, v)])
    if v.kind == "f":
        return Step(text)
    return Step(text, "sum",  # of integers: their difference may not fit
                scale=f"np.nanmax(np.abs(np.float64({v}))) * (1 + 0 * np.abs({text}))")


@rule("reduce", "histogram")
def histogram(g, name):
    v = g.pick("iuf", accept=lambda v: v.size > 0 and np.isfinite(v.data).all() and
               np.abs(lifted(v.data)).max() < 1e6)
    if v is None:
        return None
    bins = g.choice("10", "5", "1", "[-1, 0, 1.5, 3]", "[0, 1, 2]")
    if v.dtype == np.float32 and not bins.startswith("["):
        return None  # NumPy makes the edges with the precision of float32
    words = [f"bins={bins}"] if bins != "10" or g.chance(0.5) else []
    if not bins.startswith("[") and g.chance(0.5):
        low = 0.0 if v.kind == "u" else g.choice(0, -5.0, -100.0)
        words.append(f"range=({low}, {g.choice(1, 5, 100)})")
    if g.chance(0.3):
        words.append("density=True")
    text = f"np.histogram({', '.join([str(v), *words])})"
    return Step(text, names=g.fresh(2)) if g.chance(0.7) else Step(f"{text}[{g.choice(0, 1)}]")


def lifted(a):
    return a.astype(np.clongdouble if a.dtype.kind == "c" else np.longdouble)


@rule("reduce", "bincount")
def bincount(g, name):
    n = g.choice(0, 1, 5, 40)
    v = g.leaf(data=g.n.integers(0, g.choice(1, 5, 30), n).astype(g.choice("i8", "i4", "u1", "i2")))
    words = [str(v)]
    if g.chance(0.4):
        words.append(f"minlength={g.choice(0, 3, 40)}")
    terms = ", ".join(words)
    if g.chance(0.4):
        w = g.leaf((n,), "iuf")
        words.append(f"weights={w}")
        terms += f", weights=np.abs({w}.astype(float))"
    return Step(f"np.bincount({', '.join(words)})", "sum", integers=False,
                scale=f"np.bincount({terms})")


@rule("reduce", "digitize")
def digitize(g, name):
    v = g.pick("iuf")
    bins = g.choice("[0.0, 1.0, 2.5]", "[-10, 0, 10]", "[3, 1, -1]", "[0]", "[1, 1, 2]")
    return v and Step(f"np.digitize({v}, {bins}{g.choice('', ', right=True')})", "exact")


@rule("reduce", "average")
def average(g, name):
    v = g.pick("iuf", accept=lambda v: v.size > 0)
    if v is None:
        return None
    words = arguments(g, v)
    if g.chance(0.6):
        axis = g.axis(v, none=0.3)
        shape = v.shape if axis is None or g.chance(0.3) else (v.shape[axis],)
        w = g.leaf(data=g.n.integers(1, 5, shape).astype(g.choice("f8", "f4", "i4")))
        words = [f"axis={axis}", f"weights={w}"]
    return Step(f"np.average({', '.join([str(v), *words])})", "sum")


@rule("reduce", "linalg.norm")
def norm(g, name):
    v = g.pick("iufc")
    if v is None:
        return None
    words = []
    if v.ndim > 1 and g.chance(0.3):
        axes = tuple(g.r.sample(range(v.ndim), 2))
        words = [f"ord={g.choice('None', repr('fro'), 1, -1, 'np.inf', '-np.inf')}",
                 f"axis={axes}"]
    elif g.chance(0.7) and v.ndim:
        words = [f"ord={g.choice('None', 0, 1, 2, 3, -1, -2, 0.5, 'np.inf', '-np.inf')}",
                 f"axis={g.axis(v, 0)}"]
    if g.chance(0.3):
        words.append("keepdims=True")
    return Step(f"np.linalg.norm({', '.join([str(v), *words])})", "sum")


@rule("reduce", "cov", "corrcoef")
def covariance(g, name):
    v = g.pick("iufc", 1, 2, accept=lambda v: v.shape[-1] > 1 and np.isfinite(v.data).all() and
               np.abs(lifted(v.data)).max(initial=0) < 1e9)
    if v is None:
        return None
    words = []
    if g.chance(0.3):
        words.append(str(g.leaf(v.shape, data=g.n.normal(0, 1, v.shape))))
    if g.chance(0.3):
        words.append("rowvar=False")
    if name == "cov" and g.chance(0.4):
        words.append(g.choice("bias=True", "ddof=0", "ddof=1"))
    if name == "cov" and g.chance(0.4) and "rowvar=False" not in words:
        words.append(f"fweights={g.leaf(data=g.n.integers(1, 4, v.shape[-1]))}")
    if name == "cov" and g.chance(0.4) and "rowvar=False" not in words:
        words.append(f"aweights={g.leaf(data=g.n.uniform(0.5, 2, v.shape[-1]))}")
    text = f"np.{name}({', '.join([str(v), *words])})"
    # A mean that is off by an ulp moves the covariance by its square.
    rounding = f"2.3e-16 * np.abs({v}).max()**2"
    scale = "1.0" if name == "corrcoef" else f"np.abs({text}).max() + {rounding}"
    return Step(text, "sum", scale=f"({scale}) * 4")
