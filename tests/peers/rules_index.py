"""Rules of making arrays, of picking elements and of replacing them."""
import numpy as np

from grammar import Step, rule

NUMBERS = ["bool", "np.int8", "np.int64", "np.uint16", "np.float32", "np.float64", "np.complex64",
           "int", "float", "'i4'"]


def made(g, text, kind="exact", **more):
    """A call with and without our chunks."""
    chunks = f", chunks={g.choice(1, 2, 3, repr('auto'))}" if g.chance(0.6) else ""
    return Step(text.replace(")", f"{chunks})") if text.count(")") == 1 else
                text[:-1] + chunks + ")", kind, text, **more)


def dtype_word(g):
    return f", dtype={g.choice(NUMBERS)}" if g.chance(0.6) else ""


@rule("create", "array", "asarray", "asanyarray", "ascontiguousarray")
def array(g, name):
    v = g.pick()
    if g.chance(0.4):
        return Step(f"np.{name}({v})", "exact")
    text = g.choice("[1, 2, 3]", "[[1, 2.5], [3, 4]]", "5", "[]", "[True, False]", "[1, 2j]",
                    "(1, 2)", "[[], []]", "[[[1]], [[2]]]", "range(4)", "[0.1, 1e300]")
    return Step(f"np.{name}({text})", "exact")


@rule("create", "copy", "compute", "persist")
def copy(g, name):
    v = g.pick()
    return Step(f"{v}.{name}()", "exact", f"{v}.copy()")


@rule("create", "item")
def item(g, name):
    v = g.pick("biuf", accept=lambda v: v.size == 1 and v.dtype in ("i8", "f8"))
    return v and Step(f"np.array({v}.item())", "exact")


@rule("create", "zeros", "ones", "empty", "full")
def filled(g, name):
    shape = g.base if g.chance(0.8) else g.choice(3, 0, (2, 0))
    value = f", {g.choice(7, 2.5, True, -1, '1j', 'np.nan')}" if name == "full" else ""
    return made(g, f"np.{name}({shape}{value}{dtype_word(g)})",
                "shape" if name == "empty" else "exact")


@rule("create", "zeros_like", "ones_like", "empty_like", "full_like")
def alike(g, name):
    v = g.pick()
    value = f", {g.choice(7, 2.5, True)}" if name == "full_like" else ""
    shape = f", shape={g.base}" if g.chance(0.2) else ""
    return made(g, f"np.{name}({v}{value}{dtype_word(g)}{shape})",
                "shape" if name == "empty_like" else "exact")


@rule("create", "arange", weight=2)
def arange(g, name):
    start, stop = g.r.randint(-9, 9), g.r.randint(-9, 30)
    step = g.choice(1, 2, 3, -1, -2, 7)
    if g.chance(0.3):
        start, stop, step = start / 4, stop / 2, g.choice(0.5, 0.25, 1.5, -0.75)
    words = g.choice(f"{stop}", f"{start}, {stop}", f"{start}, {stop}, {step}")
    dtype = f", dtype={g.choice('np.float32', 'np.int16', 'np.float64')}" if g.chance(0.3) else ""
    return made(g, f"np.arange({words}{dtype})", "near")


@rule("create", "linspace", "logspace")
def linspace(g, name):
    start, stop = g.choice(0, -1, 2.5, 0.1), g.choice(1, 3, -2, 0.5)
    words = [f"{start}, {stop}"]
    if g.chance(0.7):
        words.append(f"{g.choice(0, 1, 2, 5, 11)}")
    if g.chance(0.3):
        words.append("endpoint=False")
    if g.chance(0.2):
        words.append(f"dtype={g.choice('np.float32', 'np.float64', 'int')}")
    if name == "linspace" and g.chance(0.3):
        ends = [g.choice(str(g.leaf((2,), "if")), str(g.leaf((3, 1), "fc")), "1.5") for _ in "ab"]
        words = [*ends, *(w for w in words[1:] if "dtype" not in w)]
        return Step(f"np.linspace({', '.join(words)}{g.choice('', ', axis=-1')})")
    if name == "logspace" and g.chance(0.3):
        words.append("base=2.0")
    if name == "linspace" and g.chance(0.2):
        return Step(f"np.linspace({', '.join(words)}, retstep=True)", "near", names=g.fresh(2))
    return made(g, f"np.{name}({', '.join(words)})", "sum", scale="4.0")


@rule("create", "eye", "identity", "tri")
def eyes(g, name):
    words = [str(g.r.randint(0, 6))]
    if name != "identity":
        if g.chance(0.5):
            words.append(g.choice("None", str(g.r.randint(0, 6))))
        if g.chance(0.5):
            words.append(f"k={g.r.randint(-7, 7)}")
    return made(g, f"np.{name}({', '.join(words)}{dtype_word(g)})")


@rule("create", "tril", "triu")
def triangle(g, name):
    v = g.pick(low=1)
    return v and Step(f"np.{name}({v}{g.choice('', f', {g.r.randint(-4, 4)}')})", "exact")


@rule("create", "diag")
def diag(g, name):
    v = g.pick(low=1, high=2)
    return v and Step(f"np.diag({v}{g.choice('', f', {g.r.randint(-4, 4)}')})", "exact")


@rule("create", "diagonal")
def diagonal(g, name):
    v = g.pick(low=2)
    if v is None:
        return None
    axes = g.r.sample(range(v.ndim), 2)
    words = g.choice("", f"{g.r.randint(-4, 4)}", f"{g.r.randint(-2, 2)}, {axes[0]}, {axes[1]}",
                     f"axis1={axes[0]}, axis2={axes[1]}")
    if g.chance(0.5):
        return Step(f"{v}.diagonal({words})", "exact")
    return Step(f"np.diagonal({', '.join(filter(None, [str(v), words]))})", "exact")


@rule("create", "indices")
def indices(g, name):
    shape = g.base if 0 < len(g.base) < 4 else (2, 3)
    if g.chance(0.3):
        return Step(f"np.indices({shape}, sparse=True)", "exact", names=g.fresh(len(shape))) \
            if len(shape) > 1 else None
    return made(g, f"np.indices({shape}{g.choice('', ', dtype=np.int32', ', dtype=float')})")


@rule("create", "meshgrid")
def meshgrid(g, name):
    v, w = g.pick(low=0, high=1), g.leaf((g.choice(0, 1, 3),))
    words = g.choice("", ", indexing='ij'", ", sparse=True", ", sparse=True, indexing='ij'")
    return v and Step(f"np.meshgrid({v}, {w}{words})", "exact", names=g.fresh(2))


@rule("create", "fromfunction")
def fromfunction(g, name):
    shape = g.choice((3,), (2, 3), (4, 1))
    names = "ij"[:len(shape)]
    body = g.choice("i * 2 + 1", "i == 1", "i + j * 10" if len(names) > 1 else "i * i")
    dtype = g.choice("", ", dtype=int", ", dtype=np.float32")
    return made(g, f"np.fromfunction(lambda {', '.join(names)}: {body}, {shape}{dtype})")



def slice_text(g, n):
    def end():
        return "" if g.chance(0.4) else str(g.r.randint(-n - 2, n + 2))
    step = g.choice("", "", f":{g.choice(1, 2, 3, -1, -1, -2, -5, 7)}")
    return f"{end()}:{end()}{step}"


def list_text(g, n, v, axis):
    """A list of indices, a mask, or arrays of them."""
    style = g.r.random()
    if style < 0.5 or n == 0:
        some = [g.r.randint(-n, n - 1) for _ in range(g.r.randint(0, 5))] if n else []
        return f"{some}"
    if style < 0.7:
        return f"{[g.chance(0.5) for _ in range(n)]}"
    if style < 0.85:
        return str(g.leaf(data=g.n.integers(-n, n, g.choice([(3,), (0,), (6,), (2, 2)]))))
    return str(g.leaf(data=g.n.random(n) < 0.5))


def indices_text(g, v, lists=True):
    """What stands in brackets."""
    words, listed = [], not lists or g.chance(0.6)
    count = g.r.randint(0, v.ndim)
    for axis in range(count):
        n = v.shape[axis]
        style = g.r.random()
        if style < 0.15:
            words.append("None")
        if style < 0.35 and n:
            words.append(str(g.r.randint(-n, n - 1)))
        elif style < 0.55 and not listed:
            words.append(list_text(g, n, v, axis))
            listed = True
        else:
            words.append(slice_text(g, n))
    if g.chance(0.2):
        words.append("...")
        if count < v.ndim and g.chance(0.5):
            words.append(slice_text(g, v.shape[-1]))
    if g.chance(0.1):
        words.append("None")
    return ", ".join(words) or g.choice("...", "()", ":" if v.ndim else "()")


@rule("index", "x[...]", weight=6)
def getitem(g, name):
    v = g.pick()
    return Step(f"{v}[{indices_text(g, v)}]", "exact")


@rule("index", "x[...]")
def several_lists(g, name):
    v = g.pick(low=2, accept=lambda v: min(v.shape) > 0)
    if v is None:
        return None
    k = g.choice(1, 2, 4)
    lists = [f"{[g.r.randint(-n, n - 1) for _ in range(k)]}" for n in v.shape[:2]]
    tail = g.choice("", ", ...", ", None")
    return Step(f"{v}[{', '.join(lists)}{tail}]", "exact")


@rule("index", "x[mask]", weight=3)
def masked(g, name):
    v = g.pick("biuf")
    if v is None:
        return None
    return Step(f"{v}[{v} {g.choice('>', '<', '==', '!=')} {g.choice(0, 1)}]", "exact")


@rule("index", "x[mask]")
def other_mask(g, name):
    v = g.pick()
    mask = g.leaf(v.shape, "b") if g.chance(0.6) else g.leaf(v.shape[:g.r.randint(0, v.ndim)], "b")
    return Step(f"{v}[{mask}]", "exact")


def new_value(g, v):
    """What is assigned: a number, or an array that converts without a loss."""
    if g.chance(0.5):
        return g.choice({"b": ["True", "False"], "i": ["5", "-3"], "u": ["5", "0"],
                         "f": ["5", "0.5", "np.nan"], "c": ["5", "1j", "0.5"]}[v.kind])
    return None


@rule("index", "x[...] = value", weight=4)
def setitem(g, name):
    v = g.pick()
    name, = names = g.fresh()
    where = indices_text(g, v, lists=g.chance(0.3))
    value = new_value(g, v)
    if value is None:
        try:
            part = eval(f"v[{where}]", {"v": v.data, "np": np,
                                        **{w.name: w.data for w in g.values}})
        except (IndexError, ValueError, TypeError):
            return None
        shape = np.shape(part)
        value = g.leaf(shape if g.chance(0.7) else shape[1:], dtype=str(v.dtype))
    sign = g.choice("=", "=", "=", "+=", "*=") if v.kind != "b" else "="
    return Step(f"={name} = {v}.copy(); {name}[{where}] {sign} {value}",
                "exact" if v.kind != "c" else "near", names=names)


@rule("index", "x[...] = value", weight=2)
def setmask(g, name):
    v = g.pick("biuf")
    value = new_value(g, v) if v is not None else None
    if value is None:
        return None
    name, = names = g.fresh()
    mask = g.choice(f"{name} > 1", f"{name} == 0", str(g.leaf(v.shape, "b")))
    return Step(f"={name} = {v}.copy(); {name}[{mask}] = {value}", "exact", names=names)


@rule("index", "x += y")
def in_place(g, name):
    v = g.pick("iuf", low=1)
    if v is None:
        return None
    name, = names = g.fresh()
    w = g.leaf(v.shape, dtype=str(v.dtype)) if g.chance(0.5) else g.choice(1, 2, 3)
    return Step(f"={name} = {v}.copy(); {name} {g.choice('+=', '-=', '*=')} {w}", "exact",
                names=names)


@rule("index", "take", weight=2)
def take(g, name):
    v = g.pick()
    axis = g.axis(v)
    n = v.size if axis is None else v.shape[axis]
    mode = g.choice("", "", ", mode='wrap'", ", mode='clip'")
    reach = n + 3 if mode else n
    some = [g.r.randint(-reach, reach - 1) for _ in range(g.r.randint(0, 5))] if reach else []
    if "wrap" in mode and not n:
        return None
    at = g.choice(f"{some}", str(some[0]) if some else "[]",
                  f"{[some[:2], some[-2:]]}" if len(some) > 2 else f"{some}")
    words = f"{at}" + ("" if axis is None else f", axis={axis}") + mode
    reference = f"np.take({v}, {words})"
    return Step(f"{v}.take({words})" if g.chance(0.5) else reference, "exact", reference)


@rule("index", "compress", "extract")
def compress(g, name):
    v = g.pick()
    if name == "extract":
        return Step(f"np.extract({g.leaf(v.shape, 'b')}, {v})", "exact")
    axis = g.axis(v)
    n = v.size if axis is None else v.shape[axis]
    c = g.leaf((g.r.randint(0, n),), "b") if g.chance(0.5) or n > 20 else \
        f"{[g.chance(0.5) for _ in range(n)]}"
    return Step(f"np.compress({c}, {v}{'' if axis is None else f', axis={axis}'})", "exact")


@rule("index", "nonzero", "flatnonzero", "argwhere")
def nonzero(g, name):
    v = g.pick(low=1)
    if v is None:
        return None
    if name != "nonzero":
        return Step(f"np.{name}({v})", "exact")
    text = f"{v}.nonzero()" if g.chance(0.5) else f"np.nonzero({v})"
    return Step(text, "exact", names=g.fresh(v.ndim)) if v.ndim > 1 else Step(f"{text}[0]", "exact")


@rule("index", "where", weight=3)
def where(g, name):
    v = g.pick()
    c = g.leaf(v.shape, "b") if g.chance(0.5) else v
    a, b = g.partner(v), g.partner(v)
    return Step(f"np.where({c}, {a}, {b})", "exact")


@rule("index", "select", "choose")
def select(g, name):
    v = g.pick("biuf", high=4)
    if v is None:
        return None
    a, b = g.leaf(v.shape), g.leaf(v.shape)
    if name == "select":
        default = g.choice("", ", 5", ", default=-1")
        return Step(f"np.select([{v} > 1, {v} < 0], [{a}, {b}]{default})", "exact")
    at = g.leaf(data=g.n.integers(0, 2, v.shape))
    mode = g.choice("", ", mode='wrap'", ", mode='clip'")
    if mode and g.chance(0.5):
        at = g.leaf(data=g.n.integers(-4, 5, v.shape))
    return Step(f"np.choose({at}, [{a}, {b}]{mode})", "exact")


@rule("index", "piecewise")
def piecewise(g, name):
    v = g.pick("if")
    if v is None:
        return None
    values = g.choice("[-1, 1]", "[-1, 1, 7]", "[lambda b: -b, lambda b: b * 2]")
    return Step(f"np.piecewise({v}, [{v} < 0, {v} > 2], {values})", "equal")


@rule("index", "x.numblocks", "x.npartitions")
def blocks_of(g, name):
    v = g.pick(low=1)
    if v is None:
        return None
    if name == "x.numblocks":
        return Step(f"np.array([len({v}.numblocks)])", "exact", f"np.array([{v}.ndim])")
    return Step(f"np.array({v}.npartitions >= 1)", "exact", "np.array(True)")


@rule("index", "x.shape", "x.ndim", "x.size", "x.itemsize", "x.nbytes")
def attribute(g, name):
    v = g.pick(low=1)
    return v and Step(f"np.array({v}{name[1:]})", "exact")


@rule("index", "x.dtype")
def dtype(g, name):
    return Step(f"np.zeros(2, dtype={g.pick()}.dtype)", "exact")


@rule("index", "x.chunks")
def chunks(g, name):
    v = g.pick(low=1)
    return v and Step(f"np.array([sum(c) for c in {v}.chunks])", "exact", f"np.array({v}.shape)")
