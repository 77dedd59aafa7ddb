"""Rules of sorting, and of looking up in what is sorted."""
import numpy as np

from grammar import Step, rule


def of_axis(g, v, none=0.1):
    """An axis that sorting can have, and the words for it."""
    axis = g.axis(v, none if v.ndim else 1)
    return axis, f", axis={axis}" if axis != -1 or g.chance(0.5) else ""


@rule("sort", "sort", weight=2)
def sort(g, name):
    v = g.pick("biufc")
    words = v and of_axis(g, v)[1] + g.choice("", ", kind='stable'", ", kind='heapsort'")
    return v and Step(f"np.sort({v}{words})", "equal")


@rule("sort", "argsort", weight=2)
def argsort(g, name):
    v = g.pick("biufc")
    if v is None:
        return None
    words = f"({v}{of_axis(g, v)[1]}, kind='stable')"
    if g.chance(0.3):
        return Step(f"{v}.argsort({words.partition(', ')[2]}", "exact", f"np.argsort{words}")
    return Step(f"np.argsort{words}", "exact")


@rule("sort", "partition", "argpartition")
def partition(g, name):
    """What is sorted is a partition: compared with NumPy's sorted arrays."""
    v = g.pick("biufc", accept=lambda v: v.size > 0)
    if v is None:
        return None
    axis, words = of_axis(g, v)
    n = v.size if axis is None else v.shape[axis]
    kth = g.choice(str(g.r.randrange(-n, n)), str([g.r.randrange(n) for _ in range(2)]))
    peer = f"np.{'arg' if 'arg' in name else ''}sort({v}, axis={axis}, kind='stable')"
    return Step(f"np.{name}({v}, {kth}{words})", "exact" if "arg" in name else "equal", peer)


def same_elements(axis):
    """Of equal elements any place will do."""
    def check(got, want, inputs):
        (a,), (ours,), (theirs,) = inputs, got, want
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return f"{ours.dtype} {ours.shape}, not {theirs.dtype} {theirs.shape}"
        picked = [np.take_along_axis(a, places, axis) for places in (ours, theirs)]
        return None if np.array_equal(*picked, equal_nan=True) else f"{ours}, not {theirs}"
    return check


@rule("sort", "topk", "argtopk")
def top(g, name):
    v = g.pick("iuf", low=1, accept=lambda v: v.size > 0 and not np.isnan(v.data).any())
    if v is None:
        return None
    axis = g.axis(v, none=0)
    k = g.r.randint(1, v.shape[axis]) * g.choice(1, -1)
    words = f"{name}({v}, {k}, axis={axis})"
    if name == "argtopk":
        return Step(f"da.{words}", "check", f"np.{words}", check=same_elements(axis))
    return Step(f"da.{words}", "equal", f"np.{words}")


def tied(g, v):
    """Some equal elements."""
    with np.errstate(all="ignore"):
        data = v.data if v.kind == "b" else (v.data % 3 if v.kind in "iu" else
                                             np.round(v.data.real / 10).astype(v.dtype))
    return g.leaf(data=data) if g.chance(0.6) else v


@rule("sort", "unique", weight=2)
def unique(g, name):
    v = g.pick("biufc")
    if v is None:
        return None
    v = tied(g, v)
    words = [f"return_{w}=True" for w in ("index", "inverse", "counts") if g.chance(0.4)]
    if g.chance(0.5) and v.ndim:
        words.append(f"axis={g.axis(v, 0)}")
    elif g.chance(0.2) and v.kind == "f":
        words.append("equal_nan=False")
        if "return_inverse=True" in words and "return_index=True" not in words:
            words.insert(0, "return_index=True")  # else NumPy's sort need not be stable among NaN
    names = g.fresh(1 + sum(w.startswith("return") for w in words))
    return Step(f"np.unique({', '.join([str(v), *words])})", "equal", names=names)


@rule("sort", "searchsorted")
def searchsorted(g, name):
    v = g.pick("iufc")
    if v is None:
        return None
    if v.kind == "c" or g.chance(0.3):
        a = g.leaf(data=g.n.integers(-20, 20, g.choice(1, 5, 9)).astype(g.choice("i4", "f8", "c8")))
        return Step(f"np.searchsorted({a}, {v}, sorter=np.argsort({a}, kind='stable'))", "exact")
    a = g.leaf(data=np.sort(g.n.integers(-20, 20, g.choice(0, 1, 5, 9))).astype(
        g.choice("i4", "f4", "f8", str(v.dtype) if v.kind != "u" else "i8")))
    return Step(f"np.searchsorted({a}, {v}{g.choice('', ', side=' + repr('right'))})", "exact")


@rule("sort", "isin", "in1d")
def isin(g, name):
    v = g.pick("iufc")
    if v is None:
        return None
    tests = g.choice("[1, 2, 3]", "[0.5, 7]", str(g.leaf((4,), "iuf")), "[]", "5", "2.5")
    words = g.choice("", ", invert=True")
    return Step(f"np.{name}({v}, {tests}{words})", "exact")
