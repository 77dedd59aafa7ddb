"""Rules of functions that move elements, and of those that compare neighbours."""
import numpy as np

from grammar import Step, rule


def moved(text, reference=None, names=()):
    return Step(text, "exact", reference, names)


@rule("shape", "concatenate", "concat", weight=2)
def concatenate(g, name):
    v = g.pick("biufc", 1)
    if v is None:
        return None
    axis = g.r.randrange(v.ndim)
    arrays = [v]
    for _ in range(g.r.randint(0, 3)):
        shape = list(v.shape)
        shape[axis] = g.choice(0, 1, 3, 6)
        arrays.append(g.leaf(tuple(shape), "biufc", str(v.dtype) if g.chance(0.6) else None))
    g.r.shuffle(arrays)
    asked = g.choice(f", {axis}", f", axis={axis - v.ndim}")
    asked = "" if axis == 0 and g.chance(0.5) else asked
    return moved(f"np.{name}([{', '.join(map(str, arrays))}]{asked})")


def like(g, v, count):
    return [g.leaf(v.shape, "biufc", str(v.dtype) if g.chance(0.5) else None)
            for _ in range(count)]


@rule("shape", "stack", "hstack", "vstack", "dstack")
def stack(g, name):
    v = g.pick("biufc", 0, 4)
    if v is None:
        return None
    arrays = [v] + (like(g, v, g.r.randint(0, 2)) if g.chance(0.6) else [v])
    axis = f", axis={g.r.randint(-v.ndim - 1, v.ndim)}" if name == "stack" else ""
    return moved(f"np.{name}([{', '.join(map(str, arrays))}]{axis})")


@rule("shape", "block")
def block(g, name):
    v = g.pick("biufc", 1, 3)
    if v is None:
        return None
    w, = like(g, v, 1)
    return moved(f"np.block({g.choice(f'[{v}, {w}]', f'[[{v}, {w}], [{w}, {v}]]', f'[[{v}]]')})")


@rule("shape", "transpose", "permute_dims", "x.T")
def transpose(g, name):
    v = g.pick()
    if name == "x.T" or g.chance(0.3):
        return moved(f"{v}.T" if name == "x.T" else f"np.{name}({v})")
    axes = g.r.sample(range(v.ndim), v.ndim)
    if g.chance(0.3):
        axes = [k - v.ndim for k in axes]
    if name == "transpose" and g.chance(0.5) and axes:
        return moved(f"{v}.transpose({', '.join(map(str, axes))})")
    return moved(f"np.{name}({v}, {tuple(axes)})")


@rule("shape", "rechunk", weight=2)
def rechunk(g, name):
    v = g.pick()
    return moved(f"{v}.rechunk({g.chunks(v.shape)})", f"{v}")


def split_size(g, size):
    """A shape of that many elements."""
    shape = []
    while size > 1 and len(shape) < 4 and g.chance(0.7):
        n = g.choice([k for k in range(1, size + 1) if size % k == 0])
        shape.append(n)
        size //= n
    shape.append(size)
    g.r.shuffle(shape)
    return shape


@rule("shape", "reshape", weight=3)
def reshape(g, name):
    v = g.pick()
    shape = split_size(g, v.size) if v.size else g.choice([0], [0, 3], [2, 0])
    if v.size and g.chance(0.4):
        shape[g.r.randrange(len(shape))] = -1
    order = ", order='F'" if g.chance(0.15) else ""
    if g.chance(0.5):
        return moved(f"np.reshape({v}, {tuple(shape)}{order})")
    return moved(f"{v}.reshape({', '.join(map(str, shape))}{order})")


@rule("shape", "ravel")
def ravel(g, name):
    v = g.pick()
    order = g.choice("", "", "'C'", "'F'")
    return moved(g.choice(f"{v}.ravel({order})", f"{v}.flatten({order})",
                          f"np.ravel({', '.join(filter(None, [str(v), order]))})"))


@rule("shape", "squeeze")
def squeeze(g, name):
    v = g.pick()
    ones = [k for k, n in enumerate(v.shape) if n == 1]
    axis = f"axis={g.choice(ones)}" if ones and g.chance(0.5) else ""
    return moved(f"{v}.squeeze({axis})" if g.chance(0.5) else
                 f"np.squeeze({v}{', ' if axis else ''}{axis})")


@rule("shape", "expand_dims")
def expand_dims(g, name):
    v = g.pick(high=3)
    if v is None:
        return None
    axis = g.choice(g.r.randint(-v.ndim - 1, v.ndim), (0, v.ndim + 1), (0, -1))
    return moved(f"np.expand_dims({v}, {axis})")


@rule("shape", "atleast_1d", "atleast_2d", "atleast_3d")
def atleast(g, name):
    v, w = g.pick(high=3), g.pick(high=3)
    if v is None or w is None:
        return None
    if g.chance(0.3):
        return moved(f"np.{name}({v}, {w})", names=g.fresh(2))
    return moved(f"np.{name}({v})")


@rule("shape", "moveaxis", "rollaxis", "swapaxes")
def move(g, name):
    v = g.pick(low=1)
    if v is None:
        return None
    a, b = (g.r.randrange(-v.ndim, v.ndim) for _ in range(2))
    if name == "moveaxis" and g.chance(0.3):
        n = g.r.randint(1, v.ndim)
        a, b = g.r.sample(range(v.ndim), n), g.r.sample(range(v.ndim), n)
    if name == "swapaxes" and g.chance(0.5):
        return moved(f"{v}.swapaxes({a}, {b})")
    return moved(f"np.{name}({v}, {a}, {b})")


@rule("shape", "broadcast_to", "broadcast_arrays")
def broadcast(g, name):
    v = g.pick(high=3)
    if v is None:
        return None
    if name == "broadcast_arrays":
        return moved(f"np.broadcast_arrays({v}, {g.partner(v, numbers=False)})", names=g.fresh(2))
    shape = tuple(g.choice(0, 2, 4) if n == 1 and g.chance(0.7) else n for n in v.shape)
    shape = g.choice([(), (2,), (3, 1)]) + shape
    return moved(f"np.broadcast_to({v}, {shape})")


@rule("shape", "append", "insert", "delete")
def edit(g, name):
    v = g.pick("biufc", 1)
    if v is None:
        return None
    axis = g.axis(v, 0.3)
    n = v.size if axis is None else v.shape[axis]
    if name == "append":
        return moved(f"np.append({v}, {like(g, v, 1)[0]}, axis={axis})")
    at = g.r.randint(-n, max(n - (name == "delete"), 0))
    if name == "delete":
        some = sorted({g.r.randrange(n) for _ in range(3)}) if n else []
        return moved(f"np.delete({v}, {g.choice(at, some)}, axis={axis})")
    return moved(f"np.insert({v}, {at}, {g.choice(5, 1)}, axis={axis})")


@rule("shape", "split", "array_split", "hsplit", "vsplit", "dsplit")
def split(g, name):
    v = g.pick("biufc", {"vsplit": 2, "dsplit": 3}.get(name, 1))
    if v is None:
        return None
    axis = {"vsplit": 0, "dsplit": 2, "hsplit": min(v.ndim - 1, 1)}.get(name)
    words = ""
    if axis is None:
        axis = g.r.randrange(v.ndim)
        words = f", axis={axis}"
    n = v.shape[axis]
    if g.chance(0.5):
        at = sorted(g.r.randint(0, n) for _ in range(g.choice(1, 2)))
        parts = len(at) + 1
    else:
        at = g.choice([k for k in (1, 2, 3) if n % k == 0 or name == "array_split"])
        parts = at
    return moved(f"np.{name}({v}, {at}{words})", names=g.fresh(parts)) if parts > 1 else \
        moved(f"np.{name}({v}, {at}{words})[0]")


@rule("shape", "flip", "fliplr", "flipud")
def flip(g, name):
    v = g.pick(low=2 if name == "fliplr" else 1)
    if v is None:
        return None
    axes = g.axes(v) if name == "flip" else None
    return moved(f"np.{name}({v}{'' if axes is None else f', {axes}'})")


@rule("shape", "rot90")
def rot90(g, name):
    v = g.pick(low=2)
    if v is None:
        return None
    k = g.r.randint(-4, 5)
    axes = f", axes={tuple(g.r.sample(range(v.ndim), 2))}" if g.chance(0.5) else ""
    return moved(f"np.rot90({v}, {k}{axes})")


@rule("shape", "roll")
def roll(g, name):
    v = g.pick()
    if g.chance(0.3) and v.ndim > 1:
        axes = tuple(g.r.sample(range(v.ndim), 2))
        return moved(f"np.roll({v}, ({g.r.randint(-9, 9)}, {g.r.randint(-2, 2)}), axis={axes})")
    axis = g.axis(v)
    return moved(f"np.roll({v}, {g.r.randint(-9, 9)}{'' if axis is None else f', axis={axis}'})")


@rule("shape", "repeat")
def repeat(g, name):
    v = g.pick(accept=lambda v: v.size < 500)
    if v is None:
        return None
    axis = g.axis(v)
    n = v.size if axis is None else v.shape[axis]
    times = [g.choice(0, 1, 2, 3) for _ in range(n)] if g.chance(0.3) and n < 20 else \
        g.choice(0, 1, 2, 3)
    words = f"{times}" + ("" if axis is None else f", axis={axis}")
    return moved(f"{v}.repeat({words})" if g.chance(0.5) else f"np.repeat({v}, {words})")


@rule("shape", "tile")
def tile(g, name):
    v = g.pick(accept=lambda v: v.size < 300)
    if v is None:
        return None
    return moved(f"np.tile({v}, {g.choice(0, 1, 2, 3, (2,), (2, 1), (1, 3), (2, 2, 1), ())})")


@rule("shape", "lib.stride_tricks.sliding_window_view", "sliding_window_view")
def windows(g, name):
    v = g.pick(low=1, high=3, accept=lambda v: v.size < 500)
    if v is None:
        return None
    if g.chance(0.5):
        axis = g.r.randrange(v.ndim)
        words = f"{g.r.randint(1, max(v.shape[axis], 1))}, axis={axis}"
    else:
        words = f"{tuple(g.r.randint(1, max(n, 1)) for n in v.shape)}"
    return moved(f"np.lib.stride_tricks.sliding_window_view({v}, {words})")


@rule("shape", "pad", weight=3)
def pad(g, name):
    v = g.pick(low=1, accept=lambda v: v.size < 500)
    if v is None:
        return None
    mode = g.choice("constant", "edge", "reflect", "symmetric", "wrap", "empty", "linear_ramp",
                    "mean", *(["maximum", "minimum", "median"] if v.kind != "c" else []))
    # NumPy rounds sums that float64 does not hold before it divides them, and where any ramp of an
    # axis has no step it rounds the steps of all of them twice.
    large = v.kind in "iu" and v.size and np.abs(v.data.astype(float)).max() > 2**46
    if mode in ("mean", "linear_ramp") and large:
        mode = "edge"
    width = g.choice(g.r.randint(0, 4), (g.r.randint(0, 4), g.r.randint(0, 4)),
                     tuple((g.r.randint(0, 5), g.r.randint(0, 5)) for _ in range(v.ndim)))
    words = f", mode='{mode}'"
    if mode == "constant":
        words = g.choice("", words, f"{words}, constant_values={g.choice(1, 3, (4, 5))}")
    if mode in ("maximum", "minimum", "mean", "median") and g.chance(0.5):
        words += f", stat_length={g.choice(1, 2, (1, 3))}"
    if mode in ("reflect", "symmetric") and g.chance(0.3):
        words += ", reflect_type='odd'"
    if mode == "linear_ramp" and g.chance(0.5):
        words += f", end_values={g.choice(0, 1, (2, 3))}"
    # A step from an end to an edge that nearly cancels is off by an ulp of the larger of them.
    kind = {"empty": "shape", "linear_ramp": "sum", "mean": "sum", "median": "sum",
            "maximum": "equal", "minimum": "equal"}.get(mode, "exact")
    text = f"np.pad({v}, {width}{words})"
    return Step(text, kind, scale=f"np.abs({text}).max()" if mode == "linear_ramp" else None)


@rule("shape", "diff")
def diff(g, name):
    v = g.pick("biufc", 1)
    if v is None:
        return None
    words = [str(v)]
    if g.chance(0.5):
        words.append(f"n={g.choice(0, 1, 2, 3)}")
    axis = g.axis(v)
    if axis is not None:
        words.append(f"axis={axis}")
    if g.chance(0.2):
        words.append(g.choice("prepend=1", "append=0"))
    return Step(f"np.diff({', '.join(words)})", "exact" if v.kind != "c" else "near")


@rule("shape", "gradient")
def gradient(g, name):
    v = g.pick("iuf", 1, accept=lambda v: min(v.shape) > 2)
    if v is None:
        return None
    axis = g.r.randrange(v.ndim)
    words = g.choice("", ", 2.0", ", 0.5") + f", axis={axis}" + g.choice("", ", edge_order=2")
    return Step(f"np.gradient({v}{words})", "sum")


@rule("shape", "coarsen")
def coarsen(g, name):
    v = g.pick("iuf", 1, accept=lambda v: v.size > 0)
    if v is None:
        return None
    function = g.choice("sum", "mean", "max", "min", "prod")
    factors = {k: g.choice(1, 2, 3) for k in g.r.sample(range(v.ndim), g.r.randint(1, v.ndim))}
    trim = ", trim_excess=True" if g.chance(0.7) else ""
    return Step(f"da.coarsen(np.{function}, {v}, {factors}{trim})", "sum",
                f"np.coarsen(np.{function}, {v}, {factors}{trim})")
