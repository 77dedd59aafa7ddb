"""Random expressions in Python's words, step by step.

A step is a line `v3 = np.add(v1, v2)`. Rules (rules_*.py) make the steps of an operator each;
NumPy evaluates them at once, so that later rules know shapes and dtypes. Variables are lazy on our
side: the last step is an expression as deep as there are steps.
"""
import dataclasses
import random
import re

import numpy as np

import leaves
import numpy2

RULES = {}    # of families: operators' names and the functions that make their steps
LIMIT = 4000  # elements
VARIABLE = re.compile(r"\bv\d+\b")
REFUSALS = (TypeError, ValueError, IndexError, ZeroDivisionError, OverflowError, KeyError,
            AttributeError, RuntimeError, np.linalg.LinAlgError)


def rule(family, *names, weight=1):
    def register(function):
        for name in names:
            RULES.setdefault(family, {}).setdefault(name, []).extend([function] * weight)
        return function
    return register


@dataclasses.dataclass
class Step:
    """`text` is what we run; `reference` what NumPy runs; both set the variables in `names`.

    kind: exact (same bits), equal (0 may have another sign), near (4 ulp), sum (4 ulp of the terms'
    magnitudes), shape (only shape and dtype), check (the function `check` says what is wrong).
    `truth` and `scale` replace the reference where it is computed in long double.
    """
    text: str
    kind: str = "near"
    reference: str = None
    names: tuple = ()
    truth: str = None
    scale: str = None
    check: object = None
    integers: bool = True  # are made long double, too, for the truth
    operator: str = ""
    refused: str = None
    data: np.ndarray = None  # of a leaf: what the text reads

    def __post_init__(self):
        self.reference = self.reference or self.text

    @property
    def inputs(self):
        return sorted(set(VARIABLE.findall(self.reference)) |
                      set(VARIABLE.findall(self.text)) - set(self.names))

    @property
    def statement(self):
        """Whether the text sets the names itself: it starts with "=" then."""
        return self.text.startswith("=")

    def line(self):
        return self.text[1:] if self.statement else f"{', '.join(self.names)} = {self.text}"


class Value:
    def __init__(self, name, data):
        self.name, self.data = name, data

    def __str__(self):
        return self.name

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    size = property(lambda self: self.data.size)
    dtype = property(lambda self: self.data.dtype)
    kind = property(lambda self: self.data.dtype.kind)


def evaluate(reference, names, variables):
    """The arrays that NumPy gives for a step, in the order of its names."""
    if reference.startswith("="):  # statements that set the names themselves
        space = numpy2.namespace(dict(variables))
        exec(reference[1:], space)
        return [np.asarray(space[name]) for name in names]
    result = eval(reference, numpy2.namespace(dict(variables)))
    if len(names) == 1:
        return [np.asarray(result)]
    parts = list(result)
    if len(parts) != len(names):
        raise ValueError(f"{len(parts)} values for {len(names)} names")
    return [np.asarray(p) for p in parts]


class Expression:
    """`steps`, made from a seed and nothing else but the files' folder."""

    def __init__(self, seed, files, families=None, only=None):
        self.r = random.Random(seed)
        self.n = np.random.default_rng(seed)
        self.seed, self.files = seed, files
        self.steps, self.values, self.count = [], [], 0
        self.base = leaves.draw_shape(self.r)
        self.build(families, only)

    def fresh(self, count=1):
        names = tuple(f"v{self.count + i}" for i in range(count))
        self.count += count
        return names

    def leaf(self, shape=None, kinds="biufc", dtype=None, data=None):
        """A new array: a file, or written out."""
        if data is None:
            shape = self.base if shape is None else shape
            dtype = dtype or self.r.choice(leaves.dtypes_of(kinds))
            data = leaves.draw_values(self.r, self.n, dtype, shape)
        names = self.fresh()
        if data.size <= 12 and self.r.random() < 0.3:
            text = leaves.literal(data)
            if self.r.random() < 0.5 and data.ndim:
                text += f".rechunk({leaves.draw_chunks(self.r, data.shape)})"
        else:
            text, data = self.files.text(self.r, data)
        step = Step(text, "exact", names=names, operator="array", data=data)
        self.steps.append(step)
        self.values.append(Value(names[0], data))
        return self.values[-1]

    def pick(self, kinds="biufc", low=0, high=5, accept=None, shape=None):
        """An array, mostly one of the last; a new one where none will do."""
        def good(v):
            return v.kind in kinds and low <= v.ndim <= high and (accept is None or accept(v))
        found = [v for v in self.values if good(v)]
        if found and self.r.random() < 0.85:
            return found[-1] if self.r.random() < 0.6 else self.r.choice(found)
        for _ in range(20):
            drawn = shape or (self.base if low <= len(self.base) <= high and self.r.random() < 0.7
                              else leaves.draw_shape(self.r, low, high))
            data = leaves.draw_values(self.r, self.n, self.r.choice(leaves.dtypes_of(kinds)), drawn)
            if accept is None or accept(Value("", data)):
                return self.leaf(data=data)
        return None

    def partner(self, v, kinds="biufc", numbers=True):
        """Something that broadcasts with v: an array, or a number."""
        if numbers and self.r.random() < 0.3:
            return self.number(v, kinds)

        def fits(w):
            try:
                return w.kind in kinds and len(np.broadcast_shapes(v.shape, w.shape)) <= 5
            except ValueError:
                return False
        found = [w for w in self.values if fits(w)]
        if found and self.r.random() < 0.5:
            return self.r.choice(found)
        shape = tuple(1 if self.r.random() < 0.15 else n for n in v.shape)
        if self.r.random() < 0.15:
            shape = shape[self.r.randint(0, len(shape)):]
        dtype = str(v.dtype) if self.r.random() < 0.4 and v.kind in kinds else None
        return self.leaf(shape, kinds, dtype)

    def number(self, v, kinds="biufc"):
        """A Python number that NumPy takes beside v."""
        choices = []
        if v.kind in "iu":
            info = np.iinfo(v.dtype)
            choices += [k for k in (0, 1, 2, 3, -1, 7, 100, -40000) if info.min <= k <= info.max]
        else:
            choices += [0, 1, -1, 2, 3, 7, 100]
        if "f" in kinds:
            choices += [0.0, 0.5, -2.0, 3.25, 1e3, 0.0625]
        if "c" in kinds and self.r.random() < 0.1:
            choices = ["1j", "(2-1j)"]
        return f"{self.r.choice(choices)}"

    def axis(self, v, none=0.2):
        if v.ndim == 0 or self.r.random() < none:
            return None
        axis = self.r.randrange(v.ndim)
        return axis - v.ndim if self.r.random() < 0.4 else axis

    def axes(self, v):
        """None, an axis or several."""
        if self.r.random() < 0.6 or v.ndim == 0:
            return self.axis(v)
        axes = self.r.sample(range(v.ndim), self.r.randint(1, v.ndim))
        return tuple(k - v.ndim if self.r.random() < 0.3 else k for k in axes)

    def chunks(self, shape):
        return leaves.draw_chunks(self.r, shape)

    def chance(self, p):
        return self.r.random() < p

    def choice(self, *items):
        return self.r.choice(items[0] if len(items) == 1 else items)

    def add(self, step):
        """Whether the step was taken: NumPy can do it, or refuses it and so must we."""
        step.names = step.names or self.fresh()
        variables = {v.name: v.data for v in self.values}
        try:
            results = evaluate(step.reference, step.names, variables)
        except REFUSALS as error:
            if self.r.random() < 0.7:
                return False
            step.refused = f"{type(error).__name__}: {error}"
            self.steps.append(step)
            return True
        if any(a.size > LIMIT or a.ndim > 5 or a.dtype.kind not in "biufc" or
               a.dtype == np.float16 for a in results):
            return False
        self.steps.append(step)
        self.values += [Value(name, a) for name, a in zip(step.names, results)]
        return True

    def build(self, families, only):
        depth = self.r.randint(1, 6)
        names = [f for f in RULES if families is None or f in families]
        weights = [WEIGHTS.get(f, 1) for f in names]
        tries = 0
        while sum(s.data is None for s in self.steps) < depth and tries < 40:
            tries += 1
            family = self.r.choices(names, weights)[0]
            operator = self.r.choice(only or list(RULES[family]))
            if operator not in RULES[family]:
                continue
            size = len(self.steps), len(self.values), self.count
            step = self.r.choice(RULES[family][operator])(self, operator)
            if step is not None:
                step.operator = operator
            if step is None or not self.add(step):
                del self.steps[size[0]:], self.values[size[1]:]
                self.count = size[2]

    def inlined(self):
        """The last step with all others put into it, or None where that is not possible."""
        last = self.steps[-1]
        if last.statement or len(last.names) != 1 or last.refused:
            return None
        texts = {}
        for step in self.steps:
            for name in step.names:
                simple = not step.statement and len(step.names) == 1 and not step.refused
                texts[name] = step.text if simple else None

        def whole(name):
            if texts[name] is None:
                return None
            parts = {n: whole(n) for n in set(VARIABLE.findall(texts[name]))}
            if None in parts.values():
                return None
            return VARIABLE.sub(lambda m: f"({parts[m[0]]})", texts[name])
        text = whole(last.names[0])
        return text if text and len(text) < 3000 and "lambda" not in text else None


WEIGHTS = {"elementwise": 4, "index": 3, "reduce": 4, "shape": 3, "sort": 1, "create": 1,
           "contract": 1, "blocks": 1, "random": 0.3, "image": 2}
