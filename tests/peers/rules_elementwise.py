"""Rules of ufuncs and of other functions that work element by element."""
import numpy as np

from grammar import Step, rule

# What IEEE 754 defines to the bit, for real numbers.
EXACT = set("""negative positive absolute abs fabs sign reciprocal square sqrt rint floor ceil trunc
    fix add subtract multiply divide true_divide floor_divide remainder mod fmod maximum minimum
    fmax fmin copysign heaviside nextafter spacing ldexp conjugate conj""".split())
UNARY = """negative positive absolute abs fabs sign reciprocal square sqrt cbrt exp exp2 expm1 log
    log2 log10 log1p sin cos tan arcsin asin arccos acos arctan atan sinh cosh tanh arcsinh asinh
    arccosh acosh arctanh atanh degrees rad2deg radians deg2rad sinc i0 rint floor ceil trunc fix
    invert bitwise_not bitwise_invert bitwise_count logical_not isnan isinf isfinite isneginf
    isposinf signbit spacing isreal iscomplex conjugate conj""".split()
BINARY = """add subtract multiply divide true_divide floor_divide remainder mod fmod float_power
    logaddexp logaddexp2 arctan2 atan2 hypot equal not_equal less less_equal greater greater_equal
    logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor gcd lcm maximum minimum
    fmax fmin heaviside copysign nextafter""".split()
BITS = set("""invert bitwise_not bitwise_invert bitwise_count bitwise_and bitwise_or bitwise_xor gcd
    lcm""".split())
REAL = set("""cbrt degrees rad2deg radians deg2rad floor ceil trunc fix fabs signbit spacing
    isneginf isposinf floor_divide remainder mod fmod logaddexp logaddexp2 arctan2 atan2 hypot
    heaviside copysign nextafter i0""".split())
OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
             "remainder": "%", "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^",
             "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
             "greater_equal": ">="}


def kinds_of(g, name):
    """Of operands: those that NumPy takes, mostly."""
    if g.chance(0.03):
        return "biufc"
    if name in BITS:
        return "biu"
    return "biuf" if name in REAL else "biufc"


def kind_of(name, *dtypes):
    if name in ("maximum", "minimum", "fmax", "fmin"):
        return "equal"  # which of 0.0 and -0.0 is the larger is not said
    exact = name in EXACT and not any(d.kind == "c" for d in dtypes)
    return "exact" if exact else "near"


def dtype_of(operand):
    return getattr(operand, "dtype", np.dtype(complex if "j" in str(operand) else float))


@rule("elementwise", *UNARY)
def unary(g, name):
    v = g.pick(kinds_of(g, name))
    if v is None:
        return None
    kind = kind_of(name, v.dtype)
    if name in ("negative", "invert", "positive") and v.kind != "b" and g.chance(0.5):
        return Step({"negative": "-", "invert": "~", "positive": "+"}[name] + str(v), kind)
    if name in ("conjugate", "conj") and v.kind != "b" and g.chance(0.5):
        return Step(f"{v}.{name}()", kind)
    if name == "abs" and g.chance(0.5):
        return Step(f"abs({v})", kind, f"np.abs({v})")
    if name == "exp2" and v.kind == "c" and not (np.abs(v.data.imag) < 1e6).all():
        return None  # an ulp of such a part is more than a turn in NumPy
    # NumPy's own log1p of complex numbers is log(1 + z), which loses small ones.
    truth = f"log1p_of_complex({v})" if name == "log1p" and v.kind == "c" else None
    return Step(f"np.{name}({v})", kind, truth=truth)


def complex_power(text, reference, a, b):
    """exp(b log a), in NumPy as well: the argument has been rounded."""
    return Step(text, "sum", reference, scale=f"np.abs({reference}) * "
                f"(1 + np.abs({b} * np.log({a} + 0j + ({a} == 0))))")


@rule("elementwise", *BINARY)
def binary(g, name):
    kinds = kinds_of(g, name)
    v = g.pick(kinds)
    if v is None:
        return None
    w = g.partner(v, "biu" if name in BITS else kinds)
    a, b = (v, w) if g.chance(0.5) else (w, v)
    kind = kind_of(name, dtype_of(v), dtype_of(w))
    reference = f"np.{name}({a}, {b})"
    if name == "float_power" and "c" in (dtype_of(v).kind, dtype_of(w).kind):
        return complex_power(reference, reference, a, b)
    if "logaddexp" in name:  # the larger operand, which is exact, and a logarithm of at most 2
        return Step(reference, "sum", scale="1.0" if name.endswith("2") else "0.6931471805599453")
    if name in OPERATORS and list(OPERATORS).index(name) < 4 and g.chance(0.2):
        whole = name != "divide" and hasattr(w, "dtype")
        dtype = g.choice("np.float64", "np.complex128", *(["np.int64"] if whole else []))
        return Step(f"np.{name}({a}, {b}, dtype={dtype})", kind)
    if name in OPERATORS and g.chance(0.5):
        return Step(f"{a} {OPERATORS[name]} {b}", kind, reference)
    return Step(reference, kind)


@rule("elementwise", "left_shift", "right_shift", "bitwise_left_shift", "bitwise_right_shift")
def shift(g, name):
    v = g.pick("iu")
    if v is None:
        return None
    w = g.leaf(v.shape, data=g.n.integers(0, 70, v.shape).astype(v.dtype)) if g.chance(0.5) \
        else g.choice(0, 1, 3, 7, 31)
    if g.chance(0.5):
        return Step(f"{v} {'<<' if 'left' in name else '>>'} {w}", "exact")
    return Step(f"np.{name}({v}, {w})", "exact")


@rule("elementwise", "power", "pow")
def power(g, name):
    v = g.pick("biufc")
    if v is None:
        return None
    if g.chance(0.5):
        w = g.choice(0, 1, 2, 3, 0.5, 2.0, 3.0, -0.5, 1.5, 10, *([] if v.kind == "u" else [-1, -2]))
    else:
        w = g.partner(v, "iuf")
    a, b = (v, w) if g.chance(0.8) or not hasattr(w, "dtype") else (w, v)
    # Of bools, and of arrays without axes, NumPy's operator takes other ways than its function.
    is_special = v.kind == "b" or getattr(b, "shape", None) == ()
    text = f"{a}**{b}" if not is_special and g.chance(0.5) else f"np.{name}({a}, {b})"
    is_product = isinstance(w, int) and w >= 0
    return complex_power(text, text, a, b) if v.kind == "c" and not is_product else Step(text)


@rule("elementwise", "ldexp")
def ldexp(g, name):
    v = g.pick("f")
    if v is None:
        return None
    w = g.leaf(v.shape, data=g.n.integers(-40, 40, v.shape).astype(g.choice("i1", "i4", "i8")))
    return Step(f"np.ldexp({v}, {w})", "exact")


@rule("elementwise", "divmod", "modf", "frexp")
def pairs(g, name):
    v = g.pick("iuf" if name == "divmod" else "f")
    if v is None:
        return None
    words = f"{v}, {g.partner(v, 'iuf')}" if name == "divmod" else f"{v}"
    text = f"np.{name}({words})"
    if g.chance(0.5):
        return Step(text, "exact", names=g.fresh(2))
    return Step(f"{text}[{g.choice(0, 1)}]", "exact")


@rule("elementwise", "x.real", "x.imag")
def parts(g, name):
    v = g.pick("biufc")
    part = name[2:]
    return Step(f"{v}.{part}" if g.chance(0.5) else f"np.{part}({v})", "exact")


@rule("elementwise", "angle")
def angle(g, name):
    return Step(f"np.angle({g.pick('biufc')}{g.choice('', ', deg=True')})")


@rule("elementwise", "round", "around", "round_")
def rounded(g, name):
    v = g.pick("iufc")
    if v is None:
        return None
    decimals = g.choice("", 0, 1, 2, 3, -1, -2)
    if v.kind in "iu" and decimals not in ("", 0):
        decimals = g.choice(0, 1, 2, -1)
    if name == "round" and g.chance(0.5):
        return Step(f"{v}.round({decimals})", "near")
    return Step(f"np.{name}({v}{', ' if decimals != '' else ''}{decimals})", "near")


@rule("elementwise", "clip")
def clip(g, name):
    v = g.pick("iuf")
    if v is None:
        return None
    low, high = g.partner(v, v.kind), g.partner(v, v.kind)
    style = g.r.random()
    if style < 0.2:
        low = None
    elif style < 0.4:
        high = None
    if g.chance(0.3):
        return Step(f"{v}.clip({low}, {high})", "equal", f"np.clip({v}, {low}, {high})")
    if g.chance(0.2):
        return Step(f"np.clip({v}, min={low}, max={high})", "equal")
    return Step(f"np.clip({v}, {low}, {high})", "equal")


@rule("elementwise", "isclose")
def isclose(g, name):
    v = g.pick("iuf")
    if v is None:
        return None
    extra = g.choice("", ", equal_nan=True", ", rtol=0.5", ", rtol=0, atol=2.0", ", atol=0.25")
    return Step(f"np.isclose({v}, {g.partner(v, 'iuf')}{extra})", "exact")


@rule("elementwise", "nan_to_num")
def nan_to_num(g, name):
    extra = g.choice("", ", nan=5.0", ", posinf=1.0", ", nan=-1.0, posinf=2.0, neginf=-2.0")
    return Step(f"np.nan_to_num({g.pick('biufc')}{extra})", "exact")


def convertible(v, dtype):
    """Whether C defines what the conversion gives."""
    if v.kind not in "fc" or dtype.kind not in "iu":
        return True
    info = np.iinfo(dtype)
    data = v.data.real
    return bool(np.all(np.isfinite(data) & (data > float(info.min) * 0.99) &
                       (data < float(info.max) * 0.99)))


@rule("elementwise", "astype", weight=3)
def astype(g, name):
    v = g.pick("biufc")
    dtype = g.choice("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
                     "uint64", "float32", "float64", "complex64", "complex128")
    if v is None or not convertible(v, np.dtype(dtype)):
        return None
    word = g.choice(f"'{dtype}'", f"np.{dtype}") if dtype != "bool" else "bool"
    if g.chance(0.2):
        return Step(f"np.astype({v}, {word})", "exact", f"{v}.astype({word})")
    return Step(f"{v}.astype({word})", "exact")
