"""Rules of products of matrices and factors, of functions of blocks, and of random numbers."""
import numpy as np

from grammar import Step, rule
from rules_reduce import tame


def product(g, a, b, text, reference=None):
    return Step(text, "sum", reference)


def operand(g, v):
    return f"np.transpose({v})" if g.chance(0.15) else str(v)


@rule("contract", "matmul", weight=2)
def matmul(g, name):
    v = g.pick("biufc", 1, 4)
    if v is None:
        return None
    k = v.shape[-1]
    m = g.choice(1, 2, 3, 5)
    if g.chance(0.3):
        shape = (k,)
    else:
        stacks = v.shape[:-2] if g.chance(0.4) else ()
        shape = stacks + (k, m)
    w = g.leaf(shape, "biufc", str(v.dtype) if g.chance(0.5) else None)
    a, b = str(v), str(w)
    return product(g, v, w, f"{a} @ {b}" if g.chance(0.5) else f"np.matmul({a}, {b})")


@rule("contract", "dot")
def dot(g, name):
    v = g.pick("biufc", 0, 3)
    if v is None:
        return None
    if v.ndim == 0 or g.chance(0.1):
        w = g.number(v)
    else:
        k = v.shape[-1]
        w = g.leaf(g.choice([(k,), (k, 2), (k, 5), (2, k, 3)]), "biufc",
                   str(v.dtype) if g.chance(0.5) else None)
    return product(g, v, w, f"{v}.dot({w})" if g.chance(0.5) else f"np.dot({v}, {w})")


@rule("contract", "tensordot")
def tensordot(g, name):
    v = g.pick("biufc", 1, 4)
    if v is None:
        return None
    n = g.r.randint(0, min(v.ndim, 2))
    if g.chance(0.5):
        w = g.leaf(v.shape[v.ndim - n:] + g.choice([(), (2,), (3,)]), "biufc")
        return product(g, v, w, f"np.tensordot({v}, {w}, axes={n})")
    axes = g.r.sample(range(v.ndim), n)
    w = g.leaf((2,) + tuple(v.shape[k] for k in axes), "biufc")
    return product(g, v, w, f"np.tensordot({v}, {w}, axes=({axes}, {list(range(1, n + 1))}))")


@rule("contract", "inner", "outer", "vdot")
def inner(g, name):
    v = g.pick("biufc", 1, 3, accept=lambda v: v.size < 60)
    if v is None:
        return None
    if name == "inner":
        w = g.leaf(g.choice([(), (2,), (3,)]) + v.shape[-1:], "biufc")
    else:
        w = g.leaf(v.shape if name == "vdot" else g.choice([(3,), (2, 2), (0,)]), "biufc")
    return product(g, v, w, f"np.{name}({v}, {w})")


@rule("contract", "einsum", weight=2)
def einsum(g, name):
    v = g.pick("iufc", 1, 3, accept=lambda v: v.size < 300)
    if v is None:
        return None
    labels = "".join(g.r.sample("ijkl", v.ndim))
    lengths = dict(zip(labels, v.shape))
    if g.chance(0.25):
        out = "".join(g.r.sample(labels, g.r.randint(0, len(labels))))
        text = f"np.einsum('{labels}->{out}', {v})" if g.chance(0.7) else \
            f"np.einsum('{labels}', {v})"
        return Step(text, "sum")
    others = g.r.sample(labels + "mn"[:g.choice(1, 2)], g.r.randint(1, 2))
    shape = tuple(lengths.setdefault(k, g.choice(1, 2, 3)) for k in others)
    w = g.leaf(shape, "iufc", str(v.dtype) if g.chance(0.6) else None)
    kept = sorted(lengths)
    out = "".join(g.r.sample(kept, g.r.randint(0, min(4, len(kept)))))
    arrow = f"->{out}" if g.chance(0.8) else ""
    return Step(f"np.einsum('{labels},{''.join(others)}{arrow}', {v}, {w})", "sum")


def matrix(g):
    shape = (g.r.randint(1, 9), g.r.randint(1, 6))
    dtype = g.choice("float32", "float64", "float64", "complex64", "complex128", "int32")
    a = g.n.normal(0, 1, shape) * 10
    if dtype.startswith("complex"):
        a = a + 1j * g.n.normal(0, 1, shape)
    return g.leaf(data=a.astype(dtype))


def tolerance(a, *factors):
    eps = max(np.finfo(f.dtype).eps for f in factors)
    return 50 * eps * max(float(np.abs(a).max(initial=0)), 1)


def factors_agree(a, product, bases, tol):
    if not np.allclose(product, a, rtol=0, atol=tol):
        return f"the factors' product is off by {np.abs(product - a).max()}"
    for q in bases:
        gram = q.conj().T @ q
        if not np.allclose(gram, np.eye(len(gram)), rtol=0, atol=tol):
            return "the columns are not orthonormal"
    return None


def check_qr(got, want, inputs):
    q, r = got
    a, = inputs
    if (q.shape, r.shape, q.dtype, r.dtype) != \
            (want[0].shape, want[1].shape, want[0].dtype, want[1].dtype):
        return f"shapes {q.shape} {r.shape}, dtypes {q.dtype} {r.dtype}"
    if np.abs(np.tril(r, -1)).max(initial=0) > 0:
        return "r is not triangular"
    return factors_agree(a, q @ r, [q], tolerance(a, q))


def check_svd(got, want, inputs):
    u, s, v = got
    a, = inputs
    if [x.shape for x in got] != [x.shape for x in want] or \
            [x.dtype for x in got] != [x.dtype for x in want]:
        return f"shapes or dtypes: {[(x.shape, x.dtype) for x in got]}"
    tol = tolerance(a, u)
    if not np.allclose(s, want[1], rtol=0, atol=tol):
        return f"singular values {s}, not {want[1]}"
    return factors_agree(a, (u * s) @ v, [u, v.conj().T], tol)


@rule("contract", "linalg.qr")
def qr(g, name):
    return Step(f"np.linalg.qr({matrix(g)})", "check", names=g.fresh(2), check=check_qr)


@rule("contract", "linalg.svd")
def svd(g, name):
    return Step(f"np.linalg.svd({matrix(g)}, full_matrices=False)", "check", names=g.fresh(3),
                check=check_svd)



@rule("blocks", "map_blocks")
def map_blocks(g, name):
    v = g.pick("iuf")
    if v is None:
        return None
    body = g.choice("b + 1", "b * b - b", "np.where(b > 1, b, 0)", "b.astype(np.float64) / 4")
    if g.chance(0.3):
        return Step(f"da.map_blocks(np.square, {v})", "exact", f"np.square({v})")
    return Step(f"da.map_blocks(lambda b: {body}, {v})", "exact", f"(lambda b: {body})({v})")


@rule("blocks", "blockwise")
def blockwise(g, name):
    v = g.pick("iuf", 2, 2)
    if v is None:
        return None
    w = g.leaf(v.shape, "iuf")
    if g.chance(0.3):
        return Step(f"da.blockwise(np.transpose, 'ji', {v}, 'ij')", "exact", f"np.transpose({v})")
    return Step(f"da.blockwise(np.add, 'ij', {v}, 'ij', {w}, 'ij')", "exact", f"np.add({v}, {w})")


@rule("blocks", "map_overlap")
def map_overlap(g, name):
    v = g.pick("iuf", 1, 3, accept=lambda v: min(v.shape) > 2)
    if v is None:
        return None
    boundary, mode = g.choice(("periodic", "wrap"), ("reflect", "symmetric"), ("nearest", "edge"))
    axis, shift = g.r.randrange(v.ndim), g.choice(-1, 1)
    cut = ", ".join("1:-1" if k == axis else ":" for k in range(v.ndim))
    width = tuple((1, 1) if k == axis else (0, 0) for k in range(v.ndim))
    body = f"np.roll(b, {shift}, axis={axis}) + b"
    return Step(f"da.map_overlap(lambda b: {body}, {v}, depth={{{axis}: 1}}, "
                f"boundary='{boundary}')", "exact",
                f"(lambda b: {body})(np.pad({v}, {width}, mode='{mode}'))[{cut}]")


@rule("blocks", "apply_gufunc")
def apply_gufunc(g, name):
    v = g.pick("iuf", 1, 3, accept=lambda v: v.size > 0)
    if v is None:
        return None
    function = g.choice("sum", "mean", "max")
    return Step(f"da.apply_gufunc(lambda a: np.{function}(a, axis=-1), '(i)->()', "
                f"{v}, allow_rechunk=True)", "sum", f"np.{function}({v}, axis=-1)")


@rule("blocks", "apply_along_axis")
def apply_along_axis(g, name):
    v = g.pick("iuf", 1, accept=lambda v: v.size > 0)
    if v is None:
        return None
    function = g.choice("sum", "mean", "max", "min", "std", "argmax", "cumsum", "median", "prod")
    if function == "prod" and not tame(v):
        return None
    axis = g.axis(v, 0)
    return Step(f"np.apply_along_axis(np.{function}, {axis}, {v})", "sum",
                f"np.{function}({v}, axis={axis})",
                scale=f"np.abs(np.{function}({v}, axis={axis}))" if function in ("std", "prod")
                else None)



def inside(low, high, closed=False):
    def check(got, want, inputs):
        a, = got
        if a.shape != want[0].shape or a.dtype != want[0].dtype:
            return f"{a.dtype} {a.shape}, not {want[0].dtype} {want[0].shape}"
        good = (a >= low) & ((a <= high) if closed else (a < high))
        return None if good.all() else f"{a[~good][0]!r} is not in [{low}, {high})"
    return check


def drawn(g, call, dtype, check):
    shape = g.base
    words = f", chunks={g.chunks(shape)}" if g.chance(0.7) else ""
    return Step(f"np.random.{call}size={shape}{words})", "check",
                f"np.zeros({shape}, dtype='{dtype}')", check=check)


@rule("random", "random.random", "random.random_sample", "random.ranf", "random.sample")
def random(g, name):
    return drawn(g, f"{name[7:]}(", "float64", inside(0, 1))


@rule("random", "random.uniform", "random.normal", "random.standard_normal", "random.exponential",
      "random.gamma")
def reals(g, name):
    words = {"random.uniform": "-1, 3, ", "random.normal": "1, 2, ", "random.exponential": "2.0, ",
             "random.gamma": "2.0, "}.get(name, "")
    low, high = {"random.uniform": (-1, 3), "random.gamma": (0, np.inf),
                 "random.exponential": (0, np.inf)}.get(name, (-np.inf, np.inf))
    return drawn(g, f"{name[7:]}({words}", "float64", inside(low, high))


@rule("random", "random.poisson", "random.binomial", "random.integers", "random.randint")
def counts(g, name):
    words, high = {"random.poisson": ("3.0, ", 10**9), "random.binomial": ("10, 0.5, ", 11),
                   "random.integers": ("0, 7, ", 7), "random.randint": ("0, 7, ", 7)}[name]
    return drawn(g, f"{name[7:]}({words}", "int64", inside(0, high))


@rule("random", "random.rand", "random.randn")
def dims(g, name):
    shape = g.base
    bounds = (0, 1) if name == "random.rand" else (-np.inf, np.inf)
    return Step(f"np.{name}({', '.join(map(str, shape))})" if shape else "np.random.rand(1)",
                "check", f"np.zeros({shape or (1,)})", check=inside(*bounds))


def check_permutation(got, want, inputs):
    a, b = np.sort(got[0]), np.sort(want[0])
    return None if np.array_equal(a, b) else f"{got[0]} is no permutation"


@rule("random", "random.permutation")
def permutation(g, name):
    if g.chance(0.4):
        n = g.choice(0, 1, 5, 20)
        return Step(f"np.random.permutation({n})", "check", f"np.arange({n})",
                    check=check_permutation)
    v = g.pick("iu", 1, 1)
    return v and Step(f"np.random.permutation({v})", "check", f"{v}", check=check_permutation)


@rule("random", "random.choice")
def choices(g, name):
    return drawn(g, "choice(5, ", "int64", inside(0, 5))
